/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How a queue is changed, whoever changes it: a copy of it beside it, changed there, then exchanged
 * with it, or nothing happens.
 *
 *   patches/6.18          the queue
 *   patches/.6.18.kq      the next one on its way in; afterwards the old one on its way out
 *   patches/.6.18.kq-old  only where a file system cannot exchange two names
 *
 * One kq at a time: the directory above is locked from kq_next_begin() to kq_next_done().
 */
#ifndef KQ_STACK_PUBLISH_H
#define KQ_STACK_PUBLISH_H

#include "stack/stack.h"

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

/** kq_next_begin() - lock, and copy the queue. Return: 0; KQ_REFUSED when another kq has the lock
 */
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

/**
 * kq_publish() - write series and patches that differ, remove those that are gone
 * @queue: its directory; what else is in it stays
 * @old: what @new was made from; the directory must still be that
 * @new: the queue as it should be
 * @log: content of dropped.log; empty to leave it as it is
 *
 * Return: 0, also if nothing differs and nothing is touched; KQ_REFUSED when somebody else has
 * changed the queue since, or when a new name is taken by a file that no series names.
 */
int __must_check kq_publish(const char *queue, const struct kq_stack *old,
			    const struct kq_stack *new, struct ks_span log, struct kq_error *error);

/**
 * kq_publish_file() - replace one file that no series names, base.lock
 *
 * Waits for a kq that is publishing: its copy of the queue has the old file.
 */
int __must_check kq_publish_file(const char *queue, const char *name, struct ks_span content,
				 struct kq_error *error);

/** kq_lock_dir() - only one kq at a time. @ret_fd: close to unlock. Return: 0; KQ_REFUSED. */
int __must_check kq_lock_dir(const char *path, int *ret_fd, struct kq_error *error);

#endif
