// SPDX-License-Identifier: LGPL-2.1-or-later
#include "kernel/image.h"

#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "crypto/cert.h"
#include "fmt/arm64_image.h"
#include "fmt/bzimage.h"
#include "fmt/certlist.h"
#include "fmt/compress.h"
#include "fmt/elf.h"
#include "fmt/ikconfig.h"
#include "fmt/pe.h"
#include "fmt/zboot.h"

/* __NEW_UTS_LEN, and the blank behind it. */
#define MAX_RELEASE_BYTES 65U

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
	return ks_elf_probe(file) || ks_bzimage_probe(file) || ks_arm64_image_probe(file) ||
	       starts_with(file, "MZ");
}

/* Unpack the one layer of compression that a kernel image has. @bytes: what its header says it gives. */
static int unpack(enum ks_compression kind, struct ks_span stream, u64 stream_off, u32 bytes,
		  struct ks_kernel_image *image, struct ks_diag *diag)
{
	int rc;

	if (bytes > KS_MAX_KERNEL_BYTES)
		return ks_fail(diag, -E2BIG, stream_off, "kernel unpacks to over 1 GiB");
	rc = ks_decompress(kind, stream, bytes, &image->unpacked, diag);
	if (rc)
		return rc;
	if (image->unpacked.bytes != bytes)
		return ks_fail_range(diag, stream_off, "unpacked kernel", bytes, image->unpacked.bytes);
	image->image = ks_buf_span(&image->unpacked);
	return 0;
}

static int unpack_bzimage(struct ks_span file, struct ks_kernel_image *image, struct ks_diag *diag)
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
	if (!rc)
		rc = unpack(kind, stream, view.payload_off, bytes, image, diag);
	if (!rc && !ks_elf_probe(image->image))
		rc = ks_fail(diag, -EBADMSG, view.payload_off, "payload is not an ELF kernel");
	return rc;
}

/* What Makefile.zboot of 6.18 knows; older kernels had others, which are refused by their name. */
static enum ks_compression zboot_compression(struct ks_span name)
{
	static const struct {
		const char *name;
		enum ks_compression kind;
	} known[] = { { "gzip", KS_COMPRESS_GZIP }, { "zstd", KS_COMPRESS_ZSTD } };
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(known); i++)
		if (ks_span_eq(name, ks_span_str(known[i].name)))
			return known[i].kind;
	return KS_COMPRESS_NONE;
}

static int unpack_zboot(struct ks_span file, struct ks_kernel_image *image, struct ks_diag *diag)
{
	enum ks_compression kind;
	struct ks_zboot_view view;
	int rc = ks_zboot_parse(file, &view, diag);

	if (rc)
		return rc;
	kind = zboot_compression(view.compression);
	if (kind == KS_COMPRESS_NONE)
		return ks_fail(diag, -EOPNOTSUPP, view.stream_off,
			       "EFI kernel is compressed with neither gzip nor zstd");
	if (ks_compression_of(view.stream) != kind)
		return ks_fail(diag, -EBADMSG, view.stream_off,
			       "EFI kernel is not compressed with what its header says");
	rc = unpack(kind, view.stream, view.stream_off, view.unpacked_bytes, image, diag);
	if (!rc && !ks_arm64_image_probe(image->image))
		rc = ks_fail(diag, -EOPNOTSUPP, view.stream_off, "payload is not an arm64 Image");
	return rc;
}

/* The kernel itself, which a file or the .linux of a UKI is. Return: 1 if it is none. */
static int unpack_kernel(struct ks_span kernel, struct ks_kernel_image *image, struct ks_diag *diag)
{
	if (ks_bzimage_probe(kernel))
		return unpack_bzimage(kernel, image, diag);
	if (ks_zboot_probe(kernel))
		return unpack_zboot(kernel, image, diag);
	if (!ks_arm64_image_probe(kernel))
		return 1;
	image->image = kernel;
	return 0;
}

static int unpack_uki(struct ks_span file, struct ks_kernel_image *image, struct ks_diag *diag)
{
	const struct ks_pe_section *section;
	struct ks_pe_view view;
	int rc = ks_pe_parse(file, &view, diag);

	if (rc)
		return rc;
	section = ks_pe_find(&view, ".linux");
	if (!section)
		return ks_fail(diag, -EBADMSG, KS_NO_OFF,
			       "PE image is neither a kernel nor a UKI, it has no .linux section");
	/* The section's data is padded; the kernel itself does not mind. */
	rc = unpack_kernel(section->raw, image, diag);
	if (rc > 0)
		return ks_fail(diag, -EOPNOTSUPP, section->raw_off,
			       "kernel inside of the UKI is neither an x86 bzImage nor one of arm64");
	return rc;
}

static int find_kernel(struct ks_kernel_image *image, struct ks_diag *diag)
{
	struct ks_span file = ks_buf_span(&image->file);
	int rc;

	if (ks_elf_probe(file)) {
		image->image = file;
		return 0;
	}
	rc = unpack_kernel(file, image, diag);
	if (rc <= 0)
		return rc;
	if (starts_with(file, "MZ"))
		return unpack_uki(file, image, diag);
	return ks_fail(diag, -EBADMSG, 0, "neither a vmlinux, a bzImage, an arm64 kernel nor a UKI");
}

/* "Linux version 6.18.15 (user@host) ...": init/version-timestamp.c. Others have its first words. */
static bool find_banner(struct ks_span in, struct ks_span *ret_release)
{
	const struct ks_span mark = ks_span_str("Linux version ");
	struct ks_span rest = in, head;
	const u8 *hit;

	while (rest.bytes && (hit = memmem(rest.p, rest.bytes, mark.p, mark.bytes))) {
		u64 off = (u64)(hit - rest.p) + mark.bytes;

		if (!ks_span_sub(rest, off, rest.bytes - off, &rest))
			return false;
		if (!ks_span_sub(rest, 0, rest.bytes < MAX_RELEASE_BYTES ? rest.bytes : MAX_RELEASE_BYTES, &head))
			return false;
		if (ks_span_word(&head, ret_release) && head.bytes && ret_release->p[0] >= '0' &&
		    ret_release->p[0] <= '9')
			return true;
	}
	return false;
}

bool ks_kernel_release(struct ks_span kernel, struct ks_buf *ret_release)
{
	__cleanup(ks_kernel_image_done) struct ks_kernel_image image = { 0 };
	struct ks_span release = ks_bzimage_release(kernel);

	if (!release.bytes && (ks_bzimage_has_header(kernel) || unpack_kernel(kernel, &image, NULL) ||
			       !find_banner(image.image, &release)))
		return false;
	ks_put(ret_release, release);
	return release.bytes && !ks_buf_ok(ret_release, NULL);
}

/* The lists of certificates in a kernel, by their symbols or by their shape. */

/* One list by its symbol and the symbol of its length; it is empty when the kernel has none. */
static int list_of(struct ks_span image, const struct ks_elf_symbol *start,
		   const struct ks_elf_symbol *size, struct ks_span *ret_list, struct ks_diag *diag)
{
	u64 bytes = 0;

	if (!start->found && !size->found)
		return 0;
	if (!start->found || !size->found || !ks_certlist_size(image, size->off, &bytes) ||
	    !ks_span_sub(image, start->off, bytes, ret_list))
		return ks_fail_detail(diag, -EBADMSG, "list of certificates is not inside the kernel",
				      start->name);
	return 0;
}

static int by_symbols(struct ks_kernel_image *image, struct ks_diag *diag)
{
	struct ks_elf_symbol symbols[] = {
		{ .name = "system_certificate_list" },
		{ .name = "system_certificate_list_size" },
		{ .name = "module_cert_size" },
		{ .name = "revocation_certificate_list" },
		{ .name = "revocation_certificate_list_size" },
	};
	int rc = ks_elf_find_symbols(image->image, symbols, KS_ARRAY_SIZE(symbols), diag);

	if (rc)
		return rc;
	if (!symbols[0].found || !symbols[2].found)
		return ks_fail(diag, -EBADMSG, KS_NO_OFF,
			       "kernel has no list of built-in certificates");
	rc = list_of(image->image, &symbols[0], &symbols[1], &image->trusted, diag);
	if (!rc)
		rc = list_of(image->image, &symbols[3], &symbols[4], &image->revoked, diag);
	if (rc)
		return rc;
	if (!ks_certlist_size(image->image, symbols[2].off, &image->module_cert_bytes) ||
	    image->module_cert_bytes > image->trusted.bytes)
		return ks_fail(diag, -EBADMSG, symbols[2].off,
			       "module key's certificates are longer than the list");
	return 0;
}

/* Is the next of @list a certificate, or does it only start like one? */
static bool next_is_certificate(struct ks_span *list)
{
	__cleanup(ks_cert_done) struct ks_cert cert = { 0 };
	struct ks_span der;

	return ks_certlist_strict(list, &der) && !ks_cert_parse(der, &cert, NULL);
}

/* ".align 8" of certs/system_certificates.S: 8 bytes to the assembler of x86, and 2^8 to that of arm64. */
static u64 list_align(struct ks_span image)
{
	return ks_arm64_image_probe(image) || ks_elf_machine(image) == EM_AARCH64 ? 1U << 8 : 8;
}

/**
 * list_at() - is there a list: certificates, and behind them the length of them all?
 * @align: list_align()
 * @off: where it may start
 * @ret_size_off: where the length stands
 *
 * Headers are followed first, and certificates parsed, each once, where a length fits: any place may
 * look like a start, and those of a chain would be parsed again from each of its members.
 *
 * Return: 1, 0; -E2BIG if there are more than KS_MAX_LIST_CERTS.
 */
static int list_at(struct ks_span image, u64 align, u64 off, struct ks_span *ret_list, u64 *ret_size_off)
{
	struct ks_span rest, unparsed, der;
	u64 bytes = 0, size_off, size;
	size_t nr = 0, nr_parsed = 0;

	if (!ks_span_sub(image, off, image.bytes - off, &rest))
		return 0;
	for (unparsed = rest; ks_certlist_strict(&rest, &der); nr++) {
		if (nr == KS_MAX_LIST_CERTS)
			return -E2BIG;
		bytes += der.bytes;
		size_off = ks_align_up(off + bytes, align);
		if (!ks_certlist_size(image, size_off, &size) || size != bytes)
			continue;
		for (; nr_parsed <= nr; nr_parsed++)
			if (!next_is_certificate(&unparsed))
				return 0;
		*ret_size_off = size_off;
		return ks_span_sub(image, off, bytes, ret_list);
	}
	return 0;
}

static int too_many(struct ks_diag *diag, u64 off)
{
	return ks_fail(diag, -EBADMSG, off,
		       "kernel has several lists of certificates, give the vmlinux with its symbols");
}

/* certs/Makefile links the trusted list before the revoked one. */
static int by_shape(struct ks_kernel_image *image, struct ks_diag *diag)
{
	struct ks_span in = image->image, list[2] = { 0 };
	u64 off, size_off = 0, first_size_off = 0, align = list_align(in);
	size_t nr_lists = 0;

	for (off = 0; off + align <= in.bytes; off += align) {
		struct ks_span found;
		int rc;

		if (in.p[off] != 0x30 || in.p[off + 1] != 0x82)
			continue;
		rc = list_at(in, align, off, &found, &size_off);
		if (rc < 0)
			return ks_fail(diag, rc, off,
				       "over 256 certificates in a row, give the vmlinux with its symbols");
		if (!rc)
			continue;
		if (nr_lists == KS_ARRAY_SIZE(list))
			return too_many(diag, off);
		if (!nr_lists)
			first_size_off = size_off;
		list[nr_lists++] = found;
		off = size_off;
	}
	if (!nr_lists)
		return ks_fail(diag, -EBADMSG, KS_NO_OFF,
			       "no list of certificates found, give the vmlinux with its symbols");
	image->trusted = list[0];
	image->revoked = list[1];
	if (!ks_certlist_size(in, first_size_off + align, &image->module_cert_bytes) ||
	    image->module_cert_bytes > list[0].bytes)
		return ks_fail(diag, -EBADMSG, first_size_off,
			       "what is found is not the list of built-in certificates");
	return 0;
}

/* What the configuration says of the revoked list must be what was found. */
static int check_against_config(const struct ks_kernel_image *image, struct ks_diag *diag)
{
	struct ks_span config = ks_buf_span(&image->config), keys = { 0 };
	bool wanted;

	if (!config.bytes)
		return 0;
	if (ks_kconfig_is_on(config, "CONFIG_SYSTEM_EXTRA_CERTIFICATE"))
		return ks_fail(diag, -EOPNOTSUPP, KS_NO_OFF,
			       "kernel has room for an extra certificate, give the vmlinux");
	wanted = ks_kconfig_value(config, "CONFIG_SYSTEM_REVOCATION_KEYS", &keys) && keys.bytes;
	if (wanted != (image->revoked.bytes > 0))
		return ks_fail(diag, -EBADMSG, KS_NO_OFF,
			       "list of revoked certificates is not what the configuration inside "
			       "says");
	return 0;
}

int ks_kernel_image_find_lists(struct ks_kernel_image *image, struct ks_diag *diag)
{
	int rc = ks_elf_probe(image->image) ? by_symbols(image, NULL) : -ENODATA;

	/* Asked again for the reason; to have no symbols is not an error. */
	if (rc != -ENODATA)
		return rc ? by_symbols(image, diag) : 0;
	rc = by_shape(image, diag);
	return rc ? rc : check_against_config(image, diag);
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
