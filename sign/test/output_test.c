// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A file that is written in parts: what its name holds before, meanwhile and afterwards.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "test/open_files.h"

/* Calls that can be made to fail. */
enum call { WRITE, FSYNC, LINK, RENAME, FCHMOD, KEEP, PREAD, MEMFD, FSTAT, NR };

/* How often each was made, which one of them fails, and how. */
static int calls[NR], fail_at[NR], fail_errno;
static off_t hint_off, hint_bytes;
/* What an ks_attrs_copy() was asked for; how far our id seems to be from what it is. */
static int kept_kind;
static uid_t other_uid;
/* The first letter of each call that changes something. */
static char trace[64];

static bool fails(enum call call)
{
	static const char letter[NR + 1] = "wslnmk---";
	size_t used = strlen(trace);

	if (letter[call] != '-' && used < sizeof(trace) - 1)
		trace[used] = letter[call];
	if (++calls[call] != fail_at[call])
		return false;
	errno = fail_errno;
	return true;
}

#define write(fd, p, bytes) (fails(WRITE) ? -1 : write(fd, p, bytes))
#define pread(fd, p, bytes, off) (fails(PREAD) ? -1 : pread(fd, p, bytes, off))
#define fsync(fd) (fails(FSYNC) ? -1 : fsync(fd))
#define linkat(from, name, to, as, flags) \
	(fails(LINK) ? -1 : linkat(from, name, to, as, flags))
#define renameat(from, name, to, as) (fails(RENAME) ? -1 : renameat(from, name, to, as))
#define fchmod(fd, mode) (fails(FCHMOD) ? -1 : fchmod(fd, mode))
#define geteuid() (geteuid() + other_uid)
#define sync_file_range(fd, off, bytes, flags) (hint_off = (off), hint_bytes = (bytes), 0)
#include "base/attrs.h"
#include "base/io.c"

/* None outlives an exec(), none is what a link leads to. */
static int opened(int fd, const char *name, int flags)
{
	assert_true(flags & O_CLOEXEC);
	assert_true(flags & O_NOFOLLOW || !strcmp(name, "."));
	return as_zero(fd);
}

static int opened_stream(int fd, int flags)
{
	assert_true(flags & O_CLOEXEC && flags & O_NOCTTY);
	return as_zero(fd);
}

#define FLAGS(flags, ...) (flags)
#define openat(dir_fd, name, ...) \
	opened(openat(dir_fd, name, __VA_ARGS__), name, FLAGS(__VA_ARGS__, 0))
#define fcntl(fd, cmd, arg) as_zero(fcntl(fd, cmd, arg))
#include "base/place.c"
#undef fcntl
#include "base/draft.c"
#define memfd_create(name, flags) (fails(MEMFD) ? -1 : as_zero(memfd_create(name, flags)))
#define open(path, flags) opened_stream(open(path, flags), flags)
#define fstat(fd, st) (fails(FSTAT) ? -1 : fstat(fd, st))
#define ks_attrs_copy(from, st, to, kind, diag) \
	(kept_kind = (kind), fails(KEEP) ? ks_fail(diag, -fail_errno, KS_NO_OFF, "cannot keep") : \
					   ks_attrs_copy(from, st, to, kind, diag))
#include "base/output.c"
#undef open
#undef openat
#undef fchmod
#undef fstat
#undef fsync
#undef write
#undef geteuid

static char dir[] = "/tmp/kseal-output-XXXXXX", path[96];

static const char *in_dir(const char *name)
{
	static char paths[2][256];
	static size_t idx;

	idx = !idx;
	snprintf(paths[idx], sizeof(paths[idx]), "%s/%s", dir, name);
	return paths[idx];
}

static size_t nr_files(void)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	size_t nr = 0;

	assert_non_null(d);
	while ((e = readdir(d)))
		nr += strcmp(e->d_name, ".") && strcmp(e->d_name, "..");
	closedir(d);
	return nr;
}

static int set_up(void **state)
{
	(void)state;
	memset(fail_at, 0, sizeof(fail_at));
	other_uid = 0;
	zero_at = 0;
	strcpy(dir, "/tmp/kseal-output-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/file", dir);
	return 0;
}

/* Nothing may be left but what the tests name. */
static int tear_down(void **state)
{
	static const char *const names[] = { "f", "file", "link", "pipe", ".kseal.1" };
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(names); i++)
		unlink(in_dir(names[i]));
	return rmdir(dir);
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

/* Publish "012", "", "345678" at @where. */
static int publish(const char *where, mode_t mode, struct ks_diag *diag)
{
	const struct ks_span parts[] = { ks_span_str("012"), { NULL, 0 }, ks_span_str("345678") };
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
	assert_content("file", "012345678");
}

static void the_order_survives_a_crash(void **state)
{
	(void)state;

	/* Its mode, both parts, synced; only then the name, and that synced too. */
	assert_int_equal(0, publish(path, 0644, NULL));
	assert_string_equal("mwwsls", trace);
	/* The mode of the one that is replaced at the end, and a name that can be renamed. */
	assert_int_equal(0, publish(path, 0644, NULL));
	assert_string_equal("wwksl" "ns", trace);
}

/* Publish at @where, each descriptor that is opened for it being 0 once; @calls_made: the trace of it. */
static void publish_with_0(const char *where, const char *calls_made, void (*check)(void))
{
	static const int errnos[] = { ENOENT, EIO };
	int in = fcntl(0, F_DUPFD_CLOEXEC, 3);
	size_t i;

	close(0);
	for (i = 0; i < KS_ARRAY_SIZE(errnos); i++) {
		left_errno = errnos[i];
		zero_at = 1;
		do {
			nr_opened = 0;
			assert_int_equal(0, publish(where, 0644, NULL));
			assert_string_equal(calls_made, trace);
			check();
		} while (zero_at++ < nr_opened);
		assert_true(zero_at > 3);
	}
	zero_at = 0;
	assert_int_equal(0, dup2(in, 0));
	close(in);
}

static void new_is_complete(void)
{
	assert_content("file", "012345678");
	unlink(path);
}

static void old_is_complete(void)
{
	assert_content("file", "012345678");
}

static int reading_fd;

static void stream_is_complete(void)
{
	char got[16] = "";

	assert_int_equal(9, read(reading_fd, got, sizeof(got)));
	assert_string_equal("012345678", got);
}

static void descriptor_0_is_as_good_as_any(void **state)
{
	char name[64];
	int fd;
	(void)state;

	publish_with_0(path, "mwwsls", new_is_complete);
	put_file("file", "x");
	publish_with_0(path, "wwksl" "ns", old_is_complete);
	assert_int_equal(0, symlink("file", in_dir("link")));
	publish_with_0(in_dir("link"), "wwksl" "ns", old_is_complete);
	assert_int_equal(0, mkfifo(in_dir("pipe"), 0600));
	reading_fd = open(in_dir("pipe"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	publish_with_0(in_dir("pipe"), "www", stream_is_complete);
	fd = open(in_dir("pipe"), O_WRONLY | O_CLOEXEC);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	publish_with_0(name, "www", stream_is_complete);
	close(fd);
	close(reading_fd);
}

/* A temporary name is of who works under that number. */
static void the_temporary_name_is_nobodys(void **state)
{
	(void)state;

	put_file(".kseal.1", "another's");
	put_file("file", "x");
	assert_int_equal(0, publish(path, 0644, NULL));
	assert_content(".kseal.1", "another's");
}

static void a_replaced_file_keeps_mode_and_owner(void **state)
{
	(void)state;

	put_file("file", "x");
	/* Not the set-user-ID bit, which the kernel takes away when anybody but root writes. */
	assert_int_equal(0, chmod(path, 01751));
	assert_int_equal(0, publish(path, 0644, NULL));
	assert_int_equal(S_IFREG | 01751, stat_of(path).st_mode);
	assert_int_equal(KS_ATTRS_OF_OTHER_CONTENT, kept_kind);
	if (geteuid())
		return;
	assert_int_equal(0, chown(path, 1234, 4321));
	assert_int_equal(0, publish(path, 0644, NULL));
	assert_true(stat_of(path).st_uid == 1234 && stat_of(path).st_gid == 4321);
}

static void where_others_may_write_nothing_is_kept(void **state)
{
	static const mode_t mode[] = { 0720, 0702, 01777 };
	mode_t old = umask(022);
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(mode); i++) {
		put_file("file", "x");
		assert_int_equal(0, chmod(path, 0666));
		assert_int_equal(0, chmod(dir, mode[i]));
		assert_int_equal(0, publish(path, 0644, NULL));
		assert_int_equal(S_IFREG | 0644, stat_of(path).st_mode);
		assert_int_equal(0, calls[KEEP]);
		assert_int_equal(1, nr_files());
		unlink(path);
		assert_int_equal(0, chmod(dir, 0700));
	}
	/* In another user's directory neither. */
	put_file("file", "x");
	assert_int_equal(0, chmod(path, 0666));
	assert_true(!chown(dir, 1234, (gid_t)-1) || geteuid());
	other_uid = geteuid() ? 1 : 0;
	assert_int_equal(0, publish(path, 0644, NULL));
	assert_int_equal(S_IFREG | 0644, stat_of(path).st_mode);
	umask(old);
}

/* While it is written nobody else may read what will only be readable for its owner. */
static void the_new_file_is_not_open_before_it_is_complete(void **state)
{
	__cleanup(ks_output_done) struct ks_output out = { 0 }, other = { 0 };
	mode_t old = umask(022);
	struct stat st;
	(void)state;

	put_file("f", "old");
	assert_int_equal(0, chmod(in_dir("f"), 0600));
	assert_int_equal(0, ks_output_begin(in_dir("f"), 0644, &out, NULL));
	assert_int_equal(0, fstat(out.draft.fd, &st));
	assert_int_equal(S_IFREG | 0600, st.st_mode);
	assert_int_equal(0, ks_output_begin(in_dir("file"), 0644, &other, NULL));
	assert_int_equal(0, fstat(other.draft.fd, &st));
	assert_int_equal(S_IFREG | 0644, st.st_mode);
	umask(old);
}

/* What the reader of a pipe gets, which has to be there before the pipe is opened for writing. */
static void a_pipe_gets_all_of_it_at_the_end(void **state)
{
	__cleanup(ks_output_done) struct ks_output out = { 0 };
	char got[32] = "";
	int fd;
	(void)state;

	assert_int_equal(0, mkfifo(in_dir("pipe"), 0600));
	fd = open(in_dir("pipe"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_int_equal(0, ks_output_begin(in_dir("pipe"), 0644, &out, NULL));
	assert_int_equal(0, ks_output_write(&out, ks_span_str("some text"), NULL));
	assert_int_equal(0, ks_output_patch(&out, 0, ks_span_str("SOME"), NULL));
	assert_int_equal(-1, read(fd, got, sizeof(got)));
	assert_int_equal(EAGAIN, errno);
	assert_int_equal(0, ks_output_publish(&out, true, NULL));
	assert_int_equal(9, read(fd, got, sizeof(got)));
	assert_string_equal("SOME text", got);
	assert_true(S_ISFIFO(stat_of(in_dir("pipe")).st_mode));
	close(fd);
}

static void an_open_file_of_ours_is_written_to(void **state)
{
	static const enum call failing[] = { MEMFD, PREAD, WRITE };
	char name[64];
	size_t i;
	int fd;
	(void)state;

	put_file("file", "before ");
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	assert_int_equal(0, publish(name, 0644, NULL));
	assert_content("file", "before 012345678");
	assert_int_equal(0, ks_file_publish(name, &(struct ks_span){ (const u8 *)"9", 1 }, 1, 0644, NULL));
	assert_content("file", "before 0123456789");
	for (i = 0; i < KS_ARRAY_SIZE(failing); i++) {
		struct ks_diag diag = { 0 };

		fail_errno = EIO;
		memset(fail_at, 0, sizeof(fail_at));
		fail_at[failing[i]] = failing[i] == WRITE ? 3 : 1;
		assert_int_equal(-EIO, publish(name, 0644, &diag));
		assert_string_equal(name, diag.file);
		assert_string_equal("cannot write", diag.what);
	}
	memset(fail_at, 0, sizeof(fail_at));
	close(fd);
	assert_int_equal(-ENOENT, publish("/proc/self/fd/999", 0644, NULL));
}

static void other_kinds_are_refused(void **state)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), fd;
	struct ks_diag diag = { 0 }, pipe = { 0 };
	(void)state;

	assert_int_equal(-EISDIR, publish(dir, 0644, NULL));
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	assert_int_equal(0, bind(s, (struct sockaddr *)&at, sizeof(at)));
	assert_int_equal(-EINVAL, publish(path, 0644, &diag));
	assert_string_equal("cannot write to a block device or a socket, name a file", diag.what);
	assert_string_equal(path, diag.file);
	close(s);
	/* A pipe of another user's would not let us go; ours is as good there as elsewhere. */
	assert_int_equal(0, mkfifo(in_dir("pipe"), 0600));
	fd = open(in_dir("pipe"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_int_equal(0, chmod(dir, 01777));
	assert_int_equal(0, publish(in_dir("pipe"), 0644, NULL));
	other_uid = 1;
	assert_int_equal(-EINVAL, publish(in_dir("pipe"), 0644, &pipe));
	other_uid = 0;
	close(fd);
	assert_string_equal("a pipe or device of another user, name a file or remove it", pipe.what);
}

static void a_link_stays_and_its_target_is_replaced(void **state)
{
	char link[96];
	(void)state;

	snprintf(link, sizeof(link), "%s/link", dir);
	put_file("file", "x");
	assert_int_equal(0, symlink("file", link));
	assert_int_equal(0, publish(link, 0644, NULL));
	assert_true(S_ISLNK(stat_of(link).st_mode));
	assert_content("file", "012345678");
}

/* Whatever fails: the old content, no other file (tear_down sees to that), and the reason. */
static void after_a_failure_the_old_file_is_there(void **state)
{
	static const struct {
		enum call call;
		int at;
		bool is_new; /* only that the name is safe is not known */
		const char *what;
	} row[] = {
		{ WRITE, 1, false, "cannot write" }, { WRITE, 2, false, "cannot write" },
		{ KEEP, 1, false, "cannot keep" },   { FSYNC, 1, false, "cannot write" },
		{ LINK, 1, false, "cannot write" },  { RENAME, 1, false, "cannot write" },
		{ FSYNC, 2, true, "cannot write" },  { FSTAT, 1, false, "cannot write" },
		{ FSTAT, 2, false, "cannot write" },
	};
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(row); i++) {
		struct ks_diag diag = { 0 };

		put_file("file", "four");
		fail_errno = ENOSPC;
		fail_at[row[i].call] = row[i].at;
		assert_int_equal(-ENOSPC, publish(path, 0644, &diag));
		assert_string_equal(row[i].what, diag.what);
		assert_string_equal(path, diag.file);
		memset(fail_at, 0, sizeof(fail_at));
		assert_int_equal(row[i].is_new ? 9 : 4, stat_of(path).st_size);
		assert_int_equal(1, nr_files());
	}
	unlink(path);
	fail_errno = EACCES;
	fail_at[FCHMOD] = 1;
	assert_int_equal(-EACCES, publish(path, 0644, NULL));
	assert_int_equal(-1, access(path, F_OK));
}

static void some_file_systems_cannot_sync_a_directory(void **state)
{
	(void)state;

	fail_errno = EINVAL;
	fail_at[FSYNC] = 2;
	assert_int_equal(0, publish(path, 0644, NULL));
	fail_at[FSYNC] = 1;
	assert_int_equal(-EINVAL, publish(path, 0644, NULL));
}

static void the_name_has_the_old_file_until_it_is_published(void **state)
{
	__cleanup(ks_output_done) struct ks_output out = { 0 };
	(void)state;

	put_file("f", "old");
	assert_int_equal(0, ks_output_begin(in_dir("f"), 0644, &out, NULL));
	assert_int_equal(0, ks_output_write(&out, ks_span_str("a new "), NULL));
	assert_int_equal(0, ks_output_write(&out, ks_span_str("file"), NULL));
	assert_int_equal(10, out.draft.bytes);
	assert_int_equal(6, hint_off);
	assert_int_equal(4, hint_bytes);
	assert_int_equal(0, ks_output_patch(&out, 2, ks_span_str("NEW"), NULL));
	assert_int_equal(0, ks_output_patch(&out, 6, ks_span_str("FILE"), NULL));
	assert_content("f", "old");
	assert_int_equal(0, ks_output_publish(&out, true, NULL));
	assert_null(out.place.path);
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
	ks_output_done(&out);
	assert_null(out.place.path);
	ks_output_done(&out);
	assert_int_equal(0, nr_files());
}

static void a_patch_stays_inside_of_what_was_written(void **state)
{
	__cleanup(ks_output_done) struct ks_output out = { 0 };
	struct ks_diag diag = { 0 };
	(void)state;

	assert_int_equal(0, ks_output_begin(in_dir("f"), 0644, &out, NULL));
	assert_int_equal(0, ks_output_write(&out, ks_span_str("text"), NULL));
	assert_int_equal(0, ks_output_patch(&out, 4, ks_span_str(""), NULL));
	assert_int_equal(0, ks_output_patch(&out, 3, ks_span_str("T"), NULL));
	assert_int_equal(-EINVAL, ks_output_patch(&out, 4, ks_span_str("T"), NULL));
	assert_int_equal(-EINVAL, ks_output_patch(&out, 3, ks_span_str("TT"), NULL));
	assert_int_equal(-EINVAL, ks_output_patch(&out, UINT64_MAX, ks_span_str("T"), &diag));
	assert_string_equal("patch outside of what was written", diag.what);
}

static void what_cannot_be_published_is_thrown_away_at_once(void **state)
{
	__cleanup(ks_output_done) struct ks_output out = { 0 };
	(void)state;

	put_file("f", "old");
	assert_int_equal(0, ks_output_begin(in_dir("f"), 0644, &out, NULL));
	memset(calls, 0, sizeof(calls));
	fail_errno = EIO;
	fail_at[FSYNC] = 1;
	assert_int_equal(-EIO, ks_output_publish(&out, true, NULL));
	assert_null(out.place.path);
	assert_int_equal(1, nr_files());
	assert_content("f", "old");
}

static void without_a_sync_only_the_order_is_kept(void **state)
{
	__cleanup(ks_output_done) struct ks_output out = { 0 };
	(void)state;

	assert_int_equal(0, ks_output_begin(in_dir("f"), 0644, &out, NULL));
	memset(calls, 0, sizeof(calls));
	assert_int_equal(0, ks_output_publish(&out, false, NULL));
	assert_int_equal(0, calls[FSYNC]);
	assert_content("f", "");
}

static void a_directory_that_is_not_there_is_named(void **state)
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
		ON_DISK(a_directory_that_is_not_there_is_named),
		ON_DISK(what_cannot_be_published_is_thrown_away_at_once),
		ON_DISK(without_a_sync_only_the_order_is_kept),
		ON_DISK(where_others_may_write_nothing_is_kept),
		ON_DISK(the_new_file_is_not_open_before_it_is_complete),
		ON_DISK(a_pipe_gets_all_of_it_at_the_end),
		ON_DISK(an_open_file_of_ours_is_written_to),
		ON_DISK(other_kinds_are_refused),
		ON_DISK(a_new_file_obeys_the_umask),
		ON_DISK(the_order_survives_a_crash),
		ON_DISK(descriptor_0_is_as_good_as_any),
		ON_DISK(the_temporary_name_is_nobodys),
		ON_DISK(a_replaced_file_keeps_mode_and_owner),
		ON_DISK(a_link_stays_and_its_target_is_replaced),
		ON_DISK(after_a_failure_the_old_file_is_there),
		ON_DISK(some_file_systems_cannot_sync_a_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
