/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where a hunk belongs in a file: exact search, no fuzz, a verdict.
 */
#ifndef KQ_ENGINE_HUNK_H
#define KQ_ENGINE_HUNK_H

#include "queue/patch.h"
#include "text/text.h"

enum kq_verdict {
	KQ_FWD,       /* the pre-image is there, at one place */
	KQ_REV,       /* the post-image is there, the pre-image is not: already applied */
	KQ_BOTH,      /* pre-image away from its line, and a post-image beside it */
	KQ_NONE,      /* neither is there */
	KQ_AMBIGUOUS, /* the pre-image is at several places, none of them the stated line */
};

/**
 * struct kq_image - one side of a hunk
 * @line: pointers to the hunk's lines of that side
 * @want_idx: index of the file's line where it should start
 * @at_start: must match at the start of the file
 * @at_end: must match at the end of the file
 */
struct kq_image {
	const struct kq_line **line;
	size_t nr;
	size_t want_idx;
	bool at_start;
	bool at_end;
};

/** kq_image_done() - free; accepts a zeroed image */
void kq_image_done(struct kq_image *image);

/** kq_image_build() - the pre-image ('-') or the post-image ('+') of a hunk */
int __must_check kq_image_build(const struct kq_hunk *hunk, char side, struct kq_image *ret_image,
				struct kq_fault *fault);

/**
 * struct kq_places - where an image is
 * @first: the first two of @nr
 * @at_wanted: image->want_idx is one of them
 */
struct kq_places {
	size_t nr;
	size_t first[2];
	bool at_wanted;
};

/** kq_image_is_at() - all of the image's lines are in the file, from line @idx on */
bool kq_image_is_at(const struct kq_image *image, const struct kq_lines *lines, size_t idx);

/** kq_image_find() - all places of an image in a file */
struct kq_places kq_image_find(const struct kq_image *image, const struct kq_lines *lines);

/**
 * struct kq_match - the verdict on one hunk
 * @idx: where the pre-image (KQ_FWD) or the post-image (KQ_REV) is: index of a line
 * @nr_places: number of places of the pre-image
 * @places: the first two of them
 */
struct kq_match {
	enum kq_verdict verdict;
	size_t idx;
	size_t nr_places;
	size_t places[2];
};

/**
 * kq_hunk_judge() - look for both sides of a hunk in a file
 * @pre: the pre-image
 * @post: the post-image
 * @lines: the file before this patch
 * @from_idx: lines above belong to the hunks before
 * @moved: a hunk above was not at its line, so the stated line alone decides nothing
 *
 * The stated line wins. Away from it exactly one place may match: the nearest of several is a
 * guess, and a guess is a patch in the wrong function.
 */
struct kq_match kq_hunk_judge(const struct kq_image *pre, const struct kq_image *post,
			      const struct kq_lines *lines, size_t from_idx, bool moved);

/**
 * kq_hunk_closest() - for messages: the place where most lines of an image match
 * @ret_miss: index into @image of the first line that differs; image->nr if only the place is wrong
 *
 * Return: index of a line of the file.
 */
size_t kq_hunk_closest(const struct kq_image *image, const struct kq_lines *lines, size_t from_idx,
		       size_t *ret_miss);

#endif
