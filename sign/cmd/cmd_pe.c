// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/shown.h"
#include "base/slurp.h"
#include "base/limits.h"
#include "base/target.h"
#include "cmd/certs.h"
#include "cmd/findings.h"
#include "cmd/key_opts.h"
#include "ops/kind.h"
#include "ops/pe.h"

static const char *opt_signed, *opt_output, *opt_hash;
static bool opt_first, opt_in_place;
static struct ks_values opt_add_cert;

static int publish(const struct ks_pe_image *image, const char *path, struct ks_diag *diag)
{
	struct ks_span part[KS_PE_IMAGE_PARTS];

	ks_pe_image_parts(image, part);
	return ks_file_publish(path, part, KS_PE_IMAGE_PARTS, 0644, diag);
}

/* What signs all images of one call; @memory is for one after the other. */
struct signing {
	struct ks_signer signer;
	struct ks_certs chain;
	struct ks_pe_sign_opts opts;
	struct ks_slurp memory;
	bool is_advised;
};

static void signing_done(struct signing *s)
{
	ks_signer_close(&s->signer);
	ks_certs_done(&s->chain);
	ks_slurp_done(&s->memory);
}

static int open_signing(struct signing *s, struct ks_diag *diag)
{
	int rc = ks_if_signed_parse(opt_signed, KS_PE_MODES, "--signed takes refuse, add or replace",
				    &s->opts.mode, diag);

	if (!rc)
		rc = ks_cmd_signer_open(KS_SIGN_PE, "sha256", &s->signer, diag);
	if (!rc)
		rc = ks_load_chain(&s->signer, &opt_add_cert, &s->chain, diag);
	s->opts.chain = &s->chain;
	s->opts.first = opt_first;
	return rc;
}

static bool is_same_file(const char *a, const char *b)
{
	struct stat x, y;

	return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/*
 * An image that is replaced is locked from reading to writing: of two that add a signature at once, the
 * second one adds to what the first one wrote.
 */
static int sign_one(struct signing *s, const char *in_path, const char *out_path, struct ks_diag *diag)
{
	__cleanup(ks_pe_image_done) struct ks_pe_image out = { 0 };
	__cleanup(ks_target_close) struct ks_target target = KS_TARGET_NONE;
	struct ks_span in = { 0 };
	int rc = 0;

	if (is_same_file(in_path, out_path))
		rc = ks_target_open(in_path, KS_TARGET_REPLACE, &target, diag);
	if (!rc)
		rc = ks_slurp_file(&s->memory, in_path, KS_MAX_IMAGE_BYTES, &in, diag);
	if (!rc)
		rc = ks_pe_sign(&s->signer, &s->opts, in, &out, diag);
	/* It is about the certificate. */
	if (!rc && !s->is_advised)
		rc = ks_advise_signer(&s->signer.cert, &s->chain, in_path, diag);
	s->is_advised |= !rc;
	ks_diag_in(diag, in_path);
	return rc ? rc : publish(&out, out_path, diag);
}

/* All of them are tried, and each that fails is named. */
static int sign_in_place(struct signing *s, int nr_args, char **args)
{
	int i, rc = 0;

	for (i = 0; i < nr_args; i++) {
		struct ks_diag failure = { 0 };

		if (!sign_one(s, args[i], args[i], &failure))
			continue;
		ks_complain(&failure);
		rc = -EIO;
	}
	return rc;
}

static int run_sign(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(signing_done) struct signing s = { 0 };
	int rc;

	if (!opt_output == !opt_in_place)
		ks_fail(diag, -EINVAL, KS_NO_OFF, "either --output or --in-place is needed");
	else if (opt_output && nr_args > 1)
		ks_fail(diag, -EINVAL, KS_NO_OFF, "--output is for one image, take --in-place for several");
	if (diag->err)
		return KS_EXIT_USAGE;
	rc = open_signing(&s, diag);
	if (rc)
		return rc;
	return opt_in_place ? sign_in_place(&s, nr_args, args) : sign_one(&s, args[0], opt_output, diag);
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
	return rc ? rc : publish(&out, opt_output, diag);
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
		rc = ks_kind_parse_pe(in, &view, diag);
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
	"pe", "sign", "IN...", 0,
	"sign EFI images with Authenticode (SHA-256)",
	(const struct ks_opt[]){
		KS_KEY_OPTS,
		{ "--signed", "refuse|add|replace", "what to do with an image that is signed already",
		  .ret_value = &opt_signed },
		{ .name = "--first", .ret_flag = &opt_first,
		  .help = "put the signature before the others (kexec and some firmware read only one)" },
		{ "--add-cert", "PEM", "embed an intermediate certificate",
		  .ret_values = &opt_add_cert },
		{ "--output", "OUT", "signed image", .ret_value = &opt_output },
		{ .name = "--in-place", .ret_flag = &opt_in_place, .help = "replace each IN by its signed image" },
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
