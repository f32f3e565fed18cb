/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A CVE record as the kernel's own numbering authority publishes it (CVE JSON 5), as far as it says
 * whether a release is affected.
 *
 *   cveMetadata.cveId, .state              "REJECTED": taken back
 *   containers.cna.affected[]              those with vendor and product "Linux"
 *     .defaultStatus                       of releases that no line of versions[] is about
 *     .programFiles[]
 *     .versions[]                          the first one that fits has .status
 *        .version                          6.13, 0, or the commit that brought the fault
 *        .lessThan, .lessThanOrEqual       6.18.7, 6.18.*, *, or the commit that fixed it
 *        .versionType                      git: commits; others: releases
 *
 * Several affected[] add up: one with commits only says nothing of releases, and a release is
 * affected when one of the others says so.
 *
 * Source: github.com/CVEProject/cve-schema, version 5.1; their content, from the records.
 */
#ifndef KQ_CVE_RECORD_H
#define KQ_CVE_RECORD_H

#include "base/buf.h"
#include "cve/order.h"
#include "queue/patch.h"
#include "tree/version.h"

/**
 * enum kq_record_says - of the base; what comes later outweighs what comes before
 * @KQ_RECORD_OTHER: it is not about Linux
 * @KQ_RECORD_UNCLEAR: about Linux, but of commits only
 * @KQ_RECORD_OUTSIDE: none of the ranges has it
 * @KQ_RECORD_LATER: a later release brought the fault
 * @KQ_RECORD_AFFECTED: also for a range of affected releases that cannot be read
 */
enum kq_record_says {
	KQ_RECORD_OTHER,
	KQ_RECORD_UNCLEAR,
	KQ_RECORD_OUTSIDE,
	KQ_RECORD_LATER,
	KQ_RECORD_FIXED,
	KQ_RECORD_AFFECTED,
};

/**
 * struct kq_record - what is kept of a record; zeroed is none
 * @rejected: taken back, there is no such fault
 * @release: FIXED: the first with the fix; LATER: the first with the error; AFFECTED: the next one
 * of the base's series with the fix; "" when it does not say
 * @fixes: commits that fix it, one per line; the record's order, mainline last
 * @causes: commits that brought it, one per line
 * @files: what is faulty, one path per line
 */
struct kq_record {
	char id[KQ_CVE_BYTES];
	bool rejected;
	enum kq_record_says says;
	char release[KQ_RELEASE_BYTES];
	struct ks_buf fixes;
	struct ks_buf causes;
	struct ks_buf files;
};

/** kq_record_done() - free; accepts a zeroed record */
void kq_record_done(struct kq_record *record);

/**
 * kq_record_load() - read one record
 * @base: the release that is asked about
 *
 * Return: 0; -EBADMSG for what is not a record, or that of another number than its file name says;
 * errors of reading.
 */
int __must_check kq_record_load(const char *path, const struct kq_order *base,
				struct kq_record *ret_record, struct kq_error *error);

/** kq_record_has() - @id is one of @list, one per line. Return: its place from 1, or 0. */
size_t kq_record_has(const struct ks_buf *list, struct ks_span id);

#endif
