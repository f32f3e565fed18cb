/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where a hunk belongs in a file: exact search, no fuzz, a verdict.
 */
#ifndef KQ_ENGINE_HUNK_H
#define KQ_ENGINE_HUNK_H

#include "queue/patch.h"
#include "text/text.h"

enum kq_hunk_found {
	KQ_FWD,	      /* the pre-image is there, at one place */
	KQ_REV,	      /* the post-image is there, the pre-image is not: already applied */
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
 * @back: for each line, how many before it and with it are the first ones again: a search never goes
 * back in the file, however often it nearly matches
 * @section: what the @@ line names, which may be nothing
 */
struct kq_image {
	const struct kq_line **line;
	size_t *back;
	size_t nr;
	size_t want_idx;
	bool at_start;
	bool at_end;
	struct ks_span section;
};

/** kq_image_room() - an empty image, for at most @nr lines */
int __must_check kq_image_room(size_t nr, struct kq_image *ret_image, struct kq_error *error);

/** kq_image_close() - all lines are there: it can be searched */
void kq_image_close(struct kq_image *image);

/** kq_image_done() - free; accepts a zeroed image */
void kq_image_done(struct kq_image *image);

/** kq_image_build() - the pre-image ('-') or the post-image ('+') of a hunk */
int __must_check kq_image_build(const struct kq_hunk *hunk, char side, struct kq_image *ret_image,
				struct kq_error *error);

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

/** kq_image_count() - how often its lines are in lines [idx, end_idx) of a file, of which it has some */
size_t kq_image_count(const struct kq_image *image, const struct kq_lines *lines, size_t idx,
		      size_t end_idx);

/**
 * kq_image_is_elsewhere() - is what the @@ line names above another place, and not above this one?
 * @idx: this place
 * @ret_idx: the other one
 */
bool kq_image_is_elsewhere(const struct kq_image *image, const struct kq_lines *lines, size_t idx,
			   size_t *ret_idx);

/**
 * struct kq_match - the verdict on one hunk
 * @idx: where the pre-image (KQ_FWD) or the post-image (KQ_REV) is: index of a line
 * @nr_places: number of places of the pre-image
 * @places: the first two of them
 * @misled: KQ_AMBIGUOUS, because @idx is not below what the @@ line names
 * @other_idx: where that, or the same text below it, is
 */
struct kq_match {
	enum kq_hunk_found verdict;
	size_t idx;
	size_t nr_places;
	size_t places[2];
	bool misled;
	size_t other_idx;
};

/**
 * kq_hunk_match() - look for both sides of a hunk in a file
 * @pre: the pre-image
 * @post: the post-image
 * @lines: the file before this patch
 * @from_idx: lines above belong to the hunks before
 * @moved: a hunk above was not at its line, so the stated line alone decides nothing
 *
 * The stated line wins, unless the same text is below what the @@ line names. Away from it exactly
 * one place may match: the nearest of several is a guess, and a guess is a patch in the wrong
 * function.
 */
struct kq_match kq_hunk_match(const struct kq_image *pre, const struct kq_image *post,
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
