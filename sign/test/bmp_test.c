// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "fmt/bmp.h"

#define FILE_BYTES 58U
#define HEADER_BYTES 6U /* what is read: magic and size */
#define SIZE_OFF 2U

#define NOT_BMP "splash is not a BMP image"

/* One pixel, of 24 bits in a row of 4 bytes. */
static void make_bmp(struct ks_buf *b)
{
	ks_put_str(b, "BM");
	ks_put_le32(b, FILE_BYTES);
	ks_put_le32(b, 0);
	ks_put_le32(b, 54); /* offset of the pixels */
	ks_put_le32(b, 40); /* size of the second header, as of Windows 3 */
	ks_put_le32(b, 1);
	ks_put_le32(b, 1);
	ks_put_le16(b, 1);
	ks_put_le16(b, 24);
	ks_put_fill(b, 0, 24);
	ks_put_le32(b, 0xffffff);
	assert_int_equal(0, ks_buf_ok(b, NULL));
	assert_int_equal(FILE_BYTES, b->bytes);
}

static void an_image_of_its_size_is_accepted(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_diag diag = { 0 };
	(void)state;

	make_bmp(&b);
	assert_int_equal(0, ks_bmp_check(ks_buf_span(&b), &diag));
	assert_int_equal(0, diag.err);
	/* Nothing behind the size is read. */
	memset(b.p + HEADER_BYTES, 0xff, b.bytes - HEADER_BYTES);
	assert_int_equal(0, ks_bmp_check(ks_buf_span(&b), NULL));
}

static void another_magic_is_refused(void **state)
{
	static const struct {
		u64 off;
		u8 byte;
	} bad[] = { { 0, 'b' }, { 0, 'M' }, { 0, 0 }, { 1, 'B' }, { 1, 'm' }, { 1, 0 } };
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(bad); i++) {
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };
		struct ks_diag diag = { 0 };

		make_bmp(&b);
		b.p[bad[i].off] = bad[i].byte;
		assert_int_equal(-EBADMSG, ks_bmp_check(ks_buf_span(&b), &diag));
		assert_string_equal(NOT_BMP, diag.what);
		assert_int_equal(0, diag.off);
		assert_false(diag.has_range);
	}
}

static void another_size_than_the_file_has_is_refused(void **state)
{
	static const u32 bad[] = { FILE_BYTES + 1, 0x7fffffff, 0x80000000, 0xffffffff,
				   /* systemd-stub shows nothing if there is more, either */
				   FILE_BYTES - 1, HEADER_BYTES, 1, 0 };
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(bad); i++) {
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };
		struct ks_diag diag = { 0 };

		make_bmp(&b);
		ks_buf_patch_le32(&b, SIZE_OFF, bad[i]);
		assert_int_equal(-EBADMSG, ks_bmp_check(ks_buf_span(&b), &diag));
		assert_string_equal("splash BMP image", diag.what);
		assert_int_equal(SIZE_OFF, diag.off);
		assert_true(diag.has_range);
		assert_int_equal(bad[i], diag.want);
		assert_int_equal(FILE_BYTES, diag.have);
	}
}

static void every_truncation_is_refused(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	size_t bytes;
	(void)state;

	make_bmp(&b);
	for (bytes = 0; bytes < FILE_BYTES; bytes++) {
		struct ks_diag diag = { 0 };

		assert_int_equal(-EBADMSG, ks_bmp_check((struct ks_span){ b.p, bytes }, &diag));
		if (bytes < HEADER_BYTES) {
			assert_string_equal(NOT_BMP, diag.what);
			assert_int_equal(bytes < SIZE_OFF ? 0 : SIZE_OFF, diag.off);
		} else {
			assert_int_equal(FILE_BYTES, diag.want);
			assert_int_equal(bytes, diag.have);
		}
	}
	assert_int_equal(-EBADMSG, ks_bmp_check((struct ks_span){ 0 }, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_image_of_its_size_is_accepted),
		cmocka_unit_test(another_magic_is_refused),
		cmocka_unit_test(another_size_than_the_file_has_is_refused),
		cmocka_unit_test(every_truncation_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
