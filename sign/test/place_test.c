// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Where a path leads, and which links nobody should be led by.
 */
#include <errno.h>
#include <fcntl.h>
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
#include "base/types.h"
#include "test/open_files.h"

/* Who we seem to be, and what fsync() says. */
static uid_t seeming_uid;
static int fsync_errno[2], nr_fsyncs;

static int answered(int fd)
{
	int err = nr_fsyncs < 2 ? fsync_errno[nr_fsyncs] : 0;

	(void)fd;
	nr_fsyncs++;
	errno = err;
	return err ? -1 : 0;
}

/* What /proc/self/fd seems to be: a directory, or another device or file than it is. */
static const char *seeming_fds;
static dev_t other_dev;
static ino_t other_ino;
static bool is_unknown;

static int stat_fds(const char *path, struct stat *st)
{
	int rc = is_unknown ? -1 : stat(seeming_fds ? seeming_fds : path, st);

	st->st_dev += other_dev;
	st->st_ino += other_ino;
	return rc;
}

/* None outlives an exec(). */
static int opened(int fd, int flags)
{
	assert_true(flags & O_CLOEXEC);
	return as_zero(fd);
}

#define geteuid() seeming_uid
#define fsync(fd) answered(fd)
#define stat(path, st) stat_fds(path, st)
#define openat(dir_fd, name, flags) opened(openat(dir_fd, name, flags), flags)
#define fcntl(fd, cmd, arg) as_zero(fcntl(fd, cmd, arg))
#include "base/place.c"
#undef geteuid
#undef fsync
#undef stat
#undef openat
#undef fcntl

static char dir[64];

static const char *in_dir(const char *name)
{
	static char paths[4][sizeof(dir) + 1 + PATH_MAX];
	static size_t idx;

	idx = (idx + 1) % 4;
	snprintf(paths[idx], sizeof(paths[idx]), "%s/%s", dir, name);
	return paths[idx];
}

static int set_up(void **state)
{
	(void)state;
	seeming_uid = geteuid();
	nr_fsyncs = 0;
	zero_at = 0;
	seeming_fds = NULL;
	other_dev = 0;
	other_ino = 0;
	is_unknown = false;
	memset(fsync_errno, 0, sizeof(fsync_errno));
	strcpy(dir, "/tmp/kseal-place.XXXXXX");
	return mkdtemp(dir) && !mkdir(in_dir("sub"), 0755) ? 0 : -1;
}

static int tear_down(void **state)
{
	static const char *const names[] = { "sub/link", "sub/file", "link", "way", "file", "loop", "abs" };
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(names); i++)
		unlink(in_dir(names[i]));
	rmdir(in_dir("sub"));
	return rmdir(dir);
}

static struct stat stat_of(const char *path)
{
	struct stat st;

	assert_int_equal(0, lstat(path, &st));
	return st;
}

/* Open @path; its directory must be @directory and its name @name. */
static void leads_to(const char *path, const char *directory, const char *name)
{
	struct stat expected = stat_of(directory), st;
	struct ks_place place = { 0 };
	size_t files = nr_open_files();

	assert_int_equal(0, ks_place_open(path, &place, NULL));
	assert_string_equal(path, place.path);
	assert_string_equal(name, place.name);
	assert_int_equal(-1, place.stream_fd);
	assert_int_equal(0, fstat(place.dir_fd, &st));
	assert_true(st.st_ino == expected.st_ino && st.st_dev == expected.st_dev);
	assert_int_equal(files + 1, nr_open_files());
	ks_place_close(&place);
	assert_null(place.path);
	assert_int_equal(-1, place.dir_fd);
	assert_int_equal(files, nr_open_files());
	ks_place_close(&place);
}

static void refuses(int rc, const char *path, const char *what)
{
	struct ks_place place = { .dir_fd = 77 };
	struct ks_diag diag = { 0 };
	size_t files = nr_open_files();

	assert_int_equal(rc, ks_place_open(path, &place, &diag));
	assert_non_null(strstr(diag.what, what));
	if (strlen(path) < sizeof(diag.file)) /* it keeps the end of a longer one */
		assert_string_equal(path, diag.file);
	assert_int_equal(77, place.dir_fd);
	assert_int_equal(files, nr_open_files());
}

static void a_path_ends_in_a_directory_and_a_name(void **state)
{
	char cwd[PATH_MAX];
	(void)state;

	leads_to(in_dir("file"), dir, "file");
	leads_to(in_dir("sub/file"), in_dir("sub"), "file");
	leads_to(in_dir("sub//./../sub///file"), in_dir("sub"), "file");
	leads_to(in_dir("sub"), dir, "sub");
	leads_to("/x", "/", "x");
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	leads_to("file", cwd, "file");
	leads_to("./file", cwd, "file");
}

static void what_is_no_name_in_a_directory_is_refused(void **state)
{
	char name[PATH_MAX + 8];
	(void)state;

	refuses(-EISDIR, "/", "cannot open");
	refuses(-EISDIR, ".", "cannot open");
	refuses(-EISDIR, in_dir("sub/"), "cannot open");
	refuses(-EISDIR, in_dir("sub/."), "cannot open");
	refuses(-EISDIR, in_dir("sub/.."), "cannot open");
	refuses(-ENOENT, "", "cannot open");
	refuses(-ENOENT, in_dir("none/file"), "cannot open");
	close(open(in_dir("file"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	refuses(-ENOTDIR, in_dir("file/x"), "cannot open");
	refuses(-ENOTDIR, in_dir("file/"), "cannot open");
	memset(name, 'x', sizeof(name));
	name[NAME_MAX + 1] = '\0';
	refuses(-ENAMETOOLONG, name, "cannot open");
}

static void the_longest_path_is_taken(void **state)
{
	struct ks_place place = { 0 };
	char path[PATH_MAX + 1];
	(void)state;

	memset(path, '/', sizeof(path));
	path[PATH_MAX - 1] = '\0';
	path[PATH_MAX - 2] = 'x';
	leads_to(path, "/", "x");
	path[PATH_MAX - 2] = '/';
	path[PATH_MAX - 1] = 'x';
	path[PATH_MAX] = '\0';
	assert_int_equal(-ENAMETOOLONG, ks_place_open(path, &place, NULL));
	/* And the longest name. */
	memset(path, 'x', NAME_MAX);
	path[NAME_MAX] = '\0';
	leads_to(in_dir(path), dir, path);
}

static void links_are_followed_on_the_way_and_at_the_end(void **state)
{
	char through[PATH_MAX + 8];
	size_t i;
	(void)state;

	assert_int_equal(0, symlink("sub", in_dir("way")));
	leads_to(in_dir("way/file"), in_dir("sub"), "file");
	assert_int_equal(0, symlink("../file", in_dir("sub/link")));
	leads_to(in_dir("way/link"), dir, "file");
	assert_int_equal(0, symlink(in_dir("sub/link"), in_dir("abs")));
	leads_to(in_dir("abs"), dir, "file");
	assert_int_equal(0, symlink("loop", in_dir("loop")));
	refuses(-ELOOP, in_dir("loop"), "cannot open");
	refuses(-ELOOP, in_dir("loop/x"), "cannot open");
	/* 40 links, as the kernel; and one more. */
	snprintf(through, sizeof(through), "%s/", dir);
	for (i = 0; i < 40; i++)
		strcat(through, "way/../");
	strcat(through, "file");
	leads_to(through, dir, "file");
	snprintf(through + strlen(through) - 4, 16, "way/file");
	refuses(-ELOOP, through, "cannot open");
}

/*
 * Links and directories are ours; seen by another user they are somebody else's. Whose the
 * directory is the link is too, so it is the mode and the place in the path that count.
 */
static void links_of_others_are_followed_only_where_they_do_no_harm(void **state)
{
	static const char refused[] = "a symbolic link of another user";
	uid_t us = geteuid();
	(void)state;

	assert_int_equal(0, chmod(dir, 0755));
	assert_int_equal(0, symlink("sub", in_dir("way")));
	assert_int_equal(0, symlink("file", in_dir("link")));
	/* Ours are followed everywhere. */
	assert_int_equal(0, chmod(dir, 01777));
	leads_to(in_dir("link"), dir, "file");
	if (us)
		return;
	/* Root's are followed at the end, as root owns the directory that others may write. */
	seeming_uid = 1234;
	leads_to(in_dir("link"), dir, "file");
	leads_to(in_dir("way/file"), in_dir("sub"), "file");
	assert_int_equal(0, lchown(in_dir("link"), 5678, 5678));
	assert_int_equal(0, lchown(in_dir("way"), 5678, 5678));
	refuses(-EACCES, in_dir("link"), refused);
	refuses(-EACCES, in_dir("way/file"), refused);
	assert_int_equal(0, chmod(dir, 0775));
	refuses(-EACCES, in_dir("way/file"), refused);
	assert_int_equal(0, chmod(dir, 0757));
	refuses(-EACCES, in_dir("way/file"), refused);
	/* Where only root may write, root has put them there. */
	assert_int_equal(0, chmod(dir, 0755));
	leads_to(in_dir("link"), dir, "file");
	leads_to(in_dir("way/file"), in_dir("sub"), "file");
	/* In the other user's own directory one leads on, but not to what is written. */
	assert_int_equal(0, chown(dir, 5678, 5678));
	refuses(-EACCES, in_dir("link"), refused);
	leads_to(in_dir("way/file"), in_dir("sub"), "file");
	seeming_uid = 5678;
	leads_to(in_dir("link"), dir, "file");
}

static bool own(mode_t mode)
{
	struct ks_place place = { 0 };
	bool is_own;

	assert_int_equal(0, chmod(in_dir("sub"), mode));
	assert_int_equal(0, ks_place_open(in_dir("sub/file"), &place, NULL));
	is_own = place.own;
	ks_place_close(&place);
	return is_own;
}

static void a_directory_is_our_own_if_nobody_else_may_write_it(void **state)
{
	(void)state;

	assert_true(own(0755));
	assert_true(own(0700));
	assert_false(own(0775));
	assert_false(own(0757));
	assert_false(own(01777));
	if (seeming_uid)
		return;
	/* Root's is as good as ours, another's is not. */
	seeming_uid = 1234;
	assert_true(own(0755));
	assert_int_equal(0, chown(in_dir("sub"), 1234, 1234));
	assert_true(own(0755));
	seeming_uid = 0;
	assert_false(own(0755));
}

static void an_open_file_of_ours_is_what_it_is(void **state)
{
	struct ks_place place = { 0 };
	size_t files = nr_open_files();
	int end[2];
	char name[64], got;
	(void)state;

	assert_int_equal(0, pipe2(end, O_CLOEXEC));
	snprintf(name, sizeof(name), "/dev/fd/%d", end[1]);
	assert_int_equal(0, ks_place_open(name, &place, NULL));
	assert_null(place.name);
	assert_false(place.own);
	assert_int_equal(-1, place.dir_fd);
	assert_int_equal(FD_CLOEXEC, fcntl(place.stream_fd, F_GETFD));
	assert_int_equal(1, write(place.stream_fd, "x", 1));
	assert_int_equal(1, read(end[0], &got, 1));
	ks_place_close(&place);
	close(end[0]);
	close(end[1]);
	assert_int_equal(files, nr_open_files());
	refuses(-ENOENT, "/proc/self/fd/x/y", "cannot open");
	/* Not a descriptor, though a link. */
	refuses(-EISDIR, "/proc/self/cwd/.", "cannot open");
}

static void descriptor_0_is_as_good_as_any(void **state)
{
	int in = fcntl(0, F_DUPFD_CLOEXEC, 3), nr_zero = 0;
	struct ks_place place = { 0 };
	char name[64];
	(void)state;

	assert_int_equal(0, symlink("sub", in_dir("way")));
	assert_int_equal(0, symlink("../file", in_dir("sub/link")));
	snprintf(name, sizeof(name), "/proc/self/fd/%d", in);
	close(0);
	left_errno = EIO;
	zero_at = 1;
	do {
		nr_opened = 0;
		leads_to(in_dir("way/link"), dir, "file");
	} while (zero_at++ < nr_opened);
	assert_true(zero_at > 6);
	zero_at = 1;
	do {
		nr_opened = 0;
		assert_int_equal(0, ks_place_open(name, &place, NULL));
		assert_true(place.stream_fd >= 0);
		assert_null(place.name);
		nr_zero += !place.stream_fd;
		ks_place_close(&place);
	} while (zero_at++ < nr_opened);
	assert_int_equal(1, nr_zero);
	zero_at = 0;
	/* And as the one that is named. */
	assert_int_equal(0, dup2(in, 0));
	close(in);
	assert_int_equal(0, ks_place_open("/proc/self/fd/0", &place, NULL));
	assert_true(place.stream_fd > 0);
	ks_place_close(&place);
}

/* A link that only looks like one of them is followed like any other. */
static void only_our_descriptors_are_open_files(void **state)
{
	static const char *const no_number[] = { "7x", "x", "-1", "4294967297" };
	struct ks_place place = { 0 };
	char name[64], sub[sizeof(dir) + 4];
	size_t i;
	int fd, high;
	(void)state;

	fd = open(in_dir("file"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	high = fcntl(fd, F_DUPFD_CLOEXEC, 20);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", high);
	assert_int_equal(0, ks_place_open(name, &place, NULL));
	assert_null(place.name);
	ks_place_close(&place);
	other_dev = 1;
	leads_to(name, dir, "file");
	other_dev = 0;
	other_ino = 1;
	leads_to(name, dir, "file");
	other_ino = 0;
	is_unknown = true;
	leads_to(name, dir, "file");
	is_unknown = false;
	close(fd);
	close(high);
	/* Whatever is mounted there. */
	snprintf(sub, sizeof(sub), "%s/sub", dir);
	seeming_fds = sub;
	for (i = 0; i < KS_ARRAY_SIZE(no_number); i++) {
		snprintf(name, sizeof(name), "sub/%s", no_number[i]);
		assert_int_equal(0, symlink("../file", in_dir(name)));
		leads_to(in_dir(name), dir, "file");
		unlink(in_dir(name));
	}
	assert_int_equal(0, symlink("../file", in_dir("sub/2147483647")));
	refuses(-EBADF, in_dir("sub/2147483647"), "cannot open");
	unlink(in_dir("sub/2147483647"));
}

static void a_directory_is_synced_or_cannot_be(void **state)
{
	struct ks_place place = { .dir_fd = -1 };
	(void)state;

	assert_int_equal(0, ks_place_sync(&place));
	assert_int_equal(1, nr_fsyncs);
	nr_fsyncs = 0;
	fsync_errno[0] = EINVAL;
	assert_int_equal(0, ks_place_sync(&place));
	nr_fsyncs = 0;
	fsync_errno[0] = EINTR;
	fsync_errno[1] = EIO;
	assert_int_equal(-EIO, ks_place_sync(&place));
	assert_int_equal(2, nr_fsyncs);
}

#define ON_DISK(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_DISK(a_path_ends_in_a_directory_and_a_name),
		ON_DISK(what_is_no_name_in_a_directory_is_refused),
		ON_DISK(the_longest_path_is_taken),
		ON_DISK(links_are_followed_on_the_way_and_at_the_end),
		ON_DISK(links_of_others_are_followed_only_where_they_do_no_harm),
		ON_DISK(a_directory_is_our_own_if_nobody_else_may_write_it),
		ON_DISK(an_open_file_of_ours_is_what_it_is),
		ON_DISK(descriptor_0_is_as_good_as_any),
		ON_DISK(only_our_descriptors_are_open_files),
		ON_DISK(a_directory_is_synced_or_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
