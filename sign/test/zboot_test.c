// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "fmt/zboot.h"

#define STREAM "compressed\x04\x03\x02\x01"
#define STREAM_BYTES (sizeof(STREAM) - 1)
#define PAYLOAD_OFF 128U
#define IMAGE_BYTES (PAYLOAD_OFF + STREAM_BYTES + 4)

/* drivers/firmware/efi/libstub/zboot-header.S, and behind it the payload, a length, an end. */
static void make_image(struct ks_buf *b, const char *compression)
{
	ks_put_le32(b, 0x5a4d);
	ks_put_str(b, "zimg");
	ks_put_le32(b, PAYLOAD_OFF);
	ks_put_le32(b, STREAM_BYTES);
	ks_put_le64(b, 0);
	ks_put_str(b, compression);
	ks_put_fill(b, 0, 0x38 - b->bytes);
	ks_put_le32(b, 0x818223cd);
	ks_put_le32(b, 0x40);
	ks_put_fill(b, 0, PAYLOAD_OFF - b->bytes);
	ks_put(b, (struct ks_span){ (const u8 *)STREAM, STREAM_BYTES });
	ks_put_le32(b, 0x0a0b0c0d);
	assert_int_equal(0, ks_buf_ok(b, NULL));
}

/* The end of a gzip stream is the length; behind any other stands one that the size does not count. */
static void the_stream_and_its_length_are_found(void **state)
{
	static const struct {
		const char *compression;
		u32 unpacked_bytes;
	} kinds[] = { { "gzip", 0x01020304 }, { "zstd", 0x0a0b0c0d }, { "gzip2", 0x0a0b0c0d } };
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(kinds); i++) {
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };
		struct ks_zboot_view view;

		make_image(&b, kinds[i].compression);
		assert_true(ks_zboot_probe(ks_buf_span(&b)));
		assert_int_equal(0, ks_zboot_parse(ks_buf_span(&b), &view, NULL));
		assert_true(ks_span_eq(ks_span_str(kinds[i].compression), view.compression));
		assert_int_equal(PAYLOAD_OFF, view.stream_off);
		assert_int_equal(STREAM_BYTES, view.stream.bytes);
		assert_memory_equal(STREAM, view.stream.p, STREAM_BYTES);
		assert_int_equal(kinds[i].unpacked_bytes, view.unpacked_bytes);
	}
}

/* Each changes four bytes of a good image, which parses without the change. */
static const struct {
	u64 off;
	u32 value;
} bad[] = {
	{ 0, 0 },			/* no "MZ" */
	{ 0, 0x10005a4d },		/* more behind it than zeros */
	{ 4, 0x676d6979 },		/* no "zimg" */
	{ 8, 0 },			/* the payload is the header */
	{ 8, 0x3f },
	{ 8, PAYLOAD_OFF + 1 },		/* its length ends one byte too far */
	{ 8, 0xffffffff },
	{ 12, 0 },
	{ 12, 4 },			/* no more than a length */
	{ 12, STREAM_BYTES + 1 },
	{ 12, 0xffffffff },
	{ 24, 0 },			/* no compression */
	{ 0x38, 0 },			/* not of Linux */
};

static void what_is_out_of_range_is_refused(void **state)
{
	struct ks_zboot_view view;
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(bad); i++) {
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };
		struct ks_diag diag = { 0 };

		make_image(&b, "zstd");
		assert_int_equal(0, ks_zboot_parse(ks_buf_span(&b), &view, NULL));
		ks_buf_patch_le32(&b, bad[i].off, bad[i].value);
		assert_int_equal(-EBADMSG, ks_zboot_parse(ks_buf_span(&b), &view, &diag));
		assert_true(!diag.has_range || diag.want > diag.have);
	}
}

static void a_compression_without_end_is_refused(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_zboot_view view;
	(void)state;

	make_image(&b, "zstd");
	memset(b.p + 24, 'z', 0x38 - 24 - 1);
	assert_int_equal(0, ks_zboot_parse(ks_buf_span(&b), &view, NULL));
	assert_int_equal(0x38 - 24 - 1, view.compression.bytes);
	b.p[0x37] = 'z';
	assert_int_equal(-EBADMSG, ks_zboot_parse(ks_buf_span(&b), &view, NULL));
}

static void every_truncation_is_refused(void **state)
{
	static const struct {
		const char *compression;
		size_t bytes;
	} kinds[] = { { "zstd", IMAGE_BYTES }, { "gzip", IMAGE_BYTES - 4 } };
	struct ks_zboot_view view;
	size_t i, bytes;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(kinds); i++) {
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };

		make_image(&b, kinds[i].compression);
		for (bytes = 0; bytes < kinds[i].bytes; bytes++)
			assert_int_equal(-EBADMSG, ks_zboot_parse((struct ks_span){ b.p, bytes }, &view, NULL));
		assert_int_equal(0, ks_zboot_parse((struct ks_span){ b.p, bytes }, &view, NULL));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_stream_and_its_length_are_found),
		cmocka_unit_test(what_is_out_of_range_is_refused),
		cmocka_unit_test(a_compression_without_end_is_refused),
		cmocka_unit_test(every_truncation_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
