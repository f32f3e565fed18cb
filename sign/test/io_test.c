// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/types.h"

static int open_flags;
static bool fstat_fails;

/* The file itself, so that what it asks of the system can be watched and answered. */
#define open(path, flags) (open_flags = (flags), open(path, flags))
#define fstat(fd, st) (fstat_fails ? (errno = EIO, -1) : fstat(fd, st))
#include "base/io.c"
#undef open
#undef fstat

static char dir[64], path[96];

static int make_dir(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/kseal-io.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/file", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static void write_file(const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(0, fclose(f));
}

/* The number that the next descriptor gets: the same before and after says that none was left open. */
static int next_fd(void)
{
	int fd = dup(2);

	close(fd);
	return fd;
}

static void a_regular_file_is_opened_for_us_alone(void **state)
{
	struct stat st = { 0 };
	int expected = next_fd(), fd;
	(void)state;

	write_file("12345");
	fd = ks_io_open(path, O_RDONLY, &st, NULL);
	assert_int_equal(expected, fd);
	assert_int_equal(O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, open_flags);
	assert_int_equal(5, st.st_size);
	close(fd);
	fd = ks_io_open(path, O_RDWR | O_NOFOLLOW, &st, NULL);
	assert_int_equal(O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, open_flags);
	close(fd);
}

static void descriptor_0_is_as_good_as_any(void **state)
{
	int in = dup(0);
	struct stat st;
	(void)state;

	write_file("12345");
	close(0);
	assert_int_equal(0, ks_io_open(path, O_RDONLY, &st, NULL));
	assert_int_equal(0, dup2(in, 0));
	close(in);
}

static void what_is_no_regular_file_is_refused(void **state)
{
	const char *const other[] = { dir, "/dev/zero", path };
	int before = next_fd();
	size_t i;
	(void)state;

	/* A pipe that nobody writes to, last. */
	unlink(path);
	assert_int_equal(0, mkfifo(path, 0600));
	for (i = 0; i < KS_ARRAY_SIZE(other); i++) {
		struct stat st = { .st_size = 7 };
		struct ks_diag diag = { 0 };

		assert_int_equal(-EINVAL, ks_io_open(other[i], O_RDONLY, &st, &diag));
		assert_string_equal("not a regular file", diag.what);
		assert_string_equal(other[i], diag.file);
		assert_int_equal(7, st.st_size);
		assert_int_equal(before, next_fd());
	}
	unlink(path);
}

static void what_cannot_be_opened_is_named(void **state)
{
	struct ks_diag none = { 0 }, no_stat = { 0 };
	int before = next_fd();
	struct stat st;
	(void)state;

	unlink(path);
	assert_int_equal(-ENOENT, ks_io_open(path, O_RDONLY, &st, &none));
	assert_string_equal("cannot open", none.what);
	assert_string_equal(path, none.file);
	write_file("12345");
	fstat_fails = true;
	assert_int_equal(-EIO, ks_io_open(path, O_RDONLY, &st, &no_stat));
	fstat_fails = false;
	assert_string_equal("cannot stat", no_stat.what);
	assert_string_equal(path, no_stat.file);
	assert_int_equal(before, next_fd());
}

static void a_limit_is_the_last_size_that_fits(void **state)
{
	struct ks_diag diag = { 0 };
	(void)state;

	assert_int_equal(0, ks_io_fits(0, 0, NULL));
	assert_int_equal(0, ks_io_fits(5, 5, NULL));
	assert_int_equal(0, ks_io_fits(UINT64_MAX, UINT64_MAX, NULL));
	assert_int_equal(-E2BIG, ks_io_fits(1, 0, NULL));
	assert_int_equal(-E2BIG, ks_io_fits(UINT64_MAX, UINT64_MAX - 1, NULL));
	assert_int_equal(-E2BIG, ks_io_fits(6, 5, &diag));
	assert_int_equal(5, diag.off);
	assert_string_equal("file is larger than its limit", diag.what);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_regular_file_is_opened_for_us_alone),
		cmocka_unit_test(descriptor_0_is_as_good_as_any),
		cmocka_unit_test(what_is_no_regular_file_is_refused),
		cmocka_unit_test(what_cannot_be_opened_is_named),
		cmocka_unit_test(a_limit_is_the_last_size_that_fits),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
