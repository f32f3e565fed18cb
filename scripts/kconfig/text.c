// SPDX-License-Identifier: LGPL-2.1-or-later
#include "text.h"

#include <stdarg.h>
#include <stdio.h>

void kc_say(const char *path, u32 line, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "kconfig-check: %s:%u: ", path, line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

void kc_put_place(struct ks_buf *out, const char *before, const char *path, u32 line)
{
	char number[32];

	ks_put_str(out, before);
	ks_put_str(out, path);
	snprintf(number, sizeof(number), ":%u", line);
	ks_put_str(out, number);
}
