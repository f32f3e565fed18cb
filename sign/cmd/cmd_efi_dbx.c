// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/shown.h"
#include "cmd/certs.h"
#include "ops/dbx.h"
#include "ops/dbx_json.h"

static const char *opt_to, *opt_arch, *opt_output;
static struct ks_values opt_cert;

static int put_esl(const struct ks_esl_view *lists, struct ks_buf *out,
		   struct ks_dbx_counts *ret_counts, struct ks_diag *diag)
{
	ks_put(out, lists->all);
	ks_dbx_count(lists, ret_counts);
	/* They stay in there. */
	ret_counts->nr_left_out = 0;
	return ks_buf_ok(out, diag);
}

static int put_json(const struct ks_esl_view *lists, struct ks_buf *out,
		    struct ks_dbx_counts *ret_counts, struct ks_diag *diag)
{
	ks_dbx_count(lists, ret_counts);
	return ks_dbx_json_build(lists, opt_arch ? opt_arch : "x64", out, diag);
}

static const struct {
	const char *word;
	int (*put)(const struct ks_esl_view *lists, struct ks_buf *out,
		   struct ks_dbx_counts *ret_counts, struct ks_diag *diag);
} forms[] = {
	{ "esl", put_esl },
	{ "json", put_json },
	{ "hash-list", ks_dbx_put_hash_list },
	{ "revocation-keys", ks_dbx_put_revocation_keys },
};

static int convert(const struct ks_esl_view *lists, struct ks_buf *out, struct ks_dbx_counts *counts,
		   struct ks_diag *diag)
{
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(forms); i++)
		if (!strcmp(forms[i].word, opt_to ? opt_to : forms[0].word))
			return forms[i].put(lists, out, counts, diag);
	return ks_fail_detail(diag, -EINVAL, "--to takes esl, json, hash-list or revocation-keys", opt_to);
}

static int read_files(int nr_args, char **args, struct ks_buf *lists, struct ks_diag *diag)
{
	__cleanup(ks_certs_done) struct ks_certs certs = { 0 };
	const struct ks_dbx_opts opts = { .arch = opt_arch, .certs = &certs };
	int i, rc = ks_load_certs(&opt_cert, &certs, diag);

	for (i = 0; i < nr_args && !rc; i++) {
		__cleanup(ks_dbx_done) struct ks_dbx dbx = { 0 };

		rc = ks_dbx_load(args[i], &opts, &dbx, diag);
		if (!rc)
			rc = ks_esl_join(lists, dbx.lists.all, NULL, diag);
		ks_diag_in(diag, args[i]);
	}
	return rc;
}

static void say(const struct ks_dbx_counts *c)
{
	printf("%s: %zu image digest%s, %zu certificate%s, %zu certificate digest%s, %zu SVN%s",
	       ks_shown(opt_output), c->nr_images, c->nr_images == 1 ? "" : "s", c->nr_certs,
	       c->nr_certs == 1 ? "" : "s", c->nr_cert_digests, c->nr_cert_digests == 1 ? "" : "s",
	       c->nr_svns, c->nr_svns == 1 ? "" : "s");
	if (c->nr_left_out)
		printf("; %zu other%s left out", c->nr_left_out, c->nr_left_out == 1 ? "" : "s");
	putchar('\n');
}

static int run_dbx(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf lists = { 0 }, out = { 0 };
	struct ks_dbx_counts counts = { 0 };
	struct ks_esl_view view;
	struct ks_span content;
	int rc = read_files(nr_args, args, &lists, diag);

	if (!rc)
		rc = ks_esl_parse(ks_buf_span(&lists), 0, &view, diag);
	if (!rc)
		rc = convert(&view, &out, &counts, diag);
	content = ks_buf_span(&out);
	if (!rc)
		rc = ks_file_publish(opt_output, &content, 1, 0644, diag);
	if (!rc)
		say(&counts);
	return rc;
}

const struct ks_verb ks_verb_efi_dbx = {
	"efi", "dbx", "FILE...", 0,
	"convert and merge lists of what must not start",
	(const struct ks_opt[]){
		{ "--output", "FILE", "the result", true, .ret_value = &opt_output },
		{ "--to", "esl|json|hash-list|revocation-keys", "its form (default: esl)", .ret_value = &opt_to },
		{ "--arch", KS_DBX_ARCH_OPTION, "which images of JSON (default: read all, write x64)",
		  .ret_value = &opt_arch },
		{ "--cert", "PEM", "where to find certificates that JSON only names", .ret_values = &opt_cert },
		{ 0 } },
	run_dbx,
};
