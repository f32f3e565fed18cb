// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "fmt/bzimage.h"
#include "fmt/certlist.h"
#include "fmt/ikconfig.h"

#define PAYLOAD "compressed\x04\x03\x02\x01"
#define PAYLOAD_BYTES (sizeof(PAYLOAD) - 1)
#define SETUP_BYTES 1024U /* one sector of setup code behind the boot sector */
#define BEFORE_PAYLOAD 16U

/* The smallest image: headers, some code, the payload, some more. */
static void make_image(struct ks_buf *b)
{
	ks_put_fill(b, 0, 0x1f1);
	ks_put_u8(b, 1);
	ks_put_fill(b, 0, 0x1fe - 0x1f2);
	ks_put_le16(b, 0xaa55);
	ks_put_fill(b, 0, 2);
	ks_put_str(b, "HdrS");
	ks_put_le16(b, 0x020f);
	ks_put_fill(b, 0, 0x248 - 0x208);
	ks_put_le32(b, BEFORE_PAYLOAD);
	ks_put_le32(b, PAYLOAD_BYTES);
	ks_put_fill(b, 0, SETUP_BYTES + BEFORE_PAYLOAD - b->bytes);
	ks_put(b, (struct ks_span){ (const u8 *)PAYLOAD, PAYLOAD_BYTES });
	ks_put_fill(b, 0, 8);
	assert_int_equal(0, ks_buf_ok(b, NULL));
}

static void the_payload_is_found(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_bzimage_view view;
	struct ks_span stream;
	u32 bytes;
	(void)state;

	make_image(&b);
	assert_true(ks_bzimage_probe(ks_buf_span(&b)));
	assert_int_equal(0, ks_bzimage_parse(ks_buf_span(&b), &view, NULL));
	assert_int_equal(0x020f, view.protocol);
	assert_int_equal(SETUP_BYTES + BEFORE_PAYLOAD, view.payload_off);
	assert_int_equal(PAYLOAD_BYTES, view.payload.bytes);
	assert_int_equal(0, ks_bzimage_cut(&view, false, &stream, &bytes, NULL));
	assert_int_equal(PAYLOAD_BYTES - 4, stream.bytes);
	assert_int_equal(0x01020304, bytes);
	assert_int_equal(0, ks_bzimage_cut(&view, true, &stream, &bytes, NULL));
	assert_int_equal(PAYLOAD_BYTES, stream.bytes);
	assert_int_equal(0x01020304, bytes);
}

static void no_setup_sectors_mean_four(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_bzimage_view view;
	(void)state;

	make_image(&b);
	b.p[0x1f1] = 0;
	ks_put_fill(&b, 0, 4096);
	assert_int_equal(0, ks_bzimage_parse(ks_buf_span(&b), &view, NULL));
	assert_int_equal(5 * 512 + BEFORE_PAYLOAD, view.payload_off);
}

/* Each changes four bytes of a good image, which parses without the change. */
static const struct {
	u64 off;
	u32 value;
	int err;
} bad[] = {
	{ 0x1fe, 0, -EBADMSG },		 /* no boot flag */
	{ 0x202, 0, -EBADMSG },		 /* no "HdrS" */
	{ 0x206, 0x0207, -EOPNOTSUPP },	 /* too old to have a payload */
	{ 0x248, 0xffffffff, -EBADMSG }, /* payload far outside */
	{ 0x248, 0x7fffffff, -EBADMSG },
	{ 0x248, BEFORE_PAYLOAD + 9, -EBADMSG }, /* the last byte is one too far */
	{ 0x24c, 0, -EBADMSG },
	{ 0x24c, 0xffffffff, -EBADMSG },
	{ 0x24c, PAYLOAD_BYTES + 9, -EBADMSG },
	{ 0x1f1, 0xff, -EBADMSG }, /* setup code larger than the file */
};

static void what_is_out_of_range_is_refused(void **state)
{
	struct ks_bzimage_view view;
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(bad); i++) {
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };
		struct ks_diag diag = { 0 };

		make_image(&b);
		assert_int_equal(0, ks_bzimage_parse(ks_buf_span(&b), &view, NULL));
		ks_buf_patch_le32(&b, bad[i].off, bad[i].value);
		assert_int_equal(bad[i].err, ks_bzimage_parse(ks_buf_span(&b), &view, &diag));
		/* Who is told how much is needed can be sure that there is less. */
		assert_true(!diag.has_range || diag.want > diag.have);
	}
}

static void every_truncation_is_refused(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_bzimage_view view;
	size_t bytes;
	(void)state;

	make_image(&b);
	for (bytes = 0; bytes < SETUP_BYTES + BEFORE_PAYLOAD + PAYLOAD_BYTES; bytes++)
		assert_int_equal(-EBADMSG, ks_bzimage_parse((struct ks_span){ b.p, bytes }, &view, NULL));
	assert_int_equal(0, ks_bzimage_parse((struct ks_span){ b.p, bytes }, &view, NULL));
}

static void a_payload_without_room_for_its_length(void **state)
{
	struct ks_bzimage_view view = { .payload = ks_span_str("abcd") };
	struct ks_span stream;
	u32 bytes;
	(void)state;

	assert_int_equal(-EBADMSG, ks_bzimage_cut(&view, false, &stream, &bytes, NULL));
	view.payload = ks_span_str("abcde");
	assert_int_equal(0, ks_bzimage_cut(&view, false, &stream, &bytes, NULL));
	assert_int_equal(1, stream.bytes);
}

#define START "IKCFG_ST\x1f\x8b"

static void one_configuration_is_found(void **state)
{
	struct ks_span gzip;
	(void)state;

	assert_int_equal(0, ks_ikconfig_find(ks_span_str("ab" START "zipIKCFG_EDcd"), &gzip, NULL));
	assert_true(ks_span_eq(ks_span_str("\x1f\x8bzip"), gzip));
	/* The letters alone are somebody's string. */
	assert_int_equal(0, ks_ikconfig_find(ks_span_str("IKCFG_ST" START "IKCFG_ED"), &gzip, NULL));
	assert_int_equal(-ENODATA, ks_ikconfig_find(ks_span_str("IKCFG_STxxIKCFG_ED"), &gzip, NULL));
	assert_int_equal(-ENODATA, ks_ikconfig_find((struct ks_span){ 0 }, &gzip, NULL));
	assert_int_equal(-EBADMSG, ks_ikconfig_find(ks_span_str(START "zip"), &gzip, NULL));
	assert_int_equal(-EBADMSG,
			 ks_ikconfig_find(ks_span_str(START "IKCFG_ED" START "IKCFG_ED"), &gzip, NULL));
}

static void values_of_symbols(void **state)
{
	struct ks_span text = ks_span_str("# CONFIG_OFF is not set\nCONFIG_YES=y\nCONFIG_YES_TOO=m\n"
					  "CONFIG_TEXT=\"a b\"\nCONFIG_EMPTY=\"\"\nCONFIG_BITS=384");
	struct ks_span value;
	(void)state;

	assert_true(ks_kconfig_is_on(text, "CONFIG_YES"));
	assert_true(ks_kconfig_is_on(text, "CONFIG_YES_TOO"));
	assert_false(ks_kconfig_is_on(text, "CONFIG_OFF"));
	assert_false(ks_kconfig_is_on(text, "CONFIG_YE"));
	assert_false(ks_kconfig_is_on(text, "CONFIG_BITS"));
	assert_true(ks_kconfig_value(text, "CONFIG_TEXT", &value));
	assert_true(ks_span_eq(ks_span_str("a b"), value));
	assert_true(ks_kconfig_value(text, "CONFIG_EMPTY", &value));
	assert_int_equal(0, value.bytes);
	assert_true(ks_kconfig_value(text, "CONFIG_BITS", &value));
	assert_true(ks_span_eq(ks_span_str("384"), value));
	assert_false(ks_kconfig_value(text, "CONFIG_NOT_THERE", &value));
}

#define LIST(text) ((struct ks_span){ (const u8 *)(text), sizeof(text) - 1 })

/* x509_load_certificate_list(): only a header with both bytes wrong stops it. */
static void lists_are_cut_as_the_kernel_cuts_them(void **state)
{
	struct ks_span list = LIST("\x30\x82\x00\x02xy\x30\x81\x00\x01z\x20\x82\x00\x00\x20\x81\x00\x00");
	struct ks_span der;
	(void)state;

	assert_int_equal(1, ks_certlist_next(&list, &der));
	assert_int_equal(6, der.bytes);
	assert_int_equal(1, ks_certlist_next(&list, &der));
	assert_int_equal(5, der.bytes);
	assert_int_equal(1, ks_certlist_next(&list, &der));
	assert_int_equal(4, der.bytes);
	assert_int_equal(-EBADMSG, ks_certlist_next(&list, &der));
	list = LIST("");
	assert_int_equal(0, ks_certlist_next(&list, &der));
	list = LIST("\x30\x82\x00");
	assert_int_equal(-EBADMSG, ks_certlist_next(&list, &der));
	list = LIST("\x30\x82\x00\x02x");
	assert_int_equal(-EBADMSG, ks_certlist_next(&list, &der));
	list = LIST("\x30\x81\x00\x01z");
	assert_false(ks_certlist_strict(&list, &der));
	list = LIST("\x30\x82\x00\x01z");
	assert_true(ks_certlist_strict(&list, &der));
	assert_int_equal(0, list.bytes);
}

static int build(const struct ks_buf *image, size_t stream_bytes, bool is_gzip, u32 unpacked,
		 struct ks_buf *ret_file, struct ks_diag *diag)
{
	static const u8 stream[64] = "a stream that is as long as it is asked to be, and no longer ...";
	struct ks_bzimage_view view;

	assert_int_equal(0, ks_bzimage_parse(ks_buf_span(image), &view, NULL));
	return ks_bzimage_build(ks_buf_span(image), &view, (struct ks_span){ stream, stream_bytes }, is_gzip,
				unpacked, ret_file, diag);
}

static void another_stream_takes_the_place(void **state)
{
	size_t bytes;
	(void)state;

	for (bytes = 1; bytes <= PAYLOAD_BYTES - 4; bytes++) {
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };
		__cleanup(ks_buf_done) struct ks_buf made = { 0 };
		struct ks_bzimage_view view;
		struct ks_span stream, rest;
		u32 unpacked;

		make_image(&b);
		assert_int_equal(0, build(&b, bytes, false, 1U << 20, &made, NULL));
		assert_int_equal(b.bytes, made.bytes);
		assert_memory_equal(b.p, made.p, SETUP_BYTES + BEFORE_PAYLOAD);
		assert_int_equal(0, ks_bzimage_parse(ks_buf_span(&made), &view, NULL));
		assert_int_equal(0, ks_bzimage_cut(&view, false, &stream, &unpacked, NULL));
		assert_int_equal(1U << 20, unpacked);
		assert_memory_equal("a stream that is", stream.p, bytes);
		assert_true(ks_span_sub(stream, bytes, stream.bytes - bytes, &rest));
		assert_true(ks_span_is_zero(rest));
	}
}

static void a_stream_that_does_not_fit_is_refused(void **state)
{
	static const struct {
		size_t stream_bytes;
		bool is_gzip;
		u32 unpacked;
		int rc;
	} rows[] = {
		{ PAYLOAD_BYTES - 3, false, 1U << 20, -EBADMSG },
		{ PAYLOAD_BYTES + 1, true, 1U << 20, -EBADMSG },
		{ PAYLOAD_BYTES, true, 1U << 20, 0 },
		{ PAYLOAD_BYTES - 1, true, 1U << 20, -EOPNOTSUPP },
		{ PAYLOAD_BYTES - 3, true, 1U << 20, -EOPNOTSUPP },
		{ PAYLOAD_BYTES - 4, true, 1U << 20, 0 },
		/* 1/512 of the kernel is how much shorter it may be. */
		{ PAYLOAD_BYTES - 8, false, 512 * 4, 0 },
		{ PAYLOAD_BYTES - 9, false, 512 * 4, -EOPNOTSUPP },
		{ PAYLOAD_BYTES - 9, false, 512 * 5, 0 },
	};
	size_t i;
	(void)state;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };
		__cleanup(ks_buf_done) struct ks_buf made = { 0 };
		struct ks_diag diag = { 0 };

		make_image(&b);
		assert_int_equal(rows[i].rc, build(&b, rows[i].stream_bytes, rows[i].is_gzip, rows[i].unpacked,
						   &made, &diag));
		assert_int_equal(rows[i].rc, diag.err);
		assert_int_equal(rows[i].rc ? 0 : b.bytes, made.bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_payload_is_found),
		cmocka_unit_test(no_setup_sectors_mean_four),
		cmocka_unit_test(what_is_out_of_range_is_refused),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(a_payload_without_room_for_its_length),
		cmocka_unit_test(another_stream_takes_the_place),
		cmocka_unit_test(a_stream_that_does_not_fit_is_refused),
		cmocka_unit_test(one_configuration_is_found),
		cmocka_unit_test(values_of_symbols),
		cmocka_unit_test(lists_are_cut_as_the_kernel_cuts_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
