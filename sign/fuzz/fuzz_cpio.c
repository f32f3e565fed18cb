// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: whoever hands an initrd to `kseal uki build`, or a UKI to `kseal uki lint`.
 *
 * Valid input: archives of newc one after the other, zeros between them, and maybe something compressed
 * at the end.
 *
 * Laws: a header that is read says in hexadecimal what was read, and bytes that are not read change
 * nothing. An initrd has one answer, the same one behind four zeros; with zeros in between it may be
 * doubled; what stands in front of the place of a refusal is a whole initrd, or zeros. A list stops where the
 * initrd is refused, and else where nothing is left or something compressed cannot be read.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "fmt/cpio.h"
#include "fuzz/fuzz.h"
#include "kernel/initrd.h"
#include "ops/initrd_list.h"

#define MAGIC_BYTES 6U
#define FIELD_BYTES 8U

static bool is_field(struct ks_span in, u64 idx, u32 value)
{
	char digits[FIELD_BYTES + 1];

	snprintf(digits, sizeof(digits), "%08x", value);
	return !strncasecmp(digits, (const char *)in.p + MAGIC_BYTES + idx * FIELD_BYTES, FIELD_BYTES);
}

static void check_header(struct ks_span in)
{
	const struct ks_cpio_header before = { 1, 2, 3, 4 };
	struct ks_cpio_header h = before;
	enum ks_cpio_magic magic = ks_cpio_magic_of(in);
	struct ks_span header;

	KS_LAW((magic != KS_CPIO_NONE) == (in.bytes >= MAGIC_BYTES && !memcmp(in.p, "07070", 5) &&
					   in.p[5] && strchr("127", in.p[5])));
	if (!ks_cpio_header_parse(in, &h)) {
		KS_LAW(!memcmp(&before, &h, sizeof(h)));
		return;
	}
	KS_LAW(ks_span_sub(in, 0, KS_CPIO_HEADER_BYTES, &header));
	KS_LAW(is_field(in, 1, h.mode) && is_field(in, 6, h.content_bytes));
	KS_LAW(is_field(in, 11, h.name_bytes) && is_field(in, 12, h.sum));
	KS_LAW(ks_cpio_magic_of(header) == magic && ks_cpio_header_parse(header, &h));
	header.bytes--;
	KS_LAW(!ks_cpio_header_parse(header, &h));
}

static int check_initrd(struct ks_span in, struct ks_diag *diag)
{
	int rc = ks_kernel_check_initrd(in, diag);

	KS_LAW(rc == 0 || rc == -EBADMSG);
	KS_LAW(diag->err == rc && ks_kernel_check_initrd(in, NULL) == rc);
	KS_LAW(!rc || (diag->what && diag->off <= in.bytes));
	return rc;
}

static void check_zeros_in_front(struct ks_span in, const struct ks_diag *diag)
{
	static struct ks_buf moved;
	struct ks_diag again = { 0 };

	ks_buf_clear(&moved);
	ks_put_fill(&moved, 0, 4);
	ks_put(&moved, in);
	KS_LAW(!ks_buf_ok(&moved, NULL));
	KS_LAW(check_initrd(ks_buf_span(&moved), &again) == diag->err);
	KS_LAW(again.what == diag->what && (!diag->err || again.off == diag->off + 4));
}

static void check_doubled(struct ks_span in)
{
	static struct ks_buf twice;

	ks_buf_clear(&twice);
	ks_put(&twice, in);
	ks_put_align(&twice, 4);
	ks_put(&twice, in);
	KS_LAW(!ks_buf_ok(&twice, NULL));
	KS_LAW(!ks_kernel_check_initrd(ks_buf_span(&twice), NULL));
}

static void check_list(struct ks_span in, const struct ks_diag *diag)
{
	struct ks_initrd_list list = { 0 };

	KS_LAW(!ks_initrd_list_of(in, &list, NULL));
	KS_LAW(list.nr_names <= list.nr_entries && list.nr_modules <= list.nr_entries);
	KS_LAW(list.nr_names <= KS_INITRD_MAX_NAMES && list.unpacked_bytes <= KS_MAX_INITRD_BYTES);
	/* Nothing compressed comes before the place of a refusal, since the check goes no further than that. */
	if (diag->err && in.bytes)
		KS_LAW(list.stopped.err == diag->err || ks_span_is_zero(in));
	if (!list.compression)
		KS_LAW(list.stopped.err == diag->err || !list.stopped.err);
	ks_initrd_list_done(&list);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct ks_span in = { data, size }, front;
	struct ks_diag diag = { 0 };

	check_header(in);
	if (!check_initrd(in, &diag))
		check_doubled(in);
	else if (ks_span_sub(in, 0, diag.off, &front))
		KS_LAW(ks_span_is_zero(front) || !ks_kernel_check_initrd(front, NULL));
	check_list(in, &diag);
	if (!ks_span_is_zero(in))
		check_zeros_in_front(in, &diag);
	return 0;
}
