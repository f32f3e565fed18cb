// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/certs.h"
#include "ops/module.h"

/* Options of this invocation: one process runs one verb. */
static const char *opt_key, *opt_cert, *opt_hash, *opt_signed, *opt_jobs;
static struct ks_values opt_trust;

static void show_progress(size_t nr_done, size_t nr_paths)
{
	if (nr_done % 16 == 0 || nr_done == nr_paths)
		fprintf(stderr, "\r%zu/%zu modules%s", nr_done, nr_paths,
			nr_done == nr_paths ? "\n" : "");
}

static int jobs(unsigned int *ret_jobs, struct ks_diag *diag)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned long value = online > 0 ? (unsigned long)online : 1;
	char *end = NULL;

	if (opt_jobs) {
		errno = 0;
		value = strtoul(opt_jobs, &end, 10);
		if (errno || *end || end == opt_jobs || value < 1 || value > 64)
			return ks_fail_detail(diag, -EINVAL, "--jobs takes 1 to 64", opt_jobs);
	}
	*ret_jobs = (unsigned int)value;
	return 0;
}

/* Unsigned, changed, or signed by somebody who is not trusted: the kernel would not load it. */
static bool is_clear_no(int err)
{
	return err == -ENODATA || err == -EKEYREJECTED || err == -ENOKEY;
}

/*
 * Run one job over all files, and name every file that failed, in the order of the arguments.
 * The whole is a clear "no" only if all failures are.
 */
static int run_all(char **args, int nr_args, int (*job)(const void *, const char *, struct ks_diag *),
		   const void *context, const char *done, struct ks_diag *diag)
{
	struct ks_paths paths = { 0 };
	struct ks_batch batch = { .paths = &paths, .job = job, .context = context };
	size_t i, nr_failed = 0;
	int rc, verdict = 0;

	rc = jobs(&batch.nr_jobs, diag);
	if (!rc)
		rc = ks_modules_find(args, nr_args, &paths, diag);
	if (rc)
		return rc;
	if (!paths.nr_paths)
		rc = ks_fail_detail(diag, -ENOENT, "no module there", args[0]);
	batch.ret_diag = calloc(paths.nr_paths ? paths.nr_paths : 1, sizeof(*batch.ret_diag));
	if (!rc && !batch.ret_diag)
		rc = ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	if (!rc) {
		batch.progress = isatty(STDERR_FILENO) ? show_progress : NULL;
		nr_failed = ks_batch_run(&batch);
	}
	for (i = 0; !rc && i < paths.nr_paths; i++) {
		int err = batch.ret_diag[i].err;

		if (!err)
			continue;
		ks_complain(&batch.ret_diag[i]);
		if (!is_clear_no(err))
			verdict = -EIO;
		else if (!verdict)
			verdict = -EKEYREJECTED;
	}
	if (!rc)
		printf("%zu of %zu modules %s\n", paths.nr_paths - nr_failed, paths.nr_paths, done);
	free(batch.ret_diag);
	ks_paths_done(&paths);
	return rc ? rc : verdict;
}

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
	int rc;

	rc = ks_if_signed_parse(opt_signed, &context.mode, diag);
	if (!rc)
		rc = ks_signer_open(opt_key, opt_cert, opt_hash ? opt_hash : "sha512",
				    &context.signer, diag);
	if (rc)
		return rc;
	rc = run_all(args, nr_args, sign_one, &context, "signed", diag);
	ks_signer_close(&context.signer);
	return rc;
}

static int verify_one(const void *context, const char *path, struct ks_diag *diag)
{
	return ks_module_verify(context, path, diag);
}

static int run_verify(int nr_args, char **args, struct ks_diag *diag)
{
	struct ks_certs trust = { 0 };
	int rc = ks_load_certs(&opt_trust, &trust, diag);

	if (!rc)
		rc = run_all(args, nr_args, verify_one, &trust, "verified", diag);
	ks_certs_done(&trust);
	return rc;
}

static int strip_one(const void *context, const char *path, struct ks_diag *diag)
{
	(void)context;
	return ks_module_strip(path, diag);
}

static int run_strip(int nr_args, char **args, struct ks_diag *diag)
{
	return run_all(args, nr_args, strip_one, NULL, "stripped", diag);
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

#define OPT_JOBS { "--jobs", "N", "threads, 1 to 64; default: one per processor", .ret_value = &opt_jobs }

const struct ks_verb ks_verb_module_sign = {
	"module", "sign", "PATH...", 0,
	"append the kernel's module signature to files, or to every .ko of folders",
	(const struct ks_opt[]){
		{ "--key", "URI", "private key, a PEM file", true, .ret_value = &opt_key },
		{ "--cert", "PEM", "its certificate", true, .ret_value = &opt_cert },
		{ "--hash", "ALG", "sha256, sha384 or sha512 (default)", .ret_value = &opt_hash },
		{ "--signed", "MODE", "signed already: refuse (default), keep or replace",
		  .ret_value = &opt_signed },
		OPT_JOBS,
		{ 0 } },
	run_sign,
};

const struct ks_verb ks_verb_module_verify = {
	"module", "verify", "PATH...", 0,
	"check signatures against the certificates that the kernel will trust",
	(const struct ks_opt[]){
		{ "--trust", "PEM", "trusted certificates", true, .ret_values = &opt_trust },
		OPT_JOBS,
		{ 0 } },
	run_verify,
};

const struct ks_verb ks_verb_module_strip = {
	"module", "strip", "PATH...", 0,
	"remove signatures",
	(const struct ks_opt[]){ OPT_JOBS, { 0 } },
	run_strip,
};

const struct ks_verb ks_verb_module_show = {
	"module", "show", "PATH...", 0,
	"say what is signed and how long the signature is",
	(const struct ks_opt[]){ { 0 } },
	run_show,
};
