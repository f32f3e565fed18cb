// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Programs that kq runs: what goes in, what comes out, how they end; and git without the user's
 * settings.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "text/git.h"

#define CHILD(...) (const char *const[]){ __VA_ARGS__, NULL }

static void assert_text(const char *want, const struct ks_buf *have)
{
	assert_int_equal(strlen(want), have->bytes);
	if (have->bytes)
		assert_memory_equal(want, have->p, have->bytes);
}

static void a_child_reads_its_input_and_its_files(void **state)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	struct kq_error error = { 0 };
	const struct kq_child child = {
		.argv = CHILD("cat", "-", "/dev/fd/3", "/dev/fd/5", "/dev/fd/4"),
		.in = ks_span_str("in "), .nr_files = 3,
		.file = { ks_span_str("three "), ks_span_str("four"), ks_span_str("five ") },
	};

	(void)state;
	assert_int_equal(0, kq_child_run(&child, &end, &error));
	assert_int_equal(0, end.status);
	assert_text("in three five four", &end.out);
}

static void a_large_input_comes_back_whole(void **state)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	__cleanup(ks_buf_done) struct ks_buf in = { 0 };
	struct kq_child child = { .argv = CHILD("cat") };
	struct kq_error error = { 0 };

	(void)state;
	ks_put_fill(&in, 'x', 3 << 20);
	child.in = ks_buf_span(&in);
	assert_int_equal(0, kq_child_run(&child, &end, &error));
	assert_true(ks_span_eq(child.in, ks_buf_span(&end.out)));
}

static void a_child_that_prints_too_much_is_refused(void **state)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	struct kq_child child = { .argv = CHILD("yes"), .max_out_bytes = 1000 };
	struct kq_error error = { 0 };

	(void)state;
	assert_int_equal(-E2BIG, kq_child_run(&child, &end, &error));
	assert_string_equal("yes: prints more than 1000 bytes", error.line);
	child.argv = CHILD("printf", "%01000d", "0");
	error = (struct kq_error){ 0 };
	assert_int_equal(0, kq_child_run(&child, &end, &error));
	assert_int_equal(1000, end.out.bytes);
}

static void how_a_child_ends_is_told(void **state)
{
	static const struct {
		const char *script;
		int status;
	} row[] = { { "exit 7", 7 }, { "kill -9 $$", 137 }, { "exit 0", 0 } };
	struct kq_error error = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(row); i++) {
		__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
		const struct kq_child child = { .argv = CHILD("sh", "-c", row[i].script) };

		assert_int_equal(0, kq_child_run(&child, &end, &error));
		assert_int_equal(row[i].status, end.status);
	}
}

static void a_missing_program_is_named(void **state)
{
	const struct kq_child child = { .argv = CHILD("kq-no-such-program") };
	struct kq_child_end end = { 0 };
	struct kq_error error = { 0 };

	(void)state;
	assert_int_equal(-ENOENT, kq_child_run(&child, &end, &error));
	assert_string_equal("kq-no-such-program: No such file or directory", error.line);
}

static void the_message_is_the_first_line_of_standard_error(void **state)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	const struct kq_child child = {
		.argv = CHILD("sh", "-c", "echo one >&2; echo two >&2; exit 3"),
	};
	struct kq_error error = { 0 };

	(void)state;
	assert_int_equal(0, kq_child_run(&child, &end, &error));
	assert_int_equal(-EIO, kq_child_fail(&child, &end, &error));
	assert_string_equal("sh -c: exit 3: one", error.line);
}

static void names_are_added_and_taken_away(void **state)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	const struct kq_child child = {
		.argv = CHILD("sh", "-c", "echo $KQ_A,$KQ_B,${KQ_C-none},$KQX; pwd"),
		.env = CHILD("KQ_*", "KQ_B=new"), .dir = "/",
	};
	struct kq_error error = { 0 };

	(void)state;
	setenv("KQ_A", "old", 1);
	setenv("KQ_B", "old", 1);
	setenv("KQ_C", "old", 1);
	setenv("KQX", "stays", 1);
	assert_int_equal(0, kq_child_run(&child, &end, &error));
	assert_text(",new,none,stays\n/\n", &end.out);
}

static void a_diff_starts_with_its_first_hunk(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf hunks = { 0 };
	struct kq_error error = { 0 };

	(void)state;
	/* Settings that would change it. */
	setenv("GIT_DIFF_OPTS", "-u7", 1);
	setenv("GIT_EXTERNAL_DIFF", "false", 1);
	assert_int_equal(0, kq_git_diff(ks_span_str("int f(void)\n{\nout:\n1\n2\n3\n4\n"),
					ks_span_str("int f(void)\n{\nout:\n1\n2\nX\n4"), "d/f.c", 2,
					&hunks, &error));
	assert_text("@@ -4,4 +4,4 @@ int f(void)\n 1\n 2\n-3\n-4\n+X\n+4\n"
		    "\\ No newline at end of file\n", &hunks);
	ks_buf_clear(&hunks);
	assert_int_equal(0, kq_git_diff(ks_span_str("a\n"), ks_span_str("a\n"), "f", 3, &hunks,
					&error));
	assert_text("", &hunks);
}

static void merges_are_clean_or_marked(void **state)
{
	struct kq_merge merge = { ks_span_str("1\n2\n3\n4\n5\n"), ks_span_str("A\n2\n3\n4\n5\n"),
				  ks_span_str("1\n2\n3\n4\nB"), "base", "ours", "theirs" };
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	__cleanup(ks_buf_done) struct ks_buf marked = { 0 };
	__cleanup(ks_buf_done) struct ks_buf none = { 0 };
	struct kq_error error = { 0 };
	bool is_clean = false;

	(void)state;
	assert_int_equal(0, kq_git_merge(&merge, false, &out, &is_clean, &error));
	assert_true(is_clean);
	assert_text("A\n2\n3\n4\nB", &out);
	merge.theirs = ks_span_str("B\n2\n3\n4\n5\n");
	assert_int_equal(0, kq_git_merge(&merge, true, &marked, &is_clean, &error));
	assert_false(is_clean);
	assert_text("<<<<<<< ours\nA\n||||||| base\n1\n=======\nB\n>>>>>>> theirs\n2\n3\n4\n5\n",
		    &marked);
	merge.base = (struct ks_span){ (const u8 *)"a\0b", 3 };
	assert_int_equal(-EOPNOTSUPP, kq_git_merge(&merge, false, &none, &is_clean, &error));
}

static void a_failing_git_says_why(void **state)
{
	struct kq_child_end end = { 0 };
	struct kq_error error = { 0 };

	(void)state;
	assert_int_equal(-EIO, kq_git_must("/", CHILD("rev-parse", "--verify", "HEAD"),
					   (struct ks_span){ 0 }, &end, &error));
	assert_non_null(strstr(error.line, "git rev-parse: exit 128: fatal: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_reads_its_input_and_its_files),
		cmocka_unit_test(a_large_input_comes_back_whole),
		cmocka_unit_test(a_child_that_prints_too_much_is_refused),
		cmocka_unit_test(how_a_child_ends_is_told),
		cmocka_unit_test(a_missing_program_is_named),
		cmocka_unit_test(the_message_is_the_first_line_of_standard_error),
		cmocka_unit_test(names_are_added_and_taken_away),
		cmocka_unit_test(a_diff_starts_with_its_first_hunk),
		cmocka_unit_test(merges_are_clean_or_marked),
		cmocka_unit_test(a_failing_git_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
