/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Borrowed bytes, and the one gate through which an (offset, length) becomes a pointer.
 *
 * No other room adds to a pointer into input or casts input to a struct.
 */
#ifndef KS_BASE_SPAN_H
#define KS_BASE_SPAN_H

#include "base/types.h"

/** struct ks_span - borrowed, const bytes; @p may be NULL only when @bytes is 0 */
struct ks_span {
	const u8 *p;
	size_t bytes;
};

/**
 * ks_span_sub() - the part [off, off + n) of a span
 * @s: the whole
 * @off: offset in bytes; @off == @s.bytes is allowed for @n == 0
 * @n: length in bytes
 * @ret_part: written on success only; borrows what @s borrows
 *
 * Return: true; false when the part is not inside, or off + n overflows 64 bits.
 */
bool __must_check ks_span_sub(struct ks_span s, u64 off, u64 n, struct ks_span *ret_part);

/** ks_span_str() - the bytes of a NUL-terminated string, without the NUL */
struct ks_span ks_span_str(const char *text);

/** ks_span_eq() - same length and same bytes */
bool ks_span_eq(struct ks_span a, struct ks_span b);

/** ks_span_cmp() - order by bytes, the shorter one first. Return: < 0, 0, > 0 as memcmp() */
int ks_span_cmp(struct ks_span a, struct ks_span b);

/** ks_span_ends_with() - the last bytes of @s are @tail */
bool ks_span_ends_with(struct ks_span s, struct ks_span tail);

/** ks_span_is_zero() - all bytes are 0 (true for an empty span) */
bool ks_span_is_zero(struct ks_span s);

/**
 * ks_span_line() - cut the next line off a text
 * @text: in: the rest of the text; out: what follows the line
 * @ret_line: the line without its newline
 *
 * Return: false when @text is empty.
 */
bool ks_span_line(struct ks_span *text, struct ks_span *ret_line);

/**
 * ks_span_word() - cut the next blank-separated word off a line
 *
 * Return: false when only blanks are left.
 */
bool ks_span_word(struct ks_span *line, struct ks_span *ret_word);

/** ks_span_trim() - without blanks (space, tab, CR, LF) at both ends */
struct ks_span ks_span_trim(struct ks_span s);

#endif
