/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PCR 4 and PCR 7 as firmware extends them when it starts an image: EDK2's Tcg2Dxe, DxeTpm2MeasureBootLib and
 * DxeImageVerificationLib, releases 2022.11 and 2025.02 (without devdb, which SPDM brings); TCG PC Client Platform Firmware
 * Profile, 3.3.4.
 */
#ifndef KS_OPS_BOOT_PCR_H
#define KS_OPS_BOOT_PCR_H

#include "ops/efi_key.h"
#include "ops/pe_verify.h"
#include "ops/uki_sections.h"

/**
 * struct ks_boot_vars - the variables of Secure Boot; owned, zero-initialised has none
 * @value: of ks_efi_keys, borrowed from @file
 * @is_there: firmware has it; one that it has not is measured without content
 * @is_given: somebody said which there are, if only that there are none
 * @secure_boot: it is enforced
 */
struct ks_boot_vars {
	struct ks_buf file[KS_EFI_NR_KEYS];
	struct ks_span value[KS_EFI_NR_KEYS];
	bool is_there[KS_EFI_NR_KEYS];
	bool is_given;
	bool secure_boot;
};

void ks_boot_vars_done(struct ks_boot_vars *vars);

/**
 * ks_boot_vars_store() - those of a variable store of OVMF
 * @vars: without any
 * Return: 0; as ks_varstore_parse(); what the file system said.
 */
int __must_check ks_boot_vars_store(struct ks_boot_vars *vars, const char *path, struct ks_diag *diag);

/**
 * ks_boot_vars_set() - one of them
 * @name: of ks_efi_keys
 * @path: as ks_efi_parse_lists() reads it
 *
 * With a PK Secure Boot is on.
 *
 * Return: 0; -EINVAL for another name; -EEXIST if it is set; as ks_efi_parse_lists(); what the file system said.
 */
int __must_check ks_boot_vars_set(struct ks_boot_vars *vars, const char *name, const char *path, struct ks_diag *diag);

/** ks_boot_vars_db() - the certificates of db, in its order. Return: 0; -EBADMSG; -ENOMEM. */
int __must_check ks_boot_vars_db(const struct ks_boot_vars *vars, struct ks_certs *db, struct ks_diag *diag);

/**
 * struct ks_boot_image - an image that is started, or loaded, on the way
 * @path: its name
 * @report: by ks_pe_inspect(), with the db of the variables
 */
struct ks_boot_image {
	const char *path;
	const struct ks_pe_report *report;
};

/* An action, separators, six variables, and two for each image. */
#define KS_BOOT_MAX_EVENTS 160U

/**
 * struct ks_boot_event - one that extends a PCR
 * @type: of the TCG, "EV_SEPARATOR"; static
 * @what: its text, or the name of what was measured
 */
struct ks_boot_event {
	const char *type;
	char what[128];
	struct ks_digest digest;
};

/**
 * struct ks_boot_pcr - a PCR, and how it comes about
 * @why: why it cannot be told; its err is 0 otherwise
 */
struct ks_boot_pcr {
	unsigned int pcr;
	const struct ks_uki_bank *bank;
	struct ks_digest value;
	struct ks_boot_event event[KS_BOOT_MAX_EVENTS];
	size_t nr_events;
	struct ks_diag why;
};

/**
 * ks_boot_pcr4() - of a machine that starts an image as its first boot option, without shim or another loader
 * @image: what is started, and the addons that its stub loads
 * @kernel: of a UKI, if firmware loads it for the stub and measures it, ks_boot_measures_kernel(); else empty
 *
 * Return: 0, also where @ret_pcr->why says why it cannot be told; -ENOMEM.
 */
int __must_check ks_boot_pcr4(const struct ks_uki_bank *bank, const struct ks_boot_image *image, size_t nr_images,
			      struct ks_span kernel, struct ks_boot_pcr *ret_pcr, struct ks_diag *diag);

/**
 * ks_boot_measures_kernel() - does firmware measure the kernel inside of a UKI into PCR 4?
 * @stub_version: of systemd-stub
 *
 * Under Secure Boot systemd-stub answers firmware's question for it itself, and then nobody measures it: its PCR is 11
 * (install_security_override() in secure-boot.c of 252 and 257). From 258 on the stub loads it itself (linux.c).
 */
bool ks_boot_measures_kernel(const struct ks_boot_vars *vars, u32 stub_version);

/** ks_boot_pcr7() - of the same machine, with these variables */
int __must_check ks_boot_pcr7(const struct ks_uki_bank *bank, const struct ks_boot_vars *vars,
			      const struct ks_boot_image *image, size_t nr_images, struct ks_boot_pcr *ret_pcr,
			      struct ks_diag *diag);

#endif
