/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The configs' part of a rebase: the survey of symbols, its part of the report, and configs/decisions.
 *
 * The new lines wait in the state until the queue is in; whoever is killed in between finds them
 * there with `kq continue`.
 */
#ifndef KQ_REBASE_CONFIGS_H
#define KQ_REBASE_CONFIGS_H

#include "rebase/plan.h"
#include "stack/run.h"
#include "symbols/survey.h"
#include "text/json.h"

/** kq_configs_survey() - compare the bases for all of configs/sku that use the plan's queue */
int __must_check kq_configs_survey(const struct kq_plan *plan, const struct kq_base base[2],
				   struct kq_survey *ret_survey, struct kq_error *error);

/** kq_configs_stage() - put the lines for configs/decisions into the state */
int __must_check kq_configs_stage(const struct kq_plan *plan, const struct kq_survey *survey,
				  const char *release, struct kq_error *error);

/** kq_configs_publish() - add what is staged, if anything is, to configs/decisions; may be repeated */
int __must_check kq_configs_publish(const struct kq_plan *plan, struct kq_error *error);

/** kq_configs_report() - "config" of the report */
void kq_configs_report(const struct kq_survey *survey, struct json_object *report);

/** kq_configs_markdown() - the same as a text, with the help texts */
void kq_configs_markdown(struct json_object *report, struct ks_buf *out);

#endif
