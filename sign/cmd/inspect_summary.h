/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What `kseal inspect` prints of many files: a sheet for each, but of many modules only who signed them.
 */
#ifndef KS_CMD_INSPECT_SUMMARY_H
#define KS_CMD_INSPECT_SUMMARY_H

#include "cmd/sheet.h"

/**
 * struct ks_inspect_result - one file
 * @kind: KS_KIND_UNKNOWN if it failed, or is of no interest in its directory
 * @signer: of a module; all zero if it is unsigned
 */
struct ks_inspect_result {
	enum ks_kind kind;
	struct ks_sheet sheet;
	struct ks_cms_info signer;
};

/** struct ks_inspect_results - all of them, in the order of @paths */
struct ks_inspect_results {
	const struct ks_paths *paths;
	struct ks_diag *diag;
	struct ks_inspect_result *result;
};

/** ks_inspect_print_text() - sheets, and a summary if there are many modules */
int __must_check ks_inspect_print_text(const struct ks_inspect_results *results, struct ks_diag *diag);

/** ks_inspect_print_json() - one document with all sheets and the summary */
int __must_check ks_inspect_print_json(struct ks_inspect_results *results, struct ks_diag *diag);

#endif
