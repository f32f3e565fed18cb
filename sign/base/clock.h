/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_BASE_CLOCK_H
#define KS_BASE_CLOCK_H

#include "base/diag.h"
#include "base/span.h"

/* 9999-12-31, the last date that ASN.1 and EFI_TIME can say. */
#define KS_CLOCK_LAST 253402300799ULL

/** ks_clock_now() - seconds since the epoch */
u64 ks_clock_now(void);

/**
 * ks_clock_build_time() - the time that goes into outputs: SOURCE_DATE_EPOCH if set, else now
 * Source: reproducible-builds.org/specs/source-date-epoch
 * Return: 0; -EINVAL if the variable is not a decimal number of seconds up to the year 9999.
 */
int __must_check ks_clock_build_time(u64 *ret_time, struct ks_diag *diag);

/** ks_clock_day() - the start of a day in UTC, "2027-06-30". Return: false for what is no day. */
bool ks_clock_day(struct ks_span text, u64 *ret_time);

#endif
