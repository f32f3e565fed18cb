// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "fmt/esl.h"

/* Where the test's lists begin in their pretended file. */
#define BASE_OFF 0x1000

static const struct ks_guid owner = KS_GUID(0x11223344, 0x5566, 0x7788, 0x99aa, 0xbbccddeeff00);
static const u8 digests[2][KS_ESL_SHA256_BYTES] = { { 0xa1 }, { 0xb2 } };

/* Two digests in one list: 28 + 2 * 48 bytes. */
static void build_two(struct ks_buf *out)
{
	const struct ks_span payloads[] = { { digests[0], 32 }, { digests[1], 32 } };

	assert_int_equal(0, ks_esl_append(out, &ks_esl_type_sha256, &owner, payloads, 2, NULL));
}

static void guid_is_printed_as_it_is_written(void **state)
{
	char text[KS_GUID_TEXT_BYTES];

	(void)state;
	ks_guid_format(&ks_esl_type_x509, text);
	assert_string_equal("a5c059a1-94e4-4aa7-87b5-ab155c2bf072", text);
	assert_int_equal(0xa1, ks_esl_type_x509.raw[0]);
	assert_int_equal(0xe4, ks_esl_type_x509.raw[4]);
	assert_int_equal(0x87, ks_esl_type_x509.raw[8]);
	assert_int_equal(0x72, ks_esl_type_x509.raw[15]);
}

static void built_list_is_read_back(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_esl_view view;
	struct ks_guid who;
	struct ks_span payload;

	(void)state;
	build_two(&b);
	build_two(&b);
	assert_int_equal(2 * (28 + 2 * 48), b.bytes);
	assert_int_equal(0, ks_esl_parse(ks_buf_span(&b), BASE_OFF, &view, NULL));
	assert_int_equal(2, view.nr_lists);
	assert_int_equal(2, view.list[1].nr_sigs);
	assert_int_equal(BASE_OFF + 124, view.list[1].off);
	assert_int_equal(0, ks_esl_sig(&view.list[1], 1, &who, &payload, NULL));
	assert_true(ks_guid_eq(&owner, &who));
	assert_int_equal(KS_ESL_SHA256_BYTES, payload.bytes);
	assert_memory_equal(digests[1], payload.p, payload.bytes);
	assert_int_equal(-EINVAL, ks_esl_sig(&view.list[1], 2, &who, &payload, NULL));
}

static void empty_variable_has_no_lists(void **state)
{
	struct ks_esl_view view = { .nr_lists = 9 };

	(void)state;
	assert_int_equal(0, ks_esl_parse((struct ks_span){ 0 }, 0, &view, NULL));
	assert_int_equal(0, view.nr_lists);
}

/* One changed field, and what must come of it. */
struct bad {
	const char *why;
	u64 field_off;
	u32 value;
	u64 diag_off;
};

static void wrong_sizes_are_refused(void **state)
{
	static const struct bad cases[] = {
		{ "list size 0", 16, 0, 16 },
		{ "list size 27", 16, 27, 16 },
		{ "part of a signature", 16, 28 + 47, 16 },
		{ "one byte more than signatures", 16, 28 + 49, 16 },
		{ "list past the end", 16, 28 + 3 * 48, 16 },
		{ "list of 4 GiB", 16, 0xfffffffcu, 16 },
		{ "unknown header", 20, 16, 20 },
		{ "signature size 0", 24, 0, 24 },
		{ "owner without signature", 24, 16, 24 },
		{ "digest of the wrong size", 24, 32, 24 },
		{ "signature size wraps", 24, 0xffffffffu, 24 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(cases); i++) {
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };
		struct ks_esl_view view = { 0 };
		struct ks_diag diag = { 0 };

		build_two(&b);
		ks_buf_patch_le32(&b, cases[i].field_off, cases[i].value);
		print_message("# %s\n", cases[i].why);
		assert_int_equal(-EBADMSG, ks_esl_parse(ks_buf_span(&b), BASE_OFF, &view, &diag));
		assert_int_equal(BASE_OFF + cases[i].diag_off, diag.off);
		assert_int_equal(0, view.nr_lists);
	}
}

/* SetVariable() takes one, and then the variable is there. */
static void a_list_without_a_signature_is_taken(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_esl_view view = { 0 };
	struct ks_span head;

	(void)state;
	build_two(&b);
	ks_buf_patch_le32(&b, 16, 28);
	assert_true(ks_span_sub(ks_buf_span(&b), 0, 28, &head));
	assert_int_equal(0, ks_esl_parse(head, 0, &view, NULL));
	assert_int_equal(1, view.nr_lists);
	assert_int_equal(0, view.list[0].nr_sigs);
}

static void every_cut_is_refused(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_esl_view view;
	struct ks_span cut;
	size_t n;

	(void)state;
	build_two(&b);
	for (n = 1; n < b.bytes; n++) {
		assert_true(ks_span_sub(ks_buf_span(&b), 0, n, &cut));
		assert_int_equal(-EBADMSG, ks_esl_parse(cut, 0, &view, NULL));
	}
}

static void bytes_after_the_last_list_are_refused(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_esl_view view;
	struct ks_diag diag = { 0 };

	(void)state;
	build_two(&b);
	ks_put_u8(&b, 0);
	assert_int_equal(-EBADMSG, ks_esl_parse(ks_buf_span(&b), 0, &view, &diag));
	assert_int_equal(124 + 0, diag.off);
}

static void too_many_lists_are_refused(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_esl_view view;
	struct ks_diag diag = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < KS_MAX_ESL_LISTS; i++)
		build_two(&b);
	assert_int_equal(0, ks_esl_parse(ks_buf_span(&b), 0, &view, NULL));
	build_two(&b);
	assert_int_equal(-E2BIG, ks_esl_parse(ks_buf_span(&b), 0, &view, &diag));
	assert_int_equal(124 * KS_MAX_ESL_LISTS, diag.off);
}

static void list_of_unequal_payloads_is_not_built(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	const struct ks_span payloads[] = { { digests[0], 32 }, { digests[1], 31 } };

	(void)state;
	assert_int_equal(-EINVAL, ks_esl_append(&b, &ks_esl_type_x509, &owner, payloads, 2, NULL));
	assert_int_equal(-EINVAL, ks_esl_append(&b, &ks_esl_type_x509, &owner, payloads, 0, NULL));
	assert_int_equal(0, b.bytes);
}

/* Lists of one kind: each digit of @digits is a digest. */
static void put_list(struct ks_buf *out, const struct ks_guid *who, const char *digits)
{
	static u8 digest[8][KS_ESL_SHA256_BYTES];
	struct ks_span payloads[8];
	size_t i;

	for (i = 0; digits[i]; i++) {
		digest[i][0] = (u8)digits[i];
		payloads[i] = (struct ks_span){ digest[i], KS_ESL_SHA256_BYTES };
	}
	assert_int_equal(0, ks_esl_append(out, &ks_esl_type_sha256, who, payloads, i, NULL));
}

static void joining_leaves_out_what_is_there(void **state)
{
	static const struct {
		const char *lists[3];
		const char *more[3];
		const char *want[5];
		size_t nr_left_out;
	} cases[] = {
		{ { NULL }, { NULL }, { NULL }, 0 },
		{ { NULL }, { "12" }, { "12" }, 0 },
		{ { "12" }, { NULL }, { "12" }, 0 },
		{ { "12" }, { "12" }, { "12" }, 2 },
		{ { "12" }, { "21" }, { "12" }, 2 },
		{ { "12" }, { "231" }, { "12", "3" }, 2 },
		{ { "1", "2" }, { "2", "34" }, { "1", "2", "34" }, 1 },
		/* What is there stays as it is, double or not. */
		{ { "11", "1" }, { "2" }, { "11", "1", "2" }, 0 },
		{ { "1" }, { "22", "32" }, { "1", "2", "3" }, 2 },
	};
	size_t i, k, nr;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(cases); i++) {
		__cleanup(ks_buf_done) struct ks_buf lists = { 0 }, more = { 0 }, want = { 0 };

		for (k = 0; cases[i].lists[k]; k++)
			put_list(&lists, &owner, cases[i].lists[k]);
		for (k = 0; cases[i].more[k]; k++)
			put_list(&more, &owner, cases[i].more[k]);
		for (k = 0; cases[i].want[k]; k++)
			put_list(&want, &owner, cases[i].want[k]);
		nr = 99;
		assert_int_equal(0, ks_esl_join(&lists, ks_buf_span(&more), &nr, NULL));
		assert_int_equal(cases[i].nr_left_out, nr);
		assert_true(ks_span_eq(ks_buf_span(&want), ks_buf_span(&lists)));
	}
}

static void the_same_payload_is_another_signature_in_a_list_of_another_kind(void **state)
{
	static const u8 bytes[48];
	const struct ks_span payload = { bytes, sizeof(bytes) };
	__cleanup(ks_buf_done) struct ks_buf lists = { 0 }, more = { 0 };
	size_t nr = 99;
	(void)state;

	assert_int_equal(0, ks_esl_append(&lists, &ks_esl_type_sha384, &owner, &payload, 1, NULL));
	assert_int_equal(0, ks_esl_append(&more, &ks_esl_type_x509_sha256, &owner, &payload, 1, NULL));
	/* Another owner makes none. */
	assert_int_equal(0, ks_esl_append(&more, &ks_esl_type_sha384, &ks_esl_type_x509, &payload, 1,
					  NULL));
	assert_int_equal(0, ks_esl_join(&lists, ks_buf_span(&more), &nr, NULL));
	assert_int_equal(1, nr);
	assert_int_equal(2 * (28 + 16 + 48), lists.bytes);
}

static void what_is_not_lists_is_not_joined(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf lists = { 0 }, bad = { 0 }, many = { 0 };
	size_t i;
	(void)state;

	build_two(&lists);
	ks_put_u8(&bad, 0);
	assert_int_equal(-EBADMSG, ks_esl_join(&lists, ks_buf_span(&bad), NULL, NULL));
	assert_int_equal(-EBADMSG, ks_esl_join(&bad, ks_buf_span(&lists), NULL, NULL));
	assert_int_equal(124, lists.bytes);
	for (i = 0; i < KS_MAX_ESL_LISTS; i++)
		build_two(&many);
	assert_int_equal(-E2BIG, ks_esl_join(&many, ks_buf_span(&lists), NULL, NULL));
	assert_int_equal(124 * KS_MAX_ESL_LISTS, many.bytes);
}

static void too_many_signatures_are_not_joined(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf lists = { 0 }, more = { 0 };
	(void)state;

	ks_put_guid(&lists, &ks_esl_type_sha1);
	ks_put_le32(&lists, 28 + 36 * KS_MAX_ESL_SIGS);
	ks_put_le32(&lists, 0);
	ks_put_le32(&lists, 36);
	ks_put_fill(&lists, 7, 36 * KS_MAX_ESL_SIGS);
	assert_int_equal(0, ks_esl_join(&lists, (struct ks_span){ 0 }, NULL, NULL));
	build_two(&more);
	assert_int_equal(-E2BIG, ks_esl_join(&lists, ks_buf_span(&more), NULL, NULL));
}

static void setvariable_wants_kinds_that_it_knows_and_their_size(void **state)
{
	static const struct ks_guid unknown = KS_GUID(1, 2, 3, 4, 5);
	static const u8 bytes[300];
	static const struct {
		const struct ks_guid *type;
		size_t payload_bytes;
		int rc;
	} cases[] = {
		{ &ks_esl_type_sha256, 32, 0 },
		{ &ks_esl_type_sha512, 64, 0 },
		{ &ks_esl_type_sha512, 32, -EKEYREJECTED },
		{ &ks_esl_type_x509, 300, 0 },
		{ &ks_esl_type_x509_sha256, 48, 0 },
		{ &ks_esl_type_x509_sha256, 32, -EKEYREJECTED },
		{ &unknown, 32, -EKEYREJECTED },
	};
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(cases); i++) {
		const struct ks_span payload = { bytes, cases[i].payload_bytes };
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };
		struct ks_esl_view view;

		build_two(&b);
		assert_int_equal(0, ks_esl_append(&b, cases[i].type, &owner, &payload, 1, NULL));
		assert_int_equal(0, ks_esl_parse(ks_buf_span(&b), 0, &view, NULL));
		assert_int_equal(cases[i].rc, ks_esl_check(&view, NULL));
	}
	assert_string_equal("x509-sha256", ks_esl_type_of(&ks_esl_type_x509_sha256)->name);
	assert_null(ks_esl_type_of(&unknown));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(guid_is_printed_as_it_is_written),
		cmocka_unit_test(built_list_is_read_back),
		cmocka_unit_test(empty_variable_has_no_lists),
		cmocka_unit_test(wrong_sizes_are_refused),
		cmocka_unit_test(a_list_without_a_signature_is_taken),
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(bytes_after_the_last_list_are_refused),
		cmocka_unit_test(too_many_lists_are_refused),
		cmocka_unit_test(list_of_unequal_payloads_is_not_built),
		cmocka_unit_test(joining_leaves_out_what_is_there),
		cmocka_unit_test(the_same_payload_is_another_signature_in_a_list_of_another_kind),
		cmocka_unit_test(what_is_not_lists_is_not_joined),
		cmocka_unit_test(too_many_signatures_are_not_joined),
		cmocka_unit_test(setvariable_wants_kinds_that_it_knows_and_their_size),
	};

	return cmocka_run_group_tests_name("esl", tests, NULL, NULL);
}
