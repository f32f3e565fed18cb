// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stack/regions.h"

#include <stdlib.h>
#include <string.h>

enum marker {
	MARK_OURS,
	MARK_BASE,
	MARK_THEIRS,
	MARK_END,
	NR_MARKERS,
	NO_MARKER = NR_MARKERS,
};

/* The one in the middle has no label, and may be the underline of a title. */
static enum marker marker_of(struct ks_span line)
{
	if (kq_starts(line, "<<<<<<< "))
		return MARK_OURS;
	if (kq_starts(line, "||||||| "))
		return MARK_BASE;
	if (kq_is(line, "=======\n") || kq_is(line, "======="))
		return MARK_THEIRS;
	return kq_starts(line, ">>>>>>> ") ? MARK_END : NO_MARKER;
}

void kq_regions_done(struct kq_regions *regions)
{
	free(regions->region);
	*regions = (struct kq_regions){ 0 };
}

/* From the first line of @from to the line before @to: the lines of a text are contiguous. */
static struct ks_span between(const struct kq_lines *lines, struct ks_span whole, size_t from,
			      size_t to)
{
	struct ks_span part = { 0 };
	size_t start = from < lines->nr ? (size_t)(lines->line[from].p - whole.p) : whole.bytes;
	size_t end = to < lines->nr ? (size_t)(lines->line[to].p - whole.p) : whole.bytes;

	return ks_span_sub(whole, start, end - start, &part) ? part : (struct ks_span){ 0 };
}

/* Indices of the four marker lines of the next region. Return: false when markers are out of order.
 */
static bool next_region(const struct kq_lines *lines, size_t *idx, size_t place[NR_MARKERS],
			bool *ret_found)
{
	enum marker want = MARK_OURS;

	for (; *idx < lines->nr && want < NR_MARKERS; (*idx)++) {
		enum marker here = marker_of(lines->line[*idx]);

		if (here == NO_MARKER || (here == MARK_THEIRS && want == MARK_OURS))
			continue;
		if (here != want)
			return false;
		place[want++] = *idx;
	}
	*ret_found = want == NR_MARKERS;
	return want == NR_MARKERS || want == MARK_OURS;
}

static int add_region(struct kq_regions *regions, size_t *room, const struct kq_region *region,
		      struct kq_error *error)
{
	struct kq_region *moved =
		kq_grow(regions->region, regions->nr, room, sizeof(*moved), KQ_MAX_REGIONS, error);

	if (!moved)
		return error->err;
	regions->region = moved;
	regions->region[regions->nr++] = *region;
	return 0;
}

int kq_regions_parse(struct ks_span marked, struct kq_regions *ret_regions, struct kq_error *error)
{
	__cleanup(kq_regions_done) struct kq_regions regions = { 0 };
	__cleanup(kq_lines_done) struct kq_lines lines = { 0 };
	size_t place[NR_MARKERS], idx = 0, start = 0, room = 0;
	bool found = true, certain = ks_span_ends_with(marked, ks_span_str("\n"));
	int rc = kq_lines_split(marked, &lines, error);

	while (!rc && certain && found) {
		certain = next_region(&lines, &idx, place, &found);
		if (!certain || !found)
			break;
		rc = add_region(&regions, &room,
				&(struct kq_region){
					.before = between(&lines, marked, start, place[MARK_OURS]),
					.ours = between(&lines, marked, place[MARK_OURS] + 1,
							place[MARK_BASE]),
					.base = between(&lines, marked, place[MARK_BASE] + 1,
							place[MARK_THEIRS]),
					.theirs = between(&lines, marked, place[MARK_THEIRS] + 1,
							  place[MARK_END]),
				},
				error);
		start = idx;
	}
	if (rc)
		return rc;
	if (!certain)
		kq_regions_done(&regions);
	regions.after = between(&lines, marked, start, lines.nr);
	*ret_regions = regions;
	regions = (struct kq_regions){ 0 };
	return 0;
}

/* The one place of @part in @text that starts a line. Return: false for none or several. */
static bool only_place(struct ks_span text, struct ks_span part, size_t *ret_off)
{
	size_t off, nr = 0;

	for (off = 0; part.bytes && off + part.bytes <= text.bytes; off++) {
		const u8 *p = memmem(text.p + off, text.bytes - off, part.p, part.bytes);

		if (!p)
			break;
		off = (size_t)(p - text.p);
		if (off && text.p[off - 1] != '\n')
			continue;
		*ret_off = off;
		nr++;
	}
	return nr == 1;
}

bool kq_regions_results(const struct kq_regions *regions, struct ks_span edited,
			struct ks_span *ret_result)
{
	struct ks_span rest = edited, head;
	size_t i, off;

	if (!regions->nr || (edited.bytes && edited.p[edited.bytes - 1] != '\n'))
		return false;
	for (i = 0; i < regions->nr; i++) {
		struct ks_span before = regions->region[i].before;

		if (!i) {
			if (!ks_span_sub(rest, 0, before.bytes, &head) || !ks_span_eq(head, before))
				return false;
		} else {
			if (!only_place(rest, before, &off))
				return false;
			ret_result[i - 1] = kq_head(rest, off);
			rest = kq_tail(rest, off);
		}
		rest = kq_tail(rest, before.bytes);
	}
	if (!ks_span_ends_with(rest, regions->after))
		return false;
	ret_result[i - 1] = kq_head(rest, rest.bytes - regions->after.bytes);
	return true;
}

static void count_markers(struct ks_span text, size_t nr[NR_MARKERS])
{
	struct ks_span line;

	while (ks_span_line(&text, &line)) {
		enum marker marker = marker_of(line);

		if (marker != NO_MARKER)
			nr[marker]++;
	}
}

u32 kq_markers_left(struct ks_span edited, const struct ks_span *sides, size_t nr_sides)
{
	size_t allowed[NR_MARKERS] = { 0 }, seen[NR_MARKERS] = { 0 }, i, m;
	struct ks_span line;
	u32 nr;

	for (i = 0; i < nr_sides; i++) {
		size_t here[NR_MARKERS] = { 0 };

		count_markers(sides[i], here);
		for (m = 0; m < NR_MARKERS; m++)
			if (here[m] > allowed[m])
				allowed[m] = here[m];
	}
	for (nr = 1; ks_span_line(&edited, &line); nr++) {
		enum marker marker = marker_of(line);

		if (marker != NO_MARKER && ++seen[marker] > allowed[marker])
			return nr;
	}
	return 0;
}
