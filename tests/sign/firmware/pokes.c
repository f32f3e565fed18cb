// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Images with other fields than they should have: signed afterwards ("header", "loader"), so that the
 * signature says nothing against them, or changed behind the signature ("table").
 */
#include <stdio.h>
#include <string.h>

#include "images.h"

struct poke {
	uint32_t at;
	unsigned int size;
	uint64_t value;
};

struct row {
	const char *name;
	struct poke pokes[8];
};

/* COFF header, optional header, a data directory's address and size, a section's row. */
#define C(off, size, value)	{ COFF + (off), size, value }
#define O(off, size, value)	{ OPT + (off), size, value }
#define DIR(nr, rva, bytes)	{ DIRS + 8 * (nr), 4, rva }, { DIRS + 8 * (nr) + 4, 4, bytes }
#define S(nr, off, size, value) { SECTIONS + 40 * (nr) + (off), size, value }
#define AT(at, size, value)	{ at, size, value }

static const struct row headers[] = {
	{ "plain", { C(4, 4, 0) } },
	{ "mz-zm", { AT(0, 2, 0x4d5a) } },
	{ "mz-none", { AT(0, 2, 0) } },
	{ "pe-magic", { AT(E_LFANEW, 4, 0x4551) } },
	{ "machine-ia32", { C(0, 2, 0x14c) } },
	{ "machine-arm64", { C(0, 2, 0xaa64) } },
	{ "machine-ebc", { C(0, 2, 0xebc) } },
	{ "machine-0", { C(0, 2, 0) } },
	{ "sections-0", { C(2, 2, 0) } },
	{ "sections-3", { C(2, 2, 3), S(3, 0, 8, 0), DIR(5, 0, 0) } },
	{ "sections-5", { C(2, 2, 5) } },
	{ "sections-max", { C(2, 2, 0xffff) } },
	{ "symbols", { C(8, 4, 0xb00), C(12, 4, 3) } },
	{ "symbols-outside", { C(8, 4, 0x7fff0000), C(12, 4, 30) } },
	{ "opt-size-0", { C(16, 2, 0) } },
	{ "opt-size-small", { C(16, 2, 0xe8) } },
	{ "opt-size-large", { C(16, 2, 0xffff) } },
	{ "flags-0", { C(18, 2, 0) } },
	{ "flags-not-executable", { C(18, 2, 0x20) } },
	{ "flags-dll", { C(18, 2, 0x2022) } },
	{ "flags-relocs-stripped", { C(18, 2, 0x23) } },
	{ "stripped-fixed-low", { C(18, 2, 0x23), DIR(5, 0, 0), O(24, 8, 0) } },
	{ "stripped-fixed-high", { C(18, 2, 0x23), DIR(5, 0, 0), O(24, 8, 0x7000000000000000) } },
	{ "magic-pe32", { O(0, 2, 0x10b) } },
	{ "magic-rom", { O(0, 2, 0x107) } },
	{ "code-size-max", { O(4, 4, 0xffffffff) } },
	{ "entry-0", { O(16, 4, 0) } },
	{ "entry-header", { O(16, 4, 0x40) } },
	{ "entry-data", { O(16, 4, 0x3000) } },
	{ "entry-outside", { O(16, 4, 0x5000) } },
	{ "entry-max", { O(16, 4, 0xffffffff) } },
	{ "base-0", { O(24, 8, 0), AT(DATA, 8, 0x1000) } },
	{ "base-odd", { O(24, 8, 0x10000001) } },
	{ "base-max", { O(24, 8, 0xfffffffffffff000) } },
	{ "sect-align-0", { O(32, 4, 0) } },
	{ "sect-align-1", { O(32, 4, 1) } },
	{ "sect-align-20", { O(32, 4, 0x20) } },
	{ "sect-align-200", { O(32, 4, 0x200) } },
	{ "sect-align-3", { O(32, 4, 3) } },
	{ "sect-align-1800", { O(32, 4, 0x1800) } },
	{ "sect-align-2000", { O(32, 4, 0x2000) } },
	{ "sect-align-max", { O(32, 4, 0x80000000) } },
	{ "file-align-0", { O(36, 4, 0) } },
	{ "file-align-1", { O(36, 4, 1) } },
	{ "file-align-3", { O(36, 4, 3) } },
	{ "file-align-1000", { O(36, 4, 0x1000) } },
	{ "win32-version", { O(52, 4, 6) } },
	{ "image-size-0", { O(56, 4, 0) } },
	{ "image-size-small", { O(56, 4, 0x3000) } },
	{ "image-size-odd", { O(56, 4, 0x4201) } },
	{ "image-size-large", { O(56, 4, 0x100000) } },
	{ "image-size-max", { O(56, 4, 0xffffffff) } },
	{ "headers-0", { O(60, 4, 0) } },
	{ "headers-small", { O(60, 4, 0x200) } },
	{ "headers-odd", { O(60, 4, 0x3ff) } },
	{ "headers-exact", { O(60, 4, 0x228) } },
	{ "headers-into-text", { O(60, 4, 0x600) } },
	{ "headers-past-end", { O(60, 4, 0x100000) } },
	{ "checksum", { O(64, 4, 0x12345678) } },
	{ "subsystem-0", { O(68, 2, 0) } },
	{ "subsystem-3", { O(68, 2, 3) } },
	{ "subsystem-11", { O(68, 2, 11) } },
	{ "subsystem-12", { O(68, 2, 12) } },
	{ "subsystem-13", { O(68, 2, 13) } },
	{ "subsystem-14", { O(68, 2, 14) } },
	{ "subsystem-16", { O(68, 2, 16) } },
	{ "dll-nx", { O(70, 2, 0x160) } },
	{ "dll-0", { O(70, 2, 0) } },
	{ "dll-integrity", { O(70, 2, 0x80) } },
	{ "stack-max", { O(72, 8, 0xffffffffffffffff) } },
	{ "loader-flags", { O(104, 4, 1) } },
	{ "dirs-0", { O(108, 4, 0) } },
	{ "dirs-4", { O(108, 4, 4) } },
	{ "dirs-15", { O(108, 4, 15) } },
	{ "dirs-17", { O(108, 4, 17) } },
	{ "dirs-max", { O(108, 4, 0xffffffff) } },
	{ "dir-export-outside", { DIR(0, 0x90000, 40) } },
	{ "dir-import-outside", { DIR(1, 0x90000, 40) } },
	{ "dir-exception-outside", { DIR(3, 0x90000, 40) } },
	{ "dir-com", { DIR(14, 0x2000, 72) } },
	{ "dir-reserved", { DIR(15, 0x2000, 72) } },
	{ "section-wx", { S(0, 36, 4, 0xe0000020) } },
	{ "section-discardable", { S(0, 36, 4, 0x62000020) } },
	{ "section-unreadable", { S(0, 36, 4, 0) } },
	{ "section-name-raw", { S(0, 0, 8, 0x1b5b1b5b1b5b1b5b) } },
	{ "section-names-same", { S(2, 0, 8, 0x747865742e) } },
	{ "section-relocations", { S(2, 24, 4, 0xa00), S(2, 32, 2, 3) } },
	{ "section-virtual-0", { S(2, 8, 4, 0) } },
	{ "section-virtual-large", { S(2, 8, 4, 0x1000) } },
	{ "section-virtual-small", { S(2, 8, 4, 0x10) } },
	{ "section-no-data", { S(2, 16, 4, 0), S(2, 20, 4, 0), DIR(5, 0, 0) } },
	{ "section-no-data-offset", { S(2, 16, 4, 0), S(2, 20, 4, 0x800), DIR(5, 0, 0) } },
	{ "section-raw-0", { S(2, 20, 4, 0) } },
	{ "section-raw-odd", { S(2, 20, 4, 0x801), S(2, 16, 4, 0x1ff) } },
	{ "section-raw-short", { S(3, 16, 4, 0x100) } },
	{ "section-raw-past-end", { S(3, 16, 4, 0x10000) } },
	{ "section-raw-max", { S(3, 16, 4, 0xffffffff) } },
	{ "section-raw-wraps", { S(3, 20, 4, 0xfffffff0) } },
	{ "section-raw-overlap", { S(2, 20, 4, 0x600) } },
	{ "section-raw-in-headers", { S(2, 20, 4, 0x200) } },
	{ "section-gap", { S(1, 20, 4, 0x680), S(1, 16, 4, 0x180), DIR(6, 0, 0) } },
	{ "section-rva-odd", { S(2, 12, 4, 0x3010), DIR(5, 0, 0) } },
	{ "section-rva-overlap", { S(2, 12, 4, 0x2000), DIR(5, 0, 0) } },
	{ "section-rva-backwards", { S(2, 12, 4, 0x4000), S(3, 12, 4, 0x3000), DIR(5, 0, 0) } },
	{ "section-rva-gap", { S(3, 12, 4, 0x8000), DIR(5, 0x8000, 12), O(56, 4, 0x9000) } },
	{ "section-rva-headers", { S(2, 12, 4, 0x200), DIR(5, 0, 0) } },
	{ "section-rva-0", { S(2, 12, 4, 0), DIR(5, 0, 0) } },
	{ "section-rva-outside", { S(2, 12, 4, 0x9000), DIR(5, 0, 0) } },
	{ "section-rva-max", { S(2, 12, 4, 0xfffff000), DIR(5, 0, 0) } },
	{ "section-too-large", { S(3, 8, 4, 0x10000) } },
};

/* What the loader reads behind the signature; the last ones may not be survived. */
static const struct row loaders[] = {
	{ "dirs-5", { O(108, 4, 5) } },
	{ "dirs-6", { O(108, 4, 6) } },
	{ "reloc-none", { DIR(5, 0, 0) } },
	{ "reloc-size-0", { DIR(5, 0x4000, 0) } },
	{ "reloc-rva-0", { DIR(5, 0, 12) } },
	{ "reloc-size-odd", { DIR(5, 0x4000, 13) } },
	{ "reloc-size-4", { DIR(5, 0x4000, 4) } },
	{ "reloc-size-8", { DIR(5, 0x4000, 8) } },
	{ "reloc-longer", { DIR(5, 0x4000, 24) } },
	{ "reloc-past-section", { DIR(5, 0x4000, 0x400) } },
	{ "reloc-rva-outside", { DIR(5, 0x9000, 12) } },
	{ "reloc-past-image", { DIR(5, 0x4ff8, 12) } },
	{ "reloc-size-huge", { DIR(5, 0x4000, 0x100000) } },
	{ "reloc-wraps", { DIR(5, 0x4000, 0xffffc00c) } },
	{ "reloc-in-headers", { DIR(5, 0x80, 12) } },
	{ "block-size-0", { AT(RELOC + 4, 4, 0) } },
	{ "block-size-4", { AT(RELOC + 4, 4, 4) } },
	{ "block-size-8", { AT(RELOC + 4, 4, 8) } },
	{ "block-size-odd", { AT(RELOC + 4, 4, 11) } },
	{ "block-size-longer", { AT(RELOC + 4, 4, 0x100) } },
	{ "block-size-max", { AT(RELOC + 4, 4, 0xffffffff) } },
	{ "entry-absolute", { AT(RELOC + 8, 2, 0) } },
	{ "entry-high", { AT(RELOC + 8, 2, 0x1000) } },
	{ "entry-low", { AT(RELOC + 8, 2, 0x2000) } },
	{ "entry-highlow", { AT(RELOC + 8, 2, 0x3000) } },
	{ "entry-highadj", { AT(RELOC + 8, 2, 0x4000) } },
	{ "entry-type-5", { AT(RELOC + 8, 2, 0x5000) } },
	{ "entry-type-9", { AT(RELOC + 8, 2, 0x9000) } },
	{ "entry-type-15", { AT(RELOC + 8, 2, 0xf000) } },
	{ "entry-at-edge", { AT(RELOC, 4, 0x4000), AT(RELOC + 8, 2, 0xaff8) } },
	{ "entry-in-code", { AT(RELOC, 4, 0x1000) } },
	{ "debug-none", { DIR(6, 0, 0) } },
	{ "debug-size-0", { DIR(6, 0x2000, 0) } },
	{ "debug-size-27", { DIR(6, 0x2000, 27) } },
	{ "debug-size-56", { DIR(6, 0x2000, 56) } },
	{ "debug-rva-outside", { DIR(6, 0x90000, 28) } },
	{ "debug-rva-unmapped", { DIR(6, 0x2800, 28) } },
	{ "debug-size-huge", { DIR(6, 0x2000, 0x10000000) } },
	{ "debug-rva-headers", { DIR(6, 0x80, 28) } },
	{ "debug-type-0", { AT(RDATA + 12, 4, 0) } },
	{ "debug-type-extended", { AT(RDATA + 12, 4, 20) } },
	{ "debug-data-size-0", { AT(RDATA + 16, 4, 0) } },
	{ "debug-data-huge", { AT(RDATA + 16, 4, 0x7fffffff) } },
	{ "debug-data-rva-0", { AT(RDATA + 20, 4, 0) } },
	{ "debug-data-outside", { AT(RDATA + 20, 4, 0x90000), AT(RDATA + 24, 4, 0x90000) } },
	{ "debug-data-offset-outside", { AT(RDATA + 24, 4, 0x90000) } },
	{ "debug-data-unmapped", { AT(RDATA + 20, 4, 0), AT(RDATA + 24, 4, 0x90000) } },
	{ "debug-data-no-signature", { AT(RDATA + 0x40, 4, 0x41414141) } },
	{ "debug-data-nb10", { AT(RDATA + 0x40, 4, 0x3031424e) } },
	{ "resource-outside", { DIR(2, 0x90000, 40) } },
	{ "resource-in-data", { DIR(2, 0x3000, 0x200) } },
	{ "resource-loop", { DIR(2, 0x3000, 0x200), AT(DATA + 0x20, 8, 0), AT(DATA + 14, 2, 1), AT(DATA + 16, 4, 0x80000000), AT(DATA + 20, 4, 0x80000000) } },
	{ "resource-past-image", { DIR(2, 0x4ffc, 0x200) } },
	{ "debug-in-certificates", { DIR(6, 0x2000, 28), AT(RDATA + 20, 4, 0), AT(RDATA + 24, 4, IMAGE_END + 8) } },
	{ "debug-in-certificates-huge", { AT(RDATA + 20, 4, 0), AT(RDATA + 24, 4, IMAGE_END + 8), AT(RDATA + 16, 4, 0x10000000) } },
	{ "block-rva-outside", { AT(RELOC, 4, 0x9000) } },
	{ "block-rva-far", { AT(RELOC, 4, 0x7ffff000) } },
	{ "entry-past-edge", { AT(RELOC, 4, 0x4000), AT(RELOC + 8, 2, 0xafff) } },
	{ "section-virtual-max", { S(2, 8, 4, 0xffffffff) } },
	{ "section-last-virtual-max", { S(3, 8, 4, 0xffffffff) } },
};

/* Behind the signature: the table begins at IMAGE_END and is the end of the file. */
#define T(off, size, value) { IMAGE_END + (off), size, value }

static const struct row tables[] = {
	{ "table-plain", { O(64, 4, 0) } },
	{ "table-checksum", { O(64, 4, 0xdeadbeef) } },
	{ "table-flip-header", { C(4, 4, 0x1234) } },
	{ "table-flip-code", { AT(TEXT + 0x80, 1, 0xcc) } },
	{ "table-flip-last", { AT(IMAGE_END - 1, 1, 0xcc) } },
	{ "table-dir-0", { DIR(4, 0, 0) } },
	{ "table-dir-size-0", { DIR(4, IMAGE_END, 0) } },
	{ "table-dir-size-8", { DIR(4, IMAGE_END, 8) } },
	{ "table-dir-odd", { DIR(4, IMAGE_END + 1, 0x400) } },
	{ "table-dir-outside", { DIR(4, 0x100000, 0x400) } },
	{ "table-dir-huge", { { DIRS + 36, 4, 0x7fffffff } } },
	{ "table-dir-wraps", { DIR(4, 0xfffffff8, 0x10) } },
	{ "table-dir-in-image", { DIR(4, 0x800, 0x800) } },
	{ "table-length-0", { T(0, 4, 0) } },
	{ "table-length-7", { T(0, 4, 7) } },
	{ "table-length-8", { T(0, 4, 8) } },
	{ "table-length-huge", { T(0, 4, 0x7fffffff) } },
	{ "table-length-max", { T(0, 4, 0xfffffff8) } },
	{ "table-revision-1", { T(4, 2, 0x100) } },
	{ "table-revision-3", { T(4, 2, 0x300) } },
	{ "table-revision-0", { T(4, 2, 0) } },
	{ "table-type-1", { T(6, 2, 1) } },
	{ "table-type-3", { T(6, 2, 3) } },
	{ "table-type-efi", { T(6, 2, 0xef0) } },
	{ "table-type-guid", { T(6, 2, 0xef1) } },
	{ "table-der-tag", { T(8, 1, 0x31) } },
	{ "table-der-short", { T(9, 1, 0x7f) } },
};

static struct bytes poked(struct bytes image, const struct row *row)
{
	size_t i;

	for (i = 0; i < 8 && row->pokes[i].size; i++) {
		const struct poke *p = &row->pokes[i];

		if (p->at + (size_t)p->size > image.n)
			die("%s: past the end", row->name);
		put_le(image.p + p->at, p->size, p->value);
	}
	return image;
}

static void add_signed(const struct row *list, size_t nr, const char *prefix)
{
	char name[100];
	size_t i;

	for (i = 0; i < nr; i++) {
		snprintf(name, sizeof(name), "%s-%s", prefix, list[i].name);
		add_image(name, signed_plainly(poked(base_image(), &list[i])));
	}
}

/* Headers elsewhere, and sections that are many: no field says it alone. */
static struct bytes with_sections(unsigned int nr)
{
	struct bytes image = base_image(), gap = bytes_new(0x2000), b;
	unsigned int i;

	b = join(copy_of(image.p, HEADERS), gap, copy_of(image.p + HEADERS, image.n - HEADERS), END);
	put_le(b.p + COFF + 2, 2, nr);
	put_le(b.p + OPT + 60, 4, HEADERS + 0x2000);
	put_le(b.p + OPT + 56, 4, 0x8000 + nr * 0x1000);
	put_le(b.p + DIRS + 40, 8, 0);
	put_le(b.p + DIRS + 48, 8, 0);
	for (i = 0; i < nr; i++) {
		uint8_t *row = b.p + SECTIONS + 40 * i;

		if (i < 4)
			put_le(row + 20, 4, get_le(row + 20, 4) + 0x2000);
		else
			memcpy(row, ".x", 2), put_le(row + 8, 4, 16), put_le(row + 36, 4, 0x40000040);
		put_le(row + 12, 4, 0x4000 + i * 0x1000);
	}
	put_le(b.p + OPT + 16, 4, 0x4000);
	return b;
}

static struct bytes with_lfanew(uint32_t at)
{
	struct bytes image = base_image(), b = base_image();

	memset(b.p + 64, 0, HEADERS - 64);
	memcpy(b.p + at, image.p + E_LFANEW, SECTIONS + 160 - E_LFANEW);
	put_le(b.p + 60, 4, at);
	return b;
}

void add_header_images(void)
{
	static const unsigned int many[] = { 96, 97, 150 };
	struct bytes image = base_image();
	char name[40];
	size_t i;

	add_signed(headers, sizeof(headers) / sizeof(*headers), "header");
	for (i = 0; i < sizeof(many) / sizeof(*many); i++) {
		snprintf(name, sizeof(name), "header-sections-%u", many[i]);
		add_image(name, signed_plainly(with_sections(many[i])));
	}
	add_image("header-lfanew-40", signed_plainly(with_lfanew(0x40)));
	add_image("header-lfanew-84", signed_plainly(with_lfanew(0x84)));
	add_image("header-lfanew-81", signed_plainly(with_lfanew(0x81)));
	add_image("header-trailing-data", signed_plainly(join(image, copy_of("trailing data!!!", 16), END)));
	add_image("header-trailing-5", signed_plainly(join(image, copy_of("data!", 5), END)));
}

static struct bytes resized(struct bytes image, int by)
{
	put_le(image.p + DIRS + 36, 4, get_le(image.p + DIRS + 36, 4) + (uint64_t)(int64_t)by);
	return image;
}

void add_table_images(void)
{
	struct bytes image, sign, gap;
	size_t i;

	for (i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		add_image(tables[i].name, poked(signed_plainly(base_image()), &tables[i]));
	image = signed_plainly(base_image());
	sign = copy_of(image.p + IMAGE_END, image.n - IMAGE_END);
	add_image("table-truncated", copy_of(image.p, image.n - 1));
	add_image("table-cut", resized(copy_of(image.p, image.n), -8));
	add_image("table-behind-8", join(image, bytes_new(8), END));
	add_image("table-behind-3", join(image, bytes_new(3), END));
	add_image("table-grown-8", resized(join(image, bytes_new(8), END), 8));
	add_image("table-grown-4", resized(join(image, bytes_new(4), END), 4));
	add_image("table-padding", resized(join(image, copy_of("\xff\xff\xff\xff\xff\xff\xff\xff", 8), END), 8));
	add_image("table-empty-entry", resized(join(image, copy_of("\x08\0\0\0\0\2\2\0", 8), END), 8));
	gap = join(copy_of(image.p, IMAGE_END), copy_of("unhashed", 8), sign, END);
	put_le(gap.p + DIRS + 32, 4, IMAGE_END + 8);
	add_image("table-gap", gap);
	add_image("table-gap-signed", signed_plainly(join(base_image(), copy_of("unhashed", 8), END)));
	image = base_image();
	sign = win_cert_as(copy_of(sign.p + 8, sign.n - 8), 0x200, 2);
	add_image("table-der-padded", with_certs(image, join(sign, bytes_new(0), END)));
	add_image("table-x509", with_certs(image, win_cert_as(identity("self")->der, 0x200, 1)));
}

void add_loader_images(void)
{
	add_signed(loaders, sizeof(loaders) / sizeof(*loaders), "loader");
}
