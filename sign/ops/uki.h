/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Unified kernel images: a recipe over PE, not a format.
 * Sources: UAPI group specification "Unified Kernel Image"; systemd's stub and measure tool.
 */
#ifndef KS_OPS_UKI_H
#define KS_OPS_UKI_H

#include "crypto/digest.h"
#include "fmt/pe.h"

/**
 * struct ks_uki_parts - what goes into an image, all borrowed
 * @stub: systemd-stub of the kernel's machine
 * @linux_image: kernel with an EFI stub
 * @initrd: concatenated initrds; may be empty
 * @cmdline: kernel command line without a newline at its end
 * @os_release: text of os-release
 * @uname: kernel release; may be empty
 * @sbat: SBAT lines for this image, which follow the stub's own; may be empty
 */
struct ks_uki_parts {
	struct ks_span stub;
	struct ks_span linux_image;
	struct ks_span initrd;
	struct ks_span cmdline;
	struct ks_span os_release;
	struct ks_span uname;
	struct ks_span sbat;
};

/**
 * ks_uki_build() - put an image together
 * @out: gets the unsigned image; the same parts give the same bytes
 *
 * Refused: a stub that is none, a kernel without an EFI stub or of another machine, a command line
 * that the kernel would cut, a NUL in a text, SBAT lines that are not CSV or too long.
 *
 * Return: 0; -EBADMSG, -E2BIG, -EOPNOTSUPP with the reason.
 */
int __must_check ks_uki_build(const struct ks_uki_parts *parts, struct ks_buf *out,
			      struct ks_diag *diag);

/* The boot phases that systemd-pcrphase extends after the stub, in order. */
#define KS_UKI_MAX_PHASES 8U

/**
 * ks_uki_measure() - PCR 11 (SHA-256) as the stub and the boot phases leave it
 * @in: an image made by ks_uki_build(), signed or not
 * @phases: "enter-initrd:leave-initrd:..." ; NULL or "" for the value that the kernel finds
 * @ret_pcr: 32 bytes
 *
 * Which sections count depends on the stub's version, read from its .sdmagic section: 252 knows
 * neither .uname nor .sbat, 254 and later measure both. 253 is refused rather than guessed.
 *
 * Return: 0; -EBADMSG if it is no UKI; -EOPNOTSUPP for a stub before 252 or 253; -E2BIG for more
 * phases than KS_UKI_MAX_PHASES.
 */
int __must_check ks_uki_measure(struct ks_span in, const char *phases, struct ks_digest *ret_pcr,
				struct ks_diag *diag);

#endif
