// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static ssize_t watched_read(int fd, void *p, size_t bytes);
static int nr_locks, nr_moves;
static size_t mapped_bytes, huge_bytes;

/* The file itself, so that what it asks of the system can be watched and answered. */
#define read(fd, p, bytes) watched_read(fd, p, bytes)
#define pthread_mutex_lock(lock) (nr_locks++, pthread_mutex_lock(lock))
#define pthread_mutex_unlock(lock) (nr_locks--, pthread_mutex_unlock(lock))
#define mmap(p, bytes, prot, flags, fd, off) \
	(mapped_bytes += (bytes), mmap(p, bytes, prot, flags, fd, off))
#define mremap(p, old_bytes, bytes, flags) \
	(nr_moves++, mapped_bytes += (bytes) - (old_bytes), mremap(p, old_bytes, bytes, flags))
#define munmap(p, bytes) (mapped_bytes -= (bytes), munmap(p, bytes))
#define madvise(p, bytes, what) (huge_bytes = (bytes), madvise(p, bytes, what))
#include "base/slurp.c"
#undef read

/* What the next reads answer: bytes at most, or a negative errno; 0 for as many as are asked for. */
static int answer[8];
static size_t next_answer, asked[8];

static ssize_t watched_read(int fd, void *p, size_t bytes)
{
	int limit = 0;

	if (next_answer < KS_ARRAY_SIZE(answer)) {
		asked[next_answer] = bytes;
		limit = answer[next_answer++];
	}
	if (limit < 0) {
		errno = -limit;
		return -1;
	}
	/* As the system does on success: what stood there stays. */
	errno = EINTR;
	return read(fd, p, limit && (size_t)limit < bytes ? (size_t)limit : bytes);
}

static void answers(const int *list, size_t nr)
{
	memset(answer, 0, sizeof(answer));
	for (next_answer = 0; next_answer < nr; next_answer++)
		answer[next_answer] = list[next_answer];
	next_answer = 0;
}

static char dir[64], path[96];

static int make_dir(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/kseal-slurp.XXXXXX");
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

static void write_file(const char *text, size_t bytes)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_int_equal(bytes, fwrite(text, 1, bytes, f));
	assert_int_equal(0, fclose(f));
}

static void memory_is_used_again(void **state)
{
	static char large[3 << 20];
	struct ks_slurp s = { 0 };
	struct ks_span content;
	const u8 *first;
	(void)state;

	write_file("one", 3);
	assert_int_equal(0, ks_slurp_file(&s, path, 100, &content, NULL));
	assert_true(ks_span_eq(ks_span_str("one"), content));
	first = content.p;
	write_file("another", 7);
	assert_int_equal(0, ks_slurp_file(&s, path, 100, &content, NULL));
	assert_true(ks_span_eq(ks_span_str("another"), content));
	assert_ptr_equal(first, content.p);
	memset(large, 'x', sizeof(large));
	write_file(large, sizeof(large));
	assert_int_equal(0, ks_slurp_file(&s, path, sizeof(large), &content, NULL));
	assert_int_equal(sizeof(large), content.bytes);
	assert_memory_equal(large, content.p, sizeof(large));
	write_file("", 0);
	assert_int_equal(0, ks_slurp_file(&s, path, 100, &content, NULL));
	assert_int_equal(0, content.bytes);
	ks_slurp_done(&s);
	assert_null(s.p);
	assert_int_equal(0, s.room_bytes);
}

static void limits_and_kinds_of_files(void **state)
{
	struct ks_slurp s = { 0 };
	struct ks_diag diag = { 0 };
	struct ks_span content;
	(void)state;

	write_file("12345", 5);
	assert_int_equal(0, ks_slurp_file(&s, path, 5, &content, NULL));
	assert_int_equal(-E2BIG, ks_slurp_file(&s, path, 4, &content, &diag));
	assert_string_equal(path, diag.file);
	assert_int_equal(-EINVAL, ks_slurp_file(&s, dir, 100, &content, NULL));
	assert_int_equal(-EINVAL, ks_slurp_file(&s, "/dev/zero", 100, &content, NULL));
	assert_int_equal(-ENOENT, ks_slurp_file(&s, "/nonexistent", 100, &content, NULL));
	/* Its size is said to be 0, and then something comes: as if somebody wrote to it. */
	assert_int_equal(-EIO, ks_slurp_file(&s, "/proc/self/stat", 100, &content, NULL));
	ks_slurp_done(&s);
}

static void descriptor_0_is_as_good_as_any_and_closed_again(void **state)
{
	struct ks_slurp s = { 0 };
	struct ks_span content = { 0 };
	int in = dup(0);
	(void)state;

	write_file("one", 3);
	close(0);
	assert_int_equal(0, ks_slurp_file(&s, path, 100, &content, NULL));
	assert_int_equal(3, content.bytes);
	assert_int_equal(-1, fcntl(0, F_GETFD));
	assert_int_equal(0, dup2(in, 0));
	close(in);
	ks_slurp_done(&s);
}

static void short_and_interrupted_reads_go_on(void **state)
{
	/* Read 2 bytes, be interrupted twice, 3 more, the rest, be interrupted at the end. */
	static const int list[] = { 2, -EINTR, -EINTR, 3, 0, -EINTR };
	struct ks_slurp s = { 0 };
	struct ks_span content;
	(void)state;

	write_file("0123456789", 10);
	answers(list, KS_ARRAY_SIZE(list));
	assert_int_equal(0, ks_slurp_file(&s, path, 100, &content, NULL));
	assert_true(ks_span_eq(ks_span_str("0123456789"), content));
	assert_int_equal(7, next_answer);
	assert_int_equal(10, asked[0]);
	assert_int_equal(8, asked[3]);
	assert_int_equal(5, asked[4]);
	assert_int_equal(1, asked[6]);
	ks_slurp_done(&s);
}

static void a_failed_read_is_told(void **state)
{
	static const int first[] = { -EIO }, second[] = { 2, -EIO };
	struct ks_slurp s = { 0 };
	struct ks_diag diag = { 0 }, later = { 0 };
	struct ks_span content;
	(void)state;

	write_file("0123456789", 10);
	answers(first, 1);
	assert_int_equal(-EIO, ks_slurp_file(&s, path, 100, &content, &diag));
	assert_string_equal("cannot read", diag.what);
	assert_string_equal(path, diag.file);
	answers(second, 2);
	assert_int_equal(-EIO, ks_slurp_file(&s, path, 100, &content, &later));
	assert_string_equal("cannot read", later.what);
	answers(NULL, 0);
	ks_slurp_done(&s);
}

/* A file that is cut while it is read ends early. */
static void a_file_that_shrinks_is_refused(void **state)
{
	struct ks_slurp s = { 0 };
	struct ks_diag diag = { 0 };
	struct ks_span content;
	u8 room[16];
	int fd;
	(void)state;

	write_file("012345", 6);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(-EIO, read_exactly(fd, room, 7, &diag));
	assert_string_equal("file changed while it was read", diag.what);
	assert_int_equal(6, diag.off);
	close(fd);
	assert_int_equal(0, ks_slurp_file(&s, path, 6, &content, NULL));
	ks_slurp_done(&s);
}

/* Room is there for files of exactly its size, and not taken anew. */
static void room_grows_by_huge_pages(void **state)
{
	struct ks_slurp s = { 0 };
	struct ks_diag diag = { 0 };
	(void)state;

	nr_moves = 0;
	mapped_bytes = 0;
	assert_int_equal(0, make_room(&s, 1, NULL));
	assert_int_equal(HUGE_PAGE_BYTES, s.room_bytes);
	assert_int_equal(HUGE_PAGE_BYTES, huge_bytes);
	s.p[0] = 0x5a;
	assert_int_equal(0, make_room(&s, HUGE_PAGE_BYTES, NULL));
	assert_int_equal(0, nr_moves);
	assert_int_equal(0, make_room(&s, HUGE_PAGE_BYTES + 1, NULL));
	assert_int_equal(1, nr_moves);
	assert_int_equal(2 * HUGE_PAGE_BYTES, s.room_bytes);
	assert_int_equal(2 * HUGE_PAGE_BYTES, huge_bytes);
	assert_int_equal(2 * HUGE_PAGE_BYTES, mapped_bytes);
	/* What was read stays, and so it does when there is no more memory. */
	assert_int_equal(-ENOMEM, make_room(&s, SIZE_MAX / 4, &diag));
	assert_string_equal("out of memory", diag.what);
	assert_int_equal(2 * HUGE_PAGE_BYTES, s.room_bytes);
	assert_int_equal(0x5a, s.p[0]);
	mapped_bytes = s.room_bytes;
	ks_slurp_done(&s);
	assert_int_equal(0, mapped_bytes);
}

static void a_pool_hands_out_what_came_back(void **state)
{
	struct ks_slurp_pool pool = KS_SLURP_POOL_INIT;
	struct ks_slurp a = ks_slurp_get(&pool), b = ks_slurp_get(&pool);
	struct ks_span content;
	const u8 *memory;
	size_t i;
	(void)state;

	mapped_bytes = 0;
	assert_null(a.p);
	assert_null(b.p);
	assert_int_equal(0, nr_locks);
	write_file("one", 3);
	assert_int_equal(0, ks_slurp_file(&a, path, 100, &content, NULL));
	memory = a.p;
	ks_slurp_put(&pool, a);
	assert_int_equal(0, nr_locks);
	a = ks_slurp_get(&pool);
	assert_ptr_equal(memory, a.p);
	/* Over its size a pool frees what it gets. */
	for (i = 0; i < KS_SLURP_POOL; i++)
		ks_slurp_put(&pool, (struct ks_slurp){ 0 });
	ks_slurp_put(&pool, a);
	assert_int_equal(KS_SLURP_POOL, pool.nr_spare);
	assert_int_equal(0, mapped_bytes);
	ks_slurp_pool_done(&pool);
	assert_int_equal(0, pool.nr_spare);
	/* What it holds in the end, and what it handed out and got back. */
	assert_int_equal(0, ks_slurp_file(&b, path, 100, &content, NULL));
	ks_slurp_put(&pool, b);
	assert_int_equal(HUGE_PAGE_BYTES, mapped_bytes);
	assert_ptr_equal(content.p, ks_slurp_get(&pool).p);
	pool.nr_spare = 1;
	ks_slurp_pool_done(&pool);
	assert_int_equal(0, mapped_bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_used_again),
		cmocka_unit_test(limits_and_kinds_of_files),
		cmocka_unit_test(descriptor_0_is_as_good_as_any_and_closed_again),
		cmocka_unit_test(short_and_interrupted_reads_go_on),
		cmocka_unit_test(a_failed_read_is_told),
		cmocka_unit_test(a_file_that_shrinks_is_refused),
		cmocka_unit_test(room_grows_by_huge_pages),
		cmocka_unit_test(a_pool_hands_out_what_came_back),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
