// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * base/ is what every parser trusts, and fuzzing formats does not reach its edges: a planted
 * off-by-8 in the gate survived millions of runs. So the edges are all tried here.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/cursor.h"
#include "base/der.h"

static const u8 digits[16] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };

static struct ks_span digits_span(size_t n)
{
	return (struct ks_span){ digits, n };
}

static void gate_admits_exactly_what_is_inside(void **state)
{
	static const u64 edge[] = { 0,	1,	    2,		7,	    8,		9,	 15,
				    16, 17,	    UINT32_MAX, 1ULL << 32, UINT64_MAX - 1,
				    UINT64_MAX };
	size_t i, j, n;
	(void)state;

	for (n = 0; n <= sizeof(digits); n++) {
		for (i = 0; i < KS_ARRAY_SIZE(edge); i++) {
			for (j = 0; j < KS_ARRAY_SIZE(edge); j++) {
				struct ks_span part = { NULL, 77 };
				/* Said without an addition that could wrap. */
				bool inside = edge[i] <= n && edge[j] <= n - edge[i];

				assert_int_equal(inside, ks_span_sub(digits_span(n), edge[i], edge[j],
								     &part));
				assert_int_equal(inside ? edge[j] : 77, part.bytes);
				if (inside)
					assert_ptr_equal(digits + edge[i], part.p);
			}
		}
	}
}

static void cursor_reads_little_endian_and_big_endian(void **state)
{
	struct ks_cursor c;
	(void)state;

	ks_cursor_init(&c, digits_span(16), 0);
	assert_int_equal(0x00, ks_get_u8(&c));
	assert_int_equal(0x0201, ks_get_le16(&c));
	assert_int_equal(0x06050403, ks_get_le32(&c));
	assert_int_equal(0x0708090a, ks_get_be32(&c));
	assert_int_equal(11, ks_cursor_off(&c));
	ks_cursor_init(&c, digits_span(16), 0);
	assert_true(ks_get_le64(&c) == 0x0706050403020100ULL);
	ks_cursor_skip(&c, 8);
	assert_int_equal(0, ks_cursor_end(&c, "end", NULL));
}

static void cursor_failure_sticks_and_names_the_first_place(void **state)
{
	struct ks_diag diag = { 0 };
	struct ks_cursor c;
	(void)state;

	ks_cursor_init(&c, digits_span(6), 100);
	assert_int_equal(0x03020100, ks_get_le32(&c));
	assert_int_equal(0, ks_get_le32(&c));
	assert_true(c.bad);
	/* Two bytes are left, but nothing is read after a failure. */
	assert_int_equal(0, ks_get_u8(&c));
	assert_int_equal(0, ks_cursor_left(&c));
	assert_int_equal(-EBADMSG, ks_cursor_end(&c, "short", &diag));
	assert_int_equal(104, diag.off);
	assert_string_equal("short", diag.what);
}

static void cursor_end_refuses_trailing_bytes(void **state)
{
	struct ks_diag diag = { 0 };
	struct ks_cursor c;
	(void)state;

	ks_cursor_init(&c, digits_span(5), 0);
	ks_cursor_skip(&c, 4);
	assert_int_equal(0, ks_cursor_ok(&c, "ok so far", NULL));
	assert_int_equal(-EBADMSG, ks_cursor_end(&c, "trailing", &diag));
	assert_int_equal(4, diag.off);
}

static void buffer_refuses_a_patch_outside_of_it(void **state)
{
	static const u64 off[] = { 0, 1, 4, 5, 6, 7, 8, UINT64_MAX };
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(off); i++) {
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };

		ks_put_fill(&b, 0, 8);
		ks_buf_patch_le32(&b, off[i], 0x11223344);
		assert_int_equal(off[i] <= 4 ? 0 : -EINVAL, ks_buf_ok(&b, NULL));
	}
}

static void buffer_room_counts_only_what_was_written(void **state)
{
	static const u64 edge[] = { 0, 1, 7, 8, 256, 257 };
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(edge); i++) {
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };
		u8 *room;

		ks_put_str(&b, "abc");
		room = ks_put_room(&b, 253);
		assert_non_null(room);
		memset(room, 'x', 253);
		/* The first allocation is 256 bytes: 253 are left behind "abc". */
		ks_put_done(&b, edge[i]);
		assert_int_equal(edge[i] <= 253 ? 0 : -EINVAL, ks_buf_ok(&b, NULL));
		assert_int_equal(edge[i] <= 253 ? 3 + edge[i] : 3, b.bytes);
		assert_memory_equal("abc", b.p, 3);
	}
}

static void buffer_without_memory_gives_no_room(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	(void)state;

	ks_put_str(&b, "abc");
	assert_null(ks_put_room(&b, UINT64_MAX));
	ks_put_done(&b, 1);
	assert_int_equal(-ENOMEM, ks_buf_ok(&b, NULL));
	assert_int_equal(3, b.bytes);
}

static void buffer_aligns_and_fills(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	(void)state;

	ks_put_str(&b, "abc");
	ks_put_align(&b, 8);
	assert_int_equal(8, b.bytes);
	ks_put_align(&b, 8);
	assert_int_equal(8, b.bytes);
	ks_put_fill(&b, 0xff, 1000);
	assert_int_equal(1008, b.bytes);
	assert_int_equal(0xff, b.p[1007]);
	assert_memory_equal("abc\0\0\0\0\0\xff", b.p, 9);
	assert_int_equal(0, ks_buf_ok(&b, NULL));
}

static void buffer_that_cannot_grow_says_so_once(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_diag diag = { 0 };
	(void)state;

	ks_put_str(&b, "abc");
	ks_put_fill(&b, 0, UINT64_MAX - 2);
	ks_put_str(&b, "def");
	assert_int_equal(-ENOMEM, ks_buf_ok(&b, &diag));
	assert_int_equal(3, b.bytes);
}

static void der_round_trips_at_every_length_form(void **state)
{
	static const size_t sizes[] = { 0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000 };
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(sizes); i++) {
		__cleanup(ks_buf_done) struct ks_buf value = { 0 }, out = { 0 };
		struct ks_cursor c;
		struct ks_der der;

		ks_put_fill(&value, 0x5a, sizes[i]);
		ks_put_der_buf(&out, KS_DER_OCTET_STRING, &value);
		ks_cursor_init(&c, ks_buf_span(&out), 0);
		assert_int_equal(0, ks_der_get(&c, &der, NULL));
		assert_int_equal(0, ks_cursor_end(&c, "end", NULL));
		assert_int_equal(KS_DER_OCTET_STRING, der.tag);
		assert_int_equal(sizes[i], der.value.bytes);
		assert_int_equal(out.bytes, der.whole.bytes);
	}
}

static void der_refuses_what_two_readers_could_read_differently(void **state)
{
	static const struct {
		u8 bytes[8];
		size_t nr;
		u64 off;
	} bad[] = {
		{ { 0x30, 0x80, 0, 0 }, 4, 1 },			 /* indefinite */
		{ { 0x30, 0x81, 0x01, 0 }, 4, 1 },		 /* long form for a short length */
		{ { 0x30, 0x82, 0x00, 0x80, 0 }, 5, 1 },	 /* leading zero */
		{ { 0x30, 0x85, 0, 0, 0, 0, 1, 0 }, 8, 1 },	 /* over four bytes */
		{ { 0x30, 0x84, 0xff, 0xff, 0xff, 0xff }, 6, 0 }, /* past the end */
		{ { 0x30, 0x03, 1, 2 }, 4, 0 },			 /* one byte short */
		{ { 0x30, 0x82, 0x01 }, 3, 1 },			 /* length cut */
		{ { 0x1f, 0x01, 0x00 }, 3, 0 },			 /* tag over one byte */
		{ { 0x30 }, 1, 1 },
	};
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(bad); i++) {
		struct ks_diag diag = { 0 };
		struct ks_cursor c;
		struct ks_der der;

		ks_cursor_init(&c, (struct ks_span){ bad[i].bytes, bad[i].nr }, 0);
		assert_int_equal(-EBADMSG, ks_der_get(&c, &der, &diag));
		assert_int_equal(bad[i].off, diag.off);
	}
}

static void lines_and_words_are_cut_without_a_copy(void **state)
{
	struct ks_span text = ks_span_str("one  two\n\nthree"), line, word;
	(void)state;

	assert_true(ks_span_line(&text, &line));
	assert_true(ks_span_word(&line, &word));
	assert_true(ks_span_eq(word, ks_span_str("one")));
	assert_true(ks_span_word(&line, &word));
	assert_true(ks_span_eq(word, ks_span_str("two")));
	assert_false(ks_span_word(&line, &word));
	assert_true(ks_span_line(&text, &line));
	assert_int_equal(0, line.bytes);
	assert_true(ks_span_line(&text, &line));
	assert_true(ks_span_eq(line, ks_span_str("three")));
	assert_false(ks_span_line(&text, &line));
	assert_true(ks_span_eq(ks_span_trim(ks_span_str("\t a b \r\n")), ks_span_str("a b")));
}

static void first_failure_wins_and_is_one_printable_line(void **state)
{
	struct ks_diag diag = { 0 };
	char line[128];
	(void)state;

	assert_int_equal(-EBADMSG, ks_fail_range(&diag, 0x98, "certificate table", 4096, 1203));
	assert_int_equal(-EIO, ks_fail(&diag, -EIO, 1, "a consequence"));
	ks_diag_in(&diag, "a\nb.efi");
	ks_diag_format(&diag, line, sizeof(line));
	assert_string_equal("a?b.efi: certificate table: 4096 needed, only 1203 there "
			    "(offset 0x98, EBADMSG)",
			    line);
	ks_diag_format(&diag, line, 10);
	assert_string_equal("a?b.efi: ", line);
}

static void long_file_names_keep_their_end(void **state)
{
	struct ks_diag diag = { 0 };
	char path[600];
	(void)state;

	memset(path, 'x', sizeof(path));
	memcpy(path + sizeof(path) - 8, "/end.ko", 8);
	(void)ks_fail(&diag, -EIO, KS_NO_OFF, "what");
	ks_diag_in(&diag, path);
	assert_int_equal(sizeof(diag.file) - 1, strlen(diag.file));
	assert_memory_equal("...", diag.file, 3);
	assert_string_equal("/end.ko", diag.file + sizeof(diag.file) - 8);
}

static void source_date_epoch_must_be_a_number(void **state)
{
	static const char *const bad[] = { "", "x", "12x", "-1", " 1", "99999999999999" };
	u64 t = 0;
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(bad); i++) {
		setenv("SOURCE_DATE_EPOCH", bad[i], 1);
		assert_int_equal(-EINVAL, ks_clock_build_time(&t, NULL));
	}
	setenv("SOURCE_DATE_EPOCH", "1767225600", 1);
	assert_int_equal(0, ks_clock_build_time(&t, NULL));
	assert_int_equal(1767225600, t);
	unsetenv("SOURCE_DATE_EPOCH");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gate_admits_exactly_what_is_inside),
		cmocka_unit_test(cursor_reads_little_endian_and_big_endian),
		cmocka_unit_test(cursor_failure_sticks_and_names_the_first_place),
		cmocka_unit_test(cursor_end_refuses_trailing_bytes),
		cmocka_unit_test(buffer_refuses_a_patch_outside_of_it),
		cmocka_unit_test(buffer_room_counts_only_what_was_written),
		cmocka_unit_test(buffer_without_memory_gives_no_room),
		cmocka_unit_test(buffer_aligns_and_fills),
		cmocka_unit_test(buffer_that_cannot_grow_says_so_once),
		cmocka_unit_test(der_round_trips_at_every_length_form),
		cmocka_unit_test(der_refuses_what_two_readers_could_read_differently),
		cmocka_unit_test(lines_and_words_are_cut_without_a_copy),
		cmocka_unit_test(first_failure_wins_and_is_one_printable_line),
		cmocka_unit_test(long_file_names_keep_their_end),
		cmocka_unit_test(source_date_epoch_must_be_a_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
