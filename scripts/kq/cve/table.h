/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every CVE that is known here, and what became of it. Four sources: trailers of patches ("CVE:"),
 * the queue's own files (decision.h), dropped.log for patches that left the queue, and records of
 * the kernel's numbering authority (record.h).
 */
#ifndef KQ_CVE_TABLE_H
#define KQ_CVE_TABLE_H

#include "cve/decision.h"
#include "cve/record.h"
#include "queue/lock.h"
#include "stack/stack.h"
#include "tree/release.h"

struct lh_table;

/* Some 12,000 were published for Linux in the first three years. */
#define KQ_MAX_CVES 262144U

/** enum kq_cve_by - which source decides the state; the earlier one wins */
enum kq_cve_by {
	KQ_CVE_BY_PATCH,
	KQ_CVE_BY_FILE,
	KQ_CVE_BY_LOG,
	KQ_CVE_BY_RECORD,
};

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
 * struct kq_cve - one row
 * @decided: @decision is there
 * @recorded: @record is there
 * @dropped: the last patch for it that left the queue; @patch is empty for none
 * @evidence: why @state, one per line
 * @findings: what contradicts it, one per line
 * @asked: what the queue should say of it, one per line; contradicts nothing
 */
struct kq_cve {
	char id[KQ_CVE_BYTES];
	bool decided;
	bool recorded;
	struct kq_decision decision;
	struct kq_record record;
	struct kq_dropped dropped;
	enum kq_cve_state state;
	enum kq_cve_by by;
	struct ks_buf evidence;
	struct ks_buf findings;
	struct ks_buf asked;
};

/**
 * struct kq_cve_patch - a patch of the queue, and where it comes from
 * @selected: it is applied with the SKU and architecture that were asked for
 * @upstream: commit of "Upstream-status: backport", else empty
 * @stable: commit of Stable-commit, else empty
 */
struct kq_cve_patch {
	const struct kq_entry *entry;
	const struct kq_patch *patch;
	bool selected;
	struct ks_span upstream;
	struct ks_span stable;
};

/** enum kq_link_kind - why a patch is about a CVE: its number, or a commit of its record */
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

/**
 * struct kq_cves - the table, sorted by number
 * @has_base: base.lock is there and names a release
 * @stack: the queue
 * @links: what the patches say of themselves
 * @kinds: room for kq_cve_patches()
 * @log: dropped.log
 * @rows: place of each number in @cve while it is loaded
 * @findings: those that belong to no CVE
 */
struct kq_cves {
	bool has_base;
	struct kq_lock lock;
	struct kq_order base;
	struct kq_stack stack;
	struct kq_cve_patch *patch;
	struct kq_links links;
	u8 *kinds;
	struct ks_buf log;
	struct kq_cve *cve;
	size_t nr;
	size_t room;
	struct lh_table *rows;
	struct ks_buf findings;
};

/**
 * struct kq_cve_ask - what to look at; all borrowed
 * @records: a directory of records, or NULL
 * @git: a repository that has the commits of mainline and stable, or NULL
 * @tree: the opened base, to see which faulty files it has, or NULL
 * @today: year * 10000 + month * 100 + day
 */
struct kq_cve_ask {
	const char *queue;
	const char *records;
	const char *git;
	const struct kq_release *tree;
	const struct kq_selection *selection;
	u32 today;
};

/** kq_cves_done() - free; accepts a zeroed table */
void kq_cves_done(struct kq_cves *cves);

/**
 * kq_cves_load() - read all sources
 *
 * A record that is about something else than Linux, or was taken back, makes no row.
 *
 * Return: 0; -ENOENT for records without a base.lock; -EBADMSG for a damaged record or two of one
 * number; errors of reading. The rows have no state yet.
 */
int __must_check kq_cves_load(const struct kq_cve_ask *ask, struct kq_cves *ret_cves,
			      struct kq_error *error);

/** kq_cves_find() - Return: the row, NULL if the number is not known here. */
const struct kq_cve *kq_cves_find(const struct kq_cves *cves, const char *id);

/**
 * kq_cve_patches() - which patches fix @cve
 * @ret_kinds: room for all patches of the series; receives enum kq_link_kind, ORed, or 0
 *
 * Commits count only where the record says that the base is affected, or leaves it open.
 */
void kq_cve_patches(const struct kq_cves *cves, const struct kq_cve *cve, u8 *ret_kinds);

/** kq_links_first() - Return: the first patch that is a backport of one of @ids, one per line;
 * NULL. */
const struct kq_cve_patch *kq_links_first(const struct kq_cves *cves, const struct ks_buf *ids);

#endif
