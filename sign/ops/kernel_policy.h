/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a kernel's configuration decides about who may put code into it, in words.
 */
#ifndef KS_OPS_KERNEL_POLICY_H
#define KS_OPS_KERNEL_POLICY_H

#include "base/span.h"

/**
 * struct ks_kernel_policy - of one configuration; texts are static, or borrow it
 * @lockdown: "absent", "off", "integrity" or "confidentiality": from the start of the boot
 * @lockdown_lsm: the LSM is in CONFIG_LSM, so that the kernel can be locked down later
 * @lockdown_in_secure_boot: it locks itself down under Secure Boot
 * @boot_params: and removes boot parameters that would undo it (this fork's LOCK_DOWN_BOOT_PARAMS)
 * @modules: "none" (it loads no modules), "unchecked", "checked" or "enforced"
 * @module_hash: with which its build signs, "sha512"; empty if it does not sign
 * @min_digest_bits, @min_rsa_bits: least strength of a module's signature in this fork; 0: none
 * @keyrings: bits of KS_POLICY_KEYRING_*
 * @kexec_load: the system call that takes no file, and checks nothing
 * @kexec_file: "absent", "unchecked", "checked" or "enforced"
 */
struct ks_kernel_policy {
	const char *lockdown;
	bool lockdown_lsm;
	bool lockdown_in_secure_boot;
	bool boot_params;
	const char *modules;
	struct ks_span module_hash;
	unsigned int min_digest_bits;
	unsigned int min_rsa_bits;
	unsigned int keyrings;
	bool kexec_load;
	const char *kexec_file;
};

/* Keyrings beside the built-in one from which the kernel takes keys. */
#define KS_NR_POLICY_KEYRINGS 4U

/** ks_policy_keyring() - "secondary", "machine", "platform" or "blacklist", for bit @idx of keyrings */
const char *ks_policy_keyring(unsigned int idx);

/** ks_kernel_policy_of() - read it; what is not set is off, as for the kernel */
struct ks_kernel_policy ks_kernel_policy_of(struct ks_span config);

#endif
