// SPDX-License-Identifier: LGPL-2.1-or-later
#include "crypto/cert_traits.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <time.h>

static int64_t time_of(const ASN1_TIME *time)
{
	struct tm tm = { 0 };

	return ASN1_TIME_to_tm(time, &tm) ? (int64_t)timegm(&tm) : 0;
}

static void read_key(X509 *x509, struct ks_cert_traits *traits)
{
	EVP_PKEY *pkey = X509_get0_pubkey(x509);
	int bits;

	if (!pkey) {
		snprintf(traits->key, sizeof(traits->key), "unknown");
		return;
	}
	bits = EVP_PKEY_get_bits(pkey);
	snprintf(traits->key, sizeof(traits->key), "%s of %d bits", EVP_PKEY_get0_type_name(pkey), bits);
	/* NIST SP 800-131A: 112 bits of strength is the least. */
	traits->weak_key = EVP_PKEY_get_security_bits(pkey) < 112;
}

struct ks_cert_traits ks_cert_traits_of(const struct ks_cert *cert)
{
	X509 *x509 = cert->x509;
	struct ks_cert_traits traits = { 0 };
	u32 flags = X509_get_extension_flags(x509);
	u32 usage = X509_get_key_usage(x509);
	int digest = NID_undef;

	traits.from = time_of(X509_get0_notBefore(x509));
	traits.to = time_of(X509_get0_notAfter(x509));
	read_key(x509, &traits);
	snprintf(traits.signature, sizeof(traits.signature), "%s",
		 X509_get_signature_nid(x509) == NID_undef ? "unknown" : OBJ_nid2ln(X509_get_signature_nid(x509)));
	if (X509_get_signature_info(x509, &digest, NULL, NULL, NULL))
		traits.weak_signature = X509_NAME_cmp(X509_get_subject_name(x509), X509_get_issuer_name(x509)) &&
					(digest == NID_md5 || digest == NID_sha1);
	traits.is_ca = flags & EXFLAG_CA;
	traits.may_issue = usage & KU_KEY_CERT_SIGN;
	/* Asking may leave an error of a certificate that OpenSSL does not understand. */
	ERR_clear_error();
	return traits;
}
