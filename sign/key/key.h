/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Private keys. A key is opened once, by URI, and used by all threads; no format knows its kind.
 *
 *   PATH, file:PATH    private key in PEM or DER (PKCS#8 or traditional) or PKCS#12, with a passphrase
 *		       or without
 *   pkcs11:...         RFC 7512: a token
 *   exec:COMMAND       a program: digest in, raw signature out
 *   fd:N               a key that the process above holds, behind an inherited socket
 *   SCHEME:...         whatever an OpenSSL store loader knows (handle: of a TPM provider)
 *
 * A source is one file key/key_*.c and one row in key.c's table. Private bytes stay inside OpenSSL,
 * the token or the program: nothing here, no diag and no log ever holds them.
 */
#ifndef KS_KEY_KEY_H
#define KS_KEY_KEY_H

#include <openssl/types.h>

#include "base/buf.h"
#include "key/pass.h"

struct ks_key_source;

/**
 * struct ks_key - an open private key; all zero is not a key
 * @source: who answers; NULL when @pkey alone does
 * @pkey: what OpenSSL signs with; NULL when it has no handle on the key (exec:)
 * @signing: set up to sign with @pkey, each signature takes a copy; NULL: set up for each anew
 * @certs: certificates that are in the key's file, in its order; NULL: none
 * @state: the source's own
 */
struct ks_key {
	const struct ks_key_source *source;
	EVP_PKEY *pkey;
	EVP_PKEY_CTX *signing;
	STACK_OF(X509) *certs;
	void *state;
};

/**
 * ks_key_open() - open a private key
 * @uri: see above; a scheme that is known here wins over a file of that name
 * @pass: where a passphrase or PIN comes from if one is wanted; NULL: nowhere
 * @ret_key: owned by the caller, ks_key_close()
 *
 * A file that group or others may read is refused, see ks_file_check_secret(). A wrong
 * passphrase or PIN is never tried twice, since tokens lock themselves.
 *
 * Return: 0; -ENOKEY if nothing is there; -EACCES if it cannot be used (mode, passphrase, type);
 * -EINVAL for a malformed URI.
 */
int __must_check ks_key_open(const char *uri, const struct ks_pass_source *pass,
			     struct ks_key *ret_key, struct ks_diag *diag);

/** ks_key_is_open() - there is a key */
bool ks_key_is_open(const struct ks_key *key);

/**
 * ks_key_is_remote() - the signature comes from outside of this process' OpenSSL
 *
 * Such a signature is checked against the certificate before anybody uses it.
 */
bool ks_key_is_remote(const struct ks_key *key);

/**
 * ks_key_sign() - the raw signature of a digest
 * @md: the digest's algorithm
 * @digest: as long as @md says
 * @ret_sig: RSASSA-PKCS1-v1_5, or the DER Ecdsa-Sig-Value (deterministic, RFC 6979, where OpenSSL
 *	     is 3.2 or later and holds the key); owned by the caller
 *
 * Safe to call from several threads with one @key.
 *
 * Return: 0; -EACCES with the reason if the key refuses or is gone; -EINVAL for an empty key.
 */
int __must_check ks_key_sign(const struct ks_key *key, const EVP_MD *md, struct ks_span digest,
			     struct ks_buf *ret_sig, struct ks_diag *diag);

/** ks_key_close() - accepts an empty key */
void ks_key_close(struct ks_key *key);

#endif
