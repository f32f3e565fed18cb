// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>

#include "check/lint.h"
#include "cmd/verb.h"

static int run_lint(const struct kq_options *o)
{
	__cleanup(kq_findings_done) struct kq_findings findings = { 0 };
	const struct kq_lint what = {
		.queue = o->queue, .selection = o->selection, .tree = o->tree, .config = o->build,
	};
	struct kq_error error = { 0 };

	if (o->build && !o->tree) {
		fprintf(stderr, "kq: --build needs --tree\n");
		return KQ_EXIT_USAGE;
	}
	if (!kq_today(&findings.today))
		return KQ_EXIT_USAGE;
	if (kq_lint_queue(&what, &findings, &error))
		return kq_complain(&error);
	kq_print(&findings.notes);
	kq_print(&findings.text);
	if (!findings.nr)
		printf("%s: clean\n", o->queue);
	return findings.nr ? KQ_EXIT_NO : KQ_EXIT_DONE;
}

const struct kq_verb kq_verb_lint = {
	.name = "lint",
	.options = "qtsab",
	.required = "",
	.what = "check series, headers and hunks; with --tree that they fit, with --build that they compile",
	.more = "exit: 0 clean, 1 could not tell, 2 usage, 3 findings\n",
	.run = run_lint,
};
