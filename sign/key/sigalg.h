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

enum ks_sig_form {
	KS_SIG_OTHER,
	KS_SIG_PKCS1, /* RSASSA-PKCS1-v1_5 */
	KS_SIG_PAIR,  /* DER SEQUENCE of r and s */
};

/**
 * struct ks_sigalg - a kind of key
 * @type: OpenSSL's name of the type, "RSA"
 * @group: its name of the curve; NULL: the type has none
 * @bits: size of the key in bits
 * @takes: KS_SIGN_*: whose verifiers take its signatures
 * @form: of a raw signature
 * @alg_nid: OpenSSL's number of the AlgorithmIdentifier; 0: it names the digest too
 * @digest_nid: number of the type from which that one follows, as OBJ_find_sigid_by_algs() has it
 * @has_null: the identifier has NULL parameters (RFC 4055), else none
 */
struct ks_sigalg {
	const char *type;
	const char *group;
	int bits;
	unsigned int takes;
	enum ks_sig_form form;
	int alg_nid;
	int digest_nid;
	bool has_null;
};

/* The rows in words, for messages. */
#define KS_SIGALG_WORDS "RSA of 2048, 3072, 4096 bits or ECDSA P-256, P-384, P-521"

/** ks_sigalg_of() - the row of a public or private key; NULL for a kind that is not signed with */
const struct ks_sigalg *ks_sigalg_of(const EVP_PKEY *pkey);

/** ks_sig_form_of() - by the type alone, which a key in a token always has */
enum ks_sig_form ks_sig_form_of(const EVP_PKEY *pkey);

/**
 * ks_sig_form_set() - tell a context that signs or verifies with @pkey of its form
 * Return: false if OpenSSL refuses.
 */
bool ks_sig_form_set(EVP_PKEY_CTX *ctx, const EVP_PKEY *pkey);

/** struct ks_hash - a digest by our name; @signs: it is signed with, not only read in what others signed */
struct ks_hash {
	const char *name;
	int nid;
	bool signs;
};

#define KS_NR_HASHES 4U
extern const struct ks_hash ks_hashes[KS_NR_HASHES];

/* Those that are signed with, as options and messages list them. */
#define KS_HASH_OPTION "sha256|sha384|sha512"
#define KS_HASH_WORDS "sha256, sha384 or sha512"

#endif
