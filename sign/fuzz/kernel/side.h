/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel's side of the comparison: its own sources, behind functions whose types need no header of
 * the kernel.
 */
#ifndef KERNEL_SIDE_H
#define KERNEL_SIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Names of digests in the order of enum ks_kdigest; a kernel has those whose bit is set. */
struct kernel_side_config {
	unsigned int digests;
	bool rsa;
	bool ecdsa;
	unsigned int min_digest_bits;
	unsigned int min_rsa_bits;
};
extern struct kernel_side_config kernel_side_config;

enum kernel_side_ring { KERNEL_SIDE_TRUSTED, KERNEL_SIDE_REVOKED };

/** kernel_side_boot() - what runs once; aborts if it fails */
void kernel_side_boot(void);

/** kernel_side_forget() - all keys and hashes */
void kernel_side_forget(void);

/**
 * kernel_side_load_list() - x509_load_certificate_list()
 * @told: called for each attempt to add a certificate: 0 and its description, or the errno
 */
void kernel_side_load_list(enum kernel_side_ring ring, const uint8_t *list, size_t bytes,
			   void (*told)(void *arg, int err, const char *description), void *arg);

/** kernel_side_revoke() - put the hash of a certificate's signed part on the blacklist */
void kernel_side_revoke(const uint8_t *hash, size_t bytes);

/** struct kernel_side_verdict - of mod_verify_sig(), -ENODATA without a marker; of module_sig_check() */
struct kernel_side_verdict {
	int sig;
	int permissive;
	int locked_down;
	int enforced;
};

/** kernel_side_module() - what the kernel says of a module's signature */
struct kernel_side_verdict kernel_side_module(const uint8_t *file, size_t bytes);

#endif
