// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What a new base means for a patch: one row per case. A file is written as a word, each letter one
 * line: "abc" is "a\nb\nc\n"; a "~" at its end takes the last newline away.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "test/world.h"

/* struct row - old base, old base with the patch, new base, what the new base should become */
struct row {
	const char *name;
	const char *old;
	const char *mine;
	const char *onto;
	enum kq_outcome outcome;
	const char *result;
	enum kq_trouble trouble;
};

#define UP KQ_UPSTREAM
#define CLASH(why) KQ_CONFLICT, NULL, why

static const struct row rows[] = {
	{ "same base", "abcdefgh", "abcXefgh", "abcdefgh", KQ_KEPT, "abcXefgh", 0 },
	{ "lines added above", "zabcdefgh", "zabcXefgh", "01zabcdefgh", KQ_KEPT, "01zabcXefgh", 0 },
	/* git apply wants a hunk that started with line 1 at the start of the file. */
	{ "lines added above line 1", "abcdefgh", "abcXefgh", "01abcdefgh",
	  KQ_MERGED, "01abcXefgh", 0 },
	{ "lines removed above", "01abcdefgh", "01abcXefgh", "0abcdefgh", KQ_KEPT, "0abcXefgh", 0 },
	{ "lines added below", "abcdefgh", "abcXefgh", "abcdefgh01", KQ_KEPT, "abcXefgh01", 0 },
	{ "the new base is the result", "abcdefgh", "abcXefgh", "abcXefgh", UP, NULL, 0 },
	{ "upstream, with more", "abcdefghij", "abcXefghij", "0abcXefghiJ", UP, NULL, 0 },
	{ "upstream, an added line", "abcdefgh", "abcdXefgh", "01abcdXefgh2", UP, NULL, 0 },
	{ "upstream, a removed line", "abcdefgh", "abcefgh", "01abcefgh2", UP, NULL, 0 },
	{ "upstream, first line", "abcdefgh", "Xbcdefgh", "Xbcdefgh0", UP, NULL, 0 },
	{ "upstream, last line", "abcdefgh", "abcdefgX", "0abcdefgX", UP, NULL, 0 },
	{ "upstream, in the file's only line", "a", "X", "X", UP, NULL, 0 },
	{ "upstream, in an empty file", "", "X", "X", UP, NULL, 0 },
	{ "upstream, all lines removed", "abc", "", "", UP, NULL, 0 },
	{ "upstream, next to other changes", "abcdefgh", "abcXefgh", "aBcXeFgh", UP, NULL, 0 },
	{ "one hunk of two upstream", "abcdefghijklmnop", "abcXefghijklYnop", "abcXefghijklmnop",
	  KQ_PARTIAL, "abcXefghijklYnop", 0 },
	{ "the other hunk upstream", "abcdefghijklmnop", "abcXefghijklYnop", "abcdefghij0klYnop",
	  KQ_PARTIAL, "abcXefghij0klYnop", 0 },
	{ "one hunk kept, one merged", "abcdefghijklmnop", "abcXefghijklYnop",
	  "abcdefghijKlmnop", KQ_MERGED, "abcXefghijKlYnop", 0 },
	{ "one hunk kept, of equal lines one more by both", "0axxxxxxxxb123456789",
	  "0axxxxxxxxxb1234567Y9", "0axxxxxxxxxb123456789",
	  KQ_PARTIAL, "0axxxxxxxxxb1234567Y9", 0 },
	{ "half of a hunk upstream", "abcdefghijkl", "abcXeYghijkl", "abcXefghijkl",
	  KQ_MERGED, "abcXeYghijkl", 0 },
	{ "context changed", "abcdefgh", "abcXefgh", "aBcdefgh", KQ_MERGED, "aBcXefgh", 0 },
	{ "same line changed", "abcdefgh", "abcXefgh", "abcYefgh", CLASH(KQ_SAME_LINES) },
	{ "changed line removed", "abcdefgh", "abcXefgh", "abcefgh", CLASH(KQ_SAME_LINES) },
	{ "added at the same place", "abcdefgh", "abcdXefgh", "abcdYefgh", CLASH(KQ_SAME_LINES) },
	{ "appended by both", "abcd", "abcdX", "abcdY", CLASH(KQ_SAME_LINES) },
	{ "emptied by upstream", "abcd", "abXd", "", CLASH(KQ_SAME_LINES) },
	/* Identical places: the old base's lines say which one is meant. */
	{ "twice, the first", "12xaby34567xaby89", "12xaXby34567xaby89", "012xaby34567xaby89",
	  KQ_KEPT, "012xaXby34567xaby89", 0 },
	{ "three equal, the second", "xabcdefyxabcdefyxabcdefy", "xabcdefyxabXdefyxabcdefy",
	  "0xabcdefyxabcdefyxabcdefy", KQ_KEPT, "0xabcdefyxabXdefyxabcdefy", 0 },
	{ "three equal, the second, others upstream", "xabcdefyxabcdefyxabcdefy",
	  "xabcdefyxabXdefyxabcdefy", "0xabXdefyxabcdefyxabXdefy",
	  KQ_KEPT, "0xabXdefyxabXdefyxabXdefy", 0 },
	{ "three equal, the second upstream", "xabcdefyxabcdefyxabcdefy",
	  "xabcdefyxabXdefyxabcdefy", "0xabcdefyxabXdefyxabcdefy", UP, NULL, 0 },
	{ "two equal, ours is changed by upstream", "1abcdefg234567abcdefg8",
	  "1abcXefg234567abcdefg8", "1abcYefg234567abcdefg8", CLASH(KQ_SAME_LINES) },
	{ "two equal, ours is gone", "1abcdefg234567abcdefg8", "1abcXefg234567abcdefg8",
	  "1234567abcdefg8", CLASH(KQ_SAME_LINES) },
	{ "the result stands elsewhere too", "1abXde2345678abcde9", "1abXde2345678abXde9",
	  "01abXde2345678abcde9", KQ_KEPT, "01abXde2345678abXde9", 0 },
	{ "one more of equal lines", "axxxxxxxxb", "axxxxxxxxxb", "axxxxxxxxb0",
	  KQ_KEPT, "axxxxxxxxxb0", 0 },
	{ "one more of equal lines, by both", "axxxxxxxxb", "axxxxxxxxxb", "0axxxxxxxxxb",
	  UP, NULL, 0 },
	{ "one less of equal lines, by both", "axxxxxxxxxb", "axxxxxxxxb", "0axxxxxxxxb",
	  UP, NULL, 0 },
	/* What a clean merge would do twice. */
	{ "the same line added close by", "abcdefgh", "abXcdefgh", "abcdXefgh", CLASH(KQ_TWICE) },
	{ "one of two equal lines removed by both", "abxcxdefg", "abcxdefg", "abxcdefg",
	  CLASH(KQ_TWICE) },
	/* Code that moved. */
	{ "moved down", "0abcdefg123456789", "0abcXefg123456789", "0123456789abcdefg",
	  KQ_MERGED, "0123456789abcXefg", 0 },
	{ "moved, and its result stands elsewhere", "0abcDefg1234567", "0abcXefg1234567",
	  "01234567abcDefg89abcXefg", CLASH(KQ_SAME_LINES) },
	{ "its context parted", "0abcDefgh", "0abcefgh", "0abcYYYabcefgh",
	  CLASH(KQ_SAME_LINES) },
	{ "two hunks in another order", "0abcdefg123456ABCDEFG7890", "0abcXefg123456ABCYEFG7890",
	  "0ABCDEFG123456abcdefg7890", CLASH(KQ_SAME_LINES) },
	/* No newline at the end. */
	{ "no newline, kept", "zabcdefgh~", "zabcXefgh~", "0zabcdefgh~",
	  KQ_KEPT, "0zabcXefgh~", 0 },
	{ "newline added by the patch", "zabcd~", "zabcd", "0zabcd~", KQ_KEPT, "0zabcd", 0 },
	{ "newline added by both", "abcd~", "abcd", "0abcd", UP, NULL, 0 },
	{ "last line changed, newline added upstream", "abcd~", "abcX~", "abcd",
	  CLASH(KQ_SAME_LINES) },
};

/* "ab~" becomes "a\nb". */
static char *lines_of(const char *word)
{
	size_t n = word ? strlen(word) : 0, i;
	char *text = word ? calloc(2 * n + 1, 1) : NULL;

	assert_true(!word || text);
	for (i = 0; i < n; i++) {
		if (word[i] == '~') {
			text[2 * i - 1] = '\0';
			break;
		}
		text[2 * i] = word[i];
		text[2 * i + 1] = '\n';
	}
	return text;
}

static bool check_row(const struct row *row)
{
	char *old = lines_of(row->old), *mine = lines_of(row->mine), *onto = lines_of(row->onto);
	char *result = lines_of(row->result);
	const struct world before = { { { "f", old, 0 } } }, after = { { { "f", mine, 0 } } };
	const struct world base = { { { "f", onto, 0 } } }, want = { { { "f", result, 0 } } };
	bool is_dropped = row->outcome == KQ_UPSTREAM || row->outcome == KQ_CONFLICT;
	__cleanup(bench_done) struct bench b = { 0 };
	bool ok;

	bench_start(&b, &before, &base);
	bench_patch(&b, &before, &after);
	ok = b.j.outcome == row->outcome && b.j.file[0].trouble == row->trouble &&
	     world_is(&b.old, &after) && world_is(&b.onto, is_dropped ? &base : &want) &&
	     is_dropped == !b.j.text.bytes;
	if (!ok)
		print_message("# %s: %s, %s\n%.*s", row->name, kq_outcome_name(b.j.outcome),
			      kq_trouble_text(b.j.file[0].trouble), (int)b.j.text.bytes,
			      b.j.text.bytes ? (const char *)b.j.text.p : "");
	free(old);
	free(mine);
	free(onto);
	free(result);
	return ok;
}

static void each_new_base_has_its_outcome(void **state)
{
	size_t i, nr_bad = 0;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(rows); i++)
		nr_bad += !check_row(&rows[i]);
	assert_int_equal(0, nr_bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_new_base_has_its_outcome),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
