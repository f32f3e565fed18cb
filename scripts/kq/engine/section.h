/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a line stands below: function, block, entry of a table. Read from indentation alone, so that C,
 * device trees, Kconfig and Python have the same rule.
 */
#ifndef KQ_ENGINE_SECTION_H
#define KQ_ENGINE_SECTION_H

#include "queue/patch.h"
#include "text/text.h"

/** kq_is_label() - "out:", in whatever column; a node of a device tree has more behind it */
bool kq_is_label(struct ks_span text);

/** struct kq_spot - a place in a file: lines [idx, …) are indented by @indent columns */
struct kq_spot {
	const struct kq_lines *lines;
	size_t idx;
	size_t indent;
};

/** kq_section_indent() - columns of the first of some lines that tells; 1 if none does */
size_t kq_section_indent(const struct kq_line *line, size_t nr);

enum kq_same_section {
	KQ_SAME_SECTION,
	KQ_NEW_SECTION,   /* a new name took the place of one that is gone */
	KQ_OTHER_SECTION,
};

/** kq_section_compare() - is what stands above two places of two versions the same? */
enum kq_same_section kq_section_compare(struct kq_spot old, struct kq_spot onto);

/**
 * struct kq_headings - the lines above a place that git may name after @@
 * @any: the last one that starts with a letter
 * @no_label: the last one of them that is not a label; git takes it where *.c is known to be C
 * @is_unsure: an indented line above is what was asked for; other languages than C have such
 * headings
 */
struct kq_headings {
	struct ks_span any;
	struct ks_span no_label;
	bool is_unsure;
};

/** kq_headings_pass() - go on below a line, on the way to a hunk with this @heading */
void kq_headings_pass(struct kq_headings *headings, struct ks_span line, struct ks_span heading);

/** kq_headings_are() - git would write @heading, which it cuts, for a hunk that starts here */
bool kq_headings_are(const struct kq_headings *headings, struct ks_span heading);

#endif
