// SPDX-License-Identifier: LGPL-2.1-or-later
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/shown.h"
#include "check/lint.h"

void kq_findings_done(struct kq_findings *findings)
{
	ks_buf_done(&findings->text);
	ks_buf_done(&findings->notes);
}

static void put_finding(struct ks_buf *out, const char *file, u32 line, const char *format,
			va_list args)
{
	char what[1024], text[sizeof(what) + PATH_MAX], shown[2 * sizeof(text)];

	vsnprintf(what, sizeof(what), format, args);
	if (line)
		snprintf(text, sizeof(text), "%s:%u: %s", file, line, what);
	else
		snprintf(text, sizeof(text), "%s: %s", file, what);
	ks_escape(text, shown, sizeof(shown));
	ks_put_str(out, shown);
	ks_put_str(out, "\n");
}

void kq_find(struct kq_findings *findings, const char *file, u32 line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_finding(&findings->text, file, line, format, args);
	va_end(args);
	findings->nr++;
}

void kq_note(struct kq_findings *findings, const char *file, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_finding(&findings->notes, file, 0, format, args);
	va_end(args);
}
