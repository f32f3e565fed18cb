/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The queue's next directory: a copy of the queue beside it, changed there, then exchanged with it.
 *
 *   patches/6.18          the queue
 *   patches/.6.18.kq      the next one on its way in; afterwards the old one on its way out
 *   patches/.6.18.kq-old  only where a file system cannot exchange two names
 *
 * One kq at a time: the directory above is locked from kq_next_begin() to kq_next_done().
 */
#ifndef KQ_STACK_NEXT_H
#define KQ_STACK_NEXT_H

#include "base/span.h"
#include "text/text.h"

/** struct kq_next - names of the three; @lock_fd: -1 while it is not locked */
struct kq_next {
	struct kq_path queue;
	struct kq_path dir;
	struct kq_path old;
	int lock_fd;
};

/** kq_next_done() - unlock; accepts what kq_next_of() has filled */
void kq_next_done(struct kq_next *next);

/** kq_next_of() - find the names; nothing is touched */
int __must_check kq_next_of(const char *queue, struct kq_next *ret_next, struct kq_error *error);

/** kq_next_lock() - lock. Return: 0; KQ_REFUSED when another kq has the lock */
int __must_check kq_next_lock(struct kq_next *next, struct kq_error *error);

/** kq_next_begin() - lock, and copy the queue. Return: 0; KQ_REFUSED when another kq has the lock */
int __must_check kq_next_begin(struct kq_next *next, struct kq_error *error);

/** kq_next_put() - write a file of the next queue */
int __must_check kq_next_put(const struct kq_next *next, const char *name, struct ks_span content,
			     struct kq_error *error);

/** kq_next_drop() - remove a file of the next queue */
int __must_check kq_next_drop(const struct kq_next *next, const char *name, struct kq_error *error);

/** kq_next_swap() - the next directory, which is on the disk, becomes the queue */
int __must_check kq_next_swap(const struct kq_next *next, struct kq_error *error);

/** kq_next_remove() - remove what lies beside the queue */
int __must_check kq_next_remove(const struct kq_next *next, struct kq_error *error);

/** kq_next_repair() - a kill between two renames may have left no queue: put it back */
int __must_check kq_next_repair(const struct kq_next *next, struct kq_error *error);

/** kq_lock_dir() - only one kq at a time. @ret_fd: close to unlock. Return: 0; KQ_REFUSED. */
int __must_check kq_lock_dir(const char *path, int *ret_fd, struct kq_error *error);

#endif
