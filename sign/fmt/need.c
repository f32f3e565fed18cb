// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fmt/need.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"

/* A file while it is read. */
struct reader {
	struct ks_needs *needs;
	const char *path;
	u32 line;
	bool has_source;
	bool has_check;
	bool is_unproved;
};

void ks_needs_done(struct ks_needs *needs)
{
	size_t i;

	for (i = 0; i < needs->nr_files; i++) {
		ks_buf_done(&needs->text[i]);
		free(needs->path[i]);
	}
	free(needs->need);
	free(needs->check);
	memset(needs, 0, sizeof(*needs));
}

static int fail(const struct reader *r, struct ks_diag *diag, const char *what)
{
	return ks_text_fail(diag, -EBADMSG, r->path, r->line, what);
}

static bool parse_number(struct ks_span s, u64 *ret_number)
{
	u64 number = 0;
	size_t i;

	for (i = 0; i < s.bytes; i++) {
		if (s.p[i] < '0' || s.p[i] > '9' || __builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, (u64)(s.p[i] - '0'), &number))
			return false;
	}
	*ret_number = number;
	return s.bytes > 0;
}

/* y, m, n, a number, or a string with its quotes */
static bool cut_value(struct ks_span *line, struct ks_span *ret_value)
{
	size_t n = 1;

	if (!line->bytes || line->p[0] != '"')
		return ks_text_symbol(line, ret_value);
	while (n < line->bytes && line->p[n] != '"')
		n += line->p[n] == '\\' ? 2 : 1;
	if (n >= line->bytes || !ks_span_sub(*line, 0, n + 1, ret_value))
		return false;
	return ks_span_sub(*line, n + 1, line->bytes - n - 1, line);
}

static int parse_term(const struct reader *r, struct ks_span *line, struct ks_need *need, struct ks_diag *diag)
{
	struct ks_need_term term = { .op = KS_NEED_ON };
	u64 number;

	if (need->nr_terms == KS_MAX_NEED_TERMS)
		return ks_text_fail(diag, -E2BIG, r->path, r->line, "more than 8 alternatives");
	if (!ks_text_symbol(line, &term.symbol))
		return fail(r, diag, "not a need, write SYMBOL, A|B, SYMBOL=VALUE or SYMBOL>=NUMBER, then why");
	if (ks_text_cut(line, ">="))
		term.op = KS_NEED_AT_LEAST;
	else if (ks_text_cut(line, "="))
		term.op = KS_NEED_EQUAL;
	if (term.op != KS_NEED_ON && !cut_value(line, &term.value))
		return fail(r, diag, "the value is neither a word nor a closed \"string\"");
	if (term.op == KS_NEED_AT_LEAST && !parse_number(term.value, &number))
		return fail(r, diag, ">= wants a decimal number below 2^64");
	need->term[need->nr_terms++] = term;
	return 0;
}

/* The same symbol twice in a file, where one line would be forgotten when the other is mended. */
static bool is_repeated(const struct ks_needs *needs, const struct ks_need *need)
{
	const struct ks_need *other;
	size_t i;

	for (i = 0; i < needs->nr; i++) {
		other = &needs->need[i];
		if (other->path == need->path && other->nr_terms == 1 && need->nr_terms == 1 &&
		    ks_span_eq(other->term[0].symbol, need->term[0].symbol) &&
		    ks_span_eq(other->arch, need->arch))
			return true;
	}
	return false;
}

static int parse_need(struct reader *r, struct ks_span line, struct ks_diag *diag)
{
	struct ks_need need = { .path = r->path, .line = r->line };
	struct ks_span word;
	int rc;

	do
		rc = parse_term(r, &line, &need, diag);
	while (!rc && ks_text_cut(&line, "|"));
	if (rc)
		return rc;
	if (line.bytes && line.p[0] != ' ' && line.p[0] != '\t')
		return fail(r, diag, "not a need, write SYMBOL, A|B, SYMBOL=VALUE or SYMBOL>=NUMBER, then why");
	if (ks_span_word(&line, &word) && ks_text_cut(&word, "@")) {
		/* One that no SKU has would be a need of nobody. */
		if (!ks_text_has_word(KS_ARCHES, word))
			return fail(r, diag, "@ without an architecture that is known, write @x86_64 or @arm64");
		need.arch = word;
	}
	if (is_repeated(r->needs, &need))
		return fail(r, diag, "the file needs this symbol already, in a line above");
	if (r->needs->nr == KS_MAX_NEEDS)
		return ks_text_fail(diag, -E2BIG, r->path, r->line, "more than 4096 needs");
	r->needs->need[r->needs->nr++] = need;
	return 0;
}

/* GROUP.NAME */
static bool is_check_name(struct ks_span s)
{
	size_t i, nr_dots = 0;

	for (i = 0; i < s.bytes; i++) {
		nr_dots += s.p[i] == '.';
		if (!(s.p[i] >= 'a' && s.p[i] <= 'z') && !(s.p[i] >= '0' && s.p[i] <= '9') &&
		    !(i && strchr("._-", s.p[i])))
			return false;
	}
	return nr_dots == 1 && s.bytes && s.p[s.bytes - 1] != '.';
}

static int parse_checks(struct reader *r, struct ks_span words, struct ks_diag *diag)
{
	struct ks_span word;

	if (!words.bytes)
		return fail(r, diag, "check without a name");
	while (ks_span_word(&words, &word)) {
		if (!is_check_name(word))
			return fail(r, diag, "check wants names like cgroup.memory_limit");
		if (r->needs->nr_checks == KS_MAX_NEED_CHECKS)
			return ks_text_fail(diag, -E2BIG, r->path, r->line, "more than 4096 checks");
		r->needs->check[r->needs->nr_checks++] = (struct ks_need_check){ word, r->path, r->line };
	}
	r->has_check = true;
	return 0;
}

static int parse_line(struct reader *r, struct ks_span line, struct ks_diag *diag)
{
	struct ks_span rest, word;

	if (!ks_text_is_clean(line))
		return fail(r, diag, "control byte in the line (CR?), write plain text");
	rest = line;
	if (!ks_span_word(&rest, &word) || word.p[0] == '#')
		return 0;
	if (word.p != line.p)
		return fail(r, diag, "begins with a blank");
	rest = ks_span_trim(rest);
	if (ks_span_eq(word, ks_span_str("source"))) {
		r->has_source = true;
		return rest.bytes ? 0 : fail(r, diag, "source without a document");
	}
	if (!r->has_source)
		return fail(r, diag, "the first line has to be \"source DOCUMENT\": who says that this is needed");
	if (ks_span_eq(word, ks_span_str("check")))
		return parse_checks(r, rest, diag);
	if (ks_span_eq(word, ks_span_str("unproved"))) {
		r->is_unproved = true;
		return rest.bytes ? 0 : fail(r, diag, "unproved without a reason");
	}
	return parse_need(r, line, diag);
}

static int init(struct ks_needs *needs, struct ks_diag *diag)
{
	if (!needs->need)
		needs->need = calloc(KS_MAX_NEEDS, sizeof(*needs->need));
	if (!needs->check)
		needs->check = calloc(KS_MAX_NEED_CHECKS, sizeof(*needs->check));
	return needs->need && needs->check ? 0 : ks_fail(diag, -ENOMEM, KS_NO_OFF, "no memory for the needs");
}

/* Takes @path over. */
static int load_file(struct ks_needs *needs, char *path, struct ks_diag *diag)
{
	struct reader r = { .needs = needs, .path = path };
	struct ks_buf *text = &needs->text[needs->nr_files];
	size_t nr = needs->nr;
	struct ks_span rest, line;
	int rc;

	needs->path[needs->nr_files++] = path;
	rc = ks_file_load(path, KS_MAX_TEXT_BYTES, text, diag);
	ks_diag_in(diag, path);
	rest = ks_buf_span(text);
	while (!rc && ks_span_line(&rest, &line)) {
		r.line++;
		rc = parse_line(&r, line, diag);
	}
	if (rc)
		return rc;
	if (!r.has_check && !r.is_unproved)
		return fail(&r, diag, "no check proves it, write \"check NAME...\" or \"unproved REASON\"");
	return needs->nr > nr ? 0 : fail(&r, diag, "needs nothing");
}

int ks_needs_add(struct ks_needs *needs, const char *path, struct ks_diag *diag)
{
	int rc = init(needs, diag);
	char *copy;
	size_t i;

	for (i = 0; !rc && i < needs->nr_files; i++)
		if (!strcmp(needs->path[i], path))
			return 0;
	if (!rc && needs->nr_files == KS_MAX_NEED_FILES)
		rc = ks_fail(diag, -E2BIG, KS_NO_OFF, "more than 64 needs");
	if (rc)
		return rc;
	copy = strdup(path);
	return copy ? load_file(needs, copy, diag) : ks_fail(diag, -ENOMEM, KS_NO_OFF, "no memory for a file's name");
}

int ks_needs_load(const char *dir, struct ks_span names, struct ks_needs *ret_needs, struct ks_diag *diag)
{
	struct ks_span word;
	int rc = init(ret_needs, diag);

	while (!rc && ks_span_word(&names, &word)) {
		__cleanup(ks_free_str) char *path = NULL;

		if (asprintf(&path, "%s/%.*s.need", dir, KS_FMT(word)) < 0)
			return ks_fail(diag, -ENOMEM, KS_NO_OFF, "no memory for a file's name");
		rc = ks_needs_add(ret_needs, path, diag);
	}
	return rc;
}

bool ks_need_is_met(const struct ks_need_term *term, struct ks_span value)
{
	u64 want, have;

	switch (term->op) {
	case KS_NEED_EQUAL:
		return ks_span_eq(value, term->value);
	case KS_NEED_AT_LEAST:
		return parse_number(term->value, &want) && parse_number(value, &have) && have >= want;
	default:
		return ks_span_eq(value, ks_span_str("y")) || ks_span_eq(value, ks_span_str("m"));
	}
}

bool ks_needs_agree(const struct ks_need_term *a, const struct ks_need_term *b)
{
	if (b->op == KS_NEED_EQUAL)
		return ks_need_is_met(a, b->value);
	if (a->op == KS_NEED_EQUAL)
		return ks_need_is_met(b, a->value);
	return a->op == b->op;
}

struct ks_span ks_need_name(const struct ks_need *need)
{
	const char *slash = strrchr(need->path, '/');
	struct ks_span name = ks_span_str(slash ? slash + 1 : need->path);

	if (ks_span_ends_with(name, ks_span_str(".need")))
		name.bytes -= strlen(".need");
	return name;
}

struct ks_span ks_need_asked(const struct ks_need_term *term)
{
	return term->op == KS_NEED_ON ? ks_span_str("m") : term->value;
}
