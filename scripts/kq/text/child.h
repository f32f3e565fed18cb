/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Run another program and read what it prints. No shell is involved.
 */
#ifndef KQ_TEXT_CHILD_H
#define KQ_TEXT_CHILD_H

#include "base/buf.h"
#include "text/error.h"

/* Files handed over as /dev/fd/3, /dev/fd/4 and /dev/fd/5: the three sides of a merge. */
#define KQ_CHILD_FILES 3U
/* What a child may print unless the caller says otherwise: twice the largest file and markers. */
#define KQ_CHILD_MAX_BYTES (160ULL << 20)

/**
 * struct kq_child - a program to run; all of it is borrowed
 * @argv: NULL-terminated; argv[0] is looked up in PATH
 * @env: NULL, or a NULL-terminated list: "NAME=value" is added to our environment, "NAME" is taken
 * out of it, and so are all that match "NAME*"
 * @dir: NULL, or its current directory
 * @in: its standard input
 * @file: contents that it can read as /dev/fd/3 and following
 * @nr_files: how many, at most KQ_CHILD_FILES
 * @writes: it writes these files, and @file of its end is what is in them afterwards
 * @max_out_bytes: a child that prints more is killed and refused; 0 for KQ_CHILD_MAX_BYTES
 * @loud: it keeps our standard error, so that @err of its end stays empty (a download that tells
 * how far it is)
 * @terminal: it keeps our standard input, output and error (an editor, a shell)
 */
struct kq_child {
	const char *const *argv;
	const char *const *env;
	const char *dir;
	struct ks_span in;
	struct ks_span file[KQ_CHILD_FILES];
	size_t nr_files;
	bool writes;
	u64 max_out_bytes;
	bool loud;
	bool terminal;
};

/**
 * struct kq_child_end - how it ended
 * @out: its standard output
 * @err: the first 4 KiB of its standard error
 * @file: what it wrote, see @writes
 * @status: exit code; 128 + N if signal N killed it
 */
struct kq_child_end {
	struct ks_buf out;
	struct ks_buf err;
	struct ks_buf file[KQ_CHILD_FILES];
	int status;
};

/** kq_child_end_done() - free; accepts a zeroed struct */
void kq_child_end_done(struct kq_child_end *end);

/**
 * kq_child_run() - run a program to its end
 * @ret_end: owned by the caller; written on success only
 *
 * Return: 0 when it ran, whatever its exit code; -ENOENT if there is no such program; -E2BIG if it
 * printed too much; what the system said. One line names the program.
 */
int __must_check kq_child_run(const struct kq_child *child, struct kq_child_end *ret_end,
			      struct kq_error *error);

/** kq_child_fail() - it ended as it must not: say how, with its first line of standard error */
int kq_child_fail(const struct kq_child *child, const struct kq_child_end *end,
		  struct kq_error *error);

#endif
