// SPDX-License-Identifier: LGPL-2.1-or-later
#include "test/pe_image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void put_section(struct ks_buf *b, u32 idx, const char *name, u32 rva, u32 raw_off)
{
	u64 off = SECTIONS + 40 * idx;

	ks_buf_patch(b, off, ks_span_str(name));
	ks_buf_patch_le32(b, off + 8, 0x200);
	ks_buf_patch_le32(b, off + 12, rva);
	ks_buf_patch_le32(b, off + 16, 0x200);
	ks_buf_patch_le32(b, off + 20, raw_off);
	ks_buf_patch_le32(b, off + 36, KS_PE_SCN_INIT_DATA | KS_PE_SCN_READ);
}

void make_image(struct ks_buf *b)
{
	u32 i;

	ks_put_fill(b, 0, 0x200);
	for (i = 0x200; i < FILE_BYTES; i++)
		ks_put_u8(b, (u8)(i * 7));
	ks_buf_patch(b, 0, ks_span_str("MZ"));
	ks_buf_patch_le32(b, 0x3c, 0x40);
	ks_buf_patch(b, 0x40, ks_span_str("PE"));
	ks_buf_patch_le16(b, 0x44, KS_PE_MACHINE_X64);
	ks_buf_patch_le16(b, 0x46, 2);
	ks_buf_patch_le16(b, 0x54, 0xf0);
	ks_buf_patch_le16(b, OPT, 0x20b);
	ks_buf_patch_le32(b, OPT + 16, 0x1000);
	ks_buf_patch_le32(b, OPT + 32, 0x1000);
	ks_buf_patch_le32(b, OPT + 36, 0x200);
	ks_buf_patch_le32(b, OPT + 56, 0x3000);
	ks_buf_patch_le32(b, OPT + 60, 0x200);
	ks_buf_patch_le16(b, OPT + 68, 10);
	ks_buf_patch_le16(b, OPT + 70, KS_PE_NX_COMPAT);
	ks_buf_patch_le32(b, OPT + 108, 16);
	put_section(b, 0, ".text", 0x1000, 0x200);
	ks_buf_patch_le32(b, SECTIONS + 36, KS_PE_SCN_CODE | KS_PE_SCN_READ | KS_PE_SCN_EXECUTE);
	put_section(b, 1, ".data", 0x2000, 0x400);
	ks_buf_patch_le32(b, OPT + 64, ks_pe_checksum(ks_buf_span(b), OPT + 64));
	assert_int_equal(0, ks_buf_ok(b, NULL));
}

void mutate(struct ks_buf *b, const struct mutation *m)
{
	if (m->width == 2)
		ks_buf_patch_le16(b, m->off, (u16)m->value);
	else
		ks_buf_patch_le32(b, m->off, m->value);
	assert_int_equal(0, ks_buf_ok(b, NULL));
}

void sign_image(const struct ks_pe_view *view, const struct ks_span *cms, size_t nr_cms,
		struct ks_buf *out)
{
	__cleanup(ks_pe_image_done) struct ks_pe_image image = { 0 };
	struct ks_span part[KS_PE_IMAGE_PARTS];
	size_t i;

	assert_int_equal(0, ks_pe_build_signed(view, cms, nr_cms, &image, NULL));
	ks_pe_image_parts(&image, part);
	for (i = 0; i < KS_PE_IMAGE_PARTS; i++)
		ks_put(out, part[i]);
	assert_int_equal(0, ks_buf_ok(out, NULL));
}

int add_sections(const struct ks_pe_view *view, const struct ks_pe_new_section *added, size_t nr_added,
		 struct ks_buf *out, struct ks_diag *diag)
{
	__cleanup(ks_pe_pieces_done) struct ks_pe_pieces pieces = { 0 };
	int rc = ks_pe_build_pieces(view, added, nr_added, &pieces, diag);

	return rc ? rc : ks_pe_pieces_put(&pieces, out, diag);
}
