// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/slurp.h"

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

static void a_pool_hands_out_what_came_back(void **state)
{
	struct ks_slurp_pool pool = KS_SLURP_POOL_INIT;
	struct ks_slurp a = ks_slurp_take(&pool), b = ks_slurp_take(&pool);
	struct ks_span content;
	const u8 *memory;
	size_t i;
	(void)state;

	assert_null(a.p);
	assert_null(b.p);
	write_file("one", 3);
	assert_int_equal(0, ks_slurp_file(&a, path, 100, &content, NULL));
	memory = a.p;
	ks_slurp_give(&pool, a);
	a = ks_slurp_take(&pool);
	assert_ptr_equal(memory, a.p);
	/* Over its size a pool frees what it gets. */
	for (i = 0; i < KS_SLURP_POOL; i++)
		ks_slurp_give(&pool, (struct ks_slurp){ 0 });
	ks_slurp_give(&pool, a);
	assert_int_equal(KS_SLURP_POOL, pool.nr_spare);
	ks_slurp_pool_done(&pool);
	assert_int_equal(0, pool.nr_spare);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_used_again),
		cmocka_unit_test(limits_and_kinds_of_files),
		cmocka_unit_test(a_pool_hands_out_what_came_back),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
