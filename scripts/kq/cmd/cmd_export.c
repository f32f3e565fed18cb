// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>

#include "cmd/verb.h"
#include "work/branch.h"

static int run(const struct kq_options *o)
{
	__cleanup(ks_buf_done) struct ks_buf note = { 0 };
	const struct kq_branch branch = {
		.queue = o->queue, .from = o->from, .spec = o->git, .state = kq_state_of(o),
		.selection = o->selection,
	};
	struct kq_error error = { 0 };

	if (kq_branch_export(&branch, &note, &error))
		return kq_complain(&error);
	kq_print(&note);
	return KQ_EXIT_DONE;
}

const struct kq_verb kq_verb_export = {
	.name = "export",
	.options = "gqFSsa",
	.required = "g",
	.what = "make the queue a branch of git, a commit for each patch; kq import --git takes it back",
	.more = "--git is [REPO:]BRANCH here; the branch starts at the tag of base.lock's release, or at the\n"
		"commit of --from git:REPO:REV\n"
		"exit: 0 done, 1 could not tell, 2 usage, 3 the branch has other commits, or is checked out\n",
	.run = run,
};
