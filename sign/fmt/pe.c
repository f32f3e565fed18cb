// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 *   0                MZ header, e_lfanew at 0x3c
 *   e_lfanew         "PE\0\0"
 *   +4               COFF header, 20 bytes
 *   +24              optional header: fields, CheckSum at +64, data directories ([4] = certificates)
 *   section_table    40 bytes each
 *   headers_bytes    section data, contiguous in the order of the file
 *   data_end_off     tail: hashed, not loaded (padding of an earlier signing, symbols)
 *   certs            WIN_CERTIFICATE entries up to the end of the file, not hashed
 */
#include "fmt/pe.h"

#include <errno.h>
#include <string.h>

#include "base/cursor.h"

#define COFF_BYTES 20U
#define SECTION_BYTES 40U
#define DIR_BYTES 8U
#define DIR_CERTS 4U
#define DIR_DEBUG 6U

static bool is_power_of_two(u32 value)
{
	return value && !(value & (value - 1));
}

static int find_coff(struct ks_span file, struct ks_pe_view *view, struct ks_diag *diag)
{
	struct ks_cursor c;
	u16 magic;
	u32 pe_off, signature;
	int rc;

	ks_cursor_init(&c, file, 0);
	magic = ks_get_le16(&c);
	ks_cursor_skip(&c, 0x3a);
	pe_off = ks_get_le32(&c);
	rc = ks_cursor_ok(&c, "not a PE image: shorter than its DOS header", diag);
	if (rc)
		return rc;
	if (magic != 0x5a4d)
		return ks_fail(diag, -EBADMSG, 0, "not a PE image: no MZ");
	c.pos = 0;
	ks_cursor_skip(&c, pe_off);
	signature = ks_get_le32(&c);
	rc = ks_cursor_ok(&c, "PE header past the end", diag);
	if (rc)
		return rc;
	if (signature != 0x4550)
		return ks_fail(diag, -EBADMSG, pe_off, "not a PE image: no PE signature");
	view->coff_off = (u64)pe_off + 4;
	return 0;
}

static int parse_coff(struct ks_cursor *c, struct ks_pe_view *view, struct ks_diag *diag)
{
	u16 opt_bytes;
	int rc;

	view->machine = ks_get_le16(c);
	view->nr_sections = ks_get_le16(c);
	ks_cursor_skip(c, 4);
	view->symbols_off = ks_get_le32(c);
	ks_cursor_skip(c, 4);
	opt_bytes = ks_get_le16(c);
	view->coff_flags = ks_get_le16(c);
	rc = ks_cursor_ok(c, "COFF header past the end", diag);
	if (rc)
		return rc;
	if (view->machine != KS_PE_MACHINE_X64 && view->machine != KS_PE_MACHINE_ARM64)
		return ks_fail(diag, -EOPNOTSUPP, view->coff_off,
			       "PE machine is neither x86-64 nor arm64");
	if (!view->nr_sections)
		return ks_fail(diag, -EBADMSG, view->coff_off + 2, "PE image has no section");
	if (view->nr_sections > KS_MAX_PE_SECTIONS)
		return ks_fail(diag, -E2BIG, view->coff_off + 2, "PE image has over 512 sections");
	view->opt_off = view->coff_off + COFF_BYTES;
	view->opt_bytes = opt_bytes;
	view->section_table_off = view->opt_off + opt_bytes;
	return 0;
}

/* Both machines are 64-bit, so only PE32+ (0x20b) can load. */
static int parse_optional(struct ks_cursor *c, struct ks_pe_view *view, u32 *ret_nr_dirs,
			  struct ks_diag *diag)
{
	u16 magic = ks_get_le16(c);
	u32 nr_dirs;
	int rc;

	ks_cursor_skip(c, 14);
	view->entry_rva = ks_get_le32(c);
	ks_cursor_skip(c, 12);
	view->section_align = ks_get_le32(c);
	view->file_align = ks_get_le32(c);
	ks_cursor_skip(c, 16);
	view->image_bytes = ks_get_le32(c);
	view->headers_bytes = ks_get_le32(c);
	view->checksum_off = ks_cursor_off(c);
	view->checksum = ks_get_le32(c);
	view->subsystem = ks_get_le16(c);
	view->dll_flags = ks_get_le16(c);
	ks_cursor_skip(c, 36);
	nr_dirs = ks_get_le32(c);
	rc = ks_cursor_ok(c, "PE optional header past the end", diag);
	if (rc)
		return rc;
	if (magic != 0x20b)
		return ks_fail(diag, -EBADMSG, view->opt_off, "optional header is not PE32+");
	if (!is_power_of_two(view->section_align) || !is_power_of_two(view->file_align) ||
	    view->section_align < view->file_align)
		return ks_fail(diag, -EBADMSG, view->opt_off + 32, "alignment is not a power of two");
	if (nr_dirs > KS_MAX_PE_DIRS)
		return ks_fail(diag, -E2BIG, view->opt_off + 108, "over 16 data directories");
	if (nr_dirs <= DIR_CERTS)
		return ks_fail(diag, -EBADMSG, view->opt_off + 108,
			       "no certificate-table entry, the image cannot be signed");
	*ret_nr_dirs = nr_dirs;
	return 0;
}

static int parse_dirs(struct ks_cursor *c, u32 nr_dirs, struct ks_pe_view *view,
		      struct ks_diag *diag)
{
	u32 dir_off[KS_MAX_PE_DIRS] = { 0 }, dir_bytes[KS_MAX_PE_DIRS] = { 0 };
	u64 dirs_off = ks_cursor_off(c);
	u32 i;
	int rc;

	for (i = 0; i < nr_dirs; i++) {
		dir_off[i] = ks_get_le32(c);
		dir_bytes[i] = ks_get_le32(c);
	}
	/* verify_pefile.c takes the section table from here, EDK2 from SizeOfOptionalHeader. */
	rc = ks_cursor_end(c, "SizeOfOptionalHeader and the data directories disagree", diag);
	if (rc)
		return rc;
	view->cert_dir_off = dirs_off + DIR_CERTS * DIR_BYTES;
	view->nr_dirs = nr_dirs;
	for (i = 0; i < nr_dirs; i++) {
		view->dir[i].rva = dir_off[i];
		view->dir[i].bytes = dir_bytes[i];
	}
	view->debug_bytes = dir_bytes[DIR_DEBUG];
	view->cert_off = dir_off[DIR_CERTS];
	view->cert_bytes = dir_bytes[DIR_CERTS];
	return 0;
}

static int parse_section(struct ks_cursor *c, struct ks_span file, struct ks_pe_section *ret_s,
			 struct ks_diag *diag)
{
	struct ks_pe_section s = { 0 };
	u64 off = ks_cursor_off(c);
	struct ks_cursor h;
	struct ks_span name;
	int rc;

	s.header = ks_get_bytes(c, SECTION_BYTES);
	ks_cursor_init(&h, s.header, off);
	name = ks_get_bytes(&h, 8);
	s.virtual_bytes = ks_get_le32(&h);
	s.rva = ks_get_le32(&h);
	s.raw_bytes = ks_get_le32(&h);
	s.raw_off = ks_get_le32(&h);
	ks_cursor_skip(&h, 12);
	s.flags = ks_get_le32(&h);
	rc = ks_cursor_end(&h, "section table past the end", diag);
	if (rc)
		return rc;
	memcpy(s.name, name.p, name.bytes);
	s.header_off = off;
	/* Data past the end stays an empty span: ks_pe_check_raw() tells. */
	if (!ks_span_sub(file, s.raw_bytes ? s.raw_off : 0, s.raw_bytes, &s.raw))
		s.raw = (struct ks_span){ 0 };
	*ret_s = s;
	return 0;
}

/*
 * Section data must follow the headers and each other without a gap: the image hash continues at
 * the sum of the hashed bytes, so that a gap would be hashed differently by different verifiers.
 */
int ks_pe_check_raw(const struct ks_pe_view *view, u32 idx, struct ks_diag *diag)
{
	const struct ks_pe_section *s = &view->section[idx];
	u64 raw_end = view->headers_bytes;
	bool is_gap = true;
	u32 i;

	for (i = 0; i < idx; i++)
		raw_end += view->section[i].raw_bytes;
	if (s->raw.bytes != s->raw_bytes)
		return ks_fail(diag, -EBADMSG, s->header_off + 16,
			       "section data past the end of the file");
	if (!s->raw_bytes || s->raw_off == raw_end)
		return 0;
	if (s->raw_off < raw_end)
		return ks_fail(diag, -EBADMSG, s->header_off + 20,
			       s->raw_off < view->headers_bytes ?
				       "section data overlaps the headers" :
				       "section data overlaps that of a section before it");
	for (i = idx + 1; i < view->nr_sections; i++)
		is_gap &= view->section[i].raw_off != raw_end || !view->section[i].raw_bytes;
	return ks_fail(diag, -EBADMSG, s->header_off + 20,
		       is_gap ? "gap before the section's data, pad the data in front of it" :
				"section data is not in the order of the section table");
}

u64 ks_pe_rva_end(const struct ks_pe_section *s)
{
	return (u64)s->rva + (s->virtual_bytes ? s->virtual_bytes : s->raw_bytes);
}

int ks_pe_check_rva(const struct ks_pe_view *view, u32 idx, struct ks_diag *diag)
{
	const struct ks_pe_section *s = &view->section[idx];

	if (idx && s->rva < ks_pe_rva_end(&view->section[idx - 1]))
		return ks_fail(diag, -EBADMSG, s->header_off + 12,
			       "section overlaps the one before it in memory");
	if (ks_pe_rva_end(s) > view->image_bytes)
		return ks_fail(diag, -EBADMSG, s->header_off + 8,
			       "section is outside of SizeOfImage");
	if (s->raw_bytes && s->rva < view->headers_bytes)
		return ks_fail(diag, -EBADMSG, s->header_off + 12,
			       "section overlaps the headers in memory");
	return 0;
}

static int parse_sections(struct ks_pe_view *view, struct ks_diag *diag)
{
	u64 table_bytes = (u64)view->nr_sections * SECTION_BYTES;
	struct ks_span table;
	struct ks_cursor c;
	u32 i;
	int rc;

	if (view->headers_bytes > view->file.bytes)
		return ks_fail(diag, -EBADMSG, view->opt_off + 60,
			       "SizeOfHeaders is over the size of the file");
	if (view->headers_bytes < view->section_table_off + table_bytes ||
	    !ks_span_sub(view->file, view->section_table_off, table_bytes, &table))
		return ks_fail(diag, -EBADMSG, view->opt_off + 60,
			       "SizeOfHeaders does not hold the section table");
	ks_cursor_init(&c, table, view->section_table_off);
	view->data_end_off = view->headers_bytes;
	for (i = 0; i < view->nr_sections; i++) {
		rc = parse_section(&c, view->file, &view->section[i], diag);
		if (rc)
			return rc;
		view->data_end_off += view->section[i].raw_bytes;
	}
	return 0;
}

int ks_pe_check_table(struct ks_pe_view *view, struct ks_diag *diag)
{
	u64 body_end = view->file.bytes, off = view->cert_off;
	struct ks_span certs = { 0 }, tail;

	if (off || view->cert_bytes) {
		if (!off)
			return ks_fail(diag, -EBADMSG, view->cert_dir_off,
				       "certificate table has bytes, but no place");
		if (off % 8)
			return ks_fail(diag, -EBADMSG, view->cert_dir_off,
				       "certificate table is not 8-aligned");
		if (off < view->data_end_off)
			return ks_fail(diag, -EBADMSG, view->cert_dir_off,
				       "certificate table overlaps the image");
		if (!ks_span_sub(view->file, off, view->cert_bytes, &certs))
			return ks_fail(diag, -EBADMSG, view->cert_dir_off,
				       "certificate table ends past end of file");
		if (!view->cert_bytes)
			return ks_fail(diag, -EBADMSG, view->cert_dir_off + 4,
				       "certificate table has a place, but no bytes");
		if (off + view->cert_bytes != view->file.bytes)
			return ks_fail(diag, -EBADMSG, view->cert_dir_off + 4,
				       "certificate table is not the end of the file");
		body_end = off;
	}
	if (body_end < view->data_end_off ||
	    !ks_span_sub(view->file, view->data_end_off, body_end - view->data_end_off, &tail))
		return ks_fail(diag, -EBADMSG, view->data_end_off, "section data past the end");
	view->certs = certs;
	view->tail = tail;
	return 0;
}

int ks_pe_read(struct ks_span file, struct ks_pe_view *ret_view, struct ks_diag *diag)
{
	struct ks_pe_view view = { .file = file };
	struct ks_span part;
	struct ks_cursor c;
	u32 nr_dirs = 0;
	int rc;

	if (file.bytes > UINT32_MAX)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "PE offsets are 32-bit, file is over 4 GiB");
	rc = find_coff(file, &view, diag);
	if (rc)
		return rc;
	if (!ks_span_sub(file, view.coff_off, file.bytes - view.coff_off, &part))
		return ks_fail(diag, -EBADMSG, view.coff_off, "COFF header past the end");
	ks_cursor_init(&c, part, view.coff_off);
	rc = parse_coff(&c, &view, diag);
	if (rc)
		return rc;
	if (!ks_span_sub(file, view.opt_off, view.opt_bytes, &part))
		return ks_fail(diag, -EBADMSG, view.opt_off, "PE optional header past the end");
	ks_cursor_init(&c, part, view.opt_off);
	rc = parse_optional(&c, &view, &nr_dirs, diag);
	if (!rc)
		rc = parse_dirs(&c, nr_dirs, &view, diag);
	if (!rc)
		rc = parse_sections(&view, diag);
	if (rc)
		return rc;
	*ret_view = view;
	return 0;
}

int ks_pe_parse(struct ks_span file, struct ks_pe_view *ret_view, struct ks_diag *diag)
{
	struct ks_pe_view view;
	u32 i;
	int rc = ks_pe_read(file, &view, diag);

	if (rc)
		return rc;
	for (i = 0; i < view.nr_sections && !rc; i++) {
		rc = ks_pe_check_raw(&view, i, diag);
		if (!rc)
			rc = ks_pe_check_rva(&view, i, diag);
	}
	if (!rc)
		rc = ks_pe_check_table(&view, diag);
	if (rc)
		return rc;
	*ret_view = view;
	return 0;
}

struct ks_span ks_pe_loaded(const struct ks_pe_section *s)
{
	struct ks_span part = s->raw;

	if (s->virtual_bytes && s->virtual_bytes < part.bytes)
		part.bytes = s->virtual_bytes;
	return part;
}

const struct ks_pe_section *ks_pe_find(const struct ks_pe_view *view, const char *name)
{
	u32 i;

	for (i = 0; i < view->nr_sections; i++)
		if (!strcmp(view->section[i].name, name))
			return &view->section[i];
	return NULL;
}
