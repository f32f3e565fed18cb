// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/efi_time.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/span.h"

/* Where the second ends and what must be 0 begins. */
#define REST_OFF 7

void ks_efi_time_set(u64 now, u8 time[KS_EFI_TIME_BYTES])
{
	time_t when = (time_t)now;
	struct tm tm;

	memset(time, 0, KS_EFI_TIME_BYTES);
	if (!gmtime_r(&when, &tm))
		return;
	time[0] = (u8)((tm.tm_year + 1900) & 0xff);
	time[1] = (u8)((tm.tm_year + 1900) >> 8);
	time[2] = (u8)(tm.tm_mon + 1);
	time[3] = (u8)tm.tm_mday;
	time[4] = (u8)tm.tm_hour;
	time[5] = (u8)tm.tm_min;
	time[6] = (u8)tm.tm_sec;
}

int ks_efi_time_check(const u8 time[KS_EFI_TIME_BYTES], u64 off, struct ks_diag *diag)
{
	struct ks_span whole = { time, KS_EFI_TIME_BYTES }, rest;

	if (!ks_span_sub(whole, REST_OFF, KS_EFI_TIME_BYTES - REST_OFF, &rest) ||
	    !ks_span_is_zero(rest))
		return ks_fail(diag, -EKEYREJECTED, off + REST_OFF,
			       "time of the update has more than whole seconds in UTC, sign it anew");
	return 0;
}

int ks_efi_time_cmp(const u8 a[KS_EFI_TIME_BYTES], const u8 b[KS_EFI_TIME_BYTES])
{
	if (a[1] != b[1])
		return a[1] - b[1];
	if (a[0] != b[0])
		return a[0] - b[0];
	return memcmp(a + 2, b + 2, REST_OFF - 2);
}

void ks_efi_time_format(const u8 time[KS_EFI_TIME_BYTES], char text[KS_EFI_TIME_TEXT_BYTES])
{
	snprintf(text, KS_EFI_TIME_TEXT_BYTES, "%04u-%02u-%02u %02u:%02u:%02u", time[0] | time[1] << 8,
		 time[2], time[3], time[4], time[5], time[6]);
}
