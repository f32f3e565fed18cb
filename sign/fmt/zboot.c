// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 *   +-----------------------------+ 0
 *   | "MZ\0\0", "zimg"            |
 *   | payload offset, size        | le32 at 8 and 12
 *   | compression                 | at 24, a name and its NUL
 *   | Linux' PE magic, PE offset  | at 0x38 and 0x3c, then the headers of a PE image
 *   +-----------------------------+
 *   | code of the unpacker        |
 *   |  +-----------------------+  | payload offset
 *   |  | compressed kernel     |  | for gzip, whose own end is the length, all of it
 *   |  | its length, le32      |  | not counted in the size but for gzip
 *   |  +-----------------------+  |
 *   +-----------------------------+
 */
#include "fmt/zboot.h"

#include <errno.h>
#include <string.h>

#include "base/cursor.h"

#define DOS_MAGIC 0x5a4dU
#define ZIMG 0x676d697aU
#define PAYLOAD_OFF 8U
#define PAYLOAD_SIZE_OFF 12U
#define COMPRESSION_OFF 24U
#define LINUX_PE_MAGIC_OFF 0x38U
#define LINUX_PE_MAGIC 0x818223cdU
#define HEADER_BYTES 0x40U
#define LENGTH_BYTES 4U

bool ks_zboot_probe(struct ks_span file)
{
	struct ks_cursor c;

	ks_cursor_init(&c, file, 0);
	return ks_get_le32(&c) == DOS_MAGIC && ks_get_le32(&c) == ZIMG && !c.bad;
}

/* The name up to its NUL. Return: false if it is empty or has no end. */
static bool take_name(struct ks_span room, struct ks_span *ret_name)
{
	const u8 *end = room.bytes ? memchr(room.p, 0, room.bytes) : NULL;

	return end && end != room.p && ks_span_sub(room, 0, (u64)(end - room.p), ret_name);
}

int ks_zboot_parse(struct ks_span file, struct ks_zboot_view *ret_view, struct ks_diag *diag)
{
	struct ks_zboot_view view = { 0 };
	struct ks_span room, length;
	u64 bytes, length_off;
	struct ks_cursor c;
	u32 magic;
	int rc;

	if (!ks_zboot_probe(file))
		return ks_fail(diag, -EBADMSG, 0, "no header of a compressed EFI kernel (zimg)");
	ks_cursor_init(&c, file, 0);
	ks_cursor_skip(&c, PAYLOAD_OFF);
	view.stream_off = ks_get_le32(&c);
	bytes = ks_get_le32(&c);
	ks_cursor_skip(&c, COMPRESSION_OFF - PAYLOAD_SIZE_OFF - 4);
	room = ks_get_bytes(&c, LINUX_PE_MAGIC_OFF - COMPRESSION_OFF);
	magic = ks_get_le32(&c);
	ks_cursor_skip(&c, HEADER_BYTES - LINUX_PE_MAGIC_OFF - 4);
	rc = ks_cursor_ok(&c, "header of the compressed EFI kernel is cut short", diag);
	if (rc)
		return rc;
	if (magic != LINUX_PE_MAGIC)
		return ks_fail(diag, -EBADMSG, LINUX_PE_MAGIC_OFF,
			       "compressed EFI kernel lacks Linux' magic before its PE offset");
	if (!take_name(room, &view.compression))
		return ks_fail(diag, -EBADMSG, COMPRESSION_OFF,
			       "compressed EFI kernel does not name its compression");
	if (view.stream_off < HEADER_BYTES)
		return ks_fail(diag, -EBADMSG, PAYLOAD_OFF, "payload of the EFI kernel lies in its header");
	if (bytes <= LENGTH_BYTES)
		return ks_fail_range(diag, PAYLOAD_SIZE_OFF, "payload of the EFI kernel",
				     LENGTH_BYTES + 1, bytes);
	length_off = view.stream_off + bytes;
	if (ks_span_eq(view.compression, ks_span_str("gzip")))
		length_off -= LENGTH_BYTES;
	if (!ks_span_sub(file, view.stream_off, bytes, &view.stream) ||
	    !ks_span_sub(file, length_off, LENGTH_BYTES, &length))
		return ks_fail_range(diag, PAYLOAD_OFF, "payload of the EFI kernel and its length",
				     length_off + LENGTH_BYTES, file.bytes);
	ks_cursor_init(&c, length, length_off);
	view.unpacked_bytes = ks_get_le32(&c);
	rc = ks_cursor_end(&c, "length of the unpacked kernel", diag);
	if (rc)
		return rc;
	*ret_view = view;
	return 0;
}
