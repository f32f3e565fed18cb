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

static int run_lock(const struct kq_options *o)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct kq_error error = { 0 };
	struct kq_lock base = { 0 };
	bool pinned;
	int rc = kq_base_read(o->operand[0], false, &base, &text, &pinned, &error);

	if (!rc && o->write)
		rc = kq_publish_file(o->queue, KQ_LOCK_NAME, ks_buf_span(&text), &error);
	else if (!rc)
		rc = compare_lock(o->queue, &base, pinned, &error);
	kq_print(&text);
	return rc ? kq_complain(&error) : KQ_EXIT_DONE;
}

const struct kq_verb kq_verb_lock = {
	.name = "lock",
	.options = "qw",
	.required = "",
	.operands = "SOURCE",
	.min_operands = 1,
	.max_operands = 1,
	.what = "print what base.lock says of a release, and compare it",
	.more = "SOURCE is a release of linux/PIN, a tarball or git:REPO:REV\n"
		"exit: 0 it is the queue's base, 1 could not tell, 2 usage, 3 it is not\n",
	.run = run_lock,
};
