/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * New content in the directory of a place, and the one moment in which it takes its name: what
 * everything that writes a file is made of.
 */
#ifndef KS_BASE_DRAFT_H
#define KS_BASE_DRAFT_H

#include <sys/types.h>

#include "base/place.h"
#include "base/span.h"

/**
 * struct ks_draft - a file that is being written
 * @fd: open for reading and writing, -1 if none
 * @nr: tells its temporary name, ".kseal.NR", from others of the directory
 * @bytes: written so far
 * @has_name: it is under its temporary name already
 */
struct ks_draft {
	int fd;
	u64 nr;
	u64 bytes;
	bool has_name;
};

/**
 * ks_draft_open() - a new file, without a name (O_TMPFILE) where the file system can do that
 * @mode: less the umask, or as the directory's default ACL says
 * @nr: a number under which nobody else works in this directory, as of a file that is locked; what
 *	a killed process left under it is removed. 0: a random one is taken.
 * @ret_draft: owned by the caller, ks_draft_done()
 *
 * Return: 0; -errno of what the system said, which the caller words.
 */
int __must_check ks_draft_open(const struct ks_place *place, mode_t mode, u64 nr,
			       struct ks_draft *ret_draft);

/** ks_draft_write() - append */
int __must_check ks_draft_write(struct ks_draft *draft, const char *path, struct ks_span bytes,
				struct ks_diag *diag);

/** ks_draft_sync() - Return: 0; what fsync() said. */
int __must_check ks_draft_sync(const struct ks_draft *draft);

/**
 * ks_draft_replace() - take the place's name, whatever has it now but a directory
 *
 * A process that is killed between link and rename leaves ".kseal.NR".
 */
int __must_check ks_draft_replace(const struct ks_place *place, struct ks_draft *draft);

/** ks_draft_appear() - take a name in the directory. Return: 0; -EEXIST if it is not free. */
int __must_check ks_draft_appear(const struct ks_place *place, struct ks_draft *draft,
				 const char *name);

/** ks_draft_done() - throw it away unless it has got its name; accepts one that is done */
void ks_draft_done(const struct ks_place *place, struct ks_draft *draft);

#endif
