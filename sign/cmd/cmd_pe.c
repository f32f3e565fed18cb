// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>

#include "base/file.h"
#include "base/shown.h"
#include "base/slurp.h"
#include "base/limits.h"
#include "cmd/certs.h"
#include "cmd/findings.h"
#include "cmd/key_opts.h"
#include "ops/pe.h"

static const char *opt_signed, *opt_output, *opt_hash;
static bool opt_first;
static struct ks_values opt_add_cert;

static int publish(const struct ks_pe_image *image, struct ks_diag *diag)
{
	struct ks_span part[KS_PE_IMAGE_PARTS];

	ks_pe_image_parts(image, part);
	return ks_file_publish(opt_output, part, KS_PE_IMAGE_PARTS, 0644, diag);
}

static int run_sign(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(ks_pe_image_done) struct ks_pe_image out = { 0 };
	__cleanup(ks_slurp_done) struct ks_slurp memory = { 0 };
	struct ks_span in = { 0 };
	__cleanup(ks_signer_close) struct ks_signer signer = { 0 };
	__cleanup(ks_certs_done) struct ks_certs chain = { 0 };
	struct ks_pe_sign_opts opts = { .chain = &chain, .first = opt_first };
	int rc;

	(void)nr_args;
	rc = ks_if_signed_parse(opt_signed, KS_PE_MODES, "--signed takes refuse, add or replace",
				&opts.mode, diag);
	if (!rc)
		rc = ks_cmd_signer_open(KS_SIGN_PE, "sha256", &signer, diag);
	if (!rc)
		rc = ks_load_chain(&signer, &opt_add_cert, &chain, diag);
	if (!rc)
		rc = ks_slurp_file(&memory, args[0], KS_MAX_IMAGE_BYTES, &in, diag);
	if (rc)
		return rc;
	rc = ks_pe_sign(&signer, &opts, in, &out, diag);
	ks_diag_in(diag, args[0]);
	if (!rc)
		rc = ks_advise_signer(&signer.cert, &chain, args[0], diag);
	return rc ? rc : publish(&out, diag);
}

static int run_strip(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(ks_pe_image_done) struct ks_pe_image out = { 0 };
	__cleanup(ks_slurp_done) struct ks_slurp memory = { 0 };
	struct ks_span in = { 0 };
	int rc;

	(void)nr_args;
	rc = ks_slurp_file(&memory, args[0], KS_MAX_IMAGE_BYTES, &in, diag);
	if (!rc)
		rc = ks_pe_strip(in, &out, diag);
	ks_diag_in(diag, args[0]);
	return rc ? rc : publish(&out, diag);
}

static int run_hash(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(ks_slurp_done) struct ks_slurp memory = { 0 };
	struct ks_span in = { 0 };
	char hex[2 * KS_DIGEST_MAX_BYTES + 1];
	struct ks_digest digest = { 0 };
	struct ks_pe_view view;
	int rc;

	(void)nr_args;
	rc = ks_slurp_file(&memory, args[0], KS_MAX_IMAGE_BYTES, &in, diag);
	if (!rc)
		rc = ks_pe_parse(in, &view, diag);
	if (!rc)
		rc = ks_pe_hash(&view, opt_hash ? opt_hash : "sha256", &digest, diag);
	ks_diag_in(diag, args[0]);
	if (rc)
		return rc;
	ks_hex(ks_digest_span(&digest), hex, sizeof(hex));
	printf("%s  %s\n", hex, ks_shown(args[0]));
	return 0;
}

const struct ks_verb ks_verb_pe_sign = {
	"pe", "sign", "IN", 1,
	"sign an EFI image with Authenticode (SHA-256)",
	(const struct ks_opt[]){
		KS_KEY_OPTS,
		{ "--signed", "refuse|add|replace", "what to do with an image that is signed already",
		  .ret_value = &opt_signed },
		{ .name = "--first", .ret_flag = &opt_first,
		  .help = "put the signature before the others (kexec and some firmware read only one)" },
		{ "--add-cert", "PEM", "embed an intermediate certificate",
		  .ret_values = &opt_add_cert },
		{ "--output", "OUT", "signed image", true, .ret_value = &opt_output },
		{ 0 } },
	run_sign,
};

const struct ks_verb ks_verb_pe_strip = {
	"pe", "strip", "IN", 1,
	"remove all signatures",
	(const struct ks_opt[]){
		{ "--output", "OUT", "unsigned image", true, .ret_value = &opt_output },
		{ 0 } },
	run_strip,
};

const struct ks_verb ks_verb_pe_hash = {
	"pe", "hash", "IN", 1,
	"print the Authenticode digest of an image",
	(const struct ks_opt[]){
		{ "--hash", KS_HASH_OPTION, "digest; default: sha256", .ret_value = &opt_hash },
		{ 0 } },
	run_hash,
};
