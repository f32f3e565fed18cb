// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/slurp.h"
#include "cmd/findings.h"
#include "cmd/verbs.h"
#include "ops/pe_lint.h"

static bool opt_json;

static int run_lint(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(ks_findings_done) struct ks_findings findings = { 0 };
	__cleanup(ks_slurp_done) struct ks_slurp memory = { 0 };
	struct ks_span in = { 0 };
	int rc;

	(void)nr_args;
	rc = ks_slurp_file(&memory, args[0], KS_MAX_IMAGE_BYTES, &in, diag);
	if (!rc)
		rc = ks_pe_lint(in, &findings, diag);
	return rc ? rc : ks_findings_print(&findings, args[0], opt_json ? "kseal/pe-lint/1" : NULL, diag);
}

const struct ks_verb ks_verb_pe_lint = {
	"pe", "lint", "IN", 1,
	"tell what firmware, shim or the stub would refuse an image for",
	(const struct ks_opt[]){
		{ .name = "--json", .help = "as JSON", .ret_flag = &opt_json },
		{ 0 } },
	run_lint,
};
