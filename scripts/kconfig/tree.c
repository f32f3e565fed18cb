// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A reader of Kconfig files that knows just enough to explain a lost request: where the symbol is
 * defined, what it depends on, which "if" and "menu" of the same file surround it, and whether a
 * person can set it at all (a symbol without a prompt cannot be requested). It evaluates nothing.
 */
#include "tree.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "request.h"

/* An "if", "menu" or "choice" that is open at the current line. */
struct scope {
	struct ks_span condition;
	u32 line;
	bool is_if;
};

/* One Kconfig file while it is read. */
struct reader {
	const char *name;
	const struct kc_query *query;
	struct ks_buf *text;
	struct scope scopes[KC_MAX_NESTING];
	size_t nr_scopes;
	u32 line;
	struct ks_span symbol; /* the definition being read, empty outside of one */
	struct ks_buf *entry;  /* where it is described, NULL if nobody asked */
	bool has_prompt;
	bool at_scope; /* the lines belong to a menu's or choice's own header */
	bool in_help;
	size_t help_indent;
};

/* Kconfig text goes to a terminal: control bytes become blanks. */
static void put_clean(struct ks_buf *b, struct ks_span s)
{
	size_t i;

	for (i = 0; i < s.bytes; i++)
		ks_put_u8(b, s.p[i] < 0x20 || s.p[i] == 0x7f ? ' ' : s.p[i]);
}

static void put_line_ref(struct ks_buf *b, u32 line)
{
	char text[32];

	snprintf(text, sizeof(text), " (line %u)", line);
	ks_put_str(b, text);
}

static void end_entry(struct reader *r)
{
	if (r->entry) {
		if (!r->has_prompt)
			ks_put_str(r->entry, ", no prompt: only a select or a default can set it");
		ks_put_str(r->entry, "\n");
	}
	r->entry = NULL;
	r->symbol = (struct ks_span){ 0 };
	r->has_prompt = false;
	r->at_scope = false;
}

/* Return: where to describe @symbol, NULL if nobody asked. */
static struct ks_buf *text_of(const struct reader *r, struct ks_span symbol)
{
	size_t i;

	for (i = 0; i < r->query->nr; i++)
		if (ks_span_eq(r->query->symbols[i], symbol))
			return &r->text[i];
	return NULL;
}

static void put_place(const struct reader *r, struct ks_buf *b)
{
	char line[32];

	snprintf(line, sizeof(line), ":%u", r->line);
	ks_put_str(b, r->name);
	ks_put_str(b, line);
}

static void begin_entry(struct reader *r, struct ks_span symbol)
{
	size_t i;

	end_entry(r);
	r->symbol = symbol;
	r->entry = text_of(r, symbol);
	if (!r->entry)
		return;
	ks_put_str(r->entry, "defined at ");
	put_place(r, r->entry);
	for (i = 0; i < r->nr_scopes; i++) {
		if (!r->scopes[i].condition.bytes)
			continue;
		ks_put_str(r->entry, r->scopes[i].is_if ? ", inside if " : ", in a menu that depends on ");
		put_clean(r->entry, r->scopes[i].condition);
		put_line_ref(r->entry, r->scopes[i].line);
	}
}

static int push_scope(struct reader *r, bool is_if, struct ks_span condition, struct ks_diag *diag)
{
	end_entry(r);
	if (r->nr_scopes == KC_MAX_NESTING)
		return kc_line_fail(diag, -E2BIG, r->name, r->line, "if and menu nest deeper than 64");
	r->scopes[r->nr_scopes++] = (struct scope){ condition, r->line, is_if };
	r->at_scope = !is_if;
	return 0;
}

static void depends_on(struct reader *r, struct ks_span condition)
{
	if (r->at_scope && r->nr_scopes) {
		struct scope *scope = &r->scopes[r->nr_scopes - 1];

		/* A second line of a menu adds to the first; the first is enough to find both. */
		if (!scope->condition.bytes) {
			scope->condition = condition;
			scope->line = r->line;
		}
	} else if (r->entry) {
		ks_put_str(r->entry, ", depends on ");
		put_clean(r->entry, condition);
		put_line_ref(r->entry, r->line);
	}
}

/* A select of a symbol that is on forces its target on, whatever was requested. */
static void selects(const struct reader *r, struct ks_span rest)
{
	struct ks_span target;
	struct ks_buf *text;

	if (!r->symbol.bytes || !ks_span_word(&rest, &target))
		return;
	text = text_of(r, target);
	if (!text || text == r->entry || !r->query->is_on(r->query->ctx, r->symbol))
		return;
	ks_put_str(text, "selected by ");
	put_clean(text, r->symbol);
	ks_put_str(text, " at ");
	put_place(r, text);
	ks_put_str(text, rest.bytes ? " " : "");
	put_clean(text, ks_span_trim(rest));
	ks_put_str(text, "\n");
}

/* "bool "text" if EXPERT": the prompt, and with it the request, counts only under a condition. */
static void prompt(struct reader *r, struct ks_span rest)
{
	struct ks_span tail = rest;
	size_t i;

	r->has_prompt = true;
	for (i = rest.bytes; i > 0; i--)
		if (rest.p[i - 1] == '"' || rest.p[i - 1] == '\'')
			break;
	if (!r->entry || !ks_span_sub(rest, i, rest.bytes - i, &tail))
		return;
	tail = ks_span_trim(tail);
	if (kc_cut_prefix(&tail, "if ")) {
		ks_put_str(r->entry, ", prompt only if ");
		put_clean(r->entry, ks_span_trim(tail));
		put_line_ref(r->entry, r->line);
	}
}

static bool is_word(struct ks_span word, const char *const *list)
{
	for (; *list; list++)
		if (ks_span_eq(word, ks_span_str(*list)))
			return true;
	return false;
}

static int parse_line(struct reader *r, struct ks_span word, struct ks_span rest,
		      struct ks_diag *diag)
{
	static const char *const configs[] = { "config", "menuconfig", NULL };
	static const char *const scopes[] = { "menu", "choice", NULL };
	static const char *const ends[] = { "endif", "endmenu", "endchoice", NULL };
	static const char *const others[] = { "source", "comment", "mainmenu", NULL };
	static const char *const types[] = { "bool", "tristate", "string", "int", "hex", NULL };

	if (is_word(word, configs)) {
		begin_entry(r, rest);
	} else if (ks_span_eq(word, ks_span_str("if"))) {
		return push_scope(r, true, rest, diag);
	} else if (is_word(word, scopes)) {
		return push_scope(r, false, (struct ks_span){ 0 }, diag);
	} else if (is_word(word, ends)) {
		end_entry(r);
		if (r->nr_scopes)
			r->nr_scopes--;
	} else if (is_word(word, others)) {
		end_entry(r);
	} else if (ks_span_eq(word, ks_span_str("depends"))) {
		if (kc_cut_prefix(&rest, "on"))
			depends_on(r, ks_span_trim(rest));
	} else if (ks_span_eq(word, ks_span_str("select"))) {
		selects(r, rest);
	} else if (ks_span_eq(word, ks_span_str("prompt")) || (is_word(word, types) && rest.bytes)) {
		prompt(r, rest);
	} else if (ks_span_eq(word, ks_span_str("help"))) {
		r->in_help = true;
		r->help_indent = 0;
	}
	return 0;
}

static size_t indent_columns(struct ks_span line)
{
	size_t columns = 0;
	size_t i;

	for (i = 0; i < line.bytes; i++) {
		if (line.p[i] == '\t')
			columns = (columns | 7) + 1;
		else if (line.p[i] == ' ')
			columns++;
		else
			break;
	}
	return columns;
}

/* Help text ends at the first line that is indented less than its first line. */
static bool is_help(struct reader *r, struct ks_span line)
{
	size_t columns = indent_columns(line);

	if (!r->in_help)
		return false;
	if (!r->help_indent)
		r->help_indent = columns;
	if (columns && columns >= r->help_indent)
		return true;
	r->in_help = false;
	return false;
}

static int parse_file(struct reader *r, struct ks_span text, struct ks_diag *diag)
{
	struct ks_span line;
	struct ks_span rest;
	struct ks_span word;
	int rc = 0;

	while (!rc && ks_span_line(&text, &line)) {
		r->line++;
		rest = ks_span_trim(line);
		if (!rest.bytes || is_help(r, line) || rest.p[0] == '#')
			continue;
		if (ks_span_word(&rest, &word))
			rc = parse_line(r, word, ks_span_trim(rest), diag);
	}
	end_entry(r);
	return rc;
}

static int read_kconfig(const char *path, struct reader *r, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	int rc = ks_file_load(path, KS_MAX_TEXT_BYTES, &content, diag);

	if (!rc)
		rc = parse_file(r, ks_buf_span(&content), diag);
	ks_diag_in(diag, path);
	return rc;
}

/* Kconfig's own test inputs define symbols such as A; documentation and tools define none. */
static bool is_skipped(const FTSENT *e, const char *name)
{
	static const char *const top[] = { "Documentation", "tools", ".git", NULL };
	size_t i;

	for (i = 0; e->fts_level == 1 && top[i]; i++)
		if (!strcmp(e->fts_name, top[i]))
			return true;
	return !strcmp(name, "scripts/kconfig");
}

static int walk(FTS *fts, const char *tree, struct reader *r, struct ks_diag *diag)
{
	size_t nr_files = 0;
	const char *name;
	FTSENT *e;
	int rc = 0;

	while (!rc && (errno = 0, e = fts_read(fts))) {
		name = strlen(e->fts_path) > strlen(tree) ? &e->fts_path[strlen(tree) + 1] : "";
		switch (e->fts_info) {
		case FTS_D:
			if (is_skipped(e, name))
				fts_set(fts, e, FTS_SKIP);
			break;
		case FTS_DNR:
		case FTS_ERR:
		case FTS_NS:
			errno = e->fts_errno;
			return ks_fail_sys(diag, "cannot read the kernel tree", e->fts_path);
		case FTS_F:
		case FTS_NSOK:
			if (strncmp(e->fts_name, "Kconfig", strlen("Kconfig")))
				break;
			nr_files++;
			r->name = name;
			r->line = 0;
			r->nr_scopes = 0;
			r->in_help = false;
			rc = read_kconfig(e->fts_path, r, diag);
			break;
		default:
			break;
		}
	}
	if (!rc && errno)
		rc = ks_fail_sys(diag, "cannot read the kernel tree", tree);
	if (!rc && !nr_files)
		rc = ks_fail_detail(diag, -ENOENT, "no Kconfig file, is this a kernel tree", tree);
	return rc;
}

int kc_tree_explain(const char *tree, const struct kc_query *query, struct ks_buf *ret_text,
		    struct ks_diag *diag)
{
	struct reader r = { .query = query, .text = ret_text };
	char top[4096];
	char *const paths[] = { top, NULL };
	size_t top_bytes = strlen(tree);
	size_t i;
	FTS *fts;
	int rc;

	/* One slash at the end would shift the names that follow it. */
	while (top_bytes > 1 && tree[top_bytes - 1] == '/')
		top_bytes--;
	if (!top_bytes || top_bytes >= sizeof(top))
		return ks_fail_detail(diag, -EINVAL, "name of the kernel tree is empty or too long", tree);
	memcpy(top, tree, top_bytes);
	top[top_bytes] = '\0';

	/* NOSTAT: 90,000 files of a tree need not be looked at to skip them by name. */
	fts = fts_open(paths, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOSTAT | FTS_NOCHDIR, NULL);
	if (!fts)
		return ks_fail_sys(diag, "cannot read the kernel tree", tree);
	rc = walk(fts, top, &r, diag);
	fts_close(fts);
	for (i = 0; i < query->nr && !rc; i++)
		rc = ks_buf_ok(&ret_text[i], diag);
	return rc;
}
