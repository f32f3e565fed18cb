// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Where lines went: files are words, each letter one line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/map.h"

/* struct sample - two versions of a file */
struct sample {
	struct ks_buf old;
	struct ks_buf onto;
	struct kq_lines old_lines;
	struct kq_lines onto_lines;
	struct kq_map map;
};

static void put_word(struct ks_buf *out, const char *word)
{
	for (; *word; word++) {
		ks_put(out, (struct ks_span){ (const u8 *)word, 1 });
		ks_put_str(out, "\n");
	}
}

static void sample_make(struct sample *s, const char *old, const char *onto)
{
	struct kq_error error = { 0 };

	put_word(&s->old, old);
	put_word(&s->onto, onto);
	assert_int_equal(0, kq_lines_split(ks_buf_span(&s->old), &s->old_lines, &error));
	assert_int_equal(0, kq_lines_split(ks_buf_span(&s->onto), &s->onto_lines, &error));
	s->map = kq_map_start(ks_buf_span(&s->old), &s->old_lines, ks_buf_span(&s->onto),
			      &s->onto_lines, "f");
}

static void sample_done(struct sample *s)
{
	kq_map_done(&s->map);
	kq_lines_done(&s->old_lines);
	kq_lines_done(&s->onto_lines);
	ks_buf_done(&s->old);
	ks_buf_done(&s->onto);
}

/* struct row - the range [idx, idx + nr) of @old; @reads: equal ends do not answer, git is asked */
struct row {
	const char *old;
	const char *onto;
	size_t idx;
	size_t nr;
	bool intact;
	size_t onto_idx;
	size_t onto_nr;
	bool reads;
};

static const struct row rows[] = {
	{ "abcdefgh", "abcdefgh", 2, 3, true, 2, 3, false },
	{ "abcdefgh", "abcdefgX", 2, 3, true, 2, 3, false },
	{ "abcdefgh", "01bcdefgh", 2, 3, true, 3, 3, false },
	{ "abcdefgh", "bcdefgh", 2, 3, true, 1, 3, false },
	{ "abcdefgh", "XbcdefgY", 2, 3, true, 2, 3, true },
	{ "abcdefgh", "0XbcdefgY", 2, 3, true, 3, 3, true },
	/* Touched: what became of the range, widened to whole changes. */
	{ "abcdefgh", "abcXefgh", 2, 3, false, 2, 3, true },
	{ "abcdefgh", "abcdXefgh", 2, 3, false, 2, 4, true },
	{ "abcdefgh", "abefgh", 2, 2, false, 2, 0, true },
	{ "abcdefgh", "aXYfgh", 2, 2, false, 1, 2, true },
	{ "abcdefgh", "aXcdYZgh", 1, 5, false, 1, 5, true },
	{ "abcdefgh", "", 2, 3, false, 0, 0, true },
	/* Lines added at an end of the range are outside of it. */
	{ "abcdefgh", "abXcdefYgh", 2, 4, true, 3, 4, true },
	{ "abcdefgh", "abXcdefgh", 2, 4, true, 3, 4, false },
	/* An empty range: changed on either side, it is nowhere for sure. */
	{ "abcdefgh", "Xabcdefgh", 4, 0, true, 5, 0, true },
	{ "abcdefgh", "abcdXefgh", 4, 0, false, 4, 1, true },
	{ "abcdefgh", "abcXefgh", 4, 0, false, 3, 1, true },
};

static void each_range_is_found(void **state)
{
	size_t i, nr_bad = 0;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(rows); i++) {
		__cleanup(sample_done) struct sample s = { 0 };
		const struct row *row = &rows[i];
		struct kq_error error = { 0 };
		struct kq_mapped m;

		sample_make(&s, row->old, row->onto);
		assert_int_equal(0, kq_map_range(&s.map, row->idx, row->nr, &m, &error));
		if (m.intact == row->intact && m.onto_idx == row->onto_idx &&
		    m.onto_nr == row->onto_nr && s.map.is_read == row->reads)
			continue;
		nr_bad++;
		print_message("# row %zu: intact %d, idx %zu, nr %zu, read %d\n", i, m.intact,
			      m.onto_idx, m.onto_nr, s.map.is_read);
	}
	assert_int_equal(0, nr_bad);
}

/* Return: how many ranges of the old text are intact; each of them must really be there. */
static size_t check_ranges(struct sample *s)
{
	size_t idx, nr, i, nr_intact = 0;
	struct kq_error error = { 0 };
	struct kq_mapped m;

	for (idx = 0; idx < s->old_lines.nr; idx++)
		for (nr = 1; nr <= s->old_lines.nr - idx; nr++) {
			assert_int_equal(0, kq_map_range(&s->map, idx, nr, &m, &error));
			assert_true(m.onto_idx + m.onto_nr <= s->onto_lines.nr);
			for (i = 0; m.intact && i < nr; i++)
				assert_true(ks_span_eq(s->old_lines.line[idx + i],
						       s->onto_lines.line[m.onto_idx + i]));
			nr_intact += m.intact;
		}
	return nr_intact;
}

static void what_is_intact_is_equal(void **state)
{
	static const char *const word[] = { "", "a", "ab", "aab", "abab", "aabbaabb", "abcabcabd",
					    "xaxbxcxdx", "aaaaaaa", "ddabcabcab" };
	size_t i, k, nr_intact = 0;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(word); i++)
		for (k = 0; k < KS_ARRAY_SIZE(word); k++) {
			__cleanup(sample_done) struct sample s = { 0 };

			sample_make(&s, word[i], word[k]);
			nr_intact += check_ranges(&s);
		}
	assert_in_range(nr_intact, 300, 100000);
}

static void the_cause_is_the_hunks_that_touch(void **state)
{
	static const char old[] = "abcdefghijklmnopqrstuvwxyz";
	static const char onto[] = "aBcdefghijkLmnopqrstuvwxYz";
	const struct kq_map_change range[] = { { .old_idx = 9, .old_nr = 4 },
					       { .old_idx = 10, .old_nr = 1 } };
	__cleanup(sample_done) struct sample s = { 0 };
	__cleanup(ks_buf_done) struct ks_buf cause = { 0 };
	struct kq_error error = { 0 };

	(void)state;
	sample_make(&s, old, onto);
	assert_int_equal(0, kq_map_cause(&s.map, range, 2, &cause, &error));
	assert_true(ks_span_eq(ks_buf_span(&cause), ks_span_str(
		"@@ -9,7 +9,7 @@ h\n i\n j\n k\n-l\n+L\n m\n n\n o\n")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_range_is_found),
		cmocka_unit_test(what_is_intact_is_equal),
		cmocka_unit_test(the_cause_is_the_hunks_that_touch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
