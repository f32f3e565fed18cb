/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Unified kernel images: a recipe over PE, not a format.
 * Sources: UAPI group specification "Unified Kernel Image"; systemd's stub and measure tool.
 */
#ifndef KS_OPS_UKI_H
#define KS_OPS_UKI_H

#include "crypto/cms.h"
#include "fmt/pe.h"
#include "ops/uki_policy.h"
#include "ops/uki_table.h"

/* The section table of systemd-stub has room for some 90 rows, a profile takes 3 to 7. */
#define KS_UKI_MAX_PROFILES 16U

/**
 * struct ks_uki_profile - one way to boot the image, all borrowed
 * @part: by enum ks_uki_id: [KS_UKI_PROFILE] is os-release syntax with ID= and TITLE=; the others
 *        override the image's own part of that name, and where one is empty the image's is used
 * @path: where it comes from, for messages; may be NULL
 */
struct ks_uki_profile {
	struct ks_span part[KS_UKI_NR];
	const char *path;
};

/**
 * struct ks_uki_extra - a section of which there may be several, or one that no stub knows; borrowed
 * @name: ".dtbauto", ".efifw"; or of 1 to 8 printable characters, beginning with a dot, of no other section
 * @path: where it comes from, for messages; may be NULL
 */
struct ks_uki_extra {
	const char *name;
	struct ks_span data;
	const char *path;
};

/**
 * struct ks_uki_parts - what goes into an image, all borrowed
 * @stub: systemd-stub of the kernel's machine
 * @part: by enum ks_uki_id; empty: left out. A command line without a newline at its end, or none, and
 *        then the boot loader's counts; initrds one after the other; in [KS_UKI_SBAT] the lines for this
 *        image, which follow the stub's own. [KS_UKI_PCRPKEY] and [KS_UKI_PCRSIG] come from @pcr.
 * @stub_path, @part_path: where they come from, for messages; may be NULL
 * @extra: in the order in which the stub looks at them; those that no stub knows stand first in the image
 * @profile: in the order of their numbers; needs a stub of KS_UKI_PROFILES_SINCE
 * @pcr: SHA-256 signer: its certificate's key goes into .pcrpkey, and its key, if it has one, signs
 *       the PCR policies of .pcrsig; NULL for neither
 * @phases: boot phases that a policy is made for; NULL for ks_uki_default_phases
 * @banks: of PCRs, that a policy is made for; none: SHA-256
 * @stub_version: whose rules the policies are made by; 0 for the stub's own
 */
struct ks_uki_parts {
	struct ks_span stub;
	struct ks_span part[KS_UKI_NR];
	const char *stub_path;
	const char *part_path[KS_UKI_NR];
	const struct ks_uki_extra *extra;
	size_t nr_extra;
	const struct ks_uki_profile *profile;
	size_t nr_profiles;
	const struct ks_signer *pcr;
	const struct ks_uki_phases *phases;
	const struct ks_uki_bank *const *banks;
	size_t nr_banks;
	u32 stub_version;
};

/**
 * struct ks_uki_built - an image in pieces, and what is in it besides the parts
 * @pieces: the file; borrows the parts and the others
 */
struct ks_uki_built {
	struct ks_pe_pieces pieces;
	struct ks_buf sbat;
	struct ks_buf pcrpkey;
	struct ks_buf pcrsig;
};

/** ks_uki_built_done() - free; accepts an empty one */
void ks_uki_built_done(struct ks_uki_built *built);

/**
 * ks_uki_build() - put an image together
 * @ret_built: borrows @parts; not finished, for ks_uki_write(); ks_uki_built_done()
 *
 * Refused: a stub that is not one, a kernel without an EFI stub or of another machine, a command line
 * that the kernel would cut, a NUL in a text, SBAT lines that are not CSV or too long, a splash that
 * is not a BMP image, a device tree whose header is wrong, profiles for a stub that knows none or two of one
 * name, a PCR key that is not RSA.
 *
 * Return: 0; -EBADMSG, -E2BIG, -EOPNOTSUPP, -EKEYREJECTED with the reason.
 */
int __must_check ks_uki_build(const struct ks_uki_parts *parts, struct ks_uki_built *ret_built,
			      struct ks_diag *diag);

/** ks_uki_unpack_kernel() - ks_kernel_unpack_whole() */
int __must_check ks_uki_unpack_kernel(struct ks_span kernel, struct ks_buf *ret_image, struct ks_diag *diag);

/** ks_uki_find_uname() - append the release that a kernel says it has; nothing if it says none */
void ks_uki_find_uname(struct ks_span kernel, struct ks_buf *out);

/**
 * ks_uki_put_sbat_lines() - append lines of .sbat, without blank ones
 * @is_first: nothing is in @out yet; else a line that names the format, as the first one does, is left out
 *
 * Return: 0; -EBADMSG for what is not CSV; -E2BIG when @out gets longer than a .sbat can be; -ENOMEM.
 */
int __must_check ks_uki_put_sbat_lines(struct ks_span text, bool is_first, struct ks_buf *out,
				       struct ks_diag *diag);

/**
 * ks_uki_write() - write an image to a file, and sign it with Authenticode on the way
 * @signer: SHA-256; NULL for an unsigned image
 * @path: as ks_file_publish()
 *
 * The same parts give the same bytes, and those of ks_pe_sign() with @signer. What is large is read
 * once: hashed, summed and written while it is in the processor's cache.
 *
 * What was written is linted before it is signed and gets its name: what ks_uki_lint_fatal() finds
 * is not written.
 *
 * Return: 0; -EBADMSG; -EACCES if the key refuses; what the file system said.
 */
int __must_check ks_uki_write(struct ks_uki_built *built, const struct ks_signer *signer,
			      const char *path, struct ks_diag *diag);

#endif
