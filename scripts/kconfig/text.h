/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the readers of requests, waivers, needs and SKU files share. */
#ifndef KCONFIG_TEXT_H
#define KCONFIG_TEXT_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/span.h"

/** kc_cut_prefix() - cut @prefix off the front of @s. Return: false when @s starts otherwise. */
bool kc_cut_prefix(struct ks_span *s, const char *prefix);

/** kc_cut_symbol() - cut a symbol name off the front of @s. Return: false when there is none. */
bool kc_cut_symbol(struct ks_span *s, struct ks_span *ret_symbol);

/** kc_is_symbol_byte() - may stand in the name of a symbol */
bool kc_is_symbol_byte(u8 c);

/** kc_has_word() - is @value one of @words, which have blanks between them? */
bool kc_has_word(const char *words, struct ks_span value);

/** kc_is_clean() - no control bytes but tabs, so that the text can be printed */
bool kc_is_clean(struct ks_span s);

/** kc_line_fail() - ks_fail() with "path:line" as the file name */
int kc_line_fail(struct ks_diag *diag, int err, const char *path, u32 line, const char *what);

/** kc_word_fail() - as kc_line_fail(), with the word that is wrong behind @what */
int kc_word_fail(struct ks_diag *diag, int err, const char *path, u32 line, const char *what,
		 const char *word);

/** kc_put_place() - put @before, then "path:line" */
void kc_put_place(struct ks_buf *out, const char *before, const char *path, u32 line);

/** kc_say() - one line on stderr: "kconfig-check: path:line: ..." */
__attribute__((format(printf, 3, 4))) void kc_say(const char *path, u32 line, const char *format,
						  ...);

/* For printf("%.*s"): a span's length is below the 4 MiB cap of a text file. */
#define KC_FMT(s) ((int)(s).bytes), ((s).bytes ? (const char *)(s).p : "")

#endif
