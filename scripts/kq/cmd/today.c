// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "cmd/verb.h"

bool kq_today(u32 *ret_today)
{
	struct tm tm;
	time_t now;
	u64 seconds;

	if (ks_clock_build_time(&seconds, NULL)) {
		fprintf(stderr, "kq: SOURCE_DATE_EPOCH: want seconds since 1970\n");
		return false;
	}
	now = (time_t)seconds;
	if (!gmtime_r(&now, &tm))
		return false;
	*ret_today =
		(u32)(tm.tm_year + 1900) * 10000 + (u32)(tm.tm_mon + 1) * 100 + (u32)tm.tm_mday;
	return true;
}
