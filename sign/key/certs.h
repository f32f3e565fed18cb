/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Certificates that are where the key is: in its file, on its token. Whose they are, and which of
 * several is the signer's, is crypto's.
 */
#ifndef KS_KEY_CERTS_H
#define KS_KEY_CERTS_H

#include "key/key.h"

/**
 * ks_key_certs() - the certificates of an open key
 * @uri: of a certificate on the key's own token, whose login serves; NULL: what belongs to the key,
 *	 which is what its file has, or on a token the certificate of the same CKA_ID
 * @ret_certs: owned by the caller
 *
 * Return: 0; -ENOKEY if there is none, or if several fit a URI.
 */
int __must_check ks_key_certs(const struct ks_key *key, const char *uri,
			      STACK_OF(X509) * *ret_certs, struct ks_diag *diag);

/** ks_token_has() - is it a pkcs11: URI? */
bool ks_token_has(const char *uri);

/**
 * ks_token_certs() - the certificate on a token that a pkcs11: URI names, without a login
 * @is_key: the URI is a key's, and its object= and id= may be the certificate's too
 * Return: 0; -ENOKEY if there is none that everybody may read, or if several fit; -EINVAL.
 */
int __must_check ks_token_certs(const char *uri, bool is_key, STACK_OF(X509) * *ret_certs,
				struct ks_diag *diag);

/** ks_p12_is() - is it a PKCS#12 file? */
bool ks_p12_is(struct ks_span file);

/**
 * ks_p12_certs() - the certificates of a PKCS#12 file
 * Return: 0; -ENOKEY if it has none; as ks_key_open() for its passphrase.
 */
int __must_check ks_p12_certs(struct ks_span der, const char *path, const struct ks_pass_source *pass,
			      STACK_OF(X509) * *ret_certs, struct ks_diag *diag);

#endif
