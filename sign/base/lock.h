/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A lock for those who change a file, which those who only may read it cannot take.
 *
 * flock() wants no more than a descriptor, and a read lock of fcntl() keeps a writer out as well: with
 * either, whoever may read a module stops its signing. So the lock is on a file of its own, ".kseal.lock"
 * in the directory of what is changed, for whom it belongs to alone (0600); only who may write the
 * directory makes one. Each file of the directory has a byte of it, at its inode number. Who is done
 * last removes it.
 */
#ifndef KS_BASE_LOCK_H
#define KS_BASE_LOCK_H

#include "base/place.h"

/** struct ks_lock - @fd: the lock file, -1 if none; @dir_fd: borrowed from the place */
struct ks_lock {
	int fd;
	int dir_fd;
};

/**
 * ks_lock_take() - wait for a lock, at most KS_LOCK_SECONDS
 * @place: must stay open until ks_lock_drop(); names the file in messages
 * @ino: the file's inode number, or another number that those who lock agree on
 * @ret_lock: owned by the caller, ks_lock_drop()
 *
 * Who holds one lock must not wait for another. In a directory where we can write nothing there is
 * nothing to wait for: none is taken.
 *
 * Return: 0; -EBUSY, and @diag says which process has it, if it can be found; what the system said.
 */
int __must_check ks_lock_take(const struct ks_place *place, u64 ino, struct ks_lock *ret_lock,
			      struct ks_diag *diag);

/** ks_lock_drop() - accepts one that is not taken */
void ks_lock_drop(struct ks_lock *lock);

#endif
