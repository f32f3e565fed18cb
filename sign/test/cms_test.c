// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The messages that kseal writes around raw signatures against the ones that OpenSSL writes: same
 * certificate, same signature, same time, so every byte must be equal, for ECDSA too.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/der.h"
#include "crypto/cms.h"
#include "ops/signer.h"

#define SPC_OID "1.3.6.1.4.1.311.2.1.4"

static const struct {
	const char *name;
	const char *type;
	const char *curve;
	const char *hash;
} kinds[] = {
	{ "rsa", "RSA", NULL, "sha256" },    { "rsa", "RSA", NULL, "sha512" },
	{ "p256", "EC", "P-256", "sha256" }, { "p384", "EC", "P-384", "sha384" },
	{ "p521", "EC", "P-521", "sha512" },
};

static char dir[] = "/tmp/kseal-cms.XXXXXX";

static void path_of(const char *name, const char *tail, char path[64])
{
	snprintf(path, 64, "%s/%.16s.%.8s", dir, name, tail);
}

/* Issuer with several parts and kinds of strings, serial with a leading zero byte. */
static X509 *make_cert(EVP_PKEY *pkey, const char *cn)
{
	X509 *x509 = X509_new();
	X509_NAME *name = X509_get_subject_name(x509);

	X509_set_version(x509, X509_VERSION_3);
	ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), 0xfedcba9876543210ULL);
	X509_gmtime_adj(X509_getm_notBefore(x509), -60);
	X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
	X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const u8 *)"\xc3\xa9 & co", -1, -1,
				   0);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const u8 *)cn, -1, -1, 0);
	X509_set_issuer_name(x509, name);
	X509_set_pubkey(x509, pkey);
	assert_true(X509_sign(x509, pkey, EVP_sha256()) > 0);
	return x509;
}

static void write_pair(const char *name, EVP_PKEY *pkey)
{
	X509 *x509 = make_cert(pkey, name);
	char path[64];
	FILE *to;

	path_of(name, "key", path);
	to = fopen(path, "w");
	assert_non_null(to);
	assert_int_equal(0, chmod(path, 0600));
	assert_true(PEM_write_PKCS8PrivateKey(to, pkey, NULL, NULL, 0, NULL, NULL));
	fclose(to);
	path_of(name, "pem", path);
	to = fopen(path, "w");
	assert_non_null(to);
	assert_true(PEM_write_X509(to, x509));
	fclose(to);
	X509_free(x509);
	EVP_PKEY_free(pkey);
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	write_pair("rsa", EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048));
	write_pair("p256", EVP_EC_gen("P-256"));
	write_pair("p384", EVP_EC_gen("P-384"));
	write_pair("p521", EVP_EC_gen("P-521"));
	return 0;
}

static int tear_down(void **state)
{
	char path[64];
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(kinds); i++) {
		path_of(kinds[i].name, "key", path);
		unlink(path);
		path_of(kinds[i].name, "pem", path);
		unlink(path);
	}
	return rmdir(dir);
}

static struct ks_signer open_signer(const char *name, const char *hash, bool with_key)
{
	struct ks_signer_opts opts = { .hash = hash };
	struct ks_signer signer = { 0 };
	char key[64], cert[64];

	path_of(name, "key", key);
	path_of(name, "pem", cert);
	opts.key_uri = with_key ? key : NULL;
	opts.cert_path = cert;
	assert_int_equal(0, ks_signer_open(&opts, &signer, NULL));
	return signer;
}

/* OpenSSL's message, and the raw signature in it. */
static CMS_ContentInfo *openssl_sign(const struct ks_signer *signer, struct ks_span in, bool spc,
				     const struct ks_certs *chain, struct ks_span *ret_sig)
{
	unsigned int shape = spc ? 0 : CMS_NOCERTS;
	CMS_ContentInfo *cms =
		CMS_sign(NULL, NULL, NULL, NULL,
			 shape | CMS_PARTIAL | CMS_BINARY | CMS_DETACHED | CMS_STREAM);
	BIO *bio = BIO_new_mem_buf(in.p, (int)in.bytes);
	CMS_SignerInfo *info;
	ASN1_OCTET_STRING *sig;
	size_t i;

	if (spc) {
		ASN1_OBJECT *type = OBJ_txt2obj(SPC_OID, 1);

		assert_true(CMS_set1_eContentType(cms, type));
		ASN1_OBJECT_free(type);
	}
	info = CMS_add1_signer(cms, signer->cert.x509, signer->key.pkey, signer->md,
			       shape | CMS_BINARY | CMS_NOSMIMECAP | (spc ? 0 : CMS_NOATTR));
	assert_non_null(info);
	if (spc) {
		ASN1_TIME *t = ASN1_TIME_set(NULL, (time_t)signer->time);

		assert_true(
			CMS_signed_add1_attr_by_NID(info, NID_pkcs9_signingTime, t->type, t, -1));
		ASN1_TIME_free(t);
	}
	for (i = 0; chain && i < chain->nr_certs; i++)
		assert_true(CMS_add1_cert(cms, chain->cert[i].x509));
	assert_true(CMS_final(cms, bio, NULL, shape | CMS_BINARY));
	BIO_free(bio);
	sig = CMS_SignerInfo_get0_signature(info);
	*ret_sig = (struct ks_span){ ASN1_STRING_get0_data(sig), (size_t)ASN1_STRING_length(sig) };
	return cms;
}

static void check_same(struct ks_span want, struct ks_span have)
{
	assert_int_equal(want.bytes, have.bytes);
	assert_memory_equal(want.p, have.p, want.bytes);
}

static struct ks_digest digest_of(const struct ks_signer *signer, struct ks_span in)
{
	struct ks_digest digest;

	assert_int_equal(0, ks_digest_spans(signer->md, &in, 1, &digest, NULL));
	return digest;
}

static void module_message_is_the_one_of_openssl(void **state)
{
	const struct ks_span content = ks_span_str("a module");
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(kinds); i++) {
		__cleanup(ks_signer_close) struct ks_signer signer =
			open_signer(kinds[i].name, kinds[i].hash, true);
		__cleanup(ks_signer_close) struct ks_signer keyless =
			open_signer(kinds[i].name, kinds[i].hash, false);
		__cleanup(ks_buf_done) struct ks_buf ours = { 0 }, direct = { 0 }, own = { 0 };
		struct ks_digest digest = digest_of(&signer, content);
		struct ks_span sig;
		CMS_ContentInfo *cms = openssl_sign(&signer, content, false, NULL, &sig);
		u8 *der = NULL;
		int n = i2d_CMS_ContentInfo(cms, &der);

		assert_true(n > 0);
		/* Around its signature, without the key: offline signing. */
		assert_int_equal(0, ks_cms_module_build(&keyless, sig, &ours, NULL));
		check_same((struct ks_span){ der, (size_t)n }, ks_buf_span(&ours));
		/* Around our own, which is another one each time for ECDSA. */
		assert_int_equal(0, ks_signer_sign(&signer, ks_digest_span(&digest), &own, NULL));
		assert_int_equal(0, ks_cms_module_build(&signer, ks_buf_span(&own), &direct, NULL));
		if (!kinds[i].curve)
			check_same((struct ks_span){ der, (size_t)n }, ks_buf_span(&direct));
		OPENSSL_free(der);
		CMS_ContentInfo_free(cms);
	}
}

/* Certificates and signerInfos: what stands behind the content in both messages. */
static struct ks_span rest_of(struct ks_span der)
{
	struct ks_cursor c, info, explicit, sd;
	struct ks_der skip;
	int i;

	ks_cursor_init(&c, der, 0);
	assert_int_equal(0, ks_der_enter(&c, KS_DER_SEQUENCE, "", &info, NULL));
	assert_int_equal(0, ks_der_get(&info, &skip, NULL));
	assert_int_equal(0, ks_der_enter(&info, KS_DER_CONS(0), "", &explicit, NULL));
	assert_int_equal(0, ks_der_enter(&explicit, KS_DER_SEQUENCE, "", &sd, NULL));
	for (i = 0; i < 3; i++)
		assert_int_equal(0, ks_der_get(&sd, &skip, NULL));
	return ks_get_bytes(&sd, ks_cursor_left(&sd));
}

static void authenticode_message_is_the_one_of_openssl(void **state)
{
	static const u8 content_der[] = { 0x30, 0x03, 0x02, 0x01, 0x2a };
	static const u64 times[] = { 1700000000, 2524607999, 2524608000 }; /* 2049, 2050 */
	const struct ks_span content = { content_der, sizeof(content_der) };
	const struct ks_span inner = { content_der + 2, sizeof(content_der) - 2 };
	size_t i, t;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(kinds); i++)
		for (t = 0; t < KS_ARRAY_SIZE(times); t++) {
			__cleanup(ks_signer_close) struct ks_signer signer =
				open_signer(kinds[i].name, kinds[i].hash, true);
			__cleanup(ks_signer_close) struct ks_signer rsa =
				open_signer(i ? "rsa" : "p384", "sha256", false);
			__cleanup(ks_buf_done) struct ks_buf ours = { 0 }, attrs = { 0 };
			const struct ks_certs chain = { &rsa.cert, i == 1 ? 0 : 1 };
			struct ks_span sig;
			struct ks_digest digest;
			CMS_ContentInfo *cms;
			u8 *der = NULL;
			int n;

			signer.time = times[t];
			cms = openssl_sign(&signer, inner, true, &chain, &sig);
			n = i2d_CMS_ContentInfo(cms, &der);
			assert_true(n > 0);
			assert_int_equal(0, ks_cms_authcode_attrs(&signer, content, &attrs, NULL));
			/* Their signature is of our attributes. */
			digest = digest_of(&signer, ks_buf_span(&attrs));
			assert_int_equal(
				0, ks_signer_check(&signer, ks_digest_span(&digest), sig, NULL));
			assert_int_equal(0, ks_cms_authcode_build(&signer, content, &chain,
								  ks_buf_span(&attrs), sig, &ours,
								  NULL));
			check_same(rest_of((struct ks_span){ der, (size_t)n }),
				   rest_of(ks_buf_span(&ours)));
			OPENSSL_free(der);
			CMS_ContentInfo_free(cms);
		}
}

static void attributes_of_another_image_are_refused(void **state)
{
	static const u8 one_der[] = { 0x30, 0x03, 0x02, 0x01, 1 };
	static const u8 two_der[] = { 0x30, 0x03, 0x02, 0x01, 2 };
	const struct ks_span one = { one_der, sizeof(one_der) }, two = { two_der, sizeof(two_der) };
	__cleanup(ks_signer_close) struct ks_signer signer = open_signer("p256", "sha256", true);
	__cleanup(ks_buf_done) struct ks_buf attrs = { 0 }, out = { 0 }, cut = { 0 };
	const struct ks_span sig = ks_span_str("raw");

	(void)state;
	assert_int_equal(0, ks_cms_authcode_attrs(&signer, one, &attrs, NULL));
	assert_int_equal(
		0, ks_cms_authcode_build(&signer, one, NULL, ks_buf_span(&attrs), sig, &out, NULL));
	ks_buf_done(&out);
	assert_int_equal(
		-EKEYREJECTED,
		ks_cms_authcode_build(&signer, two, NULL, ks_buf_span(&attrs), sig, &out, NULL));
	assert_int_equal(-EBADMSG, ks_cms_authcode_build(&signer, one, NULL,
							 (struct ks_span){ (const u8 *)"1\0", 2 },
							 sig, &out, NULL));
	ks_put(&cut, ks_buf_span(&attrs));
	ks_put_u8(&cut, 0);
	assert_int_equal(-EBADMSG, ks_cms_authcode_build(&signer, one, NULL, ks_buf_span(&cut), sig,
							 &out, NULL));
	assert_int_equal(0, out.bytes);
}

static void a_certificate_is_embedded_once(void **state)
{
	static const u8 content_der[] = { 0x30, 0x00 };
	const struct ks_span content = { content_der, sizeof(content_der) };
	__cleanup(ks_signer_close) struct ks_signer signer = open_signer("p256", "sha256", true);
	__cleanup(ks_signer_close) struct ks_signer other = open_signer("p384", "sha256", false);
	struct ks_cert both[] = { other.cert, other.cert };
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };

	(void)state;
	assert_int_equal(0, ks_cms_sign_authcode(&signer, content, &(struct ks_certs){ both, 1 },
						 &out, NULL));
	assert_int_equal(-EINVAL, ks_cms_sign_authcode(&signer, content,
						       &(struct ks_certs){ both, 2 }, &out, NULL));
	assert_int_equal(-EINVAL,
			 ks_cms_sign_authcode(&signer, content,
					      &(struct ks_certs){ &signer.cert, 1 }, &out, NULL));
}

static void raw_signatures_are_checked_against_the_certificate(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(kinds); i++) {
		__cleanup(ks_signer_close) struct ks_signer signer =
			open_signer(kinds[i].name, kinds[i].hash, true);
		__cleanup(ks_signer_close) struct ks_signer other =
			open_signer(kinds[i].curve ? "rsa" : "p256", kinds[i].hash, false);
		__cleanup(ks_buf_done) struct ks_buf sig = { 0 };
		struct ks_digest digest = digest_of(&signer, ks_span_str("x"));
		struct ks_span value = ks_digest_span(&digest), cut;
		size_t at;

		assert_int_equal(0, ks_signer_sign(&signer, value, &sig, NULL));
		assert_int_equal(0, ks_signer_check(&signer, value, ks_buf_span(&sig), NULL));
		assert_int_equal(-EKEYREJECTED,
				 ks_signer_check(&other, value, ks_buf_span(&sig), NULL));
		assert_int_equal(-EINVAL, ks_signer_sign(&other, value, &sig, NULL));
		assert_int_equal(-EKEYREJECTED,
				 ks_signer_check(&signer, value, (struct ks_span){ 0 }, NULL));
		assert_true(ks_span_sub(ks_buf_span(&sig), 0, sig.bytes - 1, &cut));
		assert_int_equal(-EKEYREJECTED, ks_signer_check(&signer, value, cut, NULL));
		assert_true(ks_span_sub(value, 0, value.bytes - 1, &cut));
		assert_int_equal(-EKEYREJECTED,
				 ks_signer_check(&signer, cut, ks_buf_span(&sig), NULL));
		for (at = 0; at < sig.bytes; at += 7) {
			sig.p[at] ^= 1;
			assert_int_equal(-EKEYREJECTED,
					 ks_signer_check(&signer, value, ks_buf_span(&sig), NULL));
			sig.p[at] ^= 1;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(module_message_is_the_one_of_openssl),
		cmocka_unit_test(authenticode_message_is_the_one_of_openssl),
		cmocka_unit_test(attributes_of_another_image_are_refused),
		cmocka_unit_test(a_certificate_is_embedded_once),
		cmocka_unit_test(raw_signatures_are_checked_against_the_certificate),
	};

	return cmocka_run_group_tests_name("cms", tests, set_up, tear_down);
}
