// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/pending.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "stack/conflict.h"
#include "stack/next.h"
#include "stack/resolve.h"
#include "text/dir.h"
#include "text/json.h"
#include "text/text.h"

static int path_of(const char *state, const char *name, struct kq_path *ret_path,
		   struct kq_error *error)
{
	return kq_path(ret_path, error, "%s/pending%s%s", state, *name ? "/" : "", name);
}

bool kq_pending_is(const char *state)
{
	struct kq_error ignored = { 0 };
	struct kq_path plan;

	return !path_of(state, "plan.json", &plan, &ignored) && !access(plan.s, F_OK);
}

/* All that was edited on top of. */
static int hash_queue(const struct kq_stack *stack, struct kq_hex *ret_hash, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf all = { 0 };
	struct ks_diag diag = { 0 };
	size_t i;

	ks_put(&all, ks_buf_span(&stack->series.text));
	for (i = 0; i < stack->series.nr; i++)
		ks_put_str(&all, stack->patch[i].sha256.text);
	if (ks_buf_ok(&all, &diag))
		return kq_fail_diag(error, &diag);
	return kq_sha256(ks_buf_span(&all), ret_hash, error);
}

/* The plan last: without it nothing waits. */
static int save(const struct kq_edition *edition, const char *state, size_t idx,
		struct kq_error *error)
{
	const struct kq_item *item = &edition->item[idx];
	__cleanup(kq_json_done) struct json_object *plan = json_object_new_object();
	struct ks_span text = ks_buf_span(&item->text);
	struct ks_diag diag = { 0 };
	struct kq_path path;
	struct kq_hex hash;
	int rc = path_of(state, "", &path, error);

	if (!rc)
		rc = kq_dir_make(path.s, error);
	if (!rc)
		rc = hash_queue(&edition->old, &hash, error);
	if (!rc)
		rc = path_of(state, "text", &path, error);
	if (!rc && ks_file_publish(path.s, &text, 1, 0666, &diag))
		rc = kq_fail_diag(error, &diag);
	if (!rc)
		rc = path_of(state, "plan.json", &path, error);
	if (rc)
		return rc;
	kq_json_str(plan, "queue", edition->queue);
	kq_json_str(plan, "base", edition->base ? edition->base : "");
	kq_json_str(plan, "patch", edition->old.series.entry[item->from].name);
	kq_json_str(plan, "name", item->name);
	kq_json_str(plan, "hash", hash.text);
	return kq_json_save(path.s, plan, error);
}

/* Take the answer, or ask. */
static int converse(struct kq_edition *edition, const char *state, enum kq_answered *ret_answered,
		    struct kq_error *error)
{
	const struct kq_conflict *conflict = edition->conflict.conflict;
	struct kq_path dir, kept = { "" };
	const struct kq_ask ask = {
		.dir = dir.s, .state = state, .patch = edition->conflict_name, .from = "before",
		.to = "after", .verdict = &edition->conflict,
	};
	struct kq_error undecided = { 0 };
	int rc = path_of(state, "conflict", &dir, error);

	if (!rc)
		rc = kq_dir_make(edition->resolver->pending.s, error);
	if (rc)
		return rc;
	rc = kq_conflict_take(&ask, ret_answered, &undecided);
	if (rc)
		return kq_fail(error, rc, "%s", undecided.line);
	if (*ret_answered == KQ_ANSWERED)
		return kq_conflict_close(dir.s, state, &kept, error);
	if (*ret_answered == KQ_NOT_ASKED)
		rc = kq_conflict_open(&ask, &kept, error);
	else
		return kq_fail(error, KQ_REFUSED, "%s", undecided.line);
	return rc ? rc : kq_fail(error, KQ_REFUSED,
				 "%s: %.*s: conflicts with the edit: %s; resolve it in %s/tree, then kq continue, or kq abort",
				 edition->conflict_name, KQ_FMT(conflict->path),
				 kq_trouble_text(conflict->trouble), dir.s);
}

/* Once more from the start, with the answer. */
static int again(struct kq_edition *edition, size_t notes_bytes, struct kq_error *error)
{
	kq_verdict_done(&edition->conflict);
	free(edition->conflict_name);
	edition->conflict_name = NULL;
	edition->notes.bytes = notes_bytes;
	kq_stack_done(&edition->new);
	return kq_edition_build(edition, error);
}

static int go(struct kq_edition *edition, const char *state, size_t idx, struct kq_error *error)
{
	enum kq_answered answered;
	size_t notes_bytes = edition->notes.bytes;
	int rc = kq_edition_build(edition, error);

	while (!rc) {
		struct kq_error why = { 0 };

		rc = kq_edition_settle(edition, &why);
		if (!rc)
			return kq_edition_publish(edition, error);
		if (!edition->conflict_name)
			return kq_fail(error, rc, "%s", why.line);
		rc = save(edition, state, idx, error);
		if (!rc)
			rc = converse(edition, state, &answered, error);
		if (!rc)
			rc = again(edition, notes_bytes, error);
	}
	return rc;
}

int kq_pending_go(struct kq_edition *edition, const char *state, size_t idx, struct kq_error *error)
{
	__cleanup(kq_resolver_done) struct kq_resolver resolver = { 0 };
	int rc = kq_resolver_init(state, edition->queue, &resolver, error);

	if (rc)
		return rc;
	edition->resolver = &resolver;
	rc = go(edition, state, idx, error);
	edition->resolver = NULL;
	return rc;
}

/* struct waiting - what was saved, and the edition made of it */
struct waiting {
	struct json_object *plan;
	struct kq_edition edition;
	int lock_fd;
	size_t idx;
};

static void waiting_done(struct waiting *w)
{
	kq_edition_done(&w->edition);
	kq_json_done(&w->plan);
	if (w->lock_fd > 0)
		ks_close_fd(&w->lock_fd);
}

static int load_plan(const char *state, struct waiting *w, struct kq_error *error)
{
	struct kq_path path;
	int rc = kq_lock_dir(state, &w->lock_fd, error);

	if (!rc)
		rc = path_of(state, "plan.json", &path, error);
	return rc ? rc : kq_json_load(path.s, &w->plan, error);
}

static int load(const char *state, struct waiting *w, struct kq_error *error)
{
	const char *base, *name;
	struct ks_diag diag = { 0 };
	struct kq_path path;
	struct kq_item *item;
	struct kq_hex hash;
	int rc = load_plan(state, w, error);

	if (rc)
		return rc;
	base = kq_json_get(w->plan, "base");
	name = kq_json_get(w->plan, "name");
	rc = kq_edition_load(kq_json_get(w->plan, "queue"), *base ? base : NULL, &w->edition, error);
	if (!rc)
		rc = hash_queue(&w->edition.old, &hash, error);
	if (!rc && strcmp(hash.text, kq_json_get(w->plan, "hash")))
		rc = kq_fail(error, KQ_REFUSED,
			     "%s: was changed since the edit; kq abort keeps your work in %s/edit",
			     w->edition.queue, state);
	if (!rc)
		rc = kq_edition_find(&w->edition, kq_json_get(w->plan, "patch"), &w->idx, error);
	if (!rc)
		rc = path_of(state, "text", &path, error);
	if (rc)
		return rc;
	item = &w->edition.item[w->idx];
	if (ks_file_load(path.s, KQ_MAX_PATCH_BYTES, &item->text, &diag))
		return kq_fail_diag(error, &diag);
	free(item->name);
	item->name = strdup(name);
	ks_put_str(&w->edition.notes, name);
	ks_put_str(&w->edition.notes, ": edited\n");
	return item->name ? 0 : kq_no_memory(error);
}

/* The queue has it: the work tree goes aside, not away, for whoever went on in it. */
static int settle(const char *state, struct kq_error *error)
{
	struct kq_path edit, taken, pending;
	int rc = kq_path(&edit, error, "%s/edit", state);

	if (!rc)
		rc = kq_path(&taken, error, "%s/edit.taken", state);
	if (!rc)
		rc = path_of(state, "", &pending, error);
	if (!rc)
		rc = kq_dir_remove(taken.s, error);
	if (!rc && rename(edit.s, taken.s) && errno != ENOENT)
		rc = kq_fail(error, -errno, "%s: %s", edit.s, strerror(errno));
	return rc ? rc : kq_dir_remove(pending.s, error);
}

int kq_pending_continue(const char *state, struct ks_buf *ret_notes, struct kq_error *error)
{
	__cleanup(waiting_done) struct waiting w = { 0 };
	int rc = load(state, &w, error);

	if (!rc)
		rc = kq_pending_go(&w.edition, state, w.idx, error);
	if (!rc)
		rc = settle(state, error);
	if (!rc)
		ks_buf_move(ret_notes, &w.edition.notes);
	return rc;
}

int kq_pending_abort(const char *state, struct kq_path *ret_kept, struct kq_error *error)
{
	__cleanup(waiting_done) struct waiting w = { 0 };
	struct kq_path dir;
	int rc = kq_lock_dir(state, &w.lock_fd, error);

	ret_kept->s[0] = '\0';
	if (!rc)
		rc = path_of(state, "conflict", &dir, error);
	if (!rc)
		rc = kq_conflict_close(dir.s, state, ret_kept, error);
	if (!rc)
		rc = path_of(state, "", &dir, error);
	return rc ? rc : kq_dir_remove(dir.s, error);
}
