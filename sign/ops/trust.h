/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whom a file vouches for: the one reader behind every --trust.
 */
#ifndef KS_OPS_TRUST_H
#define KS_OPS_TRUST_H

#include "ops/keyring.h"

/**
 * ks_trust_load() - the certificates of any file that holds some
 * @path: PKCS#12, or as ks_keyring_load_any(): PEM, DER, signature lists, a variable store, a manifest, a kernel
 * @purpose: KS_PURPOSE_BUILTIN for modules, KS_PURPOSE_DB for what boots, KS_PURPOSE_REVOKED for what is refused
 * @pass: where the passphrase of PKCS#12 comes from, if it has one; may be NULL
 * @certs: appended to; the caller frees it, also after a failure. One that is there already is left out.
 *
 * Where the file says what its certificates are for, those of another purpose are left out: PK and KEK
 * of a variable store start nothing, and what a kernel or a manifest revokes is no trust. A kernel has no
 * db and firmware no built-in keys: there the one stands for the other.
 *
 * Return: 0; -ENOKEY if none is left; what ks_p12_certs() or ks_keyring_load_any() said.
 */
int __must_check ks_trust_load(const char *path, unsigned int purpose, const struct ks_pass_source *pass,
			       struct ks_certs *certs, struct ks_diag *diag);

/** ks_trust_is_kernel() - is it a kernel, with rules of its own beside its certificates? */
bool ks_trust_is_kernel(const char *path);

/**
 * ks_sbat_level_load() - shim's SbatLevel
 * @path: its text, out of efivarfs with 4 bytes of attributes before it, or a variable store that has it
 * Return: 0; -EBADMSG; -ENOKEY for a store without it; what the file system said.
 */
int __must_check ks_sbat_level_load(const char *path, struct ks_buf *ret_level, struct ks_diag *diag);

#endif
