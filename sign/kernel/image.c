// SPDX-License-Identifier: LGPL-2.1-or-later
#include "kernel/image.h"

#include <errno.h>
#include <string.h>

#include "base/cursor.h"
#include "base/file.h"
#include "base/limits.h"
#include "fmt/bzimage.h"
#include "fmt/compress.h"
#include "fmt/elf.h"
#include "fmt/ikconfig.h"
#include "fmt/pe.h"
#include "kernel/image_internal.h"

#define ARM64_MAGIC_OFF 0x38
#define ARM64_MAGIC 0x644d5241U
#define ZBOOT_MAGIC 0x676d697aU

void ks_kernel_image_done(struct ks_kernel_image *image)
{
	ks_buf_done(&image->file);
	ks_buf_done(&image->unpacked);
	ks_buf_done(&image->config);
}

static bool starts_with(struct ks_span file, const char *magic)
{
	struct ks_span head;

	return ks_span_sub(file, 0, strlen(magic), &head) && ks_span_eq(head, ks_span_str(magic));
}

bool ks_kernel_image_probe(struct ks_span file)
{
	return ks_elf_probe(file) || ks_bzimage_probe(file) || starts_with(file, "MZ");
}

static u32 word_at(struct ks_span file, u64 off)
{
	struct ks_cursor c;

	ks_cursor_init(&c, file, 0);
	ks_cursor_skip(&c, off);
	return ks_get_le32(&c);
}

static int unpack(struct ks_span file, struct ks_kernel_image *image, struct ks_diag *diag)
{
	struct ks_bzimage_view view;
	enum ks_compression kind;
	struct ks_span stream;
	u32 bytes = 0;
	int rc = ks_bzimage_parse(file, &view, diag);

	if (rc)
		return rc;
	kind = ks_compression_of(view.payload);
	if (kind == KS_COMPRESS_NONE)
		return ks_fail(diag, -EOPNOTSUPP, view.payload_off,
			       "kernel is compressed with none of gzip, xz, lzma and zstd");
	rc = ks_bzimage_cut(&view, kind == KS_COMPRESS_GZIP, &stream, &bytes, diag);
	if (rc)
		return rc;
	if (bytes > KS_MAX_KERNEL_BYTES)
		return ks_fail(diag, -E2BIG, view.payload_off, "kernel unpacks to over 1 GiB");
	rc = ks_decompress(kind, stream, bytes, &image->unpacked, diag);
	if (rc)
		return rc;
	if (image->unpacked.bytes != bytes)
		return ks_fail_range(diag, view.payload_off, "unpacked kernel", bytes,
				     image->unpacked.bytes);
	image->image = ks_buf_span(&image->unpacked);
	if (!ks_elf_probe(image->image))
		return ks_fail(diag, -EBADMSG, view.payload_off, "payload is no ELF kernel");
	return 0;
}

static int unpack_uki(struct ks_span file, struct ks_kernel_image *image, struct ks_diag *diag)
{
	const struct ks_pe_section *section;
	struct ks_pe_view view;
	struct ks_span kernel;
	int rc = ks_pe_parse(file, &view, diag);

	if (rc)
		return rc;
	section = ks_pe_find(&view, ".linux");
	if (!section)
		return ks_fail(diag, -EBADMSG, KS_NO_OFF,
			       "PE image is neither an x86 kernel nor a UKI, it has no .linux section");
	/* The section's data is padded; the kernel itself does not mind. */
	kernel = section->raw;
	if (!ks_bzimage_probe(kernel))
		return ks_fail(diag, -EOPNOTSUPP, section->raw_off,
			       "kernel inside of the UKI is no x86 bzImage");
	return unpack(kernel, image, diag);
}

static int find_kernel(struct ks_kernel_image *image, struct ks_diag *diag)
{
	struct ks_span file = ks_buf_span(&image->file);

	if (ks_elf_probe(file)) {
		image->image = file;
		return 0;
	}
	if (ks_bzimage_probe(file))
		return unpack(file, image, diag);
	if (word_at(file, 4) == ZBOOT_MAGIC || word_at(file, ARM64_MAGIC_OFF) == ARM64_MAGIC)
		return ks_fail(diag, -EOPNOTSUPP, 0,
			       "arm64 kernel image, give the vmlinux of the same build");
	if (starts_with(file, "MZ"))
		return unpack_uki(file, image, diag);
	return ks_fail(diag, -EBADMSG, 0, "neither a vmlinux, a bzImage nor a UKI");
}

static int load_config(struct ks_kernel_image *image, struct ks_diag *diag)
{
	struct ks_span gzip;
	int rc = ks_ikconfig_find(image->image, &gzip, NULL);

	if (rc == -ENODATA)
		return 0;
	rc = ks_ikconfig_find(image->image, &gzip, diag);
	return rc ? rc :
		    ks_decompress(KS_COMPRESS_GZIP, gzip, KS_MAX_TEXT_BYTES, &image->config, diag);
}

int ks_kernel_image_load(const char *path, struct ks_kernel_image *ret_image, struct ks_diag *diag)
{
	int rc = ks_file_load(path, KS_MAX_IMAGE_BYTES, &ret_image->file, diag);

	if (!rc)
		rc = find_kernel(ret_image, diag);
	/* Two copies of a kernel at a time are enough. */
	if (!rc && ret_image->unpacked.bytes)
		ks_buf_done(&ret_image->file);
	if (!rc)
		rc = load_config(ret_image, diag);
	if (!rc)
		rc = ks_kernel_image_find_lists(ret_image, diag);
	ks_diag_in(diag, path);
	return rc;
}
