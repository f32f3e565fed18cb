/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * base.lock: the release that a queue is made on.
 *
 *   release 6.18.15
 *   tarball <64-hex>     SHA-256 of the tarball that it was read from; "-" for none (git)
 *   tree <40-hex>        git's tree id of all of its files
 *
 * A distribution's tarball of a release lacks a few files of kernel.org's (Debian: the non-free
 * ones), so its bytes and its tree id differ. Both are the base: another tarball is accepted when
 * its tree is the same, or when linux/PIN lists it for this release. That the files which the queue
 * touches are the same is what the ids in the patches' index lines say.
 */
#ifndef KQ_QUEUE_LOCK_H
#define KQ_QUEUE_LOCK_H

#include "base/buf.h"
#include "text/digest.h"

#define KQ_LOCK_NAME "base.lock"
/* As uname -r: 64 bytes with the NUL. */
#define KQ_LOCK_RELEASE_BYTES 64

/**
 * struct kq_lock - an identity of a release
 * @release: "6.18.15", as its Makefile says
 * @tarball: "" for none
 * @tree: "" when it is not known (a directory)
 */
struct kq_lock {
	char release[KQ_LOCK_RELEASE_BYTES];
	struct kq_hex tarball;
	struct kq_hex tree;
};

/**
 * kq_lock_load() - read DIR/base.lock
 * @ret_found: false without such a file
 *
 * Return: 0; -EBADMSG with "DIR/base.lock:LINE" for a line that is unknown, missing, there twice or
 * no such value; what ks_file_load() says.
 */
int __must_check kq_lock_load(const char *dir, struct kq_lock *ret_lock, bool *ret_found,
			      struct kq_error *error);

/** kq_lock_format() - append what the file has to say */
void kq_lock_format(struct ks_buf *text, const struct kq_lock *lock);

/**
 * kq_lock_check() - is @base what the queue is made on?
 * @dir: the queue, for messages
 * @pinned: linux/PIN has base->tarball for base->release
 *
 * Of a base without a tree id only the release is compared.
 *
 * Return: 0; KQ_REFUSED with what differs.
 */
int __must_check kq_lock_check(const char *dir, const struct kq_lock *lock,
			       const struct kq_lock *base, bool pinned, struct kq_error *error);

#endif
