/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a reviewer would have to check by hand in every patch of a queue.
 */
#ifndef KQ_CHECK_LINT_H
#define KQ_CHECK_LINT_H

#include "engine/apply_queue.h"

/**
 * struct kq_findings - one line per finding: "file:line: what"
 * @today: year * 10000 + month * 100 + day, UTC
 */
struct kq_findings {
	struct ks_buf text;
	size_t nr;
	u32 today;
};

/** kq_findings_done() - free; accepts a zeroed struct */
void kq_findings_done(struct kq_findings *findings);

/** kq_find() - add a finding; @line 0 names the file only; control bytes become '?' */
__attribute__((format(printf, 4, 5))) void kq_find(struct kq_findings *findings, const char *file,
						   u32 line, const char *format, ...);

/** kq_lint_message() - head, body and trailers of one patch; @file names it in findings */
void kq_lint_message(struct kq_findings *findings, const char *file, const struct kq_patch *patch);

/**
 * kq_lint_queue() - check DIR/series and every patch
 * @tree: NULL, or a pristine tree: the selected patches must apply, and the blob ids of their
 * index lines must be those of the files
 * @findings: @today is set by the caller
 *
 * Return: 0, also with findings; an errno when something could not be read.
 */
int __must_check kq_lint_queue(const char *dir, const struct kq_selection *selection,
			       const char *tree, struct kq_findings *findings,
			       struct kq_fault *fault);

#endif
