/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What went wrong, in one line: ks_diag with room for patch, file, hunk and two lines of text.
 */
#ifndef KQ_TEXT_ERROR_H
#define KQ_TEXT_ERROR_H

#include <errno.h>

#include "base/diag.h"
#include "base/span.h"

/* A clear "no" of the tree or the queue (exit 3), as opposed to "could not tell" (exit 1). */
#define KQ_REFUSED (-ECANCELED)

/**
 * struct kq_error - the first failure of one operation
 * @err: 0 while nothing failed; KQ_REFUSED, or a negative errno
 * @line: what to print, without a newline
 *
 * Start with `struct kq_error error = { 0 };`. The first failure wins.
 */
struct kq_error {
	int err;
	char line[1280];
};

/** kq_fail() - record a failure; control bytes become '?'. Return: @err. */
__attribute__((format(printf, 3, 4))) int kq_fail(struct kq_error *error, int err,
						  const char *format, ...);

/** kq_fail_diag() - take over what a function of base/ said. Return: its errno. */
int kq_fail_diag(struct kq_error *error, const struct ks_diag *diag);

/** kq_no_memory() - Return: -ENOMEM. */
int kq_no_memory(struct kq_error *error);

/* For printf("%.*s"): at most 160 bytes of a span, so that two of them fit into a message. */
#define KQ_FMT(s) (int)((s).bytes < 160 ? (s).bytes : 160), ((s).bytes ? (const char *)(s).p : "")

#endif
