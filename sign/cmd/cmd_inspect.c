// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/shown.h"
#include "base/slurp.h"
#include "cmd/inspect.h"
#include "cmd/inspect_summary.h"
#include "cmd/modules.h"

/* Options of this invocation: one process runs one verb. */
static const char *opt_dbx, *opt_sbat_level, *opt_jobs;
static struct ks_values opt_trust, opt_bank;
static bool opt_json;

/* What the threads share; each writes to the result of its own file. */
struct inspect_context {
	struct ks_inspect_opts opts;
	struct ks_slurp_pool *pool;
	struct ks_diag *diags;
	struct ks_inspect_result *results;
	char **named;
	size_t nr_named;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Did somebody ask for this file, or was it found in a directory? */
static bool is_named(const struct inspect_context *c, const char *path)
{
	return bsearch(&path, c->named, c->nr_named, sizeof(path), by_name);
}

static void show_head(struct ks_sheet *sheet, const struct ks_inspected *file, const char *path)
{
	const char *compression = ks_compression_name(file->compression);

	ks_json_name(sheet->json, "file", path);
	ks_json_str(sheet->json, "kind", ks_kind_word(file->kind));
	ks_json_int(sheet->json, "bytes", file->file.bytes);
	ks_json_hex(sheet->json, "sha256", ks_digest_span(&file->sha256));
	ks_json_str(sheet->json, "compression", compression);
	fprintf(sheet->out, "%s: %s%s%s, %zu bytes\n", ks_shown(path), ks_kind_name(file->kind),
		compression ? ", " : "", compression ? compression : "", file->file.bytes);
	ks_sheet_row(sheet, "sha256", "%s",
		     ks_json_text_of(sheet->json, "sha256"));
}

static int show_module(struct ks_sheet *sheet, const struct inspect_context *c, struct ks_span content,
		       struct ks_inspect_result *result, struct ks_diag *diag)
{
	struct ks_module_facts facts;

	ks_module_facts_of(content, &facts);
	result->signer = facts.info;
	return ks_inspect_module(sheet, &c->opts, &facts, diag);
}

/* What several kinds have: a kernel is a PE image mostly, and a UKI has a kernel. */
static int show_image(struct ks_sheet *sheet, const struct ks_inspect_opts *opts, enum ks_kind kind,
		      struct ks_span content, struct ks_diag *diag)
{
	bool is_pe = ks_kind_is_pe(kind, content);
	struct ks_diag reason = { 0 };
	int rc = is_pe ? ks_inspect_pe(sheet, opts, content, &reason) : 0;

	/* A kernel that firmware does not start may be one for kexec. */
	if (rc && rc != -ENOMEM && kind == KS_KIND_KERNEL) {
		ks_sheet_fault(sheet, ks_json_object(sheet->json, "pe"), "image", &reason);
		is_pe = false;
		rc = 0;
	} else if (rc) {
		*diag = reason;
	}
	if (!rc && (kind == KS_KIND_UKI || kind == KS_KIND_ADDON))
		rc = ks_inspect_uki(sheet, opts, content, diag);
	if (!rc && (kind == KS_KIND_UKI || kind == KS_KIND_KERNEL))
		rc = ks_inspect_kernel(sheet, opts, kind, content, diag);
	return rc || !is_pe ? rc : ks_inspect_sections(sheet, kind, content, diag);
}

static int show(struct ks_sheet *sheet, const struct inspect_context *c, const char *path,
		const struct ks_inspected *file, struct ks_inspect_result *result, struct ks_diag *diag)
{
	const struct ks_inspect_opts *opts = &c->opts;

	show_head(sheet, file, path);
	switch (file->kind) {
	case KS_KIND_MODULE:
		return show_module(sheet, c, file->content, result, diag);
	case KS_KIND_LISTS:
	case KS_KIND_STORE:
	case KS_KIND_UPDATE:
		return ks_inspect_efi(sheet, opts, file->kind, file->content, diag);
	case KS_KIND_CERTS:
		return ks_inspect_certs(sheet, opts, file->content, diag);
	case KS_KIND_MANIFEST:
		return ks_inspect_manifest(sheet, opts, path, diag);
	default:
		return show_image(sheet, opts, file->kind, file->content, diag);
	}
}

static int inspect_content(const struct inspect_context *c, const char *path, struct ks_span content,
			   struct ks_inspect_result *result, struct ks_diag *diag)
{
	__cleanup(ks_inspect_close) struct ks_inspected file = { 0 };
	struct ks_diag reason = { 0 };
	int rc = ks_inspect_open(content, &file, &reason);
	bool named = is_named(c, path);

	/* A directory has all sorts of files. */
	if (rc && rc != -ENOMEM && !named && !ks_is_module_name(ks_span_str(path)))
		return 0;
	if (rc) {
		*diag = reason;
		return rc;
	}
	if (file.kind == KS_KIND_UNKNOWN || file.kind == KS_KIND_COMPRESSED) {
		if (named && ks_kind_check_unpacked(content, diag))
			return -EOPNOTSUPP;
		return named ? ks_fail(diag, -EBADMSG, KS_NO_OFF,
				       "neither an EFI image, a kernel, a module, a certificate, a signature "
				       "list, a variable store, an update nor a keyring manifest") :
			       0;
	}
	rc = ks_sheet_begin(&result->sheet, diag);
	if (!rc)
		rc = show(&result->sheet, c, path, &file, result, diag);
	if (!rc)
		rc = ks_sheet_end(&result->sheet, diag);
	result->kind = rc ? KS_KIND_UNKNOWN : file.kind;
	return rc;
}

static int inspect_one(const void *context, const char *path, struct ks_diag *diag)
{
	const struct inspect_context *c = context;
	struct ks_slurp memory = ks_slurp_get(c->pool);
	struct ks_span content;
	int rc = ks_slurp_file(&memory, path, KS_MAX_IMAGE_BYTES, &content, diag);

	/* Every file has a diag of its own, in the order of the files. */
	if (!rc)
		rc = inspect_content(c, path, content, &c->results[diag - c->diags], diag);
	ks_slurp_put(c->pool, memory);
	ks_diag_in(diag, path);
	return rc;
}

static int run_jobs(struct inspect_context *c, struct ks_paths *paths, struct ks_diag *diag)
{
	struct ks_batch batch = { .paths = paths, .job = inspect_one, .context = c };
	struct ks_inspect_results done = { .paths = paths };
	int rc = ks_parse_jobs(opt_jobs, &batch.nr_jobs, diag);
	size_t i;

	if (rc)
		return rc;
	c->diags = done.diag = calloc(paths->nr_paths + 1, sizeof(*done.diag));
	c->results = done.result = calloc(paths->nr_paths + 1, sizeof(*done.result));
	if (!done.diag || !done.result) {
		rc = ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	} else {
		batch.ret_diag = done.diag;
		batch.progress = ks_progress("files");
		ks_batch_run(&batch);
		rc = opt_json ? ks_inspect_print_json(&done, diag) : ks_inspect_print_text(&done, diag);
	}
	for (i = 0; done.diag && done.result && i < paths->nr_paths; i++) {
		ks_sheet_done(&done.result[i].sheet);
		if (!done.diag[i].err)
			continue;
		ks_complain(&done.diag[i]);
		rc = rc ? rc : -EIO;
	}
	free(done.diag);
	free(done.result);
	return rc;
}

static int run_inspect(int nr_args, char **args, struct ks_diag *diag)
{
	struct ks_slurp_pool pool = KS_SLURP_POOL_INIT;
	__cleanup(ks_db_files_done) struct ks_db_files files = { 0 };
	struct inspect_context c = { .pool = &pool, .named = args, .nr_named = (size_t)nr_args };
	struct ks_paths paths = { 0 };
	int rc = ks_uki_read_banks(&opt_bank.value[0], opt_bank.nr_values, c.opts.bank, &c.opts.nr_banks, diag);

	if (rc)
		return KS_EXIT_USAGE;
	rc = ks_db_load(&opt_trust, opt_dbx, opt_sbat_level, &files, diag);
	if (!rc)
		rc = ks_files_find(args, nr_args, &paths, diag);
	if (rc)
		return rc;
	c.opts.db = files.db;
	c.opts.now = ks_clock_now();
	qsort(args, (size_t)nr_args, sizeof(*args), by_name);
	rc = run_jobs(&c, &paths, diag);
	ks_paths_done(&paths);
	ks_slurp_pool_done(&pool);
	return rc;
}

const struct ks_verb ks_verb_inspect = {
	NULL, "inspect", "FILE...", 0,
	"say what a file is, who signed it and what it would do",
	(const struct ks_opt[]){
		{ "--trust", "FILE", "any file that holds certificates, to name signers by",
		  .ret_values = &opt_trust },
		{ "--dbx", "FILE", "say what of it is in this dbx", .ret_value = &opt_dbx },
		{ "--sbat-level", "FILE", "say what shim's SbatLevel revokes: text, or a variable store",
		  .ret_value = &opt_sbat_level },
		{ "--bank", "BANK", "PCR values to show: sha1, sha256 (default), sha384 or sha512",
		  .ret_values = &opt_bank },
		{ .name = "--json", .help = "all of it as JSON", .ret_flag = &opt_json },
		KS_OPT_JOBS(opt_jobs),
		{ 0 } },
	run_inspect,
};
