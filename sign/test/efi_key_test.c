// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ops/efi_key.h"

static void lists_are_found_behind_attributes_and_behind_an_updates_signature(void **state)
{
	static const u8 digest[KS_ESL_SHA256_BYTES] = { 7 };
	const struct ks_span payload = { digest, sizeof(digest) };
	__cleanup(ks_buf_done) struct ks_buf lists = { 0 }, var = { 0 }, update = { 0 };
	struct ks_esl_view view = { 0 };
	struct ks_diag diag = { 0 };
	(void)state;

	assert_int_equal(0, ks_esl_append(&lists, &ks_esl_type_sha256, &ks_esl_type_x509, &payload, 1,
					  NULL));
	assert_int_equal(0, ks_efi_parse_lists(ks_buf_span(&lists), &view, NULL));
	assert_int_equal(0, view.list[0].off);
	ks_put_le32(&var, 0x27);
	/* An empty variable. */
	assert_int_equal(0, ks_efi_parse_lists(ks_buf_span(&var), &view, NULL));
	assert_int_equal(0, view.nr_lists);
	ks_put(&var, ks_buf_span(&lists));
	assert_int_equal(0, ks_efi_parse_lists(ks_buf_span(&var), &view, NULL));
	assert_int_equal(4, view.list[0].off);

	ks_put_fill(&update, 1, 16);
	ks_put_le32(&update, 30);
	ks_put_le32(&update, 0x0ef10200);
	ks_put_fill(&update, 9, 22);
	ks_put(&update, ks_buf_span(&lists));
	assert_int_equal(0, ks_efi_parse_lists(ks_buf_span(&update), &view, NULL));
	assert_int_equal(46, view.list[0].off);
	ks_buf_patch_le32(&update, 16, (u32)update.bytes - 15);
	assert_int_equal(-EBADMSG, ks_efi_parse_lists(ks_buf_span(&update), &view, &diag));
	assert_string_equal("signature of the update past the end", diag.what);

	/* What is none of the three is told as if it were lists. */
	ks_put_u8(&var, 0);
	diag = (struct ks_diag){ 0 };
	assert_int_equal(-EBADMSG, ks_efi_parse_lists(ks_buf_span(&var), &view, &diag));
	assert_non_null(diag.what);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_found_behind_attributes_and_behind_an_updates_signature),
	};

	return cmocka_run_group_tests_name("efi_key", tests, NULL, NULL);
}
