/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A conflict on its way to a person and back, in STATE/rebase/conflict:
 *
 *   id       which conflict it is: a conflict that is no longer the same is opened anew
 *   tree/    a small git work tree with the files in conflict. Branches: old (the old base with the
 *            patches before), patch (this patch on it), new (the new base); in the working tree the
 *            files have markers
 *
 * What the person made of it becomes resolutions, by region where only regions were edited.
 */
#ifndef KQ_REBASE_CONFLICT_H
#define KQ_REBASE_CONFLICT_H

#include "engine/verdict.h"
#include "rebase/plan.h"

enum kq_answered {
	KQ_NOT_ASKED, /* there is no work tree of this conflict */
	KQ_UNDECIDED, /* markers are left */
	KQ_ANSWERED,  /* resolutions were written */
};

/**
 * kq_conflict_take() - read what a person made of the conflict, if it is open
 * @patch: its file name
 * @fault: for KQ_UNDECIDED, holds the line that says where markers are
 *
 * Return: 0; KQ_REFUSED when other files of the work tree were changed too.
 */
int __must_check kq_conflict_take(const struct kq_plan *plan, const char *patch,
				  const struct kq_judgement *judgement,
				  enum kq_answered *ret_answered, struct kq_fault *fault);

/** kq_conflict_is_open() - there is a work tree of just this conflict */
bool kq_conflict_is_open(const struct kq_plan *plan, const char *patch,
			 const struct kq_judgement *judgement, struct kq_fault *fault);

/** kq_conflict_open() - make the work tree */
int __must_check kq_conflict_open(const struct kq_plan *plan, const char *patch,
				  const struct kq_judgement *judgement, struct kq_fault *fault);

/** kq_conflict_close() - remove the work tree; it may be missing */
int __must_check kq_conflict_close(const struct kq_plan *plan, struct kq_fault *fault);

#endif
