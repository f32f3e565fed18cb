// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * init, refresh, move, remove, rename, renumber: the directory of the queue as a person wants it.
 */
#include <stdint.h>
#include <stdio.h>

#include "cmd/verb.h"
#include "work/arrange.h"
#include "work/init.h"

static struct kq_arrange arrange_of(const struct kq_options *o)
{
	return (struct kq_arrange){
		.queue = o->queue, .base = o->from, .state = kq_state_of(o),
		.patch = o->operand, .nr = o->nr_operands,
	};
}

static int finish_change(int rc, const struct ks_buf *notes, const char *nothing,
			 struct kq_error *error)
{
	int status = rc ? kq_complain(error) : KS_EXIT_YES;

	if (rc)
		return error->err == KQ_BAD_USAGE ? KS_EXIT_USAGE : status;
	if (notes->bytes)
		kq_print(notes);
	else
		printf("%s\n", nothing);
	return KS_EXIT_YES;
}

static int run_init(int nr_args, char **args, struct ks_diag *diag)
{
	const struct kq_options *o = kq_options_with(nr_args, args);
	__cleanup(ks_buf_done) struct ks_buf note = { 0 };
	struct kq_error error = { 0 };

	(void)diag;
	if (kq_init(o->queue, o->nr_operands ? o->operand[0] : NULL, &note, &error))
		return kq_complain(&error);
	kq_print(&note);
	return KS_EXIT_YES;
}

static int run_refresh(int nr_args, char **args, struct ks_diag *diag)
{
	const struct kq_options *o = kq_options_with(nr_args, args);
	__cleanup(ks_buf_done) struct ks_buf notes = { 0 };
	const struct kq_arrange arrange = arrange_of(o);
	struct kq_error error = { 0 };

	(void)diag;
	if (o->all && o->nr_operands) {
		fprintf(stderr, "kq: --all and patches: one of both, please\n");
		return KS_EXIT_USAGE;
	}
	return finish_change(kq_refresh_patches(&arrange, &notes, &error), &notes,
			     "nothing to refresh", &error);
}

static int run_move(int nr_args, char **args, struct ks_diag *diag)
{
	const struct kq_options *o = kq_options_with(nr_args, args);
	__cleanup(ks_buf_done) struct ks_buf notes = { 0 };
	const struct kq_arrange arrange = arrange_of(o);
	struct kq_error error = { 0 };

	(void)diag;
	return finish_change(kq_move_patches(&arrange, o->before, o->after, &notes, &error), &notes,
			     "it is there already", &error);
}

static int run_remove(int nr_args, char **args, struct ks_diag *diag)
{
	const struct kq_options *o = kq_options_with(nr_args, args);
	__cleanup(ks_buf_done) struct ks_buf notes = { 0 };
	const struct kq_arrange arrange = arrange_of(o);
	struct kq_error error = { 0 };

	(void)diag;
	return finish_change(kq_remove_patches(&arrange, o->reason, &notes, &error), &notes, "",
			     &error);
}

static int run_rename(int nr_args, char **args, struct ks_diag *diag)
{
	const struct kq_options *o = kq_options_with(nr_args, args);
	__cleanup(ks_buf_done) struct ks_buf notes = { 0 };
	const struct kq_arrange arrange = arrange_of(o);
	const char *name = o->nr_operands > 1 ? o->operand[1] : NULL;
	struct kq_error error = { 0 };

	(void)diag;
	return finish_change(kq_rename_patch(&arrange, name, &notes, &error), &notes,
			     "it has that name already", &error);
}

static int run_renumber(int nr_args, char **args, struct ks_diag *diag)
{
	const struct kq_options *o = kq_options_with(nr_args, args);
	__cleanup(ks_buf_done) struct ks_buf notes = { 0 };
	const struct kq_arrange arrange = arrange_of(o);
	struct kq_error error = { 0 };

	(void)diag;
	return finish_change(kq_renumber_patches(&arrange, &notes, &error), &notes,
			     "the numbers are without gaps already", &error);
}

#define EXIT_LINES                                                               \
	"PATCH is a number, a file name or a part of one file name only\n"       \
	"exit: 0 done, 1 could not tell, 2 usage, 3 there is no such patch, or the queue would not\n" \
	"apply with it\n"

const struct ks_verb kq_verb_init = {
	.verb = "init",
	.args = "[SOURCE]",
	.max_args = 1,
	.help = "make an empty queue, on a release\n"
		"SOURCE is a release of linux/PIN, a tarball, a directory or git:REPO:REV\n"
		"exit: 0 done, 1 could not, 2 usage, 3 there is a queue already",
	.opts = (const struct ks_opt[]){
		KQ_OPT_QUEUE, { 0 }
	},
	.run = run_init,
};

const struct ks_verb kq_verb_refresh = {
	.verb = "refresh",
	.args = "[PATCH...]",
	.help = "line numbers, index ids and diffstat as they should be, of all patches or some\n"
		EXIT_LINES,
	.opts = (const struct ks_opt[]){
		KQ_OPT_QUEUE, KQ_OPT_FROM, KQ_OPT_STATE, KQ_OPT_ALL, { 0 }
	},
	.run = run_refresh,
};

const struct ks_verb kq_verb_move = {
	.verb = "move",
	.args = "PATCH...",
	.help = "patches to another place in the series; those that they pass follow\n"
		EXIT_LINES,
	.opts = (const struct ks_opt[]){
		KQ_OPT_QUEUE, KQ_OPT_FROM, KQ_OPT_STATE, KQ_OPT_BEFORE, KQ_OPT_AFTER, { 0 }
	},
	.run = run_move,
};

const struct ks_verb kq_verb_remove = {
	.verb = "remove",
	.args = "PATCH...",
	.help = "patches out of the queue, into dropped.log; those behind follow\n"
		EXIT_LINES,
	.opts = (const struct ks_opt[]){
		KQ_OPT_QUEUE, KQ_OPT_FROM, KQ_OPT_STATE, KQ_OPT_REASON, { 0 }
	},
	.run = run_remove,
};

const struct ks_verb kq_verb_rename = {
	.verb = "rename",
	.args = "PATCH [NAME]",
	.max_args = 2,
	.help = "the file of a patch: as its subject makes it, or NAME\n"
		EXIT_LINES,
	.opts = (const struct ks_opt[]){
		KQ_OPT_QUEUE, KQ_OPT_STATE, { 0 }
	},
	.run = run_rename,
};

const struct ks_verb kq_verb_renumber = {
	.verb = "renumber",
	.help = "all files from 0001 on without gaps, from 1001 on what has a condition\n"
		"exit: 0 done, 1 could not tell, 2 usage, 3 a conflict is open",
	.opts = (const struct ks_opt[]){
		KQ_OPT_QUEUE, KQ_OPT_STATE, { 0 }
	},
	.run = run_renumber,
};
