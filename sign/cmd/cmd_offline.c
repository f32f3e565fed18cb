// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>

#include "base/file.h"
#include "base/limits.h"
#include "cmd/certs.h"
#include "cmd/findings.h"
#include "cmd/key_opts.h"
#include "cmd/modules.h"
#include "ops/offline.h"
#include "ops/pe.h"

/* Options of this invocation: one process runs one verb. */
static const char *opt_manifest, *opt_module_cert, *opt_hash, *opt_signed;
static const char *opt_signatures, *opt_pcr_cert, *opt_jobs, *opt_below;
static bool opt_first;
static struct ks_values opt_module, opt_pe, opt_pe_output, opt_pe_cert, opt_add_cert, opt_cert, opt_uki, opt_uki_output,
	opt_phases, opt_auth, opt_auth_output, opt_auth_cert;

/* Names every file that failed. */
static void complain(const struct ks_offline_errors *errors)
{
	size_t i;

	for (i = 0; i < errors->nr_diags; i++)
		ks_complain(&errors->diag[i]);
}

/* Options that do not go together; NULL if all is well. */
static const char *usage_error(void)
{
	if (!opt_module.nr_values && !opt_pe.nr_values && !opt_uki.nr_values && !opt_auth.nr_values)
		return "nothing to sign, give --module, --pe, --uki-pcr or --auth";
	if (!opt_module.nr_values != !opt_module_cert)
		return "--module and --module-cert go together";
	if (!opt_pe.nr_values != !opt_pe_cert.nr_values)
		return "--pe and --pe-cert go together";
	if (opt_pe_cert.nr_values > 1 && opt_pe.nr_values != opt_pe_cert.nr_values)
		return "give one --pe-cert, or one for every --pe, in the same order";
	if (opt_pe.nr_values != opt_pe_output.nr_values)
		return "give one --pe-output for every --pe, in the same order";
	if (!opt_uki.nr_values != !opt_pcr_cert)
		return "--uki-pcr and --uki-pcr-cert go together";
	if (opt_uki.nr_values != opt_uki_output.nr_values)
		return "give one --uki-pcr-output for every --uki-pcr, in the same order";
	if (opt_auth.nr_values != opt_auth_output.nr_values || opt_auth.nr_values != opt_auth_cert.nr_values)
		return "give one --auth-output and one --auth-cert for every --auth, in the same order";
	return NULL;
}

static int add_modules(struct ks_offline *manifest, struct ks_offline_errors *errors,
		       struct ks_diag *diag)
{
	__cleanup(ks_signer_close) struct ks_signer signer = { 0 };
	struct ks_signer_opts opts = { .cert_path = opt_module_cert,
				       .hash = opt_hash ? opt_hash : "sha512",
				       .use = KS_SIGN_MODULE,
				       .allow_expired = ks_cmd_key.allow_expired };
	char *path[KS_MAX_OPT_VALUES];
	struct ks_offline_modules modules = { .hash = opts.hash,
					      .path = path,
					      .nr_paths = (int)opt_module.nr_values,
					      .progress = ks_progress("modules") };
	size_t i;
	int rc;

	if (!opt_module.nr_values)
		return 0;
	for (i = 0; i < opt_module.nr_values; i++)
		path[i] = (char *)opt_module.value[i];
	rc = ks_parse_jobs(opt_jobs, &modules.nr_jobs, diag);
	if (!rc)
		rc = ks_signer_open(&opts, &signer, diag);
	return rc ? rc
		  : ks_offline_add_modules(manifest, &signer, &modules, errors, diag);
}

/* Each image may have its own signer, whose chain goes with it. */
static int add_image(struct ks_offline *manifest, const char *cert_path, struct ks_offline_pe *pe,
		     struct ks_diag *diag)
{
	__cleanup(ks_signer_close) struct ks_signer signer = { 0 };
	__cleanup(ks_certs_done) struct ks_certs chain = { 0 };
	struct ks_signer_opts opts = { .cert_path = cert_path, .hash = "sha256",
				       .use = KS_SIGN_PE,
				       .allow_expired = ks_cmd_key.allow_expired };
	int rc = ks_signer_open(&opts, &signer, diag);

	if (!rc)
		rc = ks_load_chain(&signer, &opt_add_cert, &chain, diag);
	pe->chain = &chain;
	if (!rc)
		rc = ks_offline_add_pe(manifest, &signer, pe, diag);
	if (!rc)
		rc = ks_advise_signer(&signer.cert, &chain, pe->path, diag);
	pe->chain = NULL;
	return rc;
}

static int add_images(struct ks_offline *manifest, struct ks_diag *diag)
{
	struct ks_offline_pe pe = { .first = opt_first };
	size_t i;
	int rc;

	if (!opt_pe.nr_values)
		return 0;
	rc = ks_if_signed_parse(opt_signed, KS_PE_MODES, "--signed takes refuse, add or replace",
				&pe.mode, diag);
	for (i = 0; !rc && i < opt_pe.nr_values; i++) {
		pe.path = opt_pe.value[i];
		pe.output = opt_pe_output.value[i];
		rc = add_image(manifest, opt_pe_cert.value[opt_pe_cert.nr_values > 1 ? i : 0], &pe, diag);
	}
	return rc;
}

static int add_updates(struct ks_offline *manifest, struct ks_diag *diag)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < opt_auth.nr_values; i++) {
		__cleanup(ks_signer_close) struct ks_signer signer = { 0 };
		struct ks_signer_opts opts = { .cert_path = opt_auth_cert.value[i],
					       .hash = "sha256",
					       .use = KS_SIGN_UPDATE,
					       .allow_expired = ks_cmd_key.allow_expired };

		rc = ks_signer_open(&opts, &signer, diag);
		if (!rc)
			rc = ks_offline_add_auth(manifest, &signer, opt_auth.value[i],
						 opt_auth_output.value[i], diag);
	}
	return rc;
}

static int add_policies(struct ks_offline *manifest, struct ks_diag *diag)
{
	__cleanup(ks_signer_close) struct ks_signer signer = { 0 };
	struct ks_signer_opts opts = { .cert_path = opt_pcr_cert, .hash = "sha256",
				       .allow_expired = ks_cmd_key.allow_expired };
	struct ks_uki_phases phases = { opt_phases.value, opt_phases.nr_values };
	size_t i;
	int rc;

	if (!opt_uki.nr_values)
		return 0;
	rc = ks_signer_open(&opts, &signer, diag);
	for (i = 0; !rc && i < opt_uki.nr_values; i++)
		rc = ks_offline_add_pcr(manifest, &signer, phases.nr_paths ? &phases : NULL,
					opt_uki.value[i], opt_uki_output.value[i], diag);
	return rc;
}

static int run_prepare(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(ks_offline_errors_done) struct ks_offline_errors errors = { 0 };
	__cleanup(ks_offline_done) struct ks_offline manifest = { 0 };
	__cleanup(ks_buf_done) struct ks_buf json = { 0 };
	struct ks_span part;
	const char *error = usage_error();
	int rc;

	(void)nr_args;
	(void)args;
	if (error) {
		ks_fail(diag, -EINVAL, KS_NO_OFF, error);
		return KS_EXIT_USAGE;
	}
	rc = add_modules(&manifest, &errors, diag);
	if (!rc)
		rc = add_images(&manifest, diag);
	if (!rc)
		rc = add_policies(&manifest, diag);
	if (!rc)
		rc = add_updates(&manifest, diag);
	if (!rc)
		rc = ks_offline_check_files(&manifest, NULL, &errors, diag);
	complain(&errors);
	if (!rc && errors.nr_diags)
		return -EIO;
	if (!rc)
		rc = ks_offline_build(&manifest, &json, diag);
	if (rc)
		return rc;
	part = ks_buf_span(&json);
	rc = ks_file_publish(opt_manifest, &part, 1, 0644, diag);
	if (!rc)
		printf("%zu signatures to be made\n", manifest.nr_entries);
	return rc;
}

static int run_attach(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(ks_offline_errors_done) struct ks_offline_errors errors = { 0 };
	__cleanup(ks_offline_done) struct ks_offline manifest = { 0 };
	__cleanup(ks_certs_done) struct ks_certs allowed = { 0 };
	__cleanup(ks_buf_done) struct ks_buf json = { 0 };
	struct ks_offline_attach_opts opts = { .sig_dir = opt_signatures,
					       .below = opt_below ? opt_below : ".",
					       .allowed = &allowed,
					       .allow_expired = ks_cmd_key.allow_expired,
					       .progress = ks_progress("modules") };
	int rc;

	(void)nr_args;
	(void)args;
	rc = ks_parse_jobs(opt_jobs, &opts.nr_jobs, diag);
	if (!rc)
		rc = ks_load_certs(&opt_cert, &allowed, diag);
	if (!rc)
		rc = ks_file_load(opt_manifest, KS_MAX_OFFLINE_BYTES, &json, diag);
	if (rc)
		return rc;
	rc = ks_offline_parse(ks_buf_span(&json), &manifest, diag);
	ks_diag_in(diag, opt_manifest);
	if (!rc)
		rc = ks_offline_attach(&manifest, &opts, &errors, diag);
	complain(&errors);
	if (!rc)
		printf("%zu signatures attached\n", manifest.nr_entries);
	return rc;
}

const struct ks_verb ks_verb_offline_prepare = {
	"offline",
	"prepare",
	NULL,
	0,
	"list the digests that somebody else is to sign",
	(const struct ks_opt[]){
		{ "--manifest", "JSON", "the list, to be written", true,
		  .ret_value = &opt_manifest },
		{ "--module", "PATH", "module, or directory of modules", .ret_values = &opt_module },
		{ "--module-cert", "PEM", "certificate that will have signed the modules",
		  .ret_value = &opt_module_cert },
		{ "--hash", KS_MODULE_HASH_OPTION, "digest of the modules, default sha512",
		  .ret_value = &opt_hash },
		{ "--pe", "IN", "EFI image", .ret_values = &opt_pe },
		{ "--pe-output", "OUT", "where attach is to write the signed image",
		  .ret_values = &opt_pe_output },
		{ "--pe-cert", "PEM", "certificate that will have signed the images, or each of them",
		  .ret_values = &opt_pe_cert },
		{ "--add-cert", "PEM", "intermediate certificate to embed in the images",
		  .ret_values = &opt_add_cert },
		{ "--signed", "refuse|add|replace",
		  "images that are signed already, default refuse", .ret_value = &opt_signed },
		{ .name = "--first",
		  .ret_flag = &opt_first,
		  .help = "put the signature of an image before the others" },
		{ "--uki-pcr", "IN", "unified kernel image whose PCR policies are to be signed",
		  .ret_values = &opt_uki },
		{ "--uki-pcr-output", "OUT", "where attach is to write it with its .pcrsig",
		  .ret_values = &opt_uki_output },
		{ "--uki-pcr-cert", "PEM", "certificate of the key of .pcrpkey",
		  .ret_value = &opt_pcr_cert },
		{ "--auth", "IN", "update of a firmware variable, as efi auth-prepare wrote it",
		  .ret_values = &opt_auth },
		{ "--auth-output", "OUT", "where attach is to write the signed update",
		  .ret_values = &opt_auth_output },
		{ "--auth-cert", "PEM", "certificate that will have signed it", .ret_values = &opt_auth_cert },
		{ "--phases", "WORDS", "boot phases of a policy, enter-initrd:leave-initrd:...",
		  .ret_values = &opt_phases },
		KS_EXPIRED_OPT, KS_OPT_JOBS(opt_jobs),
		{ 0 } },
	run_prepare,
};

const struct ks_verb ks_verb_offline_attach = {
	"offline",
	"attach",
	NULL,
	0,
	"check the signatures of a manifest and put them into its files",
	(const struct ks_opt[]){
		{ "--manifest", "JSON", "what prepare wrote", true, .ret_value = &opt_manifest },
		{ "--signatures", "DIR", "directory of the raw signatures, ID.sig", true,
		  .ret_value = &opt_signatures },
		{ "--cert", "PEM", "what prepare was given: only they sign, whatever the manifest says", true,
		  .ret_values = &opt_cert },
		{ "--below", "DIR", "write nothing outside of this directory, default the current one",
		  .ret_value = &opt_below },
		KS_EXPIRED_OPT, KS_OPT_JOBS(opt_jobs),
		{ 0 } },
	run_attach,
};
