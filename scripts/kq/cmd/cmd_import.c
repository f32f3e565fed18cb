// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdint.h>
#include <stdio.h>

#include "cmd/verb.h"
#include "work/import.h"

/* Beside the names of the files, which a script reads. */
static void print_notes(const struct ks_buf *notes)
{
	struct ks_span text = ks_buf_span(notes), line;

	while (ks_span_line(&text, &line)) {
		fputs("kq: ", stderr);
		kq_put_shown(stderr, line);
		fputs("\n", stderr);
	}
}

static int run(const struct kq_options *o)
{
	__cleanup(ks_buf_done) struct ks_buf names = { 0 }, notes = { 0 };
	struct kq_import import = {
		.queue = o->queue, .base = o->from, .from = o->operand, .nr_from = o->nr_operands,
		.repository = o->git ? o->git : ".", .sku = o->selection.sku,
		.arch = o->selection.arch, .subject = o->subject, .author = o->author,
		.three_way = o->three_way, .scissors = o->scissors,
	};
	struct kq_fault fault = { 0 };

	int rc = kq_import(&import, &names, &notes, &fault);

	print_notes(&notes);
	if (rc)
		return kq_complain(&fault);
	kq_print(&names);
	return KQ_EXIT_DONE;
}

const struct kq_verb kq_verb_import = {
	.name = "import",
	.options = "qFsagUu3c",
	.required = "",
	.operands = "MAIL...|RANGE...|-",
	.min_operands = 1,
	.max_operands = SIZE_MAX,
	.what = "take mails, diffs or a range of commits into the queue, all or none",
	.more = "exit: 0 done, the new files are named; 1 could not tell or no good patch, 2 usage,\n"
		"3 the queue would not apply with it\n",
	.run = run,
};
