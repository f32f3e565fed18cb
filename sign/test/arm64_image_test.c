// SPDX-License-Identifier: LGPL-2.1-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "fmt/arm64_image.h"

#define IMAGE_MAGIC_OFF 0x38U
#define ZBOOT_MAGIC_OFF 4U
#define HEADER_BYTES 64U

/* arch/arm64/kernel/head.S: the first instruction is one whose bytes start with "MZ". */
static void make_image(struct ks_buf *b)
{
	ks_put_le32(b, 0xfa405a4d);
	ks_put_le32(b, 0x14000010);
	ks_put_le64(b, 0);
	ks_put_le64(b, 0x10000);
	ks_put_le64(b, 0xa);
	ks_put_fill(b, 0, 24);
	ks_put_str(b, "ARM\x64");
	ks_put_le32(b, HEADER_BYTES);
	ks_put_str(b, "PE");
	assert_int_equal(0, ks_buf_ok(b, NULL));
}

/* drivers/firmware/efi/libstub/zboot-header.S */
static void make_zboot(struct ks_buf *b)
{
	ks_put_le32(b, 0x5a4d);
	ks_put_str(b, "zimg");
	ks_put_le32(b, 0x1000);
	ks_put_le32(b, 0x2000);
	ks_put_le64(b, 0);
	ks_put_str(b, "gzip");
	ks_put_fill(b, 0, IMAGE_MAGIC_OFF - b->bytes);
	ks_put_le32(b, 0x818223cd);
	ks_put_le32(b, HEADER_BYTES);
	ks_put_str(b, "PE");
	assert_int_equal(0, ks_buf_ok(b, NULL));
}

static const struct {
	void (*make)(struct ks_buf *b);
	u64 magic_off;
} kinds[] = { { make_image, IMAGE_MAGIC_OFF }, { make_zboot, ZBOOT_MAGIC_OFF } };

static void both_are_recognised_by_their_magic(void **state)
{
	size_t i;
	u64 off;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(kinds); i++) {
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };

		kinds[i].make(&b);
		assert_true(ks_arm64_image_probe(ks_buf_span(&b)));
		for (off = 0; off < b.bytes; off++) {
			bool in_magic = off >= kinds[i].magic_off && off < kinds[i].magic_off + 4;

			/* One bit of any byte; without the magic it is none, and nothing else counts. */
			b.p[off] ^= 0x20;
			assert_int_equal(!in_magic, ks_arm64_image_probe(ks_buf_span(&b)));
			b.p[off] ^= 0x20;
		}
	}
}

static void every_truncation_up_to_the_magic_is_none(void **state)
{
	size_t i, bytes;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(kinds); i++) {
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };

		kinds[i].make(&b);
		for (bytes = 0; bytes <= b.bytes; bytes++)
			assert_int_equal(bytes >= kinds[i].magic_off + 4,
					 ks_arm64_image_probe((struct ks_span){ b.p, bytes }));
	}
	assert_false(ks_arm64_image_probe((struct ks_span){ 0 }));
}

static void the_magic_elsewhere_is_none(void **state)
{
	static const u64 places[] = { 0, 4, 0x34, 0x37, 0x39, 0x3c };
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(places); i++) {
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };

		ks_put_fill(&b, 0, 2 * HEADER_BYTES);
		ks_buf_patch(&b, places[i], ks_span_str("ARM\x64"));
		assert_int_equal(0, ks_buf_ok(&b, NULL));
		assert_false(ks_arm64_image_probe(ks_buf_span(&b)));
		ks_buf_patch(&b, places[i], ks_span_str("zimg"));
		assert_int_equal(places[i] == ZBOOT_MAGIC_OFF, ks_arm64_image_probe(ks_buf_span(&b)));
	}
	/* The magic in the other byte order. */
	assert_false(ks_arm64_image_probe(ks_span_str("MZ  gmiz")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_are_recognised_by_their_magic),
		cmocka_unit_test(every_truncation_up_to_the_magic_is_none),
		cmocka_unit_test(the_magic_elsewhere_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
