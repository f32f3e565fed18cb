// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Certificates that extract-cert and sign-file take and the kernel drops, and those of a CA. Each
 * is a good one with one thing wrong, so that the good one is the control of all.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "kernel/cms.h"
#include "ops/signer.h"

#define NOW 1800000000ULL

/* What is special about a certificate; all zero is a good one. */
struct recipe {
	const char *usage;   /* keyUsage in OpenSSL's words */
	const char *basic;   /* basicConstraints in OpenSSL's words */
	const u8 *basic_der; /* the same as bytes, which no tool of today writes */
	int basic_der_bytes;
	int skid_bytes; /* of the subjectKeyIdentifier */
	const char *not_before; /* "YYYYMMDDHHMMSSZ", stored as it is */
	const char *not_after;
	bool bad_signature;
};

static EVP_PKEY *pkey, *other;

static int set_up(void **state)
{
	(void)state;
	pkey = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	other = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	return pkey && other ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	EVP_PKEY_free(pkey);
	EVP_PKEY_free(other);
	return 0;
}

static void add_extension(X509 *x509, int nid, const char *value)
{
	X509_EXTENSION *ext;
	X509V3_CTX ctx;

	if (!value)
		return;
	X509V3_set_ctx(&ctx, x509, x509, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert_non_null(ext);
	assert_true(X509_add_ext(x509, ext, -1));
	X509_EXTENSION_free(ext);
}

static void add_raw(X509 *x509, int nid, const u8 *der, int der_bytes)
{
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	X509_EXTENSION *ext = NULL;

	assert_true(ASN1_OCTET_STRING_set(value, der, der_bytes));
	assert_true(X509_EXTENSION_create_by_NID(&ext, nid, 0, value));
	assert_true(X509_add_ext(x509, ext, -1));
	X509_EXTENSION_free(ext);
	ASN1_OCTET_STRING_free(value);
}

static void add_skid(X509 *x509, int bytes)
{
	u8 value[200] = { 0 }, *der = NULL;
	ASN1_OCTET_STRING *skid = ASN1_OCTET_STRING_new();
	int der_bytes;

	assert_true(ASN1_OCTET_STRING_set(skid, value, bytes));
	der_bytes = i2d_ASN1_OCTET_STRING(skid, &der);
	assert_true(der_bytes > 0);
	add_raw(x509, NID_subject_key_identifier, der, der_bytes);
	OPENSSL_free(der);
	ASN1_OCTET_STRING_free(skid);
}

static void set_date(ASN1_TIME *date, const char *text, int default_offset)
{
	if (text)
		assert_true(ASN1_STRING_set(date, text, -1) &&
			    (date->type =
				     strlen(text) == 13 ? V_ASN1_UTCTIME : V_ASN1_GENERALIZEDTIME));
	else
		assert_non_null(ASN1_TIME_set(date, (time_t)NOW + default_offset));
}

static struct ks_cert make_cert(const struct recipe *recipe)
{
	struct ks_cert cert = { X509_new() };
	X509_NAME *name = X509_get_subject_name(cert.x509);

	X509_set_version(cert.x509, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert.x509), 1);
	set_date(X509_getm_notBefore(cert.x509), recipe->not_before, -60);
	set_date(X509_getm_notAfter(cert.x509), recipe->not_after, 3600);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const u8 *)"test", -1, -1, 0);
	X509_set_issuer_name(cert.x509, name);
	X509_set_pubkey(cert.x509, pkey);
	add_extension(cert.x509, NID_key_usage, recipe->usage);
	add_extension(cert.x509, NID_basic_constraints, recipe->basic);
	if (recipe->basic_der)
		add_raw(cert.x509, NID_basic_constraints, recipe->basic_der, recipe->basic_der_bytes);
	if (recipe->skid_bytes)
		add_skid(cert.x509, recipe->skid_bytes);
	assert_true(X509_sign(cert.x509, recipe->bad_signature ? other : pkey, EVP_sha256()) > 0);
	return cert;
}

static int check_signer(const struct recipe *recipe)
{
	__cleanup(ks_cert_done) struct ks_cert cert = make_cert(recipe);
	const struct ks_key key = { .pkey = pkey }, none = { 0 };
	struct ks_diag diag = { 0 };
	int rc = ks_cert_check_signer(&cert, &key, KS_SIGN_PE, NOW, &diag);

	assert_int_equal(rc, diag.err);
	/* Offline signing has no key, and the same rules. */
	assert_int_equal(rc, ks_cert_check_signer(&cert, &none, KS_SIGN_PE, NOW, NULL));
	return rc;
}

static int check_embed(const struct recipe *recipe)
{
	__cleanup(ks_cert_done) struct ks_cert cert = make_cert(recipe);

	return ks_cert_check_embed(&cert, NULL);
}

static void a_signer_has_digital_signature_and_is_no_ca(void **state)
{
	static const struct {
		const char *usage;
		const char *basic;
		int rc;
	} cases[] = {
		{ NULL, NULL, 0 },
		/* openssl req -x509 */
		{ NULL, "critical,CA:TRUE", 0 },
		/* certs/default_x509.genkey */
		{ "digitalSignature", "critical,CA:FALSE", 0 },
		{ "digitalSignature,keyEncipherment", NULL, 0 },
		{ "digitalSignature", "CA:TRUE", 0 },
		{ "digitalSignature,keyCertSign", "CA:FALSE", 0 },
		{ "keyCertSign,cRLSign", "critical,CA:TRUE", -EOPNOTSUPP },
		{ "digitalSignature,keyCertSign,cRLSign", "critical,CA:TRUE", -EOPNOTSUPP },
		{ "keyEncipherment", NULL, -EOPNOTSUPP },
		{ "nonRepudiation", "CA:FALSE", -EOPNOTSUPP },
	};
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(cases); i++) {
		const struct recipe recipe = { .usage = cases[i].usage, .basic = cases[i].basic };

		assert_int_equal(cases[i].rc, check_signer(&recipe));
		/* The kernel loads all of them: a CA may be embedded. */
		assert_int_equal(0, check_embed(&recipe));
	}
}

static void dates_are_as_the_kernel_reads_them(void **state)
{
	static const struct {
		const char *not_before;
		const char *not_after;
		int rc;
	} cases[] = {
		{ "700101000000Z", "491231235959Z", 0 },
		{ "700101000000Z", "20500101000000Z", 0 },
		{ "700101000000Z", "99991231235959Z", 0 },
		{ "691231235959Z", "491231235959Z", -EOPNOTSUPP },
		{ "19600101000000Z", "491231235959Z", -EOPNOTSUPP },
		{ "20260101000000Z", "491231235959Z", -EOPNOTSUPP },
		{ "260101000000Z", "20491231235959Z", -EOPNOTSUPP },
	};
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(cases); i++)
		assert_int_equal(cases[i].rc, check_embed(&(struct recipe){
						      .not_before = cases[i].not_before,
						      .not_after = cases[i].not_after,
					      }));
}

static void basic_constraints_are_as_the_kernel_reads_them(void **state)
{
	static const struct {
		u8 der[8];
		int bytes;
		int rc;
	} cases[] = {
		{ { 0x30, 0x00 }, 2, 0 },
		{ { 0x30, 0x03, 0x01, 0x01, 0xff }, 5, 0 },
		{ { 0x30, 0x06, 0x01, 0x01, 0xff, 0x02, 0x01, 0x00 }, 8, 0 },
		{ { 0x30, 0x03, 0x01, 0x01, 0x00 }, 5, -EOPNOTSUPP },
		{ { 0x30, 0x03, 0x01, 0x01, 0x01 }, 5, -EOPNOTSUPP },
		{ { 0x30, 0x03, 0x02, 0x01, 0x00 }, 5, -EOPNOTSUPP },
		{ { 0x30 }, 1, -EOPNOTSUPP },
	};
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(cases); i++)
		assert_int_equal(cases[i].rc, check_embed(&(struct recipe){
						      .basic_der = cases[i].der,
						      .basic_der_bytes = cases[i].bytes,
					      }));
}

/* The kernel takes the length for one byte, and finds the right one in "04 81 80" by chance. */
static void key_identifiers_are_as_the_kernel_reads_them(void **state)
{
	(void)state;
	assert_int_equal(0, check_embed(&(struct recipe){ .skid_bytes = 20 }));
	assert_int_equal(0, check_embed(&(struct recipe){ .skid_bytes = 127 }));
	assert_int_equal(0, check_embed(&(struct recipe){ .skid_bytes = 128 }));
	assert_int_equal(-EOPNOTSUPP, check_embed(&(struct recipe){ .skid_bytes = 129 }));
	assert_int_equal(-EOPNOTSUPP, check_embed(&(struct recipe){ .skid_bytes = 130 }));
	assert_int_equal(-EOPNOTSUPP, check_signer(&(struct recipe){ .skid_bytes = 130 }));
}

static void a_wrong_self_signature_is_refused(void **state)
{
	(void)state;
	assert_int_equal(-EKEYREJECTED, check_embed(&(struct recipe){ .bad_signature = true }));
	assert_int_equal(-EKEYREJECTED, check_signer(&(struct recipe){ .bad_signature = true }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signer_has_digital_signature_and_is_no_ca),
		cmocka_unit_test(dates_are_as_the_kernel_reads_them),
		cmocka_unit_test(basic_constraints_are_as_the_kernel_reads_them),
		cmocka_unit_test(key_identifiers_are_as_the_kernel_reads_them),
		cmocka_unit_test(a_wrong_self_signature_is_refused),
	};

	return cmocka_run_group_tests_name("cert_check", tests, set_up, tear_down);
}
