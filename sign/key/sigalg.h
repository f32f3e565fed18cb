/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What we sign with: one table of signature algorithms and one of digests. A new kind of key is one row.
 * What a kernel knows is kernel/oid.c's and kernel/digest.c's own, which mirror the kernel's tables.
 */
#ifndef KS_KEY_SIGALG_H
#define KS_KEY_SIGALG_H

#include <openssl/types.h>

#include "base/types.h"

/* What is signed, which decides who verifies it. */
#define KS_SIGN_MODULE 1U /* modules: Linux 6.18 */
#define KS_SIGN_PE 2U     /* Authenticode: firmware, shim */
#define KS_SIGN_PCR 4U    /* TPM2_PolicyAuthorize */
#define KS_SIGN_UPDATE 8U /* updates of firmware variables: firmware, by the rules for images */

enum ks_sig_form {
	KS_SIG_OTHER,
	KS_SIG_PKCS1, /* RSASSA-PKCS1-v1_5 */
	KS_SIG_PAIR,  /* DER SEQUENCE of r and s */
};

/**
 * struct ks_sigalg - a kind of key
 * @name: for people, "RSA of 2048 bits"
 * @type: OpenSSL's name of the type, "RSA"
 * @group: its name of the curve; NULL: the type has none
 * @bits: size of the key in bits
 * @takes: KS_SIGN_*: whose verifiers take its signatures; 0: nobody's that we sign for
 * @form: of a raw signature
 * @alg_nid: OpenSSL's number of the AlgorithmIdentifier; 0: it names the digest too, see ks_hash
 * @has_null: the identifier has NULL parameters (RFC 4055), else none
 * @oid: of a kind that is known here and maybe not to this OpenSSL; or NULL
 * @later: who takes it, if it is none of ours; or NULL
 */
struct ks_sigalg {
	const char *name;
	const char *type;
	const char *group;
	int bits;
	unsigned int takes;
	enum ks_sig_form form;
	int alg_nid;
	bool has_null;
	const char *oid;
	const char *later;
};

/* The rows in words, for messages. */
#define KS_SIGALG_WORDS "RSA of 2048, 3072, 4096 bits or ECDSA P-256, P-384, P-521"

#define KS_NR_SIGALGS 9U
extern const struct ks_sigalg ks_sigalgs[KS_NR_SIGALGS];

/** ks_sigalg_of() - the row of a public or private key; NULL for a kind that is not signed with */
const struct ks_sigalg *ks_sigalg_of(const EVP_PKEY *pkey);

/**
 * ks_sigalg_later() - the row of a kind that others take, by the OID of a key
 * @oid: which OpenSSL may know under no name
 * Return: NULL for any other.
 */
const struct ks_sigalg *ks_sigalg_later(const ASN1_OBJECT *oid);

/** ks_sig_form_of() - by the type alone, which a key in a token always has */
enum ks_sig_form ks_sig_form_of(const EVP_PKEY *pkey);

/**
 * ks_sig_form_set() - tell a context that signs or verifies with @pkey of its form
 * Return: false if OpenSSL refuses.
 */
bool ks_sig_form_set(EVP_PKEY_CTX *ctx, const EVP_PKEY *pkey);

/**
 * struct ks_hash - a digest by our name
 * @ecdsa_nid: the AlgorithmIdentifier of ECDSA with it, which OpenSSL 3.0 finds for SHA-2 alone
 * @takes: KS_SIGN_* that are signed with it; 0: it is only read in what others signed
 * @firmware: EDK2 computes it for images
 */
struct ks_hash {
	const char *name;
	int nid;
	int ecdsa_nid;
	unsigned int takes;
	bool firmware;
};

#define KS_NR_HASHES 7U
extern const struct ks_hash ks_hashes[KS_NR_HASHES];

/** ks_hash_of() - the row of a digest; NULL if it has none */
const struct ks_hash *ks_hash_of(const EVP_MD *md);

/* Those that are signed with, as options and messages list them: of modules, and of the rest. */
#define KS_MODULE_HASH_OPTION "sha256|sha384|sha512|sha3-256|sha3-384|sha3-512"
#define KS_MODULE_HASH_WORDS "sha256, sha384, sha512, sha3-256, sha3-384 or sha3-512"
#define KS_HASH_OPTION "sha256|sha384|sha512"
#define KS_HASH_WORDS "sha256, sha384 or sha512"

#endif
