// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/file.h"
#include "base/limits.h"
#include "cmd/opts.h"
#include "ops/uki.h"

static const char *opt_stub, *opt_linux, *opt_cmdline, *opt_os_release, *opt_uname, *opt_output;
static const char *opt_phases;
static struct ks_values opt_initrd, opt_sbat;


/* Several initrds or SBAT files are one after the other, as the kernel and shim read them. */
static int load_all(const struct ks_values *paths, u64 max_bytes, u64 align, struct ks_buf *out,
		    struct ks_diag *diag)
{
	size_t i;
	int rc;

	for (i = 0; i < paths->nr_values; i++) {
		__cleanup(ks_buf_done) struct ks_buf one = { 0 };

		rc = ks_file_load(paths->value[i], max_bytes, &one, diag);
		if (rc)
			return rc;
		ks_put_align(out, align);
		ks_put(out, ks_buf_span(&one));
	}
	return ks_buf_ok(out, diag);
}

/* "@FILE" or the text itself; the newline that an editor leaves is no part of a command line. */
static int load_cmdline(const char *arg, struct ks_buf *out, struct ks_diag *diag)
{
	if (arg[0] == '@')
		return ks_file_load(arg + 1, KS_MAX_TEXT_BYTES, out, diag);
	ks_put_str(out, arg);
	return ks_buf_ok(out, diag);
}

static int run_build(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf stub = { 0 }, linux_image = { 0 }, initrd = { 0 };
	__cleanup(ks_buf_done) struct ks_buf cmdline = { 0 }, os_release = { 0 }, sbat = { 0 };
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	struct ks_uki_parts parts = { 0 };
	int rc;

	(void)nr_args;
	(void)args;
	rc = ks_file_load(opt_stub, KS_MAX_IMAGE_BYTES, &stub, diag);
	if (!rc)
		rc = ks_file_load(opt_linux, KS_MAX_IMAGE_BYTES, &linux_image, diag);
	if (!rc)
		rc = ks_file_load(opt_os_release, KS_MAX_TEXT_BYTES, &os_release, diag);
	if (!rc)
		rc = load_cmdline(opt_cmdline, &cmdline, diag);
	if (!rc)
		rc = load_all(&opt_initrd, KS_MAX_IMAGE_BYTES, 4, &initrd, diag);
	if (!rc)
		rc = load_all(&opt_sbat, KS_MAX_TEXT_BYTES, 1, &sbat, diag);
	if (rc)
		return rc;
	parts = (struct ks_uki_parts){
		.stub = ks_buf_span(&stub),
		.linux_image = ks_buf_span(&linux_image),
		.initrd = ks_buf_span(&initrd),
		.cmdline = ks_span_trim(ks_buf_span(&cmdline)),
		.os_release = ks_buf_span(&os_release),
		.uname = ks_span_str(opt_uname ? opt_uname : ""),
		.sbat = ks_buf_span(&sbat),
	};
	rc = ks_uki_build(&parts, &out, diag);
	if (rc)
		return rc;
	return ks_file_publish(opt_output, (struct ks_span[]){ ks_buf_span(&out) }, 1, 0644, diag);
}

static int run_measure(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf in = { 0 };
	char hex[2 * KS_DIGEST_MAX_BYTES + 1];
	struct ks_digest pcr = { 0 };
	int rc;

	(void)nr_args;
	rc = ks_file_load(args[0], KS_MAX_IMAGE_BYTES, &in, diag);
	if (!rc)
		rc = ks_uki_measure(ks_buf_span(&in), opt_phases, &pcr, diag);
	ks_diag_in(diag, args[0]);
	if (rc)
		return rc;
	ks_hex(ks_digest_span(&pcr), hex, sizeof(hex));
	printf("11:sha256=%s\n", hex);
	return 0;
}

static int run_show(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf in = { 0 };
	struct ks_pe_view view;
	u32 i;
	int rc;

	(void)nr_args;
	rc = ks_file_load(args[0], KS_MAX_IMAGE_BYTES, &in, diag);
	if (!rc)
		rc = ks_pe_parse(ks_buf_span(&in), &view, diag);
	ks_diag_in(diag, args[0]);
	if (rc)
		return rc;
	for (i = 0; i < view.nr_sections; i++)
		printf("%-8s rva 0x%08" PRIx32 " %10" PRIu32 " bytes, file 0x%08" PRIx32 " %10" PRIu32
		       " bytes\n",
		       view.section[i].name, view.section[i].rva, view.section[i].virtual_bytes,
		       view.section[i].raw_off, view.section[i].raw_bytes);
	printf("%zu bytes of signatures\n", view.certs.bytes);
	return 0;
}

const struct ks_verb ks_verb_uki_build = {
	"uki", "build", NULL, 0,
	"put stub, kernel, initrd, command line and names into one EFI image",
	(const struct ks_opt[]){
		{ "--stub", "F", "systemd-stub", true, .ret_value = &opt_stub },
		{ "--linux", "F", "kernel with an EFI stub (bzImage)", true, .ret_value = &opt_linux },
		{ "--initrd", "F", "initrd", .ret_values = &opt_initrd },
		{ "--cmdline", "S", "kernel command line, or @FILE", true,
		  .ret_value = &opt_cmdline },
		{ "--os-release", "F", "os-release", true, .ret_value = &opt_os_release },
		{ "--uname", "S", "kernel release", .ret_value = &opt_uname },
		{ "--sbat", "F", "SBAT lines behind the stub's own", .ret_values = &opt_sbat },
		{ "--output", "OUT", "unsigned image", true, .ret_value = &opt_output },
		{ 0 } },
	run_build,
};

const struct ks_verb ks_verb_uki_measure = {
	"uki", "measure", "IN", 1,
	"predict PCR 11 (SHA-256)",
	(const struct ks_opt[]){
		{ "--phases", "WORDS", "boot phases to extend, enter-initrd:leave-initrd:...",
		  .ret_value = &opt_phases },
		{ 0 } },
	run_measure,
};

const struct ks_verb ks_verb_uki_show = {
	"uki", "show", "IN", 1,
	"list the sections of an image",
	(const struct ks_opt[]){ { 0 } },
	run_show,
};
