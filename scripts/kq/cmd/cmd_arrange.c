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
	int status = rc ? kq_complain(error) : KQ_EXIT_DONE;

	if (rc)
		return error->err == KQ_BAD_USAGE ? KQ_EXIT_USAGE : status;
	if (notes->bytes)
		kq_print(notes);
	else
		printf("%s\n", nothing);
	return KQ_EXIT_DONE;
}

static int run_init(const struct kq_options *o)
{
	__cleanup(ks_buf_done) struct ks_buf note = { 0 };
	struct kq_error error = { 0 };

	if (kq_init(o->queue, o->nr_operands ? o->operand[0] : NULL, &note, &error))
		return kq_complain(&error);
	kq_print(&note);
	return KQ_EXIT_DONE;
}

static int run_refresh(const struct kq_options *o)
{
	__cleanup(ks_buf_done) struct ks_buf notes = { 0 };
	const struct kq_arrange arrange = arrange_of(o);
	struct kq_error error = { 0 };

	if (o->all && o->nr_operands) {
		fprintf(stderr, "kq: --all and patches: one of both, please\n");
		return KQ_EXIT_USAGE;
	}
	return finish_change(kq_refresh_patches(&arrange, &notes, &error), &notes,
			     "nothing to refresh", &error);
}

static int run_move(const struct kq_options *o)
{
	__cleanup(ks_buf_done) struct ks_buf notes = { 0 };
	const struct kq_arrange arrange = arrange_of(o);
	struct kq_error error = { 0 };

	return finish_change(kq_move_patches(&arrange, o->before, o->after, &notes, &error), &notes,
			     "it is there already", &error);
}

static int run_remove(const struct kq_options *o)
{
	__cleanup(ks_buf_done) struct ks_buf notes = { 0 };
	const struct kq_arrange arrange = arrange_of(o);
	struct kq_error error = { 0 };

	return finish_change(kq_remove_patches(&arrange, o->reason, &notes, &error), &notes, "",
			     &error);
}

static int run_rename(const struct kq_options *o)
{
	__cleanup(ks_buf_done) struct ks_buf notes = { 0 };
	const struct kq_arrange arrange = arrange_of(o);
	const char *name = o->nr_operands > 1 ? o->operand[1] : NULL;
	struct kq_error error = { 0 };

	return finish_change(kq_rename_patch(&arrange, name, &notes, &error), &notes,
			     "it has that name already", &error);
}

static int run_renumber(const struct kq_options *o)
{
	__cleanup(ks_buf_done) struct ks_buf notes = { 0 };
	const struct kq_arrange arrange = arrange_of(o);
	struct kq_error error = { 0 };

	return finish_change(kq_renumber_patches(&arrange, &notes, &error), &notes,
			     "the numbers are without gaps already", &error);
}

#define EXIT_LINES                                                               \
	"PATCH is a number, a file name or a part of one file name only\n"       \
	"exit: 0 done, 1 could not tell, 2 usage, 3 there is no such patch, or the queue would not\n" \
	"apply with it\n"

const struct kq_verb kq_verb_init = {
	.name = "init",
	.options = "q",
	.required = "",
	.operands = "[SOURCE]",
	.max_operands = 1,
	.what = "make an empty queue, on a release",
	.more = "SOURCE is a release of linux/PIN, a tarball, a directory or git:REPO:REV\n"
		"exit: 0 done, 1 could not, 2 usage, 3 there is a queue already\n",
	.run = run_init,
};

const struct kq_verb kq_verb_refresh = {
	.name = "refresh",
	.options = "qFSl",
	.required = "",
	.operands = "[PATCH...]",
	.max_operands = SIZE_MAX,
	.what = "line numbers, index ids and diffstat as they should be, of all patches or some",
	.more = EXIT_LINES,
	.run = run_refresh,
};

const struct kq_verb kq_verb_move = {
	.name = "move",
	.options = "qFSBN",
	.required = "",
	.operands = "PATCH...",
	.min_operands = 1,
	.max_operands = SIZE_MAX,
	.what = "patches to another place in the series; those that they pass follow",
	.more = EXIT_LINES,
	.run = run_move,
};

const struct kq_verb kq_verb_remove = {
	.name = "remove",
	.options = "qFSA",
	.required = "",
	.operands = "PATCH...",
	.min_operands = 1,
	.max_operands = SIZE_MAX,
	.what = "patches out of the queue, into dropped.log; those behind follow",
	.more = EXIT_LINES,
	.run = run_remove,
};

const struct kq_verb kq_verb_rename = {
	.name = "rename",
	.options = "qS",
	.required = "",
	.operands = "PATCH [NAME]",
	.min_operands = 1,
	.max_operands = 2,
	.what = "the file of a patch: as its subject makes it, or NAME",
	.more = EXIT_LINES,
	.run = run_rename,
};

const struct kq_verb kq_verb_renumber = {
	.name = "renumber",
	.options = "qS",
	.required = "",
	.what = "all files from 0001 on without gaps, from 1001 on what has a condition",
	.more = "exit: 0 done, 1 could not tell, 2 usage, 3 a conflict is open\n",
	.run = run_renumber,
};
