// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/shown.h"
#include "cmd/key_opts.h"
#include "cmd/manifest.h"
#include "cmd/modules.h"

/* Options of this invocation: one process runs one verb. */
static const char *opt_hash, *opt_signed, *opt_jobs, *opt_compress, *opt_manifest;
static bool opt_in_place, opt_json;

#define MODULE_MODES (KS_IF_SIGNED_REFUSE | KS_IF_SIGNED_KEEP | KS_IF_SIGNED_REPLACE)

static int parse_compress(const char *word, int *ret_kind, struct ks_diag *diag)
{
	static const struct {
		const char *word;
		int kind;
	} kinds[] = {
		{ "keep", KS_COMPRESS_KEEP }, { "none", KS_COMPRESS_NONE },
		{ "zstd", KS_COMPRESS_ZSTD }, { "xz", KS_COMPRESS_XZ },
		{ "gz", KS_COMPRESS_GZIP },
	};
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(kinds); i++) {
		if (!strcmp(word ? word : "keep", kinds[i].word)) {
			*ret_kind = kinds[i].kind;
			return 0;
		}
	}
	return ks_fail_detail(diag, -EINVAL, "--compress takes keep, none, zstd, xz or gz", word);
}

static int parse_sign(struct ks_module_work *work, struct ks_diag *diag)
{
	int rc = ks_if_signed_parse(opt_signed, MODULE_MODES,
				    "--signed takes refuse, keep or replace", &work->mode, diag);

	if (!rc)
		rc = parse_compress(opt_compress, &work->compress, diag);
	if (!rc && opt_in_place && work->compress != KS_COMPRESS_KEEP)
		rc = ks_fail(diag, -EINVAL, KS_NO_OFF,
			     "--in-place cannot change the compression, leave one of them out");
	work->in_place = opt_in_place;
	work->details = opt_manifest != NULL;
	return rc;
}

/* Written whatever happened to the files: CI reads from it what did. */
static int write_manifest(const struct ks_modules_job *run, const struct ks_modules_done *done,
			  struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct ks_span content;
	int rc;

	if (!opt_manifest)
		return 0;
	rc = ks_manifest_build(run->context, done, &text, diag);
	content = ks_buf_span(&text);
	return rc ? rc : ks_file_publish(opt_manifest, &content, 1, 0644, diag);
}

static int run_sign(int nr_args, char **args, struct ks_diag *diag)
{
	struct ks_signer signer = { 0 };
	struct ks_manifest_opts manifest = { 0 };
	struct ks_module_work work = { .what = KS_MODULE_SIGNED, .signer = &signer };
	struct ks_modules_job run = { &work, "signed", opt_jobs, write_manifest, &manifest };
	int rc = parse_sign(&work, diag);

	if (!rc)
		rc = ks_cmd_signer_open(KS_SIGN_MODULE, opt_hash ? opt_hash : "sha512", &signer, diag);
	if (rc)
		return rc;
	ks_cms_signer_key_id(&signer, manifest.key_id, sizeof(manifest.key_id));
	rc = ks_modules_run(&run, args, nr_args, diag);
	ks_signer_close(&signer);
	return rc;
}

static int run_strip(int nr_args, char **args, struct ks_diag *diag)
{
	struct ks_module_work work = { .what = KS_MODULE_STRIPPED, .compress = KS_COMPRESS_KEEP };
	struct ks_modules_job run = { &work, "stripped", opt_jobs, NULL, NULL };

	return ks_modules_run(&run, args, nr_args, diag);
}

static void print_shown(const char *path, const struct ks_module_result *r)
{
	printf("%s\n  signer    %s\n  serial    %s\n", ks_shown(path), ks_shown(r->info.issuer),
	       r->info.serial);
	if (r->info.key_id[0])
		printf("  key id    %s\n", r->info.key_id);
	printf("  digest    %s\n  algorithm %s\n", r->info.hash, r->info.sig_alg);
	if (r->info.nr_signers > 1)
		printf("  signers   %u, the first one is shown\n", r->info.nr_signers);
	printf("  signed    %" PRIu64 " bytes\n  signature %" PRIu64 " bytes\n", r->signed_bytes,
	       r->cms_bytes);
}

static int print_all(const struct ks_modules_job *run, const struct ks_modules_done *done,
		     struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	size_t i;
	int rc;

	if (opt_json) {
		rc = ks_manifest_build(run->context, done, &text, diag);
		if (!rc && fwrite(text.p, 1, text.bytes, stdout) != text.bytes)
			rc = ks_fail_sys(diag, "cannot write", "stdout");
		return rc;
	}
	for (i = 0; i < done->paths->nr_paths; i++)
		if (done->result[i].action == KS_MODULE_SHOWN)
			print_shown(done->paths->path[i], &done->result[i]);
	return 0;
}

static int run_show(int nr_args, char **args, struct ks_diag *diag)
{
	struct ks_manifest_opts manifest = { 0 };
	struct ks_module_work work = { .what = KS_MODULE_SHOWN, .details = true };
	struct ks_modules_job run = { &work, NULL, opt_jobs, print_all, &manifest };

	return ks_modules_run(&run, args, nr_args, diag);
}

const struct ks_verb ks_verb_module_sign = {
	"module", "sign", "PATH...", 0,
	"append the kernel's module signature to files, or to every module of folders",
	(const struct ks_opt[]){
		KS_KEY_OPTS,
		{ "--hash", KS_HASH_OPTION, "digest, sha512 by default",
		  .ret_value = &opt_hash },
		{ "--signed", "refuse|keep|replace", "signed already: refuse (default), keep, replace",
		  .ret_value = &opt_signed },
		{ "--compress", "keep|none|zstd|xz|gz", "compress, and rename m.ko to m.ko.zst",
		  .ret_value = &opt_compress },
		{ "--in-place", NULL, "append to the file itself: fast, not safe from a crash",
		  .ret_flag = &opt_in_place },
		{ "--manifest", "OUT.json", "what was done to each file, as JSON",
		  .ret_value = &opt_manifest },
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
	"say who signed, what is signed, and how long the signature is",
	(const struct ks_opt[]){
		{ "--json", NULL, "as JSON", .ret_flag = &opt_json },
		KS_OPT_JOBS(opt_jobs),
		{ 0 } },
	run_show,
};
