/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What persons have decided: the resolutions of the queue, those that wait in the state, and the drops
 * of the rebase that is under way.
 */
#ifndef KQ_REBASE_ANSWERS_H
#define KQ_REBASE_ANSWERS_H

#include "base/buf.h"
#include "text/error.h"

/**
 * kq_answers_list() - a line for each
 * @state: STATE
 * @ret_text: "ID  pending|queue  PATCH  PATH  what", with what was dropped at the end
 */
int __must_check kq_answers_list(const char *state, const char *queue, struct ks_buf *ret_text,
				 struct kq_error *error);

/**
 * kq_answers_forget() - take answers back: they will be asked again
 * @what: id or the start of one, at least 7 digits; a patch; a file; nothing is removed if one of
 * them names nothing
 * @ret_text: the lines of what was removed
 *
 * Return: 0; KQ_REFUSED when there is no such answer.
 */
int __must_check kq_answers_forget(const char *state, const char *queue, char *const *what,
				   size_t nr_what, struct ks_buf *ret_text, struct kq_error *error);

#endif
