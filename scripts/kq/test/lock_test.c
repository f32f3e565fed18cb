// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * base.lock: what is read, what is refused at which line, and which releases count as the base.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "queue/lock.h"
#include "text/text.h"

#define TAR_A  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define TAR_B  "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define TREE_A "1111111111111111111111111111111111111111"
#define TREE_B "2222222222222222222222222222222222222222"

static char directory[] = "/tmp/kq-lock.XXXXXX";

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(directory) && !chdir(directory) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(KQ_LOCK_NAME);
	return chdir("/") || rmdir(directory);
}

static int load(const char *text, struct kq_lock *lock, bool *found, struct kq_error *error)
{
	struct ks_span part = ks_span_str(text);
	struct ks_diag diag = { 0 };

	assert_int_equal(0, ks_file_publish(KQ_LOCK_NAME, &part, 1, 0666, &diag));
	return kq_lock_load(".", lock, found, error);
}

static void what_is_written_is_read_again(void **state)
{
	static const char *const tarballs[] = { TAR_A, "" };
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(tarballs); i++) {
		__cleanup(ks_buf_done) struct ks_buf text = { 0 };
		struct kq_lock lock = { "6.18.5", { "" }, { TREE_A } }, again = { 0 };
		struct kq_error error = { 0 };
		bool found = false;

		strcpy(lock.tarball.text, tarballs[i]);
		kq_lock_format(&text, &lock);
		ks_put_u8(&text, 0);
		assert_int_equal(0, load((const char *)text.p, &again, &found, &error));
		assert_true(found);
		assert_string_equal("6.18.5", again.release);
		assert_string_equal(tarballs[i], again.tarball.text);
		assert_string_equal(TREE_A, again.tree.text);
	}
}

static void no_file_is_no_fault(void **state)
{
	struct kq_error error = { 0 };
	struct kq_lock lock;
	bool found = true;

	(void)state;
	unlink(KQ_LOCK_NAME);
	assert_int_equal(0, kq_lock_load(".", &lock, &found, &error));
	assert_false(found);
}

static const struct {
	const char *text;
	const char *said;
} bad[] = {
	{ "", "./base.lock: no line 'release'" },
	{ "release 6.18.5\ntree " TREE_A "\n", "./base.lock: no line 'tarball'" },
	{ "release 6.18.5\ntarball -\n", "./base.lock: no line 'tree'" },
	{ "release 6.18.5\nrelease 6.18.5\n", "./base.lock:2: is there twice: 'release 6.18.5'" },
	{ "# x\n\nsource x\n", "./base.lock:3: want 'release', 'tarball' or 'tree': 'source x'" },
	{ "release\n", "./base.lock:1: is not a valid value: 'release'" },
	{ "release 6.18.5 x\n", "./base.lock:1: is not a valid value: 'release 6.18.5 x'" },
	{ "release ../../etc\n", "./base.lock:1: is not a valid value: 'release ../../etc'" },
	{ "release a/b\n", "./base.lock:1: is not a valid value: 'release a/b'" },
	{ "release 0123456789012345678901234567890123456789012345678901234567890123\n", NULL },
	{ "tarball " TREE_A "\n", NULL },
	{ "tarball " TAR_A "0\n", NULL },
	{ "tree " TAR_A "\n", NULL },
	{ "tree 111111111111111111111111111111111111111G\n", NULL },
	{ "tree -\n", NULL },
};

static void damaged_locks_are_refused_at_their_line(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(bad); i++) {
		struct kq_error error = { 0 };
		struct kq_lock lock;
		bool found = false;

		assert_int_equal(-EBADMSG, load(bad[i].text, &lock, &found, &error));
		assert_false(found);
		if (bad[i].said)
			assert_string_equal(bad[i].said, error.line);
	}
}

static const struct {
	struct kq_lock base;
	bool pinned;
	int rc;
	const char *said;
} cases[] = {
	{ { "6.18.5", { TAR_A }, { TREE_A } }, false, 0, "" },
	/* Compressed anew, or out of git. */
	{ { "6.18.5", { TAR_B }, { TREE_A } }, false, 0, "" },
	{ { "6.18.5", { "" }, { TREE_A } }, false, 0, "" },
	/* A directory. */
	{ { "6.18.5", { "" }, { "" } }, false, 0, "" },
	/* The other tarball of linux/PIN, and one that is not in it. */
	{ { "6.18.5", { TAR_B }, { TREE_B } }, true, 0, "" },
	{ { "6.18.5", { TAR_B }, { TREE_B } },
	  false,
	  KQ_REFUSED,
	  "q/base.lock: another 6.18.5: tree " TREE_B " instead of " TREE_A
	  ", and linux/PIN does not list it" },
	{ { "6.18.5", { "" }, { TREE_B } }, false, KQ_REFUSED, NULL },
	/* The lock itself is wrong. */
	{ { "6.18.5", { TAR_A }, { TREE_B } },
	  true,
	  KQ_REFUSED,
	  "q/base.lock: the tarball is the same, but tree " TREE_A
	  " is not what it unpacks to, " TREE_B },
	{ { "6.18.9", { TAR_A }, { TREE_A } },
	  true,
	  KQ_REFUSED,
	  "q/base.lock: the queue is made on 6.18.5, this is 6.18.9; kq rebase moves it" },
	{ { "6.18.9", { "" }, { "" } }, false, KQ_REFUSED, NULL },
};

static void what_counts_as_the_base(void **state)
{
	const struct kq_lock lock = { "6.18.5", { TAR_A }, { TREE_A } };
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(cases); i++) {
		struct kq_error error = { 0 };
		int rc = kq_lock_check("q", &lock, &cases[i].base, cases[i].pinned, &error);

		if (rc != cases[i].rc)
			print_message("# case %zu: %s\n", i, error.line);
		assert_int_equal(cases[i].rc, rc);
		if (cases[i].said)
			assert_string_equal(cases[i].said, error.line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(no_file_is_no_fault),
		cmocka_unit_test(damaged_locks_are_refused_at_their_line),
		cmocka_unit_test(what_counts_as_the_base),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
