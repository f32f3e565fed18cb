// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/der.h"

static int get(const u8 *bytes, size_t nr, struct ks_der *ret_der, struct ks_diag *diag)
{
	struct ks_cursor c;

	ks_cursor_init(&c, (struct ks_span){ bytes, nr }, 0);
	return ks_der_get(&c, ret_der, diag);
}

static void round_trips_at_every_length_form(void **state)
{
	static const struct {
		size_t bytes;
		u8 head[6];
		size_t head_bytes;
	} row[] = {
		{ 0, { 0x04, 0 }, 2 },
		{ 1, { 0x04, 1 }, 2 },
		{ 0x7f, { 0x04, 0x7f }, 2 },
		{ 0x80, { 0x04, 0x81, 0x80 }, 3 },
		{ 0xff, { 0x04, 0x81, 0xff }, 3 },
		{ 0x100, { 0x04, 0x82, 0x01, 0x00 }, 4 },
		{ 0xffff, { 0x04, 0x82, 0xff, 0xff }, 4 },
		{ 0x10000, { 0x04, 0x83, 0x01, 0x00, 0x00 }, 5 },
		{ 0x1000000, { 0x04, 0x84, 0x01, 0x00, 0x00, 0x00 }, 6 },
	};
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(row); i++) {
		__cleanup(ks_buf_done) struct ks_buf value = { 0 }, out = { 0 };
		struct ks_cursor c;
		struct ks_der der;

		ks_put_fill(&value, 0x5a, row[i].bytes);
		ks_put_str(&out, "before");
		ks_put_der_buf(&out, KS_DER_OCTET_STRING, &value);
		assert_int_equal(0, ks_buf_ok(&out, NULL));
		ks_cursor_init(&c, ks_buf_span(&out), 1000);
		ks_cursor_skip(&c, 6);
		assert_int_equal(0, ks_der_get(&c, &der, NULL));
		assert_int_equal(0, ks_cursor_end(&c, "end", NULL));
		assert_int_equal(KS_DER_OCTET_STRING, der.tag);
		assert_true(ks_span_eq(der.value, ks_buf_span(&value)));
		assert_int_equal(1000 + 6 + row[i].head_bytes, der.value_off);
		assert_ptr_equal(out.p + 6, der.whole.p);
		assert_int_equal(out.bytes - 6, der.whole.bytes);
		assert_memory_equal(row[i].head, der.whole.p, row[i].head_bytes);
	}
}

static void refuses_what_two_readers_could_read_differently(void **state)
{
	static const struct {
		u8 bytes[8];
		size_t nr;
		u64 off;
		const char *what;
	} bad[] = {
		{ { 0x30, 0x80, 0, 0 }, 4, 1, "DER length is indefinite or over 4 bytes" },
		{ { 0x30, 0x85, 0, 0, 0, 0, 1, 0 }, 8, 1, "DER length is indefinite or over 4 bytes" },
		{ { 0x30, 0xff, 0, 0 }, 4, 1, "DER length is indefinite or over 4 bytes" },
		/* the long form for a short length, up to the longest */
		{ { 0x30, 0x81, 0x01, 0 }, 4, 1, "DER length is cut short or not minimal" },
		{ { 0x30, 0x81, 0x7f, 0 }, 4, 1, "DER length is cut short or not minimal" },
		/* leading zeros */
		{ { 0x30, 0x82, 0x00, 0x80, 0 }, 5, 1, "DER length is cut short or not minimal" },
		{ { 0x30, 0x82, 0x00, 0xff, 0 }, 5, 1, "DER length is cut short or not minimal" },
		{ { 0x30, 0x84, 0, 0xff, 0xff, 0xff }, 6, 1, "DER length is cut short or not minimal" },
		/* cut in the length */
		{ { 0x30, 0x82, 0x01 }, 3, 1, "DER length is cut short or not minimal" },
		{ { 0x30, 0x82, 0xff }, 3, 1, "DER length is cut short or not minimal" },
		{ { 0x30 }, 1, 1, "DER element cut short" },
		{ { 0 }, 0, 0, "DER element cut short" },
		{ { 0x1f, 0x01, 0x00 }, 3, 0, "DER tag over one byte" },
		{ { 0xbf, 0x01, 0x00 }, 3, 0, "DER tag over one byte" },
		/* past the end */
		{ { 0x30, 0x03, 1, 2 }, 4, 0, "DER element" },
		{ { 0x30, 0x01 }, 2, 0, "DER element" },
		{ { 0x30, 0x84, 0xff, 0xff, 0xff, 0xff }, 6, 0, "DER element" },
		{ { 0x30, 0x82, 0x01, 0x00, 0 }, 5, 0, "DER element" },
	};
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(bad); i++) {
		struct ks_der der = { .tag = 0x77 };
		struct ks_diag diag = { 0 };

		assert_int_equal(-EBADMSG, get(bad[i].bytes, bad[i].nr, &der, &diag));
		assert_int_equal(bad[i].off, diag.off);
		assert_string_equal(bad[i].what, diag.what);
		/* Nothing is published on failure. */
		assert_int_equal(0x77, der.tag);
	}
}

static void says_how_much_is_missing(void **state)
{
	static const u8 bytes[] = { 0x30, 0x05, 1, 2 };
	struct ks_diag diag = { 0 };
	struct ks_der der;
	(void)state;

	assert_int_equal(-EBADMSG, get(bytes, sizeof(bytes), &der, &diag));
	assert_true(diag.has_range);
	assert_int_equal(5, diag.want);
	assert_int_equal(2, diag.have);
}

static void reads_the_shortest_that_are_right(void **state)
{
	static const u8 empty[] = { 0x05, 0 }, tag_1e[] = { 0x1e, 1, 9 };
	struct ks_der der;
	(void)state;

	assert_int_equal(0, get(empty, sizeof(empty), &der, NULL));
	assert_int_equal(KS_DER_NULL, der.tag);
	assert_int_equal(0, der.value.bytes);
	assert_int_equal(2, der.whole.bytes);
	assert_int_equal(2, der.value_off);
	assert_int_equal(0, get(tag_1e, sizeof(tag_1e), &der, NULL));
	assert_int_equal(0x1e, der.tag);
}

static void entering_asks_for_the_tag(void **state)
{
	static const u8 bytes[] = { 0x30, 3, 0x02, 1, 7, 0x30, 5 };
	struct ks_diag diag = { 0 }, wrong = { 0 }, cut = { 0 };
	struct ks_cursor c, inside;
	struct ks_der der;
	(void)state;

	ks_cursor_init(&c, (struct ks_span){ bytes, sizeof(bytes) }, 40);
	assert_int_equal(0, ks_der_enter(&c, KS_DER_SEQUENCE, "no sequence", &inside, &diag));
	assert_int_equal(42, ks_cursor_off(&inside));
	assert_int_equal(0, ks_der_get(&inside, &der, NULL));
	assert_int_equal(KS_DER_INTEGER, der.tag);
	assert_int_equal(0, ks_cursor_end(&inside, "end", NULL));
	assert_int_equal(45, ks_cursor_off(&c));

	assert_int_equal(-EBADMSG, ks_der_enter(&c, KS_DER_SEQUENCE, "cut", &inside, &cut));
	assert_string_equal("DER element", cut.what);
	assert_int_equal(45, cut.off);

	ks_cursor_init(&c, (struct ks_span){ bytes, sizeof(bytes) }, 40);
	assert_int_equal(-EBADMSG, ks_der_enter(&c, KS_DER_SET, "no set", &inside, &wrong));
	assert_string_equal("no set", wrong.what);
	assert_int_equal(40, wrong.off);
}

static void a_broken_part_breaks_the_whole(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf part = { 0 }, out = { 0 }, broken = { 0 };
	(void)state;

	ks_buf_patch_le16(&part, 0, 1);
	assert_int_equal(-EINVAL, part.err);
	ks_put_der_buf(&out, KS_DER_SET, &part);
	assert_int_equal(-EINVAL, ks_buf_ok(&out, NULL));
	/* The first failure stays. */
	broken.err = -ENOMEM;
	ks_put_der_buf(&broken, KS_DER_SET, &part);
	assert_int_equal(-ENOMEM, broken.err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trips_at_every_length_form),
		cmocka_unit_test(refuses_what_two_readers_could_read_differently),
		cmocka_unit_test(says_how_much_is_missing),
		cmocka_unit_test(reads_the_shortest_that_are_right),
		cmocka_unit_test(entering_asks_for_the_tag),
		cmocka_unit_test(a_broken_part_breaks_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
