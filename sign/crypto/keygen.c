// SPDX-License-Identifier: LGPL-2.1-or-later
#include "crypto/keygen.h"

#include <errno.h>
#include <time.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "crypto/cert.h"

#define RSA_BITS      ((size_t)4096)
#define TPM_RSA_BITS  ((size_t)2048)
#define VALID_DAYS    365
/* The kernel's own, in certs/Makefile. */
#define EPHEMERAL_DAYS 36500
/* Of all that may be locked without privileges, on a system of before 2020 too. */
#define LOCKED_BYTES ((size_t)64 << 10)
#define LOCKED_MIN   ((size_t)32)
/* RFC 5280: at most 20 bytes and positive. */
#define SERIAL_BITS 159

/* Extensions, in order. The key identifiers come first: the authority's refers to the subject's. */
static const struct extension {
	int nid;
	const char *ca;
	const char *code_signing;
} extensions[] = {
	{ NID_subject_key_identifier, "hash", "hash" },
	{ NID_authority_key_identifier, "keyid:always", "keyid:always" },
	{ NID_basic_constraints, "critical,CA:TRUE", "critical,CA:FALSE" },
	{ NID_key_usage, "critical,digitalSignature,keyCertSign", "critical,digitalSignature" },
	{ NID_ext_key_usage, NULL, "codeSigning" },
};

static bool set_serial(X509 *x509)
{
	BIGNUM *serial = BN_new();
	bool ok = serial && BN_rand(serial, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) &&
		  BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(x509));

	BN_free(serial);
	return ok;
}

static bool set_name(X509 *x509, const char *common_name)
{
	X509_NAME *name = X509_NAME_new();
	bool ok = name &&
		  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const u8 *)common_name, -1,
					     -1, 0) &&
		  X509_set_subject_name(x509, name) && X509_set_issuer_name(x509, name);

	X509_NAME_free(name);
	return ok;
}

/* By hand, since OpenSSL's text form of this extension wants a configuration file. */
static bool set_dev_policy(X509 *x509)
{
	CERTIFICATEPOLICIES *policies = sk_POLICYINFO_new_null();
	POLICYINFO *policy = POLICYINFO_new();
	bool ok = false;

	if (policy)
		policy->policyid = OBJ_txt2obj(KS_DEV_POLICY_OID, 1);
	if (policies && policy && policy->policyid && sk_POLICYINFO_push(policies, policy)) {
		policy = NULL;
		ok = X509_add1_ext_i2d(x509, NID_certificate_policies, policies, 0, 0) == 1;
	}
	POLICYINFO_free(policy);
	CERTIFICATEPOLICIES_free(policies);
	return ok;
}

static bool set_extensions(X509 *x509, enum ks_keygen_use use)
{
	X509V3_CTX ctx;
	size_t i;

	X509V3_set_ctx(&ctx, x509, x509, NULL, NULL, 0);
	X509V3_set_ctx_nodb(&ctx);
	for (i = 0; i < KS_ARRAY_SIZE(extensions); i++) {
		const char *value =
			use == KS_KEYGEN_CA ? extensions[i].ca : extensions[i].code_signing;
		X509_EXTENSION *ext;
		int ok;

		if (!value || ((use == KS_KEYGEN_POLICY || use == KS_KEYGEN_EPHEMERAL) &&
			       extensions[i].nid == NID_ext_key_usage))
			continue;
		ext = X509V3_EXT_conf_nid(NULL, &ctx, extensions[i].nid, value);
		ok = ext && X509_add_ext(x509, ext, -1);
		X509_EXTENSION_free(ext);
		if (!ok)
			return false;
	}
	return use == KS_KEYGEN_EPHEMERAL || set_dev_policy(x509);
}

static bool fill_cert(X509 *x509, EVP_PKEY *pkey, const char *common_name, enum ks_keygen_use use,
		      u64 now)
{
	time_t start = (time_t)now;

	return X509_set_version(x509, X509_VERSION_3) && set_serial(x509) &&
	       X509_time_adj_ex(X509_getm_notBefore(x509), 0, 0, &start) &&
	       X509_time_adj_ex(X509_getm_notAfter(x509),
				use == KS_KEYGEN_EPHEMERAL ? EPHEMERAL_DAYS : VALID_DAYS, 0, &start) &&
	       set_name(x509, common_name) && X509_set_pubkey(x509, pkey) &&
	       set_extensions(x509, use) && X509_sign(x509, pkey, EVP_sha512()) > 0;
}

static int encode_key(EVP_PKEY *pkey, struct ks_buf *out, struct ks_diag *diag)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *p = NULL;
	long n = 0;
	int rc = 0;

	/* A memory BIO wipes its bytes when it grows and when it is freed. */
	if (bio && PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL))
		n = BIO_get_mem_data(bio, &p);
	if (n > 0)
		ks_put(out, (struct ks_span){ (const u8 *)p, (size_t)n });
	else
		rc = ks_fail_openssl(diag, -EIO, "cannot encode the private key");
	BIO_free(bio);
	return rc ? rc : ks_buf_ok(out, diag);
}

int ks_keygen_dev(const char *common_name, enum ks_keygen_use use, u64 now,
		  struct ks_buf *ret_key_pem, struct ks_buf *ret_cert_pem, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf key_pem = { 0 };
	__cleanup(ks_buf_done) struct ks_buf cert_pem = { 0 };
	const size_t bits = use == KS_KEYGEN_POLICY ? TPM_RSA_BITS : RSA_BITS;
	__cleanup(ks_key_close) struct ks_key key = {
		.pkey = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", bits),
	};
	__cleanup(ks_cert_done) struct ks_cert cert = { X509_new() };
	int rc;

	if (!key.pkey)
		return ks_fail_openssl(diag, -EIO, "cannot generate an RSA key");
	if (!cert.x509 || !fill_cert(cert.x509, key.pkey, common_name, use, now))
		return ks_fail_openssl(diag, -EIO, "cannot make the certificate");
	rc = encode_key(key.pkey, &key_pem, diag);
	if (!rc)
		rc = ks_cert_pem(&cert, &cert_pem, diag);
	if (rc)
		return rc;
	ks_buf_move(ret_key_pem, &key_pem);
	ks_buf_move(ret_cert_pem, &cert_pem);
	return 0;
}

int ks_keygen_ephemeral(const char *common_name, u64 now, struct ks_key *ret_key, struct ks_cert *ret_cert,
			struct ks_diag *diag)
{
	__cleanup(ks_cert_done) struct ks_cert cert = { X509_new() };
	__cleanup(ks_key_close) struct ks_key key = { 0 };

	if (!CRYPTO_secure_malloc_initialized() && CRYPTO_secure_malloc_init(LOCKED_BYTES, LOCKED_MIN) != 1)
		return ks_fail_openssl(diag, -EACCES,
				       "cannot lock 64 KiB of memory for the key, raise the limit (ulimit -l)");
	key.pkey = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", RSA_BITS);
	if (!key.pkey)
		return ks_fail_openssl(diag, -EIO, "cannot generate an RSA key");
	if (!cert.x509 || !fill_cert(cert.x509, key.pkey, common_name, KS_KEYGEN_EPHEMERAL, now))
		return ks_fail_openssl(diag, -EIO, "cannot make the certificate");
	*ret_key = key;
	*ret_cert = cert;
	key = (struct ks_key){ 0 };
	cert = (struct ks_cert){ 0 };
	return 0;
}
