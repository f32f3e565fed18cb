// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/keyring_insert.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "fmt/bzimage.h"
#include "fmt/elf.h"
#include "fmt/pe.h"
#include "kernel/image.h"

void ks_keyring_inserted_done(struct ks_keyring_inserted *inserted)
{
	ks_keyring_done(&inserted->before);
	ks_keyring_done(&inserted->after);
}

/* @over: by how many bytes something is too long */
static int fail_over(struct ks_diag *diag, const char *what, u64 over, u64 room)
{
	char detail[80];

	snprintf(detail, sizeof(detail), "%" PRIu64 " bytes too long for %" PRIu64, over, room);
	return ks_fail_detail(diag, -E2BIG, what, detail);
}

/* A vmlinux, or a bzImage that nobody signed yet? */
static int check_kind(const struct ks_kernel_image *image, struct ks_diag *diag)
{
	struct ks_span file = ks_buf_span(&image->file), magic;
	struct ks_pe_view pe;
	int rc;

	if (ks_elf_probe(file))
		return 0;
	if (!ks_bzimage_probe(file))
		return ks_fail(diag, -EOPNOTSUPP, 0,
			       "neither a vmlinux nor a bzImage, embed into that and build the rest from it");
	/* Without CONFIG_EFI_STUB it is no PE image. */
	if (!ks_span_sub(file, 0, 2, &magic) || !ks_span_eq(magic, ks_span_str("MZ")))
		return 0;
	rc = ks_pe_parse(file, &pe, diag);
	if (!rc && pe.certs.bytes)
		rc = ks_fail(diag, -EOPNOTSUPP, pe.cert_off,
			     "kernel is signed, and would not verify any more: strip it, embed, sign it again");
	return rc;
}

/* May it be put into this kernel? */
static int check_wanted(const struct ks_keyring *before, const struct ks_keyring *add, u64 now,
			struct ks_diag *diag)
{
	size_t i;

	for (i = 0; i < add->nr_entries; i++) {
		const struct ks_keyring_entry *there = ks_keyring_find(before, &add->entry[i].fingerprint);

		if (!there || !(there->purposes & KS_PURPOSE_REVOKED))
			continue;
		ks_fail(diag, -EKEYREJECTED, KS_NO_OFF,
			"kernel has this certificate on its list of revoked ones, and trusts nothing by it");
		ks_diag_in(diag, add->entry[i].name);
		return -EKEYREJECTED;
	}
	return ks_keyring_check(add, now, true, diag);
}

/* Those of @wanted that the kernel's build did not put in. */
static int select_new(const struct ks_keyring *wanted, const struct ks_keyring *built_in,
		      struct ks_keyring *add, struct ks_diag *diag)
{
	size_t i, nr = 0;
	int rc = 0;

	for (i = 0; !rc && i < wanted->nr_entries; i++) {
		const struct ks_keyring_entry *entry = &wanted->entry[i];

		if (wanted->says && !(entry->purposes & KS_PURPOSE_BUILTIN))
			continue;
		nr++;
		if (!ks_keyring_find(built_in, &entry->fingerprint))
			rc = ks_keyring_add_cert(add, entry->name, KS_PURPOSE_BUILTIN, &entry->cert, diag);
	}
	if (!rc && !nr)
		rc = ks_fail(diag, -EINVAL, KS_NO_OFF,
			     "keyring has no certificate for builtin, so none to embed");
	return rc;
}

static int put_certs(const struct ks_keyring *add, struct ks_buf *list, struct ks_diag *diag)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < add->nr_entries; i++) {
		__cleanup(ks_buf_done) struct ks_buf der = { 0 };

		rc = ks_cert_der(&add->entry[i].cert, &der, diag);
		if (!rc)
			ks_put(list, ks_buf_span(&der));
	}
	return rc ? rc : ks_buf_ok(list, diag);
}

/* The bytes of insert-sys-cert: the certificates, zeros behind them, and both lengths. */
static int patch(struct ks_kernel_image *image, struct ks_buf *list, struct ks_diag *diag)
{
	struct ks_buf *kernel = image->unpacked.bytes ? &image->unpacked : &image->file;
	const struct ks_cert_reserve r = image->reserve;
	u64 used = list->bytes, size = r.off - r.list_off + used;

	ks_put_fill(list, 0, r.bytes - used);
	if (ks_buf_ok(list, diag))
		return -ENOMEM;
	ks_buf_patch(kernel, r.off, ks_buf_span(list));
	ks_buf_patch_le32(kernel, r.used_off, (u32)used);
	ks_buf_patch_le32(kernel, r.size_off, (u32)size);
	ks_buf_patch_le32(kernel, r.size_off + 4, (u32)(size >> 32));
	return ks_buf_ok(kernel, diag);
}

/* The kernel that was patched, compressed into its place. */
static int pack(const struct ks_kernel_image *image, struct ks_keyring_inserted *inserted,
		struct ks_buf *ret_file, struct ks_diag *diag)
{
	bool is_gzip = image->compression == KS_COMPRESS_GZIP;
	struct ks_span file = ks_buf_span(&image->file), kernel = ks_buf_span(&image->unpacked);
	struct ks_bzimage_view view;
	unsigned int attempt;
	u64 room, least = UINT64_MAX;
	int rc = ks_bzimage_parse(file, &view, diag);

	if (rc)
		return rc;
	room = ks_bzimage_room(&view, is_gzip);
	for (attempt = 0; attempt < KS_KERNEL_ATTEMPTS; attempt++) {
		__cleanup(ks_buf_done) struct ks_buf stream = { 0 };

		rc = ks_compress_kernel(image->compression, kernel, attempt, &stream, diag);
		if (rc)
			return rc;
		if (stream.bytes < least)
			least = stream.bytes;
		if (stream.bytes > room)
			continue;
		inserted->payload_bytes = room;
		inserted->payload_used_bytes = stream.bytes;
		return ks_bzimage_build(file, &view, ks_buf_span(&stream), is_gzip, (u32)kernel.bytes,
					ret_file, diag);
	}
	return fail_over(diag,
			 "kernel with these certificates does not compress into its place, build it anew "
			 "or embed fewer",
			 least - room, room);
}

/* CheckSum is 0 as the kernel's build leaves it; a tool that signed the image before has set it. */
static int set_checksum(struct ks_buf *file, struct ks_diag *diag)
{
	struct ks_pe_view pe;

	if (ks_pe_parse(ks_buf_span(file), &pe, NULL) || !pe.checksum)
		return 0;
	ks_buf_patch_le32(file, pe.checksum_off, ks_pe_checksum(ks_buf_span(file), pe.checksum_off));
	return ks_buf_ok(file, diag);
}

/* What was made, read as any kernel is: it must have the list that was meant. */
static int read_back(struct ks_kernel_image *made, struct ks_span list, const char *name,
		     struct ks_keyring *ret_after, struct ks_diag *diag)
{
	int rc = ks_kernel_image_parse(made, diag);

	if (!rc && !ks_span_ends_with(made->trusted, list))
		rc = ks_fail(diag, -EIO, KS_NO_OFF, "kernel does not read back as it was written");
	return rc ? rc : ks_keyring_add_kernel(ret_after, name, made, diag);
}

/* @add: what goes into the reserve of @image */
static int insert(struct ks_kernel_image *image, const struct ks_keyring *add, const char *out_path,
		  struct ks_keyring_inserted *inserted, struct ks_diag *diag)
{
	__cleanup(ks_kernel_image_done) struct ks_kernel_image made = { .keep_file = true };
	__cleanup(ks_buf_done) struct ks_buf room = { 0 };
	struct ks_span list, content;
	int rc = put_certs(add, &room, diag);

	if (rc)
		return rc;
	inserted->used_bytes = room.bytes;
	inserted->reserve_bytes = image->reserve.bytes;
	if (room.bytes > image->reserve.bytes)
		return fail_over(diag, "certificates do not fit into the kernel's room for extra ones",
				 room.bytes - image->reserve.bytes, image->reserve.bytes);
	rc = patch(image, &room, diag);
	if (rc)
		return rc;
	if (image->unpacked.bytes)
		rc = pack(image, inserted, &made.file, diag);
	else
		ks_buf_move(&made.file, &image->file);
	if (!rc)
		rc = set_checksum(&made.file, diag);
	if (rc)
		return rc;
	if (!ks_span_sub(ks_buf_span(&room), 0, inserted->used_bytes, &list))
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "list of certificates is cut off");
	rc = read_back(&made, list, out_path, &inserted->after, diag);
	content = ks_buf_span(&made.file);
	return rc ? rc : ks_file_publish(out_path, &content, 1, 0644, diag);
}

int ks_keyring_insert(const struct ks_keyring *wanted, u64 now, const char *in_path,
		      const char *out_path, struct ks_keyring_inserted *ret_inserted,
		      struct ks_diag *diag)
{
	__cleanup(ks_kernel_image_done) struct ks_kernel_image image = { .keep_file = true };
	__cleanup(ks_keyring_done) struct ks_keyring built_in = { 0 };
	__cleanup(ks_keyring_done) struct ks_keyring add = { 0 };
	struct ks_span list;
	int rc = ks_kernel_image_load(in_path, &image, diag);

	if (!rc)
		rc = check_kind(&image, diag);
	if (!rc && !image.reserve.bytes)
		rc = ks_fail(diag, -ENODATA, KS_NO_OFF,
			     "kernel has no room for extra certificates, build it with "
			     "CONFIG_SYSTEM_EXTRA_CERTIFICATE");
	if (!rc && !ks_span_sub(image.image, image.reserve.list_off,
				image.reserve.off - image.reserve.list_off, &list))
		rc = ks_fail(diag, -EBADMSG, image.reserve.list_off, "list of certificates is cut off");
	if (!rc)
		rc = ks_keyring_add_kernel(&ret_inserted->before, in_path, &image, diag);
	if (!rc)
		rc = ks_keyring_add_list(&built_in, in_path, KS_PURPOSE_BUILTIN, list, diag);
	if (!rc)
		rc = select_new(wanted, &built_in, &add, diag);
	if (!rc)
		rc = check_wanted(&ret_inserted->before, &add, now, diag);
	if (!rc)
		rc = insert(&image, &add, out_path, ret_inserted, diag);
	ks_diag_in(diag, in_path);
	return rc;
}
