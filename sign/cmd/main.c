// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cmd/verbs.h"

static const struct ks_verb *const verbs[] = {
	&ks_verb_module_sign,	&ks_verb_module_verify, &ks_verb_module_strip,
	&ks_verb_module_show,	&ks_verb_pe_sign,	&ks_verb_pe_verify,
	&ks_verb_pe_strip,	&ks_verb_pe_hash,	&ks_verb_pe_show,	&ks_verb_pe_lint,
	&ks_verb_uki_build,	&ks_verb_uki_addon,
	&ks_verb_uki_measure,	&ks_verb_uki_lint,	&ks_verb_uki_show,	&ks_verb_keyring_build,
	&ks_verb_keyring_show,	&ks_verb_keyring_diff,	&ks_verb_keyring_audit,	&ks_verb_keyring_embed,	&ks_verb_keyring_dev_keys, &ks_verb_keyring_ephemeral,
	&ks_verb_efi_vars,
	&ks_verb_efi_show,
	&ks_verb_efi_esl,	&ks_verb_efi_auth,	&ks_verb_efi_auth_prepare,
	&ks_verb_efi_auth_attach, &ks_verb_efi_auth_verify, &ks_verb_efi_dbx,
	&ks_verb_offline_prepare,
	&ks_verb_offline_attach,
	&ks_verb_audit_config,	&ks_verb_audit_image,	&ks_verb_audit_release,
	&ks_verb_audit_diff,	&ks_verb_audit_explain,	&ks_verb_audit_page,
	&ks_verb_audit_compile,
	&ks_verb_inspect,	&ks_verb_extract,
};

int main(int argc, char **argv)
{
	static const struct ks_program kseal = { .name = "kseal", .verb = verbs, .nr_verbs = KS_ARRAY_SIZE(verbs) };

	return ks_cli_main(&kseal, argc, argv);
}
