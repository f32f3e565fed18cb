/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A kernel, as far as it decides on modules, and its keyrings: crypto/asymmetric_keys/x509_loader.c,
 * x509_public_key.c and certs/system_keyring.c of Linux 6.18.
 */
#ifndef KS_KERNEL_KEYRING_H
#define KS_KERNEL_KEYRING_H

#include "crypto/cert.h"
#include "kernel/x509.h"

/**
 * struct ks_kring_key - one key of a keyring
 * @der: owned, borrowed by @cert
 * @text: the kernel's description: subject, ": " and the key identifier or the serial number
 * @err: 0; else the errno with which the kernel did not load it
 */
struct ks_kring_key {
	struct ks_buf der;
	struct ks_kx509 cert;
	char text[KS_KX509_NAME_BYTES + 140];
	int err;
};

/** struct ks_kring - a keyring; zero-initialised is empty */
struct ks_kring {
	struct ks_kring_key *key;
	size_t nr_keys;
};

/**
 * struct ks_kmodules - what a kernel asks of a module besides its signature
 * @known: an image was read; otherwise any 6.18 is meant
 * @configured: and its configuration, without which the three flags below say nothing
 * @machine: e_machine of the kernel; 0: not known
 * @struct_bytes: sizeof(struct module), out of its BTF; 0: not known
 * @vermagic: "" if not known
 * @force_load: CONFIG_MODULE_FORCE_LOAD
 * @livepatch: CONFIG_LIVEPATCH
 * @unpacks: enum ks_compression that it unpacks itself (CONFIG_MODULE_DECOMPRESS)
 */
struct ks_kmodules {
	bool known;
	bool configured;
	u16 machine;
	u64 struct_bytes;
	char vermagic[160];
	bool force_load;
	bool livepatch;
	unsigned int unpacks;
};

/**
 * struct ks_kernel - everything of a kernel that decides on a module
 * @crypto: what it can compute
 * @min_digest_bits: CONFIG_MODULE_SIG_MIN_DIGEST_BITS of this fork; 0 for mainline
 * @min_rsa_bits: CONFIG_MODULE_SIG_MIN_RSA_BITS of this fork; 0 for mainline
 * @sig_force: CONFIG_MODULE_SIG_FORCE
 * @trusted: the built-in keyring
 * @revoked: certificates of the blacklist
 * @revoked_tbs: hashes of the blacklist
 * @list_cut_short: a list of the kernel is broken, and it has dropped what follows
 * @has_image: there is a kernel, not only certificates
 * @has_config: the rules are those of its configuration; else mainline's, with every algorithm
 * @release: what the kernel calls itself, "6.18.15"; "" without a kernel, or if it does not say
 * @modules: what is not a matter of signatures
 *
 * Not changed once it is filled: threads share it.
 */
struct ks_kernel {
	struct ks_kcrypto crypto;
	unsigned int min_digest_bits;
	unsigned int min_rsa_bits;
	bool sig_force;
	struct ks_kring trusted;
	struct ks_kring revoked;
	struct ks_khashes revoked_tbs;
	bool list_cut_short;
	bool has_image;
	bool has_config;
	char release[66];
	struct ks_kmodules modules;
};

void ks_kernel_done(struct ks_kernel *kernel);

/** ks_kernel_cannot_tell() - is it an error of ours (-ENOMEM, -EIO, -EOPNOTSUPP), not the kernel's answer? */
bool ks_kernel_cannot_tell(int rc);

/**
 * ks_kring_add() - as x509_load_certificate_list() adds one certificate
 * @der: copied
 *
 * A key with the description of another takes its place. What the kernel would not load stays in
 * the list with its errno, for the one who asks why.
 *
 * Return: 0; -E2BIG above KS_MAX_CERTS; -EOPNOTSUPP if it cannot be predicted; -ENOMEM.
 */
int __must_check ks_kring_add(const struct ks_kernel *kernel, struct ks_kring *ring,
			      struct ks_span der, struct ks_diag *diag);

/**
 * ks_kernel_add_list() - as x509_load_certificate_list()
 * @ring: of @kernel
 * @list: as it stands in the kernel; where it is broken, all later certificates are lost
 *
 * Return: 0; what ks_kring_add() says.
 */
int __must_check ks_kernel_add_list(struct ks_kernel *kernel, struct ks_kring *ring, struct ks_span list,
				    struct ks_diag *diag);

/**
 * ks_cert_check_embed() - would the kernel load this certificate from its built-in list?
 *
 * What the X.509 parser takes is asked of ks_kx509_parse(). The list loader (x509_loader.c) reads a
 * two-byte DER length and drops this and every later certificate when the DER has another length form
 * (content below 256 bytes or above 64 KiB). Above that is policy: RSA-2048/3072/4096 and ECDSA
 * P-256/384/521 only. All of this is silent at build time, so it is refused here.
 *
 * Return: 0; -EOPNOTSUPP, -EKEYREJECTED with the reason; -ENOMEM.
 */
int __must_check ks_cert_check_embed(const struct ks_cert *cert, struct ks_diag *diag);

#endif
