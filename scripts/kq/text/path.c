// SPDX-License-Identifier: LGPL-2.1-or-later
#include "text/path.h"

#include <stdarg.h>
#include <stdio.h>

int kq_path(struct kq_path *ret_path, struct kq_fault *fault, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(ret_path->s, sizeof(ret_path->s), format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof(ret_path->s))
		return kq_fail(fault, -ENAMETOOLONG, "%.200s...: name is too long", ret_path->s);
	return 0;
}
