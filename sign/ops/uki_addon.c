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

int ks_uki_addon_build(const struct ks_uki_addon_parts *parts, struct ks_uki_built *ret_built,
		       struct ks_diag *diag)
{
	__cleanup(ks_uki_built_done) struct ks_uki_built built = { 0 };
	struct ks_uki_image image = { .is_addon = true };
	struct ks_pe_view stub;
	int rc = check_stub(parts, &stub, diag);

	if (!rc)
		rc = ks_uki_addon_check_cmdline(parts->cmdline, diag);
	if (!rc)
		rc = put_sbat(parts, &built.sbat, diag);
	if (!rc)
		rc = ks_uki_add(&image, ".cmdline", parts->cmdline, diag);
	if (!rc)
		rc = ks_uki_add(&image, ".uname", parts->uname, diag);
	if (!rc)
		rc = ks_uki_add(&image, ".sbat", ks_buf_span(&built.sbat), diag);
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
int ks_uki_addon_pcr(const struct ks_uki_image *addon, struct ks_digest *ret_pcr, struct ks_diag *diag)
{
	const struct ks_uki_section *s = ks_uki_find(addon, 0, ".cmdline");
	__cleanup(ks_buf_done) struct ks_buf event = { 0 };
	struct ks_digest pcr = ks_uki_pcr_zero(addon->bank);
	struct ks_span text;
	size_t i;
	int rc;

	if (!s)
		return ks_fail(diag, -EOPNOTSUPP, KS_NO_OFF,
			       "addon has no .cmdline, and only that is measured into PCR 12 alone");
	text = ks_uki_text(s->data);
	rc = ks_uki_addon_check_cmdline(text, diag);
	if (rc)
		return rc;
	for (i = 0; i < text.bytes; i++)
		ks_put_le16(&event, text.p[i]);
	ks_put_le16(&event, 0);
	rc = ks_buf_ok(&event, diag);
	if (!rc)
		rc = ks_uki_extend(addon->bank, &pcr, ks_buf_span(&event), diag);
	if (!rc)
		*ret_pcr = pcr;
	return rc;
}
