// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tree/overlay.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "text/text.h"

/* Touched files of a whole queue; a queue that touches more is a new kernel. */
#define MAX_NODES 65536U

static void node_free(struct kq_node **node)
{
	if (!*node)
		return;
	free((*node)->path);
	ks_buf_done(&(*node)->old);
	ks_buf_done(&(*node)->now);
	free(*node);
	*node = NULL;
}

void kq_overlay_done(struct kq_overlay *overlay)
{
	size_t i;

	for (i = 0; i < overlay->nr; i++)
		node_free(&overlay->node[i]);
	free(overlay->node);
	*overlay = (struct kq_overlay){ 0 };
}

/* FNV-1a, only to skip most comparisons of names. */
static u64 hash_of(struct ks_span s)
{
	u64 hash = 0xcbf29ce484222325ULL;
	size_t i;

	for (i = 0; i < s.bytes; i++)
		hash = (hash ^ s.p[i]) * 0x100000001b3ULL;
	return hash;
}

/*
 * Look at every folder on the way without following a link: a link could lead out of the tree.
 * Return: 0 with *ret_st of the last part, which has st_mode 0 if something is missing.
 */
static int walk(const char *tree, const char *path, struct stat *ret_st, struct kq_fault *fault)
{
	char full[PATH_MAX];
	size_t tree_bytes = strlen(tree);
	char *c;

	if ((size_t)snprintf(full, sizeof(full), "%s/%s", tree, path) >= sizeof(full))
		return kq_fail(fault, -ENAMETOOLONG, "%s: path is too long", path);
	for (c = full + tree_bytes + 1; c; ) {
		*ret_st = (struct stat){ 0 };
		c = strchr(c, '/');
		if (c)
			*c = '\0';
		if (lstat(full, ret_st)) {
			if (errno == ENOENT)
				return 0;
			return kq_fail(fault, -errno, "%s: %s", full, strerror(errno));
		}
		if (S_ISLNK(ret_st->st_mode))
			return kq_fail(fault, KQ_REFUSED, "%s is a symbolic link, refused",
				       full + tree_bytes + 1);
		if (c && !S_ISDIR(ret_st->st_mode))
			return kq_fail(fault, KQ_REFUSED, "%s is no folder", full + tree_bytes + 1);
		if (c)
			*c++ = '/';
	}
	return 0;
}

static int load(struct kq_node *node, const char *tree, struct kq_fault *fault)
{
	struct ks_diag diag = { 0 };
	char full[PATH_MAX];
	struct stat st;
	int rc = walk(tree, node->path, &st, fault);

	if (rc || !st.st_mode)
		return rc;
	if (!S_ISREG(st.st_mode))
		return kq_fail(fault, KQ_REFUSED, "%s is no plain file", node->path);
	snprintf(full, sizeof(full), "%s/%s", tree, node->path);
	if (ks_file_load(full, KQ_MAX_FILE_BYTES, &node->old, &diag))
		return kq_fail_diag(fault, &diag);
	node->existed = node->exists = true;
	node->old_mode = st.st_mode & 07777;
	node->program = st.st_mode & 0100;
	return 0;
}

int kq_overlay_get(struct kq_overlay *overlay, struct ks_span path, struct kq_node **ret_node,
		   struct kq_fault *fault)
{
	__cleanup(node_free) struct kq_node *node = NULL;
	u64 hash = hash_of(path);
	struct kq_node **moved;
	size_t i;
	int rc;

	for (i = 0; i < overlay->nr; i++) {
		if (overlay->node[i]->hash != hash || !kq_is(path, overlay->node[i]->path))
			continue;
		*ret_node = overlay->node[i];
		return 0;
	}
	moved = kq_grow(overlay->node, overlay->nr, &overlay->room, sizeof(*moved), MAX_NODES,
			fault);
	if (!moved)
		return fault->err;
	overlay->node = moved;
	node = calloc(1, sizeof(*node));
	if (!node)
		return kq_no_memory(fault);
	node->hash = hash;
	node->path = strndup((const char *)path.p, path.bytes);
	if (!node->path)
		return kq_no_memory(fault);
	rc = load(node, overlay->tree, fault);
	if (rc)
		return rc;
	overlay->node[overlay->nr++] = *ret_node = node;
	node = NULL;
	return 0;
}

/* @above is a folder on the way to @below. */
static bool is_above(const char *above, const char *below)
{
	size_t n = strlen(above);

	return !strncmp(above, below, n) && below[n] == '/';
}

const struct kq_node *kq_overlay_blocks(const struct kq_overlay *overlay,
					const struct kq_node *node)
{
	size_t i;

	for (i = 0; i < overlay->nr; i++) {
		const struct kq_node *other = overlay->node[i];

		if (other->exists && (is_above(other->path, node->path) ||
				      is_above(node->path, other->path)))
			return other;
	}
	return NULL;
}

struct ks_span kq_node_content(const struct kq_node *node)
{
	return ks_buf_span(node->changed ? &node->now : &node->old);
}

void kq_node_put(struct kq_node *node, struct ks_buf *content)
{
	ks_buf_done(&node->now);
	ks_buf_move(&node->now, content);
	node->changed = true;
}

bool kq_node_differs(const struct kq_node *node)
{
	if (node->exists != node->existed)
		return true;
	return node->exists && (node->program != !!(node->old_mode & 0100) ||
				!ks_span_eq(kq_node_content(node), ks_buf_span(&node->old)));
}
