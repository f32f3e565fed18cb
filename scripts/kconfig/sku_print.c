// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>

#include "kconfig-check.h"
#include "sku.h"

int kc_sku(const struct kc_args *args, struct ks_diag *diag)
{
	__cleanup(kc_sku_done) struct kc_sku sku = { 0 };
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	int rc = kc_sku_load(KC_SKUS, args->fragments[0], &sku, diag);

	if (!rc)
		rc = kc_sku_check(&sku, KC_CONFIGS, diag);
	if (rc)
		return rc;
	kc_sku_print(&sku, &out);
	rc = ks_buf_ok(&out, diag);
	if (!rc && (fwrite(out.p, 1, out.bytes, stdout) != out.bytes || fflush(stdout)))
		rc = ks_fail_sys(diag, "cannot write", "standard output");
	return rc;
}
