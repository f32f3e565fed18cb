// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: whoever hands a splash or a device tree to `kseal uki build|lint`, or a kernel
 * to `kseal keyring show`.
 *
 * Valid input: a BMP image, a flattened device tree, an arm64 Image. Of each only one or
 * two words of the header are read, so the three readers are one target, and all of them get each input:
 * nothing selects one, and a seed is a file as it is.
 *
 * Laws: a file is accepted if magic and size are right, and for nothing else: not for what stands in
 * other bytes, and not with one byte more or less. A refusal has a sentence, and its offset lies inside.
 */
#include <errno.h>
#include <string.h>

#include "fmt/arm64_image.h"
#include "fmt/bmp.h"
#include "fmt/fdt.h"
#include "fuzz/fuzz.h"

#define BMP_READ_BYTES 6U
#define FDT_READ_BYTES 8U
#define IMAGE_MAGIC_OFF 0x38U
#define MAGIC_BYTES 4U

/* The input with one byte more behind it, and with all of it inverted that is not read. */
static struct ks_buf longer, inverted;

static void invert(struct ks_span in, u64 off, u64 end)
{
	for (; off < end && off < in.bytes; off++)
		inverted.p[off] = (u8)~in.p[off];
}

static void start(struct ks_span in)
{
	ks_buf_clear(&longer);
	ks_put(&longer, in);
	ks_put_u8(&longer, 0);
	ks_buf_clear(&inverted);
	ks_put(&inverted, in);
	KS_LAW(!ks_buf_ok(&longer, NULL) && !ks_buf_ok(&inverted, NULL));
}

static void check_sized(int (*check)(struct ks_span file, struct ks_diag *diag), struct ks_span in,
			bool is_valid, u64 read_bytes)
{
	struct ks_diag diag = { 0 };
	int rc = check(in, &diag);

	KS_LAW(rc == (is_valid ? 0 : -EBADMSG));
	KS_LAW(diag.err == rc && check(in, NULL) == rc);
	start(in);
	invert(in, read_bytes, in.bytes);
	KS_LAW(check(ks_buf_span(&inverted), NULL) == rc);
	if (rc) {
		KS_LAW(diag.what && diag.off <= in.bytes && diag.off < read_bytes);
		KS_LAW(!diag.has_range || (diag.have == in.bytes && diag.want != diag.have));
		return;
	}
	KS_LAW(check(ks_buf_span(&longer), NULL) == -EBADMSG);
	KS_LAW(check((struct ks_span){ in.p, in.bytes - 1 }, NULL) == -EBADMSG);
}

static bool has(struct ks_span in, u64 off, const char *magic)
{
	return in.bytes >= off + strlen(magic) && !memcmp(in.p + off, magic, strlen(magic));
}

static u64 size_at(struct ks_span in, u64 off, bool is_big_endian)
{
	u64 size = 0;
	unsigned int i;

	for (i = 0; i < 4; i++)
		size |= (u64)in.p[off + i] << 8 * (is_big_endian ? 3 - i : i);
	return size;
}

static void check_arm64(struct ks_span in)
{
	bool is_image = has(in, IMAGE_MAGIC_OFF, "ARM\x64");

	KS_LAW(ks_arm64_image_probe(in) == is_image);
	if (!is_image)
		return;
	start(in);
	invert(in, 0, IMAGE_MAGIC_OFF);
	invert(in, IMAGE_MAGIC_OFF + MAGIC_BYTES, in.bytes);
	KS_LAW(ks_arm64_image_probe(ks_buf_span(&inverted)));
	KS_LAW(ks_arm64_image_probe(ks_buf_span(&longer)));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct ks_span in = { data, size };

	check_sized(ks_bmp_check, in,
		    size >= BMP_READ_BYTES && has(in, 0, "BM") && size_at(in, 2, false) == size,
		    BMP_READ_BYTES);
	check_sized(ks_fdt_check, in,
		    size >= FDT_READ_BYTES && has(in, 0, "\xd0\x0d\xfe\xed") && size_at(in, 4, true) == size,
		    FDT_READ_BYTES);
	check_arm64(in);
	return 0;
}
