/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which line of the old base is which line of the new one, and the merge that follows from it.
 */
#ifndef KQ_ENGINE_MAP_H
#define KQ_ENGINE_MAP_H

#include "base/buf.h"
#include "text/text.h"

/** struct kq_map_change - lines [old_idx, old_idx + old_nr) became [onto_idx, onto_idx + onto_nr)
 */
struct kq_map_change {
	size_t old_idx;
	size_t old_nr;
	size_t onto_idx;
	size_t onto_nr;
};

/** struct kq_map_changes - all of them, in order */
struct kq_map_changes {
	struct kq_map_change *change;
	size_t nr;
	size_t room;
};

/**
 * struct kq_map - the changes between two versions of a file, in order
 * @old: the old text; borrowed, as all of these
 * @name: of the file
 * @head: equal lines at the start
 * @tail: equal lines at the end
 * @is_read: @changes are there; they are made when @head and @tail do not answer a question
 */
struct kq_map {
	struct ks_span old;
	struct ks_span onto;
	const struct kq_lines *old_lines;
	const struct kq_lines *onto_lines;
	const char *name;
	size_t head;
	size_t tail;
	bool is_read;
	struct kq_map_changes changes;
};

/** kq_map_done() - free; accepts a zeroed map */
void kq_map_done(struct kq_map *map);

/** kq_map_start() - a map of two texts, which are borrowed together with their lines and @name */
struct kq_map kq_map_start(struct ks_span old, const struct kq_lines *old_lines,
			   struct ks_span onto, const struct kq_lines *onto_lines,
			   const char *name);

/**
 * struct kq_mapped - where a range of old lines is in the new text
 * @intact: the same lines stand together in the new text
 * @onto_idx: index of the first; of the first line of what became of them unless @intact
 * @onto_nr: number of lines of what became of them
 */
struct kq_mapped {
	bool intact;
	size_t onto_idx;
	size_t onto_nr;
};

/**
 * kq_map_range() - where the lines [idx, idx + nr) of the old text are in the new one
 *
 * Lines added at either end of the range leave it intact; for an empty range they do not.
 *
 * Return: 0; what git said.
 */
int __must_check kq_map_range(struct kq_map *map, size_t idx, size_t nr,
			      struct kq_mapped *ret_mapped, struct kq_error *error);

/**
 * kq_map_cause() - the differences between both texts that touch some ranges of old lines
 * @range: only .old_idx and .old_nr count
 * @cause: hunks with 3 lines of context are appended, each once
 */
int __must_check kq_map_cause(const struct kq_map *map, const struct kq_map_change *range,
			      size_t nr_ranges, struct ks_buf *cause, struct kq_error *error);

/** struct kq_merge_side - a text with its lines, both borrowed */
struct kq_merge_side {
	struct ks_span content;
	const struct kq_lines *lines;
};

/**
 * kq_rebase_merge() - three-way merge, as git rebase makes it
 * @ret_made: nothing of use unless @ret_clean
 *
 * git merge-file is another one: it compares by another algorithm, and where lines are repeated the
 * two may both be clean and differ.
 */
int __must_check kq_rebase_merge(const struct kq_merge_side *base, const struct kq_merge_side *ours,
				 const struct kq_merge_side *theirs, struct ks_buf *ret_made,
				 bool *ret_clean, struct kq_error *error);

#endif
