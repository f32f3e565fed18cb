// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fmt/auth.h"

static const struct ks_guid vendor = KS_GUID(0x00112233, 0x4455, 0x6677, 0x8899, 0xaabbccddeeff);
static const u8 name[] = { 'd', 0, 'b', 0 };
static const struct ks_span name_span = { name, sizeof(name) };

static void build(struct ks_buf *out)
{
	u8 time[KS_EFI_TIME_BYTES];

	ks_efi_time_set(1700000000, time);
	assert_int_equal(0, ks_auth_build(time, ks_span_str("signature"), ks_span_str("payload"), out,
					  NULL));
}

static void what_is_built_is_read_back(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_auth_view view;
	(void)state;

	build(&b);
	assert_int_equal(40 + 9 + 7, b.bytes);
	assert_true(ks_auth_is(ks_buf_span(&b)));
	assert_int_equal(0, ks_auth_parse(ks_buf_span(&b), &view, NULL));
	assert_int_equal(0, ks_auth_check(&view, NULL));
	assert_true(ks_span_eq(ks_span_str("signature"), view.cms));
	assert_true(ks_span_eq(ks_span_str("payload"), view.payload));
	assert_int_equal(49, view.payload_off);
	assert_int_equal(0xe7, view.time[0]);
}

static void every_length_that_leaves_the_file_or_the_header_is_refused(void **state)
{
	static const u32 bad[] = { 0, 1, 23, 41, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff };
	static const u32 good[] = { 24, 25, 40 };
	struct ks_auth_view view;
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(bad); i++) {
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };
		struct ks_diag diag = { 0 };

		build(&b);
		ks_buf_patch_le32(&b, 16, bad[i]);
		assert_int_equal(-EBADMSG, ks_auth_parse(ks_buf_span(&b), &view, &diag));
		assert_int_equal(16, diag.off);
	}
	for (i = 0; i < KS_ARRAY_SIZE(good); i++) {
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };

		build(&b);
		ks_buf_patch_le32(&b, 16, good[i]);
		assert_int_equal(0, ks_auth_parse(ks_buf_span(&b), &view, NULL));
		assert_int_equal(good[i] - 24, view.cms.bytes);
		assert_int_equal(40 - good[i], view.payload.bytes);
	}
}

static void a_file_that_ends_in_the_header_is_refused(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_auth_view view;
	struct ks_span cut;
	size_t n;
	(void)state;

	build(&b);
	for (n = 0; n < 49; n++) {
		assert_true(ks_span_sub(ks_buf_span(&b), 0, n, &cut));
		assert_int_equal(-EBADMSG, ks_auth_parse(cut, &view, NULL));
		assert_int_equal(n >= 24, ks_auth_is(cut));
	}
}

static void another_kind_of_certificate_is_refused(void **state)
{
	static const struct {
		u64 off;
		u64 diag_off;
		int rc;
	} cases[] = { { 20, 0, 0 }, { 22, 22, -EKEYREJECTED }, { 24, 24, -EKEYREJECTED }, { 39, 24, -EKEYREJECTED } };
	static const u8 other[] = { 0x33 };
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(cases); i++) {
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };
		struct ks_diag diag = { 0 };
		struct ks_auth_view view;

		build(&b);
		ks_buf_patch(&b, cases[i].off, (struct ks_span){ other, 1 });
		assert_int_equal(0, ks_auth_parse(ks_buf_span(&b), &view, NULL));
		/* EDK2 does not look at the revision. */
		assert_int_equal(cases[i].rc, ks_auth_check(&view, &diag));
		assert_int_equal(cases[i].diag_off, diag.off);
	}
}

static void what_is_signed_is_read_back_for_its_variable_alone(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_auth_signed what = {
		.name = name_span, .vendor = vendor, .attributes = 0x67, .payload = ks_span_str("lists"),
	}, got;
	struct ks_guid other = vendor;
	struct ks_span cut;
	size_t n;
	(void)state;

	ks_efi_time_set(1700000000, what.time);
	ks_auth_put_signed(&b, &what);
	assert_int_equal(4 + 16 + 4 + 16 + 5, b.bytes);
	assert_int_equal(0, ks_auth_parse_signed(ks_buf_span(&b), name_span, &vendor, &got, NULL));
	assert_int_equal(0x67, got.attributes);
	assert_memory_equal(what.time, got.time, KS_EFI_TIME_BYTES);
	assert_true(ks_span_eq(what.payload, got.payload));
	other.raw[3] ^= 1;
	assert_int_equal(-EKEYREJECTED,
			 ks_auth_parse_signed(ks_buf_span(&b), name_span, &other, &got, NULL));
	assert_int_equal(-EKEYREJECTED,
			 ks_auth_parse_signed(ks_buf_span(&b), (struct ks_span){ name, 2 }, &vendor, &got, NULL));
	for (n = 0; n < 40; n++) {
		assert_true(ks_span_sub(ks_buf_span(&b), 0, n, &cut));
		assert_int_equal(-EBADMSG, ks_auth_parse_signed(cut, name_span, &vendor, &got, NULL));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_built_is_read_back),
		cmocka_unit_test(every_length_that_leaves_the_file_or_the_header_is_refused),
		cmocka_unit_test(a_file_that_ends_in_the_header_is_refused),
		cmocka_unit_test(another_kind_of_certificate_is_refused),
		cmocka_unit_test(what_is_signed_is_read_back_for_its_variable_alone),
	};

	return cmocka_run_group_tests_name("auth", tests, NULL, NULL);
}
