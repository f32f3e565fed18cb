/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a rebase writes into dropped.log, see queue/dropped.h.
 */
#ifndef KQ_REBASE_DROPPED_H
#define KQ_REBASE_DROPPED_H

#include "rebase/plan.h"
#include "stack/run.h"

/** kq_evidence() - why a patch is dropped (its fate is KQ_FATE_UPSTREAM or _ACCEPTED), in one line
 */
void kq_evidence(const struct kq_step *step, struct ks_buf *out);

/**
 * kq_dropped_write() - append to DIR/dropped.log what the run dropped, if anything
 *
 * The date is the plan's.
 */
int __must_check kq_dropped_write(const struct kq_plan *plan, const struct kq_run *run,
				  const struct kq_base base[2], const char *dir,
				  struct kq_error *error);

#endif
