// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/map.h"
#include "cmd/findings.h"
#include "cmd/key_opts.h"
#include "ops/uki_check.h"
#include "ops/uki_profile.h"
#include "ops/uki_sections.h"

static const char *opt_stub, *opt_linux, *opt_cmdline, *opt_os_release, *opt_uname, *opt_output;
static const char *opt_splash, *opt_dtb, *opt_pcr_key, *opt_pcr_cert, *opt_stub_version;
static bool opt_no_cmdline;
static struct ks_values opt_initrd, opt_sbat, opt_profile, opt_phases;

/*
 * What the files of the command line hold; lives as long as the parts that borrow it. Kernel and
 * initrd are large, so they are mapped; several initrds have to be one after the other in memory.
 */
struct files {
	struct ks_buf stub;
	struct ks_map linux_image;
	struct ks_map initrd;
	struct ks_buf initrds;
	struct ks_buf cmdline;
	struct ks_buf os_release;
	struct ks_buf sbat;
	struct ks_buf splash;
	struct ks_buf dtb;
	struct ks_uki_profile_file profile_file[KS_UKI_MAX_PROFILES];
	struct ks_uki_profile profile[KS_UKI_MAX_PROFILES];
	struct ks_signer pcr;
};

static void files_done(struct files *f)
{
	size_t i;

	ks_buf_done(&f->stub);
	ks_map_close(&f->linux_image);
	ks_map_close(&f->initrd);
	ks_buf_done(&f->initrds);
	ks_buf_done(&f->cmdline);
	ks_buf_done(&f->os_release);
	ks_buf_done(&f->sbat);
	ks_buf_done(&f->splash);
	ks_buf_done(&f->dtb);
	for (i = 0; i < KS_UKI_MAX_PROFILES; i++)
		ks_uki_profile_done(&f->profile_file[i]);
	ks_signer_close(&f->pcr);
}

static int load(const char *path, u64 max_bytes, struct ks_buf *out, struct ks_diag *diag)
{
	return path ? ks_uki_append_file(path, max_bytes, 1, out, diag) : 0;
}

/* Several are one after the other, as the kernel and shim read them. */
static int load_sbat(struct files *f, struct ks_diag *diag)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < opt_sbat.nr_values && !rc; i++)
		rc = load(opt_sbat.value[i], KS_MAX_TEXT_BYTES, &f->sbat, diag);
	return rc;
}

static int load_initrds(struct files *f, struct ks_diag *diag)
{
	size_t i;
	int rc = 0;

	if (opt_initrd.nr_values != 1) {
		for (i = 0; i < opt_initrd.nr_values && !rc; i++)
			rc = ks_uki_append_initrd(opt_initrd.value[i], &f->initrds, diag);
		return rc;
	}
	return ks_uki_map_initrd(opt_initrd.value[0], &f->initrd, diag);
}

static int load_profiles(struct files *f, struct ks_diag *diag)
{
	size_t i;
	int rc = 0;

	if (opt_profile.nr_values > KS_UKI_MAX_PROFILES)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "over 16 profiles");
	for (i = 0; i < opt_profile.nr_values && !rc; i++) {
		rc = ks_uki_profile_load(opt_profile.value[i], &f->profile_file[i], diag);
		f->profile[i] = ks_uki_profile_view(&f->profile_file[i]);
	}
	return rc;
}

static int load_files(struct files *f, struct ks_diag *diag)
{
	int rc = load(opt_stub, KS_MAX_IMAGE_BYTES, &f->stub, diag);

	if (!rc)
		rc = ks_map_open(opt_linux, KS_MAX_IMAGE_BYTES, &f->linux_image, diag);
	if (!rc)
		rc = load(opt_os_release, KS_MAX_TEXT_BYTES, &f->os_release, diag);
	if (!rc && opt_cmdline)
		rc = ks_uki_load_cmdline(opt_cmdline, &f->cmdline, diag);
	if (!rc)
		rc = load_initrds(f, diag);
	if (!rc)
		rc = load_sbat(f, diag);
	if (!rc)
		rc = load(opt_splash, KS_MAX_IMAGE_BYTES, &f->splash, diag);
	if (!rc)
		rc = load(opt_dtb, KS_MAX_TEXT_BYTES, &f->dtb, diag);
	return rc ? rc : load_profiles(f, diag);
}

static int open_pcr_signer(struct ks_signer *signer, struct ks_diag *diag)
{
	const struct ks_signer_opts opts = { .key_uri = opt_pcr_key,
					     .cert_path = opt_pcr_cert,
					     .hash = "sha256",
					     .pass = ks_cmd_pass() };

	if (!opt_pcr_cert)
		return opt_pcr_key ? ks_fail(diag, -EINVAL, KS_NO_OFF,
					     "--pcr-key needs --pcr-cert, its certificate") : 0;
	return ks_signer_open(&opts, signer, diag);
}

/* Options that do not go together; 0 if all is well. */
static int check_usage(u32 *ret_stub_version, struct ks_diag *diag)
{
	if (!ks_cmd_key.uri != !ks_cmd_key.cert_path)
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "--key and --cert go together");
	if (!opt_cmdline && !opt_no_cmdline)
		ks_fail(diag, -EINVAL, KS_NO_OFF,
			"--cmdline is required, or --no-cmdline to take the boot loader's");
	if (opt_cmdline && opt_no_cmdline)
		ks_fail(diag, -EINVAL, KS_NO_OFF, "--cmdline and --no-cmdline do not go together");
	if (!opt_cmdline == !opt_no_cmdline)
		return KS_EXIT_USAGE;
	if (opt_uname && !*opt_uname)
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "--uname is empty, leave it out");
	return ks_uki_parse_version(opt_stub_version, ret_stub_version, diag);
}

static int run_build(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(files_done) struct files f = { 0 };
	__cleanup(ks_uki_built_done) struct ks_uki_built built = { 0 };
	__cleanup(ks_signer_close) struct ks_signer signer = { 0 };
	struct ks_uki_phases phases = { opt_phases.value, opt_phases.nr_values };
	struct ks_uki_parts parts;
	u32 stub_version = 0;
	int rc = check_usage(&stub_version, diag);

	(void)nr_args;
	(void)args;
	if (!rc)
		rc = load_files(&f, diag);
	if (!rc)
		rc = open_pcr_signer(&f.pcr, diag);
	if (!rc && ks_cmd_key.uri)
		rc = ks_cmd_signer_open("sha256", &signer, diag);
	if (rc)
		return rc;
	parts = (struct ks_uki_parts){
		.names = { opt_stub, opt_linux, opt_cmdline && *opt_cmdline == '@' ? opt_cmdline + 1 : "--cmdline",
			   opt_os_release, opt_sbat.value[0], opt_splash, opt_dtb, opt_profile.value },
		.stub = ks_buf_span(&f.stub),
		.linux_image = ks_map_span(&f.linux_image),
		.initrd = f.initrd.bytes ? ks_map_span(&f.initrd) : ks_buf_span(&f.initrds),
		.cmdline = ks_buf_span(&f.cmdline),
		.os_release = ks_buf_span(&f.os_release),
		.uname = ks_span_str(opt_uname ? opt_uname : ""),
		.sbat = ks_buf_span(&f.sbat),
		.splash = ks_buf_span(&f.splash),
		.dtb = ks_buf_span(&f.dtb),
		.profile = f.profile,
		.nr_profiles = opt_profile.nr_values,
		.pcr = opt_pcr_cert ? &f.pcr : NULL,
		.phases = phases.nr_paths ? &phases : NULL,
		.stub_version = stub_version,
	};
	rc = ks_uki_build(&parts, &built, diag);
	ks_diag_in(diag, opt_output);
	if (!rc && ks_cmd_key.uri)
		rc = ks_advise_signer(&signer.cert, NULL, opt_output, diag);
	return rc ? rc : ks_uki_write(&built, ks_cmd_key.uri ? &signer : NULL, opt_output, diag);
}

const struct ks_verb ks_verb_uki_build = {
	"uki", "build", NULL, 0,
	"put stub, kernel, initrd, command line and names into one EFI image",
	(const struct ks_opt[]){
		{ "--stub", "F", "systemd-stub", true, .ret_value = &opt_stub },
		{ "--linux", "F", "kernel with an EFI stub (bzImage)", true, .ret_value = &opt_linux },
		{ "--initrd", "F", "initrd", .ret_values = &opt_initrd },
		{ "--cmdline", "S", "kernel command line, or @FILE", .ret_value = &opt_cmdline },
		{ .name = "--no-cmdline",
		  .ret_flag = &opt_no_cmdline,
		  .help = "none: the boot loader's counts, also under Secure Boot" },
		{ "--os-release", "F", "os-release", true, .ret_value = &opt_os_release },
		{ "--uname", "S", "kernel release", .ret_value = &opt_uname },
		{ "--sbat", "F", "SBAT lines behind the stub's own", .ret_values = &opt_sbat },
		{ "--splash", "F", "BMP image to show", .ret_value = &opt_splash },
		{ "--dtb", "F", "flattened device tree", .ret_value = &opt_dtb },
		{ "--profile", "F", "one more way to boot: ID=, TITLE=, CMDLINE=, INITRD=, ...",
		  .ret_values = &opt_profile },
		{ "--pcr-key", "URI", "RSA key that signs the TPM policies",
		  .ret_value = &opt_pcr_key },
		{ "--pcr-cert", "PEM", "its certificate; alone: only .pcrpkey, for offline signing",
		  .ret_value = &opt_pcr_cert },
		{ "--phases", "WORDS", "boot phases of a policy, enter-initrd:leave-initrd:...",
		  .ret_values = &opt_phases },
		{ "--stub-version", "N", "take the rules of this systemd-stub for the policies",
		  .ret_value = &opt_stub_version },
		{ "--key", "URI", "sign the image as well, as pe sign does",
		  .ret_value = &ks_cmd_key.uri },
		{ "--cert", "PEM", "the key's certificate", .ret_value = &ks_cmd_key.cert_path },
		KS_PASS_OPTS,
		{ "--output", "OUT", "the image, unsigned without --key", true, .ret_value = &opt_output },
		{ 0 } },
	run_build,
};
