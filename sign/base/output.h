/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A new file that is written in parts, and has its name only when it is whole.
 */
#ifndef KS_BASE_OUTPUT_H
#define KS_BASE_OUTPUT_H

#include <sys/types.h>

#include "base/diag.h"
#include "base/span.h"

/**
 * struct ks_output - a file on its way; all zero is none
 * @path: where it goes, without a symbolic link as its last part; owned
 * @aside: name that it has until then, owned
 * @fd: open for writing
 * @bytes: written so far
 */
struct ks_output {
	char *path;
	char *aside;
	int fd;
	u64 bytes;
};

/**
 * ks_output_begin() - start a file beside @path, "<path>.XXXXXX"
 * @path: a symbolic link is followed, so that its target is replaced and the link stays
 * @ret_output: owned by the caller, ks_output_done()
 * Return: 0; what the system said, with the file's name in @diag.
 */
int __must_check ks_output_begin(const char *path, struct ks_output *ret_output,
				 struct ks_diag *diag);

/**
 * ks_output_write() - append
 *
 * The system starts to write it to the disk, so that publishing waits less.
 */
int __must_check ks_output_write(struct ks_output *output, struct ks_span bytes,
				 struct ks_diag *diag);

/** ks_output_patch() - overwrite what was written before. Return: 0; -EINVAL outside of it. */
int __must_check ks_output_patch(struct ks_output *output, u64 off, struct ks_span bytes,
				 struct ks_diag *diag);

/**
 * ks_output_publish() - fsync(), rename, fsync() of the folder; closes @output
 * @mode: permission bits of a new file; a file that is replaced keeps its mode and owner
 *
 * After a failure or a kill at any point the name is the old file or the new one.
 */
int __must_check ks_output_publish(struct ks_output *output, mode_t mode, struct ks_diag *diag);

/** ks_output_done() - throw it away unless it is published; accepts an empty one */
void ks_output_done(struct ks_output *output);

#endif
