// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/pending.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "stack/conflict.h"
#include "stack/publish.h"
#include "stack/resolution.h"
#include "text/folder.h"
#include "text/json.h"
#include "text/text.h"
#include "work/restack.h"

static int path_of(const char *state, const char *name, struct kq_path *ret_path,
		   struct kq_fault *fault)
{
	return kq_path(ret_path, fault, "%s/pending%s%s", state, *name ? "/" : "", name);
}

/* All that was edited on top of. */
static int hash_queue(const struct kq_stack *stack, struct kq_hex *ret_hash, struct kq_fault *fault)
{
	__cleanup(ks_buf_done) struct ks_buf all = { 0 };
	struct ks_diag diag = { 0 };
	size_t i;

	ks_put(&all, ks_buf_span(&stack->series.text));
	for (i = 0; i < stack->series.nr; i++)
		ks_put_str(&all, stack->patch[i].sha256.text);
	if (ks_buf_ok(&all, &diag))
		return kq_fail_diag(fault, &diag);
	return kq_sha256(ks_buf_span(&all), ret_hash, fault);
}

/* The plan last: without it nothing waits. */
static int save(const struct kq_edition *edition, const char *state, size_t idx,
		struct kq_fault *fault)
{
	const struct kq_item *item = &edition->item[idx];
	__cleanup(kq_json_done) struct json_object *plan = json_object_new_object();
	struct ks_span text = ks_buf_span(&item->text);
	struct ks_diag diag = { 0 };
	struct kq_path path;
	struct kq_hex hash;
	int rc = path_of(state, "", &path, fault);

	if (!rc)
		rc = kq_folder_make(path.s, fault);
	if (!rc)
		rc = hash_queue(&edition->old, &hash, fault);
	if (!rc)
		rc = path_of(state, "text", &path, fault);
	if (!rc && ks_file_publish(path.s, &text, 1, 0666, &diag))
		rc = kq_fail_diag(fault, &diag);
	if (!rc)
		rc = path_of(state, "plan.json", &path, fault);
	if (rc)
		return rc;
	kq_json_str(plan, "queue", edition->queue);
	kq_json_str(plan, "base", edition->base ? edition->base : "");
	kq_json_str(plan, "patch", edition->old.series.entry[item->from].name);
	kq_json_str(plan, "name", item->name);
	kq_json_str(plan, "hash", hash.text);
	return kq_json_save(path.s, plan, fault);
}

/* Take the answer, or ask. */
static int converse(struct kq_edition *edition, const char *state, enum kq_answered *ret_answered,
		    struct kq_fault *fault)
{
	const struct kq_conflict *conflict = edition->conflict.conflict;
	struct kq_path dir, kept = { "" };
	const struct kq_ask ask = {
		.dir = dir.s, .state = state, .patch = edition->conflict_name, .from = "before",
		.to = "after", .judgement = &edition->conflict,
	};
	struct kq_fault undecided = { 0 };
	int rc = path_of(state, "conflict", &dir, fault);

	if (!rc)
		rc = kq_folder_make(edition->resolver->pending.s, fault);
	if (rc)
		return rc;
	rc = kq_conflict_take(&ask, ret_answered, &undecided);
	if (rc)
		return kq_fail(fault, rc, "%s", undecided.line);
	if (*ret_answered == KQ_ANSWERED)
		return kq_conflict_close(dir.s, state, &kept, fault);
	if (*ret_answered == KQ_NOT_ASKED)
		rc = kq_conflict_open(&ask, &kept, fault);
	else
		return kq_fail(fault, KQ_REFUSED, "%s", undecided.line);
	return rc ? rc : kq_fail(fault, KQ_REFUSED,
				 "%s: %.*s: conflicts with the edit: %s; resolve it in %s/tree, then kq continue, or kq abort",
				 edition->conflict_name, KQ_FMT(conflict->path),
				 kq_trouble_text(conflict->trouble), dir.s);
}

/* Once more from the start, with the answer. */
static int again(struct kq_edition *edition, size_t notes_bytes, struct kq_fault *fault)
{
	kq_judgement_done(&edition->conflict);
	free(edition->conflict_name);
	edition->conflict_name = NULL;
	edition->notes.bytes = notes_bytes;
	kq_stack_done(&edition->new);
	return kq_edition_build(edition, fault);
}

static int go(struct kq_edition *edition, const char *state, size_t idx, struct kq_fault *fault)
{
	enum kq_answered answered;
	size_t notes_bytes = edition->notes.bytes;
	int rc = kq_edition_build(edition, fault);

	while (!rc) {
		struct kq_fault why = { 0 };

		rc = kq_edition_restack(edition, &why);
		if (!rc)
			return kq_edition_publish(edition, fault);
		if (!edition->conflict_name)
			return kq_fail(fault, rc, "%s", why.line);
		rc = save(edition, state, idx, fault);
		if (!rc)
			rc = converse(edition, state, &answered, fault);
		if (!rc)
			rc = again(edition, notes_bytes, fault);
	}
	return rc;
}

int kq_pending_go(struct kq_edition *edition, const char *state, size_t idx, struct kq_fault *fault)
{
	__cleanup(kq_resolver_done) struct kq_resolver resolver = { 0 };
	int rc = kq_resolver_init(state, edition->queue, &resolver, fault);

	if (rc)
		return rc;
	edition->resolver = &resolver;
	rc = go(edition, state, idx, fault);
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

static int load_plan(const char *state, struct waiting *w, struct kq_fault *fault)
{
	struct kq_path path;
	int rc = kq_lock_folder(state, &w->lock_fd, fault);

	if (!rc)
		rc = path_of(state, "plan.json", &path, fault);
	return rc ? rc : kq_json_load(path.s, &w->plan, fault);
}

static int load(const char *state, struct waiting *w, struct kq_fault *fault)
{
	const char *base, *name;
	struct ks_diag diag = { 0 };
	struct kq_path path;
	struct kq_item *item;
	struct kq_hex hash;
	int rc = load_plan(state, w, fault);

	if (rc)
		return rc;
	base = kq_json_get(w->plan, "base");
	name = kq_json_get(w->plan, "name");
	rc = kq_edition_load(kq_json_get(w->plan, "queue"), *base ? base : NULL, &w->edition, fault);
	if (!rc)
		rc = hash_queue(&w->edition.old, &hash, fault);
	if (!rc && strcmp(hash.text, kq_json_get(w->plan, "hash")))
		rc = kq_fail(fault, KQ_REFUSED,
			     "%s: was changed since the edit; kq abort keeps your work in %s/edit",
			     w->edition.queue, state);
	if (!rc)
		rc = kq_edition_find(&w->edition, kq_json_get(w->plan, "patch"), &w->idx, fault);
	if (!rc)
		rc = path_of(state, "text", &path, fault);
	if (rc)
		return rc;
	item = &w->edition.item[w->idx];
	if (ks_file_load(path.s, KQ_MAX_PATCH_BYTES, &item->text, &diag))
		return kq_fail_diag(fault, &diag);
	free(item->name);
	item->name = strdup(name);
	ks_put_str(&w->edition.notes, name);
	ks_put_str(&w->edition.notes, ": edited\n");
	return item->name ? 0 : kq_no_memory(fault);
}

/* The queue has it: the work tree goes aside, not away, for whoever went on in it. */
static int settle(const char *state, struct kq_fault *fault)
{
	struct kq_path edit, taken, pending;
	int rc = kq_path(&edit, fault, "%s/edit", state);

	if (!rc)
		rc = kq_path(&taken, fault, "%s/edit.taken", state);
	if (!rc)
		rc = path_of(state, "", &pending, fault);
	if (!rc)
		rc = kq_folder_remove(taken.s, fault);
	if (!rc && rename(edit.s, taken.s) && errno != ENOENT)
		rc = kq_fail(fault, -errno, "%s: %s", edit.s, strerror(errno));
	return rc ? rc : kq_folder_remove(pending.s, fault);
}

int kq_pending_continue(const char *state, struct ks_buf *ret_notes, struct kq_fault *fault)
{
	__cleanup(waiting_done) struct waiting w = { 0 };
	int rc = load(state, &w, fault);

	if (!rc)
		rc = kq_pending_go(&w.edition, state, w.idx, fault);
	if (!rc)
		rc = settle(state, fault);
	if (!rc)
		ks_buf_move(ret_notes, &w.edition.notes);
	return rc;
}

int kq_pending_abort(const char *state, struct kq_path *ret_kept, struct kq_fault *fault)
{
	__cleanup(waiting_done) struct waiting w = { 0 };
	struct kq_path dir;
	int rc = kq_lock_folder(state, &w.lock_fd, fault);

	ret_kept->s[0] = '\0';
	if (!rc)
		rc = path_of(state, "conflict", &dir, fault);
	if (!rc)
		rc = kq_conflict_close(dir.s, state, ret_kept, fault);
	if (!rc)
		rc = path_of(state, "", &dir, fault);
	return rc ? rc : kq_folder_remove(dir.s, fault);
}
