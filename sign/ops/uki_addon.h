/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Addons of a UKI: signed files beside it, out of which systemd-stub takes a command line that follows
 * the image's own, a device tree over its own, microcode before its own, and an initrd behind its own.
 * "X.efi.extra.d/NAME.addon.efi" is for X.efi, "/loader/addons/NAME.addon.efi" for all.
 * Sources: systemd's src/boot/stub.c (254 and later) and src/ukify.
 */
#ifndef KS_OPS_UKI_ADDON_H
#define KS_OPS_UKI_ADDON_H

#include "ops/uki.h"
#include "ops/uki_sections.h"

/* What the names of addons end in, for which systemd-stub looks since 254. */
#define KS_UKI_ADDON_SUFFIX ".addon.efi"

/**
 * struct ks_uki_addon_parts - what goes into an addon, all borrowed
 * @stub: systemd's stub of addons
 * @cmdline: printable ASCII without blanks at its ends: passed on and measured as it is; empty for none
 * @dtb, @ucode, @initrd: content of .dtb, .ucode, .initrd; empty for none
 * @uname: the only release that takes it; empty for every one
 * @sbat: its lines; empty for those of ukify
 * @stub_path, @sbat_path: where they come from, for messages; may be NULL
 */
struct ks_uki_addon_parts {
	struct ks_span stub;
	struct ks_span cmdline;
	struct ks_span dtb;
	struct ks_span ucode;
	struct ks_span initrd;
	struct ks_span uname;
	struct ks_span sbat;
	const char *stub_path;
	const char *sbat_path;
};

/**
 * ks_uki_addon_build() - put an addon together
 * @ret_built: borrows @parts; not finished, for ks_uki_write(); ks_uki_built_done()
 *
 * Return: 0; -EBADMSG, -E2BIG with the reason.
 */
int __must_check ks_uki_addon_build(const struct ks_uki_addon_parts *parts,
				    struct ks_uki_built *ret_built, struct ks_diag *diag);

/**
 * ks_uki_addon_pcr() - PCR 12 of @addon->bank where this addon is all that the stub measures there
 * @addon: is hashed
 *
 * Into it goes the command line, then the device tree, the microcode and the initrd; into PCR 13 goes nothing of
 * an addon.
 *
 * Return: 0; -EOPNOTSUPP without any of these; as ks_uki_addon_check_cmdline() and ks_uki_hash().
 */
int __must_check ks_uki_addon_pcr(struct ks_uki_image *addon, struct ks_digest *ret_pcr, struct ks_diag *diag);

#endif
