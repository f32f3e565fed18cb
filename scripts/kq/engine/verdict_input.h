/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the verdict on a patch is made from: each of its files with its four states.
 */
#ifndef KQ_ENGINE_VERDICT_INPUT_H
#define KQ_ENGINE_VERDICT_INPUT_H

#include "engine/map.h"
#include "engine/refresh.h"
#include "engine/verdict.h"
#include "text/git.h"

/**
 * struct kq_state - a file at one point of the queue
 * @content: borrowed from @text or from an overlay
 * @text: owned content, where there is no overlay that has it
 * @lines: filled by kq_state_split()
 */
struct kq_state {
	bool exists;
	bool executable;
	struct ks_span content;
	struct ks_buf text;
	struct kq_lines lines;
};

/** kq_state_set() - as @node is now; borrows its content */
void kq_state_set(struct kq_state *state, const struct kq_node *node);

/** kq_state_eq() - same existence, content and mode */
bool kq_state_eq(const struct kq_state *a, const struct kq_state *b);

/** kq_state_split() - fill ->lines, once */
int __must_check kq_state_split(struct kq_state *state, struct kq_error *error);

/**
 * struct kq_verdict_input - one file of one patch on two bases
 * @path: the file's name, NUL-terminated; owned
 * @onto_node: the file on the new base, NULL if @in_the_way
 * @same: O0 and N0 are equal: nothing to decide
 * @in_the_way: a directory or link keeps N0 from being a file; what the source said
 * @old_idx: where each hunk is on O0
 * @onto_idx: where each hunk's pre-image is on N0, where @take is set
 * @take: the hunk is still needed and its place is known
 * @must_look: exact, but nobody should take it unseen
 * @map: from O0 to N0; started with the first hunk
 * @out: what becomes public
 * @conflict: filled while @out->outcome is KQ_CONFLICT
 * @how: what becomes of its part of the patch
 */
struct kq_verdict_input {
	const struct kq_sides *sides;
	const struct kq_patch *patch;
	const struct kq_file *file;
	char *path;
	struct kq_node *onto_node;
	bool same;
	char *in_the_way;
	const size_t *old_idx;
	size_t *onto_idx;
	bool *take;
	bool must_look;
	struct kq_state o0;
	struct kq_state o1;
	struct kq_state n0;
	struct kq_state n1;
	struct kq_map map;
	struct kq_file_verdict *out;
	struct kq_conflict conflict;
	enum kq_refresh_how how;
};

/** kq_verdict_input_done() - free; accepts a zeroed case */
void kq_verdict_input_done(struct kq_verdict_input *c);

/**
 * kq_verdict_input_open() - the file on both bases before the patch
 * @c: @sides, @patch, @file and @out are set
 *
 * A file that the new base has no more is looked for under another name, if both manifests are
 * known.
 */
int __must_check kq_verdict_input_open(struct kq_verdict_input *c, struct kq_error *error);

/** kq_merge_of() - the three sides; with an empty base where O0 does not exist */
struct kq_merge kq_merge_of(const struct kq_verdict_input *c);

/** kq_conflict_done() - free; accepts a zeroed conflict */
void kq_conflict_done(struct kq_conflict *conflict);

#endif
