/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An edit that later patches are in conflict with waits for a person, in STATE/pending:
 *
 *   plan.json   the queue, its release, the patch, the hash of the queue that was edited
 *   text        the edited patch
 *   conflict/   see stack/conflict.h
 *
 * STATE/edit, the work tree of the edit, stays until the queue has it.
 */
#ifndef KQ_WORK_PENDING_H
#define KQ_WORK_PENDING_H

#include "text/text.h"
#include "work/edition.h"

/** kq_pending_is() - Return: an edit waits in STATE */
bool kq_pending_is(const char *state);

/**
 * kq_pending_go() - make the edition; at a conflict ask, and save what is needed to go on
 * @idx: of the edited item
 *
 * Return: 0, the queue has it; KQ_REFUSED with where to resolve the conflict.
 */
int __must_check kq_pending_go(struct kq_edition *edition, const char *state, size_t idx,
			       struct kq_error *error);

/** kq_pending_continue() - after the conflict was resolved. @ret_notes: as of kq_edit() */
int __must_check kq_pending_continue(const char *state, struct ks_buf *ret_notes,
				     struct kq_error *error);

/** kq_pending_abort() - the queue stays. @ret_kept: where an edited conflict tree is now, or "" */
int __must_check kq_pending_abort(const char *state, struct kq_path *ret_kept,
				  struct kq_error *error);

#endif
