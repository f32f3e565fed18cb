/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KERNEL_MUTATE_H
#define KERNEL_MUTATE_H

#include "seeds.h"

/** random_below() - a number of xorshift64*, whose state is @state */
u64 random_below(u64 *state, u64 limit);

/** mutate() - one change of one element of @root, by rules of DER more often than of bytes */
void mutate(struct arena *arena, u64 *random, struct tree *root, const struct seeds *seeds);

/** mutate_bytes() - a change that DER knows nothing of */
void mutate_bytes(u64 *random, struct ks_buf *bytes);

/** sign_again() - make the signatures of @tree, certificates' and messages', good where that is possible */
void sign_again(struct arena *arena, struct tree *tree, struct ks_span content);

#endif
