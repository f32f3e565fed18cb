/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A person edits one patch of the queue in a small git work tree, STATE/edit. An edit that later
 * patches are in conflict with waits in STATE/pending:
 *
 *   plan.json   the queue, its release, the patch, the hash of the queue that was edited
 *   text        the edited patch
 *   conflict/   see stack/conflict.h
 *
 * STATE/edit stays until the queue has it.
 */
#ifndef KQ_WORK_EDIT_H
#define KQ_WORK_EDIT_H

#include "base/buf.h"
#include "queue/series.h"
#include "text/text.h"

/**
 * struct kq_edit - what to edit, and how
 * @queue: its directory
 * @base: the release that the queue is on, see tree/release.h; NULL for that of base.lock
 * @patch: as a person names it, see queue/find.h
 * @selection: which patches are below it; NULLs: those that the patch's own line needs
 * @state: STATE; the work tree is STATE/edit
 * @command: what runs in it, NULL-terminated; with our terminal
 */
struct kq_edit {
	const char *queue;
	const char *base;
	const char *patch;
	struct kq_selection selection;
	const char *state;
	const char *const *command;
};

/**
 * kq_edit() - open the work tree, run the command, take the result into the queue
 * @ret_notes: a line for each patch that has changed
 *
 * The later patches follow, or the edit is refused. The queue's directory is replaced in one step.
 *
 * Return: 0; KQ_REFUSED when the queue would not apply with the edit; -EIO when the command said no.
 * Then the queue is as before, and the work tree stays if something was changed in it.
 */
int __must_check kq_edit(const struct kq_edit *edit, struct ks_buf *ret_notes,
			 struct kq_error *error);

/** kq_edit_continue() - after the conflict was resolved. @ret_notes: as of kq_edit() */
int __must_check kq_edit_continue(const char *state, struct ks_buf *ret_notes,
				  struct kq_error *error);

/** kq_edit_abort() - the queue stays. @ret_kept: where an edited conflict tree is now, or "" */
int __must_check kq_edit_abort(const char *state, struct kq_path *ret_kept, struct kq_error *error);

#endif
