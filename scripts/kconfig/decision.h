/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Decisions: what a SKU does with a symbol that an LTS release brought, took away or renamed.
 * `kq rebase` adds the lines, a person decides them:
 *
 *   RELEASE CHANGE SYMBOL SKU[,SKU] DECISION reason in plain words
 *   6.18.15 new MFD_TN48M_CPLD azure-vm,microvm default needs hardware that no VM has
 *   # comment
 */
#ifndef KCONFIG_DECISION_H
#define KCONFIG_DECISION_H

#include "base/buf.h"

/* A mainline release brings a thousand; a file this long is no longer read by anybody. */
#define KC_MAX_DECISIONS 16384U

enum kc_change {
	KC_NEW,
	KC_REMOVED,
	KC_RENAMED,
};

enum kc_choice {
	KC_UNDECIDED, /* as kq wrote it */
	KC_REQUESTED, /* a fragment of the SKU asks for it */
	KC_DEFAULT,   /* Kconfig's own default is right */
};

/** struct kc_decision - one line; borrows the text */
struct kc_decision {
	struct ks_span release;
	enum kc_change change;
	struct ks_span symbol;
	struct ks_span skus;
	enum kc_choice choice;
	u32 line;
};

/** struct kc_decisions - one file; owns the text */
struct kc_decisions {
	const char *path;
	struct ks_buf text;
	struct kc_decision *v;
	size_t nr;
};

/** kc_decisions_done() - free; accepts a zeroed struct */
void kc_decisions_done(struct kc_decisions *d);

/**
 * kc_decisions_load() - read the file
 * @path: must outlive @ret_decisions
 *
 * Return: 0; -EBADMSG with "file:line" for a line that is none, or that decides without a reason;
 * -E2BIG over a cap; file errors.
 */
int __must_check kc_decisions_load(struct kc_decisions *ret_decisions, const char *path,
				   struct ks_diag *diag);

#endif
