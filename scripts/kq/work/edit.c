// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/edit.h"

#include <stdio.h>
#include <string.h>

#include "engine/apply.h"
#include "queue/subject.h"
#include "stack/bases.h"
#include "text/child.h"
#include "text/folder.h"
#include "text/git.h"
#include "text/text.h"
#include "work/publish.h"
#include "work/refold.h"
#include "work/ripple.h"

/* struct desk - one edit under way */
struct desk {
	const struct kq_edit *edit;
	struct kq_stack old;
	struct kq_stack new;
	struct kq_bases base;
	struct kq_overlay before;
	struct kq_overlay after;
	struct kq_worktree worktree;
	struct ks_buf name;
	size_t idx;
	struct kq_fault *fault;
};

static void desk_done(struct desk *d)
{
	kq_overlay_done(&d->before);
	kq_overlay_done(&d->after);
	kq_stack_done(&d->old);
	kq_stack_done(&d->new);
	kq_bases_done(&d->base);
	ks_buf_done(&d->name);
}

static int find_patch(struct desk *d)
{
	const char *slash = strrchr(d->edit->patch, '/');
	const char *name = slash ? slash + 1 : d->edit->patch;

	for (d->idx = 0; d->idx < d->old.series.nr; d->idx++)
		if (!strcmp(d->old.series.entry[d->idx].name, name))
			return 0;
	return kq_fail(d->fault, KQ_REFUSED, "%s: is not in the series of %s", d->edit->patch,
		       d->edit->queue);
}

/* Without --sku or --arch the first that the patch's own line names. */
static int select_below(const struct desk *d, char sku[256], char arch[256],
			struct kq_selection *ret_selection)
{
	const struct kq_entry *entry = &d->old.series.entry[d->idx];
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
	return kq_fail(d->fault, KQ_REFUSED, "%s: is not for this SKU and architecture",
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

	d->before.source = &d->base.release[0]->source;
	for (i = 0; i < d->old.series.nr && !rc; i++)
		for (k = 0; k < d->old.patch[i].patch.nr_files && !rc; k++)
			rc = kq_overlay_get(&d->before, d->old.patch[i].patch.file[k].path,
					    &unused, d->fault);
	if (!rc)
		rc = kq_stack_apply(&d->old, d->idx, &selection, &d->before, &notes, d->fault);
	if (!rc)
		rc = kq_overlay_clone(&d->before, &d->after, d->fault);
	return rc ? rc : kq_apply_patch(&d->after, &d->old.patch[d->idx].patch, &notes, d->fault);
}

static int run_command(const struct desk *d)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	const struct kq_child child = {
		.argv = d->edit->command, .env = kq_git_users_env, .dir = d->worktree.dir.s, .terminal = true,
	};
	int rc = kq_child_run(&child, &end, d->fault);

	if (rc || !end.status)
		return rc;
	return kq_fail(d->fault, -EIO, "%s: nothing is changed, since %s ended with %d",
		       d->edit->patch, d->edit->command[0], end.status);
}

/* A new subject is a new file name. */
static int name_patch(struct desk *d)
{
	struct ks_span old = ks_span_str(d->old.series.entry[d->idx].name), rest = old;
	__cleanup(ks_buf_done) struct ks_buf before = { 0 }, after = { 0 };
	struct ks_diag diag = { 0 };
	u32 number;

	kq_subject(d->old.patch[d->idx].patch.head, &before);
	kq_subject(d->new.patch[d->idx].patch.head, &after);
	if (ks_span_eq(ks_buf_span(&before), ks_buf_span(&after)) ||
	    !kq_take_number(&rest, &number))
		ks_put(&d->name, old);
	else
		kq_patch_name(ks_buf_span(&after), number, KQ_NAME_CUT, &d->name);
	ks_put_u8(&d->name, 0);
	return ks_buf_ok(&d->name, &diag) ? kq_fail_diag(d->fault, &diag) : 0;
}

static int take_result(struct desk *d, struct ks_buf *notes)
{
	__cleanup(kq_work_result_done) struct kq_work_result result = { 0 };
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	const struct kq_loaded *old = &d->old.patch[d->idx];
	int rc = kq_worktree_read(&d->worktree, &result, d->fault);

	if (!rc)
		rc = kq_refold(&old->patch, ks_buf_span(&old->text), &d->before, &d->after,
			       &result, &text, d->fault);
	if (rc || ks_span_eq(ks_buf_span(&text), ks_buf_span(&old->text)))
		return rc;
	rc = kq_stack_set(&d->new, d->idx, &text, d->old.series.entry[d->idx].name, d->fault);
	if (!rc)
		rc = name_patch(d);
	if (rc)
		return rc;
	ks_put_str(notes, (const char *)d->name.p);
	ks_put_str(notes, ": edited\n");
	rc = kq_ripple(&d->old, &d->new, d->idx, &d->base.release[0]->source, notes, d->fault);
	if (!rc)
		rc = kq_stack_check(&d->new, &d->base.release[0]->source, d->fault);
	return rc ? rc : kq_publish(d->edit->queue, &d->old, &d->new, d->idx,
				    (const char *)d->name.p, d->fault);
}

/* Only an untouched work tree may go after a failure: the other holds somebody's work. */
static bool is_untouched(const struct desk *d)
{
	__cleanup(kq_work_result_done) struct kq_work_result result = { 0 };
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	const struct kq_loaded *old = &d->old.patch[d->idx];
	struct desk *writable = (struct desk *)d;
	struct kq_fault ignored = { 0 };

	return !kq_worktree_read(&d->worktree, &result, &ignored) &&
	       !kq_refold(&old->patch, ks_buf_span(&old->text), &writable->before,
			  &writable->after, &result, &text, &ignored) &&
	       ks_span_eq(ks_buf_span(&text), ks_buf_span(&old->text));
}

static int open_desk(struct desk *d)
{
	int rc = kq_stack_load(d->edit->queue, &d->old, d->fault);

	if (!rc)
		rc = kq_stack_load(d->edit->queue, &d->new, d->fault);
	if (!rc)
		rc = find_patch(d);
	if (!rc)
		rc = kq_bases_open(d->edit->queue, d->edit->base, NULL, &d->old, &d->base, d->fault);
	if (!rc)
		rc = load_states(d);
	return rc ? rc : kq_worktree_make(d->edit->dir, &d->old.patch[d->idx].patch, &d->before,
					  &d->after, &d->worktree, d->fault);
}

int kq_edit(const struct kq_edit *edit, struct ks_buf *ret_notes, struct kq_fault *fault)
{
	__cleanup(desk_done) struct desk d = { .edit = edit, .fault = fault };
	struct kq_fault why = { 0 };
	int rc = open_desk(&d);

	if (rc)
		return rc;
	d.fault = &why;
	rc = run_command(&d);
	if (!rc)
		rc = take_result(&d, ret_notes);
	d.fault = fault;
	if (!rc || is_untouched(&d)) {
		int removed = kq_folder_remove(d.worktree.dir.s, fault);

		return rc ? kq_fail(fault, rc, "%s", why.line) : removed;
	}
	return kq_fail(fault, rc, "%s (your work is still in %s)", why.line, d.worktree.dir.s);
}
