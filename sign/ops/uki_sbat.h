/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_OPS_UKI_SBAT_H
#define KS_OPS_UKI_SBAT_H

#include "base/buf.h"
#include "fmt/pe.h"

/**
 * ks_uki_merge_sbat() - the stub's own SBAT lines first, then those of the image
 * @extra: lines with or without the first one, which names the format; may be empty
 * @out: appended to
 * Return: 0; -EBADMSG if the stub has no .sbat or a line is none; -E2BIG.
 */
int __must_check ks_uki_merge_sbat(const struct ks_pe_view *stub, struct ks_span extra,
				   struct ks_buf *out, struct ks_diag *diag);

#endif
