/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Certificate chains: that of a signature, and the chain that a signer embeds.
 */
#ifndef KS_CRYPTO_CHAIN_H
#define KS_CRYPTO_CHAIN_H

#include "crypto/cert.h"

/* An empty list. */
extern const struct ks_certs ks_no_certs;

/** ks_cert_same() - the same bytes */
bool ks_cert_same(const struct ks_cert *a, const struct ks_cert *b);

/** ks_certs_have() - is @cert one of them, bytes for bytes? */
bool ks_certs_have(const struct ks_certs *certs, const struct ks_cert *cert);

/** ks_cert_issued() - names, key identifiers and the signature say that @issuer issued @cert */
bool ks_cert_issued(const struct ks_cert *issuer, const struct ks_cert *cert);

/**
 * ks_cert_check_chain() - may these be embedded beside the signer's certificate?
 * @chain: in any order
 * Return: 0; -EINVAL with the name of one that is there twice or that issued none of the others
 * up to the signer.
 */
int __must_check ks_cert_check_chain(const struct ks_cert *signer, const struct ks_certs *chain,
				     struct ks_diag *diag);

/**
 * ks_cert_split_chain() - the signer's certificate and its chain, which came together
 * @certs: in any order, since tools write both: leaf first (PEM for TLS) and as they come (PKCS#12)
 * @ret_signer: the one that issued none of the others, ks_cert_done()
 * @ret_chain: an empty list; the others. The caller frees it, also after a failure
 *
 * Return: 0; -EINVAL for certificates that are not one chain; -E2BIG for over KS_MAX_CHAIN.
 */
int __must_check ks_cert_split_chain(const struct ks_certs *certs, struct ks_cert *ret_signer,
				     struct ks_certs *ret_chain, struct ks_diag *diag);

/**
 * ks_cert_chain() - a certificate and its issuers
 * @embedded, @extra: where to look for them, in this order
 * @ret_chain: an empty list; @signer first. The caller frees it, also after a failure
 * Return: 0; -E2BIG; -ENOMEM.
 */
int __must_check ks_cert_chain(const struct ks_cert *signer, const struct ks_certs *embedded,
			       const struct ks_certs *extra, struct ks_certs *ret_chain,
			       struct ks_diag *diag);

/**
 * ks_cert_tbs_digest() - digest of the to-be-signed part, by which a dbx names a certificate
 * @alg: as ks_digest_alg()
 */
int __must_check ks_cert_tbs_digest(const struct ks_cert *cert, const char *alg,
				    struct ks_digest *ret_digest, struct ks_diag *diag);

#endif
