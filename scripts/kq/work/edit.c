// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/edit.h"

#include <stdio.h>
#include <string.h>

#include "engine/apply.h"
#include "text/child.h"
#include "text/dir.h"
#include "text/git.h"
#include "text/text.h"
#include "work/edition.h"
#include "work/number.h"
#include "work/pending.h"
#include "work/refold.h"

/* struct desk - one edit under way */
struct desk {
	const struct kq_edit *edit;
	struct kq_edition edition;
	struct kq_path dir;
	struct kq_overlay before;
	struct kq_overlay after;
	struct kq_worktree worktree;
	size_t idx;
	struct kq_error *error;
};

static void desk_done(struct desk *d)
{
	kq_overlay_done(&d->before);
	kq_overlay_done(&d->after);
	kq_edition_done(&d->edition);
}

/* Without --sku or --arch the first that the patch's own line names. */
static int select_below(const struct desk *d, char sku[256], char arch[256],
			struct kq_selection *ret_selection)
{
	const struct kq_entry *entry = &d->edition.old.series.entry[d->idx];
	struct ks_span list = entry->sku, item;

	*ret_selection = d->edit->selection;
	if (!ret_selection->sku && kq_series_item(&list, &item)) {
		snprintf(sku, 256, "%.*s", KQ_FMT(item));
		ret_selection->sku = sku;
	}
	list = entry->arch;
	if (!ret_selection->arch && kq_series_item(&list, &item)) {
		snprintf(arch, 256, "%.*s", KQ_FMT(item));
		ret_selection->arch = arch;
	}
	if (kq_selected(entry, ret_selection))
		return 0;
	return kq_fail(d->error, KQ_REFUSED, "%s: is not for this SKU and architecture",
		       entry->name);
}

/* All files that the queue touches, as they are before and after the patch. */
static int load_states(struct desk *d)
{
	__cleanup(ks_buf_done) struct ks_buf notes = { 0 };
	struct kq_selection selection;
	char sku[256], arch[256];
	struct kq_node *unused;
	size_t i, k;
	int rc = select_below(d, sku, arch, &selection);

	d->before.source = &d->edition.bases.release[0]->source;
	for (i = 0; i < d->edition.old.series.nr && !rc; i++)
		for (k = 0; k < d->edition.old.patch[i].patch.nr_files && !rc; k++)
			rc = kq_overlay_get(&d->before, d->edition.old.patch[i].patch.file[k].path,
					    &unused, d->error);
	if (!rc)
		rc = kq_stack_apply(&d->edition.old, d->idx, &selection, &d->before, &notes, d->error);
	if (!rc)
		rc = kq_overlay_clone(&d->before, &d->after, d->error);
	return rc ? rc : kq_apply_patch(&d->after, &d->edition.old.patch[d->idx].patch, &notes, d->error);
}

static int run_command(const struct desk *d)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	const struct kq_child child = {
		.argv = d->edit->command, .env = kq_git_users_env, .dir = d->worktree.dir.s, .terminal = true,
	};
	int rc = kq_child_run(&child, &end, d->error);

	if (rc || !end.status)
		return rc;
	return kq_fail(d->error, -EIO, "%s: nothing is changed, since %s ended with %d",
		       d->edition.old.series.entry[d->idx].name, d->edit->command[0], end.status);
}

static int take_result(struct desk *d, struct ks_buf *ret_notes)
{
	__cleanup(kq_work_result_done) struct kq_work_result result = { 0 };
	const struct kq_loaded *old = &d->edition.old.patch[d->idx];
	struct kq_item *item = &d->edition.item[d->idx];
	int rc = kq_worktree_read(&d->worktree, &result, d->error);

	if (!rc)
		rc = kq_refold(&old->patch, ks_buf_span(&old->text), &d->before, &d->after,
			       &result, &item->text, d->error);
	if (rc || ks_span_eq(ks_buf_span(&item->text), ks_buf_span(&old->text)))
		return rc;
	rc = kq_item_rename(&d->edition, item, d->error);
	if (rc)
		return rc;
	ks_put_str(&d->edition.notes, item->name);
	ks_put_str(&d->edition.notes, ": edited\n");
	rc = kq_pending_go(&d->edition, d->edit->state, d->idx, d->error);
	if (!rc)
		ks_buf_move(ret_notes, &d->edition.notes);
	return rc;
}

/* Only an untouched work tree may go after a failure: the other holds somebody's work. */
static bool is_untouched(const struct desk *d)
{
	__cleanup(kq_work_result_done) struct kq_work_result result = { 0 };
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	const struct kq_loaded *old = &d->edition.old.patch[d->idx];
	struct desk *writable = (struct desk *)d;
	struct kq_error ignored = { 0 };

	return !kq_worktree_read(&d->worktree, &result, &ignored) &&
	       !kq_refold(&old->patch, ks_buf_span(&old->text), &writable->before,
			  &writable->after, &result, &text, &ignored) &&
	       ks_span_eq(ks_buf_span(&text), ks_buf_span(&old->text));
}

static int open_desk(struct desk *d)
{
	const struct kq_edit *edit = d->edit;
	int rc = kq_edition_open(edit->queue, edit->base, edit->state, &d->edition, d->error);

	if (!rc)
		rc = kq_path(&d->dir, d->error, "%s/edit", edit->state);
	if (!rc)
		rc = kq_edition_find(&d->edition, edit->patch, &d->idx, d->error);
	if (!rc)
		rc = kq_edition_base(&d->edition, d->error);
	if (!rc)
		rc = load_states(d);
	return rc ? rc : kq_worktree_make(d->dir.s, &d->edition.old.patch[d->idx].patch, &d->before,
					  &d->after, &d->worktree, d->error);
}

int kq_edit(const struct kq_edit *edit, struct ks_buf *ret_notes, struct kq_error *error)
{
	__cleanup(desk_done) struct desk d = { .edit = edit, .error = error };
	struct kq_error why = { 0 };
	int rc = open_desk(&d);

	if (rc)
		return rc;
	d.error = &why;
	rc = run_command(&d);
	if (!rc)
		rc = take_result(&d, ret_notes);
	d.error = error;
	if (!rc || is_untouched(&d)) {
		int removed = kq_dir_remove(d.worktree.dir.s, error);

		return rc ? kq_fail(error, rc, "%s", why.line) : removed;
	}
	return kq_fail(error, rc, "%s (your work is still in %s)", why.line, d.worktree.dir.s);
}
