/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Certificates into a kernel that is built: into the reserve of CONFIG_SYSTEM_EXTRA_CERTIFICATE, as
 * scripts/insert-sys-cert.c of Linux 6.18 puts one, which is replaced here by any number.
 */
#ifndef KS_OPS_KEYRING_INSERT_H
#define KS_OPS_KEYRING_INSERT_H

#include "ops/keyring.h"

/**
 * struct ks_keyring_inserted - what became of a kernel
 * @before, @after: its certificates; owned, ks_keyring_inserted_done()
 * @reserve_bytes, @used_bytes: room for certificates, and how much of it has some now
 * @payload_bytes, @payload_used_bytes: room for the compressed kernel, and what it needs; 0 in a vmlinux
 */
struct ks_keyring_inserted {
	struct ks_keyring before;
	struct ks_keyring after;
	u64 reserve_bytes;
	u64 used_bytes;
	u64 payload_bytes;
	u64 payload_used_bytes;
};

/**
 * ks_keyring_insert() - make a copy of a kernel whose reserve holds other certificates
 * @wanted: those for KS_PURPOSE_BUILTIN; of a file that does not say what they are for, all
 * @now: seconds since the epoch
 * @in_path: vmlinux or bzImage
 * @out_path: written whole or not at all, and not before it was read back
 *
 * What was in the reserve goes. A certificate that is built in is not put there a second time, so that
 * the reserve is empty if all are; those that are built in stay.
 *
 * A bzImage is unpacked, and its kernel compressed again as the kernel's build does it, with more effort
 * if that is too long. Its place does not grow.
 *
 * Return: 0; -EKEYREJECTED for a certificate that the kernel has on its list of revoked ones; what
 * ks_keyring_check() says; -ENODATA for a kernel without a reserve; -E2BIG, with the number of bytes, if the
 * certificates do not fit into it, or the compressed kernel into its place; -EOPNOTSUPP for other kinds
 * of kernels, and for a signed one.
 */
int __must_check ks_keyring_insert(const struct ks_keyring *wanted, u64 now, const char *in_path,
				   const char *out_path, struct ks_keyring_inserted *ret_inserted,
				   struct ks_diag *diag);

/** ks_keyring_inserted_done() - accepts an empty one */
void ks_keyring_inserted_done(struct ks_keyring_inserted *inserted);

#endif
