// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Adding sections to an image: the headers are copied and patched, the data is laid out anew.
 *
 *   headers of the image | grown section table | zeros up to SizeOfHeaders
 *   data of the sections that stay, in order
 *   data of the added sections, each file-aligned
 */
#include <errno.h>
#include <string.h>

#include "fmt/pe.h"

#define SECTION_BYTES 40U
#define PAGE_BYTES 4096U

/* Where the fields to patch are, relative to the COFF and the optional header. */
#define COFF_NR_SECTIONS 2U
#define COFF_SYMBOL_TABLE 8U
#define COFF_NR_SYMBOLS 12U
#define OPT_IMAGE_BYTES 56U
#define OPT_HEADERS_BYTES 60U
#define OPT_DLL_FLAGS 70U

static bool is_replaced(const char *name, const struct ks_pe_new_section *added, size_t nr_added)
{
	size_t i;

	for (i = 0; i < nr_added; i++)
		if (!strcmp(name, added[i].name))
			return true;
	return false;
}

static int check_added(const struct ks_pe_view *view, const struct ks_pe_new_section *added,
		       size_t nr_added, struct ks_diag *diag)
{
	size_t i;

	if (view->certs.bytes)
		return ks_fail(diag, -EOPNOTSUPP, view->cert_dir_off,
			       "image is signed, strip it before adding sections");
	if (view->debug_bytes)
		return ks_fail(diag, -EOPNOTSUPP, view->cert_dir_off + 16,
			       "image has a debug directory, whose file offsets would break");
	for (i = 0; i < nr_added; i++) {
		size_t name_bytes = strlen(added[i].name);

		if (!name_bytes || name_bytes > 8)
			return ks_fail_detail(diag, -EINVAL,
					      "section name is not 1 to 8 characters",
					      added[i].name);
		if (!added[i].data.bytes)
			return ks_fail_detail(diag, -EINVAL, "section is empty", added[i].name);
	}
	return 0;
}

/* What the layout needs to know before the first byte is written. */
struct layout {
	u32 nr_sections;
	u64 headers_bytes;
	u64 rva_end;
};

static int plan(const struct ks_pe_view *view, const struct ks_pe_new_section *added,
		size_t nr_added, struct layout *ret_l, struct ks_diag *diag)
{
	struct layout l = { .nr_sections = (u32)nr_added };
	u64 first_rva = UINT32_MAX;
	u32 i;

	for (i = 0; i < view->nr_sections; i++) {
		const struct ks_pe_section *s = &view->section[i];
		u32 in_memory = s->virtual_bytes ? s->virtual_bytes : s->raw_bytes;

		if (is_replaced(s->name, added, nr_added))
			continue;
		if (s->rva < first_rva)
			first_rva = s->rva;
		if ((u64)s->rva + in_memory > l.rva_end)
			l.rva_end = (u64)s->rva + in_memory;
		l.nr_sections++;
	}
	l.headers_bytes = view->section_table_off + (u64)l.nr_sections * SECTION_BYTES;
	if (l.headers_bytes < view->headers_bytes)
		l.headers_bytes = view->headers_bytes;
	/* Also where the image's own SizeOfHeaders is odd: data that follows is aligned. */
	l.headers_bytes = ks_align_up(l.headers_bytes, view->file_align);
	if (l.nr_sections > KS_MAX_PE_SECTIONS || l.headers_bytes > first_rva)
		return ks_fail(diag, -E2BIG, view->section_table_off,
			       "no room for the section table before the first section");
	if (l.rva_end < l.headers_bytes)
		l.rva_end = l.headers_bytes;
	*ret_l = l;
	return 0;
}

static void put_headers(const struct ks_pe_view *view, const struct layout *l, struct ks_buf *out)
{
	struct ks_span before;

	if (!ks_span_sub(view->file, 0, view->section_table_off, &before)) {
		out->err = -EINVAL;
		return;
	}
	ks_put(out, before);
	ks_put_fill(out, 0, l->headers_bytes - before.bytes);
	ks_buf_patch_le16(out, view->coff_off + COFF_NR_SECTIONS, (u16)l->nr_sections);
	ks_buf_patch_le32(out, view->coff_off + COFF_SYMBOL_TABLE, 0);
	ks_buf_patch_le32(out, view->coff_off + COFF_NR_SYMBOLS, 0);
	ks_buf_patch_le32(out, view->opt_off + OPT_HEADERS_BYTES, (u32)l->headers_bytes);
	ks_buf_patch_le16(out, view->opt_off + OPT_DLL_FLAGS, view->dll_flags);
}

/* Write the data at the end of @out; an empty section has no place in the file. */
static u32 put_data(const struct ks_pe_view *view, struct ks_span data, struct ks_buf *out)
{
	u64 raw_off = out->bytes;

	ks_put(out, data);
	ks_put_align(out, view->file_align);
	return data.bytes ? (u32)raw_off : 0;
}

static void put_kept(const struct ks_pe_view *view, const struct ks_pe_section *s, u64 *header_off,
		     struct ks_buf *out)
{
	ks_buf_patch(out, *header_off, s->header);
	ks_buf_patch_le32(out, *header_off + 16,
			  (u32)ks_align_up(s->raw.bytes, view->file_align));
	ks_buf_patch_le32(out, *header_off + 20, put_data(view, s->raw, out));
	*header_off += SECTION_BYTES;
}

static void put_added(const struct ks_pe_view *view, const struct ks_pe_new_section *s,
		      u64 *header_off, u64 *rva_end, struct ks_buf *out)
{
	u32 page = view->section_align > PAGE_BYTES ? view->section_align : PAGE_BYTES;
	u64 rva = ks_align_up(*rva_end, page);

	ks_buf_patch(out, *header_off, ks_span_str(s->name));
	ks_buf_patch_le32(out, *header_off + 8, (u32)s->data.bytes);
	ks_buf_patch_le32(out, *header_off + 12, (u32)rva);
	ks_buf_patch_le32(out, *header_off + 16,
			  (u32)ks_align_up(s->data.bytes, view->file_align));
	ks_buf_patch_le32(out, *header_off + 20, put_data(view, s->data, out));
	ks_buf_patch_le32(out, *header_off + 36, s->flags);
	*header_off += SECTION_BYTES;
	*rva_end = rva + s->data.bytes;
}

int ks_pe_build_sections(const struct ks_pe_view *view, const struct ks_pe_new_section *added,
			 size_t nr_added, struct ks_buf *out, struct ks_diag *diag)
{
	u64 header_off = view->section_table_off;
	struct layout l = { 0 };
	size_t i;
	int rc;

	rc = check_added(view, added, nr_added, diag);
	if (!rc)
		rc = plan(view, added, nr_added, &l, diag);
	if (rc)
		return rc;
	put_headers(view, &l, out);
	for (i = 0; i < view->nr_sections; i++)
		if (!is_replaced(view->section[i].name, added, nr_added))
			put_kept(view, &view->section[i], &header_off, out);
	for (i = 0; i < nr_added; i++)
		put_added(view, &added[i], &header_off, &l.rva_end, out);
	l.rva_end = ks_align_up(l.rva_end, view->section_align);
	if (out->bytes > UINT32_MAX || l.rva_end > UINT32_MAX)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "image would be over 4 GiB");
	ks_buf_patch_le32(out, view->opt_off + OPT_IMAGE_BYTES, (u32)l.rva_end);
	return ks_pe_finish(view, out, diag);
}
