/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QUEUE/cve/CVE-2026-1234: what the queue says of a fault that none of its patches fixes.
 *
 *   # comment
 *   State: not-affected
 *   Justification: component_not_present
 *   Reason: CONFIG_XFS_FS is off in every SKU
 *   Evidence: configs/fragments/base.config
 *   Introduced: 6.10 <40-hex>
 *   Owner: storage
 *   Review-by: 2027-06-01
 *
 *                  fixed                  not-affected  wontfix   unfixed
 *   Fixed-in:      6.18.7 <40-hex>        no            no        no
 *   Justification: no                     one of five   no        no
 *   Reason:        may                    must          must      must
 *   Owner:         must                   must          must      must
 *   Review-by:     may                    must          must      must
 *
 * The five are OpenVEX's: github.com/openvex/spec, "Status Justifications".
 */
#ifndef KQ_CVE_DECISION_H
#define KQ_CVE_DECISION_H

#include "base/buf.h"
#include "cve/order.h"
#include "queue/patch.h"

enum kq_cve_state {
	KQ_CVE_UNFIXED,
	KQ_CVE_WONTFIX,
	KQ_CVE_NOT_AFFECTED,
	KQ_CVE_FIXED,
};

#define KQ_CVE_NR_STATES 4U

/** kq_cve_state_name() - "not-affected" */
const char *kq_cve_state_name(enum kq_cve_state state);

/**
 * struct kq_decision - one file; zeroed is none
 * @state: KQ_CVE_UNFIXED too when it says none that is known
 * @fixed_in: release of Fixed-in, nr_parts == 0 without one
 * @fix: commit of Fixed-in, borrows @text
 * @introduced: release of Introduced, nr_parts == 0 without one
 */
struct kq_decision {
	char id[KQ_CVE_BYTES];
	struct ks_buf text;
	enum kq_cve_state state;
	struct kq_order fixed_in;
	struct ks_span fix;
	struct kq_order introduced;
};

/** kq_decision_done() - free; accepts a zeroed one */
void kq_decision_done(struct kq_decision *decision);

/**
 * kq_decision_value() - as kq_trailer()
 * @key: with its colon
 */
bool kq_decision_value(const struct kq_decision *decision, const char *key, size_t nth,
		       struct ks_span *ret_value);

/**
 * kq_decision_load() - read one file
 * @name: of the file, a CVE number
 * @today: year * 10000 + month * 100 + day
 * @base: the release that the queue is on; NULL when it is not known
 * @findings: what is wrong in it, one per line
 *
 * Return: 0, whatever it says; errors of reading.
 */
int __must_check kq_decision_load(const char *dir, const char *name, u32 today,
				  const struct kq_order *base, struct kq_decision *ret_decision,
				  struct ks_buf *findings, struct kq_error *error);

#endif
