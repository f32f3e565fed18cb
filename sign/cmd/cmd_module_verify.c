// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cmd/certs.h"
#include "cmd/modules.h"

/* Options of this invocation: one process runs one verb. */
static const char *opt_jobs;
static struct ks_values opt_trust;

static int verify_one(const void *context, const char *path, struct ks_diag *diag)
{
	return ks_module_verify(context, path, diag);
}

static int run_verify(int nr_args, char **args, struct ks_diag *diag)
{
	struct ks_certs trust = { 0 };
	struct ks_modules_job run = { verify_one, &trust, "verified", opt_jobs };
	int rc = ks_load_certs(&opt_trust, &trust, diag);

	if (!rc)
		rc = ks_modules_run(&run, args, nr_args, diag);
	ks_certs_done(&trust);
	return rc;
}

const struct ks_verb ks_verb_module_verify = {
	"module", "verify", "PATH...", 0,
	"check signatures against the certificates that the kernel will trust",
	(const struct ks_opt[]){
		{ "--trust", "PEM", "trusted certificates", true, .ret_values = &opt_trust },
		KS_OPT_JOBS(opt_jobs),
		{ 0 } },
	run_verify,
};
