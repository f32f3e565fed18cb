// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/pristine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "queue/lock.h"
#include "text/text.h"

void kq_pristine_done(struct kq_pristine *pristine)
{
	kq_release_close(&pristine->base);
	kq_release_close(&pristine->on);
}

/* struct paths - the files that the patches touch, each once, sorted */
struct paths {
	char **path;
	size_t nr;
	size_t room;
};

static void paths_done(struct paths *paths)
{
	size_t i;

	for (i = 0; i < paths->nr; i++)
		free(paths->path[i]);
	free(paths->path);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_unique(struct paths *paths)
{
	size_t i, nr = 0;

	if (paths->nr)
		qsort(paths->path, paths->nr, sizeof(*paths->path), by_name);
	for (i = 0; i < paths->nr; i++) {
		if (nr && !strcmp(paths->path[i], paths->path[nr - 1]))
			free(paths->path[i]);
		else
			paths->path[nr++] = paths->path[i];
	}
	paths->nr = nr;
}

static int add_paths(struct paths *paths, const struct kq_patch *patch, struct kq_fault *fault)
{
	size_t i;

	for (i = 0; i < patch->nr_files; i++) {
		struct ks_span path = patch->file[i].path;
		char **moved = kq_grow(paths->path, paths->nr, &paths->room, sizeof(*moved),
				       SIZE_MAX, fault);

		if (!moved)
			return fault->err;
		paths->path = moved;
		moved[paths->nr] = strndup((const char *)path.p, path.bytes);
		if (!moved[paths->nr])
			return kq_no_memory(fault);
		paths->nr++;
	}
	return 0;
}

static int check_lock(const char *queue, const struct kq_lock *lock,
		      const struct kq_release *release, struct kq_fault *fault)
{
	struct kq_lock base = { .tarball = release->tarball };

	snprintf(base.release, sizeof(base.release), "%s", release->name);
	if (release->listed)
		base.tree = release->manifest.tree;
	return kq_lock_check(queue, lock, &base, release->pinned, fault);
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
	__cleanup(paths_done) struct paths paths = { 0 };
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
		rc = add_paths(&paths, &stack->patch[i].patch, fault);
	if (rc)
		return rc;
	sort_unique(&paths);
	want = (struct kq_want){ (const char *const *)paths.path, paths.nr };
	rc = open_releases((const char *const[]){ base ? base : lock.release, on }, &want,
			   &pristine, fault);
	if (!rc && has_lock)
		rc = check_lock(queue, &lock, pristine.base, fault);
	if (rc)
		return rc;
	*ret_pristine = pristine;
	pristine = (struct kq_pristine){ 0 };
	return 0;
}
