/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The release that the queue is on, and another one to compare with, checked against base.lock; the
 * files that the queue's patches touch are at hand.
 */
#ifndef KQ_STACK_BASES_H
#define KQ_STACK_BASES_H

#include "queue/lock.h"
#include "stack/stack.h"
#include "text/text.h"
#include "tree/release.h"

/** struct kq_base - one side: pristine files, all names of it if they are known, and its name */
struct kq_base {
	const struct kq_source *source;
	const struct kq_manifest *files;
	const char *label;
};

/**
 * struct kq_bases - the old base, and the new one if there is one
 * @has_lock: the queue has a base.lock, which is @locked
 * @lock: what base.lock will say on the new base; empty if it stays as it is
 * @place: where the release of base.lock was read last
 */
struct kq_bases {
	struct kq_base base[2];
	struct kq_release *release[2];
	bool has_lock;
	struct kq_lock locked;
	struct ks_buf lock;
	struct kq_path place;
};

/** kq_bases_done() - free; accepts a zeroed struct */
void kq_bases_done(struct kq_bases *bases);

/**
 * kq_bases_find_from() - the old base, if the caller did not name it, is that of base.lock
 * @from: in and out; what is put there is owned by @bases
 *
 * Return: 0; -EINVAL when there is no base.lock; errors of reading it.
 */
int __must_check kq_bases_find_from(const char *queue, const char **from, struct kq_bases *bases,
				    struct kq_error *error);

/**
 * kq_bases_open() - open one release or two
 * @from: what the queue is on, see tree/release.h; NULL for the release of base.lock
 * @to: the new base; NULL for none
 * @stack: all files that it touches are fetched at once
 *
 * Return: 0; KQ_REFUSED when the old base is not the one of base.lock, or when there is a base.lock
 * but the new base is a directory, which has no identity; -EINVAL without @from and base.lock; errors
 * of opening.
 */
int __must_check kq_bases_open(const char *queue, const char *from, const char *to,
			       const struct kq_stack *stack, struct kq_bases *bases,
			       struct kq_error *error);

/**
 * kq_base_read() - what base.lock would say of a release
 * @directory: it may be one, which has no identity: @ret_text stays empty then
 * @ret_base: name, tarball and tree id
 * @ret_pinned: linux/PIN lists it
 */
int __must_check kq_base_read(const char *source, bool directory, struct kq_lock *ret_base,
			      struct ks_buf *ret_text, bool *ret_pinned, struct kq_error *error);

/** kq_bases_id() - what identifies a base, "" if nothing does; owned by @bases */
const char *kq_bases_id(const struct kq_bases *bases, size_t idx);

#endif
