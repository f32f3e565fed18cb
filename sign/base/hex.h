/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_BASE_HEX_H
#define KS_BASE_HEX_H

#include "base/buf.h"

/** ks_hex() - lower-case hex of @in, cut at the room there is; @text gets a NUL */
void ks_hex(struct ks_span in, char *text, size_t text_bytes);

/** ks_hex_value() - what a hex digit of either case stands for; negative for any other character */
int ks_hex_value(char c);

/**
 * ks_unhex() - append the bytes that hex digits of either case stand for
 * @out: nothing is appended on failure
 * Return: true; false for an odd number of digits or another character.
 */
bool __must_check ks_unhex(const char *hex, struct ks_buf *out);

#endif
