// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rebase/undo.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "text/file.h"
#include "text/dir.h"
#include "text/text.h"

#define HASHES "hashes"

static int undo_path(const char *state, const char *name, struct kq_path *ret_path,
		     struct kq_error *error)
{
	return kq_path(ret_path, error, "%s/undo%s", state, name);
}

/* What the rebase has made, so that nobody's later work is taken back with it. */
static int save_after(const struct kq_plan *plan, struct kq_error *error)
{
	__cleanup(kq_json_done) struct json_object *after = json_object_new_object();
	struct json_object *hashes = NULL;
	struct kq_path path;
	int rc = undo_path(plan->state.s, "/after.json", &path, error);

	if (!rc)
		rc = kq_hashes(plan->queue, &hashes, error);
	if (rc)
		return rc;
	kq_json_str(after, "queue", plan->queue);
	json_object_object_add(after, HASHES, hashes);
	return kq_json_save(path.s, after, error);
}

int kq_undo_keep(const struct kq_plan *plan, const struct kq_next *next, struct kq_error *error)
{
	struct kq_path undo, old;
	int rc = undo_path(plan->state.s, "", &undo, error);

	if (!rc)
		rc = undo_path(plan->state.s, "/queue", &old, error);
	if (rc || access(next->dir.s, F_OK))
		return rc;
	rc = kq_dir_remove(undo.s, error);
	if (!rc)
		rc = kq_dir_make(undo.s, error);
	if (!rc)
		rc = save_after(plan, error);
	if (!rc && rename(next->dir.s, old.s))
		rc = errno == EXDEV ? kq_dir_copy(next->dir.s, old.s, error) :
				      kq_fail(error, -errno, "%s: %s", old.s, strerror(errno));
	return rc;
}

static int check_same(struct json_object *after, const char *state, const struct kq_path *queue,
		      struct kq_error *error)
{
	__cleanup(kq_json_done) struct json_object *current = NULL;
	struct json_object *then = NULL;
	const char *differs;
	int rc = kq_hashes(queue->s, &current, error);

	if (rc)
		return rc;
	if (!json_object_object_get_ex(after, HASHES, &then))
		return kq_fail(error, -EBADMSG, "%s/undo/after.json: is damaged", state);
	differs = kq_hashes_differ(current, then);
	return differs ? kq_fail(error, KQ_REFUSED,
				 "%s/%s: changed since the rebase; the old queue is in %s/undo/queue",
				 queue->s, differs, state) :
			 0;
}

static int load_undo(const char *state, struct json_object **ret_after, struct kq_path *ret_queue,
		     struct kq_error *error)
{
	struct kq_path path;
	int rc = undo_path(state, "/queue", &path, error);

	if (!rc && access(path.s, F_OK))
		rc = kq_fail(error, KQ_REFUSED, "%s: there is no rebase to undo", state);
	if (!rc)
		rc = undo_path(state, "/after.json", &path, error);
	if (!rc)
		rc = kq_json_load(path.s, ret_after, error);
	return rc ? rc : kq_path(ret_queue, error, "%s", kq_json_get(*ret_after, "queue"));
}

/* struct keeping - resolutions that only the new queue has; they are pending again */
struct keeping {
	struct kq_path old;
	struct kq_path new;
	struct kq_path pending;
};

static int keep_one(void *arg, const char *name, struct kq_error *error)
{
	const struct keeping *k = arg;
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct kq_path old, new, pending;
	int rc = kq_path(&old, error, "%s/%s", k->old.s, name);

	if (!rc)
		rc = kq_path(&new, error, "%s/%s", k->new.s, name);
	if (!rc)
		rc = kq_path(&pending, error, "%s/%s", k->pending.s, name);
	if (rc || !access(old.s, F_OK))
		return rc;
	if (kq_file_load(new.s, KQ_MAX_FILE_BYTES, &text, error))
		return error->err;
	return kq_file_publish(pending.s, &text, 0666, error);
}

/* What a person has resolved is not asked again. */
static int keep_answers(const char *state, const char *queue, const struct kq_path *old,
			struct kq_error *error)
{
	struct keeping k = { 0 };
	int rc = kq_path(&k.old, error, "%s/resolutions", old->s);

	if (!rc)
		rc = kq_path(&k.new, error, "%s/resolutions", queue);
	if (!rc)
		rc = kq_path(&k.pending, error, "%s/resolutions", state);
	if (rc || access(k.new.s, F_OK))
		return rc;
	rc = kq_dir_make(k.pending.s, error);
	return rc ? rc : kq_dir_walk(k.new.s, keep_one, &k, error);
}

/* A copy of the old queue, then the step, then what it was copied from. */
static int swap_back(const char *state, struct kq_next *next, struct json_object *after,
		     struct kq_error *error)
{
	struct kq_path undo, old;
	int rc = undo_path(state, "", &undo, error);

	if (!rc)
		rc = undo_path(state, "/queue", &old, error);
	if (!rc)
		rc = kq_dir_remove(next->dir.s, error);
	if (!rc)
		rc = kq_dir_copy(old.s, next->dir.s, error);
	if (!rc)
		rc = kq_dir_sync(next->dir.s, error);
	if (!rc)
		rc = check_same(after, state, &next->queue, error);
	if (!rc)
		rc = keep_answers(state, next->queue.s, &old, error);
	if (!rc)
		rc = kq_next_swap(next, error);
	if (!rc)
		rc = kq_dir_remove(undo.s, error);
	return rc;
}

int kq_undo(const char *state, struct kq_path *ret_queue, struct kq_error *error)
{
	__cleanup(kq_json_done) struct json_object *after = NULL;
	__cleanup(kq_next_done) struct kq_next next = { .lock_fd = -1 };
	struct kq_error ignored = { 0 };
	int rc = load_undo(state, &after, ret_queue, error);

	if (!rc)
		rc = kq_next_of(ret_queue->s, &next, error);
	if (!rc)
		rc = kq_next_lock(&next, error);
	if (!rc)
		rc = kq_next_repair(&next, error);
	if (rc)
		return rc;
	rc = swap_back(state, &next, after, error);
	if (kq_next_remove(&next, &ignored) && !rc)
		rc = kq_fail(error, ignored.err, "%s", ignored.line);
	return rc;
}
