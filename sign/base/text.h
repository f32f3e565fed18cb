/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What readers of plain lines share: requests of Kconfig, needs, policies, SKU files.
 */
#ifndef KS_BASE_TEXT_H
#define KS_BASE_TEXT_H

#include "base/diag.h"
#include "base/span.h"

/* What ARCH of a SKU may be, and so the architecture of a need or a rule. */
#define KS_ARCHES "x86_64 arm64"

/** ks_text_cut() - cut @prefix off the front of @s. Return: false when @s starts otherwise. */
bool ks_text_cut(struct ks_span *s, const char *prefix);

/** ks_text_symbol() - cut the name of a Kconfig symbol off the front of @s. Return: false when there is none. */
bool ks_text_symbol(struct ks_span *s, struct ks_span *ret_symbol);

/** ks_text_is_symbol_byte() - may stand in the name of a symbol */
bool ks_text_is_symbol_byte(u8 c);

/** ks_text_has_word() - is @value one of @words, which have blanks between them? */
bool ks_text_has_word(const char *words, struct ks_span value);

/** ks_text_item() - cut the next item off a list with commas; an empty one counts. Return: false at its end. */
bool ks_text_item(struct ks_span *list, struct ks_span *ret_item);

/** ks_text_list_has() - is @item one of @list, which has commas between them? */
bool ks_text_list_has(struct ks_span list, struct ks_span item);

/** ks_text_is_clean() - no control bytes but tabs, so that the text can be printed */
bool ks_text_is_clean(struct ks_span s);

/** ks_text_fail() - ks_fail() with "path:line" as the file name */
int ks_text_fail(struct ks_diag *diag, int err, const char *path, u32 line, const char *what);

/** ks_text_fail_word() - as ks_text_fail(), with the word that is wrong behind @what; NULL for none */
int ks_text_fail_word(struct ks_diag *diag, int err, const char *path, u32 line, const char *what,
		      const char *word);

/* For printf("%.*s"): a span's length is below the 4 MiB cap of a text file. */
#define KS_FMT(s) ((int)(s).bytes), ((s).bytes ? (const char *)(s).p : "")

#endif
