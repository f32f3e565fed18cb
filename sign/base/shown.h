/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Text that comes out of a file goes to a terminal and into logs: section names, subjects of
 * certificates, names of files. None of it may move the cursor, start a line or turn its direction.
 */
#ifndef KS_BASE_SHOWN_H
#define KS_BASE_SHOWN_H

#include "base/types.h"

/**
 * ks_make_shown() - replace by '?' what is not text, in place
 * @keep_newlines: for a whole document whose strings have none of their own
 *
 * Replaced are control characters (also U+0080 to U+009F), those that turn the direction of text,
 * and each byte that is not part of well-formed UTF-8.
 */
void ks_make_shown(char *text, bool keep_newlines);

/**
 * ks_shown() - a copy of @text that went through ks_make_shown()
 * Return: cut to some 4,000 bytes; valid until this thread has asked four more times.
 */
const char *ks_shown(const char *text);

/**
 * ks_escape() - write @text so that a person sees all of it
 * @out: NUL-terminated; what does not fit is left out
 *
 * As ks_make_shown(), but white space beyond ASCII and characters without a width are written as
 * <U+00A0>, and bytes that are not UTF-8 as <E4>: two names that look alike must not be taken for one.
 */
void ks_escape(const char *text, char *out, size_t bytes);

#endif
