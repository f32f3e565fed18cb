// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What makes a certificate useless to the kernel, or unfit for a signer. All of it is silent at
 * build time: extract-cert and sign-file take such certificates, and the kernel drops them when it
 * boots.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "crypto/cert.h"
#include "key/openssl.h"

/* The kernel's list loader wants a DER of this size at least: shorter ones have another header. */
#define KERNEL_MIN_DER_BYTES 256U

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
	char curve[32] = "", kind[64];
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
	snprintf(kind, sizeof(kind), "%s of %d bits", EVP_PKEY_get0_type_name(pkey), bits);
	return ks_fail_detail(diag, -EOPNOTSUPP,
			      "Linux 6.18 verifies RSA of 2048, 3072, 4096 bits or ECDSA "
			      "P-256, P-384, P-521 only, not",
			      kind);
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

/*
 * A CA's key on the machine that signs could make other signers, so a CA is no signer. It takes a
 * keyUsage to call a certificate that: `openssl req -x509` says CA:TRUE of everything that it
 * makes, and no keyUsage, and such pairs are what people sign modules with. The kernel's own
 * x509.genkey says CA:FALSE and digitalSignature.
 */
static int check_usage(const struct ks_cert *cert, struct ks_diag *diag)
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

int ks_cert_check_signer(const struct ks_cert *cert, const struct ks_key *key, u64 now,
			 struct ks_diag *diag)
{
	return check_pair(cert, key, diag)
		       ?: ks_cert_check_time(cert, now, diag)
		       ?: ks_cert_check_embed(cert, diag)
		       ?: check_usage(cert, diag);
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

/* x509_decode_time(): dates from 1970 on, and those up to 2049 as UTCTime only. */
static int check_date(const ASN1_TIME *date, struct ks_diag *diag)
{
	struct tm tm = { 0 };

	if (!ASN1_TIME_to_tm(date, &tm))
		return ks_fail_openssl(diag, -EBADMSG, "certificate has a malformed date");
	if (tm.tm_year >= 70 && (tm.tm_year > 149 || ASN1_STRING_type(date) == V_ASN1_UTCTIME))
		return 0;
	return ks_fail(
		diag, -EOPNOTSUPP, KS_NO_OFF,
		"the kernel drops a certificate with dates before 1970, or with GeneralizedTime "
		"before 2050, make it anew");
}

/* x509_process_extension(): basicConstraints is empty or starts with cA TRUE, in DER. */
static int check_basic_constraints(const struct ks_cert *cert, struct ks_diag *diag)
{
	static const u8 none[] = { 0x30, 0x00 }, ca[] = { 0x01, 0x01, 0xff };
	int idx = X509_get_ext_by_NID(cert->x509, NID_basic_constraints, -1);
	const ASN1_OCTET_STRING *data;
	struct ks_span value, start = { 0 };

	if (idx < 0)
		return 0;
	data = X509_EXTENSION_get_data(X509_get_ext(cert->x509, idx));
	value = (struct ks_span){ ASN1_STRING_get0_data(data), (size_t)ASN1_STRING_length(data) };
	if (ks_span_eq(value, (struct ks_span){ none, sizeof(none) }) ||
	    (ks_span_sub(value, 2, sizeof(ca), &start) &&
	     ks_span_eq(start, (struct ks_span){ ca, sizeof(ca) })))
		return 0;
	return ks_fail(
		diag, -EOPNOTSUPP, KS_NO_OFF,
		"the kernel drops a certificate whose basicConstraints says CA:FALSE in full, "
		"make it anew");
}

/* x509_check_for_self_signed() verifies what a self-signed certificate says of itself. */
static int check_parser(const struct ks_cert *cert, struct ks_diag *diag)
{
	int rc = check_date(X509_get0_notBefore(cert->x509), diag)
			 ?: check_date(X509_get0_notAfter(cert->x509), diag)
			 ?: check_basic_constraints(cert, diag);

	if (!rc && X509_self_signed(cert->x509, 0) == 1 &&
	    X509_verify(cert->x509, X509_get0_pubkey(cert->x509)) != 1) {
		ERR_clear_error();
		rc = ks_fail(diag, -EKEYREJECTED, KS_NO_OFF,
			     "certificate is self-signed, and its signature is wrong");
	}
	return rc;
}

int ks_cert_check_embed(const struct ks_cert *cert, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf der = { 0 };
	struct ks_span head;
	int rc = check_key_type(cert, diag) ?: check_own_signature(cert, diag) ?: check_parser(cert, diag);

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
