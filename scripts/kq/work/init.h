/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A queue out of nothing.
 */
#ifndef KQ_WORK_INIT_H
#define KQ_WORK_INIT_H

#include "base/buf.h"
#include "text/error.h"

/**
 * kq_init() - make the directory with an empty series and base.lock
 * @queue: its directory, not there or empty
 * @source: the release that the queue is on, see tree/release.h; NULL if it is not known yet
 * @ret_note: what is in it, and what is left to do, in one line
 *
 * Return: 0; KQ_REFUSED when something is there; errors of opening the release.
 */
int __must_check kq_init(const char *queue, const char *source, struct ks_buf *ret_note,
			 struct kq_error *error);

#endif
