// SPDX-License-Identifier: LGPL-2.1-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "fmt/arm64_image.h"

#define MAGIC_OFF 0x38U
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

static void it_is_recognised_by_its_magic(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	u64 off;
	(void)state;

	make_image(&b);
	assert_true(ks_arm64_image_probe(ks_buf_span(&b)));
	for (off = 0; off < b.bytes; off++) {
		bool in_magic = off >= MAGIC_OFF && off < MAGIC_OFF + 4;

		/* One bit of any byte; without the magic it is none, and nothing else counts. */
		b.p[off] ^= 0x20;
		assert_int_equal(!in_magic, ks_arm64_image_probe(ks_buf_span(&b)));
		b.p[off] ^= 0x20;
	}
}

static void every_truncation_up_to_the_magic_is_none(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	size_t bytes;
	(void)state;

	make_image(&b);
	for (bytes = 0; bytes <= b.bytes; bytes++)
		assert_int_equal(bytes >= MAGIC_OFF + 4, ks_arm64_image_probe((struct ks_span){ b.p, bytes }));
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
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_recognised_by_its_magic),
		cmocka_unit_test(every_truncation_up_to_the_magic_is_none),
		cmocka_unit_test(the_magic_elsewhere_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
