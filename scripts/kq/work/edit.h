/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A person edits one patch of the queue in a small git work tree.
 */
#ifndef KQ_WORK_EDIT_H
#define KQ_WORK_EDIT_H

#include "queue/series.h"
#include "tree/source.h"

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

#endif
