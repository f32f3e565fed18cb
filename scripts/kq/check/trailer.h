/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rules for the trailers of a message: the form of each, how many, and what they say together.
 */
#ifndef KQ_CHECK_TRAILER_H
#define KQ_CHECK_TRAILER_H

#include "check/lint.h"

/* Trailers that lint knows. */
#define KQ_NR_TRAILERS 7U

/**
 * struct kq_place - where a finding belongs, and how often each trailer came so far
 * @file: name of the patch
 * @line: line of the patch
 */
struct kq_place {
	struct kq_findings *findings;
	const char *file;
	u32 line;
	u32 seen[KQ_NR_TRAILERS];
};

/** kq_lint_trailer() - check one line of a body. Return: it is a known trailer. */
bool kq_lint_trailer(struct kq_place *at, struct ks_span line);

/** kq_lint_trailers_end() - after the last line: which are missing, which contradict each other */
void kq_lint_trailers_end(const struct kq_place *at, const struct kq_patch *patch);

#endif
