// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
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

/* Calls of the system that can be made to fail. */
enum call { OPEN, FSTAT, READ, WRITE, FSYNC, RENAME, FCHMOD, FCHOWN, MKOSTEMP, STRDUP, ASPRINTF, NR };

/* How often each was made, which one of them fails, and how. */
static int calls[NR], fail_at[NR], fail_errno;
static size_t most_bytes = SIZE_MAX;
static int open_flags;
/* The first letter of each call that changes something. */
static char trace[64];

static bool fails(enum call call)
{
	static const char letter[NR + 1] = "o-rwsnmct--";
	size_t used = strlen(trace);

	if (letter[call] != '-' && letter[call] != 'r' && used < sizeof(trace) - 1)
		trace[used] = letter[call];
	if (++calls[call] != fail_at[call])
		return false;
	errno = fail_errno;
	return true;
}

static size_t at_most(size_t bytes)
{
	/* What an earlier failure left there says nothing about a success. */
	errno = EINTR;
	return bytes < most_bytes ? bytes : most_bytes;
}

static bool free_zero; /* the next file that is opened gets descriptor 0 */

#define open(path, flags) \
	(open_flags = (flags), free_zero ? close(0) : 0, fails(OPEN) ? -1 : open(path, flags))
#define fstat(fd, st) (fails(FSTAT) ? -1 : fstat(fd, st))
#define read(fd, p, bytes) (fails(READ) ? -1 : read(fd, p, at_most(bytes)))
#define write(fd, p, bytes) (fails(WRITE) ? -1 : write(fd, p, at_most(bytes)))
#define fsync(fd) (fails(FSYNC) ? -1 : fsync(fd))
#define rename(from, to) (fails(RENAME) ? -1 : rename(from, to))
#define fchmod(fd, mode) (fails(FCHMOD) ? -1 : fchmod(fd, mode))
#define fchown(fd, uid, gid) (fails(FCHOWN) ? -1 : fchown(fd, uid, gid))
#define mkostemp(path, flags) (fails(MKOSTEMP) ? -1 : mkostemp(path, flags))
#define strdup(text) (fails(STRDUP) ? NULL : strdup(text))
/* As its manual says: after a failure the pointer is anything. */
#define asprintf(to, ...) (fails(ASPRINTF) ? (*(to) = trace, -1) : asprintf(to, __VA_ARGS__))
#define unlink(path) (unlink(path), errno = EINTR)
#include "base/file.c"
#undef unlink
#include "base/io.c"

static char dir[64], path[96];

static int make_dir(void **state)
{
	(void)state;
	memset(calls, 0, sizeof(calls));
	memset(fail_at, 0, sizeof(fail_at));
	memset(trace, 0, sizeof(trace));
	most_bytes = SIZE_MAX;
	strcpy(dir, "/tmp/kseal-file.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/file", dir);
	return 0;
}

/* Nothing may be left but what the test named: "file" and "link". */
static int remove_dir(void **state)
{
	char link[96];
	(void)state;

	snprintf(link, sizeof(link), "%s/link", dir);
	unlink(link);
	unlink(path);
	return rmdir(dir);
}

static size_t nr_open_files(void)
{
	DIR *fds = opendir("/proc/self/fd");
	size_t nr = 0;

	while (readdir(fds))
		nr++;
	closedir(fds);
	return nr;
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

/* Publish "012", "", "345678" at @where. */
static int publish(const char *where, mode_t mode, struct ks_diag *diag)
{
	const struct ks_span parts[] = { { (const u8 *)"\0\1\2", 3 },
					 { NULL, 0 },
					 { (const u8 *)"\3\4\5\6\7\10", 6 } };
	size_t files = nr_open_files();
	int rc;

	memset(calls, 0, sizeof(calls));
	memset(trace, 0, sizeof(trace));
	rc = ks_file_publish(where, parts, 3, mode, diag);
	assert_int_equal(files, nr_open_files());
	return rc;
}

static struct stat stat_of(const char *name)
{
	struct stat st;

	assert_int_equal(0, lstat(name, &st));
	return st;
}

static void a_new_file_obeys_the_umask(void **state)
{
	mode_t old = umask(027);
	(void)state;

	assert_int_equal(0, publish(path, 0666, NULL));
	assert_int_equal(027, umask(old));
	assert_int_equal(S_IFREG | 0640, stat_of(path).st_mode);
	assert_int_equal(0, load(9, 9, NULL));
}

static void the_order_survives_a_crash(void **state)
{
	(void)state;

	/* Aside, its mode, both parts, synced; only then the name, and that synced too. */
	assert_int_equal(0, publish(path, 0644, NULL));
	assert_string_equal("tmwwsnos", trace);
	assert_int_equal(O_RDONLY | O_DIRECTORY | O_CLOEXEC, open_flags);
}

static void descriptor_0_is_as_good_as_any(void **state)
{
	int in = dup(0);
	(void)state;

	/* For reading, for the file aside, then for its folder. */
	write_file(3);
	close(0);
	assert_int_equal(0, load(100, 3, NULL));
	assert_int_equal(0, publish(path, 0644, NULL));
	assert_int_equal(0, dup2(in, 0));
	free_zero = true;
	assert_int_equal(0, ks_file_publish(path, NULL, 0, 0644, NULL));
	free_zero = false;
	assert_int_equal(0, dup2(in, 0));
	close(in);
}

static void short_writes_are_taken_up(void **state)
{
	(void)state;

	most_bytes = 2;
	fail_errno = EINTR;
	fail_at[WRITE] = 2;
	assert_int_equal(0, publish(path, 0644, NULL));
	assert_int_equal(0, load(9, 9, NULL));
}

static void a_replaced_file_keeps_mode_and_owner(void **state)
{
	struct stat before;
	(void)state;

	write_file(1);
	assert_int_equal(0, chmod(path, 04751));
	assert_int_equal(0, publish(path, 0644, NULL));
	assert_int_equal(S_IFREG | 04751, stat_of(path).st_mode);
	assert_int_equal(0, calls[FCHOWN]);
	if (geteuid())
		return;
	/* User and group, each alone and both. */
	assert_int_equal(0, chown(path, 1234, getegid()));
	assert_int_equal(0, publish(path, 0644, NULL));
	assert_int_equal(1, calls[FCHOWN]);
	assert_int_equal(1234, stat_of(path).st_uid);
	assert_int_equal(0, chown(path, geteuid(), 4321));
	assert_int_equal(0, publish(path, 0644, NULL));
	assert_int_equal(4321, stat_of(path).st_gid);
	before = stat_of(path);
	fail_errno = EPERM;
	fail_at[FCHOWN] = 1;
	assert_int_equal(-EPERM, publish(path, 0644, NULL));
	assert_int_equal(before.st_ino, stat_of(path).st_ino);
}

static void a_link_stays_and_its_target_is_replaced(void **state)
{
	char link[96];
	(void)state;

	snprintf(link, sizeof(link), "%s/link", dir);
	write_file(1);
	assert_int_equal(0, symlink("file", link));
	assert_int_equal(0, publish(link, 0644, NULL));
	assert_true(S_ISLNK(stat_of(link).st_mode));
	assert_int_equal(0, load(9, 9, NULL));
}

/* Whatever fails: the old content, no other file (remove_dir sees to that), and the reason. */
static void after_a_failure_the_old_file_is_there(void **state)
{
	static const struct {
		enum call call;
		int at;
		bool is_new; /* only that the name is safe is not known */
	} row[] = {
		{ MKOSTEMP, 1, false }, { FCHMOD, 1, false }, { WRITE, 1, false }, { WRITE, 2, false },
		{ FSYNC, 1, false },	{ RENAME, 1, false }, { ASPRINTF, 1, false },
		{ OPEN, 1, true },	{ FSYNC, 2, true },   { STRDUP, 1, true },
	};
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(row); i++) {
		bool no_memory = row[i].call == STRDUP || row[i].call == ASPRINTF;
		struct ks_diag diag = { 0 };

		write_file(4);
		fail_errno = no_memory ? ENOMEM : ENOSPC;
		fail_at[row[i].call] = row[i].at;
		assert_int_equal(-fail_errno, publish(path, 0644, &diag));
		assert_string_equal("cannot write", diag.what);
		assert_string_equal(path, diag.file);
		assert_string_equal(strerror(fail_errno), diag.detail);
		memset(fail_at, 0, sizeof(fail_at));
		assert_int_equal(row[i].is_new ? 9 : 4, stat_of(path).st_size);
	}
	unlink(path);
	fail_errno = EPERM;
	fail_at[FCHMOD] = 1;
	assert_int_equal(-EPERM, publish(path, 0644, NULL));
	assert_int_equal(-1, access(path, F_OK));
}

static void some_file_systems_cannot_sync_a_folder(void **state)
{
	(void)state;

	fail_errno = EINVAL;
	fail_at[FSYNC] = 2;
	assert_int_equal(0, publish(path, 0644, NULL));
	fail_at[FSYNC] = 1;
	assert_int_equal(-EINVAL, publish(path, 0644, NULL));
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIR(files_are_read_whole_up_to_their_limit),
		IN_DIR(short_reads_are_taken_up),
		IN_DIR(a_size_that_is_not_true_is_only_a_hint),
		IN_DIR(what_cannot_be_read_is_told),
		IN_DIR(other_kinds_of_files_are_refused),
		IN_DIR(a_new_file_obeys_the_umask),
		IN_DIR(the_order_survives_a_crash),
		IN_DIR(descriptor_0_is_as_good_as_any),
		IN_DIR(short_writes_are_taken_up),
		IN_DIR(a_replaced_file_keeps_mode_and_owner),
		IN_DIR(a_link_stays_and_its_target_is_replaced),
		IN_DIR(after_a_failure_the_old_file_is_there),
		IN_DIR(some_file_systems_cannot_sync_a_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
