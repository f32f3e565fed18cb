// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * import and export: mails, commits and branches into the queue, and the queue as a branch.
 */
#include <stdint.h>
#include <stdio.h>

#include "cmd/verb.h"
#include "work/branch.h"
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

static struct kq_branch branch_of(const struct kq_options *o)
{
	return (struct kq_branch){
		.queue = o->queue,
		.from = o->from,
		.spec = o->git,
		.state = kq_state_of(o),
		.selection = o->selection,
	};
}

/* Without mails it is the branch that kq export made. */
static int run_branch(const struct kq_options *o)
{
	__cleanup(ks_buf_done) struct ks_buf notes = { 0 };
	const struct kq_branch branch = branch_of(o);
	struct kq_error error = { 0 };

	if (!o->git || o->before || o->after) {
		fprintf(stderr, "kq: missing: MAIL...|RANGE...|-, or --git [REPO:]BRANCH alone\n");
		return KS_EXIT_USAGE;
	}
	if (kq_branch_import(&branch, &notes, &error))
		return kq_complain(&error);
	if (notes.bytes)
		kq_print(&notes);
	else
		printf("the queue is as the branch\n");
	return KS_EXIT_YES;
}

static int run_import(int nr_args, char **args, struct ks_diag *diag)
{
	const struct kq_options *o = kq_options_with(nr_args, args);
	__cleanup(ks_buf_done) struct ks_buf names = { 0 }, notes = { 0 };
	struct kq_import import = {
		.queue = o->queue, .base = o->from, .from = o->operand, .nr_from = o->nr_operands,
		.repository = o->git ? o->git : ".", .sku = o->selection.sku,
		.arch = o->selection.arch, .state = kq_state_of(o), .before = o->before,
		.after = o->after, .subject = o->subject, .author = o->author,
		.three_way = o->three_way, .scissors = o->scissors,
	};
	struct kq_error error = { 0 };
	int rc;

	(void)diag;
	if (!o->nr_operands)
		return run_branch(o);
	rc = kq_import(&import, &names, &notes, &error);
	print_notes(&notes);
	if (rc)
		return kq_complain(&error);
	kq_print(&names);
	return KS_EXIT_YES;
}

const struct ks_verb kq_verb_import = {
	.verb = "import",
	.args = "[MAIL...|RANGE...|-]",
	.help = "take mails, diffs or a range of commits into the queue, all or none\n"
		"without mails the branch that kq export made comes back: --git [REPO:]BRANCH\n"
		"exit: 0 done, the new files are named; 1 could not tell or no good patch, 2 "
		"usage,\n"
		"3 the queue would not apply with it",
	.opts = (const struct ks_opt[]){
		KQ_OPT_QUEUE, KQ_OPT_FROM, KQ_OPT_STATE, KQ_OPT_SKU, KQ_OPT_ARCH, KQ_OPT_GIT,
		KQ_OPT_SUBJECT, KQ_OPT_AUTHOR, KQ_OPT_3WAY, KQ_OPT_SCISSORS, KQ_OPT_BEFORE,
		KQ_OPT_AFTER, { 0 }
	},
	.run = run_import,
};

static int run_export(int nr_args, char **args, struct ks_diag *diag)
{
	const struct kq_options *o = kq_options_with(nr_args, args);
	__cleanup(ks_buf_done) struct ks_buf note = { 0 };
	const struct kq_branch branch = branch_of(o);
	struct kq_error error = { 0 };

	(void)diag;
	if (kq_branch_export(&branch, &note, &error))
		return kq_complain(&error);
	kq_print(&note);
	return KS_EXIT_YES;
}

const struct ks_verb kq_verb_export = {
	.verb = "export",
	.help = "make the queue a branch of git, a commit for each patch; kq import --git takes it back\n"
		"--git is [REPO:]BRANCH here; the branch starts at the tag of base.lock's release, "
		"or at the\n"
		"commit of --from git:REPO:REV\n"
		"exit: 0 done, 1 could not tell, 2 usage, 3 the branch has other commits, or is "
		"checked out",
	.opts = (const struct ks_opt[]){
		KQ_OPT_GIT_REQUIRED, KQ_OPT_QUEUE, KQ_OPT_FROM, KQ_OPT_STATE, KQ_OPT_SKU,
		KQ_OPT_ARCH, { 0 }
	},
	.run = run_export,
};
