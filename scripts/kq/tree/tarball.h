/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The files of a release's tarball (tar, alone or in xz, gzip, bzip2 or zstd), in one pass over it
 * and with nothing written to disk.
 *
 * Refused: names that are absolute or have "..", more than one top directory, links that lead out
 * of it, hard links, devices, an end in the middle of an entry or without tar's end mark.
 */
#ifndef KQ_TREE_TARBALL_H
#define KQ_TREE_TARBALL_H

#include "base/span.h"
#include "text/error.h"

/* What kq_visitor.take() returns when nothing more is needed. */
#define KQ_ENOUGH 1

/**
 * struct kq_visitor - who looks at the files
 * @wants: should this file's content be read?
 * @take: a file: git's mode, its path below the top directory, its content (of a link: its target);
 * the content is borrowed until the return. Return: 0; KQ_ENOUGH; what kq_fail() returned.
 * @arg: theirs
 */
struct kq_visitor {
	bool (*wants)(void *arg, const char *path);
	int (*take)(void *arg, u32 mode, const char *path, struct ks_span content,
		    struct kq_error *error);
	void *arg;
};

/**
 * kq_tarball_read() - show the wanted files of a tarball to a visitor, in its order
 * @fd: read from its start
 * @name: for messages
 *
 * Equal paths are the visitor's business.
 *
 * Return: 0; KQ_REFUSED for what is refused above; -E2BIG for a file above KQ_MAX_FILE_BYTES or a
 * tarball above ten kernels; -EBADMSG for damage.
 */
int __must_check kq_tarball_read(int fd, const char *name, const struct kq_visitor *visitor,
				 struct kq_error *error);

#endif
