/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Signatures of modules as Linux 6.18 reads and verifies them: crypto/asymmetric_keys/
 * pkcs7_parser.c, pkcs7.asn1, pkcs7_verify.c, pkcs7_trust.c, and verify_pkcs7_signature() of
 * certs/system_keyring.c. Errors are the kernel's.
 */
#ifndef KS_KERNEL_CMS_H
#define KS_KERNEL_CMS_H

#include "kernel/keyring.h"

/**
 * struct ks_kernel_log - what is known of a refusal besides its errno
 * @text: what the kernel's log says, without time and level; "" if nothing
 * @why: our own words where the errno alone says too little; NULL otherwise
 */
struct ks_kernel_log {
	char text[160];
	const char *why;
};

/** ks_kernel_log_set() - replace the line */
void __attribute__((format(printf, 2, 3))) ks_kernel_log_set(struct ks_kernel_log *log, const char *format,
							 ...);

/**
 * ks_kernel_verify() - as verify_pkcs7_signature() of a module
 * @log: written
 *
 * Return: 0 if the signature is good and trusted; the kernel's errno if not; -EOPNOTSUPP, -ENOMEM
 * or -EIO if that cannot be told.
 */
int __must_check ks_kernel_verify(const struct ks_kernel *kernel, struct ks_span content,
				  struct ks_span cms, struct ks_kernel_log *log);

#endif
