/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The few steps that every reader and writer of files takes, each once.
 */
#ifndef KS_BASE_IO_H
#define KS_BASE_IO_H

#include <sys/stat.h>

#include "base/diag.h"
#include "base/span.h"

/**
 * ks_io_open() - open a regular file, whatever stands there: a pipe does not make us wait
 * @flags: O_RDONLY or O_RDWR, and O_NOFOLLOW if a symbolic link is refused (-ELOOP)
 * @ret_st: what fstat() said of it
 *
 * Return: a descriptor of the caller's; -EINVAL if it is not a regular file; what open() said. @diag
 * names the file.
 */
int __must_check ks_io_open(const char *path, int flags, struct stat *ret_st, struct ks_diag *diag);

/** ks_io_open_at() - the same for @name in a directory; @path is for messages */
int __must_check ks_io_open_at(int dir_fd, const char *name, int flags, const char *path,
			       struct stat *ret_st, struct ks_diag *diag);

/** ks_io_fits() - Return: 0; -E2BIG if a file of @bytes is over its limit. */
int __must_check ks_io_fits(u64 bytes, u64 max_bytes, struct ks_diag *diag);

/**
 * ks_io_write() - write all of @bytes where the file stands
 * @path: for the message
 *
 * Goes on after a signal, and after a write of a part.
 *
 * Return: 0; what write() said; -EIO if it wrote nothing, or more than there was.
 */
int __must_check ks_io_write(int fd, const char *path, struct ks_span bytes, struct ks_diag *diag);

/** ks_io_pwrite() - the same at @off; the file stands where it stood. */
int __must_check ks_io_pwrite(int fd, const char *path, u64 off, struct ks_span bytes,
			      struct ks_diag *diag);

#endif
