// SPDX-License-Identifier: LGPL-2.1-or-later
#include "crypto/cert.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/file.h"
#include "base/limits.h"

/* The kernel's list loader wants a DER of this size at least: shorter ones have another header. */
#define KERNEL_MIN_DER_BYTES 256U

static void free_bio(BIO **bio)
{
	BIO_free(*bio);
}

/* What @bio holds, appended to @out. */
static void put_bio(struct ks_buf *out, BIO *bio)
{
	char *p = NULL;
	long n = BIO_get_mem_data(bio, &p);

	if (n > 0)
		ks_put(out, (struct ks_span){ (const u8 *)p, (size_t)n });
}

int ks_cert_parse(struct ks_span der, struct ks_cert *ret_cert, struct ks_diag *diag)
{
	const u8 *p = der.p;
	struct ks_span used;
	X509 *x509 = NULL;

	if (der.bytes && der.bytes <= KS_MAX_TEXT_BYTES)
		x509 = d2i_X509(NULL, &p, (long)der.bytes);
	if (!x509)
		return ks_fail_openssl(diag, -EBADMSG, "not a certificate in PEM or DER");
	used = (struct ks_span){ der.p, (size_t)(p - der.p) };
	if (used.bytes != der.bytes) {
		X509_free(x509);
		return ks_fail(diag, -EBADMSG, used.bytes, "bytes follow the certificate");
	}
	ret_cert->x509 = x509;
	return 0;
}

int ks_certs_push(struct ks_certs *certs, const struct ks_cert *cert, struct ks_diag *diag)
{
	struct ks_cert *grown;

	if (certs->nr_certs == KS_MAX_CERTS)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "too many certificates");
	grown = reallocarray(certs->cert, certs->nr_certs + 1, sizeof(*grown));
	if (!grown)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	certs->cert = grown;
	if (!X509_up_ref(cert->x509))
		return ks_fail_openssl(diag, -ENOMEM, "cannot hold the certificate");
	grown[certs->nr_certs++] = *cert;
	return 0;
}

/* All certificates of a PEM text. */
static int parse_pem(struct ks_span text, struct ks_certs *certs, struct ks_diag *diag)
{
	__cleanup(free_bio) BIO *bio = BIO_new_mem_buf(text.p, (int)text.bytes);
	unsigned long err;
	int rc = 0;

	if (!bio)
		return ks_fail_openssl(diag, -ENOMEM, "out of memory");
	while (!rc) {
		__cleanup(ks_cert_done) struct ks_cert cert = { PEM_read_bio_X509(bio, NULL, NULL,
										  NULL) };

		if (!cert.x509)
			break;
		rc = ks_certs_push(certs, &cert, diag);
	}
	if (rc)
		return rc;
	/* The end of the text shows as one particular error; any other is a damaged block. */
	err = ERR_peek_last_error();
	if (ERR_GET_LIB(err) != ERR_LIB_PEM || ERR_GET_REASON(err) != PEM_R_NO_START_LINE)
		return ks_fail_openssl(diag, -EBADMSG, "damaged certificate in PEM");
	ERR_clear_error();
	return certs->nr_certs ? 0 : ks_fail(diag, -EBADMSG, KS_NO_OFF, "no certificate in PEM");
}

/* Every certificate of a file into an empty list; on failure the caller frees what is there. */
static int load_all(const char *path, struct ks_certs *certs, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	int rc = ks_file_load(path, KS_MAX_TEXT_BYTES, &text, diag);

	if (rc)
		return rc;
	if (memmem(text.p ? text.p : (const u8 *)"", text.bytes, "-----BEGIN ", 11)) {
		rc = parse_pem(ks_buf_span(&text), certs, diag);
	} else {
		__cleanup(ks_cert_done) struct ks_cert cert = { 0 };

		rc = ks_cert_parse(ks_buf_span(&text), &cert, diag);
		if (!rc)
			rc = ks_certs_push(certs, &cert, diag);
	}
	if (rc)
		ks_diag_in(diag, path);
	return rc;
}

int ks_cert_load(const char *path, struct ks_cert *ret_cert, struct ks_diag *diag)
{
	__cleanup(ks_certs_done) struct ks_certs certs = { 0 };
	int rc = load_all(path, &certs, diag);

	if (rc)
		return rc;
	if (certs.nr_certs != 1) {
		rc = ks_fail(diag, -EBADMSG, KS_NO_OFF, "more than one certificate, one is wanted");
		ks_diag_in(diag, path);
		return rc;
	}
	*ret_cert = certs.cert[0];
	certs.nr_certs = 0;
	return 0;
}

int ks_certs_append(struct ks_certs *certs, const char *path, struct ks_diag *diag)
{
	__cleanup(ks_certs_done) struct ks_certs more = { 0 };
	size_t nr_before = certs->nr_certs, i;
	int rc = load_all(path, &more, diag);

	for (i = 0; i < more.nr_certs && !rc; i++)
		rc = ks_certs_push(certs, &more.cert[i], diag);
	if (rc)
		while (certs->nr_certs > nr_before)
			ks_cert_done(&certs->cert[--certs->nr_certs]);
	return rc;
}

void ks_cert_done(struct ks_cert *cert)
{
	X509_free(cert->x509);
	cert->x509 = NULL;
}

void ks_certs_done(struct ks_certs *certs)
{
	while (certs->nr_certs)
		ks_cert_done(&certs->cert[--certs->nr_certs]);
	free(certs->cert);
	certs->cert = NULL;
}

int ks_cert_der(const struct ks_cert *cert, struct ks_buf *ret_der, struct ks_diag *diag)
{
	struct ks_buf der = { 0 };
	u8 *p = NULL;
	int n = i2d_X509(cert->x509, &p);
	int rc;

	if (n <= 0)
		return ks_fail_openssl(diag, -EIO, "cannot encode the certificate");
	ks_put(&der, (struct ks_span){ p, (size_t)n });
	OPENSSL_free(p);
	rc = ks_buf_ok(&der, diag);
	if (rc)
		ks_buf_done(&der);
	else
		ks_buf_move(ret_der, &der);
	return rc;
}

int ks_cert_pem(const struct ks_cert *cert, struct ks_buf *out, struct ks_diag *diag)
{
	__cleanup(free_bio) BIO *bio = BIO_new(BIO_s_mem());

	if (!bio || !PEM_write_bio_X509(bio, cert->x509))
		return ks_fail_openssl(diag, -EIO, "cannot encode the certificate");
	put_bio(out, bio);
	return ks_buf_ok(out, diag);
}

int ks_cert_fingerprint(const struct ks_cert *cert, struct ks_digest *ret_digest,
			struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf der = { 0 };
	int rc = ks_cert_der(cert, &der, diag);

	return rc ? rc : ks_sha256(ks_buf_span(&der), ret_digest, diag);
}

static void put_whole_name(struct ks_buf *text, const X509_NAME *name)
{
	__cleanup(free_bio) BIO *bio = BIO_new(BIO_s_mem());

	if (bio && X509_NAME_print_ex(bio, name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB) >= 0)
		put_bio(text, bio);
}

static void format_name(const X509_NAME *subject, char *text, size_t text_bytes)
{
	__cleanup(ks_buf_done) struct ks_buf name = { 0 };
	int idx = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	u8 *utf8 = NULL;
	int n = -1;
	size_t i;

	if (idx >= 0)
		n = ASN1_STRING_to_UTF8(
			&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, idx)));
	if (n > 0)
		ks_put(&name, (struct ks_span){ utf8, (size_t)n });
	else
		put_whole_name(&name, subject);
	OPENSSL_free(utf8);
	ERR_clear_error();
	/* It goes to terminals and logs: a name that someone else chose must not steer them. */
	for (i = 0; i < name.bytes && i + 1 < text_bytes; i++)
		text[i] = name.p[i] < 0x20 || name.p[i] == 0x7f ? '?' : (char)name.p[i];
	/* A cut must not leave half of a UTF-8 character. */
	while (i && i < name.bytes && (name.p[i] & 0xc0) == 0x80)
		i--;
	text[i] = '\0';
}

void ks_cert_name(const struct ks_cert *cert, char *text, size_t text_bytes)
{
	format_name(X509_get_subject_name(cert->x509), text, text_bytes);
}

void ks_cert_issuer(const struct ks_cert *cert, char *text, size_t text_bytes)
{
	format_name(X509_get_issuer_name(cert->x509), text, text_bytes);
}

void ks_cert_not_after(const struct ks_cert *cert, char *text, size_t text_bytes)
{
	struct tm tm = { 0 };

	if (!ASN1_TIME_to_tm(X509_get0_notAfter(cert->x509), &tm) ||
	    !strftime(text, text_bytes, "%Y-%m-%d", &tm))
		snprintf(text, text_bytes, "unknown");
}

bool ks_cert_is_dev(const struct ks_cert *cert)
{
	CERTIFICATEPOLICIES *policies =
		X509_get_ext_d2i(cert->x509, NID_certificate_policies, NULL, NULL);
	ASN1_OBJECT *dev = OBJ_txt2obj(KS_DEV_POLICY_OID, 1);
	bool found = false;
	int i;

	for (i = 0; dev && i < sk_POLICYINFO_num(policies); i++)
		if (!OBJ_cmp(sk_POLICYINFO_value(policies, i)->policyid, dev))
			found = true;
	ASN1_OBJECT_free(dev);
	CERTIFICATEPOLICIES_free(policies);
	return found;
}

int ks_cert_check_time(const struct ks_cert *cert, u64 now, struct ks_diag *diag)
{
	time_t when = (time_t)now;
	char end[16];

	if (X509_cmp_time(X509_get0_notBefore(cert->x509), &when) > 0)
		return ks_fail(diag, -EKEYEXPIRED, KS_NO_OFF, "certificate is not valid yet");
	if (X509_cmp_time(X509_get0_notAfter(cert->x509), &when) >= 0)
		return 0;
	ks_cert_not_after(cert, end, sizeof(end));
	return ks_fail_detail(diag, -EKEYEXPIRED, "certificate has expired, replace it", end);
}

/* Public keys that 6.18 verifies with (crypto/rsa.c, x509_cert_parser.c). */
static int check_key_type(const struct ks_cert *cert, struct ks_diag *diag)
{
	EVP_PKEY *pkey = X509_get0_pubkey(cert->x509);
	char curve[32] = "";
	int bits;

	if (!pkey)
		return ks_fail_openssl(diag, -EOPNOTSUPP, "certificate has an unknown public key");
	bits = EVP_PKEY_get_bits(pkey);
	if (EVP_PKEY_is_a(pkey, "RSA") && (bits == 2048 || bits == 3072 || bits == 4096))
		return 0;
	if (EVP_PKEY_is_a(pkey, "EC") &&
	    EVP_PKEY_get_group_name(pkey, curve, sizeof(curve), NULL) &&
	    (!strcmp(curve, "prime256v1") || !strcmp(curve, "secp384r1") ||
	     !strcmp(curve, "secp521r1")))
		return 0;
	ERR_clear_error();
	return ks_fail_detail(diag, -EOPNOTSUPP,
			      "Linux 6.18 verifies RSA of 2048, 3072, 4096 bits or ECDSA "
			      "P-256, P-384, P-521 only, not",
			      EVP_PKEY_get0_type_name(pkey));
}

/*
 * A key whose public half OpenSSL cannot see (-2, or no handle at all) is judged by its first
 * signature, since those of remote keys are all checked.
 */
static int check_pair(const struct ks_cert *cert, const struct ks_key *key, struct ks_diag *diag)
{
	EVP_PKEY *public = X509_get0_pubkey(cert->x509);
	int same;

	if (!key->pkey || !public)
		return 0;
	same = EVP_PKEY_eq(public, key->pkey);
	if (same == 1 || (same == -2 && ks_key_is_remote(key)))
		return 0;
	ERR_clear_error();
	return ks_fail(diag, -EKEYREJECTED, KS_NO_OFF,
		       "certificate does not belong to the private key");
}

int ks_cert_check_signer(const struct ks_cert *cert, const struct ks_key *key, u64 now,
			 struct ks_diag *diag)
{
	int rc = check_pair(cert, key, diag);

	if (rc)
		return rc;
	return ks_cert_check_time(cert, now, diag) ?: check_key_type(cert, diag);
}

/* Signature algorithms of x509_note_sig_algo(): any other and the certificate is not loaded. */
static int check_own_signature(const struct ks_cert *cert, struct ks_diag *diag)
{
	static const int known[] = {
		NID_sha1WithRSAEncryption,
		NID_ecdsa_with_SHA1,
		NID_sha224WithRSAEncryption,
		NID_sha256WithRSAEncryption,
		NID_sha384WithRSAEncryption,
		NID_sha512WithRSAEncryption,
		NID_ecdsa_with_SHA224,
		NID_ecdsa_with_SHA256,
		NID_ecdsa_with_SHA384,
		NID_ecdsa_with_SHA512,
		NID_RSA_SHA3_256,
		NID_RSA_SHA3_384,
		NID_RSA_SHA3_512,
		NID_ecdsa_with_SHA3_256,
		NID_ecdsa_with_SHA3_384,
		NID_ecdsa_with_SHA3_512,
	};
	int nid = X509_get_signature_nid(cert->x509);
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(known); i++)
		if (known[i] == nid)
			return 0;
	return ks_fail_detail(diag, -EOPNOTSUPP,
			      "Linux 6.18 does not load a certificate signed with",
			      OBJ_nid2sn(nid));
}

int ks_cert_check_embed(const struct ks_cert *cert, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf der = { 0 };
	struct ks_span head;
	int rc = check_key_type(cert, diag) ?: check_own_signature(cert, diag);

	if (!rc)
		rc = ks_cert_der(cert, &der, diag);
	if (rc)
		return rc;
	/* DER of 256 bytes with its header is "30 81 fd": the kernel wants "30 82". */
	if (der.bytes < KERNEL_MIN_DER_BYTES + 4)
		return ks_fail_detail(
			diag, -EOPNOTSUPP,
			"the kernel would drop this and every later certificate, make it "
			"longer",
			"DER is shorter than 260 bytes");
	if (!ks_span_sub(ks_buf_span(&der), 0, 2, &head) || head.p[0] != 0x30 || head.p[1] != 0x82)
		return ks_fail(diag, -EOPNOTSUPP, KS_NO_OFF,
			       "the kernel's list takes certificates of at most 64 KiB");
	return 0;
}
