// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tree/overlay.h"

#include <stdlib.h>
#include <string.h>

#include "text/text.h"

/* Touched files of a whole queue: most of what a release has. */
#define MAX_NODES 65536U

static void node_free(struct kq_node **node)
{
	if (!*node)
		return;
	free((*node)->path);
	ks_buf_done(&(*node)->old);
	ks_buf_done(&(*node)->patched);
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

static int load_node(struct kq_node *node, const struct kq_source *source, struct kq_error *error)
{
	__cleanup(kq_blob_done) struct kq_blob blob = { 0 };
	int rc = kq_source_load(source, node->path, &blob, error);

	if (rc)
		return rc;
	node->existed = node->exists = blob.exists;
	node->old_mode = blob.mode;
	node->executable = blob.mode & 0100;
	ks_buf_move(&node->old, &blob.content);
	return 0;
}

static struct kq_node *find_node(const struct kq_overlay *overlay, struct ks_span path, u64 hash)
{
	size_t i;

	for (i = 0; i < overlay->nr; i++)
		if (overlay->node[i]->hash == hash && kq_is(path, overlay->node[i]->path))
			return overlay->node[i];
	return NULL;
}

static struct kq_node *new_node(struct ks_span path, u64 hash, struct kq_error *error)
{
	struct kq_node *node = calloc(1, sizeof(*node));

	if (node)
		node->path = strndup((const char *)path.p, path.bytes);
	if (node && node->path) {
		node->hash = hash;
		return node;
	}
	node_free(&node);
	kq_no_memory(error);
	return NULL;
}

/* @node belongs to the overlay afterwards, or is freed. */
static int add_node(struct kq_overlay *overlay, struct kq_node *node, struct kq_error *error)
{
	struct kq_node **moved = kq_grow(overlay->node, overlay->nr, &overlay->room, sizeof(*moved),
					 MAX_NODES, error);

	if (!moved) {
		node_free(&node);
		return error->err;
	}
	overlay->node = moved;
	overlay->node[overlay->nr++] = node;
	return 0;
}

int kq_overlay_get(struct kq_overlay *overlay, struct ks_span path, struct kq_node **ret_node,
		   struct kq_error *error)
{
	u64 hash = hash_of(path);
	struct kq_node *node = find_node(overlay, path, hash);
	int rc;

	if (!node) {
		node = new_node(path, hash, error);
		if (!node)
			return error->err;
		rc = load_node(node, overlay->source, error);
		if (rc) {
			node_free(&node);
			return rc;
		}
		rc = add_node(overlay, node, error);
		if (rc)
			return rc;
	}
	*ret_node = node;
	return 0;
}

static int clone_node(const struct kq_node *from, struct kq_overlay *to, struct kq_error *error)
{
	struct kq_node *node = new_node(ks_span_str(from->path), from->hash, error);
	struct ks_diag diag = { 0 };

	if (!node)
		return error->err;
	node->existed = from->existed;
	node->exists = from->exists;
	node->old_mode = from->old_mode;
	node->executable = from->executable;
	node->changed = from->changed;
	ks_put(&node->old, ks_buf_span(&from->old));
	ks_put(&node->patched, ks_buf_span(&from->patched));
	if (ks_buf_ok(&node->old, &diag) || ks_buf_ok(&node->patched, &diag)) {
		node_free(&node);
		return kq_fail_diag(error, &diag);
	}
	return add_node(to, node, error);
}

int kq_overlay_clone(const struct kq_overlay *overlay, struct kq_overlay *ret_overlay,
		     struct kq_error *error)
{
	__cleanup(kq_overlay_done) struct kq_overlay clone = { .source = overlay->source };
	size_t i;
	int rc = 0;

	for (i = 0; i < overlay->nr && !rc; i++)
		rc = clone_node(overlay->node[i], &clone, error);
	if (rc)
		return rc;
	*ret_overlay = clone;
	clone = (struct kq_overlay){ 0 };
	return 0;
}

/* @above is a directory on the way to @below. */
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

		if (other->exists &&
		    (is_above(other->path, node->path) || is_above(node->path, other->path)))
			return other;
	}
	return NULL;
}

struct ks_span kq_node_content(const struct kq_node *node)
{
	return ks_buf_span(node->changed ? &node->patched : &node->old);
}

void kq_node_put(struct kq_node *node, struct ks_buf *content)
{
	ks_buf_done(&node->patched);
	ks_buf_move(&node->patched, content);
	node->changed = true;
}

bool kq_node_differs(const struct kq_node *node)
{
	if (node->exists != node->existed)
		return true;
	return node->exists && (node->executable != !!(node->old_mode & 0100) ||
				!ks_span_eq(kq_node_content(node), ks_buf_span(&node->old)));
}
