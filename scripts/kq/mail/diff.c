// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mail/diff.h"

#include <string.h>

#include "queue/patch.h"
#include "text/text.h"

/* Two names in one line. */
#define MAX_NAMES_BYTES (2U * KQ_MAX_PATH_BYTES)

enum prefix {
	PREFIX_UNKNOWN,
	PREFIX_NONE,
	PREFIX_ONE,
};

/*
 * struct section - one file of a diff
 * @old, @new: names without prefixes; empty for /dev/null
 * @head: git's lines on modes, as they are
 */
struct section {
	bool git;
	bool is_new;
	bool is_gone;
	bool has_mode;
	struct ks_span git_line;
	struct ks_span name;
	struct ks_span index;
	struct ks_span old_line;
	struct ks_span new_line;
	struct ks_buf head;
};

/* struct scan - a text with one line in hand */
struct scan {
	struct ks_span rest;
	struct ks_span line;
	bool has;
	enum prefix prefix;
	const char *label;
	struct ks_buf *out;
	struct kq_error *error;
};

static bool next_line(struct scan *s)
{
	s->has = ks_span_line(&s->rest, &s->line);
	return s->has;
}

static bool opens_plain(struct ks_span line, struct ks_span rest)
{
	struct ks_span second = { 0 }, third = { 0 };

	return kq_starts(line, "--- ") && ks_span_line(&rest, &second) &&
	       ks_span_line(&rest, &third) && kq_starts(second, "+++ ") && kq_starts(third, "@@ -");
}

bool kq_has_diff(struct ks_span text)
{
	struct ks_span line;

	while (ks_span_line(&text, &line))
		if (kq_starts(line, "diff --git ") || opens_plain(line, text))
			return true;
	return false;
}

static void put_line(struct ks_buf *out, struct ks_span line)
{
	ks_put(out, line);
	ks_put_str(out, "\n");
}

static struct ks_span without_first(struct ks_span name)
{
	const u8 *slash = name.bytes ? memchr(name.p, '/', name.bytes) : NULL;

	return slash ? kq_tail(name, (size_t)(slash - name.p) + 1) : (struct ks_span){ 0 };
}

/* Both sides of a change. "f.orig" beside "f" is how diff is called by hand. */
static bool join_names(struct ks_span old, struct ks_span new, struct ks_span *ret_name,
		       enum prefix *ret_prefix)
{
	struct ks_span tail = old;

	*ret_prefix = PREFIX_NONE;
	*ret_name = new;
	if (ks_span_eq(old, new))
		return new.bytes > 0;
	if (old.bytes == new.bytes + 5 && ks_span_eq(kq_head(old, new.bytes), new) &&
	    ks_span_ends_with(tail, ks_span_str(".orig")))
		return new.bytes > 0;
	*ret_prefix = PREFIX_ONE;
	*ret_name = without_first(new);
	return ret_name->bytes && ks_span_eq(without_first(old), *ret_name);
}

/* "X Y", where either may have blanks. */
static bool split_git_line(struct ks_span names, struct ks_span *ret_name, enum prefix *ret_prefix)
{
	size_t i;

	if (names.bytes > MAX_NAMES_BYTES || kq_starts(names, "\""))
		return false;
	for (i = 1; i + 1 < names.bytes; i++)
		if (names.p[i] == ' ' && join_names(kq_head(names, i), kq_tail(names, i + 1),
						    ret_name, ret_prefix))
			return true;
	return false;
}

/* Of "--- NAME<tab>2026-01-01 ...", NAME; a date at the epoch is how diff says that there is none. */
static struct ks_span side_name(struct ks_span line, bool *ret_none)
{
	struct ks_span name = kq_tail(line, 4), date;
	const u8 *tab = name.bytes ? memchr(name.p, '\t', name.bytes) : NULL;

	*ret_none = false;
	if (tab) {
		date = kq_tail(name, (size_t)(tab - name.p) + 1);
		name = kq_head(name, (size_t)(tab - name.p));
		*ret_none = kq_starts(date, "1970-01-01 ") || kq_starts(date, "1969-12-31 ");
	}
	if (kq_is(name, "/dev/null")) {
		*ret_none = true;
		return (struct ks_span){ 0 };
	}
	return name;
}

static bool is_known_prefix(struct ks_span name)
{
	static const char *const known[] = { "a/", "b/", "i/", "w/", "c/", "o/", "old/", "new/" };
	const u8 *slash = name.bytes ? memchr(name.p, '/', name.bytes) : NULL;
	struct ks_span first = slash ? kq_head(name, (size_t)(slash - name.p)) : name;
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(known); i++)
		if (kq_starts(name, known[i]))
			return true;
	return slash && (kq_is(first, "linux") || kq_starts(first, "linux-") ||
			 ks_span_ends_with(first, ks_span_str(".orig")));
}

/* One name alone has the prefix of the others, or one that can be nothing else. */
static int single_name(struct scan *s, struct ks_span name, struct ks_span *ret_name)
{
	if (s->prefix == PREFIX_UNKNOWN && !is_known_prefix(name))
		return kq_fail(s->error, -EBADMSG,
			       "%s: %.*s: cannot tell whether its first directory is a prefix: "
			       "make the diff with git",
			       s->label, KQ_FMT(name));
	*ret_name = s->prefix == PREFIX_NONE ? name : without_first(name);
	return 0;
}

/* A diff without git's header: the names are in "---" and "+++". */
static int name_plain(struct scan *s, struct section *sec)
{
	bool old_none, new_none;
	struct ks_span old = side_name(sec->old_line, &old_none);
	struct ks_span new = side_name(sec->new_line, &new_none);
	enum prefix prefix;

	sec->is_new = old_none && !new_none;
	sec->is_gone = new_none && !old_none;
	if (old.bytes && new.bytes) {
		if (!join_names(old, new, &sec->name, &prefix))
			return kq_fail(s->error, -EBADMSG,
				       "%s: want two equal names: --- %.*s, +++ %.*s (no rename)",
				       s->label, KQ_FMT(old), KQ_FMT(new));
		s->prefix = prefix;
		return 0;
	}
	return single_name(s, old.bytes ? old : new, &sec->name);
}

static bool is_mode_line(struct ks_span line)
{
	static const char *const starts[] = {
		"old mode ", "new mode ", "new file mode ", "deleted file mode ",
		"similarity index ", "dissimilarity index ", "rename ", "copy ",
		"GIT binary patch", "Binary files ",
	};
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(starts); i++)
		if (kq_starts(line, starts[i]))
			return true;
	return false;
}

/* From "diff --git" up to the first hunk, or the next section. */
static void read_git_head(struct scan *s, struct section *sec)
{
	sec->git = true;
	sec->git_line = s->line;
	while (next_line(s)) {
		if (kq_starts(s->line, "index ")) {
			sec->index = s->line;
			continue;
		}
		if (!is_mode_line(s->line))
			break;
		put_line(&sec->head, s->line);
		sec->has_mode = true;
		sec->is_new = sec->is_new || kq_starts(s->line, "new file mode ");
		sec->is_gone = sec->is_gone || kq_starts(s->line, "deleted file mode ");
	}
}

static void put_head(struct scan *s, const struct section *sec, bool has_hunks)
{
	kq_put_git_line(s->out, sec->name);
	ks_put(s->out, ks_buf_span(&sec->head));
	if (!sec->git && sec->is_new)
		ks_put_str(s->out, "new file mode 100644\n");
	if (!sec->git && sec->is_gone)
		ks_put_str(s->out, "deleted file mode 100644\n");
	if (sec->index.bytes)
		put_line(s->out, sec->index);
	else if (has_hunks)
		ks_put_str(s->out, "index " KQ_ZERO_ID ".." KQ_ZERO_ID "\n");
	if (has_hunks)
		kq_put_sides(s->out, sec->name, !sec->is_new, !sec->is_gone);
}

/* As many lines as the head says; what is not a hunk line ends it, for the reader of patches to
 * name. */
static void put_hunk(struct scan *s)
{
	struct ks_span head = s->line;
	u32 old_range[2] = { 0 }, new_range[2] = { 0 }, old, new;
	bool good = kq_take_ranges(&head, old_range, new_range);

	old = old_range[1];
	new = new_range[1];
	put_line(s->out, s->line);
	next_line(s);
	while (good && s->has && (old || new)) {
		char kind = s->line.bytes ? (char)s->line.p[0] : ' ';

		if (!strchr(" +-\\", kind) || (!old && kind == '-') || (!new && kind == '+'))
			return;
		old -= old && (kind == ' ' || kind == '-');
		new -= new && (kind == ' ' || kind == '+');
		put_line(s->out, s->line);
		next_line(s);
	}
	if (s->has && kq_starts(s->line, "\\ ")) {
		put_line(s->out, s->line);
		next_line(s);
	}
}

static int put_section(struct scan *s)
{
	__cleanup(ks_buf_done) struct ks_buf head = { 0 };
	struct section sec = { 0 };
	enum prefix prefix = PREFIX_UNKNOWN;
	bool has_hunks;
	int rc = 0;

	if (kq_starts(s->line, "diff --git "))
		read_git_head(s, &sec);
	has_hunks = s->has && opens_plain(s->line, s->rest);
	if (has_hunks) {
		sec.old_line = s->line;
		next_line(s);
		sec.new_line = s->line;
		next_line(s);
	}
	ks_buf_move(&head, &sec.head);
	sec.head = head;
	head = (struct ks_buf){ 0 };
	if (!sec.git)
		rc = name_plain(s, &sec);
	else if (split_git_line(kq_tail(sec.git_line, strlen("diff --git ")), &sec.name, &prefix))
		s->prefix = prefix;
	else
		sec.name = (struct ks_span){ 0 };
	if (!rc && sec.name.bytes) {
		put_head(s, &sec, has_hunks);
	} else if (!rc) {
		put_line(s->out, sec.git_line);
		ks_put(s->out, ks_buf_span(&sec.head));
	}
	ks_buf_done(&sec.head);
	while (!rc && s->has && kq_starts(s->line, "@@ -"))
		put_hunk(s);
	return rc;
}

int kq_put_diff(struct ks_span text, const char *label, struct ks_buf *notes, struct ks_buf *out,
		bool *ret_signed, struct kq_error *error)
{
	struct scan s = { .rest = text, .label = label, .out = out, .error = error };
	bool any = false, end = false;
	int rc = 0;

	next_line(&s);
	while (!rc && s.has) {
		if (kq_starts(s.line, "diff --git ") || opens_plain(s.line, s.rest)) {
			rc = put_section(&s);
			any = true;
			end = false;
			continue;
		}
		/* A hunk that belongs to no file is one that the head above lost. */
		if (any && !end && kq_starts(s.line, "@@ -"))
			put_line(out, s.line);
		end = end || (any && kq_is(s.line, "-- "));
		if (!any && !kq_starts(s.line, "diff -") && !kq_starts(s.line, "Index: ") &&
		    !kq_starts(s.line, "=====") && !(kq_is(ks_span_trim(s.line), "---")))
			put_line(notes, s.line);
		next_line(&s);
	}
	*ret_signed = end;
	return rc;
}
