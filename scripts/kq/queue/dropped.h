/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dropped.log: which patches left the queue, when and why. It only grows.
 *
 *   date  patch  its sha256  old base  new base  upstream | accepted  evidence
 *
 * A tab separates the fields. A patch with CVE trailers has one field more, their numbers with commas
 * between them: what it fixed must not be forgotten with it.
 */
#ifndef KQ_QUEUE_DROPPED_H
#define KQ_QUEUE_DROPPED_H

#include "base/buf.h"
#include "queue/patch.h"

#define KQ_DROPPED_NAME "dropped.log"

/**
 * struct kq_leaver - a patch that leaves the queue; all borrowed
 * @sha256: of its bytes
 * @base: names of the old base and the new one
 * @evidence: one line
 * @time: seconds since 1970
 */
struct kq_leaver {
	const char *name;
	const char *sha256;
	const struct kq_patch *patch;
	const char *base[2];
	bool upstream;
	struct ks_span evidence;
	u64 time;
};

/** kq_dropped_put() - append one line */
void kq_dropped_put(const struct kq_leaver *leaver, struct ks_buf *out);

/**
 * kq_dropped_load() - the log so far, to be appended to: its head if there is none
 * @dir: the queue
 */
int __must_check kq_dropped_load(const char *dir, struct ks_buf *ret_log, struct kq_error *error);

#endif
