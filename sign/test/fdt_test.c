// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "fmt/fdt.h"

#define TREE_BYTES 72U
#define READ_BYTES 8U /* of the header: magic and totalsize */
#define TOTALSIZE_OFF 4U

#define TOO_SHORT "device tree is shorter than its header"
#define NOT_FDT "not a flattened device tree"

/* A root without properties. */
static void make_tree(struct ks_buf *b)
{
	ks_put_be32(b, 0xd00dfeed);
	ks_put_be32(b, TREE_BYTES);
	ks_put_be32(b, 56); /* where the structure is, and the strings, and what is reserved */
	ks_put_be32(b, TREE_BYTES);
	ks_put_be32(b, 40);
	ks_put_be32(b, 17);
	ks_put_be32(b, 16);
	ks_put_be32(b, 0);
	ks_put_be32(b, 0);
	ks_put_be32(b, 16);
	ks_put_fill(b, 0, 16);
	ks_put_be32(b, 1); /* FDT_BEGIN_NODE, "", FDT_END_NODE, FDT_END */
	ks_put_be32(b, 0);
	ks_put_be32(b, 2);
	ks_put_be32(b, 9);
	assert_int_equal(0, ks_buf_ok(b, NULL));
	assert_int_equal(TREE_BYTES, b->bytes);
}

static void a_tree_of_its_size_is_accepted(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_diag diag = { 0 };
	(void)state;

	make_tree(&b);
	assert_int_equal(0, ks_fdt_check(ks_buf_span(&b), &diag));
	assert_int_equal(0, diag.err);
	/* Nothing behind totalsize is read. */
	memset(b.p + READ_BYTES, 0xff, b.bytes - READ_BYTES);
	assert_int_equal(0, ks_fdt_check(ks_buf_span(&b), NULL));
}

static void another_magic_is_refused(void **state)
{
	/* The last is the magic by a tool of the other byte order. */
	static const u32 bad[] = { 0, 0xd00dfeec, 0xd00dfeee, 0xd10dfeed, 0xffffffff, 0xedfe0dd0 };
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(bad); i++) {
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };
		struct ks_diag diag = { 0 };

		make_tree(&b);
		ks_buf_patch_le32(&b, 0, __builtin_bswap32(bad[i]));
		assert_int_equal(-EBADMSG, ks_fdt_check(ks_buf_span(&b), &diag));
		assert_string_equal(NOT_FDT, diag.what);
		assert_int_equal(0, diag.off);
		assert_false(diag.has_range);
	}
}

static void another_size_than_the_file_has_is_refused(void **state)
{
	/* The last is the right one in the other byte order. */
	static const u32 bad[] = { TREE_BYTES + 1, TREE_BYTES - 1, READ_BYTES, 0, 0x7fffffff,
				   0x80000000, 0xffffffff, TREE_BYTES << 24 };
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(bad); i++) {
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };
		struct ks_diag diag = { 0 };

		make_tree(&b);
		ks_buf_patch_le32(&b, TOTALSIZE_OFF, __builtin_bswap32(bad[i]));
		assert_int_equal(-EBADMSG, ks_fdt_check(ks_buf_span(&b), &diag));
		assert_string_equal("device tree", diag.what);
		assert_int_equal(TOTALSIZE_OFF, diag.off);
		assert_true(diag.has_range);
		assert_int_equal(bad[i], diag.want);
		assert_int_equal(TREE_BYTES, diag.have);
	}
}

static void every_truncation_is_refused(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	size_t bytes;
	(void)state;

	make_tree(&b);
	for (bytes = 0; bytes < TREE_BYTES; bytes++) {
		struct ks_diag diag = { 0 };

		assert_int_equal(-EBADMSG, ks_fdt_check((struct ks_span){ b.p, bytes }, &diag));
		if (bytes < READ_BYTES) {
			assert_string_equal(TOO_SHORT, diag.what);
			assert_int_equal(bytes < TOTALSIZE_OFF ? 0 : TOTALSIZE_OFF, diag.off);
		} else {
			assert_int_equal(TREE_BYTES, diag.want);
			assert_int_equal(bytes, diag.have);
		}
	}
	assert_int_equal(-EBADMSG, ks_fdt_check((struct ks_span){ 0 }, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tree_of_its_size_is_accepted),
		cmocka_unit_test(another_magic_is_refused),
		cmocka_unit_test(another_size_than_the_file_has_is_refused),
		cmocka_unit_test(every_truncation_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
