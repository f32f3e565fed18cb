/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Each patch of the queue: does it apply, who wants it, and what would another release say?
 */
#ifndef KQ_WORK_STATUS_H
#define KQ_WORK_STATUS_H

#include "stack/run.h"

struct json_object;

/**
 * struct kq_status_row - one patch; that of the same entry of the series
 * @tried: @fails and @offset_lines say something
 * @fails: it does not apply with some SKU, @why in words, owned
 * @offset_lines: how far its hunks are from their lines at most
 * @skus: names of the SKUs that use it, with commas, owned
 * @overdue: Review-by: is past
 */
struct kq_status_row {
	bool tried;
	bool fails;
	char *why;
	u64 offset_lines;
	struct ks_buf skus;
	bool overdue;
};

/**
 * struct kq_status - the queue and a row for each of its patches
 * @run: of the rebase that was asked for, see kq_status_verdicts()
 * @has_verdicts: @run says something
 */
struct kq_status {
	struct kq_run run;
	struct kq_status_row *row;
	bool has_verdicts;
};

/** kq_status_done() - free; accepts a zeroed status */
void kq_status_done(struct kq_status *status);

/**
 * kq_status_load() - read the queue, and who uses it
 * @skus: directory of the SKUs
 * @today: year * 10000 + month * 100 + day
 */
int __must_check kq_status_load(const char *queue, const char *skus, u32 today,
				struct kq_status *ret_status, struct kq_error *error);

/**
 * kq_status_try() - apply each patch, for all SKUs and architectures
 *
 * What comes after one that does not apply is tried without it.
 */
int __must_check kq_status_try(struct kq_status *status, const struct kq_source *base,
			       struct kq_error *error);

/**
 * kq_status_verdicts() - what kq rebase between these bases makes of each patch; nothing is changed
 * @state: STATE: pending resolutions count, as they would for the rebase
 *
 * What comes after a conflict has its verdict as if the conflicting patch was not there.
 *
 * Return: as kq_run_verdicts(): what a rebase would be refused for.
 */
int __must_check kq_status_verdicts(struct kq_status *status, const char *state, const char *queue,
				 const struct kq_base base[2], struct kq_error *error);

/** kq_status_json() - all of it; json_object_put() */
struct json_object *kq_status_json(const struct kq_status *status);

/** kq_status_good() - every patch applies, and none is in conflict */
bool kq_status_good(const struct kq_status *status);

#endif
