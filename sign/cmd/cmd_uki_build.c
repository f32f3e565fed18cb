// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/map.h"
#include "cmd/findings.h"
#include "cmd/key_opts.h"
#include "ops/uki_efifw.h"
#include "ops/uki_hwids.h"
#include "ops/uki_profile.h"
#include "ops/uki_sections.h"

/* Sections that one option gives a value to: a file, but for .cmdline and .uname. */
static const char *opt_part[KS_UKI_NR];
static const char *opt_stub, *opt_output, *opt_pcr_key, *opt_pcr_cert, *opt_stub_version;
static bool opt_no_cmdline;
static struct ks_values opt_initrd, opt_sbat, opt_profile, opt_phases, opt_dtbauto, opt_efifw, opt_section, opt_pcr_bank;

/* All values of the three options. */
#define MAX_EXTRA (3 * KS_MAX_OPT_VALUES)
/* Of a section, with its NUL. */
#define MAX_NAME_BYTES 9

/*
 * What the files of the command line hold; lives as long as the parts that borrow it. Kernel and
 * initrd are large, so they are mapped; several initrds have to be one after the other in memory.
 */
struct files {
	struct ks_buf stub;
	struct ks_map linux_image;
	struct ks_map initrd;
	struct ks_buf part[KS_UKI_NR];
	struct ks_buf extra_data[MAX_EXTRA];
	struct ks_uki_extra extra[MAX_EXTRA];
	size_t nr_extra;
	char own_name[KS_MAX_OPT_VALUES][MAX_NAME_BYTES];
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
	for (i = 0; i < KS_UKI_NR; i++)
		ks_buf_done(&f->part[i]);
	for (i = 0; i < f->nr_extra; i++)
		ks_buf_done(&f->extra_data[i]);
	for (i = 0; i < KS_UKI_MAX_PROFILES; i++)
		ks_uki_profile_done(&f->profile_file[i]);
	ks_signer_close(&f->pcr);
}

static int append_file(const char *path, u64 max_bytes, struct ks_buf *out, struct ks_diag *diag)
{
	return path ? ks_uki_append_file(path, max_bytes, 1, out, diag) : 0;
}

/* Several are one after the other, as the kernel and shim read them. */
static int load_sbat(struct files *f, struct ks_diag *diag)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < opt_sbat.nr_values && !rc; i++)
		rc = append_file(opt_sbat.value[i], KS_MAX_TEXT_BYTES, &f->part[KS_UKI_SBAT], diag);
	return rc;
}

static int load_initrds(struct files *f, struct ks_diag *diag)
{
	size_t i;
	int rc = 0;

	if (opt_initrd.nr_values != 1) {
		for (i = 0; i < opt_initrd.nr_values && !rc; i++)
			rc = ks_uki_append_initrd(opt_initrd.value[i], &f->part[KS_UKI_INITRD], diag);
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

/* NAME:FILE; what is before the colon is the name, also of a file whose own name has one. */
static int load_own_section(const char *arg, char name[MAX_NAME_BYTES], struct files *f, struct ks_diag *diag)
{
	struct ks_uki_extra *e = &f->extra[f->nr_extra];
	size_t name_bytes = strcspn(arg, ":");

	if (!name_bytes || name_bytes >= MAX_NAME_BYTES || !arg[name_bytes] || !arg[name_bytes + 1])
		return ks_fail_detail(diag, -EINVAL, "--section takes NAME:FILE, of a name up to 8 characters", arg);
	memcpy(name, arg, name_bytes);
	*e = (struct ks_uki_extra){ .name = name, .path = &arg[name_bytes + 1] };
	return append_file(e->path, KS_MAX_IMAGE_BYTES, &f->extra_data[f->nr_extra++], diag);
}

static int load_extra(struct files *f, struct ks_diag *diag)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < opt_section.nr_values && !rc; i++)
		rc = load_own_section(opt_section.value[i], f->own_name[i], f, diag);
	for (i = 0; i < opt_dtbauto.nr_values && !rc; i++) {
		f->extra[f->nr_extra] = (struct ks_uki_extra){ .name = ".dtbauto", .path = opt_dtbauto.value[i] };
		rc = append_file(opt_dtbauto.value[i], KS_MAX_TEXT_BYTES, &f->extra_data[f->nr_extra++], diag);
	}
	for (i = 0; i < opt_efifw.nr_values && !rc; i++) {
		f->extra[f->nr_extra] = (struct ks_uki_extra){ .name = ".efifw", .path = opt_efifw.value[i] };
		rc = ks_uki_efifw_load(opt_efifw.value[i], &f->extra_data[f->nr_extra++], diag);
	}
	for (i = 0; i < f->nr_extra; i++)
		f->extra[i].data = ks_buf_span(&f->extra_data[i]);
	return rc;
}

/* No firmware starts a compressed Image, and ukify unpacks it as well. */
static int load_kernel(struct files *f, struct ks_diag *diag)
{
	const char *path = opt_part[KS_UKI_LINUX];
	int rc = ks_map_open(path, KS_MAX_IMAGE_BYTES, &f->linux_image, diag);

	if (!rc)
		rc = ks_uki_unpack_kernel(ks_map_span(&f->linux_image), &f->part[KS_UKI_LINUX], diag);
	ks_diag_in(diag, path);
	return rc;
}

static struct ks_span kernel_of(const struct files *f)
{
	const struct ks_buf *unpacked = &f->part[KS_UKI_LINUX];

	return unpacked->bytes ? ks_buf_span(unpacked) : ks_map_span(&f->linux_image);
}

static int load_part(struct files *f, enum ks_uki_id id, struct ks_diag *diag)
{
	switch (id) {
	case KS_UKI_LINUX:
		return load_kernel(f, diag);
	case KS_UKI_CMDLINE:
		return opt_part[id] ? ks_uki_load_cmdline(opt_part[id], &f->part[id], diag) : 0;
	case KS_UKI_UNAME:
		if (opt_part[id])
			ks_put_str(&f->part[id], opt_part[id]);
		else
			ks_uki_find_uname(kernel_of(f), &f->part[id]);
		return ks_buf_ok(&f->part[id], diag);
	case KS_UKI_HWIDS:
		return opt_part[id] ? ks_uki_hwids_load(opt_part[id], &f->part[id], diag) : 0;
	case KS_UKI_INITRD:
		return load_initrds(f, diag);
	case KS_UKI_SBAT:
		return load_sbat(f, diag);
	default:
		return append_file(opt_part[id], ks_uki_table[id].max_bytes, &f->part[id], diag);
	}
}

static int load_files(struct files *f, struct ks_diag *diag)
{
	int rc = append_file(opt_stub, KS_MAX_IMAGE_BYTES, &f->stub, diag);
	enum ks_uki_id id;

	for (id = 0; id < KS_UKI_NR && !rc; id++)
		rc = load_part(f, id, diag);
	if (!rc)
		rc = load_extra(f, diag);
	return rc ? rc : load_profiles(f, diag);
}

static void fill_parts(const struct files *f, struct ks_uki_parts *parts)
{
	const char *cmdline = opt_part[KS_UKI_CMDLINE];
	enum ks_uki_id id;

	for (id = 0; id < KS_UKI_NR; id++) {
		parts->part[id] = ks_buf_span(&f->part[id]);
		parts->part_path[id] = opt_part[id];
	}
	parts->part[KS_UKI_LINUX] = kernel_of(f);
	if (f->initrd.bytes)
		parts->part[KS_UKI_INITRD] = ks_map_span(&f->initrd);
	parts->part_path[KS_UKI_CMDLINE] = cmdline && *cmdline == '@' ? cmdline + 1 : "--cmdline";
	parts->part_path[KS_UKI_UNAME] = "--uname";
	parts->part_path[KS_UKI_SBAT] = opt_sbat.value[0];
	/* An error in several of them, one after the other, is not that of one file. */
	if (opt_initrd.nr_values == 1)
		parts->part_path[KS_UKI_INITRD] = opt_initrd.value[0];
}

static int open_pcr_signer(struct ks_signer *signer, struct ks_diag *diag)
{
	const struct ks_signer_opts opts = { .key_uri = opt_pcr_key,
					     .cert_path = opt_pcr_cert,
					     .hash = "sha256",
					     .pass = ks_cmd_pass(),
					     .allow_expired = ks_cmd_key.allow_expired };

	if (!opt_pcr_cert && !opt_pcr_key)
		return 0;
	return ks_signer_open(&opts, signer, diag);
}

/* Options that do not go together; 0 if all is well. */
static int check_usage(u32 *ret_stub_version, struct ks_diag *diag)
{
	if (ks_cmd_key.cert_path && !ks_cmd_key.uri)
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "--cert goes with --key");
	if (!opt_part[KS_UKI_CMDLINE] && !opt_no_cmdline)
		ks_fail(diag, -EINVAL, KS_NO_OFF,
			"--cmdline is required, or --no-cmdline to take the boot loader's");
	if (opt_part[KS_UKI_CMDLINE] && opt_no_cmdline)
		ks_fail(diag, -EINVAL, KS_NO_OFF, "--cmdline and --no-cmdline do not go together");
	if (!opt_part[KS_UKI_CMDLINE] == !opt_no_cmdline)
		return KS_EXIT_USAGE;
	if (opt_part[KS_UKI_UNAME] && !*opt_part[KS_UKI_UNAME])
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "--uname is empty, leave it out");
	return ks_uki_parse_version(opt_stub_version, ret_stub_version, diag);
}

static int run_build(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(files_done) struct files f = { 0 };
	__cleanup(ks_uki_built_done) struct ks_uki_built built = { 0 };
	__cleanup(ks_signer_close) struct ks_signer signer = { 0 };
	struct ks_uki_phases phases = { opt_phases.value, opt_phases.nr_values };
	const struct ks_uki_bank *banks[KS_UKI_NR_BANKS];
	struct ks_uki_parts parts;
	u32 stub_version = 0;
	size_t nr_banks = 0;
	int rc = check_usage(&stub_version, diag);

	(void)nr_args;
	(void)args;
	if (!rc)
		rc = ks_uki_read_banks(&opt_pcr_bank.value[0], opt_pcr_bank.nr_values, banks, &nr_banks, diag);
	if (!rc)
		rc = load_files(&f, diag);
	if (!rc)
		rc = open_pcr_signer(&f.pcr, diag);
	if (!rc && ks_cmd_key.uri)
		rc = ks_cmd_signer_open(KS_SIGN_PE, "sha256", &signer, diag);
	if (rc)
		return rc;
	parts = (struct ks_uki_parts){
		.stub = ks_buf_span(&f.stub),
		.stub_path = opt_stub,
		.extra = f.extra,
		.nr_extra = f.nr_extra,
		.profile = f.profile,
		.nr_profiles = opt_profile.nr_values,
		.pcr = opt_pcr_cert || opt_pcr_key ? &f.pcr : NULL,
		.phases = phases.nr_paths ? &phases : NULL,
		.banks = banks,
		.nr_banks = nr_banks,
		.stub_version = stub_version,
	};
	fill_parts(&f, &parts);
	rc = ks_uki_build(&parts, &built, diag);
	ks_diag_in(diag, opt_output);
	if (!rc && ks_cmd_key.uri)
		rc = ks_advise_signer(&signer.cert, &signer.chain, opt_output, diag);
	return rc ? rc : ks_uki_write(&built, ks_cmd_key.uri ? &signer : NULL, opt_output, diag);
}

const struct ks_verb ks_verb_uki_build = {
	"uki", "build", NULL, 0,
	"put stub, kernel, initrd, command line and names into one EFI image",
	(const struct ks_opt[]){
		{ "--stub", "F", "systemd-stub", true, .ret_value = &opt_stub },
		{ "--linux", "F", "kernel with an EFI stub (bzImage, vmlinuz.efi)", true, .ret_value = &opt_part[KS_UKI_LINUX] },
		{ "--initrd", "F", "initrd", .ret_values = &opt_initrd },
		{ "--cmdline", "S", "kernel command line, or @FILE", .ret_value = &opt_part[KS_UKI_CMDLINE] },
		{ .name = "--no-cmdline",
		  .ret_flag = &opt_no_cmdline,
		  .help = "none: the boot loader's counts, also under Secure Boot" },
		{ "--os-release", "F", "os-release", true, .ret_value = &opt_part[KS_UKI_OSREL] },
		{ "--uname", "S", "kernel release, instead of the one that the kernel says", .ret_value = &opt_part[KS_UKI_UNAME] },
		{ "--sbat", "F", "SBAT lines behind the stub's own", .ret_values = &opt_sbat },
		{ "--splash", "F", "BMP image to show", .ret_value = &opt_part[KS_UKI_SPLASH] },
		{ "--dtb", "F", "flattened device tree", .ret_value = &opt_part[KS_UKI_DTB] },
		{ "--dtbauto", "F", "device tree that the stub picks by hardware ID", .ret_values = &opt_dtbauto },
		{ "--hwids", "PATH", "descriptions of machines: JSON files, or a directory", .ret_value = &opt_part[KS_UKI_HWIDS] },
		{ "--efifw", "DIR", "firmware that the stub picks by hardware ID", .ret_values = &opt_efifw },
		{ "--microcode", "F", "microcode for the processor", .ret_value = &opt_part[KS_UKI_UCODE] },
		{ "--section", "NAME:F", "a read-only section of one's own", .ret_values = &opt_section },
		{ "--profile", "F", "one more way to boot: ID=, TITLE=, CMDLINE=, INITRD=, ...",
		  .ret_values = &opt_profile },
		{ "--pcr-key", "URI", "RSA key that signs the TPM policies",
		  .ret_value = &opt_pcr_key },
		{ "--pcr-cert", "CERT", "its certificate; alone: only .pcrpkey, for offline signing",
		  .ret_value = &opt_pcr_cert },
		{ "--phases", "WORDS", "boot phases of a policy, enter-initrd:leave-initrd:...",
		  .ret_values = &opt_phases },
		{ "--pcr-bank", "BANK", "PCRs that policies are over: sha1, sha256 (default), sha384, sha512",
		  .ret_values = &opt_pcr_bank },
		{ "--stub-version", "N", "take the rules of this systemd-stub for the policies",
		  .ret_value = &opt_stub_version },
		{ "--key", "URI", "sign the image as well, as pe sign does",
		  .ret_value = &ks_cmd_key.uri },
		{ "--cert", "CERT", KS_CERT_HELP, .ret_value = &ks_cmd_key.cert_path },
		KS_PASS_OPTS, KS_EXPIRED_OPT,
		{ "--output", "OUT", "the image, unsigned without --key", true, .ret_value = &opt_output },
		{ 0 } },
	run_build,
};
