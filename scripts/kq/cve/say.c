// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cve/say.h"

#include <stdarg.h>
#include <stdio.h>

#include "text/fault.h"

void kq_say(struct ks_buf *list, const char *format, ...)
{
	char line[sizeof(((struct kq_fault *)NULL)->line)];
	va_list args;
	char *c;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	for (c = line; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	ks_put_str(list, line);
	ks_put_str(list, "\n");
}
