// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dirent.h>
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

#include "base/cleanup.h"
#include "base/file.h"
#include "test/open_files.h"

/* Calls of the system that can be made to fail. */
enum call { OPEN, FSTAT, READ, NR };

/* How often each was made, which one of them fails, and how; what the first reads asked for. */
static int calls[NR], fail_at[NR], fail_errno;
static size_t most_bytes = SIZE_MAX, asked[4];

static bool fails(enum call call)
{
	if (++calls[call] != fail_at[call])
		return false;
	errno = fail_errno;
	return true;
}

static size_t at_most(size_t bytes)
{
	if (calls[READ] <= (int)KS_ARRAY_SIZE(asked))
		asked[calls[READ] - 1] = bytes;
	/* What an earlier failure left there says nothing about a success. */
	errno = EINTR;
	return bytes < most_bytes ? bytes : most_bytes;
}

#define openat(dir, path, flags) (fails(OPEN) ? -1 : openat(dir, path, flags))
#define fstat(fd, st) (fails(FSTAT) ? -1 : fstat(fd, st))
#define read(fd, p, bytes) (fails(READ) ? -1 : read(fd, p, at_most(bytes)))
#include "base/io.c"
#include "base/file.c"
#undef openat

static char dir[64], path[96];

static int make_dir(void **state)
{
	(void)state;
	memset(calls, 0, sizeof(calls));
	memset(fail_at, 0, sizeof(fail_at));
	most_bytes = SIZE_MAX;
	strcpy(dir, "/tmp/kseal-file.XXXXXX");
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

static void write_file(size_t bytes)
{
	FILE *f = fopen(path, "we");
	size_t i;

	assert_non_null(f);
	for (i = 0; i < bytes; i++)
		fputc((int)(i % 251), f);
	assert_int_equal(0, fclose(f));
}

static int load(u64 max_bytes, size_t expected_bytes, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	size_t files = nr_open_files(), i;
	int rc = ks_file_load(path, max_bytes, &content, diag);

	assert_int_equal(rc ? 0 : expected_bytes, content.bytes);
	for (i = 0; i < content.bytes; i++)
		assert_int_equal(i % 251, content.p[i]);
	assert_int_equal(files, nr_open_files());
	return rc;
}

static void files_are_read_whole_up_to_their_limit(void **state)
{
	static const size_t sizes[] = { 0, 1, 2, 4095, 65535, 65536, 65537, 131072, 200000 };
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(sizes); i++) {
		struct ks_diag diag = { 0 };

		write_file(sizes[i]);
		assert_int_equal(0, load(sizes[i], sizes[i], NULL));
		assert_int_equal(0, load(UINT64_MAX - 1, sizes[i], NULL));
		if (!sizes[i])
			continue;
		assert_int_equal(-E2BIG, load(sizes[i] - 1, 0, &diag));
		assert_int_equal(sizes[i] - 1, diag.off);
		assert_string_equal(path, diag.file);
	}
}

static void short_reads_are_taken_up(void **state)
{
	(void)state;

	write_file(10000);
	most_bytes = 777;
	fail_errno = EINTR;
	fail_at[READ] = 2;
	assert_int_equal(0, load(10000, 10000, NULL));
	assert_int_equal(-E2BIG, load(9999, 0, NULL));
}

static void a_size_that_is_not_true_is_only_a_hint(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	(void)state;

	assert_int_equal(0, ks_file_load("/proc/self/status", 100000, &content, NULL));
	assert_true(content.bytes > 100);
	ks_buf_done(&content);
	assert_int_equal(-E2BIG, ks_file_load("/proc/self/status", 99, &content, NULL));
	assert_int_equal(0, content.bytes);
}

static void the_end_of_a_file_is_found_at_once(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	(void)state;

	write_file(5);
	assert_int_equal(0, load(5, 5, NULL));
	assert_int_equal(2, calls[READ]);
	assert_int_equal(6, asked[0]);
	assert_int_equal(1, asked[1]);
	/* Of a size that says nothing: one byte, and then a good many. */
	calls[READ] = 0;
	assert_int_equal(0, ks_file_load("/proc/self/status", 100000, &content, NULL));
	assert_int_equal(1, asked[0]);
	assert_int_equal(65536, asked[1]);
}

static void a_file_is_appended_and_its_limit_is_its_own(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	int fd;
	(void)state;

	write_file(5);
	ks_put_str(&content, "1234567");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(-E2BIG, ks_file_read(fd, path, 5, 4, &content, NULL));
	assert_int_equal(7, content.bytes);
	assert_int_equal(0, ks_file_read(fd, path, 5, 5, &content, NULL));
	assert_int_equal(12, content.bytes);
	assert_memory_equal("1234567\0\1\2\3\4", content.p, 12);
	close(fd);
}

static void what_cannot_be_read_is_told(void **state)
{
	static const struct {
		enum call call;
		int at;
		const char *what;
	} row[] = { { OPEN, 1, "cannot open" },
		    { FSTAT, 1, "cannot stat" },
		    { READ, 1, "cannot read" },
		    { READ, 2, "cannot read" } };
	size_t i;
	(void)state;

	write_file(5);
	fail_errno = EIO;
	for (i = 0; i < KS_ARRAY_SIZE(row); i++) {
		struct ks_diag diag = { 0 };

		memset(calls, 0, sizeof(calls));
		fail_at[row[i].call] = row[i].at;
		assert_int_equal(-EIO, load(100, 0, &diag));
		assert_string_equal(row[i].what, diag.what);
		assert_string_equal(path, diag.file);
		fail_at[row[i].call] = 0;
	}
}

static void other_kinds_of_files_are_refused(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	struct ks_diag diag = { 0 };
	(void)state;

	assert_int_equal(-EINVAL, ks_file_load(dir, 100, &content, &diag));
	assert_string_equal(dir, diag.file);
	assert_int_equal(0, mkfifo(path, 0600));
	assert_int_equal(-EINVAL, load(100, 0, NULL));
	unlink(path);
	assert_int_equal(-ENOENT, load(100, 0, NULL));
}

static void descriptor_0_is_as_good_as_any(void **state)
{
	int in = dup(0);
	(void)state;

	write_file(3);
	close(0);
	assert_int_equal(0, load(100, 3, NULL));
	assert_int_equal(0, dup2(in, 0));
	close(in);
}

/* All modes, against the two that are closed enough. */
static void a_secret_is_closed_to_all_or_read_by_its_group_by_consent(void **state)
{
	mode_t mode;

	(void)state;
	for (mode = 0; mode <= 07777; mode++) {
		bool closed = (mode & 077) == 0, group_reads = (mode & 077) == 040;
		struct ks_diag diag = { 0 };

		assert_int_equal(closed ? 0 : -EACCES, ks_file_check_secret(S_IFREG | mode, false, &diag));
		if (!closed)
			assert_int_equal(group_reads, !!strstr(diag.what, "--group-may-read"));
		assert_int_equal(closed || group_reads ? 0 : -EACCES,
				 ks_file_check_secret(S_IFREG | mode, true, NULL));
	}
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIR(files_are_read_whole_up_to_their_limit),
		IN_DIR(short_reads_are_taken_up),
		IN_DIR(a_size_that_is_not_true_is_only_a_hint),
		IN_DIR(the_end_of_a_file_is_found_at_once),
		IN_DIR(a_file_is_appended_and_its_limit_is_its_own),
		IN_DIR(what_cannot_be_read_is_told),
		IN_DIR(other_kinds_of_files_are_refused),
		IN_DIR(descriptor_0_is_as_good_as_any),
		cmocka_unit_test(a_secret_is_closed_to_all_or_read_by_its_group_by_consent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
