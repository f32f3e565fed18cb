/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Results of pure functions, kept by their whole input: millions of mutated signatures are over a
 * handful of keys and digests. A key that is longer than there is room for is computed each time.
 */
#ifndef KERNEL_MEMO_H
#define KERNEL_MEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MEMO_KEY_BYTES 2048U
#define MEMO_VALUE_BYTES 640U

struct memo_key {
	size_t bytes;
	bool too_long;
	uint8_t byte[MEMO_KEY_BYTES];
};

/** memo_key_add() - one more part of the input, with its length */
void memo_key_add(struct memo_key *key, const void *part, size_t bytes);

/** memo_get() - the value that was put for this key. Return: its length, or -1. */
int memo_get(const struct memo_key *key, void *value);
void memo_put(const struct memo_key *key, const void *value, size_t bytes);

#endif
