/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The word that was probably meant.
 */
#ifndef KS_CLI_NEAREST_H
#define KS_CLI_NEAREST_H

#include <stddef.h>

/* Longer words get no suggestion: no noun, verb or option is near them. */
#define KS_NEAREST_MAX_BYTES 31

/**
 * struct ks_nearest - a search; start with { .word = what was typed }
 * @word: what was typed
 * @best: the nearest word offered so far; NULL while none is near enough
 * @best_edits: how far @best is from @word
 */
struct ks_nearest {
	const char *word;
	const char *best;
	size_t best_edits;
};

/**
 * ks_nearest_offer() - take @candidate if it is nearer than what was offered before
 * @candidate: borrowed; near enough when one letter in three differs at most (a letter added, left
 *             out, changed or swapped with the next counts as one), or when @word begins it
 */
void ks_nearest_offer(struct ks_nearest *search, const char *candidate);

#endif
