// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * An initrd as the kernel's init/initramfs.c reads it: archives of newc, each entry at a multiple of 4,
 * or a compression of lib/decompress.c at any place.
 */
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "fmt/cpio.h"
#include "kernel/initrd.h"

/* PATH_MAX: the kernel takes no longer name, with its NUL. */
#define MAX_NAME_BYTES 4096U

const char *ks_kernel_compression(struct ks_span file, u64 off)
{
	static const struct {
		u8 magic[6];
		size_t bytes;
		const char *name;
	} known[] = {
		{ { 0x1f, 0x8b }, 2, "gzip" },
		{ { 0x1f, 0x9e }, 2, "old gzip" },
		{ "BZh", 3, "bzip2" },
		{ { 0x5d, 0 }, 2, "lzma" },
		{ { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6, "xz" },
		{ { 0x89, 'L', 'Z', 'O', 0, 0x0d }, 6, "lzo" },
		{ { 0x02, 0x21, 0x4c, 0x18 }, 4, "lz4" }, /* legacy */
		{ { 0x28, 0xb5, 0x2f, 0xfd }, 4, "zstd" },
	};
	struct ks_span head;
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(known); i++)
		if (ks_span_sub(file, off, known[i].bytes, &head) &&
		    !memcmp(head.p, known[i].magic, known[i].bytes))
			return known[i].name;
	return NULL;
}

static int check_magic(enum ks_cpio_magic magic, u64 off, struct ks_diag *diag)
{
	if (magic == KS_CPIO_NEWC || magic == KS_CPIO_NEWC_SUM)
		return 0;
	if (magic == KS_CPIO_ODC)
		return ks_fail(diag, -EBADMSG, off,
			       "initrd is a cpio archive of the old form, make it with cpio -H newc");
	return ks_fail(diag, -EBADMSG, off,
		       "initrd is neither a cpio archive of newc nor a compression that the kernel knows");
}

/* Content of anything else sends the kernel's reader to a state of the entry before. */
static bool may_have_content(u32 mode)
{
	return (mode & KS_CPIO_TYPE_MASK) == KS_CPIO_TYPE_FILE || (mode & KS_CPIO_TYPE_MASK) == KS_CPIO_TYPE_LINK;
}

/* The kernel adds up the bytes of files only. */
static bool is_sum_right(struct ks_span content, u32 mode, u32 sum)
{
	size_t i;

	if ((mode & KS_CPIO_TYPE_MASK) != KS_CPIO_TYPE_FILE)
		return true;
	for (i = 0; i < content.bytes; i++)
		sum -= content.p[i];
	return !sum;
}

/* @off: in: of an entry; out: of what follows it, at a multiple of 4 */
static int read_entry(struct ks_span initrd, u64 *off, struct ks_initrd_part *ret_part,
		      struct ks_diag *diag)
{
	struct ks_span header, name, content;
	struct ks_cpio_header h;
	enum ks_cpio_magic magic;
	u64 content_off;
	int rc;

	if (!ks_span_sub(initrd, *off, KS_CPIO_HEADER_BYTES, &header))
		return ks_fail(diag, -EBADMSG, *off,
			       "initrd is neither a cpio archive nor compressed, or is cut off");
	magic = ks_cpio_magic_of(header);
	rc = check_magic(magic, *off, diag);
	if (rc)
		return rc;
	if (!ks_cpio_header_parse(header, &h) || !h.name_bytes || h.name_bytes > MAX_NAME_BYTES ||
	    (h.content_bytes && !may_have_content(h.mode)))
		return ks_fail(diag, -EBADMSG, *off, "initrd has an entry whose header is broken");
	content_off = ks_align_up(*off + KS_CPIO_HEADER_BYTES + h.name_bytes, 4);
	if (!ks_span_sub(initrd, *off + KS_CPIO_HEADER_BYTES, h.name_bytes, &name) ||
	    !ks_span_sub(initrd, content_off, h.content_bytes, &content))
		return ks_fail(diag, -EBADMSG, *off, "initrd is cut off inside of an entry");
	if (name.p[h.name_bytes - 1])
		return ks_fail(diag, -EBADMSG, *off, "initrd has an entry whose name does not end");
	if (magic == KS_CPIO_NEWC_SUM && !is_sum_right(content, h.mode, h.sum))
		return ks_fail(diag, -EBADMSG, *off, "initrd has a file with another checksum");
	*off = ks_align_up(content_off + h.content_bytes, 4);
	name.bytes--;
	*ret_part = (struct ks_initrd_part){ .mode = h.mode, .name = name, .content = content };
	return 0;
}

int ks_initrd_next(struct ks_initrd_iter *iter, struct ks_initrd_part *ret_part, struct ks_diag *diag)
{
	struct ks_span initrd = iter->initrd;
	const char *compression;
	int rc;

	for (; iter->off < initrd.bytes && !initrd.p[iter->off]; iter->off++)
		;
	if (iter->off >= initrd.bytes)
		return KS_INITRD_END;
	/* In between the kernel takes zeros, but an archive resumes at a multiple of 4. */
	if (iter->has_entry && iter->off % 4)
		return ks_fail(diag, -EBADMSG, iter->off,
			       "initrd goes on at no multiple of 4 behind an archive");
	compression = ks_kernel_compression(initrd, iter->off);
	if (compression) {
		*ret_part = (struct ks_initrd_part){ .compression = compression };
		return ks_span_sub(initrd, iter->off, initrd.bytes - iter->off, &ret_part->content) ?
			       KS_INITRD_COMPRESSED : -EINVAL;
	}
	if (initrd.p[iter->off] != '0' || iter->off % 4)
		return ks_fail(diag, -EBADMSG, iter->off,
			       iter->has_entry ? "initrd has neither an archive nor a compression "
						 "that the kernel knows behind an archive" :
						 "initrd is neither a cpio archive of newc nor a "
						 "compression that the kernel knows");
	rc = read_entry(initrd, &iter->off, ret_part, diag);
	if (rc)
		return rc;
	iter->has_entry = true;
	return KS_INITRD_ENTRY;
}

int ks_kernel_check_initrd(struct ks_span initrd, struct ks_diag *diag)
{
	struct ks_initrd_iter iter = { .initrd = initrd };
	struct ks_initrd_part part;
	int rc;

	if (!initrd.bytes)
		return ks_fail(diag, -EBADMSG, 0, "initrd is empty");
	do
		rc = ks_initrd_next(&iter, &part, diag);
	while (rc == KS_INITRD_ENTRY);
	if (rc)
		return rc == KS_INITRD_COMPRESSED ? 0 : rc;
	return iter.has_entry ? 0 : ks_fail(diag, -EBADMSG, 0, "initrd holds nothing but zeros");
}
