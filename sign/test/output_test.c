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
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "test/open_files.h"

/* Calls of the system that can be made to fail. */
enum call { OPEN, WRITE, FSYNC, RENAME, FCHMOD, FCHOWN, MKOSTEMP, STRDUP, ASPRINTF, NR };

/* How often each was made, which one of them fails, and how. */
static int calls[NR], fail_at[NR], fail_errno;
static int open_flags, nr_unlinked;
/* How far our ids seem to be from those that they are. */
static gid_t other_uid, other_gid;
static off_t hint_off, hint_bytes;
/* The first letter of each call that changes something. */
static char trace[64];

static bool fails(enum call call)
{
	static const char letter[NR + 1] = "owsnmct--";
	size_t used = strlen(trace);

	if (letter[call] != '-' && used < sizeof(trace) - 1)
		trace[used] = letter[call];
	if (++calls[call] != fail_at[call])
		return false;
	errno = fail_errno;
	return true;
}

static bool free_zero; /* the next file that is opened gets descriptor 0 */

#define open(path, flags) \
	(open_flags = (flags), free_zero ? close(0) : 0, fails(OPEN) ? -1 : open(path, flags))
#define write(fd, p, bytes) (fails(WRITE) ? -1 : write(fd, p, bytes))
#define fsync(fd) (fails(FSYNC) ? -1 : fsync(fd))
#define rename(from, to) (fails(RENAME) ? -1 : rename(from, to))
#define fchmod(fd, mode) (fails(FCHMOD) ? -1 : fchmod(fd, mode))
#define fchown(fd, uid, gid) (fails(FCHOWN) ? -1 : fchown(fd, uid, gid))
#define geteuid() (geteuid() + other_uid)
#define getegid() (getegid() + other_gid)
#define mkostemp(path, flags) (fails(MKOSTEMP) ? -1 : mkostemp(path, flags))
#define strdup(text) (fails(STRDUP) ? NULL : strdup(text))
/* As its manual says: after a failure the pointer is anything. */
#define asprintf(to, ...) (fails(ASPRINTF) ? (*(to) = trace, -1) : asprintf(to, __VA_ARGS__))
#define unlink(path) (nr_unlinked++, unlink(path), errno = EINTR)
#define sync_file_range(fd, off, bytes, flags) (hint_off = (off), hint_bytes = (bytes), 0)
#include "base/io.c"
#include "base/output.c"
#undef unlink
#undef open
#undef fchmod

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
		nr += e->d_name[0] != '.';
	closedir(d);
	return nr;
}

static int set_up(void **state)
{
	(void)state;
	memset(fail_at, 0, sizeof(fail_at));
	nr_unlinked = 0;
	strcpy(dir, "/tmp/kseal-output-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/file", dir);
	return 0;
}

/* Nothing may be left but what the tests name. */
static int tear_down(void **state)
{
	static const char *const names[] = { "f", "f.XXXXXX", "file", "link" };
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

	/* Aside, its mode, both parts, synced; only then the name, and that synced too. */
	assert_int_equal(0, publish(path, 0644, NULL));
	assert_string_equal("tmwwsnos", trace);
	assert_int_equal(O_RDONLY | O_DIRECTORY | O_CLOEXEC, open_flags);
}

/* For the file aside, then for its folder. */
static void descriptor_0_is_as_good_as_any(void **state)
{
	int in = dup(0);
	(void)state;

	close(0);
	assert_int_equal(0, publish(path, 0644, NULL));
	assert_int_equal(0, dup2(in, 0));
	free_zero = true;
	assert_int_equal(0, ks_file_publish(path, NULL, 0, 0644, NULL));
	free_zero = false;
	assert_int_equal(0, dup2(in, 0));
	close(in);
}

static void a_replaced_file_keeps_mode_and_owner(void **state)
{
	gid_t i;
	(void)state;

	put_file("file", "x");
	/* Not the set-user-ID bit, which the kernel takes away when anybody but root writes. */
	assert_int_equal(0, chmod(path, 01751));
	assert_int_equal(0, publish(path, 0644, NULL));
	assert_int_equal(S_IFREG | 01751, stat_of(path).st_mode);
	assert_int_equal(0, calls[FCHOWN]);
	/* A file that seems to be another user's, or group's; to say that it is ours is allowed. */
	for (i = 0; i < 2; i++) {
		other_uid = !i;
		other_gid = i;
		assert_int_equal(0, publish(path, 0644, NULL));
		assert_int_equal(1, calls[FCHOWN]);
	}
	other_gid = 0;
	if (geteuid())
		return;
	assert_int_equal(0, chown(path, 1234, 4321));
	assert_int_equal(0, publish(path, 0644, NULL));
	assert_true(stat_of(path).st_uid == 1234 && stat_of(path).st_gid == 4321);
	fail_errno = EPERM;
	fail_at[FCHOWN] = 1;
	assert_int_equal(-EPERM, publish(path, 0644, NULL));
	assert_int_equal(0, calls[RENAME]);
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

		put_file("file", "four");
		fail_errno = row[i].call == ASPRINTF ? EIO : no_memory ? ENOMEM : ENOSPC;
		fail_at[row[i].call] = row[i].at;
		assert_int_equal(no_memory ? -ENOMEM : -ENOSPC, publish(path, 0644, &diag));
		assert_string_equal("cannot write", diag.what);
		assert_string_equal(path, diag.file);
		assert_string_equal(strerror(no_memory ? ENOMEM : ENOSPC), diag.detail);
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

static void the_name_has_the_old_file_until_it_is_published(void **state)
{
	__cleanup(ks_output_done) struct ks_output out = { 0 };
	(void)state;

	put_file("f", "old");
	assert_int_equal(0, ks_output_begin(in_dir("f"), 0644, &out, NULL));
	assert_int_equal(0, ks_output_write(&out, ks_span_str("a new "), NULL));
	assert_int_equal(0, ks_output_write(&out, ks_span_str("file"), NULL));
	assert_int_equal(10, out.bytes);
	assert_int_equal(6, hint_off);
	assert_int_equal(4, hint_bytes);
	assert_int_equal(0, ks_output_patch(&out, 2, ks_span_str("NEW"), NULL));
	assert_int_equal(0, ks_output_patch(&out, 6, ks_span_str("FILE"), NULL));
	assert_content("f", "old");
	assert_int_equal(0, ks_output_publish(&out, NULL));
	assert_null(out.path);
	assert_int_equal(0, nr_unlinked);
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
	assert_int_equal(0, out.bytes);
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
	assert_int_equal(-EIO, ks_output_publish(&out, NULL));
	assert_null(out.path);
	assert_int_equal(1, nr_files());
	assert_content("f", "old");
}

/* A name that mkostemp() did not make belongs to somebody else. */
static void what_was_not_begun_removes_nothing(void **state)
{
	struct ks_output out = { 0 };
	(void)state;

	put_file("f.XXXXXX", "other");
	memset(calls, 0, sizeof(calls));
	fail_errno = EIO;
	fail_at[MKOSTEMP] = 1;
	assert_int_equal(-EIO, ks_output_begin(in_dir("f"), 0644, &out, NULL));
	assert_content("f.XXXXXX", "other");
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
		ON_DISK(a_folder_that_is_not_there_is_named),
		ON_DISK(what_cannot_be_published_is_thrown_away_at_once),
		ON_DISK(what_was_not_begun_removes_nothing),
		ON_DISK(a_new_file_obeys_the_umask),
		ON_DISK(the_order_survives_a_crash),
		ON_DISK(descriptor_0_is_as_good_as_any),
		ON_DISK(a_replaced_file_keeps_mode_and_owner),
		ON_DISK(a_link_stays_and_its_target_is_replaced),
		ON_DISK(after_a_failure_the_old_file_is_there),
		ON_DISK(some_file_systems_cannot_sync_a_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
