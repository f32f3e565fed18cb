// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>

#include "check/lint.h"
#include "cmd/verb.h"

static int run_lint(int nr_args, char **args, struct ks_diag *diag)
{
	const struct kq_options *o = kq_options_with(nr_args, args);
	__cleanup(kq_findings_done) struct kq_findings findings = { 0 };
	const struct kq_lint what = {
		.queue = o->queue, .selection = o->selection, .tree = o->tree, .config = o->build,
	};
	struct kq_error error = { 0 };

	(void)diag;
	if (o->build && !o->tree) {
		fprintf(stderr, "kq: --build needs --tree\n");
		return KS_EXIT_USAGE;
	}
	if (!kq_today(&findings.today))
		return KS_EXIT_USAGE;
	if (kq_lint_queue(&what, &findings, &error))
		return kq_complain(&error);
	kq_print(&findings.notes);
	kq_print(&findings.text);
	if (!findings.nr)
		printf("%s: clean\n", o->queue);
	return findings.nr ? KS_EXIT_NO : KS_EXIT_YES;
}

const struct ks_verb kq_verb_lint = {
	.verb = "lint",
	.help = "check series, headers and hunks; with --tree that they fit, with --build that they compile\n"
		"exit: 0 clean, 1 could not tell, 2 usage, 3 findings",
	.opts = (const struct ks_opt[]){
		KQ_OPT_QUEUE, KQ_OPT_TREE, KQ_OPT_SKU, KQ_OPT_ARCH, KQ_OPT_BUILD, { 0 }
	},
	.run = run_lint,
};
