/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which patches of the queue are about a CVE: by its number, or by a commit that its record names.
 * Found by search: there are thousands of records, each with a dozen commits, and hundreds of patches.
 */
#ifndef KQ_CVE_LINKS_H
#define KQ_CVE_LINKS_H

#include "base/buf.h"
#include "text/error.h"

struct kq_cves;
struct kq_cve;
struct kq_cve_patch;

/** enum kq_link_kind - what a patch says of itself */
enum kq_link_kind {
	KQ_LINK_NUMBER = 1,   /* "CVE: ..." */
	KQ_LINK_UPSTREAM = 2, /* "Upstream-status: backport ..." */
	KQ_LINK_STABLE = 4,   /* "Stable-commit: ..." */
};

/** struct kq_link - one of them; @key borrows the patch, @patch is its place in the series */
struct kq_link {
	struct ks_span key;
	enum kq_link_kind kind;
	size_t patch;
};

/** struct kq_links - all of the queue, sorted by key */
struct kq_links {
	struct kq_link *link;
	size_t nr;
	size_t room;
};

/** kq_links_done() - free; accepts a zeroed struct */
void kq_links_done(struct kq_links *links);

/** kq_links_add() - what one patch says of itself; to be sorted afterwards */
int __must_check kq_links_add(struct kq_links *links, const struct kq_cve_patch *patch, size_t idx,
			      struct kq_error *error);

/** kq_links_sort() - needed once before a search */
void kq_links_sort(struct kq_links *links);

/**
 * kq_cve_patches() - which patches fix @cve
 * @ret_kinds: room for all patches of the series; receives enum kq_link_kind, ORed, or 0
 *
 * Commits count only where the record says that the base is affected, or leaves it open.
 */
void kq_cve_patches(const struct kq_cves *cves, const struct kq_cve *cve, u8 *ret_kinds);

/** kq_links_first() - Return: the first patch that is a backport of one of @ids, one per line; NULL. */
const struct kq_cve_patch *kq_links_first(const struct kq_cves *cves, const struct ks_buf *ids);

#endif
