/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A key with its certificate: what signs, or for offline signing what will have signed.
 */
#ifndef KS_CRYPTO_SIGNER_H
#define KS_CRYPTO_SIGNER_H

#include "crypto/cert.h"

/**
 * struct ks_signer - key and certificate that belong together
 * @key: empty when there is only the certificate
 * @chain: issuers that came with @cert, for the formats that carry some; mostly empty
 * @md: digest of the signature
 * @verifier: set up to verify with the certificate's key and @md; each check takes a copy
 * @time: signingTime for shapes that carry one, in seconds since the epoch
 * @cert_der: the certificate's bytes
 * @sid_der: SignerIdentifier: IssuerAndSerialNumber, as the certificate's bytes have them
 * @digest_alg_der: AlgorithmIdentifier of @md
 * @sig_alg_der: AlgorithmIdentifier of the signature: rsaEncryption or ecdsa-with-...
 *
 * What has a name in _der is part of every message, so it is encoded once.
 */
struct ks_signer {
	struct ks_key key;
	struct ks_cert cert;
	struct ks_certs chain;
	const EVP_MD *md;
	EVP_PKEY_CTX *verifier;
	u64 time;
	struct ks_buf cert_der;
	struct ks_buf sid_der;
	struct ks_buf digest_alg_der;
	struct ks_buf sig_alg_der;
};

/**
 * ks_signer_prepare() - fill in what follows from @key, @cert and @md, and the time
 *
 * signingTime is SOURCE_DATE_EPOCH where that is set, else now; but never before the certificate
 * became valid, since the kernel refuses such a signature for kexec.
 *
 * Return: 0; -EBADMSG, -EOPNOTSUPP, -EKEYREJECTED for a certificate that OpenSSL cannot use; -EINVAL
 * if SOURCE_DATE_EPOCH is not a number; -ENOMEM. ks_signer_close() also after a failure.
 */
int __must_check ks_signer_prepare(struct ks_signer *signer, struct ks_diag *diag);

/**
 * ks_signer_sign() - the raw signature of a digest by the signer's key
 * @digest: of @signer->md's kind
 * @ret_sig: owned by the caller
 *
 * What a token, a program or a provider answers is checked against the certificate before it is
 * returned. Safe to call from several threads with one @signer.
 *
 * Return: 0; -EINVAL without a key; -EACCES if the key refuses; -EIO if it answered with anything
 * else than a signature that the certificate verifies.
 */
int __must_check ks_signer_sign(const struct ks_signer *signer, struct ks_span digest,
				struct ks_buf *ret_sig, struct ks_diag *diag);

/**
 * ks_signer_check() - does the certificate verify this raw signature?
 * @sig: RSASSA-PKCS1-v1_5 or DER Ecdsa-Sig-Value, from anywhere
 * Return: 0; -EKEYREJECTED.
 */
int __must_check ks_signer_check(const struct ks_signer *signer, struct ks_span digest,
				 struct ks_span sig, struct ks_diag *diag);

/** ks_signer_close() - accepts an empty signer */
void ks_signer_close(struct ks_signer *signer);

#endif
