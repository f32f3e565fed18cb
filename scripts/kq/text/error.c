// SPDX-License-Identifier: LGPL-2.1-or-later
#include "text/error.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/shown.h"

int kq_fail(struct kq_error *error, int err, const char *format, ...)
{
	char line[sizeof(error->line)];
	va_list args;

	if (error->err)
		return err;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	ks_escape(line, error->line, sizeof(error->line));
	error->err = err;
	return err;
}

int kq_fail_diag(struct kq_error *error, const struct ks_diag *diag)
{
	char line[sizeof(error->line)];

	ks_diag_format(diag, line, sizeof(line));
	return kq_fail(error, diag->err ? diag->err : -EIO, "%s", line);
}

int kq_no_memory(struct kq_error *error)
{
	return kq_fail(error, -ENOMEM, "out of memory");
}
