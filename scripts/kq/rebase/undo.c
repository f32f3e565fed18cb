// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rebase/undo.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "text/file.h"
#include "text/folder.h"
#include "text/text.h"

#define HASHES "hashes"

static int undo_path(const char *state, const char *name, struct kq_path *ret_path,
		     struct kq_fault *fault)
{
	return kq_path(ret_path, fault, "%s/undo%s", state, name);
}

/* What the rebase has made, so that nobody's later work is taken back with it. */
static int save_after(const struct kq_plan *plan, struct kq_fault *fault)
{
	__cleanup(kq_json_done) struct json_object *after = json_object_new_object();
	struct json_object *hashes = NULL;
	struct kq_path path;
	int rc = undo_path(plan->state.s, "/after.json", &path, fault);

	if (!rc)
		rc = kq_hashes(plan->queue, &hashes, fault);
	if (rc)
		return rc;
	kq_json_str(after, "queue", plan->queue);
	json_object_object_add(after, HASHES, hashes);
	return kq_json_save(path.s, after, fault);
}

int kq_undo_keep(const struct kq_plan *plan, const struct kq_next *next, struct kq_fault *fault)
{
	struct kq_path undo, old;
	int rc = undo_path(plan->state.s, "", &undo, fault);

	if (!rc)
		rc = undo_path(plan->state.s, "/queue", &old, fault);
	if (rc || access(next->dir.s, F_OK))
		return rc;
	rc = kq_folder_remove(undo.s, fault);
	if (!rc)
		rc = kq_folder_make(undo.s, fault);
	if (!rc)
		rc = save_after(plan, fault);
	if (!rc && rename(next->dir.s, old.s))
		rc = errno == EXDEV ? kq_folder_copy(next->dir.s, old.s, fault) :
				      kq_fail(fault, -errno, "%s: %s", old.s, strerror(errno));
	return rc;
}

static int check_same(struct json_object *after, const char *state, const struct kq_path *queue,
		      struct kq_fault *fault)
{
	__cleanup(kq_json_done) struct json_object *current = NULL;
	struct json_object *then = NULL;
	const char *differs;
	int rc = kq_hashes(queue->s, &current, fault);

	if (rc)
		return rc;
	if (!json_object_object_get_ex(after, HASHES, &then))
		return kq_fail(fault, -EBADMSG, "%s/undo/after.json: is damaged", state);
	differs = kq_hashes_differ(current, then);
	return differs ? kq_fail(fault, KQ_REFUSED,
				 "%s/%s: changed since the rebase; the old queue is in %s/undo/queue",
				 queue->s, differs, state) :
			 0;
}

static int load_undo(const char *state, struct json_object **ret_after, struct kq_path *ret_queue,
		     struct kq_fault *fault)
{
	struct kq_path path;
	int rc = undo_path(state, "/queue", &path, fault);

	if (!rc && access(path.s, F_OK))
		rc = kq_fail(fault, KQ_REFUSED, "%s: there is no rebase to undo", state);
	if (!rc)
		rc = undo_path(state, "/after.json", &path, fault);
	if (!rc)
		rc = kq_json_load(path.s, ret_after, fault);
	return rc ? rc : kq_path(ret_queue, fault, "%s", kq_json_get(*ret_after, "queue"));
}

/* struct keeping - resolutions that only the new queue has; they are pending again */
struct keeping {
	struct kq_path old;
	struct kq_path new;
	struct kq_path pending;
};

static int keep_one(void *arg, const char *name, struct kq_fault *fault)
{
	const struct keeping *k = arg;
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct kq_path old, new, pending;
	int rc = kq_path(&old, fault, "%s/%s", k->old.s, name);

	if (!rc)
		rc = kq_path(&new, fault, "%s/%s", k->new.s, name);
	if (!rc)
		rc = kq_path(&pending, fault, "%s/%s", k->pending.s, name);
	if (rc || !access(old.s, F_OK))
		return rc;
	if (kq_file_load(new.s, KQ_MAX_FILE_BYTES, &text, fault))
		return fault->err;
	return kq_file_publish(pending.s, &text, 0666, fault);
}

/* What a person has resolved is not asked again. */
static int keep_answers(const char *state, const char *queue, const struct kq_path *old,
			struct kq_fault *fault)
{
	struct keeping k = { 0 };
	int rc = kq_path(&k.old, fault, "%s/resolutions", old->s);

	if (!rc)
		rc = kq_path(&k.new, fault, "%s/resolutions", queue);
	if (!rc)
		rc = kq_path(&k.pending, fault, "%s/resolutions", state);
	if (rc || access(k.new.s, F_OK))
		return rc;
	rc = kq_folder_make(k.pending.s, fault);
	return rc ? rc : kq_folder_walk(k.new.s, keep_one, &k, fault);
}

/* A copy of the old queue, then the step, then what it was copied from. */
static int swap_back(const char *state, struct kq_next *next, struct json_object *after,
		     struct kq_fault *fault)
{
	struct kq_path undo, old;
	int rc = undo_path(state, "", &undo, fault);

	if (!rc)
		rc = undo_path(state, "/queue", &old, fault);
	if (!rc)
		rc = kq_folder_remove(next->dir.s, fault);
	if (!rc)
		rc = kq_folder_copy(old.s, next->dir.s, fault);
	if (!rc)
		rc = kq_folder_sync(next->dir.s, fault);
	if (!rc)
		rc = check_same(after, state, &next->queue, fault);
	if (!rc)
		rc = keep_answers(state, next->queue.s, &old, fault);
	if (!rc)
		rc = kq_next_swap(next, fault);
	if (!rc)
		rc = kq_folder_remove(undo.s, fault);
	return rc;
}

int kq_undo(const char *state, struct kq_path *ret_queue, struct kq_fault *fault)
{
	__cleanup(kq_json_done) struct json_object *after = NULL;
	__cleanup(kq_next_done) struct kq_next next = { .lock_fd = -1 };
	struct kq_fault ignored = { 0 };
	int rc = load_undo(state, &after, ret_queue, fault);

	if (!rc)
		rc = kq_next_of(ret_queue->s, &next, fault);
	if (!rc)
		rc = kq_next_lock(&next, fault);
	if (!rc)
		rc = kq_next_repair(&next, fault);
	if (rc)
		return rc;
	rc = swap_back(state, &next, after, fault);
	if (kq_next_remove(&next, &ignored) && !rc)
		rc = kq_fail(fault, ignored.err, "%s", ignored.line);
	return rc;
}
