// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/uki_addon.h"

#include <errno.h>

#include "ops/pe_lint.h"
#include "ops/uki_pcrsig.h"

/* shim wants lines; what ukify gives an addon of which nobody says more. */
static const char default_sbat[] =
	"sbat,1,SBAT Version,sbat,1,https://github.com/rhboot/shim/blob/main/SBAT.md\n"
	"uki-addon,1,UKI Addon,addon,1,https://www.freedesktop.org/software/systemd/man/latest/systemd-stub.html\n";

static int check_stub(const struct ks_uki_addon_parts *parts, struct ks_pe_view *stub,
		      struct ks_diag *diag)
{
	int rc = ks_pe_parse(parts->stub, stub, diag);

	if (!rc)
		rc = ks_pe_lint_fatal(stub, diag);
	if (!rc && !ks_uki_is_addon(stub))
		rc = ks_fail(diag, -EBADMSG, KS_NO_OFF,
			     "not systemd's stub of addons (addonx64.efi.stub): .sdmagic does not say systemd-addon");
	ks_diag_in(diag, parts->stub_path);
	return rc;
}

static int put_sbat(const struct ks_uki_addon_parts *parts, struct ks_buf *out, struct ks_diag *diag)
{
	struct ks_span lines = ks_span_str(default_sbat), head;
	int rc;

	if (parts->sbat.bytes) {
		ks_span_line(&lines, &head);
		ks_put(out, head);
		ks_put_u8(out, '\n');
		lines = parts->sbat;
	}
	rc = ks_uki_put_sbat_lines(lines, !parts->sbat.bytes, out, diag);
	ks_diag_in(diag, parts->sbat_path);
	return rc;
}

/* The stub leaves out an addon that has none of what it looks for. */
static int check_parts(const struct ks_uki_addon_parts *parts, struct ks_diag *diag)
{
	int rc = parts->cmdline.bytes ? ks_uki_addon_check_cmdline(parts->cmdline, diag) : 0;

	if (!rc)
		rc = ks_uki_check_content(KS_UKI_DTB, parts->dtb, diag);
	if (!rc)
		rc = ks_uki_check_content(KS_UKI_UCODE, parts->ucode, diag);
	if (!rc)
		rc = ks_uki_check_content(KS_UKI_INITRD, parts->initrd, diag);
	if (!rc && !parts->cmdline.bytes && !parts->dtb.bytes && !parts->ucode.bytes && !parts->initrd.bytes)
		rc = ks_fail(diag, -EINVAL, KS_NO_OFF,
			     "addon is empty, give it a command line, device tree, microcode or initrd");
	return rc;
}

static int add_parts(const struct ks_uki_addon_parts *parts, struct ks_span sbat, struct ks_uki_image *image,
		     struct ks_diag *diag)
{
	const struct {
		const char *name;
		struct ks_span data;
	} all[] = { { ".cmdline", parts->cmdline }, { ".dtb", parts->dtb },	  { ".uname", parts->uname },
		    { ".sbat", sbat },		    { ".ucode", parts->ucode }, { ".initrd", parts->initrd } };
	size_t i;
	int rc = 0;

	for (i = 0; i < KS_ARRAY_SIZE(all) && !rc; i++)
		rc = ks_uki_add(image, all[i].name, all[i].data, diag);
	return rc;
}

int ks_uki_addon_build(const struct ks_uki_addon_parts *parts, struct ks_uki_built *ret_built,
		       struct ks_diag *diag)
{
	__cleanup(ks_uki_built_done) struct ks_uki_built built = { 0 };
	struct ks_uki_image image = { .is_addon = true };
	struct ks_pe_view stub;
	int rc = check_stub(parts, &stub, diag);

	if (!rc)
		rc = check_parts(parts, diag);
	if (!rc)
		rc = put_sbat(parts, &built.sbat, diag);
	if (!rc)
		rc = add_parts(parts, ks_buf_span(&built.sbat), &image, diag);
	if (!rc)
		rc = ks_uki_build_image(&stub, &image, NULL, NULL, NULL, &built.pcrsig,
					&built.pieces, diag);
	if (rc)
		return rc;
	*ret_built = built;
	built = (struct ks_uki_built){ 0 };
	return 0;
}

/* The event is the text in UTF-16 with the NUL at its end (tpm_log_load_options() of systemd-stub). */
static int extend_cmdline(const struct ks_uki_bank *bank, struct ks_digest *pcr, struct ks_span text,
			  struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf event = { 0 };
	size_t i;
	int rc = ks_uki_addon_check_cmdline(text, diag);

	if (rc)
		return rc;
	for (i = 0; i < text.bytes; i++)
		ks_put_le16(&event, text.p[i]);
	ks_put_le16(&event, 0);
	rc = ks_buf_ok(&event, diag);
	return rc ? rc : ks_uki_extend(bank, pcr, ks_buf_span(&event), diag);
}

/* run() of stub.c: in this order; a .dtbauto stands for the .dtb, and which one of several fits is the machine's. */
int ks_uki_addon_pcr(struct ks_uki_image *addon, struct ks_digest *ret_pcr, struct ks_diag *diag)
{
	static const char *const blobs[] = { ".dtb", ".ucode", ".initrd" };
	const struct ks_uki_section *s = ks_uki_find(addon, 0, ".cmdline");
	struct ks_digest pcr = ks_uki_pcr_zero(addon->bank);
	size_t i, nr = 0;
	int rc = ks_uki_hash(addon, diag);

	if (!rc && ks_uki_find(addon, 0, ".dtbauto"))
		rc = ks_fail_detail(diag, -EOPNOTSUPP,
				    "whether and which of these sections is measured depends on the machine", ".dtbauto");
	if (!rc && s) {
		nr++;
		rc = extend_cmdline(addon->bank, &pcr, ks_uki_text(s->data), diag);
	}
	for (i = 0; i < KS_ARRAY_SIZE(blobs) && !rc; i++) {
		s = ks_uki_find(addon, 0, blobs[i]);
		if (!s)
			continue;
		nr++;
		rc = ks_uki_extend_digest(addon->bank, &pcr, ks_uki_digest_of(s, addon->bank), diag);
	}
	if (!rc && !nr)
		rc = ks_fail(diag, -EOPNOTSUPP, KS_NO_OFF,
			     "addon has no .cmdline, .dtb, .ucode or .initrd, nothing of it is measured");
	if (!rc)
		*ret_pcr = pcr;
	return rc;
}
