// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void *watched_malloc(size_t bytes);
static void watched_free(void *p);

/* The file itself, so that what it allocates and frees can be watched. */
#define malloc(bytes) watched_malloc(bytes)
#define free(p) watched_free(p)
#include "base/buf.c"
#undef malloc
#undef free

/* Blocks that are there, with their sizes; no test has more than this. */
static struct {
	u8 *p;
	size_t bytes;
} block[4];
static size_t nr_frees;
static size_t fail_above = SIZE_MAX / 2;

static void *watched_malloc(size_t bytes)
{
	size_t i;

	if (bytes > fail_above)
		return NULL;
	for (i = 0; i < KS_ARRAY_SIZE(block) && block[i].p; i++)
		;
	assert_in_range(i, 0, KS_ARRAY_SIZE(block) - 1);
	block[i].p = malloc(bytes);
	block[i].bytes = bytes;
	assert_non_null(block[i].p);
	memset(block[i].p, 0xdd, bytes);
	return block[i].p;
}

/* A buffer may have held a key: nothing is given back that was not wiped. */
static void watched_free(void *p)
{
	size_t i;

	if (!p)
		return;
	for (i = 0; i < KS_ARRAY_SIZE(block) && block[i].p != p; i++)
		;
	assert_in_range(i, 0, KS_ARRAY_SIZE(block) - 1);
	assert_true(ks_span_is_zero((struct ks_span){ block[i].p, block[i].bytes }));
	block[i].p = NULL;
	nr_frees++;
	free(p);
}

static int nothing_is_left(void **state)
{
	size_t i;
	(void)state;

	fail_above = SIZE_MAX / 2;
	for (i = 0; i < KS_ARRAY_SIZE(block); i++)
		if (block[i].p)
			return -1;
	return 0;
}

static void content_is_wiped_when_it_moves_and_when_it_goes(void **state)
{
	struct ks_buf b = { 0 };
	size_t frees = nr_frees;
	(void)state;

	ks_put_str(&b, "secret");
	ks_put_fill(&b, 0x55, 300);
	assert_int_equal(frees + 1, nr_frees);
	assert_memory_equal("secret", b.p, 6);
	ks_buf_done(&b);
	assert_int_equal(frees + 2, nr_frees);
	ks_buf_done(&b);
	assert_int_equal(frees + 2, nr_frees);
}

static void numbers_are_written_little_endian_and_big_endian(void **state)
{
	static const u8 expected[] = { 0xa1, 0xb2, 0xb1, 0xc4, 0xc3, 0xc2, 0xc1, 0x08, 0x07, 0x06,
				       0x05, 0x04, 0x03, 0x02, 0x01, 0xd1, 0xd2, 0xd3, 0xd4, 'x' };
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	(void)state;

	ks_put_u8(&b, 0xa1);
	ks_put_le16(&b, 0xb1b2);
	ks_put_le32(&b, 0xc1c2c3c4);
	ks_put_le64(&b, 0x0102030405060708);
	ks_put_be32(&b, 0xd1d2d3d4);
	ks_put_str(&b, "x");
	assert_int_equal(0, ks_buf_ok(&b, NULL));
	assert_int_equal(sizeof(expected), b.bytes);
	assert_memory_equal(expected, b.p, sizeof(expected));
	assert_ptr_equal(b.p, ks_buf_span(&b).p);
	assert_int_equal(b.bytes, ks_buf_span(&b).bytes);
}

/* Appends of every size around the first room of 256 bytes and its doubling. */
static void content_survives_growing(void **state)
{
	size_t first, more, i;
	(void)state;

	for (first = 0; first < 520; first += first < 250 ? 50 : 1) {
		for (more = 0; more < 3; more++) {
			__cleanup(ks_buf_done) struct ks_buf b = { 0 };

			for (i = 0; i < first; i++)
				ks_put_u8(&b, (u8)i);
			ks_put_fill(&b, 0xee, more);
			assert_int_equal(0, ks_buf_ok(&b, NULL));
			assert_int_equal(first + more, b.bytes);
			assert_true(b.room_bytes >= b.bytes);
			for (i = 0; i < first; i++)
				assert_int_equal((u8)i, b.p[i]);
			for (; i < first + more; i++)
				assert_int_equal(0xee, b.p[i]);
		}
	}
}

static void room_doubles(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 }, large = { 0 };
	u8 *p;
	(void)state;

	ks_put_u8(&b, 1);
	assert_int_equal(256, b.room_bytes);
	p = b.p;
	ks_put_fill(&b, 1, 255);
	assert_int_equal(256, b.room_bytes);
	/* Exactly full is full enough: nothing was allocated again. */
	assert_ptr_equal(p, b.p);
	ks_put_u8(&b, 1);
	assert_int_equal(512, b.room_bytes);
	ks_put_fill(&b, 1, 1000);
	assert_int_equal(2048, b.room_bytes);
	ks_put_fill(&large, 1, 1024);
	assert_int_equal(1024, large.room_bytes);
}

static void nothing_appended_is_nothing_allocated(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	(void)state;

	ks_put(&b, (struct ks_span){ 0 });
	ks_put_str(&b, "");
	ks_put_fill(&b, 7, 0);
	ks_put_align(&b, 8);
	ks_buf_patch(&b, 99, (struct ks_span){ 0 });
	assert_null(b.p);
	assert_int_equal(0, b.bytes);
	assert_int_equal(0, ks_buf_ok(&b, NULL));
}

static void a_patch_lies_inside_or_is_refused(void **state)
{
	static const u64 off[] = { 0, 1, 4, 5, 6, 7, 8, 9, UINT64_MAX };
	size_t i, k;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(off); i++) {
		__cleanup(ks_buf_done) struct ks_buf four = { 0 }, two = { 0 };
		struct ks_diag diag = { 0 };

		ks_put_fill(&four, 0xee, 8);
		ks_buf_patch_le32(&four, off[i], 0x11223344);
		assert_int_equal(off[i] <= 4 ? 0 : -EINVAL, ks_buf_ok(&four, &diag));
		assert_int_equal(off[i] <= 4 ? 0 : -EINVAL, diag.err);
		for (k = 0; k < 8; k++)
			assert_int_equal(off[i] <= 4 && k >= off[i] && k < off[i] + 4 ?
						 0x44 - 0x11 * (k - off[i]) :
						 0xee,
					 four.p[k]);
		ks_put_fill(&two, 0xee, 8);
		ks_buf_patch_le16(&two, off[i], 0x1122);
		assert_int_equal(off[i] <= 6 ? 0 : -EINVAL, ks_buf_ok(&two, NULL));
		for (k = 0; k < 8; k++)
			assert_int_equal(off[i] <= 6 && k >= off[i] && k < off[i] + 2 ?
						 0x22 - 0x11 * (k - off[i]) :
						 0xee,
					 two.p[k]);
	}
}

static void failure_sticks_and_the_first_one_is_told(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_diag diag = { 0 };
	(void)state;

	ks_put_str(&b, "abc");
	ks_buf_patch_le32(&b, 0, 0);
	assert_int_equal(-EINVAL, b.err);
	ks_put_str(&b, "def");
	ks_put_fill(&b, 0, UINT64_MAX);
	ks_buf_patch(&b, 0, ks_span_str("x"));
	assert_null(ks_put_room(&b, 1));
	ks_put_done(&b, 1);
	assert_int_equal(3, b.bytes);
	assert_memory_equal("abc", b.p, 3);
	assert_int_equal(-EINVAL, ks_buf_ok(&b, &diag));
	assert_string_equal("patch outside of the buffer", diag.what);
	assert_true(diag.off == KS_NO_OFF);
}

/* Additions that wrap, doublings that would, and no memory for what fits. */
static void a_buffer_that_cannot_grow_says_so(void **state)
{
	static const u64 much[] = { UINT64_MAX,	    UINT64_MAX - 2,  UINT64_MAX - 3,
				    (1ULL << 63) - 3, (1ULL << 63) - 2, 1ULL << 63, 254 };
	size_t i;
	(void)state;

	fail_above = 256;
	for (i = 0; i < KS_ARRAY_SIZE(much); i++) {
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };
		struct ks_diag diag = { 0 };

		ks_put_str(&b, "abc");
		ks_put_fill(&b, 0, much[i]);
		ks_put_str(&b, "def");
		assert_int_equal(-ENOMEM, ks_buf_ok(&b, &diag));
		assert_int_equal(-ENOMEM, diag.err);
		assert_string_equal("out of memory", diag.what);
		assert_int_equal(3, b.bytes);
		assert_int_equal(256, b.room_bytes);
	}
}

static void alignment_fills_with_zeros_to_a_multiple(void **state)
{
	size_t n, align;
	(void)state;

	for (align = 1; align <= 16; align *= 2) {
		for (n = 0; n <= 33; n++) {
			__cleanup(ks_buf_done) struct ks_buf b = { 0 };
			size_t expected = n, i;

			while (expected % align)
				expected++;
			ks_put_fill(&b, 0xff, n);
			ks_put_align(&b, align);
			assert_int_equal(expected, b.bytes);
			assert_int_equal(expected, ks_align_up(n, align));
			for (i = n; i < b.bytes; i++)
				assert_int_equal(0, b.p[i]);
		}
	}
}

static void room_is_filled_by_others_and_then_counted(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	u8 *room;
	(void)state;

	ks_put_str(&b, "ab");
	room = ks_put_room(&b, 300);
	assert_ptr_equal(b.p + 2, room);
	assert_int_equal(2, b.bytes);
	memcpy(room, "cd", 2);
	ks_put_done(&b, 0);
	assert_int_equal(2, b.bytes);
	ks_put_done(&b, 2);
	assert_int_equal(4, b.bytes);
	assert_memory_equal("abcd", b.p, 4);
	/* All of the room is fine, a byte more is not. */
	ks_put_done(&b, b.room_bytes - b.bytes);
	assert_int_equal(b.room_bytes, b.bytes);
	assert_int_equal(0, ks_buf_ok(&b, NULL));
	ks_put_done(&b, 1);
	assert_int_equal(b.room_bytes, b.bytes);
	assert_int_equal(-EINVAL, ks_buf_ok(&b, NULL));
}

static void moving_leaves_nothing_behind(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf a = { 0 }, b = { 0 };
	(void)state;

	ks_put_str(&a, "abc");
	ks_buf_move(&b, &a);
	assert_null(a.p);
	assert_int_equal(0, a.bytes);
	assert_int_equal(0, a.room_bytes);
	assert_memory_equal("abc", b.p, 3);
	ks_buf_done(&b);
	assert_null(b.p);
	assert_int_equal(0, b.bytes);
	assert_int_equal(0, b.room_bytes);
	assert_int_equal(0, b.err);
	ks_buf_done(&b);
}

static void cleared_buffer_keeps_its_room(void **state)
{
	struct ks_buf b = { 0 };
	u8 *p;
	(void)state;

	ks_put_str(&b, "some text");
	p = b.p;
	ks_buf_patch(&b, 100, ks_span_str("x"));
	ks_buf_clear(&b);
	assert_int_equal(0, b.bytes);
	assert_int_equal(0, ks_buf_ok(&b, NULL));
	assert_int_equal(256, b.room_bytes);
	ks_put_str(&b, "more");
	assert_ptr_equal(p, b.p);
	assert_true(ks_span_eq(ks_span_str("more"), ks_buf_span(&b)));
	ks_buf_done(&b);
}

/* @had in one piece, then @put in one piece: how much room is there? */
static void large_pieces_get_the_room_they_need(void **state)
{
	static const struct {
		u64 had, put, room;
	} cases[] = {
		{ 0, 1 << 20, 1 << 20 },
		{ 0, (1 << 20) + 1, (1 << 20) + 1 },
		{ 1, (1 << 20) - 1, 1 << 20 },
		{ 1, 1 << 20, (1 << 20) + 1 },
		{ 1000, 700000, 1 << 20 },
		{ 700000, 700000, 2 << 20 },
		{ 700000, 700001, 1400001 },
		{ (1 << 20) + 1, (1 << 20) + 1, 2 * ((1 << 20) + 1) },
		{ (1 << 20) + 1, 1 << 20, 2 * ((1 << 20) + 1) },
		{ (1 << 20) + 1, 1, 2 * ((1 << 20) + 1) },
		{ 3 << 20, 5 << 20, 8 << 20 },
	};
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(cases); i++) {
		struct ks_buf b = { 0 };

		ks_put_fill(&b, 1, cases[i].had);
		ks_put_fill(&b, 2, cases[i].put);
		assert_int_equal(0, ks_buf_ok(&b, NULL));
		assert_int_equal(cases[i].room, b.room_bytes);
		assert_int_equal(2, b.p[b.bytes - 1]);
		ks_buf_done(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(content_is_wiped_when_it_moves_and_when_it_goes,
					  nothing_is_left),
		cmocka_unit_test_teardown(numbers_are_written_little_endian_and_big_endian,
					  nothing_is_left),
		cmocka_unit_test_teardown(content_survives_growing, nothing_is_left),
		cmocka_unit_test_teardown(room_doubles, nothing_is_left),
		cmocka_unit_test_teardown(nothing_appended_is_nothing_allocated, nothing_is_left),
		cmocka_unit_test_teardown(a_patch_lies_inside_or_is_refused, nothing_is_left),
		cmocka_unit_test_teardown(failure_sticks_and_the_first_one_is_told,
					  nothing_is_left),
		cmocka_unit_test_teardown(a_buffer_that_cannot_grow_says_so, nothing_is_left),
		cmocka_unit_test_teardown(alignment_fills_with_zeros_to_a_multiple,
					  nothing_is_left),
		cmocka_unit_test_teardown(room_is_filled_by_others_and_then_counted,
					  nothing_is_left),
		cmocka_unit_test_teardown(moving_leaves_nothing_behind, nothing_is_left),
		cmocka_unit_test(cleared_buffer_keeps_its_room),
		cmocka_unit_test(large_pieces_get_the_room_they_need),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
