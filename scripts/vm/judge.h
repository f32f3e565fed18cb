/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The lines of the results port in, a verdict out. Pure: no file, no clock, no process.
 */
#ifndef VM_JUDGE_H
#define VM_JUDGE_H

#include "results.h"

/* A run of 100 programs sends some 10,000 frames. */
#define VM_MAX_FRAMES (1U << 18)

struct vm_judge {
	struct vm_run run;
	const char *nonce;
	struct vm_test *current;
	u64 next_seq;
	bool has_end;
	bool broken;
};

void vm_judge_init(struct vm_judge *judge, const char *nonce);
void vm_judge_done(struct vm_judge *judge);

/**
 * vm_judge_line() - take one line, without its newline
 *
 * After a line that is not a valid frame all others are ignored (@broken): a guest that crashes may write
 * anything behind a gap.
 */
void vm_judge_line(struct vm_judge *judge, struct ks_span line);

/**
 * vm_judge_finish() - compare what ran with what should have run
 * @tests: names of the programs that must have run, separated by blanks
 * @plan: lines "<program> <case>" of the cases that must have been reported; empty: not checked
 * @skips: lines "<program> <case> <reason>" of the cases that must have been skipped. A skip proves
 *	nothing, so any other is a failure; so is a line that is not needed any more. As with the
 *	plan, lines of programs that were not to run do not count.
 * @fails: lines "<program> <case> <reason>" of the cases that must fail, with the same rules; they count
 *	as skipped
 *
 * Return: true when the run is a full one and nothing in it failed.
 */
bool vm_judge_finish(struct vm_judge *judge, const char *tests, struct ks_span plan,
		     struct ks_span skips, struct ks_span fails);

#endif
