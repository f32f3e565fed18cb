// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * kq: the patch queue. This room alone prints and exits.
 */
#include "cmd/verb.h"

static const struct ks_verb *const verbs[] = {
	&kq_verb_apply,
	&kq_verb_init,
	&kq_verb_import,
	&kq_verb_edit,
	&kq_verb_refresh,
	&kq_verb_move,
	&kq_verb_remove,
	&kq_verb_rename,
	&kq_verb_renumber,
	&kq_verb_export,
	&kq_verb_rebase,
	&kq_verb_continue,
	&kq_verb_drop,
	&kq_verb_abort,
	&kq_verb_resolutions,
	&kq_verb_lint,
	&kq_verb_status,
	&kq_verb_cve,
	&kq_verb_lock,
};

int main(int argc, char **argv)
{
	static const struct ks_program kq = {
		.name = "kq", .verb = verbs, .nr_verbs = KS_ARRAY_SIZE(verbs),
	};

	return ks_cli_main(&kq, argc, argv);
}
