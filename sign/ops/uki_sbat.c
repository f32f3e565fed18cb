// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/uki_sbat.h"

#include <errno.h>
#include <string.h>

#include "fmt/sbat.h"
#include "ops/uki_sections.h"

static int put_lines(struct ks_span text, bool is_stub, struct ks_buf *out, struct ks_diag *diag)
{
	struct ks_span line, start = ks_span_str("sbat,");
	int rc;

	while (ks_span_line(&text, &line)) {
		line = ks_span_trim(line);
		if (!line.bytes)
			continue;
		rc = ks_sbat_check_line(line, 0, diag);
		if (rc)
			return rc;
		/* The first line names the format; it comes from the stub, once. */
		if (!is_stub && line.bytes >= start.bytes && !memcmp(line.p, start.p, start.bytes))
			continue;
		ks_put(out, line);
		ks_put_u8(out, '\n');
	}
	return 0;
}

int ks_uki_merge_sbat(const struct ks_pe_view *stub, struct ks_span extra, struct ks_buf *out,
		      struct ks_diag *diag)
{
	const struct ks_pe_section *s = ks_pe_find(stub, ".sbat");
	struct ks_span own;
	int rc;

	if (!s)
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, "stub has no .sbat section, shim refuses it");
	own = ks_uki_loaded(s);
	while (own.bytes && !own.p[own.bytes - 1])
		own.bytes--;
	rc = put_lines(own, true, out, diag);
	if (!rc)
		rc = put_lines(extra, false, out, diag);
	if (!rc)
		rc = ks_buf_ok(out, diag);
	if (!rc && out->bytes > KS_MAX_SBAT_BYTES)
		rc = ks_fail(diag, -E2BIG, KS_MAX_SBAT_BYTES, ".sbat is too long");
	return rc;
}
