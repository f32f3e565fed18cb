/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What was done to modules, as JSON: for CI (`module sign --manifest`) and `module show --json`.
 */
#ifndef KS_CMD_MANIFEST_H
#define KS_CMD_MANIFEST_H

#include "cmd/modules.h"

/**
 * struct ks_manifest_opts - what is the same for all files
 * @key_id: subject key identifier of our certificate, for the files that were signed; may be ""
 */
struct ks_manifest_opts {
	char key_id[64];
};

/** ks_manifest_build() - append the document to @out, with a newline. Return: 0; -ENOMEM. */
int __must_check ks_manifest_build(const struct ks_manifest_opts *opts,
				   const struct ks_modules_done *done, struct ks_buf *out,
				   struct ks_diag *diag);

#endif
