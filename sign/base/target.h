/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A file that is changed while others may want to change it too: opened, locked, replaced.
 *
 * Who gets the lock looks whether the name has the inode that it was opened with, since the one
 * before may have renamed another file over it.
 */
#ifndef KS_BASE_TARGET_H
#define KS_BASE_TARGET_H

#include <sys/stat.h>

#include "base/buf.h"
#include "base/draft.h"
#include "base/lock.h"

/** enum ks_target_use - what a file is opened for: only to read it, without a lock; to be replaced;
 * or for ks_target_patch_tail()
 */
enum ks_target_use {
	KS_TARGET_READ,
	KS_TARGET_REPLACE,
	KS_TARGET_IN_PLACE,
};

/**
 * struct ks_target - an open, locked file; all zero: not open
 * @place: where it is; without a path: none
 * @lock: on it
 * @fd: the file, -1 if none
 * @st: of @fd, when it was opened
 */
struct ks_target {
	struct ks_place place;
	struct ks_lock lock;
	int fd;
	struct stat st;
};

#define KS_TARGET_NONE ((struct ks_target){ { .dir_fd = -1, .stream_fd = -1 }, { .fd = -1 }, -1, { 0 } })

/**
 * ks_target_open() - open and lock a regular file
 * @path: symbolic links are followed, so that the link stays and its target is changed
 * @ret_target: owned by the caller, ks_target_close(), which unlocks
 *
 * Waits while another process holds the lock. A process with one target open must not wait for another.
 *
 * Return: 0; -EINVAL if it is not a regular file; -EBUSY after KS_LOCK_SECONDS; what the system said.
 */
int __must_check ks_target_open(const char *path, enum ks_target_use use,
				struct ks_target *ret_target, struct ks_diag *diag);

/** ks_target_close() - accepts one that is all zero or closed */
void ks_target_close(struct ks_target *target);

/**
 * ks_target_read() - the whole content
 * @max_bytes: a larger file is refused with -E2BIG before anything is read
 * @content: emptied first; its room is used again
 */
int __must_check ks_target_read(const struct ks_target *target, u64 max_bytes,
				struct ks_buf *content, struct ks_diag *diag);

/**
 * ks_target_has_sibling() - is there something of that name in the same directory?
 * Return: 0 if not; -EEXIST; what the system said.
 */
int __must_check ks_target_has_sibling(const struct ks_target *target, const char *name,
				       struct ks_diag *diag);

/**
 * ks_target_patch_tail() - change the end of the file in place
 * @target: opened writable
 * @off: where the new end starts; content before it is not touched
 * @tail: what is written there; the file ends behind it
 * @old_tail: what is there now, up to the end of the file
 *
 * What was written is read back. After any error @old_tail is put back and the file has its old
 * length. Modification and access times are kept. Nothing is synced: after a power failure the
 * file may be anything.
 *
 * Return: 0; what the system said.
 */
int __must_check ks_target_patch_tail(const struct ks_target *target, u64 off, struct ks_span tail,
				      struct ks_span old_tail, struct ks_diag *diag);

/**
 * struct ks_aside - new content of a target, written but not yet under its name
 * @target: what will be replaced; keeps its lock
 * @draft: the new file
 * @new_name: owned; another name in the same directory for the new file, NULL: the target's
 */
struct ks_aside {
	struct ks_target target;
	struct ks_draft draft;
	char *new_name;
};

#define KS_ASIDE_NONE ((struct ks_aside){ KS_TARGET_NONE, { .fd = -1 }, NULL })

/**
 * ks_aside_begin() - start new content
 * @target: moved into @ret_aside on success
 * @new_name: other name of the new file, copied; the target goes when it is safe. NULL: the same.
 * @ret_aside: owned by the caller, ks_aside_done()
 *
 * A process that is killed leaves no other file behind on file systems with O_TMPFILE, but for the
 * moment between link and rename. What it left (".kseal." and the target's inode number) is
 * replaced by the next one that writes the same target.
 *
 * Return: 0; -EEXIST if @new_name is there already; what the system said.
 */
int __must_check ks_aside_begin(struct ks_target *target, const char *new_name,
				struct ks_aside *ret_aside, struct ks_diag *diag);

/** ks_aside_write() - append */
int __must_check ks_aside_write(struct ks_aside *aside, struct ks_span bytes, struct ks_diag *diag);

/**
 * ks_aside_keep() - give it what the target has: owner, mode, times, all extended attributes
 *
 * Called once, after the last write and ks_aside_check_tail(), which changes the access time. Names
 * and values are compared afterwards.
 *
 * Return: 0; -EOPNOTSUPP for an attribute that describes the old content (security.ima,
 * security.evm); what the system said of one that cannot be kept.
 */
int __must_check ks_aside_keep(struct ks_aside *aside, struct ks_diag *diag);

/** ks_aside_check_tail() - Return: 0 if the file ends with @tail and has its length; -EIO. */
int __must_check ks_aside_check_tail(const struct ks_aside *aside, struct ks_span tail,
				     struct ks_diag *diag);

/**
 * ks_asides_publish_all() - put several files under their names, in order, all of them durably
 * @aside: closed afterwards, whatever happened
 * @diag: one per file: the first failure of each
 *
 * One syncfs() before the first rename and one after the last, per file system, is what a batch
 * costs. After a failure or a kill at any point each name has its old or its new content.
 */
void ks_asides_publish_all(struct ks_aside *aside, struct ks_diag **diag, size_t nr_asides);

/** ks_aside_done() - throw the new content away; accepts an empty or published one */
void ks_aside_done(struct ks_aside *aside);

#endif
