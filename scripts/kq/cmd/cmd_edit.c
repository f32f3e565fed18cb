// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/verb.h"
#include "text/text.h"
#include "work/edit.h"

static int run_edit(int nr_args, char **args, struct ks_diag *diag)
{
	const struct kq_options *o = kq_options_with(nr_args, args);
	__cleanup(ks_buf_done) struct ks_buf notes = { 0 };
	const char *shell = getenv("SHELL");
	const char *const only_shell[] = { shell && *shell ? shell : "/bin/sh", NULL };
	struct kq_error error = { 0 };
	struct kq_edit edit = {
		.queue = o->queue, .base = o->from, .patch = o->operand[0],
		.selection = o->selection, .state = kq_state_of(o),
		.command = o->nr_operands > 1 ? (const char *const *)o->operand + 1 : only_shell,
	};

	(void)diag;
	if (o->nr_operands == 1)
		fprintf(stderr, "kq: edit %s in %s/edit: commit or not, exit takes it, exit 1 does not\n",
			edit.patch, edit.state);
	if (kq_edit(&edit, &notes, &error))
		return kq_complain(&error);
	if (notes.bytes)
		kq_print(&notes);
	else
		printf("%s: not changed\n", edit.patch);
	return KS_EXIT_YES;
}

const struct ks_verb kq_verb_edit = {
	.verb = "edit",
	.args = "PATCH [-- COMMAND...]",
	.help = "change a patch in a small git work tree; the later patches follow\n"
		"exit: 0 done, 1 could not, or the shell or COMMAND said no, 2 usage,\n"
		"3 the queue would not apply with it",
	.opts = (const struct ks_opt[]){
		KQ_OPT_QUEUE, KQ_OPT_FROM, KQ_OPT_STATE, KQ_OPT_SKU, KQ_OPT_ARCH, { 0 }
	},
	.run = run_edit,
};
