// SPDX-License-Identifier: LGPL-2.1-or-later
/* SpcIndirectDataContent: what is built reads back, and every way to break it is refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fmt/authcode.h"

/*
 * From the front: 0 SEQUENCE, 2 SEQUENCE, 4 OID with its content at 6. From the end: 51 DigestInfo,
 * 49 AlgorithmIdentifier, 37 last byte of the OID, 34 OCTET STRING, 33 its length, 32 digest.
 */
static void build(struct ks_buf *content)
{
	__cleanup(ks_buf_done) struct ks_buf digest = { 0 };

	ks_put_fill(&digest, 0xa5, 32);
	ks_authcode_build(ks_buf_span(&digest), content);
	assert_int_equal(0, ks_buf_ok(content, NULL));
}

static void image_digest_survives_the_round_trip(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	struct ks_authcode_view got = { 0 };
	size_t i;
	(void)state;

	build(&content);
	assert_int_equal(0, ks_authcode_parse(ks_buf_span(&content), &got, NULL));
	assert_string_equal("sha256", got.alg);
	assert_int_equal(32, got.digest.bytes);
	assert_ptr_equal(content.p + content.bytes - 32, got.digest.p);
	for (i = 0; i < content.bytes; i++)
		assert_int_not_equal(
			0, ks_authcode_parse((struct ks_span){ content.p, i }, &got, NULL));
}

static void every_broken_element_is_refused_with_its_reason(void **state)
{
	static const struct {
		bool from_end;
		size_t off;
		u8 value;
		int err;
		const char *what;
	} bad[] = {
		{ false, 0, 0x31, -EBADMSG, "no SpcIndirectDataContent" },
		{ false, 1, 0x80, -EBADMSG, "DER length is indefinite or over 4 bytes" },
		{ false, 1, 0x84, -EBADMSG, "DER element" },
		{ false, 2, 0x31, -EBADMSG, "SpcIndirectDataContent has no data" },
		{ false, 15, 0x10, -EBADMSG, "signature is not of a PE image" },
		{ false, 4, 0x05, -EBADMSG, "signature is not of a PE image" },
		{ true, 51, 0x31, -EBADMSG, "Authenticode digest is no DigestInfo" },
		{ true, 49, 0x31, -EBADMSG, "DigestInfo has no algorithm" },
		{ true, 37, 0x04, -EOPNOTSUPP, "image digest is not SHA-256, SHA-384 or SHA-512" },
		{ true, 47, 0x05, -EOPNOTSUPP, "image digest is not SHA-256, SHA-384 or SHA-512" },
		{ true, 37, 0x02, -EBADMSG, "image digest is not as long as its algorithm's" },
		{ true, 37, 0x03, -EBADMSG, "image digest is not as long as its algorithm's" },
		{ true, 34, 0x05, -EBADMSG, "image digest is not as long as its algorithm's" },
		{ true, 33, 0x1f, -EBADMSG, "DigestInfo has trailing bytes" },
		{ true, 33, 0x21, -EBADMSG, "DER element" },
	};
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(bad); i++) {
		__cleanup(ks_buf_done) struct ks_buf content = { 0 };
		struct ks_authcode_view got = { 0 };
		struct ks_diag diag = { 0 };

		build(&content);
		content.p[bad[i].from_end ? content.bytes - bad[i].off : bad[i].off] = bad[i].value;
		assert_int_equal(bad[i].err,
				 ks_authcode_parse(ks_buf_span(&content), &got, &diag));
		assert_string_equal(bad[i].what, diag.what);
		assert_null(got.alg);
	}
}

/* What Debian signed with an old pesign: the kernel takes it, and firmware does not look. */
static void the_data_type_of_old_pesign_is_read(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	struct ks_authcode_view got = { 0 };
	(void)state;

	build(&content);
	content.p[15] = 0x15;
	assert_int_equal(0, ks_authcode_parse(ks_buf_span(&content), &got, NULL));
	assert_string_equal("sha256", got.alg);
}

static void trailing_bytes_are_refused_inside_and_outside(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	struct ks_authcode_view got;
	struct ks_diag outside = { 0 }, inside = { 0 };
	(void)state;

	build(&content);
	ks_put_u8(&content, 0);
	assert_int_equal(-EBADMSG, ks_authcode_parse(ks_buf_span(&content), &got, &outside));
	assert_string_equal("SpcIndirectDataContent has trailing bytes", outside.what);
	content.p[1]++;
	assert_int_equal(-EBADMSG, ks_authcode_parse(ks_buf_span(&content), &got, &inside));
	assert_string_equal("SpcIndirectDataContent has trailing bytes", inside.what);
}

static void a_changed_byte_gives_another_digest_or_none(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf good = { 0 };
	struct ks_authcode_view got;
	size_t i;
	u8 bit;
	(void)state;

	build(&good);
	for (i = 0; i < good.bytes; i++) {
		for (bit = 1; bit; bit = (u8)(bit << 1)) {
			good.p[i] ^= bit;
			if (!ks_authcode_parse(ks_buf_span(&good), &got, NULL))
				assert_ptr_equal(good.p + good.bytes - 32, got.digest.p);
			good.p[i] ^= bit;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(image_digest_survives_the_round_trip),
		cmocka_unit_test(every_broken_element_is_refused_with_its_reason),
		cmocka_unit_test(the_data_type_of_old_pesign_is_read),
		cmocka_unit_test(trailing_bytes_are_refused_inside_and_outside),
		cmocka_unit_test(a_changed_byte_gives_another_digest_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
