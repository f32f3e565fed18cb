// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The manifest: git's tree ids, lookups, and every way in which a cached one can be damaged.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text/text.h"
#include "tree/manifest.h"

#define EMPTY "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"

/* Made with git add and git write-tree; the names sort differently as text and as directories. */
static const char list[] = "100644 b8626c4cff2849624fb67f87cd0ad72b163671ad a0\n"
			   "120000 e8ec0205839f871b21e5f8c761cac7c2cb7d1800 a/l\n"
			   "100755 1a2485251c33a70432394c93fb89330ef214bfc9 a/d/p\n"
			   "100644 d00491fd7e5bb6fa28c517a0bb32b8b506539d4d a/b\n"
			   "100644 0cfbf08886fca9a91cb753ec8734c84fcbe52c9f a.c\n"
			   "100644 00750edc07d6415dcc07ae0351e9397b0222b7ba a-b/x\n";
static const char tree[] = "2027875c595c695574fdff38fffc3fb61ecdfcbc";

static int make(const char *lines, struct kq_manifest *manifest, struct kq_error *error)
{
	return kq_manifest_make(ks_span_str(lines), "test", manifest, error);
}

/* A copy of exact size, so that a read past its end is seen. */
static int read_copy(struct ks_span text, struct kq_manifest *manifest, struct kq_error *error)
{
	struct ks_buf copy = { 0 };
	int rc;

	copy.p = malloc(text.bytes ? text.bytes : 1);
	assert_non_null(copy.p);
	if (text.bytes)
		memcpy(copy.p, text.p, text.bytes);
	copy.bytes = copy.room_bytes = text.bytes;
	rc = kq_manifest_read(&copy, "test", manifest, error);
	ks_buf_done(&copy);
	return rc;
}

static void the_tree_id_is_what_git_write_tree_says(void **state)
{
	__cleanup(kq_manifest_done) struct kq_manifest manifest = { 0 };
	__cleanup(kq_manifest_done) struct kq_manifest empty = { 0 };
	struct kq_error error = { 0 };

	(void)state;
	assert_int_equal(0, make(list, &manifest, &error));
	assert_string_equal(tree, manifest.tree.text);
	assert_int_equal(6, manifest.nr);
	assert_int_equal(0, make("", &empty, &error));
	assert_string_equal("4b825dc642cb6eb9a060e54bf8d69288fbee4904", empty.tree.text);
}

static void files_are_found_by_path_and_by_content(void **state)
{
	static const char twice[] = "100644 " EMPTY " b\n100755 " EMPTY " d/e\n";
	__cleanup(kq_manifest_done) struct kq_manifest manifest = { 0 };
	__cleanup(kq_manifest_done) struct kq_manifest same = { 0 };
	const struct kq_listed *file;
	struct kq_error error = { 0 };

	(void)state;
	assert_int_equal(0, make(list, &manifest, &error));
	file = kq_manifest_find(&manifest, ks_span_str("a/d/p"));
	assert_non_null(file);
	assert_int_equal(KQ_MODE_EXECUTABLE, file->mode);
	assert_null(kq_manifest_find(&manifest, ks_span_str("a/d")));
	assert_null(kq_manifest_find(&manifest, ks_span_str("zz")));
	assert_null(kq_manifest_find(&manifest, ks_span_str("")));
	assert_true(kq_manifest_has_dir(&manifest, ks_span_str("a/d")));
	assert_false(kq_manifest_has_dir(&manifest, ks_span_str("a/d/p")));
	assert_false(kq_manifest_has_dir(&manifest, ks_span_str("a/")));
	assert_int_equal(0, make(twice, &same, &error));
	file = kq_manifest_find_id(&same, ks_span_str(EMPTY), NULL);
	assert_non_null(file);
	assert_true(kq_is(file->path, "b"));
	file = kq_manifest_find_id(&same, ks_span_str(EMPTY), file);
	assert_non_null(file);
	assert_true(kq_is(file->path, "d/e"));
	assert_null(kq_manifest_find_id(&same, ks_span_str(EMPTY), file));
	assert_null(kq_manifest_find_id(&same, ks_span_str(tree), NULL));
}

/* struct row - lines, and what is said to them */
struct row {
	const char *lines;
	int err;
	const char *said;
};

static const struct row rows[] = {
	{ "100644 " EMPTY " a\n100755 " EMPTY " a\n", KQ_REFUSED, "test: a is there twice" },
	{ "100644 " EMPTY " a/b\n100644 " EMPTY " a-\n100644 " EMPTY " a\n", KQ_REFUSED,
	  "test: a is a file and a directory" },
	{ "100644 " EMPTY " a/b/c/d\n120000 " EMPTY " a/b\n", KQ_REFUSED,
	  "test: a/b is a file and a directory" },
	{ "100644 " EMPTY " ../a\n", -EBADMSG,
	  "test:1: want MODE ID PATH, is '100644 " EMPTY " ../a'" },
	{ "100644 " EMPTY " /a\n", -EBADMSG, NULL },
	{ "100644 " EMPTY " a//b\n", -EBADMSG, NULL },
	{ "100644 " EMPTY " a/\n", -EBADMSG, NULL },
	{ "100644 " EMPTY " .git/config\n", -EBADMSG, NULL },
	{ "100644 " EMPTY " a\tb\n", -EBADMSG, NULL },
	{ "100644 " EMPTY " \n", -EBADMSG, NULL },
	{ "100644 " EMPTY "\n", -EBADMSG, NULL },
	{ "100644 " EMPTY "x a\n", -EBADMSG, NULL },
	{ "100644 E69de29bb2d1d6434b8b29ae775ad8c2e48c5391 a\n", -EBADMSG, NULL },
	{ "040000 " EMPTY " a\n", -EBADMSG, NULL },
	{ "100664 " EMPTY " a\n", -EBADMSG, NULL },
	{ "\n", -EBADMSG, NULL },
};

static void bad_lists_are_refused(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(rows); i++) {
		__cleanup(kq_manifest_done) struct kq_manifest manifest = { 0 };
		struct kq_error error = { 0 };

		if (make(rows[i].lines, &manifest, &error) != rows[i].err)
			print_message("# row %zu\n", i);
		assert_int_equal(rows[i].err, error.err);
		if (rows[i].said)
			assert_string_equal(rows[i].said, error.line);
		assert_int_equal(0, manifest.nr);
	}
}

static void directories_in_directories_have_an_end(void **state)
{
	char path[2 * 66 + 1] = "", line[256];
	size_t i;

	(void)state;
	for (i = 0; i < 66; i++) {
		__cleanup(kq_manifest_done) struct kq_manifest manifest = { 0 };
		struct kq_error error = { 0 };
		int rc;

		snprintf(line, sizeof(line), "100644 " EMPTY " %sf\n", path);
		rc = make(line, &manifest, &error);
		assert_int_equal(i <= 64 ? 0 : KQ_REFUSED, rc);
		strcat(path, "d/");
	}
}

static void what_was_made_is_read_again(void **state)
{
	__cleanup(kq_manifest_done) struct kq_manifest made = { 0 };
	__cleanup(kq_manifest_done) struct kq_manifest again = { 0 };
	struct kq_error error = { 0 };

	(void)state;
	assert_int_equal(0, make(list, &made, &error));
	assert_int_equal(0, read_copy(ks_buf_span(&made.text), &again, &error));
	assert_true(ks_span_eq(ks_buf_span(&made.text), ks_buf_span(&again.text)));
	assert_string_equal(tree, again.tree.text);
}

static void every_damaged_byte_and_every_cut_is_noticed(void **state)
{
	static const char with[] = { 0, '\n', ' ', '/', '0', '1', 'a', (char)0xff };
	__cleanup(kq_manifest_done) struct kq_manifest made = { 0 };
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct kq_error error = { 0 };
	size_t i, k;

	(void)state;
	assert_int_equal(0, make(list, &made, &error));
	ks_put(&text, ks_buf_span(&made.text));
	for (i = 0; i < text.bytes; i++) {
		struct kq_manifest manifest = { 0 };
		struct kq_error why = { 0 };
		u8 was = text.p[i];

		assert_int_not_equal(0, read_copy(kq_head(ks_buf_span(&text), i), &manifest, &why));
		for (k = 0; k < sizeof(with); k++) {
			if (was == (u8)with[k])
				continue;
			why = (struct kq_error){ 0 };
			text.p[i] = (u8)with[k];
			assert_int_not_equal(0, read_copy(ks_buf_span(&text), &manifest, &why));
			assert_true(why.line[0]);
		}
		text.p[i] = was;
	}
}

static void an_unsorted_manifest_is_damaged(void **state)
{
	/* The tree id is right for the files, and git would sort them so that it is. */
	static const char sorted[] = "100644 " EMPTY " a\n100644 " EMPTY " b\n";
	static const char swapped[] = "100644 " EMPTY " b\n100644 " EMPTY " a\n";
	__cleanup(kq_manifest_done) struct kq_manifest made = { 0 };
	__cleanup(kq_manifest_done) struct kq_manifest again = { 0 };
	struct kq_error error = { 0 };
	char text[256];

	(void)state;
	assert_int_equal(0, make(sorted, &made, &error));
	snprintf(text, sizeof(text), "tree %s\n%s", made.tree.text, sorted);
	assert_int_equal(0, read_copy(ks_span_str(text), &again, &error));
	snprintf(text, sizeof(text), "tree %s\n%s", made.tree.text, swapped);
	assert_int_equal(-EBADMSG, read_copy(ks_span_str(text), &made, &error));
	assert_string_equal("test:3: is not sorted", error.line);
}

static void more_files_than_any_kernel_has_are_refused(void **state)
{
	__cleanup(kq_manifest_done) struct kq_manifest manifest = { 0 };
	__cleanup(ks_buf_done) struct ks_buf many = { 0 };
	struct kq_error error = { 0 };
	struct ks_diag diag = { 0 };
	char path[16];
	u32 i;

	(void)state;
	for (i = 0; i <= KQ_MAX_TREE_FILES; i++) {
		snprintf(path, sizeof(path), "%x", i);
		kq_manifest_add(&many, KQ_MODE_FILE, EMPTY, ks_span_str(path));
	}
	assert_int_equal(0, ks_buf_ok(&many, &diag));
	assert_int_equal(-E2BIG, kq_manifest_make(ks_buf_span(&many), "test", &manifest, &error));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tree_id_is_what_git_write_tree_says),
		cmocka_unit_test(files_are_found_by_path_and_by_content),
		cmocka_unit_test(bad_lists_are_refused),
		cmocka_unit_test(directories_in_directories_have_an_end),
		cmocka_unit_test(what_was_made_is_read_again),
		cmocka_unit_test(every_damaged_byte_and_every_cut_is_noticed),
		cmocka_unit_test(an_unsorted_manifest_is_damaged),
		cmocka_unit_test(more_files_than_any_kernel_has_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
