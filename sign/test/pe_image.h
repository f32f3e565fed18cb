/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A small PE image for tests that nothing is wrong with but what a test breaks.
 */
#ifndef KS_TEST_PE_IMAGE_H
#define KS_TEST_PE_IMAGE_H

#include "fmt/pe.h"

/*
 * 0x00 MZ, 0x40 PE, 0x44 COFF, 0x58 optional header (0xf0), 0x148 section table, 0x200 .text,
 * 0x400 .data, 0x600 end.
 */
#define OPT 0x58U
#define DIRS (OPT + 112)
#define SECTIONS 0x148U
#define FILE_BYTES 0x600U

/* A change of one header field, and the errno and the words that it must give. */
struct mutation {
	const char *name;
	u64 off;
	size_t width;
	u32 value;
	int err;
	const char *what;
};

/** make_image() - .text (executable) and .data, NX_COMPAT, CheckSum set */
void make_image(struct ks_buf *b);

/** mutate() - set the field of @m */
void mutate(struct ks_buf *b, const struct mutation *m);

/** put_section() - row @idx: 0x200 readable bytes at @raw_off; the headers have room for 4 rows */
void put_section(struct ks_buf *b, u32 idx, const char *name, u32 rva, u32 raw_off);

/** sign_image() - the image with a certificate table, in one piece */
void sign_image(const struct ks_pe_view *view, const struct ks_span *cms, size_t nr_cms,
		struct ks_buf *out);

/** add_sections() - the image with @added behind its own, in one piece. Return: as ks_pe_build_pieces(). */
int add_sections(const struct ks_pe_view *view, const struct ks_pe_new_section *added, size_t nr_added,
		 struct ks_buf *out, struct ks_diag *diag);

#endif
