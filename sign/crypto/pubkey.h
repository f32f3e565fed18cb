/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public keys on their own, as a TPM policy names them: PEM, fingerprint, a check of a signature.
 */
#ifndef KS_CRYPTO_PUBKEY_H
#define KS_CRYPTO_PUBKEY_H

#include "crypto/cert.h"
#include "key/sigalg.h"

/** struct ks_pubkey - a public key */
struct ks_pubkey {
	EVP_PKEY *pkey;
};

/**
 * ks_pubkey_parse() - read a public key in PEM ("BEGIN PUBLIC KEY")
 * @ret_key: owned by the caller, ks_pubkey_done()
 * Return: 0; -EBADMSG.
 */
int __must_check ks_pubkey_parse(struct ks_span pem, struct ks_pubkey *ret_key,
				 struct ks_diag *diag);

/** ks_pubkey_of_cert() - the key that a certificate is about; owned by the caller */
int __must_check ks_pubkey_of_cert(const struct ks_cert *cert, struct ks_pubkey *ret_key,
				   struct ks_diag *diag);

/** ks_pubkey_done() - accepts an empty one */
void ks_pubkey_done(struct ks_pubkey *key);

/** ks_pubkey_pem() - append the PEM block (SubjectPublicKeyInfo) to @out */
int __must_check ks_pubkey_pem(const struct ks_pubkey *key, struct ks_buf *out,
			       struct ks_diag *diag);

/**
 * ks_pubkey_fingerprint() - SHA-256 of the key's own DER
 *
 * That is PKCS#1 RSAPublicKey, not SubjectPublicKeyInfo: so systemd-measure names a key.
 */
int __must_check ks_pubkey_fingerprint(const struct ks_pubkey *key, struct ks_digest *ret_digest,
				       struct ks_diag *diag);

/** ks_pubkey_alg() - its row among what we sign with; NULL if it has none */
const struct ks_sigalg *ks_pubkey_alg(const struct ks_pubkey *key);

/**
 * ks_pubkey_verify() - a raw signature, RSA PKCS#1 v1.5 or ECDSA
 * @digest: SHA-256 of what was signed
 * Return: 0; -EKEYREJECTED.
 */
int __must_check ks_pubkey_verify(const struct ks_pubkey *key, const struct ks_digest *digest,
				  struct ks_span sig, struct ks_diag *diag);

#endif
