// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "cmd/findings.h"
#include "cmd/key_opts.h"
#include "ops/uki_addon.h"
#include "ops/uki_profile.h"

static const char *opt_stub, *opt_cmdline, *opt_dtb, *opt_ucode, *opt_uname, *opt_sbat, *opt_output;
static struct ks_values opt_initrd;

struct files {
	struct ks_buf stub;
	struct ks_buf cmdline;
	struct ks_buf dtb;
	struct ks_buf ucode;
	struct ks_buf initrd;
	struct ks_buf sbat;
};

static void files_done(struct files *f)
{
	ks_buf_done(&f->stub);
	ks_buf_done(&f->cmdline);
	ks_buf_done(&f->dtb);
	ks_buf_done(&f->ucode);
	ks_buf_done(&f->initrd);
	ks_buf_done(&f->sbat);
}

static int load_files(struct files *f, struct ks_diag *diag)
{
	size_t i;
	int rc = ks_uki_append_file(opt_stub, KS_MAX_IMAGE_BYTES, 1, &f->stub, diag);

	if (!rc && opt_cmdline)
		rc = ks_uki_load_cmdline(opt_cmdline, &f->cmdline, diag);
	if (!rc && opt_dtb)
		rc = ks_uki_append_file(opt_dtb, KS_MAX_TEXT_BYTES, 1, &f->dtb, diag);
	if (!rc && opt_ucode)
		rc = ks_uki_append_file(opt_ucode, KS_MAX_IMAGE_BYTES, 1, &f->ucode, diag);
	for (i = 0; i < opt_initrd.nr_values && !rc; i++)
		rc = ks_uki_append_initrd(opt_initrd.value[i], &f->initrd, diag);
	if (!rc && opt_sbat)
		rc = ks_uki_append_file(opt_sbat, KS_MAX_TEXT_BYTES, 1, &f->sbat, diag);
	return rc;
}

/* Options that do not go together, and a name that the stub does not look for. */
static int check_usage(struct ks_diag *diag)
{
	if (ks_cmd_key.cert_path && !ks_cmd_key.uri)
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "--cert goes with --key");
	if (!ks_span_ends_with(ks_span_str(opt_output), ks_span_str(KS_UKI_ADDON_SUFFIX)))
		return ks_fail_detail(diag, -EINVAL, "--output: systemd-stub loads no addon whose name does not end in "
				      KS_UKI_ADDON_SUFFIX, opt_output);
	if (!opt_cmdline && !opt_dtb && !opt_ucode && !opt_initrd.nr_values) {
		ks_fail(diag, -EINVAL, KS_NO_OFF, "--cmdline, --dtb, --microcode or --initrd is needed");
		return KS_EXIT_USAGE;
	}
	if (opt_uname && !*opt_uname)
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "--uname is empty, leave it out");
	return 0;
}

static int run_addon(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(files_done) struct files f = { 0 };
	__cleanup(ks_uki_built_done) struct ks_uki_built built = { 0 };
	__cleanup(ks_signer_close) struct ks_signer signer = { 0 };
	struct ks_uki_addon_parts parts;
	int rc = check_usage(diag);

	(void)nr_args;
	(void)args;
	if (!rc)
		rc = load_files(&f, diag);
	if (!rc && ks_cmd_key.uri)
		rc = ks_cmd_signer_open(KS_SIGN_PE, "sha256", &signer, diag);
	if (rc)
		return rc;
	parts = (struct ks_uki_addon_parts){
		.stub = ks_buf_span(&f.stub),
		.stub_path = opt_stub,
		.cmdline = ks_buf_span(&f.cmdline),
		.dtb = ks_buf_span(&f.dtb),
		.ucode = ks_buf_span(&f.ucode),
		.initrd = ks_buf_span(&f.initrd),
		.uname = ks_span_str(opt_uname ? opt_uname : ""),
		.sbat = ks_buf_span(&f.sbat),
		.sbat_path = opt_sbat,
	};
	rc = ks_uki_addon_build(&parts, &built, diag);
	ks_diag_in(diag, opt_output);
	if (!rc && ks_cmd_key.uri)
		rc = ks_advise_signer(&signer.cert, &signer.chain, opt_output, diag);
	return rc ? rc : ks_uki_write(&built, ks_cmd_key.uri ? &signer : NULL, opt_output, diag);
}

const struct ks_verb ks_verb_uki_addon = {
	"uki", "addon", NULL, 0,
	"make a file beside an image that adds to its command line, device tree, microcode or initrd",
	(const struct ks_opt[]){
		{ "--stub", "F", "systemd's stub of addons", true, .ret_value = &opt_stub },
		{ "--cmdline", "S", "what follows the image's command line, or @FILE", .ret_value = &opt_cmdline },
		{ "--dtb", "F", "device tree that takes the place of the image's", .ret_value = &opt_dtb },
		{ "--microcode", "F", "microcode that goes before the image's", .ret_value = &opt_ucode },
		{ "--initrd", "F", "initrd that is unpacked over the image's", .ret_values = &opt_initrd },
		{ "--uname", "S", "only for images of this kernel release", .ret_value = &opt_uname },
		{ "--sbat", "F", "SBAT lines instead of ukify's", .ret_value = &opt_sbat },
		{ "--key", "URI", "sign it as well, as pe sign does", .ret_value = &ks_cmd_key.uri },
		{ "--cert", "CERT", KS_CERT_HELP, .ret_value = &ks_cmd_key.cert_path },
		KS_PASS_OPTS, KS_EXPIRED_OPT,
		{ "--output", "OUT", "NAME.addon.efi, unsigned without --key", true, .ret_value = &opt_output },
		{ 0 } },
	run_addon,
};
