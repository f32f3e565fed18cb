/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A UKI as its stub sees it: named sections in the order of the table, cut into profiles.
 *
 *   .osrel .cmdline .. .linux      base: what every profile has unless it brings its own
 *   .profile .cmdline .pcrsig      profile @0
 *   .profile .cmdline .pcrsig      profile @1
 *
 * An image without a .profile section has the base alone, which is @0 then.
 * Sources: UAPI group specification "Unified Kernel Image"; systemd's src/fundamental/uki.h.
 */
#ifndef KS_OPS_UKI_SECTIONS_H
#define KS_OPS_UKI_SECTIONS_H

#include "crypto/digest.h"
#include "fmt/pe.h"
#include "ops/uki_table.h"

/**
 * struct ks_uki_bank - PCRs of one digest
 * @name: as systemd and tpm2-tools call it, "sha256"
 * @tpm_alg: TPM_ALG_ID
 * @bytes: of a value
 */
struct ks_uki_bank {
	const char *name;
	u16 tpm_alg;
	u32 bytes;
};

#define KS_UKI_NR_BANKS 4U
extern const struct ks_uki_bank ks_uki_banks[KS_UKI_NR_BANKS];

/**
 * struct ks_uki_section - one section
 * @name: ".linux", borrowed
 * @data: content in the file, borrowed
 * @zero_bytes: zeros that the loader puts behind @data in memory
 * @flags: KS_PE_SCN_*
 * @digest: of what is in memory, for each of ks_uki_banks that ks_uki_hash() was called for
 */
struct ks_uki_section {
	const char *name;
	struct ks_span data;
	u64 zero_bytes;
	u32 flags;
	struct ks_digest digest[KS_UKI_NR_BANKS];
};

/**
 * struct ks_uki_choice - what the stub picked
 * @nr: of each of ks_uki_picked which one, counted from 1 through the whole image; 0: none
 */
struct ks_uki_choice {
	u32 nr[KS_UKI_NR_PICKED];
};

/* Enough for ks_uki_choice_text(). */
#define KS_UKI_CHOICE_BYTES 64U

/** ks_uki_bank_of() - by its name. Return: 0; -EINVAL for one that systemd does not measure into. */
int __must_check ks_uki_bank_of(const char *name, const struct ks_uki_bank **ret_bank, struct ks_diag *diag);

/**
 * ks_uki_read_banks() - the banks of several names
 * @ret_banks: KS_UKI_NR_BANKS entries; SHA-256 for no name
 * Return: 0; -EINVAL for no bank, or one that is there twice.
 */
int __must_check ks_uki_read_banks(const char *const *names, size_t nr_names,
				   const struct ks_uki_bank *ret_banks[KS_UKI_NR_BANKS], size_t *ret_nr,
				   struct ks_diag *diag);

/**
 * struct ks_uki_image - the sections that the stub has a meaning for
 * @stub_version: major version of systemd-stub; 0 if the image has another stub
 * @is_addon: an addon (ops/uki_addon.h), which has no kernel
 * @is_misread: the stub takes one of the sections for another, see ks_uki_is_misread()
 * @nr_profiles: .profile sections; 0 if the image knows no profiles
 * @bank: that the next hash and prediction are of; NULL: SHA-256
 */
struct ks_uki_image {
	u32 stub_version;
	bool is_addon;
	bool is_misread;
	u32 nr_profiles;
	const struct ks_uki_bank *bank;
	u32 nr_sections;
	struct ks_uki_section section[KS_MAX_PE_SECTIONS];
};

/* The first version of systemd-stub that knows .profile, and the last one that was read here. */
#define KS_UKI_PROFILES_SINCE 257U
#define KS_UKI_NEWEST_STUB 262U

/** ks_uki_is_version_known() - was it read what this version of systemd-stub measures? */
bool ks_uki_is_version_known(u32 version);

/** ks_uki_is_misread() - does a stub of this version take the section for another one? */
bool ks_uki_is_misread(u32 stub_version, const char *name);

/** ks_uki_stub_version() - "#### LoaderInfo: systemd-stub 252.39-1 ####" in .sdmagic; 0 if none */
u32 ks_uki_stub_version(const struct ks_pe_view *view);

/** ks_uki_is_addon() - "#### LoaderInfo: systemd-addon 257.13-1 ####" in .sdmagic */
bool ks_uki_is_addon(const struct ks_pe_view *view);

/**
 * ks_uki_parse_version() - the version of a systemd-stub that --stub-version names
 * @text: NULL for none, which leaves @ret_version alone
 * Return: 0; -EINVAL for one that is not known here.
 */
int __must_check ks_uki_parse_version(const char *text, u32 *ret_version, struct ks_diag *diag);

/** ks_uki_assume_stub() - the image counts as one with a stub of this version */
void ks_uki_assume_stub(struct ks_uki_image *image, u32 stub_version);

/** ks_uki_is_section() - does a stub give this name a meaning, and is it not its own? */
bool ks_uki_is_section(const char *name);

/**
 * ks_uki_parse() - the sections of an image, or of an addon
 * @view: borrowed by @ret_image
 *
 * Return: 0; -EBADMSG if there is no .linux in what is no addon, or a section twice in one profile.
 */
int __must_check ks_uki_parse(const struct ks_pe_view *view, struct ks_uki_image *ret_image,
			      struct ks_diag *diag);

/**
 * ks_uki_add() - a section behind the others; nothing happens for empty @data
 * @name: of ks_uki_table
 * Return: 0; -E2BIG above KS_MAX_PE_SECTIONS.
 */
int __must_check ks_uki_add(struct ks_uki_image *image, const char *name, struct ks_span data,
			    struct ks_diag *diag);

/** ks_uki_nr_profiles() - how many ways there are to boot the image: at least 1 */
u32 ks_uki_nr_profiles(const struct ks_uki_image *image);

/**
 * ks_uki_find() - the section that a profile uses: its own, else the base's
 * @profile: from 0
 * Return: NULL if neither has it.
 */
const struct ks_uki_section *ks_uki_find(const struct ks_uki_image *image, u32 profile,
					 const char *name);

/**
 * ks_uki_hash() - fill the digest of every section that is measured, for @image->bank
 * Return: 0; -E2BIG if over KS_MAX_KERNEL_BYTES of zeros follow the sections in memory; -ENOMEM.
 */
int __must_check ks_uki_hash(struct ks_uki_image *image, struct ks_diag *diag);

/** ks_uki_extend() - @pcr becomes H(@pcr | H(@event)), of a bank (NULL: SHA-256) */
int __must_check ks_uki_extend(const struct ks_uki_bank *bank, struct ks_digest *pcr, struct ks_span event,
			       struct ks_diag *diag);

/** ks_uki_extend_digest() - @pcr becomes H(@pcr | @event) */
int __must_check ks_uki_extend_digest(const struct ks_uki_bank *bank, struct ks_digest *pcr,
				      const struct ks_digest *event, struct ks_diag *diag);

/** ks_uki_digest_of() - of a section, for a bank that the image was hashed for; NULL: SHA-256 */
const struct ks_digest *ks_uki_digest_of(const struct ks_uki_section *section, const struct ks_uki_bank *bank);

/** ks_uki_pcr_zero() - a PCR that nothing was measured into */
struct ks_digest ks_uki_pcr_zero(const struct ks_uki_bank *bank);

/**
 * ks_uki_choices() - all that the stub may pick, on whatever machine, when it boots a profile
 * @image: hashed
 * @ret_choice: the first @max of them: none at all, then with each .dtbauto and .efifw
 *
 * A section of the profile goes before one of the base, but need not fit the machine that the base's
 * fits, so each of both counts; of those with the same content the first. A stub too old for a section
 * picks none.
 *
 * Return: how many there are, at least 1.
 */
u64 ks_uki_choices(const struct ks_uki_image *image, u32 profile, struct ks_uki_choice *ret_choice, size_t max);

/** ks_uki_choice_text() - ".dtbauto#2 .efifw#-", of what the image has; empty if it has neither */
void ks_uki_choice_text(const struct ks_uki_image *image, const struct ks_uki_choice *choice,
			char to[KS_UKI_CHOICE_BYTES]);

/**
 * ks_uki_pcr() - PCR 11 of a profile
 * @image: hashed
 * @choice: what the stub picked; NULL: nothing
 * @phases: boot phases after the stub, "enter-initrd:leave-initrd"; "" for none
 *
 * Return: 0; -EOPNOTSUPP if it is not known what the stub measures; -EINVAL for a phase path with
 * an empty word; -E2BIG above KS_UKI_MAX_PHASES.
 */
int __must_check ks_uki_pcr(const struct ks_uki_image *image, u32 profile, const struct ks_uki_choice *choice,
			    const char *phases, struct ks_digest *ret_pcr, struct ks_diag *diag);

#endif
