/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The patch reader's own parts: a position in the text, and what reads the hunks of one file.
 */
#ifndef KQ_QUEUE_READER_H
#define KQ_QUEUE_READER_H

#include "queue/patch.h"

/**
 * struct kq_reader - a text, line by line, with one line in hand
 * @rest: what follows the line in hand
 * @whole: the line in hand with its newline
 * @line: without its newline
 * @nr: its number, from 1
 * @has: there is a line in hand; false at the end of the text
 */
struct kq_reader {
	struct ks_span rest;
	struct ks_span whole;
	struct ks_span line;
	u32 nr;
	bool has;
	struct kq_patch *patch;
	struct kq_fault *fault;
};

/** kq_reader_next() - take the next line in hand. Return: false at the end. */
bool kq_reader_next(struct kq_reader *r);

/** kq_reader_fail() - "LABEL:LINE: what". Return: @err. */
int kq_reader_fail(struct kq_reader *r, int err, const char *what);

/** kq_at_signature() - the line in hand opens the "-- " signature that ends the file */
bool kq_at_signature(const struct kq_reader *r);

/** kq_read_hunks() - read all @@ blocks of the last file of r->patch; the first is in hand */
int __must_check kq_read_hunks(struct kq_reader *r);

#endif
