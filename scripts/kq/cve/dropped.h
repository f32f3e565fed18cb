/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KQ_CVE_DROPPED_H
#define KQ_CVE_DROPPED_H

#include "cve/order.h"
#include "queue/patch.h"

/**
 * struct kq_dropped - a patch that a rebase took out of the queue; borrows the text of dropped.log
 * @patch: its name
 * @base: the release that the rebase went to
 * @given_up: a person dropped it; otherwise @base has the change
 * @cves: its CVE numbers, separated by commas
 */
struct kq_dropped {
	struct ks_span patch;
	struct ks_span base;
	bool given_up;
	struct ks_span cves;
};

/**
 * kq_dropped_line() - read a line of dropped.log, as rebase/dropped.h describes it
 *
 * Return: false for a comment, a line of another form, or a patch without a CVE.
 */
bool kq_dropped_line(struct ks_span line, struct kq_dropped *ret_dropped);

#endif
