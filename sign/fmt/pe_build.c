// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Adding sections to an image: the headers are copied and patched, the data is laid out anew. What
 * is added may be large, so it stays where it is: the image is a list of pieces.
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
/* Data ends where a signature may follow, and at most a page of zeros follows it. */
#define MIN_FILE_ALIGN 8U
#define MAX_FILE_ALIGN PAGE_BYTES

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
	if (view->file_align < MIN_FILE_ALIGN || view->file_align > MAX_FILE_ALIGN)
		return ks_fail(diag, -EOPNOTSUPP, view->opt_off + 36,
			       "FileAlignment is below 8 or over a page");
	if (nr_added > KS_MAX_PE_SECTIONS)
		return ks_fail(diag, -E2BIG, view->section_table_off, "over 512 sections");
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

/* The image while it grows. */
struct builder {
	const struct ks_pe_view *view;
	struct ks_pe_pieces *out;
	u64 header_off;
	u64 rva_end;
};

static void add_piece(struct ks_pe_pieces *out, struct ks_span data)
{
	if (!data.bytes)
		return;
	out->piece[out->nr_pieces++] = data;
	out->file_bytes += data.bytes;
}

/* The data of a section that stays; an empty one has no place in the file. */
static void put_kept(struct builder *b, const struct ks_pe_section *s)
{
	struct ks_buf *head = &b->out->head;
	u64 raw_off = head->bytes, end = ks_align_up(s->raw.bytes, b->view->file_align);

	ks_put(head, s->raw);
	ks_put_fill(head, 0, end - s->raw.bytes);
	ks_buf_patch(head, b->header_off, s->header);
	ks_buf_patch_le32(head, b->header_off + 16, (u32)end);
	ks_buf_patch_le32(head, b->header_off + 20, s->raw.bytes ? (u32)raw_off : 0);
	b->header_off += SECTION_BYTES;
}

static void put_added(struct builder *b, const struct ks_pe_new_section *s)
{
	static const u8 zeros[MAX_FILE_ALIGN];
	u32 page = b->view->section_align > PAGE_BYTES ? b->view->section_align : PAGE_BYTES;
	u64 rva = ks_align_up(b->rva_end, page);
	u64 end = ks_align_up(s->data.bytes, b->view->file_align);
	struct ks_buf *head = &b->out->head;

	ks_buf_patch(head, b->header_off, ks_span_str(s->name));
	ks_buf_patch_le32(head, b->header_off + 8, (u32)s->data.bytes);
	ks_buf_patch_le32(head, b->header_off + 12, (u32)rva);
	ks_buf_patch_le32(head, b->header_off + 16, (u32)end);
	ks_buf_patch_le32(head, b->header_off + 20, (u32)b->out->file_bytes);
	ks_buf_patch_le32(head, b->header_off + 36, s->flags);
	b->header_off += SECTION_BYTES;
	b->rva_end = rva + s->data.bytes;
	add_piece(b->out, s->data);
	add_piece(b->out, (struct ks_span){ zeros, end - s->data.bytes });
}

/* The fields that are known once everything has its place. */
static int finish(struct builder *b, struct ks_diag *diag)
{
	struct ks_pe_pieces *out = b->out;

	b->rva_end = ks_align_up(b->rva_end, b->view->section_align);
	if (out->file_bytes > UINT32_MAX || b->rva_end > UINT32_MAX)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "image would be over 4 GiB");
	ks_buf_patch_le32(&out->head, b->view->opt_off + OPT_IMAGE_BYTES, (u32)b->rva_end);
	out->piece[0] = ks_buf_span(&out->head);
	return ks_buf_ok(&out->head, diag);
}

int ks_pe_build_pieces(const struct ks_pe_view *view, const struct ks_pe_new_section *added,
		       size_t nr_added, struct ks_pe_pieces *ret_pieces, struct ks_diag *diag)
{
	__cleanup(ks_pe_pieces_done) struct ks_pe_pieces out = {
		.checksum_off = view->checksum_off,
		.cert_dir_off = view->cert_dir_off,
		.nr_pieces = 1,
	};
	struct builder b = { .view = view, .out = &out, .header_off = view->section_table_off };
	struct layout l = { 0 };
	size_t i;
	int rc;

	rc = check_added(view, added, nr_added, diag);
	if (!rc)
		rc = plan(view, added, nr_added, &l, diag);
	if (rc)
		return rc;
	put_headers(view, &l, &out.head);
	for (i = 0; i < view->nr_sections; i++)
		if (!is_replaced(view->section[i].name, added, nr_added))
			put_kept(&b, &view->section[i]);
	b.rva_end = l.rva_end;
	out.file_bytes = out.head.bytes;
	for (i = 0; i < nr_added; i++)
		put_added(&b, &added[i]);
	rc = finish(&b, diag);
	if (rc)
		return rc;
	*ret_pieces = out;
	out = (struct ks_pe_pieces){ 0 };
	return 0;
}

void ks_pe_pieces_done(struct ks_pe_pieces *pieces)
{
	ks_buf_done(&pieces->head);
	ks_buf_done(&pieces->table);
	*pieces = (struct ks_pe_pieces){ 0 };
}

int ks_pe_pieces_put(struct ks_pe_pieces *pieces, struct ks_buf *out, struct ks_diag *diag)
{
	u64 sum = 0, off = pieces->head.bytes;
	size_t i;
	int rc;

	for (i = 1; i < pieces->nr_pieces; i++) {
		sum = ks_pe_pieces_sum(sum, off, pieces->piece[i]);
		off += pieces->piece[i].bytes;
	}
	rc = ks_pe_pieces_finish(pieces, sum, (struct ks_span){ 0 }, diag);
	for (i = 0; i < pieces->nr_pieces && !rc; i++)
		ks_put(out, pieces->piece[i]);
	return rc ? rc : ks_buf_ok(out, diag);
}
