// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>

#include "cmd/verb.h"
#include "engine/apply_queue.h"

static int run_apply(int nr_args, char **args, struct ks_diag *diag)
{
	const struct kq_options *o = kq_options_with(nr_args, args);
	__cleanup(kq_result_done) struct kq_result result = { 0 };
	struct kq_error error = { 0 };
	const char *tree = o->operand[0];

	(void)diag;
	if (kq_apply_queue(o->queue, &o->selection, tree, &result, &error))
		return kq_complain(&error);
	kq_print(&result.notes);
	printf("%s: %zu patch%s applied, %zu file%s changed\n", tree, result.nr_patches,
	       result.nr_patches == 1 ? "" : "es", result.nr_files,
	       result.nr_files == 1 ? "" : "s");
	return KS_EXIT_YES;
}

const struct ks_verb kq_verb_apply = {
	.verb = "apply",
	.args = "TREE",
	.max_args = 1,
	.help = "apply the queue to a pristine tree: exact, once, all or nothing\n"
		"exit: 0 done, 1 could not tell, 2 usage, 3 no",
	.opts = (const struct ks_opt[]){
		KQ_OPT_QUEUE, KQ_OPT_SKU, KQ_OPT_ARCH, { 0 }
	},
	.run = run_apply,
};
