/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verbs of kseal, one object each; main.c has the table.
 */
#ifndef KS_CMD_VERBS_H
#define KS_CMD_VERBS_H

#include "cli/main.h"

extern const struct ks_verb ks_verb_module_sign, ks_verb_module_verify, ks_verb_module_strip,
	ks_verb_module_show;
extern const struct ks_verb ks_verb_pe_sign, ks_verb_pe_verify, ks_verb_pe_strip, ks_verb_pe_hash,
	ks_verb_pe_show, ks_verb_pe_lint;
extern const struct ks_verb ks_verb_uki_build, ks_verb_uki_addon, ks_verb_uki_measure, ks_verb_uki_lint,
	ks_verb_uki_show;
extern const struct ks_verb ks_verb_keyring_build, ks_verb_keyring_show, ks_verb_keyring_diff,
	ks_verb_keyring_audit,
	ks_verb_keyring_embed, ks_verb_keyring_dev_keys, ks_verb_keyring_ephemeral;
extern const struct ks_verb ks_verb_offline_prepare, ks_verb_offline_attach;
extern const struct ks_verb ks_verb_efi_vars, ks_verb_efi_show, ks_verb_efi_esl, ks_verb_efi_auth,
	ks_verb_efi_auth_prepare, ks_verb_efi_auth_attach, ks_verb_efi_auth_verify, ks_verb_efi_dbx;
extern const struct ks_verb ks_verb_inspect, ks_verb_extract;
extern const struct ks_verb ks_verb_audit_config, ks_verb_audit_image, ks_verb_audit_release, ks_verb_audit_diff,
	ks_verb_audit_explain, ks_verb_audit_page, ks_verb_audit_compile;

#endif
