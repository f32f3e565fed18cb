// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What the loader behind the signature refuses, or reads and writes where it should not: EDK2's
 * BasePeCoffLib up to the releases of 2026, asked of OVMF with signed images.
 */
#include "ops/pe_lint_internal.h"

#include <string.h>

#include "base/cursor.h"

#define DIR_RESOURCE 2U
#define DIR_CERTS 4U
#define DIR_RELOC 5U
#define DIR_DEBUG 6U
#define DEBUG_ENTRY_BYTES 28U
#define DEBUG_CODEVIEW 2U
#define RESOURCE_HEAD_BYTES 16U

static u64 dir_off(const struct ks_pe_lint *l, u32 idx)
{
	return l->view.cert_dir_off - DIR_CERTS * 8 + idx * 8;
}

/* A directory that is there and not empty. */
static bool has_dir(const struct ks_pe_lint *l, u32 idx)
{
	return l->view.nr_dirs > idx && l->view.dir[idx].bytes;
}

/* @bytes of the loaded image: headers, data of a section, or the zeros behind it. */
static bool read_rva(const struct ks_pe_lint *l, u64 rva, u64 bytes, u8 *to)
{
	const struct ks_pe_view *v = &l->view;
	struct ks_span part;
	u64 i;
	u32 k;

	memset(to, 0, bytes);
	if (rva + bytes > v->image_bytes)
		return false;
	for (i = 0; i < bytes; i++) {
		if (rva + i < v->headers_bytes && ks_span_sub(v->file, rva + i, 1, &part))
			to[i] = part.p[0];
		for (k = 0; k < v->nr_sections; k++)
			if (rva + i >= v->section[k].rva &&
			    ks_span_sub(v->section[k].raw, rva + i - v->section[k].rva, 1, &part))
				to[i] = part.p[0];
	}
	return true;
}

static u32 le32(const u8 *p)
{
	return (u32)p[0] | (u32)p[1] << 8 | (u32)p[2] << 16 | (u32)p[3] << 24;
}

/* NumberOfRvaAndSizes 5 has no directory 5, but EDK2 tests for less than 5 and not for less than 6. */
void ks_pe_lint_dirs(struct ks_pe_lint *l)
{
	if (l->view.nr_dirs == DIR_RELOC)
		ks_pe_lint_found(l, dir_off(l, 0) - 4,
				 "NumberOfRvaAndSizes is 5: firmware reads the section table as "
				 "relocation directory, write 16",
				 NULL);
}

/* How many bytes a fixup changes; 0: none; -1: a type that firmware does not know. */
static int fixup_bytes(u16 entry)
{
	switch (entry >> 12) {
	case 0:
		return 0;
	case 1:
	case 2:
		return 2;
	case 3:
		return 4;
	case 10:
		return 8;
	}
	return -1;
}

/* Return: NULL, or what is wrong with the block at @rva whose entries end at @end. */
static const char *check_block(const struct ks_pe_lint *l, u64 rva, u64 end, u32 page)
{
	u64 at;

	if (page >= l->view.image_bytes)
		return "relocation block is of an address outside of the image, firmware does not load it";
	for (at = rva + 8; at < end; at += 2) {
		u8 raw[2];
		u16 entry;
		int bytes;
		u64 target;

		if (!read_rva(l, at, 2, raw))
			return "relocation block ends outside of the image";
		entry = (u16)(raw[0] | raw[1] << 8);
		target = (u64)page + (entry & 0xfff);
		bytes = fixup_bytes(entry);
		if (bytes < 0)
			return "relocation of a type that firmware does not know";
		if (target >= l->view.image_bytes)
			return "relocation outside of the image, firmware does not load it";
		if (target + (u64)bytes > l->view.image_bytes)
			return "relocation leaves the image: firmware writes into foreign memory";
	}
	return NULL;
}

void ks_pe_lint_relocs(struct ks_pe_lint *l)
{
	const u32 dir_rva = l->view.dir[DIR_RELOC].rva, dir_bytes = l->view.dir[DIR_RELOC].bytes;
	u64 rva = dir_rva, end = (u64)dir_rva + dir_bytes;
	const char *what = NULL;

	if (!has_dir(l, DIR_RELOC))
		return;
	if (end > UINT32_MAX)
		what = "relocation directory wraps around, versions of firmware differ on it";
	else if (end > l->view.image_bytes)
		what = "relocation directory leaves the image, firmware does not load it";
	while (!what && rva + 1 < end) {
		u8 head[8];
		u32 bytes;

		if (!read_rva(l, rva, 8, head)) {
			what = "relocation block leaves the image";
			break;
		}
		bytes = le32(head + 4);
		if (bytes < 8)
			what = "relocation block of less than its header, firmware does not load it";
		else if (rva + bytes > end)
			what = "relocation block leaves its directory, firmware does not load it";
		else
			what = check_block(l, rva, rva + bytes, le32(head));
		rva += bytes;
	}
	if (what)
		ks_pe_lint_found(l, dir_off(l, DIR_RELOC), what, NULL);
}

/* CodeView with RVA 0 is read from the file, wherever it points to. */
static const char *check_codeview(const struct ks_pe_lint *l, const u8 *entry)
{
	const u32 bytes = le32(entry + 16), rva = le32(entry + 20), off = le32(entry + 24);
	static const struct {
		const char *magic;
		u32 bytes;
	} kinds[] = { { "NB10", 16 }, { "RSDS", 24 }, { "MTOC", 20 } };
	u8 magic[4] = { 0 };
	struct ks_span part;
	size_t i;

	if (!rva && !off)
		return NULL;
	if (!rva && (u64)off + bytes > l->view.data_end_off)
		return "debug directory points behind the sections: firmware reads what nobody signed";
	if (rva && !read_rva(l, rva, 4, magic))
		return "debug data is outside of the image, firmware does not load it";
	if (!rva && ks_span_sub(l->view.file, off, 4, &part))
		memcpy(magic, part.p, 4);
	for (i = 0; i < KS_ARRAY_SIZE(kinds); i++)
		if (!memcmp(magic, kinds[i].magic, 4) && bytes < kinds[i].bytes)
			return "debug data is shorter than its kind, firmware does not load the image";
	return NULL;
}

static const struct ks_pe_section *section_at(const struct ks_pe_lint *l, u32 rva)
{
	u32 i;

	for (i = 0; i < l->view.nr_sections; i++)
		if (rva >= l->view.section[i].rva &&
		    rva - l->view.section[i].rva < l->view.section[i].virtual_bytes)
			return &l->view.section[i];
	return NULL;
}

void ks_pe_lint_debug(struct ks_pe_lint *l)
{
	const u32 rva = l->view.dir[DIR_DEBUG].rva, bytes = l->view.dir[DIR_DEBUG].bytes;
	const struct ks_pe_section *s = section_at(l, rva);
	const char *what = NULL;
	u64 i, off;

	if (!has_dir(l, DIR_DEBUG) || !s)
		return;
	off = (u64)rva - s->rva + s->raw_off;
	for (i = 0; i < bytes && !what; i += DEBUG_ENTRY_BYTES) {
		struct ks_span entry;

		if (off + i + DEBUG_ENTRY_BYTES > l->view.data_end_off ||
		    !ks_span_sub(l->view.file, off + i, DEBUG_ENTRY_BYTES, &entry)) {
			what = "debug directory leaves the sections: firmware reads what nobody signed";
		} else if (le32(entry.p + 12) == DEBUG_CODEVIEW) {
			what = check_codeview(l, entry.p);
			break;
		}
	}
	if (what)
		ks_pe_lint_found(l, dir_off(l, DIR_DEBUG), what, NULL);
}

/* EDK2 follows the tree to a resource named HII with offsets that it compares with the size alone. */
void ks_pe_lint_resources(struct ks_pe_lint *l)
{
	const u32 rva = l->view.dir[DIR_RESOURCE].rva, bytes = l->view.dir[DIR_RESOURCE].bytes;
	u8 head[RESOURCE_HEAD_BYTES];
	const char *what = NULL;
	u64 nr;

	if (!has_dir(l, DIR_RESOURCE) || rva >= l->view.image_bytes)
		return;
	if ((u64)rva + bytes > l->view.image_bytes || !read_rva(l, rva, RESOURCE_HEAD_BYTES, head)) {
		what = "resource directory leaves the image: firmware reads foreign memory";
	} else {
		nr = (u64)(head[12] | head[13] << 8) + (u64)(head[14] | head[15] << 8);
		if (RESOURCE_HEAD_BYTES + nr * 8 > bytes)
			what = "resource directory has more entries than bytes, firmware does not load it";
	}
	if (what)
		ks_pe_lint_found(l, dir_off(l, DIR_RESOURCE), what, NULL);
}
