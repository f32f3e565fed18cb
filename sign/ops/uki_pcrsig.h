/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The JSON of .pcrsig: {"sha256":[{"pcrs":[11],"pkfp":hex,"pol":hex,"sig":base64},...],...}
 */
#ifndef KS_OPS_UKI_PCRSIG_H
#define KS_OPS_UKI_PCRSIG_H

#include "crypto/pubkey.h"
#include "ops/uki_policy.h"
#include "ops/uki_sections.h"

/** struct ks_pcrsig - one signed policy as read; @sig is owned */
struct ks_pcrsig {
	const struct ks_uki_bank *bank;
	struct ks_digest key;
	struct ks_digest policy;
	struct ks_buf sig;
};

/** struct ks_pcrsigs - zero-initialised is empty */
struct ks_pcrsigs {
	struct ks_pcrsig *entry;
	size_t nr_entries;
};

/** ks_pcrsigs_done() - free and empty; accepts an empty one */
void ks_pcrsigs_done(struct ks_pcrsigs *sigs);

/**
 * ks_pcrsigs_parse() - the entries of all banks that are about PCR 11 alone
 * @ret_sigs: owned by the caller, ks_pcrsigs_done()
 * Return: 0; -EBADMSG if it is not such JSON; -E2BIG above KS_UKI_MAX_POLICIES; -ENOMEM.
 */
int __must_check ks_pcrsigs_parse(struct ks_span json, struct ks_pcrsigs *ret_sigs,
				  struct ks_diag *diag);

/**
 * ks_pcrsigs_build() - the JSON of each profile's policies
 * @key: every signature is checked against it
 * @sig: one for each policy
 * @out: appended to, without newlines or NULs; owns what @ret_json borrows
 * @ret_json: KS_MAX_PE_SECTIONS entries, one for each profile
 * Return: 0; -EKEYREJECTED; -ENOMEM.
 */
int __must_check ks_pcrsigs_build(const struct ks_pubkey *key, const struct ks_uki_policies *policies,
				  const struct ks_span *sig, struct ks_buf *out,
				  struct ks_span *ret_json, struct ks_diag *diag);

/** ks_uki_check_pcr_key() - RSA that a TPM 2.0 knows. Return: 0; -EOPNOTSUPP. */
int __must_check ks_uki_check_pcr_key(const struct ks_pubkey *key, struct ks_diag *diag);

/**
 * ks_uki_policies_of_banks() - of each bank, for which the image is hashed
 * @banks: each once; @nr_banks 0: SHA-256 alone
 */
int __must_check ks_uki_policies_of_banks(struct ks_uki_image *image, const struct ks_uki_phases *phases,
					  const struct ks_uki_bank *const *banks, size_t nr_banks,
					  struct ks_uki_policies *ret_policies, struct ks_diag *diag);

/** ks_uki_policy_at() - the policy of one profile, for what the stub picked, at the end of one phase path */
int __must_check ks_uki_policy_at(const struct ks_uki_image *image, u32 profile, const struct ks_uki_choice *choice,
				  const char *path, struct ks_uki_policy *ret_policy, struct ks_diag *diag);

/**
 * ks_uki_layout() - sections in file order, each profile with its .pcrsig
 * @pcrsig: one for each profile of @image, or NULL for none
 * @ret_added: KS_MAX_PE_SECTIONS entries
 * Return: 0; -E2BIG.
 */
int __must_check ks_uki_layout(const struct ks_uki_image *image, const struct ks_span *pcrsig,
			       struct ks_pe_new_section *ret_added, size_t *ret_nr,
			       struct ks_diag *diag);

/**
 * ks_uki_build_image() - stub and sections become an image
 * @sig: one for each of @policies; NULL for an image without .pcrsig
 * @json: gets the text of .pcrsig, which @ret_pieces borrows
 * @ret_pieces: not finished; ks_pe_pieces_done()
 */
int __must_check ks_uki_build_image(const struct ks_pe_view *stub, const struct ks_uki_image *image,
				    const struct ks_pubkey *key,
				    const struct ks_uki_policies *policies,
				    const struct ks_span *sig, struct ks_buf *json,
				    struct ks_pe_pieces *ret_pieces, struct ks_diag *diag);

#endif
