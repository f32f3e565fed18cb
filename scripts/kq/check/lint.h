/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a reviewer would have to check by hand in every patch of a queue.
 */
#ifndef KQ_CHECK_LINT_H
#define KQ_CHECK_LINT_H

#include "engine/apply_queue.h"

/**
 * struct kq_lint - what to check
 * @queue: its directory
 * @selection: which patches have to fit @tree
 * @tree: NULL, or a pristine tree: the selected patches must apply, the blob ids of their index
 * lines must be those of the files, and the tree's checkpatch.pl must be content with what is ours
 * @config: NULL, or a finished .config: with @tree, every patch is compiled too
 */
struct kq_lint {
	const char *queue;
	struct kq_selection selection;
	const char *tree;
	const char *config;
};

/**
 * struct kq_findings - one line per finding: "file:line: what"
 * @notes: what could not be checked, in lines of the same form; no findings
 * @today: year * 10000 + month * 100 + day, UTC
 */
struct kq_findings {
	struct ks_buf text;
	struct ks_buf notes;
	size_t nr;
	u32 today;
};

/** kq_findings_done() - free; accepts a zeroed struct */
void kq_findings_done(struct kq_findings *findings);

/** kq_find() - add a finding; @line 0 names the file only; control bytes become '?' */
__attribute__((format(printf, 4, 5))) void kq_find(struct kq_findings *findings, const char *file,
						   u32 line, const char *format, ...);

/** kq_note() - say what could not be checked */
__attribute__((format(printf, 3, 4))) void kq_note(struct kq_findings *findings, const char *file,
						   const char *format, ...);

/** kq_lint_message() - head, body and trailers of one patch; @file names it in findings */
void kq_lint_message(struct kq_findings *findings, const char *file, const struct kq_patch *patch);

/**
 * kq_lint_queue() - check the series and every patch
 * @findings: @today is set by the caller
 *
 * Return: 0, also with findings; an errno when something could not be read, or the tree without
 * patches is not ready to be built.
 */
int __must_check kq_lint_queue(const struct kq_lint *what, struct kq_findings *findings,
			       struct kq_error *error);

#endif
