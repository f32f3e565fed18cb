/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_CRYPTO_KEYGEN_H
#define KS_CRYPTO_KEYGEN_H

#include "base/buf.h"
#include "crypto/cert.h"

/* What a development certificate may sign. */
enum ks_keygen_use {
	KS_KEYGEN_CA,		/* PK, KEK: basicConstraints CA, keyCertSign */
	KS_KEYGEN_CODE_SIGNING, /* modules, UKI: digitalSignature, EKU codeSigning */
	KS_KEYGEN_EPHEMERAL,	/* modules of one build: as the kernel's own x509.genkey */
	KS_KEYGEN_POLICY,	/* TPM policies: digitalSignature; RSA-2048, as every TPM takes it */
};

/**
 * ks_keygen_dev() - a new RSA-4096 key (2048 for a TPM) and its self-signed SHA-512 certificate
 * @common_name: subject and issuer CN; must say that it is for development
 * @use: key usage bits
 * @now: start of validity in seconds since the epoch; it ends after one year
 * @ret_key_pem: PKCS#8 private key, owned by the caller; ks_buf_done() wipes it
 * @ret_cert_pem: certificate with the policy KS_DEV_POLICY_OID, owned by the caller
 *
 * Return: 0; -EIO with OpenSSL's reason.
 */
int __must_check ks_keygen_dev(const char *common_name, enum ks_keygen_use use, u64 now,
			       struct ks_buf *ret_key_pem, struct ks_buf *ret_cert_pem,
			       struct ks_diag *diag);

/**
 * ks_keygen_ephemeral() - a new RSA-4096 key that is nowhere but in locked memory, and its certificate
 * @common_name, @now: as ks_keygen_dev(); valid for 100 years, as the kernel's own
 * @ret_key: ks_key_close(), which wipes it
 * @ret_cert: ks_cert_done()
 *
 * From here on OpenSSL puts the private numbers of every key into memory that is neither swapped nor
 * dumped; what it computes with for the length of a signature is not.
 *
 * Return: 0; -EACCES if no memory can be locked; -EIO with OpenSSL's reason.
 */
int __must_check ks_keygen_ephemeral(const char *common_name, u64 now, struct ks_key *ret_key,
				     struct ks_cert *ret_cert, struct ks_diag *diag);

#endif
