// SPDX-License-Identifier: LGPL-2.1-or-later
#include "text/fault.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/shown.h"

int kq_fail(struct kq_fault *fault, int err, const char *format, ...)
{
	char line[sizeof(fault->line)];
	va_list args;

	if (fault->err)
		return err;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	ks_escape(line, fault->line, sizeof(fault->line));
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
