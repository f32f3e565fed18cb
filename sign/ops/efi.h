/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Secure Boot variables: which certificates firmware starts with, written into the variable store
 * of a virtual machine before it boots, and read back.
 */
#ifndef KS_OPS_EFI_H
#define KS_OPS_EFI_H

#include "fmt/sbat.h"
#include "ops/efi_key.h"
#include "ops/keyring.h"

/**
 * struct ks_efi_recipe - what to enrol
 * @pk: the platform key; empty leaves the firmware in setup mode, where Secure Boot is off
 * @kek, @db, @dbx: certificates
 * @dbx_hashes: SHA-256 image digests, KS_ESL_SHA256_BYTES each, one after the other
 * @dbx_lists: signature lists for dbx, before these
 * @sbat_level: content of shim's SbatLevel; empty: none
 * @erase: as if the template had no variables
 * @add: the template's keys stay, and what is not among them yet joins them
 * @secure_boot: switch enforcement on
 * @now: timestamp of the variables, seconds since the epoch
 */
struct ks_efi_recipe {
	struct ks_certs pk, kek, db, dbx;
	struct ks_buf dbx_hashes, dbx_lists, sbat_level;
	bool secure_boot;
	bool erase;
	bool add;
	u64 now;
};

/** ks_efi_recipe_done() - accepts an empty one */
void ks_efi_recipe_done(struct ks_efi_recipe *recipe);

/**
 * ks_efi_recipe_add_manifest() - kek, db and revoked certificates of a keyring
 * @certs_dir: NULL for "certs" beside the manifest
 */
int __must_check ks_efi_recipe_add_manifest(struct ks_efi_recipe *recipe, const char *manifest,
					    const char *certs_dir, struct ks_diag *diag);

/**
 * ks_efi_recipe_add_hash() - one image digest for dbx
 * @hex: 64 hex digits
 * Return: 0; -EINVAL for anything else.
 */
int __must_check ks_efi_recipe_add_hash(struct ks_efi_recipe *recipe, const char *hex,
					struct ks_diag *diag);

/**
 * struct ks_efi_summary - what a store has
 * @nr_sigs: in each of ks_efi_keys
 * @user_mode: there is a platform key
 * @secure_boot: it is enforced
 */
struct ks_efi_summary {
	size_t nr_sigs[KS_EFI_NR_KEYS];
	bool user_mode;
	bool secure_boot;
};

/**
 * ks_efi_enrol() - a copy of a variable store with PK, KEK, db and dbx
 * @template_path: OVMF_VARS file, without keys unless the recipe adds to them
 * @output_path: written whole or not at all
 *
 * Return: 0; -EEXIST if the template has a PK already; -EBADMSG, -E2BIG of the format; -EKEYREJECTED
 * for lists that SetVariable() would refuse.
 */
int __must_check ks_efi_enrol(const struct ks_efi_recipe *recipe, const char *template_path,
			      const char *output_path, struct ks_efi_summary *ret_summary,
			      struct ks_diag *diag);

/** ks_efi_is_switch() - is it EDK2's SecureBootEnable, 1 if Secure Boot is enforced with a PK? */
bool ks_efi_is_switch(const struct ks_var *var);

/** ks_efi_is_sbat_level() - is it shim's SbatLevel? */
bool ks_efi_is_sbat_level(const struct ks_var *var);

/** ks_efi_attributes() - "NV+BS+RT+AT" for a variable's attributes */
void ks_efi_attributes(u32 attributes, char *text, size_t text_bytes);

#endif
