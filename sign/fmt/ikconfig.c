// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 *   "IKCFG_ST" | gzip of .config | "IKCFG_ED"
 *
 * The marks stand in the image once, but any file may have their letters: the start counts only
 * with the magic of gzip behind it.
 */
#include "fmt/ikconfig.h"

#include <errno.h>
#include <string.h>

#define START "IKCFG_ST\x1f\x8b"
#define MARK_BYTES 8U

/* Offset of @what in @in from @off on; @in.bytes if it is not there. */
static u64 find_mark(struct ks_span in, u64 off, struct ks_span what)
{
	struct ks_span rest;
	const u8 *hit;

	if (!ks_span_sub(in, off, in.bytes - off, &rest) || !rest.bytes)
		return in.bytes;
	hit = memmem(rest.p, rest.bytes, what.p, what.bytes);
	return hit ? off + (u64)(hit - rest.p) : in.bytes;
}

int ks_ikconfig_find(struct ks_span image, struct ks_span *ret_gzip, struct ks_diag *diag)
{
	u64 start = find_mark(image, 0, ks_span_str(START)), end;

	if (start == image.bytes)
		return ks_fail(diag, -ENODATA, KS_NO_OFF, "kernel has no configuration inside");
	if (find_mark(image, start + 1, ks_span_str(START)) != image.bytes)
		return ks_fail(diag, -EBADMSG, start, "kernel has two configurations inside");
	start += MARK_BYTES;
	end = find_mark(image, start, ks_span_str("IKCFG_ED"));
	if (end == image.bytes || !ks_span_sub(image, start, end - start, ret_gzip))
		return ks_fail(diag, -EBADMSG, start, "kernel's configuration has no end");
	return 0;
}

bool ks_kconfig_value(struct ks_span text, const char *name, struct ks_span *ret_value)
{
	struct ks_span want = ks_span_str(name), line, head, value, sign;

	while (ks_span_line(&text, &line)) {
		if (!ks_span_sub(line, 0, want.bytes, &head) || !ks_span_eq(head, want) ||
		    !ks_span_sub(line, want.bytes, 1, &sign) || sign.p[0] != '=' ||
		    !ks_span_sub(line, want.bytes + 1, line.bytes - want.bytes - 1, &value))
			continue;
		if (value.bytes >= 2 && value.p[0] == '"' && value.p[value.bytes - 1] == '"' &&
		    !ks_span_sub(value, 1, value.bytes - 2, &value))
			continue;
		*ret_value = value;
		return true;
	}
	return false;
}

bool ks_kconfig_is_on(struct ks_span text, const char *name)
{
	struct ks_span value;

	return ks_kconfig_value(text, name, &value) && value.bytes == 1 &&
	       (value.p[0] == 'y' || value.p[0] == 'm');
}
