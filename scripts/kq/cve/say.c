// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cve/say.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/shown.h"
#include "text/error.h"

void kq_say(struct ks_buf *list, const char *format, ...)
{
	char line[sizeof(((struct kq_error *)NULL)->line)], shown[2 * sizeof(line)];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	ks_escape(line, shown, sizeof(shown));
	ks_put_str(list, shown);
	ks_put_str(list, "\n");
}
