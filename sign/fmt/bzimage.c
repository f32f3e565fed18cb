// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 *   +-----------------------------+ 0
 *   | boot sector, setup header   | setup_sects at 0x1f1, 0xaa55 at 0x1fe, "HdrS" at 0x202
 *   | setup code                  |
 *   +-----------------------------+ 512 * (setup_sects + 1)
 *   | protected-mode code         |
 *   |  +-----------------------+  | + payload_offset (0x248)
 *   |  | compressed vmlinux    |  |
 *   |  | its length, le32      |  | not for gzip, which has it in its own end; zeros may be before it
 *   |  +-----------------------+  | + payload_offset + payload_length (0x24c)
 *   +-----------------------------+
 */
#include "fmt/bzimage.h"

#include <errno.h>
#include <zlib.h>

#include "base/cursor.h"

#define SETUP_SECTS_OFF 0x1f1
#define BOOT_FLAG_OFF 0x1fe
#define HEADER_MAGIC_OFF 0x202
#define VERSION_OFF 0x206
#define KERNEL_VERSION_OFF 0x20e
#define PAYLOAD_OFF 0x248
#define HEADER_END 0x250
#define BOOT_FLAG 0xaa55
#define HDRS 0x53726448U
#define FIRST_WITH_PAYLOAD 0x0208
#define SECTOR_BYTES 512U
#define OLD_SETUP_SECTS 4U
#define LENGTH_BYTES 4U
/* What kernel_version counts from, and how far it is looked for a blank. */
#define KERNEL_VERSION_BASE 0x200U
#define KERNEL_VERSION_MAX_BYTES 256U

bool ks_bzimage_has_header(struct ks_span file)
{
	struct ks_cursor c;

	ks_cursor_init(&c, file, 0);
	ks_cursor_skip(&c, HEADER_MAGIC_OFF);
	return ks_get_le32(&c) == HDRS && !c.bad;
}

struct ks_span ks_bzimage_release(struct ks_span file)
{
	struct ks_span text, release, none = { 0 };
	struct ks_cursor c;
	u32 off;

	if (!ks_bzimage_has_header(file))
		return none;
	ks_cursor_init(&c, file, 0);
	ks_cursor_skip(&c, KERNEL_VERSION_OFF);
	off = (u32)ks_get_le16(&c) + KERNEL_VERSION_BASE;
	if (off == KERNEL_VERSION_BASE || off >= file.bytes ||
	    !ks_span_sub(file, off, file.bytes - off, &text))
		return none;
	if (text.bytes > KERNEL_VERSION_MAX_BYTES)
		text.bytes = KERNEL_VERSION_MAX_BYTES;
	/* "6.18.15 (user@host) #1 SMP ..." */
	return ks_span_word(&text, &release) ? release : none;
}

bool ks_bzimage_probe(struct ks_span file)
{
	struct ks_cursor c;

	ks_cursor_init(&c, file, 0);
	ks_cursor_skip(&c, BOOT_FLAG_OFF);
	return ks_get_le16(&c) == BOOT_FLAG && !c.bad && ks_bzimage_has_header(file);
}

int ks_bzimage_parse(struct ks_span file, struct ks_bzimage_view *ret_view, struct ks_diag *diag)
{
	struct ks_bzimage_view view = { 0 };
	u32 setup_sects, off, bytes;
	struct ks_cursor c;
	int rc;

	if (!ks_bzimage_probe(file))
		return ks_fail(diag, -EBADMSG, HEADER_MAGIC_OFF, "no setup header, so not an x86 kernel");
	ks_cursor_init(&c, file, 0);
	ks_cursor_skip(&c, SETUP_SECTS_OFF);
	setup_sects = ks_get_u8(&c);
	ks_cursor_skip(&c, VERSION_OFF - SETUP_SECTS_OFF - 1);
	view.protocol = ks_get_le16(&c);
	ks_cursor_skip(&c, PAYLOAD_OFF - VERSION_OFF - 2);
	off = ks_get_le32(&c);
	bytes = ks_get_le32(&c);
	rc = ks_cursor_ok(&c, "setup header cut short", diag);
	if (rc)
		return rc;
	if (view.protocol < FIRST_WITH_PAYLOAD)
		return ks_fail(diag, -EOPNOTSUPP, VERSION_OFF,
			       "boot protocol below 2.08 does not say where the kernel is");
	if (!setup_sects)
		setup_sects = OLD_SETUP_SECTS;
	view.payload_off = (u64)(setup_sects + 1) * SECTOR_BYTES + off;
	if (!bytes)
		return ks_fail(diag, -EBADMSG, PAYLOAD_OFF + 4, "payload of the kernel image is empty");
	if (!ks_span_sub(file, view.payload_off, bytes, &view.payload))
		return ks_fail_range(diag, PAYLOAD_OFF, "payload of the kernel image",
				     view.payload_off + bytes, file.bytes);
	*ret_view = view;
	return 0;
}

int ks_bzimage_cut(const struct ks_bzimage_view *view, bool is_gzip, struct ks_span *ret_stream,
		   u32 *ret_bytes, struct ks_diag *diag)
{
	struct ks_span stream = view->payload, length;
	struct ks_cursor c;

	if (stream.bytes <= LENGTH_BYTES ||
	    !ks_span_sub(view->payload, stream.bytes - LENGTH_BYTES, LENGTH_BYTES, &length))
		return ks_fail_range(diag, view->payload_off, "payload of the kernel image",
				     LENGTH_BYTES + 1, stream.bytes);
	if (!is_gzip)
		stream.bytes -= LENGTH_BYTES;
	ks_cursor_init(&c, length, view->payload_off + view->payload.bytes - LENGTH_BYTES);
	*ret_bytes = ks_get_le32(&c);
	*ret_stream = stream;
	return ks_cursor_end(&c, "length of the unpacked kernel", diag);
}

u64 ks_bzimage_room(const struct ks_bzimage_view *view, bool is_gzip)
{
	return view->payload.bytes - (is_gzip ? 0 : LENGTH_BYTES);
}

/*
 * header.S leaves 1/256 of the unpacked kernel and 128 KiB between where it unpacks to and the end of the
 * payload. Data that does not compress at all needs at most 1/4096 and the 128 KiB, so that half of
 * the 1/256 is free for a stream that ends early.
 */
static u64 slack_of(u32 unpacked_bytes)
{
	return unpacked_bytes / 512;
}

static int check_fit(const struct ks_bzimage_view *view, u64 stream_bytes, bool is_gzip,
		     u32 unpacked_bytes, struct ks_diag *diag)
{
	u64 room = ks_bzimage_room(view, is_gzip);

	if (stream_bytes > room)
		return ks_fail_range(diag, view->payload_off, "compressed kernel does not fit into its place",
				     stream_bytes, room);
	if (room - stream_bytes > slack_of(unpacked_bytes))
		return ks_fail(diag, -EOPNOTSUPP, view->payload_off,
			       "compressed kernel is so much shorter than before that it would unpack over "
			       "itself");
	/* The length of the unpacked kernel is at the end of both. */
	if (is_gzip && stream_bytes != room && room - stream_bytes < LENGTH_BYTES)
		return ks_fail(diag, -EOPNOTSUPP, view->payload_off,
			       "compressed kernel is 1 to 3 bytes too short for its length behind it");
	return 0;
}

/* Of all bytes before the last four, as arch/x86/boot/tools/build.c made it: not inverted at the end. */
static bool crc_of(struct ks_span file, u32 *ret_crc)
{
	struct ks_span body;

	if (file.bytes < LENGTH_BYTES || !ks_span_sub(file, 0, file.bytes - LENGTH_BYTES, &body))
		return false;
	*ret_crc = ~(u32)crc32_z(0, body.p, body.bytes);
	return true;
}

static bool has_crc(struct ks_span file)
{
	struct ks_cursor c;
	u32 crc;

	if (!crc_of(file, &crc))
		return false;
	ks_cursor_init(&c, file, 0);
	ks_cursor_skip(&c, file.bytes - LENGTH_BYTES);
	return ks_get_le32(&c) == crc;
}

int ks_bzimage_build(struct ks_span file, const struct ks_bzimage_view *view, struct ks_span stream,
		     bool is_gzip, u32 unpacked_bytes, struct ks_buf *ret_file, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	u64 end_off = view->payload_off + view->payload.bytes;
	struct ks_span before, after;
	u32 crc;
	int rc = check_fit(view, stream.bytes, is_gzip, unpacked_bytes, diag);

	if (rc)
		return rc;
	if (!ks_span_sub(file, 0, view->payload_off, &before) || end_off > file.bytes ||
	    !ks_span_sub(file, end_off, file.bytes - end_off, &after))
		return ks_fail(diag, -EINVAL, view->payload_off, "payload of another image");
	ks_put(&out, before);
	ks_put(&out, stream);
	if (stream.bytes < view->payload.bytes) {
		ks_put_fill(&out, 0, view->payload.bytes - stream.bytes - LENGTH_BYTES);
		ks_put_le32(&out, unpacked_bytes);
	}
	ks_put(&out, after);
	rc = ks_buf_ok(&out, diag);
	if (!rc && has_crc(file) && crc_of(ks_buf_span(&out), &crc))
		ks_buf_patch_le32(&out, out.bytes - LENGTH_BYTES, crc);
	if (!rc)
		ks_buf_move(ret_file, &out);
	return rc;
}
