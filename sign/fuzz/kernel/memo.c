// SPDX-License-Identifier: LGPL-2.1-or-later
#include "memo.h"

#include <stdlib.h>
#include <string.h>

#define NR_ROWS 8192U

static struct row {
	struct memo_key *key;
	size_t bytes;
	uint8_t value[MEMO_VALUE_BYTES];
} rows[NR_ROWS];

void memo_key_add(struct memo_key *key, const void *part, size_t bytes)
{
	if (key->too_long || bytes > MEMO_KEY_BYTES - sizeof(bytes) ||
	    key->bytes > MEMO_KEY_BYTES - sizeof(bytes) - bytes) {
		key->too_long = true;
		return;
	}
	memcpy(&key->byte[key->bytes], &bytes, sizeof(bytes));
	key->bytes += sizeof(bytes);
	if (bytes)
		memcpy(&key->byte[key->bytes], part, bytes);
	key->bytes += bytes;
}

/* FNV-1a */
static struct row *row_of(const struct memo_key *key)
{
	uint64_t hash = 0xcbf29ce484222325U;
	size_t i;

	for (i = 0; i < key->bytes; i++)
		hash = (hash ^ key->byte[i]) * 0x100000001b3U;
	return &rows[(hash ^ hash >> 32) % NR_ROWS];
}

int memo_get(const struct memo_key *key, void *value)
{
	const struct row *row = row_of(key);

	if (key->too_long || !row->key || row->key->bytes != key->bytes ||
	    memcmp(row->key->byte, key->byte, key->bytes) != 0)
		return -1;
	memcpy(value, row->value, row->bytes);
	return (int)row->bytes;
}

void memo_put(const struct memo_key *key, const void *value, size_t bytes)
{
	struct row *row = row_of(key);

	if (key->too_long || bytes > MEMO_VALUE_BYTES)
		return;
	free(row->key);
	row->key = malloc(offsetof(struct memo_key, byte) + key->bytes);
	if (!row->key)
		return;
	memcpy(row->key, key, offsetof(struct memo_key, byte) + key->bytes);
	memcpy(row->value, value, bytes);
	row->bytes = bytes;
}
