// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/der.h"

#define MAX_DEPTH 16

void *arena_take(struct arena *arena, size_t bytes)
{
	size_t at = ks_align_up(arena->used, 16);

	if (bytes > arena->room_bytes - at)
		abort();
	arena->used = at + bytes;
	return memset(&arena->p[at], 0, bytes);
}

struct ks_span arena_copy(struct arena *arena, struct ks_span bytes)
{
	u8 *copy = arena_take(arena, bytes.bytes + 1);

	if (bytes.bytes)
		memcpy(copy, bytes.p, bytes.bytes);
	return (struct ks_span){ copy, bytes.bytes };
}

struct tree *tree_leaf(struct arena *arena, u8 tag, struct ks_span leaf)
{
	struct tree *tree = arena_take(arena, sizeof(*tree));

	tree->tag = tag;
	tree->leaf = leaf;
	return tree;
}

/* Header of definite length. */
static bool cut(struct ks_span *in, u8 *ret_tag, struct ks_span *ret_value)
{
	size_t length, header = 2, count;

	if (in->bytes < 2 || (in->p[0] & 0x1f) == 0x1f)
		return false;
	*ret_tag = in->p[0];
	length = in->p[1];
	if (length > 0x7f) {
		count = length & 0x7f;
		if (!count || count > 2 || in->bytes < 2 + count)
			return false;
		for (length = 0; count; count--)
			length = length << 8 | in->p[header++];
	}
	return ks_span_sub(*in, header, length, ret_value) &&
	       ks_span_sub(*in, header + length, in->bytes - header - length, in);
}

/* The children, if all of @value is elements. */
static bool parse_children(struct arena *arena, struct ks_span value, struct tree *tree, int depth);

static struct tree *parse(struct arena *arena, struct ks_span *in, int depth)
{
	struct ks_span value, inside;
	struct tree *tree;
	u8 tag;

	if (!cut(in, &tag, &value))
		return NULL;
	tree = tree_leaf(arena, tag, arena_copy(arena, value));
	inside = value;
	if (tag == KS_DER_BIT_STRING && value.bytes > 4 && !value.p[0] && value.p[1] == KS_DER_SEQUENCE &&
	    ks_span_sub(value, 1, value.bytes - 1, &inside))
		tree->prefix = 1;
	if ((tag & 0x20 || tree->prefix ||
	     (tag == KS_DER_OCTET_STRING && value.bytes > 2 && value.p[0] < 0x40)) &&
	    !parse_children(arena, inside, tree, depth + 1)) {
		tree->nr_children = 0;
		tree->prefix = 0;
	}
	return tree;
}

static bool parse_children(struct arena *arena, struct ks_span value, struct tree *tree, int depth)
{
	if (depth > MAX_DEPTH)
		return false;
	while (value.bytes) {
		if (tree->nr_children == TREE_MAX_CHILDREN)
			return false;
		tree->child[tree->nr_children] = parse(arena, &value, depth);
		if (!tree->child[tree->nr_children])
			return false;
		tree->nr_children++;
	}
	return tree->nr_children > 0;
}

struct tree *tree_parse(struct arena *arena, struct ks_span der)
{
	return parse(arena, &der, 0);
}

struct tree *tree_clone(struct arena *arena, const struct tree *tree)
{
	struct tree *copy = arena_take(arena, sizeof(*copy));
	size_t i;

	*copy = *tree;
	for (i = 0; i < tree->nr_children; i++)
		copy->child[i] = tree_clone(arena, tree->child[i]);
	return copy;
}

static void write_length(struct ks_buf *out, u8 form, size_t length)
{
	if (form == TREE_INDEFINITE) {
		ks_put_u8(out, 0x80);
		return;
	}
	if (form == TREE_SHORTEST)
		form = length < 0x80 ? TREE_SHORTEST : length < 0x100 ? TREE_ONE_BYTE : TREE_TWO_BYTES;
	if (form)
		ks_put_u8(out, 0x80 | form);
	if (form >= TREE_THREE_BYTES)
		ks_put_u8(out, (u8)(length >> 16));
	if (form >= TREE_TWO_BYTES)
		ks_put_u8(out, (u8)(length >> 8));
	ks_put_u8(out, (u8)length);
}

void tree_write(const struct tree *tree, struct ks_buf *out)
{
	static const u8 zeros[2];
	struct ks_buf inside = { 0 };
	struct ks_span value = tree->leaf;
	size_t i;

	if (tree->nr_children) {
		ks_put_fill(&inside, 0, tree->prefix);
		for (i = 0; i < tree->nr_children; i++)
			tree_write(tree->child[i], &inside);
		value = ks_buf_span(&inside);
	}
	ks_put_u8(out, tree->tag);
	write_length(out, tree->form, value.bytes + (size_t)tree->lie);
	ks_put(out, value);
	if (tree->form == TREE_INDEFINITE)
		ks_put(out, (struct ks_span){ zeros, sizeof(zeros) });
	ks_buf_done(&inside);
}

size_t tree_list(struct tree *tree, struct tree **list, size_t room)
{
	size_t n = 0, i;

	if (!room)
		return 0;
	list[n++] = tree;
	for (i = 0; i < tree->nr_children; i++)
		n += tree_list(tree->child[i], &list[n], room - n);
	return n;
}
