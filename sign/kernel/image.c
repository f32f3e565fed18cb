// SPDX-License-Identifier: LGPL-2.1-or-later
#include "kernel/image.h"

#include <errno.h>
#include <stdlib.h>
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
#include "fmt/kallsyms.h"
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

/* How boot loaders of arm64 get an Image (Image.gz, Image.zst): without a header of its own. */
static bool is_packed_whole(struct ks_span file)
{
	enum ks_compression kind = ks_compression_of(file);

	return kind == KS_COMPRESS_GZIP || kind == KS_COMPRESS_ZSTD || kind == KS_COMPRESS_LZ4 || kind == KS_COMPRESS_XZ;
}

int ks_kernel_unpack_whole(struct ks_span file, struct ks_buf *ret_image, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf image = { 0 };
	int rc;

	if (!is_packed_whole(file))
		return 0;
	rc = ks_decompress(ks_compression_of(file), file, KS_MAX_KERNEL_BYTES, &image, diag);
	if (!rc && !ks_arm64_image_probe(ks_buf_span(&image)))
		rc = ks_fail(diag, -EOPNOTSUPP, 0,
			     "file is compressed as a whole, and there is no arm64 Image in it, decompress it first");
	if (!rc)
		ks_buf_move(ret_image, &image);
	return rc;
}

bool ks_kernel_image_probe(struct ks_span file)
{
	return is_packed_whole(file) || ks_elf_probe(file) || ks_bzimage_probe(file) || ks_arm64_image_probe(file) ||
	       starts_with(file, "MZ");
}

/*
 * Unpack the one layer of compression that a kernel image has. @bytes: what its header says it gives.
 * @ret_used: how much of @stream it was.
 */
static int unpack(enum ks_compression kind, struct ks_span stream, u64 stream_off, u32 bytes,
		  u64 *ret_used, struct ks_kernel_image *image, struct ks_diag *diag)
{
	int rc;

	if (bytes > KS_MAX_KERNEL_BYTES)
		return ks_fail(diag, -E2BIG, stream_off, "kernel unpacks to over 1 GiB");
	rc = ks_decompress_prefix(kind, stream, bytes, &image->unpacked, ret_used, diag);
	if (rc)
		return rc;
	image->compression = kind;
	if (image->unpacked.bytes != bytes)
		return ks_fail_range(diag, stream_off, "unpacked kernel", bytes, image->unpacked.bytes);
	image->image = ks_buf_span(&image->unpacked);
	return 0;
}

static int fail_behind(u64 off, struct ks_diag *diag)
{
	return ks_fail(diag, -EBADMSG, off,
		       "bytes behind the compressed stream, which the kernel would not read");
}

/* Zeros, of a stream that was put into the place of a longer one; behind gzip's the length once more. */
static int check_behind(const struct ks_bzimage_view *view, struct ks_span stream, u64 used, bool is_gzip,
			struct ks_diag *diag)
{
	struct ks_span rest;

	if (!ks_span_sub(stream, used, stream.bytes - used, &rest))
		return -EINVAL;
	if (is_gzip && rest.bytes >= 4)
		rest.bytes -= 4;
	return ks_span_is_zero(rest) ? 0 : fail_behind(view->payload_off + used, diag);
}

static int unpack_bzimage(struct ks_span file, struct ks_kernel_image *image, struct ks_diag *diag)
{
	struct ks_bzimage_view view;
	enum ks_compression kind;
	struct ks_span stream;
	u64 used = 0;
	u32 bytes = 0;
	int rc = ks_bzimage_parse(file, &view, diag);

	if (rc)
		return rc;
	kind = ks_compression_of(view.payload);
	if (kind == KS_COMPRESS_NONE)
		return ks_fail(diag, -EOPNOTSUPP, view.payload_off,
			       "kernel is compressed with none of gzip, xz, lzma, zstd and lz4");
	rc = ks_bzimage_cut(&view, kind == KS_COMPRESS_GZIP, &stream, &bytes, diag);
	if (!rc)
		rc = unpack(kind, stream, view.payload_off, bytes, &used, image, diag);
	if (!rc)
		rc = check_behind(&view, stream, used, kind == KS_COMPRESS_GZIP, diag);
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
	u64 used = 0;
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
	rc = unpack(kind, view.stream, view.stream_off, view.unpacked_bytes, &used, image, diag);
	if (!rc && used != view.stream.bytes)
		rc = fail_behind(view.stream_off + used, diag);
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
	/* Not what pads it in the file: that is no part of an Image. */
	rc = unpack_kernel(ks_pe_loaded(section), image, diag);
	if (rc > 0)
		return ks_fail(diag, -EOPNOTSUPP, section->raw_off,
			       "kernel inside of the UKI is neither an x86 bzImage nor one of arm64");
	return rc;
}

static int find_kernel(struct ks_span file, struct ks_kernel_image *image, struct ks_diag *diag)
{
	int rc;

	if (ks_elf_probe(file)) {
		image->image = file;
		return 0;
	}
	if (is_packed_whole(file)) {
		if (image->keep_file)
			return ks_fail(diag, -EOPNOTSUPP, 0, "kernel is compressed as a whole, decompress it first");
		rc = ks_kernel_unpack_whole(file, &image->unpacked, diag);
		image->image = ks_buf_span(&image->unpacked);
		return rc;
	}
	rc = unpack_kernel(file, image, diag);
	if (rc <= 0)
		return rc;
	if (starts_with(file, "MZ"))
		return unpack_uki(file, image, diag);
	return ks_fail(diag, -EBADMSG, 0, "neither a vmlinux, a bzImage, an arm64 kernel nor a UKI");
}

/* "Linux version 6.18.15 (user@host) ...": init/version-timestamp.c. Others have its first words. */
bool ks_kernel_banner(struct ks_span in, struct ks_span *ret_release)
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
			       !ks_kernel_banner(image.image, &release)))
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

/* What certs/ calls them; the order is that of the names below. */
enum {
	LIST,
	LIST_SIZE,
	MODULE_SIZE,
	REVOKED,
	REVOKED_SIZE,
	EXTRA,
	EXTRA_USED,
	NR_SYMBOLS,
};

static const char *const symbol_names[NR_SYMBOLS] = {
	"system_certificate_list",     "system_certificate_list_size",	   "module_cert_size",
	"revocation_certificate_list", "revocation_certificate_list_size", "system_extra_cert",
	"system_extra_cert_used",
};

static int fail_reserve(struct ks_diag *diag, u64 off)
{
	return ks_fail(diag, -EBADMSG, off,
		       "room for an extra certificate is not as certs/system_certificates.S lays it out");
}

/* The lists of a kernel whose symbols are known. */
static int by_names(struct ks_kernel_image *image, const struct ks_elf_symbol *symbols,
		    struct ks_diag *diag)
{
	struct ks_cert_reserve *reserve = &image->reserve;
	int rc;

	if (!symbols[LIST].found || !symbols[MODULE_SIZE].found)
		return ks_fail(diag, -EBADMSG, KS_NO_OFF,
			       "kernel has no list of built-in certificates");
	rc = list_of(image->image, &symbols[LIST], &symbols[LIST_SIZE], &image->trusted, diag);
	if (!rc)
		rc = list_of(image->image, &symbols[REVOKED], &symbols[REVOKED_SIZE], &image->revoked, diag);
	if (rc)
		return rc;
	if (!ks_certlist_size(image->image, symbols[MODULE_SIZE].off, &image->module_cert_bytes) ||
	    image->module_cert_bytes > image->trusted.bytes)
		return ks_fail(diag, -EBADMSG, symbols[MODULE_SIZE].off,
			       "module key's certificates are longer than the list");
	if (!symbols[EXTRA].found || !symbols[EXTRA_USED].found)
		return 0;
	*reserve = (struct ks_cert_reserve){
		.list_off = symbols[LIST].off,
		.off = symbols[EXTRA].off,
		.bytes = symbols[EXTRA].bytes,
		.used_off = symbols[EXTRA_USED].off,
		.size_off = symbols[LIST_SIZE].off,
	};
	return ks_cert_reserve_parse(image->image, reserve, &image->trusted) ? 0 :
									      fail_reserve(diag, reserve->off);
}

static int by_symbols(struct ks_kernel_image *image, struct ks_diag *diag)
{
	struct ks_elf_symbol symbols[NR_SYMBOLS] = { { 0 } };
	size_t i;
	int rc;

	for (i = 0; i < NR_SYMBOLS; i++)
		symbols[i].name = symbol_names[i];
	rc = ks_elf_find_symbols(image->image, symbols, NR_SYMBOLS, diag);
	return rc ? rc : by_names(image, symbols, diag);
}

/* Return: as by_symbols(); -ENODATA too if kallsyms has no data, as without CONFIG_KALLSYMS_ALL. */
static int by_kallsyms(struct ks_kernel_image *image, struct ks_diag *diag)
{
	struct ks_kallsyms_symbol known[NR_SYMBOLS] = { { 0 } };
	struct ks_elf_symbol symbols[NR_SYMBOLS] = { { 0 } };
	size_t i;
	int rc;

	for (i = 0; i < NR_SYMBOLS; i++)
		known[i].name = symbols[i].name = symbol_names[i];
	rc = ks_kallsyms_find(image->image, known, NR_SYMBOLS, diag);
	if (rc)
		return rc;
	if (!known[LIST].found)
		return -ENODATA;
	for (i = 0; i < NR_SYMBOLS; i++) {
		if (!known[i].found)
			continue;
		if (!ks_elf_place(image->image, known[i].addr, &symbols[i].off))
			return ks_fail_detail(diag, -EBADMSG, "symbol of kallsyms has no place in the file",
					      known[i].name);
		symbols[i].found = true;
	}
	/* It has no sizes; insert-sys-cert takes the same for a kernel without symbols. */
	if (symbols[EXTRA].found && symbols[EXTRA_USED].found &&
	    symbols[EXTRA_USED].off >= symbols[EXTRA].off)
		symbols[EXTRA].bytes = symbols[EXTRA_USED].off - symbols[EXTRA].off;
	return by_names(image, symbols, diag);
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

/**
 * reserve_at() - as list_at(), for a list with a reserve of @reserve->bytes in it
 * @reserve: gets the rest
 *
 * The reserve starts behind one of the certificates: those that were there when the kernel was built.
 */
static int reserve_at(struct ks_span image, u64 align, u64 off, struct ks_cert_reserve *reserve,
		      struct ks_span *ret_list)
{
	/* ".align 4", as list_align(). */
	u64 bytes = 0, used_align = align == 8 ? 4 : 16;
	struct ks_cert_reserve r = { .list_off = off, .bytes = reserve->bytes };
	struct ks_span rest, list, der;
	size_t nr;

	if (!ks_span_sub(image, off, image.bytes - off, &rest))
		return 0;
	for (nr = 0; ks_certlist_strict(&rest, &der); nr++) {
		if (nr == KS_MAX_LIST_CERTS)
			return -E2BIG;
		bytes += der.bytes;
		r.off = off + bytes;
		r.used_off = ks_align_up(r.off + r.bytes, used_align);
		r.size_off = ks_align_up(r.used_off + 4, align);
		if (!ks_cert_reserve_parse(image, &r, &list))
			continue;
		*ret_list = list;
		while (list.bytes)
			if (!next_is_certificate(&list))
				return 0;
		*reserve = r;
		return 1;
	}
	return 0;
}

/* CONFIG_SYSTEM_EXTRA_CERTIFICATE_SIZE; 0: the kernel has no reserve. */
static int reserve_by_config(struct ks_span config, u64 *ret_bytes, struct ks_diag *diag)
{
	struct ks_span value;
	char text[12] = "", *end;

	*ret_bytes = 0;
	if (!config.bytes || !ks_kconfig_is_on(config, "CONFIG_SYSTEM_EXTRA_CERTIFICATE"))
		return 0;
	if (ks_kconfig_value(config, "CONFIG_SYSTEM_EXTRA_CERTIFICATE_SIZE", &value) &&
	    value.bytes < sizeof(text)) {
		memcpy(text, value.p, value.bytes);
		*ret_bytes = strtoul(text, &end, 10);
		if (*ret_bytes && !*end && *ret_bytes <= KS_MAX_RESERVE_BYTES)
			return 0;
	}
	return ks_fail(diag, -EOPNOTSUPP, KS_NO_OFF,
		       "CONFIG_SYSTEM_EXTRA_CERTIFICATE_SIZE is not between 1 and 1048576, give the vmlinux");
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
	struct ks_cert_reserve reserve = { 0 };
	size_t nr_lists = 0;
	int err = reserve_by_config(ks_buf_span(&image->config), &reserve.bytes, diag);

	if (err)
		return err;
	for (off = 0; off + align <= in.bytes; off += align) {
		struct ks_span found;
		int rc;

		if (in.p[off] != 0x30 || in.p[off + 1] != 0x82)
			continue;
		if (!nr_lists && reserve.bytes) {
			rc = reserve_at(in, align, off, &reserve, &found);
			size_off = reserve.size_off;
		} else {
			rc = list_at(in, align, off, &found, &size_off);
		}
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
	image->reserve = reserve;
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
	rc = ks_elf_probe(image->image) ? by_kallsyms(image, NULL) : -ENODATA;
	if (rc != -ENODATA)
		return rc ? by_kallsyms(image, diag) : 0;
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

int ks_kernel_image_unpack(struct ks_span file, struct ks_kernel_image *image, struct ks_diag *diag)
{
	int rc = find_kernel(file, image, diag);

	return rc ? rc : load_config(image, diag);
}

int ks_kernel_image_parse(struct ks_kernel_image *image, struct ks_diag *diag)
{
	int rc = find_kernel(ks_buf_span(&image->file), image, diag);

	/* Two copies of a kernel at a time are enough. */
	if (!rc && image->unpacked.bytes && !image->keep_file)
		ks_buf_done(&image->file);
	if (!rc)
		rc = load_config(image, diag);
	return rc ? rc : ks_kernel_image_find_lists(image, diag);
}

int ks_kernel_image_load(const char *path, struct ks_kernel_image *ret_image, struct ks_diag *diag)
{
	int rc = ks_file_load(path, KS_MAX_IMAGE_BYTES, &ret_image->file, diag);

	if (!rc)
		rc = ks_kernel_image_parse(ret_image, diag);
	ks_diag_in(diag, path);
	return rc;
}
