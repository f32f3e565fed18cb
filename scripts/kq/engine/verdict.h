/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a new base means for one patch of the queue.
 *
 *            old base                     new base
 *   before   O0  the earlier patches      N0  what became of them
 *   after    O1  = O0 + this patch        N1  = what this says it should be
 *
 * Each hunk is searched exactly; what an exact search cannot decide is left to a three-way merge of
 * (N0, O0, O1), and what that cannot decide, to a person. Nothing is fuzzy and nothing is guessed:
 *
 *   kept      all hunks are found once, or where the old base's lines went: only numbers change
 *   partial   some hunks are in the new base already: the patch without them
 *   merged    git merge-file put it together, or a hunk is found once, but not where the old base's
 *             lines went: to be looked at, always
 *   upstream  the new base has all of it already, and two pieces of evidence say so
 *   dropped   nothing is left of it, because a resolution says so: never upstream
 *   conflict  none of these
 *
 * Lines that are there several times are found where the old base's lines went, if the function
 * above them is the same one there and no clean merge of git's says otherwise (verdict_doubt.c).
 */
#ifndef KQ_ENGINE_VERDICT_H
#define KQ_ENGINE_VERDICT_H

#include "base/buf.h"
#include "engine/hunk.h"
#include "queue/patch.h"
#include "tree/overlay.h"

struct kq_manifest;

enum kq_outcome {
	KQ_KEPT,
	KQ_PARTIAL,
	KQ_MERGED,
	KQ_UPSTREAM,
	KQ_GIVEN_UP,
	KQ_CONFLICT,
};

/** kq_outcome_name() - "kept", "partial", "merged", "upstream", "dropped", "conflict" */
const char *kq_outcome_name(enum kq_outcome outcome);

/* Why a file is a conflict. */
enum kq_trouble {
	KQ_NO_TROUBLE,
	KQ_SAME_LINES, /* both changed them */
	KQ_TWICE,      /* a clean merge, but the new base has made the same change close by */
	KQ_DOUBT,      /* its lines are there several times, or git sees them elsewhere */
	KQ_GONE,       /* deleted in the new base */
	KQ_RENAMED,    /* under another name in the new base */
	KQ_EXISTS,     /* the patch makes it, the new base has another one */
	KQ_CHANGED,    /* the patch deletes it, the new base has changed it */
	KQ_IN_THE_WAY, /* a directory or a link is where the file should be */
	KQ_BINARY,     /* no text, nothing to merge */
};

/** kq_trouble_text() - the same in words, for "PATH: ..." */
const char *kq_trouble_text(enum kq_trouble trouble);

/**
 * struct kq_conflict - one file that a person must decide on
 * @path: as the patch names it; borrowed from the patch
 * @renamed: its new name for KQ_RENAMED, else NULL; borrowed from the verdict
 * @old_base: O0
 * @ours: N0; for KQ_RENAMED the file under its new name
 * @theirs: O1
 * @old_exists: O0 exists; so do @ours_exist for N0 and @theirs_exist for O1
 * @marked: git merge-file --diff3 of the three; it may be clean (KQ_TWICE always is, KQ_DOUBT and
 * KQ_RENAMED often), and is empty where there is nothing to merge
 * @cause: the hunks of the difference between O0 and N0 that touch the patch's lines; for
 * KQ_IN_THE_WAY, one line that says what is
 *
 * The three sides borrow what stays valid as long as the verdict.
 */
struct kq_conflict {
	struct ks_span path;
	const char *renamed;
	enum kq_trouble trouble;
	bool old_exists;
	bool ours_exist;
	bool theirs_exist;
	struct ks_span old_base;
	struct ks_span ours;
	struct ks_span theirs;
	struct ks_buf marked;
	struct ks_buf cause;
	struct ks_buf kept[3];
};

enum kq_resolved_how {
	KQ_UNRESOLVED,	      /* nobody has resolved it */
	KQ_RESOLVED,	      /* the file becomes this content */
	KQ_RESOLVED_ABSENT,   /* the file should not be there */
	KQ_RESOLVED_GIVEN_UP, /* the patch's change of the file is given up; the new base's file stays */
};

/** struct kq_resolved - what somebody made of a conflict; @reason: one line, may be empty */
struct kq_resolved {
	enum kq_resolved_how how;
	struct ks_buf content;
	struct ks_buf reason;
};

/** kq_resolved_done() - free; accepts a zeroed struct */
void kq_resolved_done(struct kq_resolved *resolved);

/**
 * kq_resolve_fn - has somebody resolved this conflict before?
 * @ret_resolved: zeroed; of the file, for KQ_RENAMED of @conflict->renamed
 *
 * The content of the new base is not a resolution: the conflict stays.
 */
typedef int (*kq_resolve_fn)(void *arg, const struct kq_conflict *conflict,
			     struct kq_resolved *ret_resolved, struct kq_error *error);

/**
 * struct kq_sides - the two bases, each with the patches so far
 * @old_label: the old base's name, for conflict markers
 * @old_files: the old base's list of files, NULL if unknown; with @onto_files it finds renames
 * @resolve: NULL if there are no resolutions
 */
struct kq_sides {
	struct kq_overlay *old;
	struct kq_overlay *onto;
	const char *old_label;
	const char *onto_label;
	const struct kq_manifest *old_files;
	const struct kq_manifest *onto_files;
	kq_resolve_fn resolve;
	void *resolve_arg;
};

/**
 * struct kq_hunk_verdict - one hunk on the new base
 * @patch_line: of its @@ line
 * @old_idx: where it is on the old base: index of a line of O0
 * @onto_idx: where it is on the new base, for KQ_FWD and KQ_REV: index of a line of N0
 * @evidence: what decided, static text
 * @moved: exact and at one place only, but not where the old base's lines went
 * @duplicate: KQ_FWD, but the new base has made the same change elsewhere in the file: look at it
 * (close by, that makes it KQ_MERGED)
 */
struct kq_hunk_verdict {
	enum kq_hunk_found verdict;
	u32 patch_line;
	size_t old_idx;
	size_t onto_idx;
	const char *evidence;
	bool moved;
	bool duplicate;
};

/**
 * struct kq_file_verdict - one file of the patch on the new base
 * @path: borrowed from the patch
 * @resolved: by a stored resolution, not by git: KQ_MERGED, or KQ_GIVEN_UP if it leaves nothing
 * @reason: why it was given up, if somebody said so
 * @renamed: its new name, NULL if it has none; owned
 * @mode: KQ_NONE without a mode change; KQ_FWD, or KQ_REV if the new base has it already
 */
struct kq_file_verdict {
	struct ks_span path;
	enum kq_change change;
	enum kq_outcome outcome;
	enum kq_trouble trouble;
	enum kq_hunk_found mode;
	bool resolved;
	struct ks_buf reason;
	char *renamed;
	struct kq_hunk_verdict *hunk;
	size_t nr_hunks;
};

/**
 * struct kq_verdict - one patch on the new base
 * @text: the refreshed patch; empty for KQ_UPSTREAM, KQ_GIVEN_UP and KQ_CONFLICT
 * @conflict: the files that are KQ_CONFLICT
 */
struct kq_verdict {
	enum kq_outcome outcome;
	struct kq_file_verdict *file;
	size_t nr_files;
	struct kq_conflict *conflict;
	size_t nr_conflicts;
	struct ks_buf text;
};

/** kq_verdict_done() - free; accepts a zeroed verdict */
void kq_verdict_done(struct kq_verdict *verdict);

/**
 * kq_verdict_make() - the verdict on one patch; goes on to the next state of both bases
 * @sides: on success ->old has the patch applied, ->onto has the result (without a
 * text it is unchanged)
 * @patch: must outlive @ret_verdict
 * @text: the bytes that @patch was parsed from
 * @ret_verdict: owned by the caller
 *
 * Return: 0, whatever the outcome; KQ_REFUSED if the patch does not apply to the old base, exactly:
 * the queue and its base disagree; what files, git or memory said.
 */
int __must_check kq_verdict_make(const struct kq_sides *sides, const struct kq_patch *patch,
				 struct ks_span text, struct kq_verdict *ret_verdict,
				 struct kq_error *error);

#endif
