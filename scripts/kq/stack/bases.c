// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stack/bases.h"

#include "engine/apply_queue.h"
#include "text/file.h"
#include "tree/cache.h"
#include "tree/pin.h"

void kq_bases_done(struct kq_bases *bases)
{
	kq_release_close(&bases->release[0]);
	kq_release_close(&bases->release[1]);
	ks_buf_done(&bases->lock);
}

/*
 * Without linux/PIN the number of a release names no tarball. An earlier --from may have recorded where
 * the one that base.lock names is (kq_cache_find_place()).
 */
static int find_place(const char **from, struct kq_bases *bases, struct kq_error *error)
{
	const struct kq_lock *lock = &bases->locked;
	struct kq_pins pins;
	int rc = kq_pins_load(lock->release, &pins, error);

	if (rc || pins.nr)
		return rc;
	if (!kq_cache_find_place(&lock->tarball, &lock->tree, &bases->place))
		return kq_fail(error, -ENOENT,
			       "%s: where is it? Say so once with --from TARBALL or --from git:REPO:REV",
			       lock->release);
	*from = bases->place.s;
	return 0;
}

int kq_bases_find_from(const char *queue, const char **from, struct kq_bases *bases,
		       struct kq_error *error)
{
	int rc = kq_lock_load(queue, &bases->locked, &bases->has_lock, error);

	if (rc || *from)
		return rc;
	if (!bases->has_lock)
		return kq_fail(error, -EINVAL,
			       "%s/" KQ_LOCK_NAME
			       ": is not there; say with --from what the queue is on",
			       queue);
	*from = bases->locked.release;
	return find_place(from, bases, error);
}

/* What base.lock will say on the new base. */
static int next_lock(const char *queue, struct kq_bases *bases, struct kq_error *error)
{
	const struct kq_release *to = bases->release[1];
	struct kq_error differs = { 0 };
	struct kq_lock new;

	if (!to)
		return 0;
	if (bases->has_lock && !to->listed)
		return kq_fail(error, KQ_REFUSED,
			       "%s: a directory has no identity for base.lock; give a release, a "
			       "tarball or git:REPO:REV",
			       to->name);
	if (!to->listed || !to->has_version)
		return 0;
	new = kq_lock_of(to);
	/* The same release out of another tarball is not a change. */
	if (bases->has_lock && !kq_lock_check(queue, &bases->locked, &new, to->pinned, &differs))
		return 0;
	kq_lock_format(&bases->lock, &new);
	return kq_buf_check(&bases->lock, error);
}

/* The old base must be the one that the queue is on. */
static int check_lock(const char *queue, struct kq_bases *bases, struct kq_error *error)
{
	const struct kq_lock old = kq_lock_of(bases->release[0]);
	int rc = bases->has_lock ? kq_lock_check(queue, &bases->locked, &old,
						 bases->release[0]->pinned, error) :
				   0;

	return rc ? rc : next_lock(queue, bases, error);
}

static int open_releases(const char *from, const char *to, const struct kq_want *want,
			 struct kq_bases *bases, struct kq_error *error)
{
	if (!to)
		return kq_release_open(from, want, &bases->release[0], error);
	return kq_release_open_both((const char *const[]){ from, to }, want, bases->release, error);
}

int kq_bases_open(const char *queue, const char *from, const char *to,
		  const struct kq_stack *stack, struct kq_bases *bases, struct kq_error *error)
{
	__cleanup(kq_names_done) struct kq_names paths = { 0 };
	struct kq_want want;
	size_t i;
	int rc = kq_bases_find_from(queue, &from, bases, error);

	if (!rc)
		rc = kq_stack_paths(stack, &paths, error);
	want = (struct kq_want){ (const char *const *)paths.name, paths.nr };
	if (!rc)
		rc = open_releases(from, to, &want, bases, error);
	if (!rc)
		rc = check_lock(queue, bases, error);
	for (i = 0; i < 2 && bases->release[i] && !rc; i++) {
		const struct kq_release *release = bases->release[i];

		bases->base[i].source = &release->source;
		bases->base[i].files = release->listed ? &release->manifest : NULL;
		bases->base[i].label = release->name;
	}
	return rc;
}

int kq_base_read(const char *source, bool directory, struct kq_lock *ret_base,
		 struct ks_buf *ret_text, bool *ret_pinned, struct kq_error *error)
{
	__cleanup(kq_release_close) struct kq_release *release = NULL;
	const struct kq_want nothing = { 0 };
	int rc = kq_release_open(source, &nothing, &release, error);

	if (rc)
		return rc;
	if (!release->listed && !directory)
		return kq_fail(
			error, -EINVAL,
			"%s: a directory has no tree id; give a release, a tarball or git:REPO:REV",
			source);
	if (!release->has_version)
		return kq_fail(error, -EINVAL, "%s: has no Makefile of a kernel", source);
	*ret_base = kq_lock_of(release);
	*ret_pinned = release->pinned;
	if (release->listed)
		kq_lock_format(ret_text, ret_base);
	return kq_buf_check(ret_text, error);
}

const char *kq_bases_id(const struct kq_bases *bases, size_t idx)
{
	const struct kq_release *release = bases->release[idx];

	return release->listed ? release->manifest.tree.text : "";
}
