// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>
#include <string.h>

#include "images.h"

static void section(uint8_t *row, const char *name, uint32_t rva, uint32_t raw, uint32_t flags)
{
	memcpy(row, name, strlen(name));
	put_le(row + 8, 4, 0x200);
	put_le(row + 12, 4, rva);
	put_le(row + 16, 4, 0x200);
	put_le(row + 20, 4, raw);
	put_le(row + 36, 4, flags);
}

static void optional_header(uint8_t *o)
{
	put_le(o, 2, 0x20b);
	put_le(o + 4, 4, 0x200);
	put_le(o + 8, 4, 0x600);
	put_le(o + 16, 4, 0x1000);
	put_le(o + 20, 4, 0x1000);
	put_le(o + 24, 8, 0x10000000);
	put_le(o + 32, 4, 0x1000);
	put_le(o + 36, 4, 0x200);
	put_le(o + 56, 4, 0x5000);
	put_le(o + 60, 4, HEADERS);
	put_le(o + 68, 2, 10);
	put_le(o + 70, 2, 0x100);
	put_le(o + 108, 4, 16);
}

/* Code that returns, a debug directory, one pointer and its relocation. */
struct bytes base_image(void)
{
	struct bytes b = bytes_new(IMAGE_END);
	uint8_t *p = b.p;

	memcpy(p, "MZ", 2);
	put_le(p + 60, 4, E_LFANEW);
	memcpy(p + E_LFANEW, "PE\0\0", 4);
	put_le(p + COFF, 2, 0x8664);
	put_le(p + COFF + 2, 2, 4);
	put_le(p + COFF + 16, 2, 0xf0);
	put_le(p + COFF + 18, 2, 0x22);
	optional_header(p + OPT);
	put_le(p + DIRS + 5 * 8, 4, 0x4000);
	put_le(p + DIRS + 5 * 8 + 4, 4, 12);
	put_le(p + DIRS + 6 * 8, 4, 0x2000);
	put_le(p + DIRS + 6 * 8 + 4, 4, 28);
	section(p + SECTIONS, ".text", 0x1000, TEXT, 0x60000020);
	section(p + SECTIONS + 40, ".rdata", 0x2000, RDATA, 0x40000040);
	section(p + SECTIONS + 80, ".data", 0x3000, DATA, 0xc0000040);
	section(p + SECTIONS + 120, ".reloc", 0x4000, RELOC, 0x42000040);
	memcpy(p + TEXT, "\x31\xc0\xc3", 3);
	put_le(p + RDATA + 12, 4, 2);
	put_le(p + RDATA + 16, 4, 30);
	put_le(p + RDATA + 20, 4, 0x2040);
	put_le(p + RDATA + 24, 4, RDATA + 0x40);
	memcpy(p + RDATA + 0x40, "RSDS0123456789abcdef\1\0\0\0a.pdb", 30);
	put_le(p + DATA, 8, 0x10001000);
	put_le(p + RELOC, 4, 0x3000);
	put_le(p + RELOC + 4, 4, 12);
	put_le(p + RELOC + 8, 2, 0xa000);
	return b;
}

static void hash_part(EVP_MD_CTX *ctx, struct bytes image, size_t from, size_t to)
{
	if (to > image.n)
		to = image.n;
	if (from < to && !EVP_DigestUpdate(ctx, image.p + from, to - from))
		die("no digest");
}

struct span {
	uint32_t at, n;
};

static int by_offset(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

/* The rows in the order of their data, those without data left out. */
static size_t read_sections(struct bytes image, size_t at, struct span rows[256])
{
	size_t nr = get_le(image.p + at + 6, 2), kept = 0, i;
	size_t row = at + 24 + get_le(image.p + at + 20, 2);

	for (i = 0; i < nr && i < 256 && row + 40 <= image.n; i++, row += 40) {
		struct span s = { (uint32_t)get_le(image.p + row + 20, 4),
				  (uint32_t)get_le(image.p + row + 16, 4) };
		if (s.n)
			rows[kept++] = s;
	}
	qsort(rows, kept, sizeof(*rows), by_offset);
	return kept;
}

struct bytes image_digest(struct bytes image, const EVP_MD *md)
{
	size_t at = get_le(image.p + 60, 4), headers, sum, i, nr, dirs, end = image.n;
	struct bytes d = bytes_new((size_t)EVP_MD_get_size(md));
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct span rows[256] = { { 0 } };

	if (at > image.n || image.n - at < 0x108)
		at = E_LFANEW;
	headers = sum = get_le(image.p + at + 24 + 60, 4);
	dirs = at + 24 + (get_le(image.p + at + 24, 2) == 0x10b ? 96U : 112U);
	nr = read_sections(image, at, rows);
	if (!ctx || !EVP_DigestInit_ex(ctx, md, NULL))
		die("no digest");
	hash_part(ctx, image, 0, at + 24 + 64);
	if (get_le(image.p + dirs - 4, 4) > 4) {
		hash_part(ctx, image, at + 24 + 68, dirs + 32);
		hash_part(ctx, image, dirs + 40, headers);
		end -= get_le(image.p + dirs + 36, 4);
	} else {
		hash_part(ctx, image, at + 24 + 68, headers);
	}
	for (i = 0; i < nr; i++) {
		hash_part(ctx, image, rows[i].at, (size_t)rows[i].at + rows[i].n);
		sum += rows[i].n;
	}
	hash_part(ctx, image, sum, end);
	if (!EVP_DigestFinal_ex(ctx, d.p, NULL))
		die("no digest");
	return d;
}

struct bytes win_cert_as(struct bytes data, uint16_t revision, uint16_t type)
{
	struct bytes b = bytes_new((8 + data.n + 7) & ~(size_t)7);

	put_le(b.p, 4, 8 + data.n);
	put_le(b.p + 4, 2, revision);
	put_le(b.p + 6, 2, type);
	memcpy(b.p + 8, data.p, data.n);
	return b;
}

struct bytes win_cert(struct bytes data)
{
	return win_cert_as(data, 0x200, 2);
}

struct bytes with_certs(struct bytes image, struct bytes table)
{
	struct bytes all = join(image, bytes_new(-image.n & 7), table, END);
	size_t at = get_le(image.p + 60, 4);

	if (at > image.n || image.n - at < 0x108)
		at = E_LFANEW;
	at += 24 + (get_le(image.p + at + 24, 2) == 0x10b ? 96U : 112U) + 32;
	put_le(all.p + at, 4, all.n - table.n);
	put_le(all.p + at + 4, 4, table.n);
	return all;
}
