/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KQ_TEXT_PATH_H
#define KQ_TEXT_PATH_H

#include <limits.h>

#include "text/fault.h"

/** struct kq_path - a file name, put together */
struct kq_path {
	char s[PATH_MAX];
};

/** kq_path() - printf() into a file name. Return: 0; -ENAMETOOLONG. */
__attribute__((format(printf, 3, 4))) int __must_check kq_path(struct kq_path *ret_path,
							       struct kq_fault *fault,
							       const char *format, ...);

#endif
