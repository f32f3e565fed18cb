/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * GUIDs in EFI's byte order: the first three groups little-endian, the rest as written.
 */
#ifndef KS_BASE_GUID_H
#define KS_BASE_GUID_H

#include "base/buf.h"
#include "base/cursor.h"

#define KS_GUID_BYTES 16
/* "8be4df61-93ca-11d2-aa0d-00e098032b8c" and a NUL */
#define KS_GUID_TEXT_BYTES 37

/** struct ks_guid - the bytes as they stand in a file */
struct ks_guid {
	u8 raw[KS_GUID_BYTES];
};

/* Byte @n of a value, the lowest is 0. */
#define KS_GUID_BYTE(v, n) ((u8)((u64)(v) >> (8 * (n)) & 0xff))

/* From the printed groups: KS_GUID(0x8be4df61, 0x93ca, 0x11d2, 0xaa0d, 0x00e098032b8c) */
#define KS_GUID(a, b, c, d, e)                                                              \
	{                                                                                   \
		{                                                                           \
			KS_GUID_BYTE(a, 0), KS_GUID_BYTE(a, 1), KS_GUID_BYTE(a, 2),         \
				KS_GUID_BYTE(a, 3), KS_GUID_BYTE(b, 0), KS_GUID_BYTE(b, 1), \
				KS_GUID_BYTE(c, 0), KS_GUID_BYTE(c, 1), KS_GUID_BYTE(d, 1), \
				KS_GUID_BYTE(d, 0), KS_GUID_BYTE(e, 5), KS_GUID_BYTE(e, 4), \
				KS_GUID_BYTE(e, 3), KS_GUID_BYTE(e, 2), KS_GUID_BYTE(e, 1), \
				KS_GUID_BYTE(e, 0)                                          \
		}                                                                           \
	}

/** ks_guid_eq() - same value */
bool ks_guid_eq(const struct ks_guid *a, const struct ks_guid *b);

/** ks_guid_format() - lower-case text with its four dashes; @text has KS_GUID_TEXT_BYTES */
void ks_guid_format(const struct ks_guid *guid, char *text);

/**
 * ks_guid_read() - the reverse, digits of either case
 * Return: true; false for anything else than a GUID with its four dashes.
 */
bool __must_check ks_guid_read(const char *text, struct ks_guid *ret_guid);

/** ks_get_guid() - the next 16 bytes; all zeros past the end */
struct ks_guid ks_get_guid(struct ks_cursor *c);

/** ks_put_guid() - append 16 bytes */
void ks_put_guid(struct ks_buf *b, const struct ks_guid *guid);

#endif
