/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waivers: requests that are known not to hold, each with its reason.
 *
 *   SYMBOL  reason in plain words
 *   # comment
 */
#ifndef KCONFIG_WAIVER_H
#define KCONFIG_WAIVER_H

#include "base/buf.h"

/* A waiver is a debt; a list that nobody reads is none. */
#define KC_MAX_WAIVERS 1024U

/** struct kc_waiver - one line; @used is set when it excuses a failure */
struct kc_waiver {
	struct ks_span symbol;
	struct ks_span reason;
	u32 line;
	bool used;
};

/** struct kc_waivers - one file; owns the text */
struct kc_waivers {
	const char *path;
	struct ks_buf text;
	struct kc_waiver *v;
	size_t nr;
};

/** kc_waivers_done() - free; accepts a zeroed struct */
void kc_waivers_done(struct kc_waivers *w);

/**
 * kc_waivers_load() - read a waiver file
 * @path: must outlive @ret_waivers
 *
 * Return: 0; -EBADMSG for a line without a reason or a symbol named twice; -E2BIG; file errors.
 */
int __must_check kc_waivers_load(struct kc_waivers *ret_waivers, const char *path,
				 struct ks_diag *diag);

/** kc_waivers_find() - the waiver of @symbol, NULL if there is none */
struct kc_waiver *kc_waivers_find(const struct kc_waivers *w, struct ks_span symbol);

#endif
