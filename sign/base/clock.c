// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

u64 ks_clock_now(void)
{
	return (u64)time(NULL);
}

int ks_clock_build_time(u64 *ret_time, struct ks_diag *diag)
{
	const char *text = secure_getenv("SOURCE_DATE_EPOCH");
	unsigned long long value;
	char *end;

	if (!text) {
		*ret_time = ks_clock_now();
		return 0;
	}
	/* It would take a sign or blanks, too; a number over 64 bits becomes the largest one. */
	value = strtoull(text, &end, 10);
	if (end == text || *end || text[0] < '0' || value > KS_CLOCK_LAST)
		return ks_fail_detail(diag, -EINVAL, "SOURCE_DATE_EPOCH is not a time in seconds", text);
	*ret_time = value;
	return 0;
}

bool ks_clock_day(struct ks_span text, u64 *ret_time)
{
	char day[11] = "", again[16] = "";
	struct tm tm = { 0 };
	const char *end;
	time_t time;

	if (text.bytes != sizeof(day) - 1)
		return false;
	memcpy(day, text.p, text.bytes);
	end = strptime(day, "%Y-%m-%d", &tm);
	time = end && !*end ? timegm(&tm) : -1;
	/* 30 February becomes a day of March. */
	if (time >= 0)
		strftime(again, sizeof(again), "%Y-%m-%d", &tm);
	if (time < 0 || strcmp(again, day) != 0 || (u64)time > KS_CLOCK_LAST)
		return false;
	*ret_time = (u64)time;
	return true;
}
