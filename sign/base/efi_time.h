/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * EFI_TIME (UEFI 2.10, 8.3), as records of a variable store and updates have it:
 *
 *   u16 year, u8 month, day, hour, minute, second, pad, u32 nanosecond, s16 zone, u8 daylight, pad
 *
 * Authenticated variables have whole seconds in UTC: all that follows the second is 0 (8.2.2).
 */
#ifndef KS_BASE_EFI_TIME_H
#define KS_BASE_EFI_TIME_H

#include "base/diag.h"

#define KS_EFI_TIME_BYTES 16
/* "2026-11-30 13:22:51" and a NUL; room for what no calendar has */
#define KS_EFI_TIME_TEXT_BYTES 28

/** ks_efi_time_set() - @now: seconds since the epoch, up to KS_CLOCK_LAST */
void ks_efi_time_set(u64 now, u8 time[KS_EFI_TIME_BYTES]);

/**
 * ks_efi_time_check() - may an update have this time?
 * @off: its offset in the file
 * Return: 0; -EKEYREJECTED if it has more than whole seconds in UTC, which SetVariable() refuses.
 */
int __must_check ks_efi_time_check(const u8 time[KS_EFI_TIME_BYTES], u64 off, struct ks_diag *diag);

/** ks_efi_time_cmp() - order by year to second, as EDK2. Return: < 0, 0, > 0 */
int ks_efi_time_cmp(const u8 a[KS_EFI_TIME_BYTES], const u8 b[KS_EFI_TIME_BYTES]);

/** ks_efi_time_format() - "2026-11-30 13:22:51"; what is no date is printed as its numbers */
void ks_efi_time_format(const u8 time[KS_EFI_TIME_BYTES], char text[KS_EFI_TIME_TEXT_BYTES]);

#endif
