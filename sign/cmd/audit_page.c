// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cmd/audit_page.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/shown.h"
#include "cmd/audit_delta.h"
#include "ops/csp.h"

/* What is longer goes behind a <details>. */
#define SHORT_BYTES 100U

static const char *const verdicts[] = { "fail", "unknown", "excepted", "needed", "ok", "other" };

/**
 * struct maker - a page while it is made
 * @rows: "rule": an array with the row of each document, or null
 * @label: of each document's column
 * @deltas: of each document what changed, by rule; NULL where there is nothing to compare with
 */
struct maker {
	const struct ks_audit_page *page;
	struct ks_buf *out;
	struct json_object *rows;
	char *label[KS_MAX_PAGE_DOCUMENTS];
	struct json_object *deltas[KS_MAX_PAGE_DOCUMENTS];
};

static void raw(const struct maker *m, const char *html)
{
	ks_put_str(m->out, html);
}

/* Text of whoever wrote the policy, named the file or made the document: the one way into the page. */
static void text(const struct maker *m, const char *from)
{
	__cleanup(ks_free_str) char *shown = strdup(from);
	const char *p;

	if (!shown) {
		m->out->err = -ENOMEM;
		return;
	}
	ks_make_shown(shown, true);
	for (p = shown; *p; p++) {
		switch (*p) {
		case '&':
			raw(m, "&amp;");
			break;
		case '<':
			raw(m, "&lt;");
			break;
		case '>':
			raw(m, "&gt;");
			break;
		case '"':
			raw(m, "&quot;");
			break;
		case '\'':
			raw(m, "&#39;");
			break;
		default:
			ks_put_u8(m->out, (u8)*p);
		}
	}
}

/* "<code>", the text of a key, "</code>" */
static void wrapped(const struct maker *m, const char *before, const char *inside, const char *after)
{
	raw(m, before);
	text(m, inside);
	raw(m, after);
}

static void number(const struct maker *m, size_t n)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%zu", n);
	raw(m, digits);
}

static int put_head(const struct maker *m, struct ks_diag *diag)
{
	int rc;

	raw(m, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri 'none'; "
	       "form-action 'none'; style-src ");
	rc = ks_csp_put(m->out, ks_span_str(ks_audit_page_css), diag);
	raw(m, "; script-src ");
	rc = rc ? rc : ks_csp_put(m->out, ks_span_str(ks_audit_page_js), diag);
	raw(m, "\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>kseal audit: ");
	text(m, m->page->nr_documents == 1 ? m->label[0] : "several kernels");
	raw(m, "</title>\n<style>");
	raw(m, ks_audit_page_css);
	raw(m, "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#rules\">To the rules</a>\n<header>\n<h1>");
	raw(m, "What these kernels hold of their policy</h1>\n</header>\n<main>\n");
	return rc;
}

static void put_lines(const struct maker *m, struct json_object *json)
{
	struct json_object *lines, *line;
	size_t i, nr;

	lines = ks_audit_rows(json, "command_lines", &nr);
	if (!nr)
		raw(m, "<span class=\"soft\">none is known</span>");
	for (i = 0; i < nr; i++) {
		line = json_object_array_get_idx(lines, i);
		wrapped(m, "<p><span class=\"soft\">", ks_audit_text_at(line, "who"), "");
		if (ks_audit_at(line, "profile"))
			wrapped(m, " of profile ", ks_audit_text_at(line, "profile"), "");
		raw(m, json_object_get_boolean(ks_audit_at(line, "signed")) ? ", signed:</span> " : ", not signed:</span> ");
		wrapped(m, "<code>", ks_audit_text_at(line, "text"), "</code>");
		if (ks_audit_at(line, "unread_because"))
			wrapped(m, " <span class=\"soft\">is not read: ", ks_audit_text_at(line, "unread_because"), "</span>");
		raw(m, "</p>");
	}
}

static const char *config_text(struct json_object *kernel)
{
	if (ks_audit_is(kernel, "config", "kernel"))
		return "out of the kernel";
	if (ks_audit_is(kernel, "config", "claimed"))
		return "only claimed, the kernel has none inside";
	return ks_audit_is(kernel, "config", "file") ? "the file" : "none: nothing can be told";
}

static void put_kernel(const struct maker *m, size_t idx)
{
	struct json_object *json = m->page->document[idx], *kernel = ks_audit_at(json, "kernel"), *counts;
	size_t i;

	counts = ks_audit_at(json, "counts");
	wrapped(m, "<tr><th scope=\"row\"><span class=\"symbol\">", m->label[idx], "</span>");
	wrapped(m, "<p><code>", ks_audit_text_at(json, "file"), "</code></p></th>");
	wrapped(m, "<td data-label=\"kernel\">",
		ks_audit_at(kernel, "release") ? ks_audit_text_at(kernel, "release") : "unknown release", ", ");
	text(m, ks_audit_at(kernel, "arch") ? ks_audit_text_at(kernel, "arch") : "unknown architecture");
	wrapped(m, "</td><td data-label=\"configuration\">", config_text(kernel), "</td><td data-label=\"rules\">");
	for (i = 0; i < KS_ARRAY_SIZE(verdicts); i++) {
		/* What there is none of is said of failures only. */
		if (i && ks_audit_is(counts, verdicts[i], "0"))
			continue;
		wrapped(m, i ? ", <span class=\"verdict " : "<span class=\"verdict ", verdicts[i], "\">");
		wrapped(m, "", ks_audit_text_at(counts, verdicts[i]), " ");
		wrapped(m, "", verdicts[i], "</span>");
	}
	raw(m, "</td><td data-label=\"command lines\">");
	put_lines(m, json);
	raw(m, "</td></tr>\n");
}

static void put_kernels(const struct maker *m)
{
	size_t i;

	raw(m, "<section aria-labelledby=\"kernels\">\n<h2 id=\"kernels\">Kernels</h2>\n<table class=\"rows\"><thead><tr>"
	       "<th scope=\"col\">SKU and file</th><th scope=\"col\">kernel</th><th scope=\"col\">configuration</th>"
	       "<th scope=\"col\">rules</th><th scope=\"col\">command lines</th></tr></thead>\n<tbody>\n");
	for (i = 0; i < m->page->nr_documents; i++)
		put_kernel(m, i);
	raw(m, "</tbody></table>\n</section>\n");
}

static void put_option(const struct maker *m, const char *value)
{
	wrapped(m, "<option value=\"", value, "\">");
	wrapped(m, "", value, "</option>");
}

/* The sources of all documents, each once. */
static struct json_object *sources_of(const struct maker *m)
{
	struct json_object *all = ks_json_new(NULL), *sources, *source;
	size_t i, n, nr;

	for (i = 0; i < m->page->nr_documents; i++) {
		sources = ks_audit_rows(m->page->document[i], "sources", &nr);
		for (n = 0; n < nr; n++) {
			source = json_object_array_get_idx(sources, n);
			ks_json_str(all, ks_audit_text_at(source, "word"), ks_audit_text_at(source, "document"));
		}
	}
	return all;
}

static bool has_deltas(const struct maker *m)
{
	size_t i;

	for (i = 0; i < m->page->nr_documents; i++)
		if (m->deltas[i])
			return true;
	return false;
}

static void put_filters(const struct maker *m, struct json_object *sources)
{
	struct ks_audit_walk walk;
	size_t i;

	raw(m, "<form id=\"filters\" hidden aria-label=\"Filters\">\n<label>SKU <select name=\"sku\">"
	       "<option value=\"\">all</option>");
	for (i = 0; i < m->page->nr_documents; i++)
		put_option(m, m->label[i]);
	raw(m, "</select></label>\n<label>verdict <select name=\"verdict\"><option value=\"\">all</option>");
	for (i = 0; i < KS_ARRAY_SIZE(verdicts); i++)
		put_option(m, verdicts[i]);
	raw(m, "</select></label>\n<label>source <select name=\"source\"><option value=\"\">all</option>");
	for (walk = ks_audit_walk(sources); ks_audit_walk_on(&walk);)
		put_option(m, walk.name);
	raw(m, "</select></label>\n<label>text <input type=\"search\" name=\"text\"></label>\n");
	if (has_deltas(m))
		raw(m, "<label class=\"box\"><input type=\"checkbox\" name=\"changed\"> only what changed</label>\n");
	raw(m, "<button type=\"reset\">show all</button>\n</form>\n<p id=\"status\" class=\"status soft\" role=\"status\"></p>\n");
}

/* Short ones as they are, long ones behind a word to click on. */
static void put_reasons(const struct maker *m, struct json_object *json, struct json_object *rule)
{
	__cleanup(ks_buf_done) struct ks_buf reasons = { 0 };
	char *line, *rest;
	bool is_long;

	ks_audit_reasons(json, rule, &reasons);
	ks_put_u8(&reasons, 0);
	if (reasons.err) {
		m->out->err = reasons.err;
		return;
	}
	is_long = reasons.bytes > SHORT_BYTES;
	raw(m, is_long ? "<details><summary>why</summary>" : "");
	for (line = strtok_r((char *)reasons.p, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		wrapped(m, "<p>", line, "</p>");
	raw(m, is_long ? "</details>" : "");
}

static void put_cell(const struct maker *m, size_t idx, const char *name, struct json_object *rule)
{
	struct json_object *delta = ks_audit_at(m->deltas[idx], name), *old = ks_audit_at(delta, "old");
	const char *verdict = ks_audit_text_at(rule, "verdict");

	wrapped(m, "<td data-column=\"", m->label[idx], "\"");
	wrapped(m, " data-label=\"", m->label[idx], "\"");
	if (!rule) {
		raw(m, " data-verdict=\"none\" class=\"soft\">not asked</td>");
		return;
	}
	wrapped(m, delta ? " data-changed=\"yes\" class=\"" : " class=\"", verdict, "\"");
	wrapped(m, " data-verdict=\"", verdict, "\"><span class=\"verdict ");
	wrapped(m, "", verdict, "\">");
	wrapped(m, "", verdict, "</span>");
	if (strcmp(verdict, "other") != 0 && strcmp(verdict, "unknown") != 0)
		wrapped(m, " <code>", ks_audit_effective(rule), "</code>");
	if (delta && old) {
		wrapped(m, "<p class=\"changed\">was ", ks_audit_text_at(old, "verdict"), "");
		wrapped(m, ", <code>", ks_audit_effective(old), "</code></p>");
	} else if (delta) {
		raw(m, "<p class=\"changed\">new rule</p>");
	}
	put_reasons(m, m->page->document[idx], rule);
	raw(m, "</td>");
}

static void put_words(const struct maker *m, struct json_object *rule, const char *key, const char *separator)
{
	struct json_object *words;
	size_t i, nr;

	words = ks_audit_rows(rule, key, &nr);
	for (i = 0; i < nr; i++) {
		const char *word = json_object_get_string(json_object_array_get_idx(words, i));

		wrapped(m, i ? separator : "", word ? word : "", "");
	}
}

static void put_rule_name(const struct maker *m, struct json_object *rule)
{
	struct json_object *condition = ks_audit_at(rule, "if");
	const char *why = ks_audit_text_at(rule, "why");

	wrapped(m, "<th scope=\"row\"><code class=\"symbol\">", ks_audit_text_at(rule, "symbol"), "</code> ");
	wrapped(m, "<span class=\"soft\">wanted</span> <code>", ks_audit_text_at(rule, "want"), "</code>");
	if (condition) {
		wrapped(m, " <span class=\"soft\">with</span> <code>", ks_audit_text_at(condition, "symbol"), "=");
		wrapped(m, "", ks_audit_text_at(condition, "want"), "</code>");
	}
	if (ks_audit_at(rule, "since"))
		wrapped(m, " <span class=\"soft\">since ", ks_audit_text_at(rule, "since"), "</span>");
	if (ks_audit_at(rule, "until"))
		wrapped(m, " <span class=\"soft\">until ", ks_audit_text_at(rule, "until"), "</span>");
	raw(m, strlen(why) > SHORT_BYTES ? "<details><summary>reason</summary>" : "");
	wrapped(m, "<p>", why, "</p>");
	raw(m, strlen(why) > SHORT_BYTES ? "</details>" : "");
	raw(m, "<p class=\"soft\">");
	put_words(m, rule, "sources", ", ");
	wrapped(m, " &middot; <span class=\"mono\">", ks_audit_text_at(rule, "place"), "</span></p></th>");
}

static void put_row(const struct maker *m, const char *name, struct json_object *cells)
{
	struct json_object *rule = NULL, *cell;
	bool is_fail = false;
	size_t i;

	for (i = 0; i < m->page->nr_documents; i++) {
		cell = json_object_array_get_idx(cells, i);
		rule = rule ? rule : cell;
		is_fail |= ks_audit_is(cell, "verdict", "fail");
	}
	raw(m, is_fail ? "<tr class=\"is-fail\" data-sources=\"" : "<tr data-sources=\"");
	put_words(m, rule, "sources", " ");
	raw(m, "\">");
	put_rule_name(m, rule);
	for (i = 0; i < m->page->nr_documents; i++)
		put_cell(m, i, name, json_object_array_get_idx(cells, i));
	raw(m, "</tr>\n");
}

static void put_rules(const struct maker *m)
{
	__cleanup(ks_json_free) struct json_object *sources = sources_of(m);
	struct ks_audit_walk walk;
	size_t i;

	raw(m, "<section aria-labelledby=\"policy\">\n<h2 id=\"policy\">Rules</h2>\n");
	put_filters(m, sources);
	raw(m, "<table id=\"rules\" class=\"rows\" tabindex=\"-1\"><caption>");
	number(m, (size_t)json_object_object_length(m->rows));
	raw(m, " rules: what is wanted and why, then the verdict and the value in effect of each kernel</caption>\n"
	       "<thead><tr><th scope=\"col\">rule</th>");
	for (i = 0; i < m->page->nr_documents; i++) {
		wrapped(m, "<th scope=\"col\" data-column=\"", m->label[i], "\">");
		wrapped(m, "", m->label[i], "</th>");
	}
	raw(m, "</tr></thead>\n<tbody>\n");
	for (walk = ks_audit_walk(m->rows); ks_audit_walk_on(&walk);)
		put_row(m, walk.name, walk.value);
	raw(m, "</tbody></table>\n</section>\n<section aria-labelledby=\"sources\">\n<h2 id=\"sources\">Sources</h2>\n<dl>\n");
	for (walk = ks_audit_walk(sources); ks_audit_walk_on(&walk);) {
		wrapped(m, "<dt><code>", walk.name, "</code></dt>");
		wrapped(m, "<dd>", json_object_get_string(walk.value), "</dd>\n");
	}
	raw(m, "</dl>\n</section>\n");
}

static void put_change(const struct maker *m, const char *name, struct json_object *delta)
{
	struct json_object *old = ks_audit_at(delta, "old"), *new = ks_audit_at(delta, "new");

	wrapped(m, "<li><code>", name, "</code>: ");
	wrapped(m, "", old ? ks_audit_text_at(old, "verdict") : "no rule", "");
	if (old)
		wrapped(m, ", <code>", ks_audit_effective(old), "</code>");
	wrapped(m, " &rarr; ", new ? ks_audit_text_at(new, "verdict") : "no rule", "");
	if (new)
		wrapped(m, ", <code>", ks_audit_effective(new), "</code>");
	raw(m, "</li>\n");
}

/* Rules that are no more have no row in the matrix. */
static void put_changes(const struct maker *m)
{
	struct ks_audit_walk walk;
	size_t i;

	if (!has_deltas(m))
		return;
	raw(m, "<section aria-labelledby=\"changes\">\n<h2 id=\"changes\">What changed</h2>\n");
	for (i = 0; i < m->page->nr_documents; i++) {
		if (!m->deltas[i])
			continue;
		wrapped(m, "<h3>", m->label[i], "</h3>\n<ul>\n");
		if (!json_object_object_length(m->deltas[i]))
			raw(m, "<li>nothing</li>\n");
		for (walk = ks_audit_walk(m->deltas[i]); ks_audit_walk_on(&walk);)
			put_change(m, walk.name, walk.value);
		raw(m, "</ul>\n");
	}
	raw(m, "</section>\n");
}

/* A row of a table of the certificates or the findings. */
static void put_object(const struct maker *m, const char *label, struct json_object *row, const char *const *keys)
{
	wrapped(m, "<tr><th scope=\"row\">", label, "</th>");
	for (; *keys; keys++) {
		wrapped(m, "<td data-label=\"", *keys, "\">");
		if (json_object_is_type(ks_audit_at(row, *keys), json_type_array))
			put_words(m, row, *keys, ", ");
		else
			text(m, ks_audit_text_at(row, *keys));
		raw(m, "</td>");
	}
	raw(m, "</tr>\n");
}

/* A list of a document, or of an object in it, and its columns. */
struct table {
	const char *in;
	const char *list;
	const char *title;
	const char *keys[8];
};

/* Where the audits looked at a signed kernel. */
static const struct table tables[] = {
	{ "signers", "keys", "Who can sign", { "name", "keyring", "signs", "key", "not_after", "sha256" } },
	{ "signers", "keyrings", "Where the kernel takes keys from", { "name", "from", "signs" } },
	{ NULL, "pcrs", "What a TPM will hold, if firmware starts the image itself", { "pcr", "bank", "phase", "value" } },
	{ NULL, "findings", "Findings", { "rule", "severity", "what", "detail" } },
};

static struct json_object *rows_of_table(struct json_object *document, const struct table *table, size_t *ret_nr)
{
	return ks_audit_rows(table->in ? ks_audit_at(document, table->in) : document, table->list, ret_nr);
}

static void put_table(const struct maker *m, const struct table *table)
{
	const char *const *key;
	struct json_object *rows, *row, *is_there;
	size_t i, n, nr, nr_all = 0;

	for (i = 0; i < m->page->nr_documents; i++) {
		(void)rows_of_table(m->page->document[i], table, &nr);
		nr_all += nr;
	}
	if (!nr_all)
		return;
	wrapped(m, "<section>\n<h2>", table->title, "</h2>\n<table class=\"rows\"><thead><tr><th scope=\"col\">SKU</th>");
	for (key = table->keys; *key; key++)
		wrapped(m, "<th scope=\"col\">", *key, "</th>");
	raw(m, "</tr></thead>\n<tbody>\n");
	for (i = 0; i < m->page->nr_documents; i++) {
		rows = rows_of_table(m->page->document[i], table, &nr);
		for (n = 0; n < nr; n++) {
			row = json_object_array_get_idx(rows, n);
			is_there = ks_audit_at(row, "there");
			if (!is_there || json_object_get_boolean(is_there))
				put_object(m, m->label[i], row, table->keys);
		}
	}
	raw(m, "</tbody></table>\n</section>\n");
}

static int put_page(const struct maker *m, struct ks_diag *diag)
{
	int rc = put_head(m, diag);
	size_t i;

	if (rc)
		return rc;
	put_kernels(m);
	put_changes(m);
	put_rules(m);
	for (i = 0; i < KS_ARRAY_SIZE(tables); i++)
		put_table(m, &tables[i]);
	raw(m, "</main>\n<script>");
	raw(m, ks_audit_page_js);
	raw(m, "</script>\n</body>\n</html>\n");
	return ks_buf_ok(m->out, diag);
}

/* The SKU, else the file; and what tells two of one name apart. */
static int name_columns(struct maker *m, struct ks_diag *diag)
{
	size_t i, k;

	for (i = 0; i < m->page->nr_documents; i++) {
		struct json_object *json = m->page->document[i];
		const char *name = ks_audit_text_at(json, ks_audit_at(json, "sku") ? "sku" : "file");

		for (k = 0; k < i && strcmp(m->label[k], name) != 0; k++)
			;
		if (asprintf(&m->label[i], k < i ? "%s, %s %zu" : "%s", name, ks_audit_text_at(json, "what"), i + 1) < 0) {
			m->label[i] = NULL;
			return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
		}
	}
	return 0;
}

/* The cells of a rule, one for each document. */
static struct json_object *cells_of(struct maker *m, const char *rule)
{
	struct json_object *cells = ks_audit_at(m->rows, rule);
	size_t k;

	if (cells)
		return cells;
	cells = ks_json_array(m->rows, rule);
	for (k = 0; k < m->page->nr_documents; k++)
		json_object_array_add(cells, NULL);
	return cells;
}

static void collect_rows(struct maker *m)
{
	struct ks_audit_walk walk;
	size_t i;

	for (i = 0; i < m->page->nr_documents; i++) {
		__cleanup(ks_json_free) struct json_object *by_rule = ks_audit_by_rule(m->page->document[i]);

		for (walk = ks_audit_walk(by_rule); ks_audit_walk_on(&walk);)
			json_object_array_put_idx(cells_of(m, walk.name), i, json_object_get(walk.value));
	}
}

static struct json_object *earlier_of(const struct maker *m, struct json_object *json)
{
	const char *key = ks_audit_at(json, "sku") ? "sku" : "file";
	size_t i;

	for (i = 0; i < m->page->nr_before; i++)
		if (ks_audit_is(m->page->before[i], key, ks_audit_text_at(json, key)) &&
		    ks_audit_is(m->page->before[i], "what", ks_audit_text_at(json, "what")))
			return m->page->before[i];
	return NULL;
}

static void compare(struct maker *m)
{
	struct json_object *old, *rows, *row;
	size_t i, n, nr;

	for (i = 0; i < m->page->nr_documents; i++) {
		__cleanup(ks_json_free) struct json_object *deltas = ks_json_new(NULL);

		old = earlier_of(m, m->page->document[i]);
		if (!old)
			continue;
		ks_audit_deltas_json(old, m->page->document[i], ks_json_array(deltas, "rows"));
		m->deltas[i] = ks_json_new(NULL);
		rows = ks_audit_rows(deltas, "rows", &nr);
		for (n = 0; n < nr; n++) {
			row = json_object_array_get_idx(rows, n);
			json_object_object_add(m->deltas[i], ks_audit_text_at(row, "rule"), json_object_get(row));
		}
	}
}

int ks_audit_page_write(const struct ks_audit_page *page, const char *path, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	struct maker m = { .page = page, .out = &out, .rows = ks_json_new(NULL) };
	struct ks_span whole;
	size_t i;
	int rc = name_columns(&m, diag);

	if (!rc) {
		collect_rows(&m);
		compare(&m);
		rc = put_page(&m, diag);
	}
	whole = ks_buf_span(&out);
	rc = rc ? rc : ks_file_publish(path, &whole, 1, 0644, diag);
	ks_json_free(&m.rows);
	for (i = 0; i < page->nr_documents; i++) {
		free(m.label[i]);
		ks_json_free(&m.deltas[i]);
	}
	return rc;
}
