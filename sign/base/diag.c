// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/diag.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/shown.h"

/* Copy @text; when it does not fit keep its end, marked, since paths differ at the end. */
static void copy_tail(char *dst, size_t dst_bytes, const char *text)
{
	size_t text_bytes = strlen(text);

	if (text_bytes < dst_bytes) {
		memcpy(dst, text, text_bytes + 1);
		return;
	}
	memcpy(dst, "...", 3);
	memcpy(dst + 3, text + text_bytes - (dst_bytes - 4), dst_bytes - 3);
}

int ks_fail(struct ks_diag *diag, int err, u64 off, const char *what)
{
	if (diag && !diag->err) {
		diag->err = err;
		diag->off = off;
		diag->what = what;
	}
	return err;
}

int ks_fail_range(struct ks_diag *diag, u64 off, const char *what, u64 want, u64 have)
{
	if (diag && !diag->err) {
		diag->has_range = true;
		diag->want = want;
		diag->have = have;
	}
	return ks_fail(diag, -EBADMSG, off, what);
}

int ks_fail_detail(struct ks_diag *diag, int err, const char *what, const char *detail)
{
	if (diag && !diag->err && detail)
		copy_tail(diag->detail, sizeof(diag->detail), detail);
	return ks_fail(diag, err, KS_NO_OFF, what);
}

int ks_fail_sys(struct ks_diag *diag, const char *what, const char *file)
{
	int err = errno ? -errno : -EIO;

	if (diag && !diag->err) {
		copy_tail(diag->detail, sizeof(diag->detail), strerror(-err));
		if (file)
			copy_tail(diag->file, sizeof(diag->file), file);
	}
	return ks_fail(diag, err, KS_NO_OFF, what);
}

void ks_diag_in(struct ks_diag *diag, const char *file)
{
	if (diag && diag->err && file && !diag->file[0])
		copy_tail(diag->file, sizeof(diag->file), file);
}

const char *ks_errno_name(int err)
{
	static const struct {
		int err;
		const char *name;
	} names[] = {
		{ EBADMSG, "EBADMSG" },	    { E2BIG, "E2BIG" },	    { EOPNOTSUPP, "EOPNOTSUPP" },
		{ EINVAL, "EINVAL" },	    { ENODATA, "ENODATA" }, { EKEYREJECTED, "EKEYREJECTED" },
		{ ENOKEY, "ENOKEY" },	    { EACCES, "EACCES" },   { ENOMEM, "ENOMEM" },
		{ EEXIST, "EEXIST" },	    { EIO, "EIO" },	    { ENOENT, "ENOENT" },
		{ ENOSPC, "ENOSPC" },	    { EPERM, "EPERM" },	    { EROFS, "EROFS" },
		{ EKEYEXPIRED, "EKEYEXPIRED" }, { ENOPKG, "ENOPKG" }, { EMSGSIZE, "EMSGSIZE" },
		{ ENOEXEC, "ENOEXEC" },
	};
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(names); i++)
		if (names[i].err == -err)
			return names[i].name;
	return NULL;
}

/* Append to a line that never overflows: the text is cut, the NUL stays. */
__attribute__((format(printf, 3, 4))) static void add(char *line, size_t line_bytes,
						      const char *format, ...)
{
	size_t used = strlen(line);
	va_list args;

	va_start(args, format);
	vsnprintf(line + used, line_bytes - used, format, args);
	va_end(args);
}

void ks_diag_format(const struct ks_diag *diag, char *line, size_t line_bytes)
{
	const char *name = ks_errno_name(diag->err);

	line[0] = '\0';
	if (diag->file[0])
		add(line, line_bytes, "%s: ", diag->file);
	add(line, line_bytes, "%s", diag->what ? diag->what : "failed");
	if (diag->detail[0])
		add(line, line_bytes, ": %s", diag->detail);
	if (diag->has_range && diag->want > diag->have)
		add(line, line_bytes, ": %" PRIu64 " needed, only %" PRIu64 " there", diag->want,
		    diag->have);
	else if (diag->has_range)
		add(line, line_bytes, ": says %" PRIu64 ", %" PRIu64 " are there", diag->want,
		    diag->have);
	if (diag->off != KS_NO_OFF)
		add(line, line_bytes, " (offset 0x%" PRIx64 ", %s)", diag->off, name ? name : "error");
	else if (name)
		add(line, line_bytes, " (%s)", name);
	ks_make_shown(line, false);
}
