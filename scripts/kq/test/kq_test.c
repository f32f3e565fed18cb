// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * kq's reader and matcher without a tree: no damaged patch may crash it, and every verdict has a
 * smallest file that leads to it. Built with the sanitizers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/hunk.h"
#include "queue/patch.h"

static const char patch_text[] =
	"From: A <a@example.org>\n\nWhy.\n---\n"
	"diff --git a/d/f b/d/f\nold mode 100644\nnew mode 100755\n"
	"index 1111111..2222222\n--- a/d/f\n+++ b/d/f\n"
	"@@ -2,3 +2,4 @@ section\n b\n-c\n+C\n+C2\n d\n"
	"@@ -9,2 +10,2 @@\n y\n-z\n\\ No newline at end of file\n+Z\n\\ No newline at end of file\n"
	"diff --git a/n b/n\nnew file mode 100644\nindex 0000000..1111111\n"
	"--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+n\n"
	"diff --git a/o b/o\ndeleted file mode 100644\nindex 1111111..0000000\n"
	"-- \n2.39.5\n\n";

/* A copy of exact size, so that a read past its end is seen. */
static int parse_copy(const char *text, size_t bytes, char *flip, struct kq_error *error)
{
	__cleanup(kq_patch_done) struct kq_patch patch = { 0 };
	char *copy = malloc(bytes ? bytes : 1);
	int rc;

	assert_non_null(copy);
	memcpy(copy, text, bytes);
	if (flip)
		copy[(size_t)flip[0] << 7 | (size_t)flip[1]] = flip[2];
	rc = kq_patch_parse((struct ks_span){ (const u8 *)copy, bytes }, "p", &patch, error);
	kq_patch_done(&patch);
	free(copy);
	return rc;
}

static void a_good_patch_is_read_as_written(void **state)
{
	__cleanup(kq_patch_done) struct kq_patch patch = { 0 };
	struct kq_error error = { 0 };

	(void)state;
	assert_int_equal(0, kq_patch_parse(ks_span_str(patch_text), "p", &patch, &error));
	assert_int_equal(3, patch.nr_files);
	assert_int_equal(KQ_MODIFY, patch.file[0].change);
	assert_int_equal(0100644, patch.file[0].old_mode);
	assert_int_equal(0100755, patch.file[0].new_mode);
	assert_int_equal(2, patch.file[0].nr_hunks);
	assert_int_equal(1, patch.file[0].hunk[0].leading);
	assert_int_equal(1, patch.file[0].hunk[0].trailing);
	assert_int_equal(0, patch.file[0].hunk[1].trailing);
	assert_int_equal(0, patch.file[0].stale_line);
	assert_true(ks_span_eq(patch.file[0].hunk[1].line[2].text, ks_span_str("Z")));
	assert_int_equal(KQ_CREATE, patch.file[1].change);
	assert_int_equal(KQ_DELETE, patch.file[2].change);
	assert_int_equal(0, patch.file[2].nr_hunks);
	assert_true(ks_span_eq(patch.head, ks_span_str("From: A <a@example.org>\n")));
	assert_true(ks_span_eq(patch.body, ks_span_str("Why.\n")));
}

static void every_prefix_of_a_patch_is_read_or_refused(void **state)
{
	size_t bytes, nr_good = 0;

	(void)state;
	for (bytes = 0; bytes < sizeof(patch_text) - 1; bytes++) {
		struct kq_error error = { 0 };
		int rc = parse_copy(patch_text, bytes, NULL, &error);

		assert_int_equal(rc, error.err);
		nr_good += !rc;
	}
	/* Whole patches are left by a cut within the signature; by no other cut. */
	assert_int_equal(9, nr_good);
}

static void every_changed_byte_is_read_or_refused(void **state)
{
	static const char with[] = { 0, '\n', ' ', '-', '+', '@', '0', '9', '/', '\\', (char)0xff };
	size_t i, k, nr_refused = 0;

	(void)state;
	for (i = 0; i < sizeof(patch_text) - 1; i++)
		for (k = 0; k < sizeof(with); k++) {
			char flip[3] = { (char)(i >> 7), (char)(i & 127), with[k] };
			struct kq_error error = { 0 };

			nr_refused += parse_copy(patch_text, sizeof(patch_text) - 1, flip, &error) != 0;
			assert_true(!error.err || error.line[0]);
		}
	assert_in_range(nr_refused, 1000, sizeof(patch_text) * sizeof(with));
}

/* struct row - one hunk "@@ -4,3 +4,3 @@" that turns a b c into a B c, and a file */
struct row {
	const char *file;
	enum kq_hunk_found verdict;
	size_t idx;
	bool moved;
};

static const struct row rows[] = {
	{ "1\n2\n3\na\nb\nc\n", KQ_FWD, 3, false },
	{ "1\n2\n3\na\nb\nc\na\nb\nc\n", KQ_FWD, 3, false },
	{ "1\n2\n3\na\nb\nc\na\nb\nc\n", KQ_AMBIGUOUS, 0, true },
	{ "1\n2\n3\na\nb\nc\n", KQ_FWD, 3, true },
	{ "a\nb\nc\n", KQ_FWD, 0, false },
	{ "1\n2\n3\n4\n5\na\nb\nc\n", KQ_FWD, 5, false },
	{ "a\nb\nc\n1\n2\na\nb\nc\n", KQ_AMBIGUOUS, 0, false },
	{ "1\n2\n3\na\nB\nc\n", KQ_REV, 3, false },
	{ "1\n2\n3\na\nB\nc\n4\na\nb\nc\n", KQ_BOTH, 7, false },
	{ "1\n2\n3\na\nb\nc\n4\na\nB\nc\n", KQ_FWD, 3, false },
	{ "1\n2\n3\na\nb\nc", KQ_NONE, 0, false },
	{ "1\n2\n3\na\nb\nc\r\n", KQ_NONE, 0, false },
	{ "1\n2\n3\na\nX\nc\n", KQ_NONE, 0, false },
	{ "", KQ_NONE, 0, false },
};

static void each_verdict_has_its_file(void **state)
{
	static const char text[] = "\ndiff --git a/f b/f\n--- a/f\n+++ b/f\n"
				   "@@ -4,3 +4,3 @@\n a\n-b\n+B\n c\n-- \n2.39.5\n";
	__cleanup(kq_patch_done) struct kq_patch patch = { 0 };
	__cleanup(kq_image_done) struct kq_image pre = { 0 };
	__cleanup(kq_image_done) struct kq_image post = { 0 };
	struct kq_error error = { 0 };
	size_t i;

	(void)state;
	assert_int_equal(0, kq_patch_parse(ks_span_str(text), "p", &patch, &error));
	assert_int_equal(0, kq_image_build(&patch.hunk[0], '-', &pre, &error));
	assert_int_equal(0, kq_image_build(&patch.hunk[0], '+', &post, &error));
	for (i = 0; i < KS_ARRAY_SIZE(rows); i++) {
		struct kq_lines lines = { 0 };
		struct kq_match match;

		assert_int_equal(0, kq_lines_split(ks_span_str(rows[i].file), &lines, &error));
		match = kq_hunk_match(&pre, &post, &lines, 0, rows[i].moved);
		kq_lines_done(&lines);
		if (match.verdict != rows[i].verdict)
			print_message("# row %zu\n", i);
		assert_int_equal(rows[i].verdict, match.verdict);
		if (match.verdict != KQ_AMBIGUOUS && match.verdict != KQ_NONE)
			assert_int_equal(rows[i].idx, match.idx);
	}
}

static void lines_above_the_last_hunk_are_taken(void **state)
{
	static const char text[] = "\ndiff --git a/f b/f\n--- a/f\n+++ b/f\n"
				   "@@ -4,2 +4,2 @@\n-b\n+B\n c\n-- \n2.39.5\n";
	__cleanup(kq_patch_done) struct kq_patch patch = { 0 };
	__cleanup(kq_image_done) struct kq_image pre = { 0 };
	__cleanup(kq_image_done) struct kq_image post = { 0 };
	__cleanup(kq_lines_done) struct kq_lines lines = { 0 };
	struct kq_error error = { 0 };
	struct kq_match match;

	(void)state;
	assert_int_equal(0, kq_patch_parse(ks_span_str(text), "p", &patch, &error));
	assert_int_equal(0, kq_image_build(&patch.hunk[0], '-', &pre, &error));
	assert_int_equal(0, kq_image_build(&patch.hunk[0], '+', &post, &error));
	assert_int_equal(0, kq_lines_split(ks_span_str("b\nc\n1\n2\nb\nc\n"), &lines, &error));
	match = kq_hunk_match(&pre, &post, &lines, 0, false);
	assert_int_equal(KQ_AMBIGUOUS, match.verdict);
	match = kq_hunk_match(&pre, &post, &lines, 1, false);
	assert_int_equal(KQ_FWD, match.verdict);
	assert_int_equal(4, match.idx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_patch_is_read_as_written),
		cmocka_unit_test(every_prefix_of_a_patch_is_read_or_refused),
		cmocka_unit_test(every_changed_byte_is_read_or_refused),
		cmocka_unit_test(each_verdict_has_its_file),
		cmocka_unit_test(lines_above_the_last_hunk_are_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
