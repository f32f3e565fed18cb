/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * STATE/rebase-report.json and .md: what became of every patch, what changed in those that did not
 * just move, and what to look at by eye. The text is rendered from the JSON, so that both agree.
 */
#ifndef KQ_REBASE_REPORT_H
#define KQ_REBASE_REPORT_H

#include "rebase/plan.h"

/**
 * kq_report_write() - make rebase->outcome, and write both files into the state
 *
 * Return: 0; -EINVAL if the totals do not add up: then something was lost, and nothing may go on.
 */
int __must_check kq_report_write(struct kq_rebase *rebase, struct kq_error *error);

/** kq_report_publish() - the report in STATE/rebase becomes that in STATE, if it is not yet */
int __must_check kq_report_publish(const struct kq_plan *plan, struct kq_error *error);

/**
 * kq_report_escape() - so that a person sees all of it: see ks_escape(); newlines and tabs stay
 *
 * Paths, reasons and lines of the kernel's files come from others.
 */
void kq_report_escape(struct ks_span text, struct ks_buf *out);

/** kq_report_line() - "0003-x.patch  kept  2 hunks, offsets +3..+17", from a patch of the report */
void kq_report_line(struct json_object *patch, struct ks_buf *out);

/** kq_report_totals() - "5 in, 4 kept, 1 merged"; @zeros: name those too that are 0 */
void kq_report_totals(struct json_object *report, bool zeros, struct ks_buf *out);

#endif
