// SPDX-License-Identifier: LGPL-2.1-or-later
/* SpcIndirectDataContent, and how firmware reads the message around it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/chain.h"
#include "crypto/cms.h"
#include "fmt/authcode.h"
#include "test/test_signer.h"

static struct ks_signer signer;
static struct ks_certs trust;
static struct ks_digest image;
static struct ks_buf cms;

static int set_up(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	(void)state;

	test_signer_open(&signer);
	assert_int_equal(0, ks_certs_push(&trust, &signer.cert, NULL));
	assert_int_equal(0, ks_sha256(ks_span_str("image"), &image, NULL));
	ks_authcode_build(ks_digest_span(&image), &content);
	assert_int_equal(0, ks_cms_sign_authcode(&signer, ks_buf_span(&content), NULL, &cms, NULL));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	ks_buf_done(&cms);
	ks_certs_done(&trust);
	ks_signer_close(&signer);
	return 0;
}

static void the_digest_is_the_end_of_the_content(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	(void)state;

	ks_authcode_build(ks_digest_span(&image), &content);
	assert_memory_equal(content.p + content.bytes - 32, image.value, 32);
}

static void the_algorithm_is_that_of_digest_algorithms(void **state)
{
	static const struct {
		size_t off;
		u8 value;
		const char *alg;
	} cases[] = {
		{ 40, 0x02, "sha384" }, { 40, 0x03, "sha512" }, { 40, 0x04, NULL },
		{ 1, 0x83, "sha256" },	{ 1, 0x81, NULL },	{ 1, 0x80, NULL },
		{ 31, 0x08, "sha256" }, { 0, 0x31, "sha256" },
	};
	struct ks_span in = ks_buf_span(&cms);
	size_t i;
	(void)state;

	assert_string_equal("sha256", ks_cms_authcode_alg(in));
	for (i = 0; i < KS_ARRAY_SIZE(cases); i++) {
		u8 before = cms.p[cases[i].off];
		const char *alg;

		cms.p[cases[i].off] = cases[i].value;
		alg = ks_cms_authcode_alg(in);
		cms.p[cases[i].off] = before;
		if (cases[i].alg)
			assert_string_equal(cases[i].alg, alg);
		else
			assert_null(alg);
	}
	for (i = 0; i < 41; i++)
		assert_null(ks_cms_authcode_alg((struct ks_span){ cms.p, i }));
}

static void a_message_matches_its_image_alone(void **state)
{
	struct ks_digest other = image;
	struct ks_diag diag = { 0 };
	(void)state;

	assert_int_equal(0, ks_cms_authcode_matches(ks_buf_span(&cms), ks_digest_span(&image), NULL));
	other.value[31] ^= 1;
	assert_int_equal(-EKEYREJECTED, ks_cms_authcode_matches(ks_buf_span(&cms),
								ks_digest_span(&other), &diag));
	assert_string_equal("signature is of other bytes: the image was changed after signing",
			    diag.what);
	/* As long as another algorithm's; longer than the whole content, which cannot be compared. */
	other.bytes = KS_DIGEST_MAX_BYTES;
	assert_int_equal(-EKEYREJECTED, ks_cms_authcode_matches(ks_buf_span(&cms),
								ks_digest_span(&other), NULL));
	assert_int_equal(-EBADMSG, ks_cms_authcode_matches(ks_buf_span(&cms),
							   (struct ks_span){ cms.p, 200 }, NULL));
}

static void no_truncation_verifies_and_bytes_behind_do_not_matter(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf longer = { 0 };
	size_t n;
	(void)state;

	assert_int_equal(0, ks_cms_verify_authcode(ks_buf_span(&cms), &trust, NULL, NULL));
	assert_int_equal(-ENOKEY,
			 ks_cms_verify_authcode(ks_buf_span(&cms), &ks_no_certs, NULL, NULL));
	for (n = 0; n < cms.bytes; n++)
		assert_int_not_equal(0, ks_cms_verify_authcode((struct ks_span){ cms.p, n }, &trust,
							       NULL, NULL));
	ks_put(&longer, ks_buf_span(&cms));
	ks_put_u8(&longer, 1);
	assert_int_equal(0, ks_cms_verify_authcode(ks_buf_span(&longer), &trust, NULL, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_digest_is_the_end_of_the_content),
		cmocka_unit_test(the_algorithm_is_that_of_digest_algorithms),
		cmocka_unit_test(a_message_matches_its_image_alone),
		cmocka_unit_test(no_truncation_verifies_and_bytes_behind_do_not_matter),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
