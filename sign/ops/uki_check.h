/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the parts of an image must look like: build refuses what lint would find.
 */
#ifndef KS_OPS_UKI_CHECK_H
#define KS_OPS_UKI_CHECK_H

#include "base/diag.h"
#include "base/limits.h"
#include "base/span.h"

/** ks_uki_check_text() - a text without a NUL, at which some reader would stop. Return: 0; -EBADMSG. */
int __must_check ks_uki_check_text(struct ks_span text, const char *what, struct ks_diag *diag);

/** ks_uki_check_cmdline() - ks_uki_check_text(), and not so long that the kernel cuts it (-E2BIG) */
int __must_check ks_uki_check_cmdline(struct ks_span cmdline, struct ks_diag *diag);

/** ks_uki_check_splash() - a BMP image, or empty: the stub ignores others. Return: 0; -EBADMSG. */
int __must_check ks_uki_check_splash(struct ks_span splash, struct ks_diag *diag);

/** ks_uki_check_dtb() - a flattened device tree of its size, or empty. Return: 0; -EBADMSG. */
int __must_check ks_uki_check_dtb(struct ks_span dtb, struct ks_diag *diag);

struct ks_pubkey;

/** ks_uki_check_pcr_key() - RSA that a TPM 2.0 knows. Return: 0; -EOPNOTSUPP. */
int __must_check ks_uki_check_pcr_key(const struct ks_pubkey *key, struct ks_diag *diag);

/** ks_uki_text() - a section's text without the NULs at its end */
struct ks_span ks_uki_text(struct ks_span section);

/** ks_uki_is_blank() - would nothing be left once the stub has cut off blanks and control characters? */
bool ks_uki_is_blank(struct ks_span cmdline);

#endif
