// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>

#include "cmd/verb.h"
#include "stack/bases.h"
#include "stack/publish.h"

static int compare_lock(const char *queue, const struct kq_lock *base, bool pinned,
			struct kq_error *error)
{
	struct kq_lock lock;
	bool found;
	int rc = kq_lock_load(queue, &lock, &found, error);

	if (rc)
		return rc;
	if (!found)
		return kq_fail(error, KQ_REFUSED,
			       "%s/" KQ_LOCK_NAME ": is not there; --write makes it", queue);
	return kq_lock_check(queue, &lock, base, pinned, error);
}

static int run_lock(int nr_args, char **args, struct ks_diag *diag)
{
	const struct kq_options *o = kq_options_with(nr_args, args);
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct kq_error error = { 0 };
	struct kq_lock base = { 0 };
	bool pinned;
	int rc = kq_base_read(o->operand[0], false, &base, &text, &pinned, &error);

	(void)diag;
	if (!rc && o->write)
		rc = kq_publish_file(o->queue, KQ_LOCK_NAME, ks_buf_span(&text), &error);
	else if (!rc)
		rc = compare_lock(o->queue, &base, pinned, &error);
	kq_print(&text);
	return rc ? kq_complain(&error) : KS_EXIT_YES;
}

const struct ks_verb kq_verb_lock = {
	.verb = "lock",
	.args = "SOURCE",
	.max_args = 1,
	.help = "print what base.lock says of a release, and compare it\n"
		"SOURCE is a release of linux/PIN, a tarball or git:REPO:REV\n"
		"exit: 0 it is the queue's base, 1 could not tell, 2 usage, 3 it is not",
	.opts = (const struct ks_opt[]){
		KQ_OPT_QUEUE, KQ_OPT_WRITE, { 0 }
	},
	.run = run_lock,
};
