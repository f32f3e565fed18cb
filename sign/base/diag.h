/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What went wrong, carried to the one place that prints it. Libraries never print.
 *
 * Functions return 0 or a negative errno out of this list:
 *   -EBADMSG     bytes contradict the format          -ENODATA      no signature present (not an error)
 *   -E2BIG       over a number in limits.h            -EKEYREJECTED signature present, does not verify
 *   -EOPNOTSUPP  legal, but refused here              -ENOKEY       key not found
 *   -EINVAL      the caller broke the contract        -EACCES       key not usable
 *   -EEXIST      a signature is there already         -ENOMEM, -EIO and what the system said
 */
#ifndef KS_BASE_DIAG_H
#define KS_BASE_DIAG_H

#include "base/types.h"

/* "This failure has no place in a file." */
#define KS_NO_OFF UINT64_MAX

/**
 * struct ks_diag - the first failure of one operation
 * @err: negative errno, 0 while nothing failed
 * @off: offset in the file in bytes, or KS_NO_OFF
 * @what: static text: what is wrong and, after a comma, what to do
 * @has_range: @want and @have are set
 * @want: number of bytes (or items) that were needed
 * @have: number of bytes (or items) that were there
 * @file: name of the file, copied, "" if unknown
 * @detail: a name or a library's own words, copied, "" if none
 *
 * Start with `struct ks_diag diag = { 0 };`. The first failure wins; later ones are dropped,
 * because they are its consequences.
 */
struct ks_diag {
	int err;
	u64 off;
	const char *what;
	bool has_range;
	u64 want;
	u64 have;
	char file[256];
	char detail[192];
};

/**
 * ks_fail() - record a failure and return it
 * @diag: may be NULL when the caller only wants the errno
 * @err: negative errno of the list above
 * @off: offset in bytes, or KS_NO_OFF
 * @what: static text
 *
 * Return: @err, so that `return ks_fail(...)` reads well.
 */
int ks_fail(struct ks_diag *diag, int err, u64 off, const char *what);

/** ks_fail_range() - as ks_fail() with -EBADMSG: @what needs @want, only @have are there. */
int ks_fail_range(struct ks_diag *diag, u64 off, const char *what, u64 want, u64 have);

/** ks_fail_detail() - as ks_fail(), with a name or foreign text that is copied (and cut if long). */
int ks_fail_detail(struct ks_diag *diag, int err, const char *what, const char *detail);

/** ks_fail_sys() - as ks_fail_detail() for a system call that set errno. Return: -errno, -EIO if 0. */
int ks_fail_sys(struct ks_diag *diag, const char *what, const char *file);

/**
 * ks_diag_in() - name the file that a recorded failure belongs to
 * @file: copied; ignored when a name is known already, or when nothing failed; may be NULL
 *
 * A name that does not fit keeps its end, which is what tells files apart.
 */
void ks_diag_in(struct ks_diag *diag, const char *file);

/** ks_errno_name() - "EBADMSG" for -EBADMSG; NULL for one that nothing here returns */
const char *ks_errno_name(int err);

/**
 * ks_diag_format() - the one line that a program prints, without a newline
 * @diag: what failed
 * @line: receives "file: what (offset 0x98, EBADMSG)"; control bytes become '?'
 * @line_bytes: size of @line, at least 1
 */
void ks_diag_format(const struct ks_diag *diag, char *line, size_t line_bytes);

#endif
