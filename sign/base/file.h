/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whole files in, whole files out: a reader with a cap, a writer that never leaves half a file.
 */
#ifndef KS_BASE_FILE_H
#define KS_BASE_FILE_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/draft.h"

/**
 * ks_file_load() - read a regular file whole
 * @path: file name; symbolic links are followed
 * @max_bytes: a larger file is refused with -E2BIG
 * @ret_content: owned by the caller, ks_buf_done()
 *
 * Return: 0; -E2BIG; -EINVAL if it is not a regular file; -ENOMEM; what open() or read() said.
 */
int __must_check ks_file_load(const char *path, u64 max_bytes, struct ks_buf *ret_content,
			      struct ks_diag *diag);

/**
 * ks_file_read() - append what is left of an open file to a buffer
 * @path: for messages
 * @hint_bytes: how much it will be; the room is taken at once, so that nothing is copied
 * @max_bytes: more is refused with -E2BIG, before reading if the hint says so
 */
int __must_check ks_file_read(int fd, const char *path, u64 hint_bytes, u64 max_bytes,
			      struct ks_buf *content, struct ks_diag *diag);

/**
 * ks_file_publish() - replace or make a file, all or nothing
 * @path, @mode: as ks_output_begin()
 * @parts: the content, in order
 * @nr_parts: how many
 *
 * After a failure (disk full, I/O error, a kill at any point) @path is the old file or the new one.
 *
 * Return: 0; what the system said, with the file's name in @diag.
 */
int __must_check ks_file_publish(const char *path, const struct ks_span *parts, size_t nr_parts,
				 mode_t mode, struct ks_diag *diag);

/**
 * struct ks_output - a file that is being written; all zero: not started
 * @place: where it goes
 * @draft: the new content
 * @old_fd: the file that it replaces, if it keeps what that has; else -1
 */
struct ks_output {
	struct ks_place place;
	struct ks_draft draft;
	int old_fd;
};

/**
 * ks_output_begin() - start a file in the directory of @path
 * @path: links are followed as by ks_place_open(), so that a link's target is replaced and the
 *	link stays
 * @mode: permission bits of a new file, less the umask or as a default ACL says
 * @ret_output: owned by the caller, ks_output_done()
 *
 * A file that is replaced keeps its owner, mode, ACL and labels in a directory that only we and root
 * may write. In any other one somebody may have put it there to read, or to write, what it becomes:
 * there the new file is like one that was not there before.
 *
 * What is not a file is not replaced: a pipe, a character device and an open file of ours
 * (/dev/stdout) get all of the content when it is published. In a directory that others may write
 * they have to be ours.
 *
 * Return: 0; -EINVAL for what is neither; what the system said, with the file's name in @diag.
 */
int __must_check ks_output_begin(const char *path, mode_t mode, struct ks_output *ret_output,
				 struct ks_diag *diag);

/** ks_output_write() - append */
int __must_check ks_output_write(struct ks_output *output, struct ks_span bytes,
				 struct ks_diag *diag);

/** ks_output_patch() - overwrite what was written before. Return: 0; -EINVAL outside of it. */
int __must_check ks_output_patch(struct ks_output *output, u64 off, struct ks_span bytes,
				 struct ks_diag *diag);

/**
 * ks_output_publish() - put it under its name, all of it; closes @output
 * @sync: the content before, the directory afterwards; without, a power failure may leave anything
 *
 * After a failure or a kill at any point the name is the old file or the new one.
 */
int __must_check ks_output_publish(struct ks_output *output, bool sync, struct ks_diag *diag);

/** ks_output_done() - throw it away unless it is published; accepts an empty one */
void ks_output_done(struct ks_output *output);

/**
 * ks_file_check_secret() - may only those read a file with a secret who should?
 * @mode: of a regular file
 * @group_may_read: the user takes one that its group may read, as where Kubernetes mounts secrets
 * Return: 0; -EACCES if the group may without that, or if it may write, or others may anything.
 */
int __must_check ks_file_check_secret(mode_t mode, bool group_may_read, struct ks_diag *diag);

#endif
