// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "engine/apply.h"
#include "stack/conflict.h"
#include "stack/publish.h"
#include "stack/resolution.h"
#include "text/child.h"
#include "text/file.h"
#include "text/dir.h"
#include "text/git.h"
#include "text/json.h"
#include "text/text.h"
#include "work/restack.h"
#include "work/worktree.h"

static int pending_path(const char *state, const char *name, struct kq_path *ret_path,
			struct kq_error *error)
{
	return kq_path(ret_path, error, "%s/pending%s%s", state, *name ? "/" : "", name);
}

/* Of the queue that the edit was made on: series and patches. */
static int hash_queue(const struct kq_stack *stack, struct kq_hex *ret_hash, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf all = { 0 };
	size_t i;

	ks_put(&all, ks_buf_span(&stack->series.text));
	for (i = 0; i < stack->series.nr; i++)
		ks_put_str(&all, stack->patch[i].sha256.text);
	if (kq_buf_check(&all, error))
		return error->err;
	return kq_sha256(ks_buf_span(&all), ret_hash, error);
}

/* The plan last: an edit waits when there is one (kq_edit_waits()). */
static int save_plan(const struct kq_edition *edition, const char *state, size_t idx,
		     struct kq_error *error)
{
	const struct kq_item *item = &edition->item[idx];
	__cleanup(kq_json_done) struct json_object *plan = json_object_new_object();
	struct kq_path path;
	struct kq_hex hash;
	int rc = pending_path(state, "", &path, error);

	if (!rc)
		rc = kq_dir_make(path.s, error);
	if (!rc)
		rc = hash_queue(&edition->old, &hash, error);
	if (!rc)
		rc = pending_path(state, "text", &path, error);
	if (!rc)
		rc = kq_file_publish(path.s, &item->text, 0666, error);
	if (!rc)
		rc = pending_path(state, "plan.json", &path, error);
	if (rc)
		return rc;
	kq_json_str(plan, "queue", edition->queue);
	kq_json_str(plan, "base", edition->base ? edition->base : "");
	kq_json_str(plan, "patch", edition->old.series.entry[item->from].name);
	kq_json_str(plan, "name", item->name);
	kq_json_str(plan, "hash", hash.text);
	return kq_json_save(path.s, plan, error);
}

/* Return: 0 with an answer; KQ_REFUSED with what a person has to do. */
static int ask_about_conflict(struct kq_edition *edition, const char *state, struct kq_error *error)
{
	const struct kq_conflict *conflict = edition->conflict.conflict;
	struct kq_path dir, kept = { "" };
	const struct kq_ask ask = {
		.dir = dir.s,
		.state = state,
		.patch = edition->conflict_name,
		.from = "before",
		.to = "after",
		.verdict = &edition->conflict,
	};
	struct kq_error undecided = { 0 };
	enum kq_answered answered = KQ_NOT_ASKED;
	int rc = pending_path(state, "conflict", &dir, error);

	if (!rc)
		rc = kq_conflict_read_or_open(&ask, &answered, &undecided, &kept, error);
	if (rc || answered == KQ_ANSWERED)
		return rc;
	if (answered == KQ_UNDECIDED)
		return kq_fail(error, KQ_REFUSED, "%s", undecided.line);
	return kq_fail(error, KQ_REFUSED,
		       "%s: %.*s: conflicts with the edit: %s; resolve it in %s/tree, then kq continue, or kq abort",
		       edition->conflict_name, KQ_FMT(conflict->path),
		       kq_trouble_text(conflict->trouble), dir.s);
}

/* Once more from the start, with the answer. */
static int build_again(struct kq_edition *edition, size_t notes_bytes, struct kq_error *error)
{
	kq_verdict_done(&edition->conflict);
	free(edition->conflict_name);
	edition->conflict_name = NULL;
	edition->notes.bytes = notes_bytes;
	kq_stack_done(&edition->new);
	return kq_edition_build(edition, error);
}

static int ask_until_done(struct kq_edition *edition, const char *state, size_t idx,
			  struct kq_error *error)
{
	size_t notes_bytes = edition->notes.bytes;
	int rc = kq_edition_build(edition, error);

	while (!rc) {
		struct kq_error why = { 0 };

		rc = kq_edition_restack(edition, &why);
		if (!rc)
			return kq_edition_publish(edition, error);
		if (!edition->conflict_name)
			return kq_fail(error, rc, "%s", why.line);
		rc = save_plan(edition, state, idx, error);
		if (!rc)
			rc = ask_about_conflict(edition, state, error);
		if (!rc)
			rc = build_again(edition, notes_bytes, error);
	}
	return rc;
}

/* Make the edition; at a conflict ask, and save what is needed to go on. @idx: of the edited item
 */
static int go_on(struct kq_edition *edition, const char *state, size_t idx, struct kq_error *error)
{
	__cleanup(kq_resolver_done) struct kq_resolver resolver = { 0 };
	int rc = kq_resolver_init(state, edition->queue, &resolver, error);

	if (rc)
		return rc;
	edition->resolver = &resolver;
	rc = ask_until_done(edition, state, idx, error);
	edition->resolver = NULL;
	return rc;
}

/* struct session - one edit under way */
struct session {
	const struct kq_edit *edit;
	struct kq_edition edition;
	struct kq_path dir;
	struct kq_overlay before;
	struct kq_overlay after;
	struct kq_worktree worktree;
	size_t idx;
	struct kq_error *error;
};

static void session_done(struct session *s)
{
	kq_overlay_done(&s->before);
	kq_overlay_done(&s->after);
	kq_edition_done(&s->edition);
}

/* Without --sku or --arch the first that the patch's own line names. */
static int select_below(const struct session *s, struct kq_path room[2],
			struct kq_selection *ret_selection)
{
	const struct kq_entry *entry = &s->edition.old.series.entry[s->idx];
	int rc;

	*ret_selection = s->edit->selection;
	rc = kq_selection_first(entry, ret_selection, room, s->error);
	if (rc)
		return rc;
	if (kq_selected(entry, ret_selection))
		return 0;
	return kq_fail(s->error, KQ_REFUSED, "%s: is not for this SKU and architecture",
		       entry->name);
}

/* All files that the queue touches, as they are before and after the patch. */
static int load_states(struct session *s)
{
	struct kq_selection selection;
	struct kq_path room[2];
	struct kq_node *unused;
	size_t i, k;
	int rc = select_below(s, room, &selection);

	s->before.source = &s->edition.bases.release[0]->source;
	for (i = 0; i < s->edition.old.series.nr && !rc; i++)
		for (k = 0; k < s->edition.old.patch[i].patch.nr_files && !rc; k++)
			rc = kq_overlay_get(&s->before, s->edition.old.patch[i].patch.file[k].path,
					    &unused, s->error);
	if (!rc)
		rc = kq_stack_apply(&s->edition.old, 0, s->idx, &selection, &s->before, s->error);
	if (!rc)
		rc = kq_overlay_clone(&s->before, &s->after, s->error);
	return rc ? rc
		  : kq_apply_patch(&s->after, &s->edition.old.patch[s->idx].patch, NULL, s->error);
}

static int run_command(const struct session *s)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	const struct kq_child child = {
		.argv = s->edit->command,
		.env = kq_git_users_env,
		.dir = s->worktree.dir.s,
		.terminal = true,
	};
	int rc = kq_child_run(&child, &end, s->error);

	if (rc || !end.status)
		return rc;
	return kq_fail(s->error, -EIO, "%s: nothing is changed, since %s ended with %d",
		       s->edition.old.series.entry[s->idx].name, s->edit->command[0], end.status);
}

static int put_result(struct session *s, struct ks_buf *ret_notes)
{
	__cleanup(kq_work_result_done) struct kq_work_result result = { 0 };
	const struct kq_loaded *old = &s->edition.old.patch[s->idx];
	struct kq_item *item = &s->edition.item[s->idx];
	int rc = kq_worktree_read(&s->worktree, &result, s->error);

	if (!rc)
		rc = kq_worktree_refresh(&old->patch, ks_buf_span(&old->text), &s->before,
					 &s->after, &result, &item->text, s->error);
	if (rc || ks_span_eq(ks_buf_span(&item->text), ks_buf_span(&old->text)))
		return rc;
	rc = kq_item_rename(&s->edition, item, s->error);
	if (rc)
		return rc;
	kq_edition_note(&s->edition, item->name, "edited");
	rc = go_on(&s->edition, s->edit->state, s->idx, s->error);
	if (!rc)
		ks_buf_move(ret_notes, &s->edition.notes);
	return rc;
}

/* Only an untouched work tree may go after a failure: the other has somebody's work in it. */
static bool is_untouched(struct session *s)
{
	__cleanup(kq_work_result_done) struct kq_work_result result = { 0 };
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	const struct kq_loaded *old = &s->edition.old.patch[s->idx];
	struct kq_error ignored = { 0 };

	return !kq_worktree_read(&s->worktree, &result, &ignored) &&
	       !kq_worktree_refresh(&old->patch, ks_buf_span(&old->text), &s->before, &s->after,
				    &result, &text, &ignored) &&
	       ks_span_eq(ks_buf_span(&text), ks_buf_span(&old->text));
}

static int open_session(struct session *s)
{
	const struct kq_edit *edit = s->edit;
	int rc = kq_edition_open(edit->queue, edit->base, edit->state, &s->edition, s->error);

	if (!rc)
		rc = kq_path(&s->dir, s->error, "%s/edit", edit->state);
	if (!rc)
		rc = kq_edition_find(&s->edition, edit->patch, &s->idx, s->error);
	if (!rc)
		rc = kq_edition_base(&s->edition, s->error);
	if (!rc)
		rc = load_states(s);
	return rc ? rc
		  : kq_worktree_make(s->dir.s, &s->edition.old.patch[s->idx].patch, &s->before,
				     &s->after, &s->worktree, s->error);
}

int kq_edit(const struct kq_edit *edit, struct ks_buf *ret_notes, struct kq_error *error)
{
	__cleanup(session_done) struct session s = { .edit = edit, .error = error };
	struct kq_error why = { 0 };
	int rc = open_session(&s);

	if (rc)
		return rc;
	s.error = &why;
	rc = run_command(&s);
	if (!rc)
		rc = put_result(&s, ret_notes);
	s.error = error;
	if (!rc || is_untouched(&s)) {
		int removed = kq_dir_remove(s.worktree.dir.s, error);

		return rc ? kq_fail(error, rc, "%s", why.line) : removed;
	}
	return kq_fail(error, rc, "%s (your work is still in %s)", why.line, s.worktree.dir.s);
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
		rc = pending_path(state, "plan.json", &path, error);
	return rc ? rc : kq_json_load(path.s, &w->plan, error);
}

static int load_waiting(const char *state, struct waiting *w, struct kq_error *error)
{
	const char *base, *name;
	struct kq_path path;
	struct kq_item *item;
	struct kq_hex hash;
	int rc = load_plan(state, w, error);

	if (rc)
		return rc;
	base = kq_json_get(w->plan, "base");
	name = kq_json_get(w->plan, "name");
	rc = kq_edition_load(kq_json_get(w->plan, "queue"), *base ? base : NULL, &w->edition,
			     error);
	if (!rc)
		rc = hash_queue(&w->edition.old, &hash, error);
	if (!rc && strcmp(hash.text, kq_json_get(w->plan, "hash")))
		rc = kq_fail(error, KQ_REFUSED,
			     "%s: was changed since the edit; kq abort keeps your work in %s/edit",
			     w->edition.queue, state);
	if (!rc)
		rc = kq_edition_find(&w->edition, kq_json_get(w->plan, "patch"), &w->idx, error);
	if (!rc)
		rc = pending_path(state, "text", &path, error);
	if (rc)
		return rc;
	item = &w->edition.item[w->idx];
	if (kq_file_load(path.s, KQ_MAX_PATCH_BYTES, &item->text, error))
		return error->err;
	free(item->name);
	item->name = strdup(name);
	kq_edition_note(&w->edition, name, "edited");
	return item->name ? 0 : kq_no_memory(error);
}

/* The queue has it: the work tree goes aside, not away, for whoever went on in it. */
static int put_edit_aside(const char *state, struct kq_error *error)
{
	struct kq_path edit, aside, pending;
	int rc = kq_path(&edit, error, "%s/edit", state);

	if (!rc)
		rc = kq_path(&aside, error, "%s/edit.taken", state);
	if (!rc)
		rc = pending_path(state, "", &pending, error);
	if (!rc)
		rc = kq_dir_remove(aside.s, error);
	if (!rc && rename(edit.s, aside.s) && errno != ENOENT)
		rc = kq_fail(error, -errno, "%s: %s", edit.s, strerror(errno));
	return rc ? rc : kq_dir_remove(pending.s, error);
}

int kq_edit_continue(const char *state, struct ks_buf *ret_notes, struct kq_error *error)
{
	__cleanup(waiting_done) struct waiting w = { 0 };
	int rc = load_waiting(state, &w, error);

	if (!rc)
		rc = go_on(&w.edition, state, w.idx, error);
	if (!rc)
		rc = put_edit_aside(state, error);
	if (!rc)
		ks_buf_move(ret_notes, &w.edition.notes);
	return rc;
}

int kq_edit_abort(const char *state, struct kq_path *ret_kept, struct kq_error *error)
{
	__cleanup(waiting_done) struct waiting w = { 0 };
	struct kq_path dir;
	int rc = kq_lock_dir(state, &w.lock_fd, error);

	ret_kept->s[0] = '\0';
	if (!rc)
		rc = pending_path(state, "conflict", &dir, error);
	if (!rc)
		rc = kq_conflict_close(dir.s, state, ret_kept, error);
	if (!rc)
		rc = pending_path(state, "", &dir, error);
	return rc ? rc : kq_dir_remove(dir.s, error);
}
