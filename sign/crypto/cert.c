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
#include "base/hex.h"
#include "base/limits.h"
#include "base/shown.h"
#include "key/sigalg.h"

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

/* @ret_used: how many bytes it has */
static int parse_prefix(struct ks_span der, X509 **ret_x509, size_t *ret_used, struct ks_diag *diag)
{
	const u8 *p = der.p;
	X509 *x509 = NULL;

	if (der.bytes && der.bytes <= KS_MAX_TEXT_BYTES)
		x509 = d2i_X509(NULL, &p, (long)der.bytes);
	if (!x509)
		return ks_fail_openssl(diag, -EBADMSG, "not a certificate in PEM or DER");
	*ret_used = (size_t)(p - der.p);
	*ret_x509 = x509;
	return 0;
}

int ks_cert_parse(struct ks_span der, struct ks_cert *ret_cert, struct ks_diag *diag)
{
	X509 *x509 = NULL;
	size_t used = 0;
	int rc = parse_prefix(der, &x509, &used, diag);

	if (rc)
		return rc;
	if (used != der.bytes) {
		X509_free(x509);
		return ks_fail(diag, -EBADMSG, used, "bytes follow the certificate");
	}
	ret_cert->x509 = x509;
	return 0;
}

int ks_cert_parse_padded(struct ks_span der, struct ks_cert *ret_cert, struct ks_diag *diag)
{
	size_t used = 0;

	return parse_prefix(der, &ret_cert->x509, &used, diag);
}

bool ks_cert_is_rsa(const struct ks_cert *cert)
{
	const EVP_PKEY *pkey = X509_get0_pubkey(cert->x509);

	ERR_clear_error();
	return pkey && EVP_PKEY_get_base_id(pkey) == EVP_PKEY_RSA;
}

int ks_cert_share(const struct ks_cert *cert, struct ks_cert *ret_cert, struct ks_diag *diag)
{
	if (!X509_up_ref(cert->x509))
		return ks_fail_openssl(diag, -ENOMEM, "cannot hold the certificate");
	*ret_cert = *cert;
	return 0;
}

int ks_certs_push(struct ks_certs *certs, const struct ks_cert *cert, struct ks_diag *diag)
{
	struct ks_cert *grown;
	int rc;

	if (certs->nr_certs == KS_MAX_CERTS)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "too many certificates");
	grown = reallocarray(certs->cert, certs->nr_certs + 1, sizeof(*grown));
	if (!grown)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	certs->cert = grown;
	rc = ks_cert_share(cert, &grown[certs->nr_certs], diag);
	if (!rc)
		certs->nr_certs++;
	return rc;
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

int ks_certs_take(struct ks_certs *certs, const STACK_OF(X509) * stack, struct ks_diag *diag)
{
	int i, rc = 0;

	for (i = 0; i < sk_X509_num(stack) && !rc; i++) {
		struct ks_cert cert = { sk_X509_value(stack, i) };

		rc = ks_certs_push(certs, &cert, diag);
	}
	return rc;
}

static int parse_any(struct ks_span text, struct ks_certs *certs, struct ks_diag *diag)
{
	__cleanup(ks_cert_done) struct ks_cert cert = { 0 };
	int rc;

	if (memmem(text.p ? text.p : (const u8 *)"", text.bytes, "-----BEGIN ", 11))
		return parse_pem(text, certs, diag);
	rc = ks_cert_parse(text, &cert, diag);
	return rc ? rc : ks_certs_push(certs, &cert, diag);
}

static bool has_at(struct ks_span in, u64 off, const char *bytes, u64 nr_bytes)
{
	struct ks_span part;

	return ks_span_sub(in, off, nr_bytes, &part) &&
	       ks_span_eq(part, (struct ks_span){ (const u8 *)bytes, nr_bytes });
}

/* What people give for a certificate, and what it is instead; NULL if that is not known. */
static const char *other_kind(struct ks_span in)
{
	if (!in.bytes)
		return "file is empty, a certificate in PEM or DER is wanted";
	/* EFI_VARIABLE_AUTHENTICATION_2 behind its time, EFI_CERT_X509_GUID, EFI_CERT_SHA256_GUID */
	if (has_at(in, 20, "\x00\x02\xf1\x0e", 4))
		return "signed update of an EFI variable (.auth), a certificate in PEM or DER is wanted";
	if (has_at(in, 0, "\xa1\x59\xc0\xa5\xe4\x94\xa7\x4a", 8) ||
	    has_at(in, 0, "\x26\x16\xc4\xc1\x4c\x50\x92\x40", 8))
		return "EFI signature list (.esl), a certificate in PEM or DER is wanted";
	if (has_at(in, 0, "MZ", 2))
		return "EFI image, a certificate in PEM or DER is wanted";
	if (has_at(in, 0, "\x7f"
			  "ELF", 4))
		return "ELF file, a certificate in PEM or DER is wanted";
	if (has_at(in, 0, "\x1f\x8b", 2))
		return "gzip file, a certificate in PEM or DER is wanted";
	if (has_at(in, 0, "\x30\x82", 2) && has_at(in, 4, "\x02\x01\x03\x30", 4))
		return "PKCS#12 file, export its certificate as PEM";
	if (memmem(in.p, in.bytes, "PRIVATE KEY-----", 16))
		return "private key, its certificate is wanted";
	if (has_at(in, 0, "MII", 3))
		return "base64 without its BEGIN and END lines, a certificate in PEM or DER is wanted";
	return NULL;
}

int ks_certs_parse(struct ks_span text, struct ks_certs *certs, struct ks_diag *diag)
{
	struct ks_diag reason = { 0 };
	int rc = parse_any(text, certs, &reason);
	const char *other = rc == -EBADMSG ? other_kind(text) : NULL;

	if (other)
		return ks_fail(diag, rc, KS_NO_OFF, other);
	if (rc && diag && !diag->err)
		*diag = reason;
	return rc;
}

/* Every certificate of a file into an empty list; on failure the caller frees what is there. */
static int load_all(const char *path, struct ks_certs *certs, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	int rc = ks_file_load(path, KS_MAX_TEXT_BYTES, &text, diag);

	if (!rc)
		rc = ks_certs_parse(ks_buf_span(&text), certs, diag);
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

static void put_whole_name(struct ks_buf *text, const X509_NAME *name, unsigned long flags)
{
	__cleanup(free_bio) BIO *bio = BIO_new(BIO_s_mem());

	if (bio && X509_NAME_print_ex(bio, name, 0, flags) >= 0)
		put_bio(text, bio);
}

static void copy_name(const struct ks_buf *name, char *text, size_t text_bytes)
{
	size_t i;

	for (i = 0; i < name->bytes && i + 1 < text_bytes; i++)
		text[i] = name->p[i] ? (char)name->p[i] : '?';
	/* A cut must not leave half of a UTF-8 character. */
	while (i && i < name->bytes && (name->p[i] & 0xc0) == 0x80)
		i--;
	text[i] = '\0';
	/* It goes to terminals and logs: a name that someone else chose must not steer them. */
	ks_make_shown(text, false);
}

static void format_name(const X509_NAME *subject, char *text, size_t text_bytes)
{
	__cleanup(ks_buf_done) struct ks_buf name = { 0 };
	int idx = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	u8 *utf8 = NULL;
	int n = -1;

	if (idx >= 0)
		n = ASN1_STRING_to_UTF8(
			&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, idx)));
	if (n > 0)
		ks_put(&name, (struct ks_span){ utf8, (size_t)n });
	else
		put_whole_name(&name, subject, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
	OPENSSL_free(utf8);
	ERR_clear_error();
	copy_name(&name, text, text_bytes);
}

void ks_cert_name(const struct ks_cert *cert, char *text, size_t text_bytes)
{
	format_name(X509_get_subject_name(cert->x509), text, text_bytes);
}

void ks_cert_issuer(const struct ks_cert *cert, char *text, size_t text_bytes)
{
	format_name(X509_get_issuer_name(cert->x509), text, text_bytes);
}

static void format_dn(const X509_NAME *dn, char *text, size_t text_bytes)
{
	__cleanup(ks_buf_done) struct ks_buf name = { 0 };

	put_whole_name(&name, dn, XN_FLAG_RFC2253);
	ERR_clear_error();
	copy_name(&name, text, text_bytes);
}

void ks_cert_subject_dn(const struct ks_cert *cert, char *text, size_t text_bytes)
{
	format_dn(X509_get_subject_name(cert->x509), text, text_bytes);
}

void ks_cert_issuer_dn(const struct ks_cert *cert, char *text, size_t text_bytes)
{
	format_dn(X509_get_issuer_name(cert->x509), text, text_bytes);
}

void ks_cert_serial(const struct ks_cert *cert, char *text, size_t text_bytes)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(cert->x509);

	ks_hex((struct ks_span){ ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial) }, text,
	       text_bytes);
}

static void format_day(const ASN1_TIME *time, char *text, size_t text_bytes)
{
	struct tm tm = { 0 };

	if (!ASN1_TIME_to_tm(time, &tm) || !strftime(text, text_bytes, "%Y-%m-%d", &tm))
		snprintf(text, text_bytes, "unknown");
}

void ks_cert_not_before(const struct ks_cert *cert, char *text, size_t text_bytes)
{
	format_day(X509_get0_notBefore(cert->x509), text, text_bytes);
}

void ks_cert_not_after(const struct ks_cert *cert, char *text, size_t text_bytes)
{
	format_day(X509_get0_notAfter(cert->x509), text, text_bytes);
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

const struct ks_sigalg *ks_cert_alg(const struct ks_cert *cert)
{
	const EVP_PKEY *pkey = X509_get0_pubkey(cert->x509);

	return pkey ? ks_sigalg_of(pkey) : NULL;
}

/* The row of a kind of key that others take; this OpenSSL may not know it. */
static const struct ks_sigalg *later_alg(const X509 *x509)
{
	ASN1_OBJECT *oid = NULL;

	return X509_PUBKEY_get0_param(&oid, NULL, NULL, NULL, X509_get_X509_PUBKEY(x509)) && oid ?
		       ks_sigalg_later(oid) : NULL;
}

/*
 * Ours, not the kernel's: it keeps a certificate whose key it cannot use, and RSA of 512 to 1536 bits and
 * P-192 it would use.
 */
int ks_cert_check_key(const struct ks_cert *cert, struct ks_diag *diag)
{
	const struct ks_sigalg *later = later_alg(cert->x509);
	EVP_PKEY *pkey = X509_get0_pubkey(cert->x509);
	char kind[64];

	if (later) {
		ERR_clear_error();
		snprintf(kind, sizeof(kind), "%s, which is for %s", later->name, later->later);
	} else if (!pkey) {
		return ks_fail_openssl(diag, -EOPNOTSUPP, "certificate has an unknown public key");
	} else if (ks_cert_alg(cert)) {
		return 0;
	} else {
		snprintf(kind, sizeof(kind), "%s of %d bits", EVP_PKEY_get0_type_name(pkey),
			 EVP_PKEY_get_bits(pkey));
	}
	return ks_fail_detail(diag, -EOPNOTSUPP,
			      "Linux 6.18 verifies " KS_SIGALG_WORDS " only, not", kind);
}

/*
 * A key whose public half OpenSSL cannot see (-2, or no handle at all) is judged by its first
 * signature, since those of remote keys are all checked.
 */
int ks_cert_check_pair(const struct ks_cert *cert, const struct ks_key *key, struct ks_diag *diag)
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

/*
 * A CA's key on the machine that signs could make other signers, so a CA is not a signer. It takes a
 * keyUsage to call a certificate that: `openssl req -x509` says CA:TRUE of everything that it
 * makes, and no keyUsage, and such pairs are what people sign modules with. The kernel's own
 * x509.genkey says CA:FALSE and digitalSignature.
 */
int ks_cert_check_usage(const struct ks_cert *cert, struct ks_diag *diag)
{
	u32 usage = X509_get_key_usage(cert->x509);

	if (usage == UINT32_MAX)
		return 0;
	if (!(usage & KU_DIGITAL_SIGNATURE))
		return ks_fail(
			diag, -EOPNOTSUPP, KS_NO_OFF,
			"certificate's keyUsage has no digitalSignature, take one that may sign");
	if ((usage & KU_KEY_CERT_SIGN) && (X509_get_extension_flags(cert->x509) & EXFLAG_CA))
		return ks_fail(
			diag, -EOPNOTSUPP, KS_NO_OFF,
			"certificate is of a CA (keyCertSign), sign with one that it issued");
	return 0;
}

bool ks_cert_is_for_modules(const struct ks_cert *cert)
{
	EXTENDED_KEY_USAGE *usages = X509_get_ext_d2i(cert->x509, NID_ext_key_usage, NULL, NULL);
	ASN1_OBJECT *modules = OBJ_txt2obj("1.3.6.1.4.1.2312.16.1.2", 1);
	bool found = false;
	int i;

	for (i = 0; modules && i < sk_ASN1_OBJECT_num(usages); i++)
		if (!OBJ_cmp(sk_ASN1_OBJECT_value(usages, i), modules))
			found = true;
	ASN1_OBJECT_free(modules);
	EXTENDED_KEY_USAGE_free(usages);
	return found;
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
