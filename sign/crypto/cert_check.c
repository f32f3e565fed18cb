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
#include "crypto/kernel_x509.h"
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

/*
 * Ours, not the kernel's: it keeps a certificate whose key it cannot use, and RSA of 512 to 1536 bits and
 * P-192 it would use.
 */
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

/* A mainline kernel with every digest: what it drops, no other loads. */
static int check_loads(const struct ks_cert *cert, struct ks_span der, struct ks_diag *diag)
{
	struct ks_kcrypto crypto = {
		.digests = (1U << KS_KDIGEST_SM3) - 1,
		.rsa = true,
		.ecdsa = true,
	};
	struct ks_kx509 parsed;
	char what[160];
	int rc;

	ks_kcrypto_init(&crypto);
	rc = ks_kx509_parse(&crypto, NULL, der, &parsed);
	ks_kx509_done(&parsed);
	ks_kcrypto_done(&crypto);
	if (!rc)
		return 0;
	if (rc == -ENOMEM)
		return ks_fail(diag, rc, KS_NO_OFF, "out of memory");
	if (rc == -ENOPKG)
		return ks_fail_detail(diag, -EOPNOTSUPP,
				      "Linux 6.18 does not load a certificate signed with",
				      OBJ_nid2sn(X509_get_signature_nid(cert->x509)));
	snprintf(what, sizeof(what), "its %s", parsed.objection ? parsed.objection : "form");
	/* With its own identifier all of it was read, and its signature by itself remained. */
	return ks_fail_detail(diag, parsed.id.set ? -EKEYREJECTED : -EOPNOTSUPP,
			      "the kernel drops this certificate when it boots, make it anew", what);
}

/*
 * The list of built-in certificates is walked by headers before any of them is read, so one of another
 * form costs those behind it as well: asked first, and said.
 */
static int check_list(struct ks_span der, struct ks_diag *diag)
{
	struct ks_span head;

	/* DER of 256 bytes with its header is "30 81 fd": the kernel wants "30 82". */
	if (der.bytes < KERNEL_MIN_DER_BYTES + 4)
		return ks_fail_detail(
			diag, -EOPNOTSUPP,
			"the kernel would drop this and every later certificate, make it "
			"longer",
			"DER is shorter than 260 bytes");
	if (!ks_span_sub(der, 0, 2, &head) || head.p[0] != 0x30 || head.p[1] != 0x82)
		return ks_fail(diag, -EOPNOTSUPP, KS_NO_OFF,
			       "the kernel's list takes certificates of at most 64 KiB");
	return 0;
}

int ks_cert_check_embed(const struct ks_cert *cert, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf der = { 0 };

	return check_key_type(cert, diag) ?: ks_cert_der(cert, &der, diag) ?:
	       check_list(ks_buf_span(&der), diag) ?: check_loads(cert, ks_buf_span(&der), diag);
}
