// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: whoever hands a kernel to `kseal module verify --trust` or `kseal keyring
 * show`: a vmlinux, bzImage, arm64 Image, vmlinuz.efi or UKI that was downloaded.
 *
 * Valid input: a bzImage: setup header with "HdrS", the place of a compressed vmlinux; in that, lists
 * of certificates with their lengths behind them, and maybe a compressed .config. Or a vmlinuz.efi: "zimg",
 * place, size and name of the compression, behind it a compressed Image with the same. Or what was compressed.
 *
 * Laws: the payload lies inside the file, the stream inside the payload; both lists lie inside of the
 * unpacked kernel, and cutting certificates off them comes to an end without a byte from elsewhere.
 * What is used of the room for extra certificates is the end of the trusted list. A payload that is put back as
 * it was gives the same file.
 * A name of a kernel is one word that starts with a digit, or what the header of a bzImage says.
 */
#include <errno.h>
#include <openssl/err.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fmt/bzimage.h"
#include "fmt/certlist.h"
#include "fmt/ikconfig.h"
#include "fmt/zboot.h"
#include "fuzz/fuzz.h"
#include "kernel/image.h"

/* A stream of some bytes that says it is a kernel of a gigabyte is told by the file's own number. */
#define MAX_UNPACKED_BYTES (16U << 20)

static void check_list(struct ks_span image, struct ks_span list)
{
	struct ks_span rest = list, der;
	size_t before;

	KS_LAW(ks_fuzz_inside(image, list));
	for (before = rest.bytes; ks_certlist_next(&rest, &der) > 0; before = rest.bytes) {
		KS_LAW(ks_fuzz_inside(list, der));
		KS_LAW(rest.bytes + der.bytes == before && der.bytes);
	}
}

static void check_reserve(const struct ks_kernel_image *image)
{
	const struct ks_cert_reserve *r = &image->reserve;
	struct ks_span room, used;

	if (!r->bytes)
		return;
	KS_LAW(ks_span_sub(image->image, r->off, r->bytes, &room) && r->used_bytes <= r->bytes);
	KS_LAW(ks_span_sub(room, 0, r->used_bytes, &used) && ks_span_ends_with(image->trusted, used));
	KS_LAW(ks_fuzz_off(image->image, image->trusted) == r->list_off &&
	       r->list_off + image->trusted.bytes == r->off + r->used_bytes);
	KS_LAW(r->used_off >= r->off + r->bytes && r->size_off >= r->used_off + 4);
}

static void check_build(struct ks_span file, const struct ks_bzimage_view *view, struct ks_span stream,
			bool is_gzip, u32 bytes)
{
	static struct ks_buf made;
	int rc;

	ks_buf_done(&made);
	rc = ks_bzimage_build(file, view, stream, is_gzip, bytes, &made, NULL);
	KS_LAW(!rc && ks_span_eq(file, ks_buf_span(&made)));
}

/* The loader wants a file: one in memory, with a name of /proc. */
static void check_image(struct ks_span file)
{
	struct ks_kernel_image image = { 0 };
	static char path[64];
	static int fd = -1;
	int rc;

	if (fd < 0) {
		fd = memfd_create("kernel", MFD_CLOEXEC);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	KS_LAW(!ftruncate(fd, 0) && pwrite(fd, file.p, file.bytes, 0) == (ssize_t)file.bytes);
	rc = ks_kernel_image_load(path, &image, NULL);
	KS_LAW(rc <= 0);
	if (!rc) {
		check_list(image.image, image.trusted);
		check_list(image.image, image.revoked);
		KS_LAW(image.module_cert_bytes <= image.trusted.bytes);
		check_reserve(&image);
	}
	ks_kernel_image_done(&image);
	ERR_clear_error();
}

static void check_release(struct ks_span file)
{
	static struct ks_buf release;

	ks_buf_clear(&release);
	if (!ks_kernel_release(file, &release))
		return;
	KS_LAW(release.bytes);
	if (!ks_bzimage_has_header(file))
		KS_LAW(release.bytes < 65 && release.p[0] >= '0' && release.p[0] <= '9' &&
		       !memchr(release.p, ' ', release.bytes));
}

/* Return: what it says to unpack to; 0 if it is none. */
static u32 check_zboot(struct ks_span file)
{
	struct ks_zboot_view view;
	int rc = ks_zboot_parse(file, &view, NULL);

	KS_LAW(rc == 0 || rc == -EBADMSG);
	if (rc)
		return 0;
	KS_LAW(ks_zboot_probe(file));
	KS_LAW(view.stream.bytes && ks_fuzz_inside(file, view.stream));
	KS_LAW(ks_fuzz_off(file, view.stream) == view.stream_off && view.stream_off >= 64);
	KS_LAW(view.compression.bytes && ks_fuzz_inside(file, view.compression));
	KS_LAW(!memchr(view.compression.p, 0, view.compression.bytes));
	return view.unpacked_bytes;
}

static void check_config(struct ks_span file)
{
	struct ks_span gzip, value;

	if (!ks_ikconfig_find(file, &gzip, NULL))
		KS_LAW(ks_fuzz_inside(file, gzip));
	if (ks_kconfig_value(file, "CONFIG_MODULE_SIG", &value))
		KS_LAW(ks_fuzz_inside(file, value));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct ks_span file = { data, size }, stream;
	struct ks_bzimage_view view;
	u32 bytes = 0;
	int rc = ks_bzimage_parse(file, &view, NULL);

	KS_LAW(rc == 0 || rc == -EBADMSG || rc == -EOPNOTSUPP);
	if (!rc) {
		KS_LAW(ks_bzimage_probe(file));
		KS_LAW(view.payload.bytes && ks_fuzz_inside(file, view.payload));
		KS_LAW(ks_fuzz_off(file, view.payload) == view.payload_off);
		if (!ks_bzimage_cut(&view, size % 2, &stream, &bytes, NULL)) {
			KS_LAW(stream.bytes && ks_fuzz_inside(view.payload, stream));
			check_build(file, &view, stream, size % 2, bytes);
		}
	}
	check_config(file);
	if (bytes <= MAX_UNPACKED_BYTES && check_zboot(file) <= MAX_UNPACKED_BYTES) {
		check_image(file);
		check_release(file);
	}
	return 0;
}
