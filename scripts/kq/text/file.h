/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whole files and texts on their way, with their failures in the one line of struct kq_error.
 */
#ifndef KQ_TEXT_FILE_H
#define KQ_TEXT_FILE_H

#include <sys/types.h>

#include "base/buf.h"
#include "text/error.h"

/** kq_buf_check() - Return: 0; the errno of the first append to @buf that failed. */
int __must_check kq_buf_check(const struct ks_buf *buf, struct kq_error *error);

/** kq_file_load() - append a file to @ret_text; see ks_file_load() */
int __must_check kq_file_load(const char *path, u64 max_bytes, struct ks_buf *ret_text,
			      struct kq_error *error);

/**
 * kq_file_publish() - make or replace a file, all or nothing; see ks_file_publish()
 * @text: checked first
 * @mode: of a new file
 */
int __must_check kq_file_publish(const char *path, const struct ks_buf *text, mode_t mode,
				 struct kq_error *error);

#endif
