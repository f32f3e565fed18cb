// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdint.h>
#include <stdio.h>

#include "cmd/verb.h"
#include "work/import.h"

static int run(const struct kq_options *o)
{
	__cleanup(ks_buf_done) struct ks_buf names = { 0 };
	struct kq_import import = {
		.queue = o->queue, .base = o->from, .from = o->operand, .nr_from = o->nr_operands,
		.repository = o->git ? o->git : ".", .sku = o->selection.sku,
		.arch = o->selection.arch,
	};
	struct kq_fault fault = { 0 };

	if (kq_import(&import, &names, &fault))
		return kq_complain(&fault);
	kq_print(&names);
	return KQ_EXIT_DONE;
}

const struct kq_verb kq_verb_import = {
	.name = "import",
	.options = "qFsag",
	.required = "",
	.operands = "MBOX...|RANGE",
	.min_operands = 1,
	.max_operands = SIZE_MAX,
	.what = "take mails or a range of commits into the queue, byte for byte, all or none",
	.more = "exit: 0 done, the new files are named; 1 could not tell or no good patch, 2 usage,\n"
		"3 the queue would not apply with it\n",
	.run = run,
};
