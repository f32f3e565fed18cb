/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a certificate is like, for who judges it.
 */
#ifndef KS_CRYPTO_CERT_TRAITS_H
#define KS_CRYPTO_CERT_TRAITS_H

#include "crypto/cert.h"

/**
 * struct ks_cert_traits - read out of one certificate
 * @from, @to: its validity, seconds since the epoch; 0 for a time that is not one
 * @key: kind of its key, "RSA of 2048 bits"
 * @signature: by which its issuer signed it, "sha256WithRSAEncryption"
 * @weak_key: below 112 bits of strength: RSA of 2048 bits has them, a curve of 224
 * @weak_signature: signed by somebody else, with MD5 or SHA-1
 * @is_ca: basic constraints say CA:TRUE
 * @may_issue: no keyUsage, or one with keyCertSign
 */
struct ks_cert_traits {
	int64_t from;
	int64_t to;
	char key[64];
	char signature[48];
	bool weak_key;
	bool weak_signature;
	bool is_ca;
	bool may_issue;
};

/** ks_cert_traits_of() - read them */
struct ks_cert_traits ks_cert_traits_of(const struct ks_cert *cert);

#endif
