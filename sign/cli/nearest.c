// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/nearest.h"

#include <string.h>

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Edits from @a to @b (optimal string alignment); both at most KS_NEAREST_MAX_BYTES long. */
static size_t edits(const char *a, size_t a_bytes, const char *b, size_t b_bytes)
{
	size_t d[KS_NEAREST_MAX_BYTES + 1][KS_NEAREST_MAX_BYTES + 1];
	size_t i, j;

	for (i = 0; i <= a_bytes; i++)
		d[i][0] = i;
	for (j = 0; j <= b_bytes; j++)
		d[0][j] = j;
	for (i = 1; i <= a_bytes; i++) {
		for (j = 1; j <= b_bytes; j++) {
			size_t changed = a[i - 1] != b[j - 1];

			d[i][j] = least(d[i - 1][j - 1] + changed,
					least(d[i - 1][j], d[i][j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[a_bytes][b_bytes];
}

void ks_nearest_offer(struct ks_nearest *search, const char *candidate)
{
	size_t word_bytes = strlen(search->word), candidate_bytes = strlen(candidate), nr;

	if (word_bytes < 2 || word_bytes > KS_NEAREST_MAX_BYTES ||
	    candidate_bytes > KS_NEAREST_MAX_BYTES)
		return;
	nr = edits(search->word, word_bytes, candidate, candidate_bytes);
	if (nr > (candidate_bytes + 2) / 3 && strncmp(search->word, candidate, word_bytes) != 0)
		return;
	if (search->best && nr >= search->best_edits)
		return;
	search->best = candidate;
	search->best_edits = nr;
}
