/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a kind of key implements, and what the kinds share. Only key/ includes this.
 */
#ifndef KS_KEY_SOURCE_H
#define KS_KEY_SOURCE_H

#include "key/key.h"

/**
 * struct ks_key_source - one kind of key
 * @scheme: start of its URIs, with the colon
 * @remote: see ks_key_is_remote()
 * @open: as ks_key_open(); sets @pkey or @state of the key, and @source only if it hands the key on
 * @sign: as ks_key_sign(); NULL: OpenSSL signs with @pkey
 * @certs: as ks_key_certs(); NULL: only what stands in the key
 * @close: frees @state; NULL if there is none
 */
struct ks_key_source {
	const char *scheme;
	bool remote;
	int (*open)(const char *uri, const struct ks_pass_source *pass, struct ks_key *ret_key,
		    struct ks_diag *diag);
	int (*sign)(const struct ks_key *key, const EVP_MD *md, struct ks_span digest,
		    struct ks_buf *ret_sig, struct ks_diag *diag);
	int (*certs)(const struct ks_key *key, const char *uri, STACK_OF(X509) * *ret_certs,
		     struct ks_diag *diag);
	void (*close)(struct ks_key *key);
};

extern const struct ks_key_source ks_key_source_pem, ks_key_source_pkcs11,
	ks_key_source_exec, ks_key_source_fd, ks_key_source_store;

/** ks_pkey_sign() - ks_key_sign() with OpenSSL */
int __must_check ks_pkey_sign(const struct ks_key *key, const EVP_MD *md, struct ks_span digest,
			      struct ks_buf *ret_sig, struct ks_diag *diag);

/**
 * ks_pkey_prepare() - what signing with @pkey needs once, for a key of OpenSSL's own provider
 * Return: owned by the caller; NULL for every other key, whose context may be one that cannot be
 * copied.
 */
EVP_PKEY_CTX *ks_pkey_prepare(EVP_PKEY *pkey);

/** ks_pkey_provider() - the name of the provider that has the key, "default" for OpenSSL's own */
const char *ks_pkey_provider(const EVP_PKEY *pkey);

#endif
