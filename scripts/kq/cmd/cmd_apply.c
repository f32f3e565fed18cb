// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>

#include "cmd/verb.h"
#include "engine/apply_queue.h"

static int run_apply(const struct kq_options *o)
{
	__cleanup(kq_result_done) struct kq_result result = { 0 };
	struct kq_error error = { 0 };
	const char *tree = o->operand[0];

	if (kq_apply_queue(o->queue, &o->selection, tree, &result, &error))
		return kq_complain(&error);
	kq_print(&result.notes);
	printf("%s: %zu patch%s applied, %zu file%s changed\n", tree, result.nr_patches,
	       result.nr_patches == 1 ? "" : "es", result.nr_files,
	       result.nr_files == 1 ? "" : "s");
	return KQ_EXIT_DONE;
}

const struct kq_verb kq_verb_apply = {
	.name = "apply",
	.options = "qsa",
	.required = "",
	.operands = "TREE",
	.min_operands = 1,
	.max_operands = 1,
	.what = "apply the queue to a pristine tree: exact, once, all or nothing",
	.more = "exit: 0 done, 1 could not tell, 2 usage, 3 no\n",
	.run = run_apply,
};
