/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Opening a signer: which key and certificate may sign for a kernel.
 */
#ifndef KS_OPS_SIGNER_H
#define KS_OPS_SIGNER_H

#include "crypto/signer.h"
#include "key/sigalg.h"

/**
 * struct ks_signer_opts - what ks_signer_open() opens
 * @key_uri: as ks_key_open(); NULL: certificate only, for offline signing
 * @cert_path: a file (PEM, DER, PKCS#12), with its chain or without, or a pkcs11: URI; NULL or the
 *	       same as @key_uri: the certificate that is where the key is
 * @hash: as ks_digest_alg_for()
 * @use: KS_SIGN_MODULE, KS_SIGN_PE or KS_SIGN_UPDATE, what it will sign; 0: that is asked elsewhere
 * @pass: for the key's passphrase or PIN; may be NULL
 * @allow_expired: a certificate that is not valid now may sign as of SOURCE_DATE_EPOCH
 * @cert: a certificate that is open already, shared with the caller, in place of @cert_path; or NULL
 */
struct ks_signer_opts {
	const char *key_uri;
	const char *cert_path;
	const char *hash;
	unsigned int use;
	const struct ks_pass_source *pass;
	bool allow_expired;
	const struct ks_cert *cert;
};

/**
 * ks_cert_check_signer() - may this pair sign now?
 * @key: may be empty: what the certificate alone tells
 * @use: KS_SIGN_*, or 0
 * @now: seconds since the epoch
 *
 * Return: 0; -EKEYREJECTED if key and certificate do not match; -EKEYEXPIRED outside of the
 * validity; -EOPNOTSUPP as ks_cert_check_embed(), since the kernel that verifies must have loaded the
 * certificate, and for a CA, but of updates: PK
 * and KEK are CAs that sign them.
 */
int __must_check ks_cert_check_signer(const struct ks_cert *cert, const struct ks_key *key, unsigned int use,
				      u64 now, struct ks_diag *diag);

/**
 * ks_signer_open() - open a key with its certificate and check that they may sign
 * @ret_signer: owned by the caller, ks_signer_close()
 *
 * The certificate is checked before the key is opened: nobody is asked for a PIN on behalf of a
 * certificate that may not sign. Where only who opened the key can read the certificate (its file, a
 * private object on a token), it is checked then.
 *
 * Return: 0; -ENOKEY, -EACCES, -EKEYREJECTED, -EKEYEXPIRED, -EOPNOTSUPP as the functions it calls;
 * what ks_signer_prepare() says.
 */
int __must_check ks_signer_open(const struct ks_signer_opts *opts, struct ks_signer *ret_signer,
				struct ks_diag *diag);

#endif
