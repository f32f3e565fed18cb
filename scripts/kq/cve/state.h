/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What became of a CVE: which of its sources decides, and what they say against each other.
 */
#ifndef KQ_CVE_STATE_H
#define KQ_CVE_STATE_H

#include "cve/table.h"

/** kq_cves_decide() - state, evidence and findings of every row */
int __must_check kq_cves_decide(const struct kq_cve_ask *ask, struct kq_cves *cves,
				struct kq_error *error);

#endif
