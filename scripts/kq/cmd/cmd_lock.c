// SPDX-License-Identifier: LGPL-2.1-or-later
#include <limits.h>
#include <stdio.h>

#include "base/file.h"
#include "cmd/verb.h"
#include "engine/apply_queue.h"

static int check(const char *queue, const struct kq_lock *base, bool pinned, struct kq_error *error)
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

static int publish(const char *queue, const struct ks_buf *text, struct kq_error *error)
{
	struct ks_span part = ks_buf_span(text);
	struct ks_diag diag = { 0 };
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/" KQ_LOCK_NAME, queue) >= PATH_MAX)
		return kq_fail(error, -ENAMETOOLONG, "%s: path is too long", queue);
	if (ks_file_publish(path, &part, 1, 0666, &diag))
		return kq_fail_diag(error, &diag);
	return 0;
}

static int run(const struct kq_options *o)
{
	__cleanup(kq_release_close) struct kq_release *release = NULL;
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	const struct kq_want nothing = { 0 };
	struct kq_error error = { 0 };
	struct ks_diag diag = { 0 };
	struct kq_lock base = { 0 };
	int rc = kq_release_open(o->operand[0], &nothing, &release, &error);

	if (rc)
		return kq_complain(&error);
	if (!release->listed)
		rc = kq_fail(
			&error, -EINVAL,
			"%s: a directory has no tree id; give a release, a tarball or git:REPO:REV",
			o->operand[0]);
	else if (!release->has_version)
		rc = kq_fail(&error, -EINVAL, "%s: has no Makefile of a kernel", o->operand[0]);
	base = kq_lock_of(release);
	if (!rc)
		kq_lock_format(&text, &base);
	if (!rc && ks_buf_ok(&text, &diag))
		rc = kq_fail_diag(&error, &diag);
	if (!rc && o->write)
		rc = publish(o->queue, &text, &error);
	else if (!rc)
		rc = check(o->queue, &base, release->pinned, &error);
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
	.run = run,
};
