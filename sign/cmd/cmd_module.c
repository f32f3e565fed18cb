// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/shown.h"
#include "cmd/json.h"
#include "cmd/key_opts.h"
#include "cmd/modules.h"

/* Options of this invocation: one process runs one verb. */
static const char *opt_hash, *opt_signed, *opt_jobs, *opt_compress, *opt_manifest;
static bool opt_in_place, opt_json;

#define MODULE_MODES (KS_IF_SIGNED_REFUSE | KS_IF_SIGNED_KEEP | KS_IF_SIGNED_REPLACE)

/**
 * struct manifest_opts - what is the same for all files
 * @key_id: subject key identifier of our certificate, for the files that were signed; may be ""
 */
struct manifest_opts {
	char key_id[64];
};

static void add_content(struct json_object *to, const char *key, const struct ks_module_file *file)
{
	struct json_object *json = ks_json_object(to, key);

	ks_json_int(json, "bytes", file->bytes);
	if (file->sha256.bytes)
		ks_json_hex(json, "sha256", ks_digest_span(&file->sha256));
}

static void add_signature(struct json_object *to, const struct manifest_opts *opts,
			  const struct ks_module_result *r)
{
	struct json_object *signer = ks_json_object(to, "signer");
	bool ours = r->action == KS_MODULE_SIGNED || r->action == KS_MODULE_REPLACED;
	const char *key_id = ours ? opts->key_id : r->info.key_id;

	ks_json_str(signer, "issuer_dn", r->info.issuer);
	ks_json_str(signer, "serial", r->info.serial);
	if (key_id[0])
		ks_json_str(signer, "key_id", key_id);
	ks_json_str(to, "hash", r->info.hash);
	ks_json_str(to, "algorithm", r->info.sig_alg);
	ks_json_int(to, "nr_signers", r->info.nr_signers);
	ks_json_int(to, "signed_bytes", r->signed_bytes);
	ks_json_int(to, "signature_bytes", r->cms_bytes);
}

static const char *action_name(enum ks_module_action action)
{
	static const char *const names[] = {
		[KS_MODULE_NOTHING] = "failed",	  [KS_MODULE_SIGNED] = "signed",
		[KS_MODULE_KEPT] = "kept",	  [KS_MODULE_REPLACED] = "replaced",
		[KS_MODULE_STRIPPED] = "stripped", [KS_MODULE_SHOWN] = "shown",
	};

	return names[action];
}

static void add_row(struct json_object *files, const struct manifest_opts *opts, const char *path,
		    const struct ks_module_result *r, const struct ks_diag *diag)
{
	struct json_object *row = ks_json_row(files);

	ks_json_name(row, "file", path);
	if (r->new_name && r->action != KS_MODULE_NOTHING)
		ks_json_name(row, "new_name", r->new_name);
	ks_json_str(row, "action", action_name(r->action));
	if (r->before.sha256.bytes)
		add_content(row, "before", &r->before);
	if (r->action != KS_MODULE_NOTHING && r->action != KS_MODULE_SHOWN)
		add_content(row, "after", &r->after);
	if (r->action != KS_MODULE_NOTHING && r->info.nr_signers)
		add_signature(row, opts, r);
	ks_json_errors(row, diag);
}

/* Append the document to @out. */
static void put_manifest(const char *schema, const struct manifest_opts *opts,
			 const struct ks_modules_done *done, struct ks_buf *out)
{
	__cleanup(ks_json_free) struct json_object *json = ks_json_new(schema);
	struct json_object *files;
	u64 nr_failed = 0;
	size_t i;

	for (i = 0; i < done->paths->nr_paths; i++)
		nr_failed += done->result[i].action == KS_MODULE_NOTHING;
	ks_json_int(json, "failed", nr_failed);
	files = ks_json_array(json, "files");
	for (i = 0; i < done->paths->nr_paths; i++)
		add_row(files, opts, done->paths->path[i], &done->result[i], &done->diag[i]);
	ks_json_put(json, out);
}

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

	if (!opt_manifest)
		return 0;
	put_manifest("kseal/module-sign/1", run->context, done, &text);
	content = ks_buf_span(&text);
	return ks_file_publish(opt_manifest, &content, 1, 0644, diag);
}

static int run_sign(int nr_args, char **args, struct ks_diag *diag)
{
	struct ks_signer signer = { 0 };
	struct manifest_opts manifest = { 0 };
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

	if (opt_json) {
		put_manifest("kseal/module-show/1", run->context, done, &text);
		return fwrite(text.p, 1, text.bytes, stdout) == text.bytes ?
			       0 : ks_fail_sys(diag, "cannot write", "stdout");
	}
	for (i = 0; i < done->paths->nr_paths; i++)
		if (done->result[i].action == KS_MODULE_SHOWN)
			print_shown(done->paths->path[i], &done->result[i]);
	return 0;
}

static int run_show(int nr_args, char **args, struct ks_diag *diag)
{
	struct manifest_opts manifest = { 0 };
	struct ks_module_work work = { .what = KS_MODULE_SHOWN, .details = true };
	struct ks_modules_job run = { &work, NULL, opt_jobs, print_all, &manifest };

	return ks_modules_run(&run, args, nr_args, diag);
}

const struct ks_verb ks_verb_module_sign = {
	"module", "sign", "PATH...", 0,
	"append the kernel's module signature to files, or to every module of directories",
	(const struct ks_opt[]){
		KS_KEY_OPTS,
		{ "--hash", KS_MODULE_HASH_OPTION, "digest, sha512 by default",
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
