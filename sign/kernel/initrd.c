// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * An initrd as the kernel's init/initramfs.c reads it: archives of newc, each entry at a multiple of 4,
 * or a compression of lib/decompress.c at any place.
 *
 *   070701 | 13 fields of 8 hex digits | name, NUL, to 4 | content, to 4 | 070701 ...  TRAILER!!!
 */
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "kernel/initrd.h"

#define HEADER_BYTES 110U
#define MAGIC_BYTES 6U
#define FIELD_BYTES 8U
#define MAX_NAME_BYTES 4096U

/* The fields that say how long an entry is, and its checksum, by their place in the header. */
#define FIELD_MODE 1U
#define FIELD_CONTENT_BYTES 6U
#define FIELD_NAME_BYTES 11U
#define FIELD_CHECKSUM 12U

static bool is_compressed(struct ks_span initrd, u64 off)
{
	static const struct {
		u8 magic[6];
		size_t bytes;
	} known[] = {
		{ { 0x1f, 0x8b }, 2 },		      /* gzip */
		{ { 0x1f, 0x9e }, 2 },		      /* gzip, old */
		{ "BZh", 3 },			      /* bzip2 */
		{ { 0x5d, 0 }, 2 },		      /* lzma */
		{ { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6 }, /* xz */
		{ { 0x89, 'L', 'Z', 'O', 0, 0x0d }, 6 }, /* lzo */
		{ { 0x02, 0x21, 0x4c, 0x18 }, 4 },    /* lz4, legacy */
		{ { 0x28, 0xb5, 0x2f, 0xfd }, 4 },    /* zstd */
	};
	struct ks_span head;
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(known); i++)
		if (ks_span_sub(initrd, off, known[i].bytes, &head) &&
		    !memcmp(head.p, known[i].magic, known[i].bytes))
			return true;
	return false;
}

static bool get_field(struct ks_span header, u64 idx, u32 *ret)
{
	struct ks_span digits;
	u32 value = 0;
	size_t i;

	if (!ks_span_sub(header, MAGIC_BYTES + idx * FIELD_BYTES, FIELD_BYTES, &digits))
		return false;
	for (i = 0; i < digits.bytes; i++) {
		u8 c = digits.p[i];

		if (c >= '0' && c <= '9')
			value = value << 4 | (u32)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			value = value << 4 | (u32)((c | 0x20) - 'a' + 10);
		else
			return false;
	}
	*ret = value;
	return true;
}

static int check_magic(struct ks_span header, u64 off, bool *ret_has_sum, struct ks_diag *diag)
{
	*ret_has_sum = !memcmp(header.p, "070702", MAGIC_BYTES);
	if (*ret_has_sum || !memcmp(header.p, "070701", MAGIC_BYTES))
		return 0;
	if (!memcmp(header.p, "070707", MAGIC_BYTES))
		return ks_fail(diag, -EBADMSG, off,
			       "initrd is a cpio archive of the old form, make it with cpio -H newc");
	return ks_fail(diag, -EBADMSG, off,
		       "initrd is no cpio archive of newc and no compression that the kernel knows");
}

#define TYPE_MASK 0170000U
#define TYPE_FILE 0100000U
#define TYPE_LINK 0120000U

/* Content of anything else sends the kernel's reader to a state of the entry before. */
static bool may_have_content(u32 mode)
{
	return (mode & TYPE_MASK) == TYPE_FILE || (mode & TYPE_MASK) == TYPE_LINK;
}

/* The kernel adds up the bytes of files only. */
static bool is_sum_right(struct ks_span content, u32 mode, u32 sum)
{
	size_t i;

	if ((mode & TYPE_MASK) != TYPE_FILE)
		return true;
	for (i = 0; i < content.bytes; i++)
		sum -= content.p[i];
	return !sum;
}

/* @off: in: of an entry; out: of what follows it, at a multiple of 4 */
static int skip_entry(struct ks_span initrd, u64 *off, struct ks_diag *diag)
{
	u32 mode = 0, content_bytes = 0, name_bytes = 0, sum = 0;
	struct ks_span header, name, content;
	u64 content_off;
	bool has_sum;
	int rc;

	if (!ks_span_sub(initrd, *off, HEADER_BYTES, &header))
		return ks_fail(diag, -EBADMSG, *off,
			       "initrd is neither a cpio archive nor compressed, or is cut off");
	rc = check_magic(header, *off, &has_sum, diag);
	if (rc)
		return rc;
	if (!get_field(header, FIELD_MODE, &mode) ||
	    !get_field(header, FIELD_CONTENT_BYTES, &content_bytes) ||
	    !get_field(header, FIELD_NAME_BYTES, &name_bytes) ||
	    !get_field(header, FIELD_CHECKSUM, &sum) || !name_bytes ||
	    name_bytes > MAX_NAME_BYTES || (content_bytes && !may_have_content(mode)))
		return ks_fail(diag, -EBADMSG, *off, "initrd has an entry whose header is broken");
	/* The header is 2 behind a multiple of 4, which the name with its padding makes up for. */
	content_off = ks_align_up(*off + HEADER_BYTES + name_bytes, 4);
	if (!ks_span_sub(initrd, *off + HEADER_BYTES, name_bytes, &name) ||
	    !ks_span_sub(initrd, content_off, content_bytes, &content))
		return ks_fail(diag, -EBADMSG, *off, "initrd is cut off inside of an entry");
	if (name.p[name_bytes - 1])
		return ks_fail(diag, -EBADMSG, *off, "initrd has an entry whose name does not end");
	if (has_sum && !is_sum_right(content, mode, sum))
		return ks_fail(diag, -EBADMSG, *off, "initrd has a file with another checksum");
	*off = ks_align_up(content_off + content_bytes, 4);
	return 0;
}

int ks_kernel_check_initrd(struct ks_span initrd, struct ks_diag *diag)
{
	bool has_entry = false;
	u64 off = 0;
	int rc;

	if (!initrd.bytes)
		return ks_fail(diag, -EBADMSG, 0, "initrd is empty");
	while (off < initrd.bytes) {
		u8 first = initrd.p[off];

		if (!first) {
			off++;
			continue;
		}
		/* In between the kernel takes zeros, but an archive resumes at a multiple of 4. */
		if (has_entry && off % 4)
			return ks_fail(diag, -EBADMSG, off,
				       "initrd goes on at no multiple of 4 behind an archive");
		if (is_compressed(initrd, off))
			return 0;
		if (first != '0' || off % 4)
			return ks_fail(diag, -EBADMSG, off,
				       has_entry ? "initrd has neither an archive nor a compression "
						   "that the kernel knows behind an archive" :
						   "initrd is no cpio archive of newc and no "
						   "compression that the kernel knows");
		rc = skip_entry(initrd, &off, diag);
		if (rc)
			return rc;
		has_entry = true;
	}
	return has_entry ? 0 : ks_fail(diag, -EBADMSG, 0, "initrd holds nothing but zeros");
}
