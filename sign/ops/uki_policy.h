/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PCR 11 of a UKI per profile and boot phase, and the signed TPM policies over it (.pcrsig), as
 * systemd-stub hands them to systemd-cryptenroll and systemd-cryptsetup.
 *
 * Sources: TPM 2.0 Library, part 3, TPM2_PolicyPCR and TPM2_PolicyAuthorize; systemd-measure(1);
 * UAPI group specification "Unified Kernel Image", "JSON Format for .pcrsig".
 */
#ifndef KS_OPS_UKI_POLICY_H
#define KS_OPS_UKI_POLICY_H

#include "base/buf.h"
#include "crypto/cert.h"
#include "ops/uki_sections.h"

/* Words in one phase path; systemd extends four up to "ready", a shutdown adds two. */
#define KS_UKI_MAX_PHASES 8U
/* Phase paths that one image is signed for, and characters of one. */
#define KS_UKI_MAX_PATHS 16U
#define KS_UKI_MAX_PATH_BYTES 128U
/*
 * Phase paths times profiles times banks times what a machine may pick: 4 paths for each of 255 device trees,
 * where images for every board that a distribution knows have some hundred.
 */
#define KS_UKI_MAX_POLICIES 1024U

/** struct ks_uki_phases - phase paths, each "word:word:..." or "" for the end of the stub */
struct ks_uki_phases {
	const char *const *path;
	size_t nr_paths;
};

/** ks_uki_default_phases - what systemd-measure signs: from the initrd to the end of the boot */
extern const struct ks_uki_phases ks_uki_default_phases;

/**
 * struct ks_uki_policy - what a TPM sees at one point of one profile's boot
 * @profile: number, from 0
 * @phases: the phase path
 * @choice: what the machine made the stub pick
 * @bank: of the PCR
 * @pcr: PCR 11
 * @policy: digest of a TPM2_PolicyPCR session over @pcr alone ("pol")
 * @tbs: SHA-256 of @policy: the digest that the PCR key signs
 */
struct ks_uki_policy {
	u32 profile;
	struct ks_uki_choice choice;
	char phases[KS_UKI_MAX_PATH_BYTES];
	const struct ks_uki_bank *bank;
	struct ks_digest pcr;
	struct ks_digest policy;
	struct ks_digest tbs;
};

/**
 * struct ks_uki_policies - the policies of an image: banks in order, in each profiles, in each choices, for each the paths
 * @stub_version: major version of the stub whose measuring was predicted
 */
struct ks_uki_policies {
	u32 stub_version;
	size_t nr_policies;
	struct ks_uki_policy policy[KS_UKI_MAX_POLICIES];
};

/**
 * ks_uki_predict() - PCR 11 and policies of every profile at every phase, for whatever the machine picks
 * @in: an image, signed or not
 * @phases: NULL for ks_uki_default_phases
 *
 * The bank is SHA-256. Which sections count depends on the stub's version, read from its .sdmagic section: 252 knows
 * neither .uname nor .sbat, 254 and later measure both, 256 .ucode, 257 .profile and .hwids. What is
 * not known is refused rather than guessed.
 *
 * Return: 0; -EBADMSG if it is not a UKI; -EOPNOTSUPP for a stub before 252, 253 or after
 * KS_UKI_NEWEST_STUB; -EINVAL, -E2BIG for a malformed phase path; -E2BIG above KS_UKI_MAX_POLICIES.
 */
int __must_check ks_uki_predict(struct ks_span in, const struct ks_uki_phases *phases,
				struct ks_uki_policies *ret_policies, struct ks_diag *diag);

/**
 * ks_uki_check_pcrsigs() - everything that ks_uki_add_pcrsigs() asks of an image, before its policies
 * are signed
 * Return: as ks_uki_add_pcrsigs().
 */
int __must_check ks_uki_check_pcrsigs(struct ks_span in, const struct ks_cert *cert,
				      struct ks_diag *diag);

/**
 * ks_uki_add_pcrsigs() - an unsigned image with its signed policies
 * @in: made by ks_uki_build() with @cert as its pcr_cert, without .pcrsig
 * @policies: of @in, by ks_uki_predict()
 * @sig: one raw signature for each policy, in the same order
 * @out: gets the image, the bytes that ks_uki_build() gives with the key
 *
 * Return: 0; -EKEYREJECTED if a signature is not by @cert, or if .pcrpkey is another key; -EEXIST
 * if there is a .pcrsig; -EOPNOTSUPP if the image is signed or laid out otherwise.
 */
int __must_check ks_uki_add_pcrsigs(struct ks_span in, const struct ks_cert *cert,
				    const struct ks_uki_policies *policies,
				    const struct ks_span *sig, struct ks_buf *out,
				    struct ks_diag *diag);

#endif
