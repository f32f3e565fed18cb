/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KQ_CVE_SAY_H
#define KQ_CVE_SAY_H

#include "base/buf.h"

/** kq_say() - append one line to a list of evidence or findings; control bytes become '?' */
__attribute__((format(printf, 2, 3))) void kq_say(struct ks_buf *list, const char *format, ...);

/* For its "%.*s": a reason that somebody wrote, whole unless it is longer than a page. */
#define KQ_WHOLE(s) \
	(int)((s).bytes < 1000 ? (s).bytes : 1000), ((s).bytes ? (const char *)(s).p : "")

#endif
