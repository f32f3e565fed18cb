/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * DER as a tree that can be changed and written again with lengths that fit, or with those that it is
 * told. Nodes are never freed by themselves: they live in one of two arenas, for the seeds and for the
 * input that is being made.
 */
#ifndef KERNEL_TREE_H
#define KERNEL_TREE_H

#include "base/buf.h"

#define TREE_MAX_CHILDREN 24U

/* What has to be signed again when it was changed. */
enum tree_role { TREE_PLAIN, TREE_CERTIFICATE, TREE_SIGNER };

/* How the length is written. */
enum tree_form { TREE_SHORTEST, TREE_ONE_BYTE, TREE_TWO_BYTES, TREE_THREE_BYTES, TREE_INDEFINITE };

/**
 * struct tree - one element
 * @lie: added to the length that is written
 * @prefix: bytes before the children: the count of unused bits of a BIT STRING
 * @leaf: contents, when there are no children
 * @key: of a role: whose signature it has, see keys.h
 */
struct tree {
	u8 tag;
	u8 form;
	int8_t lie;
	u8 prefix;
	u8 role;
	u8 key;
	struct ks_span leaf;
	size_t nr_children;
	struct tree *child[TREE_MAX_CHILDREN];
};

/** struct arena - memory that is given back as a whole */
struct arena {
	u8 *p;
	size_t room_bytes;
	size_t used;
};

/** arena_take() - zeroed; aborts when the arena is full */
void *arena_take(struct arena *arena, size_t bytes);
struct ks_span arena_copy(struct arena *arena, struct ks_span bytes);

/** tree_parse() - one element of DER and everything in it, strings that hold DER as well; NULL if it is none */
struct tree *tree_parse(struct arena *arena, struct ks_span der);

/** tree_clone() - a copy whose leaves are shared; up to @depth levels are copied */
struct tree *tree_clone(struct arena *arena, const struct tree *tree);

/** tree_leaf() - a new element without children */
struct tree *tree_leaf(struct arena *arena, u8 tag, struct ks_span leaf);

/** tree_write() - append the encoding to @out */
void tree_write(const struct tree *tree, struct ks_buf *out);

/** tree_list() - all elements below @tree, itself first. Return: how many; at most @room. */
size_t tree_list(struct tree *tree, struct tree **list, size_t room);

#endif
