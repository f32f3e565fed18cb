/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_CRYPTO_SIGNER_H
#define KS_CRYPTO_SIGNER_H

#include "crypto/cert.h"

/**
 * struct ks_signer - key and certificate that belong together
 * @md: digest of the signature
 * @time: signingTime for shapes that carry one, in seconds since the epoch
 */
struct ks_signer {
	struct ks_key key;
	struct ks_cert cert;
	const EVP_MD *md;
	u64 time;
};

/**
 * ks_signer_open() - open a key with its certificate and check that they may sign
 * @key_uri: as ks_key_open()
 * @cert_path: PEM or DER
 * @hash: as ks_digest_alg()
 * @ret_signer: owned by the caller, ks_signer_close()
 *
 * signingTime is SOURCE_DATE_EPOCH where that is set, else now; but never before the certificate
 * became valid, since the kernel refuses such a signature for kexec.
 *
 * Return: 0; -ENOKEY, -EACCES, -EKEYREJECTED, -EKEYEXPIRED, -EOPNOTSUPP as the functions it calls;
 * -EINVAL if SOURCE_DATE_EPOCH is no number.
 */
int __must_check ks_signer_open(const char *key_uri, const char *cert_path, const char *hash,
				struct ks_signer *ret_signer, struct ks_diag *diag);

/** ks_signer_close() - accepts an empty signer */
void ks_signer_close(struct ks_signer *signer);

#endif
