// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A file that is written in parts: what its name holds before, meanwhile and afterwards.
 */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"

static char dir[] = "/tmp/kseal-output-XXXXXX";

static const char *in_dir(const char *name)
{
	static char path[2][256];
	static size_t idx;

	idx = !idx;
	snprintf(path[idx], sizeof(path[idx]), "%s/%s", dir, name);
	return path[idx];
}

static size_t nr_files(void)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	size_t nr = 0;

	assert_non_null(d);
	while ((e = readdir(d)))
		nr += e->d_name[0] != '.';
	closedir(d);
	return nr;
}

static int set_up(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/kseal-output-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	char command[300];
	(void)state;

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static void put_file(const char *name, const char *text)
{
	struct ks_span part = ks_span_str(text);

	assert_int_equal(0, ks_file_publish(in_dir(name), &part, 1, 0644, NULL));
}

static void assert_content(const char *name, const char *text)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };

	assert_int_equal(0, ks_file_load(in_dir(name), 1000, &b, NULL));
	assert_true(ks_span_eq(ks_buf_span(&b), ks_span_str(text)));
}

static void the_name_has_the_old_file_until_it_is_published(void **state)
{
	__cleanup(ks_output_done) struct ks_output out = { 0 };
	(void)state;

	put_file("f", "old");
	assert_int_equal(0, ks_output_begin(in_dir("f"), 0644, &out, NULL));
	assert_int_equal(0, ks_output_write(&out, ks_span_str("a new "), NULL));
	assert_int_equal(0, ks_output_write(&out, ks_span_str("file"), NULL));
	assert_int_equal(10, out.bytes);
	assert_int_equal(0, ks_output_patch(&out, 2, ks_span_str("NEW"), NULL));
	assert_int_equal(0, ks_output_patch(&out, 6, ks_span_str("FILE"), NULL));
	assert_content("f", "old");
	assert_int_equal(0, ks_output_publish(&out, NULL));
	assert_content("f", "a NEW FILE");
	assert_int_equal(1, nr_files());
}

static void what_is_thrown_away_leaves_nothing(void **state)
{
	struct ks_output out = { 0 };
	(void)state;

	ks_output_done(&out);
	assert_int_equal(0, ks_output_begin(in_dir("f"), 0644, &out, NULL));
	assert_int_equal(0, ks_output_write(&out, ks_span_str("text"), NULL));
	assert_int_equal(1, nr_files());
	ks_output_done(&out);
	ks_output_done(&out);
	assert_int_equal(0, nr_files());
}

static void a_patch_stays_inside_of_what_was_written(void **state)
{
	__cleanup(ks_output_done) struct ks_output out = { 0 };
	(void)state;

	assert_int_equal(0, ks_output_begin(in_dir("f"), 0644, &out, NULL));
	assert_int_equal(0, ks_output_write(&out, ks_span_str("text"), NULL));
	assert_int_equal(0, ks_output_patch(&out, 4, ks_span_str(""), NULL));
	assert_int_equal(0, ks_output_patch(&out, 3, ks_span_str("T"), NULL));
	assert_int_equal(-EINVAL, ks_output_patch(&out, 4, ks_span_str("T"), NULL));
	assert_int_equal(-EINVAL, ks_output_patch(&out, 3, ks_span_str("TT"), NULL));
	assert_int_equal(-EINVAL, ks_output_patch(&out, UINT64_MAX, ks_span_str("T"), NULL));
}

static void mode_is_the_old_files_or_what_was_asked(void **state)
{
	mode_t mask = umask(022);
	struct stat st;
	(void)state;

	put_file("f", "old");
	assert_int_equal(0, chmod(in_dir("f"), 0600));
	put_file("f", "new");
	assert_int_equal(0, stat(in_dir("f"), &st));
	assert_int_equal(0600, st.st_mode & 0777);
	put_file("g", "new");
	assert_int_equal(0, stat(in_dir("g"), &st));
	assert_int_equal(0644, st.st_mode & 0777);
	umask(mask);
}

static void a_symbolic_link_stays(void **state)
{
	struct stat st;
	(void)state;

	put_file("f", "old");
	assert_int_equal(0, symlink("f", in_dir("link")));
	put_file("link", "new");
	assert_int_equal(0, lstat(in_dir("link"), &st));
	assert_true(S_ISLNK(st.st_mode));
	assert_content("f", "new");
}

static void a_folder_that_is_not_there_is_named(void **state)
{
	__cleanup(ks_output_done) struct ks_output out = { 0 };
	struct ks_diag diag = { 0 };
	(void)state;

	assert_int_equal(-ENOENT, ks_output_begin(in_dir("no/f"), 0644, &out, &diag));
	assert_non_null(strstr(diag.file, "no/f"));
}

#define ON_DISK(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_DISK(the_name_has_the_old_file_until_it_is_published),
		ON_DISK(what_is_thrown_away_leaves_nothing),
		ON_DISK(a_patch_stays_inside_of_what_was_written),
		ON_DISK(mode_is_the_old_files_or_what_was_asked),
		ON_DISK(a_symbolic_link_stays),
		ON_DISK(a_folder_that_is_not_there_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
