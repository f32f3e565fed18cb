/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A conflict on its way to a person and back, in a directory of its own (STATE/rebase/conflict):
 *
 *   id       which conflict it is: a conflict that is no longer the same is opened anew
 *   opened   what the tree was when it was opened: a tree that is not the same has somebody's work
 * in it answers/ the resolutions of all files, on their way to where they are looked for; from here
 * on the tree has been read tree/    a small git work tree with the files in conflict. Branches:
 * old (the old base with the patches before), patch (this patch on it), new (the new base) and
 * work, which is checked out; in the working tree the files have markers, in the index they are
 * unmerged, and CHERRY_PICK_HEAD is the patch: as git cherry-pick leaves a conflict
 *
 * What the person made of it becomes resolutions, by region where only regions were edited: those
 * of all files at once, or none. A tree that was edited is never removed before that: it is moved
 * aside.
 */
#ifndef KQ_STACK_CONFLICT_H
#define KQ_STACK_CONFLICT_H

#include "engine/verdict.h"
#include "text/text.h"

enum kq_answered {
	KQ_NOT_ASKED, /* there was no work tree of this conflict */
	KQ_UNDECIDED, /* something is left to do */
	KQ_ANSWERED,  /* resolutions were written */
};

/** kq_given_up_fn - did a person give up the patch's change of this file? @ret_reason: empty: no */
typedef int (*kq_given_up_fn)(void *arg, const char *patch, struct ks_span path,
			      struct ks_buf *ret_reason, struct kq_error *error);

/**
 * struct kq_ask - one conflict of one patch; all borrowed
 * @dir: the conflict's directory
 * @state: STATE: an edited tree is moved into it; resolutions are in STATE/resolutions
 * @patch: its file name
 * @from: name of the old base, @to of the new one, for the resolutions' heads
 */
struct kq_ask {
	const char *dir;
	const char *state;
	const char *patch;
	const char *from;
	const char *to;
	const struct kq_verdict *verdict;
	kq_given_up_fn given_up;
	void *arg;
};

/**
 * kq_conflict_read_or_open() - read what a person made of the conflict; without a work tree of it,
 * make one
 * @ret_answered: KQ_NOT_ASKED: it has been made now; KQ_ANSWERED: it is gone, its resolutions are
 * where they are looked for
 * @undecided: for KQ_UNDECIDED, the line that says what is left to do
 * @ret_kept: as kq_conflict_close()
 *
 * Return: 0; KQ_REFUSED when other files of the work tree were changed too.
 */
int __must_check kq_conflict_read_or_open(const struct kq_ask *ask, enum kq_answered *ret_answered,
					  struct kq_error *undecided, struct kq_path *ret_kept,
					  struct kq_error *error);

/** kq_conflict_has() - the open conflict is this patch's, and this file is in it */
bool kq_conflict_has(const char *dir, const char *patch, const char *path);

/** kq_conflict_is_answered() - resolutions were written, but a kill came before the directory was
 * removed */
bool kq_conflict_is_answered(const char *dir);

/**
 * kq_conflict_close() - remove the directory; it may be missing
 * @ret_kept: where an edited tree is now; not touched if there was none, or if it was read
 */
int __must_check kq_conflict_close(const char *dir, const char *state, struct kq_path *ret_kept,
				   struct kq_error *error);

#endif
