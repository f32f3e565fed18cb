/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_CMD_VERDICTS_H
#define KS_CMD_VERDICTS_H

#include "ops/module.h"
#include "ops/module_verify.h"

/** ks_verdicts_print_sum() - the last line on stdout */
void ks_verdicts_print_sum(size_t nr_loading, size_t nr_paths);

/**
 * ks_verdicts_print_json() - one document with a verdict per file
 * @verdicts: of files whose @diags say that it could not be told, @sig_err is 1
 */
void ks_verdicts_print_json(const struct ks_kernel *kernel, const struct ks_paths *paths,
			    const struct ks_kverdict *verdicts, const struct ks_diag *diags);

#endif
