/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A large file to read without a copy of it.
 *
 * For inputs of a build, which nobody changes meanwhile: when the file shrinks, the next access to
 * what is gone ends the process (SIGBUS), and when it changes, what is read may be either. Files that
 * others may work on are read with ks_file_load().
 */
#ifndef KS_BASE_MAP_H
#define KS_BASE_MAP_H

#include "base/diag.h"
#include "base/span.h"

/** struct ks_map - a mapped file; all zero: not mapped */
struct ks_map {
	void *p;
	size_t bytes;
};

/**
 * ks_map_open() - map a regular file for reading
 * @max_bytes: a larger file is refused with -E2BIG
 * @ret_map: owned by the caller, ks_map_close()
 * Return: 0; -E2BIG; -EINVAL if it is not a regular file; what the system said.
 */
int __must_check ks_map_open(const char *path, u64 max_bytes, struct ks_map *ret_map,
			     struct ks_diag *diag);

/** ks_map_fd() - map the first @bytes of a file that is open for reading; @path is for messages */
int __must_check ks_map_fd(int fd, const char *path, u64 bytes, struct ks_map *ret_map,
			   struct ks_diag *diag);

/** ks_map_span() - the content, borrowed; empty for an empty file */
struct ks_span ks_map_span(const struct ks_map *map);

/** ks_map_close() - accepts an empty one */
void ks_map_close(struct ks_map *map);

#endif
