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

/* The section table of systemd-stub has room for some 90 rows, a profile takes 3 to 7. */
#define KS_UKI_MAX_PROFILES 16U

/**
 * struct ks_uki_profile - one way to boot the image, all borrowed
 * @text: content of .profile, os-release syntax with ID= and TITLE=
 *
 * The others override the image's own part of that name; empty: the image's is used.
 */
struct ks_uki_profile {
	struct ks_span text;
	struct ks_span os_release;
	struct ks_span cmdline;
	struct ks_span dtb;
	struct ks_span splash;
	struct ks_span initrd;
};

/** struct ks_uki_names - where the parts come from, for messages; NULL where nobody knows */
struct ks_uki_names {
	const char *stub;
	const char *linux_image;
	const char *cmdline;
	const char *os_release;
	const char *sbat;
	const char *splash;
	const char *dtb;
	const char *const *profile;
};

/**
 * struct ks_uki_parts - what goes into an image, all borrowed
 * @names: of the files
 * @stub: systemd-stub of the kernel's machine
 * @linux_image: kernel with an EFI stub
 * @initrd: concatenated initrds; may be empty
 * @cmdline: kernel command line without a newline at its end; may be empty, and then the boot
 *           loader's counts
 * @os_release: text of os-release
 * @uname: kernel release; may be empty
 * @sbat: SBAT lines for this image, which follow the stub's own; may be empty
 * @splash: a BMP file; may be empty
 * @dtb: a flattened device tree; may be empty
 * @profile: in the order of their numbers; needs a stub of KS_UKI_PROFILES_SINCE
 * @pcr: SHA-256 signer: its certificate's key goes into .pcrpkey, and its key, if it has one, signs
 *       the PCR policies of .pcrsig; NULL for neither
 * @phases: boot phases that a policy is made for; NULL for ks_uki_default_phases
 * @stub_version: whose rules the policies are made by; 0 for the stub's own
 */
struct ks_uki_parts {
	struct ks_uki_names names;
	struct ks_span stub;
	struct ks_span linux_image;
	struct ks_span initrd;
	struct ks_span cmdline;
	struct ks_span os_release;
	struct ks_span uname;
	struct ks_span sbat;
	struct ks_span splash;
	struct ks_span dtb;
	const struct ks_uki_profile *profile;
	size_t nr_profiles;
	const struct ks_signer *pcr;
	const struct ks_uki_phases *phases;
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
 * Refused: a stub that is none, a kernel without an EFI stub or of another machine, a command line
 * that the kernel would cut, a NUL in a text, SBAT lines that are not CSV or too long, a splash that
 * is no BMP, a device tree whose header is wrong, profiles for a stub that knows none or two of one
 * name, a PCR key that is no RSA key.
 *
 * Return: 0; -EBADMSG, -E2BIG, -EOPNOTSUPP, -EKEYREJECTED with the reason.
 */
int __must_check ks_uki_build(const struct ks_uki_parts *parts, struct ks_uki_built *ret_built,
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
