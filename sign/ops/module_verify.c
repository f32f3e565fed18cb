// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/module_verify.h"

#include "base/limits.h"

int ks_module_verify(const struct ks_kernel *kernel, struct ks_slurp_pool *pool, const char *path,
		     struct ks_kverdict *ret_verdict, struct ks_diag *diag)
{
	struct ks_slurp memory = ks_slurp_take(pool);
	struct ks_span file;
	int rc = ks_slurp_file(&memory, path, KS_MAX_MODULE_BYTES, &file, diag);

	if (!rc)
		rc = ks_kernel_judge_content(kernel, file, ret_verdict, diag);
	ks_slurp_give(pool, memory);
	ks_diag_in(diag, path);
	return rc;
}
