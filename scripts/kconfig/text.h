/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the readers of requests and SKU files share, beside base/text.h. */
#ifndef KCONFIG_TEXT_H
#define KCONFIG_TEXT_H

#include "base/buf.h"
#include "base/text.h"

/** kc_put_place() - put @before, then "path:line" */
void kc_put_place(struct ks_buf *out, const char *before, const char *path, u32 line);

/** kc_say() - one line on stderr: "kconfig-check: path:line: ..." */
__attribute__((format(printf, 3, 4))) void kc_say(const char *path, u32 line, const char *format,
						  ...);

#endif
