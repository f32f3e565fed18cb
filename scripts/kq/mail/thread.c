// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mail/thread.h"

#include <json-c/linkhash.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "text/file.h"
#include "text/text.h"

/*
 * struct tag - what stands in brackets in front of a subject
 * @version: 1 unless given
 * @of: 0 without numbers
 */
struct tag {
	bool reply;
	bool patch;
	u32 version;
	u32 number;
	u32 of;
	struct ks_span title;
};

/*
 * struct row - one letter while it is sorted
 * @above: another one of the same thread, itself for the top of it
 * @threaded: it has an id or answers one
 * @first: the first letter of its series, which gives the series its place
 */
struct row {
	struct tag tag;
	size_t idx;
	size_t above;
	bool threaded;
	size_t first;
};

struct threads {
	struct kq_letter *letter;
	size_t nr;
	struct row *row;
	struct lh_table *ids;
	struct kq_error *error;
};

static void threads_done(struct threads *t)
{
	free(t->row);
	if (t->ids)
		lh_table_free(t->ids);
}

static bool take_word(struct ks_span *s, const char *word)
{
	size_t n = strlen(word);

	if (s->bytes < n || strncasecmp((const char *)s->p, word, n))
		return false;
	*s = kq_tail(*s, n);
	return true;
}

/* "PATCH", "RFC", "RFCv2", "PATCHv3", "v2", "3/7" */
static void read_word(struct ks_span word, struct tag *tag)
{
	struct ks_span rest = word;
	u32 number, of;

	if (take_word(&rest, "PATCH") || (take_word(&rest, "RFC") && kq_starts(rest, "v")))
		tag->patch = true;
	if ((rest.bytes == word.bytes || tag->patch) && take_word(&rest, "v") &&
	    kq_take_number(&rest, &number) && (!rest.bytes || rest.p[0] == '.')) {
		tag->version = number;
		return;
	}
	rest = word;
	if (!kq_take_number(&rest, &number) || !kq_take(&rest, "/") ||
	    !kq_take_number(&rest, &of) || rest.bytes)
		return;
	tag->number = number;
	tag->of = of;
}

/* "Re: [RFC PATCH v2 3/7] title" */
static void read_tag(struct ks_span subject, struct tag *ret_tag)
{
	struct tag tag = { .version = 1 };
	struct ks_span s = ks_span_trim(subject), inside, word;

	while (s.bytes) {
		const u8 *end = memchr(s.p, ']', s.bytes);
		size_t i, start = 0;

		if (take_word(&s, "Re:")) {
			/* Behind "[PATCH]" it is the title's own. */
			tag.reply = tag.reply || !tag.patch;
			s = ks_span_trim(s);
			continue;
		}
		if (s.p[0] != '[' || !end)
			break;
		inside = kq_head(kq_tail(s, 1), (size_t)(end - s.p) - 1);
		for (i = 0; i <= inside.bytes; i++) {
			if (i < inside.bytes && !strchr(" \t,:", inside.p[i] ? inside.p[i] : 'x'))
				continue;
			word = kq_head(kq_tail(inside, start), i - start);
			read_word(word, &tag);
			start = i + 1;
		}
		s = ks_span_trim(kq_tail(s, (size_t)(end - s.p) + 1));
	}
	tag.title = s;
	*ret_tag = tag;
}

static size_t top_of(struct threads *t, size_t i)
{
	while (t->row[i].above != i) {
		t->row[i].above = t->row[t->row[i].above].above;
		i = t->row[i].above;
	}
	return i;
}

static void free_key(struct lh_entry *entry)
{
	free(lh_entry_k(entry));
}

/* All that have or name one id are of one thread. Return: -ENOMEM. */
static int join_thread(struct threads *t, struct ks_span id, size_t i)
{
	char *key = strndup((const char *)id.p, id.bytes);
	struct lh_entry *entry = key ? lh_table_lookup_entry(t->ids, key) : NULL;

	t->row[i].threaded = true;
	if (entry) {
		t->row[top_of(t, i)].above = top_of(t, (uintptr_t)lh_entry_v(entry));
		free(key);
		return 0;
	}
	if (!key || lh_table_insert(t->ids, key, (void *)(uintptr_t)i)) {
		free(key);
		return kq_no_memory(t->error);
	}
	return 0;
}

static void skip_letter(struct kq_letter *letter, const char *why)
{
	if (!letter->skip[0])
		snprintf(letter->skip, sizeof(letter->skip), "%s", why);
}

static void skip_for(struct threads *t, size_t i, const char *why, size_t other)
{
	char text[120];

	snprintf(text, sizeof(text), "%s %s", why, t->letter[other].label);
	skip_letter(&t->letter[i], text);
}

static void check_letter(struct threads *t, size_t i)
{
	struct kq_letter *letter = &t->letter[i];
	const struct tag *tag = &t->row[i].tag;

	if (letter->chosen)
		return;
	if (tag->reply)
		skip_letter(letter,
			    letter->has_diff ? "a reply, though with a diff in it" : "a reply");
	else if (!letter->has_diff && tag->of && !tag->number)
		skip_letter(letter, "the cover letter");
	else if (!letter->has_diff && !tag->patch)
		skip_letter(letter, "has no diff");
}

static int connect_letters(struct threads *t)
{
	struct ks_span list, line;
	size_t i;
	int rc = 0;

	for (i = 0; i < t->nr && !rc; i++) {
		struct kq_letter *letter = &t->letter[i];

		t->row[i] = (struct row){ .idx = i, .above = i, .first = i };
		read_tag(letter->subject, &t->row[i].tag);
		check_letter(t, i);
		if (letter->id.bytes)
			rc = join_thread(t, letter->id, i);
		list = letter->references;
		while (!rc && ks_span_line(&list, &line))
			if (line.bytes)
				rc = join_thread(t, line, i);
	}
	return rc;
}

static bool is_patch(const struct threads *t, size_t i)
{
	return !t->letter[i].skip[0] && !t->letter[i].chosen;
}

/* The same mail, from two lists or two directories. */
static int drop_repeated(struct threads *t)
{
	struct lh_table *seen = lh_kchar_table_new(64, free_key);
	size_t i;
	int rc = seen ? 0 : kq_no_memory(t->error);

	for (i = 0; i < t->nr && !rc; i++) {
		struct ks_span id = t->letter[i].id;
		struct lh_entry *entry;
		char *key;

		if (!id.bytes || t->letter[i].chosen)
			continue;
		key = strndup((const char *)id.p, id.bytes);
		entry = key ? lh_table_lookup_entry(seen, key) : NULL;
		if (entry)
			skip_for(t, i, "the same mail as", (uintptr_t)lh_entry_v(entry));
		if (entry || !key || lh_table_insert(seen, key, (void *)(uintptr_t)i)) {
			rc = key ? 0 : kq_no_memory(t->error);
			free(key);
		}
	}
	if (seen)
		lh_table_free(seen);
	return rc;
}

/* Without ids only what they say of themselves can tell. */
static bool is_newer(struct threads *t, size_t old, size_t new)
{
	const struct row *a = &t->row[old], *b = &t->row[new];

	if (b->tag.version <= a->tag.version)
		return false;
	if (a->threaded || b->threaded)
		return top_of(t, old) == top_of(t, new);
	return ks_span_eq(a->tag.title, b->tag.title) || (a->tag.of > 1 && a->tag.of == b->tag.of);
}

static void drop_older(struct threads *t)
{
	size_t i, k;

	for (i = 0; i < t->nr; i++)
		for (k = 0; k < t->nr && is_patch(t, i); k++)
			if (!t->letter[k].chosen && t->letter[k].has_diff &&
			    !t->row[k].tag.reply && is_newer(t, i, k))
				skip_for(t, i, "an older version than", k);
}

static bool same_series(struct threads *t, size_t a, size_t b)
{
	const struct row *left = &t->row[a], *right = &t->row[b];

	if (left->tag.of != right->tag.of || left->tag.version != right->tag.version)
		return false;
	return (!left->threaded && !right->threaded) || top_of(t, a) == top_of(t, b);
}

static int check_series(struct threads *t, size_t first)
{
	__cleanup(ks_buf_done) struct ks_buf have = { 0 };
	u32 of = t->row[first].tag.of, k;
	size_t i, nr = 0;

	if (of > KQ_MAX_MAILS)
		return kq_fail(t->error, -E2BIG, "%s: is one of %u patches, the limit is %u",
			       t->letter[first].label, of, KQ_MAX_MAILS);
	ks_put_fill(&have, 0, (u64)of + 1);
	if (kq_buf_check(&have, t->error))
		return t->error->err;
	for (i = 0; i < t->nr; i++) {
		const struct tag *tag = &t->row[i].tag;

		if (t->letter[i].chosen || tag->reply || !same_series(t, first, i))
			continue;
		nr += is_patch(t, i) || !tag->number;
		if (!is_patch(t, i))
			continue;
		if (tag->number > of || (tag->number && have.p[tag->number]))
			return kq_fail(t->error, KQ_REFUSED,
				       tag->number > of ? "%s: says %u/%u"
							: "%s: is a second %u/%u",
				       t->letter[i].label, tag->number, of);
		have.p[tag->number] = 1;
	}
	for (k = 1; k <= of && nr > 1; k++)
		if (!have.p[k])
			return kq_fail(t->error, KQ_REFUSED,
				       "%s: is one of %u patches, but %u/%u is not there: give it "
				       "as well, or import one patch at a time",
				       t->letter[first].label, of, k, of);
	return 0;
}

/* Each patch gets the place of the first of its series. */
static int place_letters(struct threads *t)
{
	size_t i, k;
	int rc = 0;

	for (i = 0; i < t->nr && !rc; i++) {
		if (!is_patch(t, i) || !t->row[i].tag.of || t->row[i].first != i)
			continue;
		for (k = i + 1; k < t->nr; k++)
			if (is_patch(t, k) && t->row[k].first == k && same_series(t, i, k))
				t->row[k].first = i;
		rc = check_series(t, i);
	}
	return rc;
}

static int by_place(const void *a, const void *b)
{
	const struct row *left = a, *right = b;

	if (left->first != right->first)
		return left->first < right->first ? -1 : 1;
	if (left->tag.number != right->tag.number)
		return left->tag.number < right->tag.number ? -1 : 1;
	return left->idx < right->idx ? -1 : 1;
}

int kq_thread_sort(struct kq_letter *letter, size_t nr, size_t *ret_order, size_t *ret_nr,
		   struct kq_error *error)
{
	__cleanup(threads_done) struct threads t = { .letter = letter, .nr = nr, .error = error };
	size_t i;
	int rc;

	t.row = calloc(nr ? nr : 1, sizeof(*t.row));
	t.ids = lh_kchar_table_new(64, free_key);
	if (!t.row || !t.ids)
		return kq_no_memory(error);
	rc = connect_letters(&t);
	if (!rc)
		rc = drop_repeated(&t);
	if (!rc) {
		drop_older(&t);
		rc = place_letters(&t);
	}
	if (rc)
		return rc;
	qsort(t.row, nr, sizeof(*t.row), by_place);
	*ret_nr = 0;
	for (i = 0; i < nr; i++)
		if (!letter[t.row[i].idx].skip[0])
			ret_order[(*ret_nr)++] = t.row[i].idx;
	return 0;
}
