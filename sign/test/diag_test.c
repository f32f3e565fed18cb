// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/diag.h"

static void the_first_failure_wins(void **state)
{
	struct ks_diag diag = { 0 };
	(void)state;

	assert_int_equal(-EBADMSG, ks_fail(&diag, -EBADMSG, 7, "first"));
	assert_int_equal(-EIO, ks_fail(&diag, -EIO, 8, "second"));
	assert_int_equal(-EBADMSG, ks_fail_range(&diag, 9, "third", 1, 2));
	assert_int_equal(-ENOKEY, ks_fail_detail(&diag, -ENOKEY, "fourth", "detail"));
	errno = ENOSPC;
	assert_int_equal(-ENOSPC, ks_fail_sys(&diag, "fifth", "file"));
	assert_int_equal(-EBADMSG, diag.err);
	assert_int_equal(7, diag.off);
	assert_string_equal("first", diag.what);
	assert_false(diag.has_range);
	assert_int_equal(0, diag.want);
	assert_int_equal(0, diag.have);
	assert_string_equal("", diag.detail);
	assert_string_equal("", diag.file);
}

static void nobody_has_to_listen(void **state)
{
	(void)state;

	assert_int_equal(-EIO, ks_fail(NULL, -EIO, 0, "what"));
	assert_int_equal(-EBADMSG, ks_fail_range(NULL, 0, "what", 1, 0));
	assert_int_equal(-EIO, ks_fail_detail(NULL, -EIO, "what", "detail"));
	errno = EROFS;
	assert_int_equal(-EROFS, ks_fail_sys(NULL, "what", "file"));
	ks_diag_in(NULL, "file");
}

static void every_kind_of_failure_is_kept(void **state)
{
	struct ks_diag range = { 0 }, detail = { 0 }, bare = { 0 }, sys = { 0 }, unknown = { 0 };
	(void)state;

	(void)ks_fail_range(&range, 5, "what", 12, 3);
	assert_true(range.has_range);
	assert_int_equal(-EBADMSG, range.err);
	assert_int_equal(5, range.off);
	assert_int_equal(12, range.want);
	assert_int_equal(3, range.have);

	(void)ks_fail_detail(&detail, -ENOKEY, "what", "name");
	assert_int_equal(-ENOKEY, detail.err);
	assert_string_equal("name", detail.detail);
	assert_true(detail.off == KS_NO_OFF);
	(void)ks_fail_detail(&bare, -ENOKEY, "what", NULL);
	assert_string_equal("", bare.detail);

	errno = ENOENT;
	assert_int_equal(-ENOENT, ks_fail_sys(&sys, "cannot open", "a.ko"));
	assert_int_equal(-ENOENT, sys.err);
	assert_string_equal("a.ko", sys.file);
	assert_string_equal(strerror(ENOENT), sys.detail);
	errno = 0;
	assert_int_equal(-EIO, ks_fail_sys(&unknown, "cannot open", NULL));
	assert_string_equal("", unknown.file);
}

static void a_file_is_named_once(void **state)
{
	struct ks_diag diag = { 0 };
	(void)state;

	ks_diag_in(&diag, "early");
	assert_string_equal("", diag.file);
	(void)ks_fail(&diag, -EIO, KS_NO_OFF, "what");
	ks_diag_in(&diag, "i");
	ks_diag_in(&diag, "outer");
	assert_string_equal("i", diag.file);
}

/* Names and details around the room there is. */
static void long_texts_keep_their_end(void **state)
{
	static const size_t room = sizeof(((struct ks_diag *)0)->file);
	char path[600];
	size_t n;
	(void)state;

	for (n = room - 5; n < room + 5; n++) {
		struct ks_diag diag = { 0 };
		size_t i;

		for (i = 0; i < n; i++)
			path[i] = (char)('A' + i % 26);
		path[n] = '\0';
		/* What was there before does not end the name, nor does it show. */
		memset(diag.file + 1, 'f', sizeof(diag.file) - 1);
		memset(diag.detail, 'd', sizeof(diag.detail) - 1);
		(void)ks_fail(&diag, -EIO, KS_NO_OFF, "what");
		ks_diag_in(&diag, path);
		if (n < room) {
			assert_string_equal(path, diag.file);
		} else {
			assert_int_equal(room - 1, strlen(diag.file));
			assert_memory_equal("...", diag.file, 3);
			assert_string_equal(path + n - (room - 4), diag.file + 3);
		}
		/* The field behind it is not touched. */
		assert_int_equal('d', diag.detail[0]);
	}
}

struct line {
	struct ks_diag diag;
	const char *text;
};

static const struct line lines[] = {
	{ { .err = -EBADMSG, .off = 0x98, .what = "what" }, "what (offset 0x98, EBADMSG)" },
	{ { .err = -EBADMSG, .off = KS_NO_OFF, .what = "what" }, "what (EBADMSG)" },
	{ { .err = -EBADMSG, .off = 0 }, "failed (offset 0x0, EBADMSG)" },
	{ { .err = -EXDEV, .off = KS_NO_OFF, .what = "what" }, "what" },
	{ { .err = -EXDEV, .off = 1, .what = "what" }, "what (offset 0x1, error)" },
	{ { .err = -EIO, .off = KS_NO_OFF, .what = "what", .detail = "y" }, "what: y (EIO)" },
	{ { .err = -EIO, .off = KS_NO_OFF, .what = "what", .file = "f" }, "f: what (EIO)" },
	{ { .err = -EBADMSG, .off = 16, .what = "table", .has_range = true, .want = 9, .have = 4,
	    .file = "f", .detail = "why" },
	  "f: table: why: 9 needed, only 4 there (offset 0x10, EBADMSG)" },
	/* Control bytes and DEL could rewrite a terminal; blanks and other letters stay. */
	{ { .err = -EIO, .off = KS_NO_OFF, .what = "w", .file = "a\nb\x1f\x7f ~\xc3\xa4" },
	  "a?b?? ~\xc3\xa4: w (EIO)" },
	/* So could U+009B, and U+202E turns what follows; no UTF-8: a cut character, too long a form. */
	{ { .err = -EIO, .off = KS_NO_OFF, .what = "w", .file = "\xc2\x9b[2J\xe2\x80\xae" "b\x9b\xc3" },
	  "?[2J?b??: w (EIO)" },
	{ { .err = -EIO, .off = KS_NO_OFF, .what = "w", .detail = "\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xf0\x9f\x94\x91" },
	  "w: ?????????\xf0\x9f\x94\x91 (EIO)" },
	/* What is there is not too little, but no such number. */
	{ { .err = -EBADMSG, .off = KS_NO_OFF, .what = "w", .has_range = true, .want = 64, .have = 64 },
	  "w: says 64, 64 are there (EBADMSG)" },
	{ { .err = -EBADMSG, .off = KS_NO_OFF, .what = "w", .has_range = true, .want = 0, .have = 64 },
	  "w: says 0, 64 are there (EBADMSG)" },
};

static void a_failure_is_one_printable_line(void **state)
{
	char text[512];
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(lines); i++) {
		ks_diag_format(&lines[i].diag, text, sizeof(text));
		assert_string_equal(lines[i].text, text);
	}
}

static void a_line_is_cut_at_the_room_there_is(void **state)
{
	const char *whole = lines[7].text;
	char text[128];
	size_t n;
	(void)state;

	for (n = 1; n < strlen(whole) + 3; n++) {
		memset(text, 'z', sizeof(text));
		ks_diag_format(&lines[7].diag, text, n);
		assert_int_equal(n <= strlen(whole) ? n - 1 : strlen(whole), strlen(text));
		assert_memory_equal(whole, text, strlen(text));
		assert_int_equal('z', text[n]);
	}
}

static void every_errno_of_the_list_has_its_name(void **state)
{
	static const struct {
		int err;
		const char *name;
	} row[] = {
		{ EBADMSG, "EBADMSG" },	    { E2BIG, "E2BIG" },	  { EOPNOTSUPP, "EOPNOTSUPP" },
		{ EINVAL, "EINVAL" },	    { ENODATA, "ENODATA" }, { EKEYREJECTED, "EKEYREJECTED" },
		{ ENOKEY, "ENOKEY" },	    { EACCES, "EACCES" },   { ENOMEM, "ENOMEM" },
		{ EEXIST, "EEXIST" },	    { EIO, "EIO" },	    { ENOENT, "ENOENT" },
		{ ENOSPC, "ENOSPC" },	    { EPERM, "EPERM" },	    { EROFS, "EROFS" },
		{ EKEYEXPIRED, "EKEYEXPIRED" },
	};
	char text[64], expected[64];
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(row); i++) {
		struct ks_diag diag = { 0 };

		(void)ks_fail(&diag, -row[i].err, KS_NO_OFF, "w");
		ks_diag_format(&diag, text, sizeof(text));
		strcpy(expected, "w (");
		strcat(strcat(expected, row[i].name), ")");
		assert_string_equal(expected, text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_failure_wins),
		cmocka_unit_test(nobody_has_to_listen),
		cmocka_unit_test(every_kind_of_failure_is_kept),
		cmocka_unit_test(a_file_is_named_once),
		cmocka_unit_test(long_texts_keep_their_end),
		cmocka_unit_test(a_failure_is_one_printable_line),
		cmocka_unit_test(a_line_is_cut_at_the_room_there_is),
		cmocka_unit_test(every_errno_of_the_list_has_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
