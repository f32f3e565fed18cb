// SPDX-License-Identifier: LGPL-2.1-or-later
#include "text/fault.h"

#include <stdarg.h>
#include <stdio.h>

int kq_fail(struct kq_fault *fault, int err, const char *format, ...)
{
	va_list args;
	char *c;

	if (fault->err)
		return err;
	va_start(args, format);
	vsnprintf(fault->line, sizeof(fault->line), format, args);
	va_end(args);
	for (c = fault->line; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	fault->err = err;
	return err;
}

int kq_fail_diag(struct kq_fault *fault, const struct ks_diag *diag)
{
	char line[sizeof(fault->line)];

	ks_diag_format(diag, line, sizeof(line));
	return kq_fail(fault, diag->err ? diag->err : -EIO, "%s", line);
}

int kq_no_memory(struct kq_fault *fault)
{
	return kq_fail(fault, -ENOMEM, "out of memory");
}
