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

/* What the next writes answer: bytes at most, or a negative errno; ALL for as many as there are. */
#define ALL 1000
static int answer[4];
static size_t nr_writes;

static bool is_answered(size_t *bytes, ssize_t *ret_n)
{
	int next = nr_writes < KS_ARRAY_SIZE(answer) ? answer[nr_writes] : ALL;

	nr_writes++;
	/* As after an earlier failure; success leaves it. */
	errno = EINTR;
	*ret_n = next < 0 ? -1 : next;
	if (next < 0)
		errno = -next;
	if (next > 0 && (size_t)next < *bytes)
		*bytes = (size_t)next;
	/* An answer of more than it was given is a lie, and nothing is done. */
	return next <= 0 || (next != ALL && (size_t)next > *bytes);
}

static ssize_t watched_write(int fd, const void *p, size_t bytes)
{
	ssize_t n;

	return is_answered(&bytes, &n) ? n : write(fd, p, bytes);
}

static ssize_t watched_pwrite(int fd, const void *p, size_t bytes, off_t off)
{
	ssize_t n;

	return is_answered(&bytes, &n) ? n : pwrite(fd, p, bytes, off);
}

/* The file itself, so that what it asks of the system can be watched and answered. */
#define openat(dir, path, flags) (open_flags = (flags), openat(dir, path, flags))
#define fstat(fd, st) (fstat_fails ? (errno = EIO, -1) : fstat(fd, st))
#define write(fd, p, bytes) watched_write(fd, p, bytes)
#define pwrite(fd, p, bytes, off) watched_pwrite(fd, p, bytes, off)
#include "base/io.c"
#undef openat
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

/* Write "0123456789" over the same number of dots, at 2: in order, or at that place. */
static int over_dots(bool in_place, const int *answers, struct ks_diag *diag)
{
	struct ks_span text = ks_span_str("0123456789");
	int fd, rc;

	write_file("..............");
	memcpy(answer, answers, sizeof(answer));
	nr_writes = 0;
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(in_place ? 5 : 2, lseek(fd, in_place ? 5 : 2, SEEK_SET));
	rc = in_place ? ks_io_pwrite(fd, path, 2, text, diag) : ks_io_write(fd, path, text, diag);
	if (in_place)
		assert_int_equal(5, lseek(fd, 0, SEEK_CUR));
	close(fd);
	return rc;
}

static void assert_content(const char *expected)
{
	char content[32] = "";
	FILE *f = fopen(path, "re");

	assert_non_null(fgets(content, sizeof(content), f));
	fclose(f);
	assert_string_equal(expected, content);
}

static void parts_and_signals_do_not_end_a_write(void **state)
{
	static const struct {
		int answer[4];
		size_t nr_writes;
	} row[] = {
		{ { ALL, ALL, ALL, ALL }, 1 }, { { 10, ALL, ALL, ALL }, 1 },
		{ { 1, ALL, ALL, ALL }, 2 },   { { 9, 1, ALL, ALL }, 2 },
		{ { 3, 3, 3, 1 }, 4 },	       { { -EINTR, ALL, ALL, ALL }, 2 },
		{ { -EINTR, 4, -EINTR, 6 }, 4 },
	};
	size_t i;
	(void)state;

	for (i = 0; i < 2 * KS_ARRAY_SIZE(row); i++) {
		assert_int_equal(0, over_dots(i % 2, row[i / 2].answer, NULL));
		assert_int_equal(row[i / 2].nr_writes, nr_writes);
		assert_content("..0123456789..");
	}
}

static void a_write_that_fails_is_told(void **state)
{
	static const struct {
		int answer[4];
		int rc;
		const char *content;
	} row[] = {
		{ { -ENOSPC }, -ENOSPC, ".............." }, { { 4, -EIO }, -EIO, "..0123........" },
		{ { 0 }, -EIO, ".............." },	     { { 4, 0 }, -EIO, "..0123........" },
		{ { 11 }, -EIO, ".............." },	     { { 4, 7 }, -EIO, "..0123........" },
	};
	size_t i;
	(void)state;

	for (i = 0; i < 2 * KS_ARRAY_SIZE(row); i++) {
		struct ks_diag diag = { 0 };

		assert_int_equal(row[i / 2].rc, over_dots(i % 2, row[i / 2].answer, &diag));
		assert_string_equal("cannot write", diag.what);
		assert_string_equal(path, diag.file);
		assert_string_equal(strerror(-row[i / 2].rc), diag.detail);
		assert_content(row[i / 2].content);
	}
}

static void nothing_to_write_asks_for_nothing(void **state)
{
	(void)state;

	nr_writes = 0;
	assert_int_equal(0, ks_io_write(-1, path, (struct ks_span){ 0 }, NULL));
	assert_int_equal(0, ks_io_pwrite(-1, path, 7, (struct ks_span){ 0 }, NULL));
	assert_int_equal(0, nr_writes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_regular_file_is_opened_for_us_alone),
		cmocka_unit_test(descriptor_0_is_as_good_as_any),
		cmocka_unit_test(what_is_no_regular_file_is_refused),
		cmocka_unit_test(what_cannot_be_opened_is_named),
		cmocka_unit_test(a_limit_is_the_last_size_that_fits),
		cmocka_unit_test(parts_and_signals_do_not_end_a_write),
		cmocka_unit_test(a_write_that_fails_is_told),
		cmocka_unit_test(nothing_to_write_asks_for_nothing),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
