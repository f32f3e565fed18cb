/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * X.509 certificates: reading, fingerprints, names and times.
 */
#ifndef KS_CRYPTO_CERT_H
#define KS_CRYPTO_CERT_H

#include <openssl/types.h>

#include "base/buf.h"
#include "crypto/digest.h"
#include "key/key.h"
#include "key/sigalg.h"

/*
 * The certificate policy that marks a development certificate: a UUID arc (X.667), so that nobody
 * else uses it. A signer or keyring that sees it says DEV KEYS.
 */
#define KS_DEV_POLICY_OID "2.25.208377195612946152483276149083524719362"

/** struct ks_cert - one certificate */
struct ks_cert {
	X509 *x509;
};

/** struct ks_certs - a list of certificates; zero-initialised is empty */
struct ks_certs {
	struct ks_cert *cert;
	size_t nr_certs;
};

/**
 * ks_cert_load() - read one certificate, PEM or DER
 * @ret_cert: owned by the caller, ks_cert_done()
 * Return: 0; -EBADMSG if it is not exactly one certificate; what the file system said.
 */
int __must_check ks_cert_load(const char *path, struct ks_cert *ret_cert, struct ks_diag *diag);

/**
 * ks_certs_append() - add every certificate of a PEM bundle (or one DER) to a list
 * Return: 0; -EBADMSG if a block does not parse (nothing is added then); -E2BIG above KS_MAX_CERTS.
 */
int __must_check ks_certs_append(struct ks_certs *certs, const char *path, struct ks_diag *diag);

/**
 * ks_certs_parse() - the certificates of a PEM text, or one DER
 * @certs: an empty list; on failure the caller frees what is there
 * Return: 0; -EBADMSG if there is none or a block does not parse; -E2BIG above KS_MAX_CERTS.
 */
int __must_check ks_certs_parse(struct ks_span text, struct ks_certs *certs, struct ks_diag *diag);

/**
 * ks_certs_take() - add certificates that OpenSSL lists
 * @stack: stays the caller's
 * Return: 0; -E2BIG above KS_MAX_CERTS; -ENOMEM.
 */
int __must_check ks_certs_take(struct ks_certs *certs, const STACK_OF(X509) * stack,
			       struct ks_diag *diag);

/**
 * ks_cert_parse() - read one certificate out of DER bytes
 * @ret_cert: owned by the caller, ks_cert_done()
 * Return: 0; -EBADMSG if it does not parse or if bytes follow it.
 */
int __must_check ks_cert_parse(struct ks_span der, struct ks_cert *ret_cert, struct ks_diag *diag);

/** ks_cert_parse_padded() - as ks_cert_parse(), but bytes may follow, as in db and dbx */
int __must_check ks_cert_parse_padded(struct ks_span der, struct ks_cert *ret_cert,
				      struct ks_diag *diag);

/** ks_cert_share() - a second owner of a certificate; @ret_cert: ks_cert_done() */
int __must_check ks_cert_share(const struct ks_cert *cert, struct ks_cert *ret_cert,
			       struct ks_diag *diag);

/**
 * ks_certs_push() - add a certificate to a list, which shares it with the caller
 * Return: 0; -E2BIG above KS_MAX_CERTS; -ENOMEM.
 */
int __must_check ks_certs_push(struct ks_certs *certs, const struct ks_cert *cert,
			       struct ks_diag *diag);

/** ks_cert_done(), ks_certs_done() - free and empty; accept an empty one */
void ks_cert_done(struct ks_cert *cert);
void ks_certs_done(struct ks_certs *certs);

/** ks_cert_der() - the DER bytes; @ret_der owned by the caller */
int __must_check ks_cert_der(const struct ks_cert *cert, struct ks_buf *ret_der,
			     struct ks_diag *diag);

/** ks_cert_pem() - append the PEM block to @out */
int __must_check ks_cert_pem(const struct ks_cert *cert, struct ks_buf *out, struct ks_diag *diag);

/** ks_cert_fingerprint() - SHA-256 of the DER */
int __must_check ks_cert_fingerprint(const struct ks_cert *cert, struct ks_digest *ret_digest,
				     struct ks_diag *diag);

/** ks_cert_name() - the subject's CN (or its whole name), cut at the room there is */
void ks_cert_name(const struct ks_cert *cert, char *text, size_t text_bytes);

/** ks_cert_issuer() - the same of the issuer's name */
void ks_cert_issuer(const struct ks_cert *cert, char *text, size_t text_bytes);

/** ks_cert_subject_dn(), ks_cert_issuer_dn() - the whole name, "CN=a,C=US" (RFC 2253), cut at the room there is */
void ks_cert_subject_dn(const struct ks_cert *cert, char *text, size_t text_bytes);
void ks_cert_issuer_dn(const struct ks_cert *cert, char *text, size_t text_bytes);

/** ks_cert_serial() - the bytes of its number in lower-case hex, cut at the room there is */
void ks_cert_serial(const struct ks_cert *cert, char *text, size_t text_bytes);

/** ks_cert_not_before(), ks_cert_not_after() - start and end of validity as "YYYY-MM-DD" */
void ks_cert_not_before(const struct ks_cert *cert, char *text, size_t text_bytes);
void ks_cert_not_after(const struct ks_cert *cert, char *text, size_t text_bytes);

/** ks_cert_is_rsa() - has a key of type rsaEncryption: what SetVariable() wants in db and dbx */
bool ks_cert_is_rsa(const struct ks_cert *cert);

/** ks_cert_is_for_modules() - has the extended key usage of the kernel's module signatures */
bool ks_cert_is_for_modules(const struct ks_cert *cert);

/** ks_cert_is_dev() - carries KS_DEV_POLICY_OID */
bool ks_cert_is_dev(const struct ks_cert *cert);

/**
 * ks_cert_check_time() - is the certificate valid at @now?
 * @now: seconds since the epoch
 * Return: 0; -EKEYEXPIRED outside of its validity.
 */
int __must_check ks_cert_check_time(const struct ks_cert *cert, u64 now, struct ks_diag *diag);

/** ks_cert_alg() - the row of its key; NULL for a kind that is not signed with */
const struct ks_sigalg *ks_cert_alg(const struct ks_cert *cert);

/**
 * ks_cert_check_key() - is it one of the kinds of key that we sign for?
 * Return: 0; -EOPNOTSUPP.
 */
int __must_check ks_cert_check_key(const struct ks_cert *cert, struct ks_diag *diag);

/**
 * ks_cert_check_pair() - does the certificate belong to the key?
 * @key: may be empty, and then nothing is said
 * Return: 0; -EKEYREJECTED.
 */
int __must_check ks_cert_check_pair(const struct ks_cert *cert, const struct ks_key *key,
				    struct ks_diag *diag);

/**
 * ks_cert_check_usage() - may it sign?
 *
 * A keyUsage must have digitalSignature, and a CA that says keyCertSign is not a signer; without a
 * keyUsage anything goes, CA:TRUE too, since that is what `openssl req -x509` makes.
 *
 * Return: 0; -EOPNOTSUPP.
 */
int __must_check ks_cert_check_usage(const struct ks_cert *cert, struct ks_diag *diag);

#endif
