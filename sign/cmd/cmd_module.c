// SPDX-License-Identifier: LGPL-2.1-or-later
#include <inttypes.h>
#include <stdio.h>

#include "cmd/key_opts.h"
#include "cmd/modules.h"

/* Options of this invocation: one process runs one verb. */
static const char *opt_hash, *opt_signed, *opt_jobs;

#define MODULE_MODES (KS_IF_SIGNED_REFUSE | KS_IF_SIGNED_KEEP | KS_IF_SIGNED_REPLACE)

struct sign_context {
	struct ks_signer signer;
	enum ks_if_signed mode;
};

static int sign_one(const void *context, const char *path, struct ks_diag *diag)
{
	const struct sign_context *c = context;

	return ks_module_sign(&c->signer, c->mode, path, diag);
}

static int run_sign(int nr_args, char **args, struct ks_diag *diag)
{
	struct sign_context context = { 0 };
	struct ks_modules_job run = { sign_one, &context, "signed", opt_jobs };
	int rc;

	rc = ks_if_signed_parse(opt_signed, MODULE_MODES, "--signed takes refuse, keep or replace",
				&context.mode, diag);
	if (!rc)
		rc = ks_cmd_signer_open(opt_hash ? opt_hash : "sha512", &context.signer, diag);
	if (rc)
		return rc;
	rc = ks_modules_run(&run, args, nr_args, diag);
	ks_signer_close(&context.signer);
	return rc;
}

static int strip_one(const void *context, const char *path, struct ks_diag *diag)
{
	(void)context;
	return ks_module_strip(path, diag);
}

static int run_strip(int nr_args, char **args, struct ks_diag *diag)
{
	struct ks_modules_job run = { strip_one, NULL, "stripped", opt_jobs };

	return ks_modules_run(&run, args, nr_args, diag);
}

static int run_show(int nr_args, char **args, struct ks_diag *diag)
{
	u64 content_bytes = 0, cms_bytes = 0;
	int i, rc;

	for (i = 0; i < nr_args; i++) {
		rc = ks_module_sizes(args[i], &content_bytes, &cms_bytes, diag);
		if (rc)
			return rc;
		printf("%s: %" PRIu64 " bytes signed, CMS signature of %" PRIu64 " bytes\n", args[i],
		       content_bytes, cms_bytes);
	}
	return 0;
}

const struct ks_verb ks_verb_module_sign = {
	"module", "sign", "PATH...", 0,
	"append the kernel's module signature to files, or to every .ko of folders",
	(const struct ks_opt[]){
		KS_KEY_OPTS,
		{ "--hash", "ALG", "sha256, sha384 or sha512 (default)", .ret_value = &opt_hash },
		{ "--signed", "MODE", "signed already: refuse (default), keep or replace",
		  .ret_value = &opt_signed },
		KS_OPT_JOBS(opt_jobs),
		{ 0 } },
	run_sign,
};

const struct ks_verb ks_verb_module_strip = {
	"module", "strip", "PATH...", 0,
	"remove signatures",
	(const struct ks_opt[]){ KS_OPT_JOBS(opt_jobs), { 0 } },
	run_strip,
};

const struct ks_verb ks_verb_module_show = {
	"module", "show", "PATH...", 0,
	"say what is signed and how long the signature is",
	(const struct ks_opt[]){ { 0 } },
	run_show,
};
