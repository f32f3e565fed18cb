// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/pristine.h"

#include "engine/base.h"

void kq_pristine_done(struct kq_pristine *pristine)
{
	kq_release_close(&pristine->base);
	kq_release_close(&pristine->on);
}

static int open_releases(const char *const spec[2], const struct kq_want *want,
			 struct kq_pristine *pristine, struct kq_fault *fault)
{
	struct kq_release *both[2] = { NULL, NULL };
	int rc;

	if (!spec[1])
		return kq_release_open(spec[0], want, &pristine->base, fault);
	rc = kq_release_open_both(spec, want, both, fault);
	if (rc)
		return rc;
	pristine->base = both[0];
	pristine->on = both[1];
	return 0;
}

int kq_pristine_open(const char *queue, const char *base, const char *on,
		     const struct kq_stack *stack, struct kq_pristine *ret_pristine,
		     struct kq_fault *fault)
{
	__cleanup(kq_pristine_done) struct kq_pristine pristine = { 0 };
	__cleanup(kq_names_done) struct kq_names paths = { 0 };
	struct kq_want want;
	struct kq_lock lock;
	bool has_lock;
	size_t i;
	int rc = kq_lock_load(queue, &lock, &has_lock, fault);

	if (!rc && !base && !has_lock)
		rc = kq_fail(fault, -EINVAL,
			     "%s/" KQ_LOCK_NAME ": is not there; say with --from what the queue is on",
			     queue);
	for (i = 0; i < stack->series.nr && !rc; i++)
		rc = kq_patch_paths(&stack->patch[i].patch, &paths, fault);
	if (rc)
		return rc;
	kq_names_sort(&paths);
	want = (struct kq_want){ (const char *const *)paths.name, paths.nr };
	rc = open_releases((const char *const[]){ base ? base : lock.release, on }, &want,
			   &pristine, fault);
	if (!rc && has_lock) {
		const struct kq_lock have = kq_lock_of(pristine.base);

		rc = kq_lock_check(queue, &lock, &have, pristine.base->pinned, fault);
	}
	if (rc)
		return rc;
	*ret_pristine = pristine;
	pristine = (struct kq_pristine){ 0 };
	return 0;
}
