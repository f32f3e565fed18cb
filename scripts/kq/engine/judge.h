/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The judge's own parts: one file of a patch with its four states.
 */
#ifndef KQ_ENGINE_JUDGE_H
#define KQ_ENGINE_JUDGE_H

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
	bool program;
	struct ks_span content;
	struct ks_buf text;
	struct kq_lines lines;
};

/** kq_state_done() - free; accepts a zeroed state */
void kq_state_done(struct kq_state *state);

/** kq_state_eq() - same existence, content and mode */
bool kq_state_eq(const struct kq_state *a, const struct kq_state *b);

/** kq_state_split() - fill ->lines, once */
int __must_check kq_state_split(struct kq_state *state, struct kq_fault *fault);

/**
 * struct kq_case - one file of one patch on two bases
 * @path: the file's name, NUL-terminated; owned
 * @now_node: the file on the new base, NULL if @in_the_way
 * @same: O0 and N0 are equal: nothing to judge
 * @in_the_way: a folder or link keeps N0 from being a file; what the source said
 * @old_idx: where each hunk is on O0
 * @now_idx: where each hunk's pre-image is on N0, where @take is set
 * @take: the hunk is still needed and its place is known
 * @must_look: exact, but nobody should take it unseen
 * @map: from O0 to N0; started by kq_judge_hunks()
 * @out: what becomes public
 * @conflict: filled while @out->outcome is KQ_CONFLICT
 * @how: what becomes of its part of the patch
 */
struct kq_case {
	const struct kq_sides *sides;
	const struct kq_patch *patch;
	const struct kq_file *file;
	char *path;
	struct kq_node *now_node;
	bool same;
	char *in_the_way;
	const size_t *old_idx;
	size_t *now_idx;
	bool *take;
	bool must_look;
	struct kq_state o0;
	struct kq_state o1;
	struct kq_state n0;
	struct kq_state n1;
	struct kq_map map;
	struct kq_judged_file *out;
	struct kq_conflict conflict;
	enum kq_refresh_how how;
};

/** kq_case_done() - free; accepts a zeroed case */
void kq_case_done(struct kq_case *c);

/**
 * kq_find_renamed() - a file that the new base has no more: where did it go?
 *
 * If both manifests are known and there is one answer, N0 becomes the file under its new name.
 */
int __must_check kq_find_renamed(struct kq_case *c, struct kq_fault *fault);

/** kq_judge_file() - N1 and the outcome of one file; ->old has the patch applied already */
int __must_check kq_judge_file(struct kq_case *c, struct kq_fault *fault);

/**
 * kq_judge_hunks() - search the hunks of a modified file on N0
 * @ret_open: how many hunks the search did not decide; with 0, ->take and ->now_idx are complete
 */
int __must_check kq_judge_hunks(struct kq_case *c, size_t *ret_open, struct kq_fault *fault);

/** kq_outcome_of_hunks() - what the verdicts on hunks and mode add up to */
enum kq_outcome kq_outcome_of_hunks(const struct kq_case *c);

/** kq_judge_merge() - a modified file that the search did not decide: three-way merge */
int __must_check kq_judge_merge(struct kq_case *c, struct kq_fault *fault);

/**
 * kq_judge_doubt() - is there another place that may be meant? Then it is a conflict
 * @is_merge: what was judged is what git merge-file makes
 */
int __must_check kq_judge_doubt(struct kq_case *c, bool is_merge, struct kq_fault *fault);

/** kq_merge_of() - the three sides; with an empty base where O0 does not exist */
struct kq_merge kq_merge_of(const struct kq_case *c);

/** kq_judge_conflict() - show the conflict, ask for a resolution */
int __must_check kq_judge_conflict(struct kq_case *c, enum kq_trouble trouble,
				   struct kq_fault *fault);

enum kq_twin {
	KQ_NO_TWIN,
	KQ_FAR_TWIN,   /* somewhere in the file: common lines of error paths are */
	KQ_CLOSE_TWIN, /* within some lines */
};

/**
 * kq_find_twin() - has the new base made the change of a hunk too, at another place?
 * @merged: the merge that the hunk is a part of; NULL if it is applied as it is
 */
int __must_check kq_find_twin(struct kq_case *c, size_t hunk_idx, const struct kq_lines *merged,
			      enum kq_twin *ret_twin, struct kq_fault *fault);

#endif
