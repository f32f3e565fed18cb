/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PE/COFF images as UEFI loads and hashes them.
 * Sources: Microsoft PE format; Windows Authenticode PE signature format; the kernel's
 * crypto/asymmetric_keys/verify_pefile.c; EDK2's DxeImageVerificationLib.
 *
 * The reader is stricter than any loader on purpose: verifiers differ on gaps, overlaps and
 * trailing bytes, so an image that has them is refused rather than hashed one way or the other.
 */
#ifndef KS_FMT_PE_H
#define KS_FMT_PE_H

#include "base/buf.h"
#include "base/limits.h"

#define KS_PE_MACHINE_X64 0x8664
#define KS_PE_MACHINE_ARM64 0xaa64

#define KS_PE_SCN_CODE 0x00000020U
#define KS_PE_SCN_INIT_DATA 0x00000040U
#define KS_PE_SCN_EXECUTE 0x20000000U
#define KS_PE_SCN_READ 0x40000000U
#define KS_PE_SCN_WRITE 0x80000000U

/* Characteristics of the COFF header and of the optional header. */
#define KS_PE_RELOCS_STRIPPED 0x0001U
#define KS_PE_NX_COMPAT 0x0100U

/** struct ks_pe_section - one row of the section table, which stands at @header_off of the file */
struct ks_pe_section {
	char name[9];
	u32 virtual_bytes;
	u32 rva;
	u32 raw_bytes;
	u32 raw_off;
	u32 flags;
	u64 header_off;
	struct ks_span header;
	struct ks_span raw;
};

/**
 * struct ks_pe_view - a checked image, borrowed
 * @file: the whole file
 * @machine: KS_PE_MACHINE_*
 * @coff_off: offset of the COFF header (behind "PE\0\0")
 * @symbols_off: offset of the COFF symbol table, 0 if there is none
 * @coff_flags: KS_PE_RELOCS_STRIPPED and others
 * @opt_off: offset of the optional header
 * @opt_bytes: its size with all data directories
 * @checksum_off: offset of the 4-byte CheckSum
 * @cert_dir_off: offset of the 8-byte certificate-table directory entry
 * @section_table_off: offset of the first section header
 * @entry_rva: where the image starts
 * @section_align: bytes in memory, a power of two
 * @file_align: bytes in the file, a power of two
 * @headers_bytes: SizeOfHeaders
 * @image_bytes: SizeOfImage
 * @checksum: CheckSum as it stands in the file
 * @subsystem: 10 for an EFI application
 * @dll_flags: KS_PE_NX_COMPAT and others
 * @cert_off, @cert_bytes: the certificate-table directory entry as it stands in the file
 * @nr_dirs, @dir: NumberOfRvaAndSizes and the data directories as they stand in the file
 * @debug_bytes: size of the debug directory, whose entries hold file offsets
 * @data_end_off: end of the last section's data: what follows up to the table is @tail
 * @tail: bytes behind the sections and before the certificate table
 * @certs: the certificate table, empty when the image is unsigned
 */
struct ks_pe_view {
	struct ks_span file;
	u16 machine;
	u64 coff_off;
	u32 symbols_off;
	u16 coff_flags;
	u64 opt_off;
	u32 opt_bytes;
	u64 checksum_off;
	u64 cert_dir_off;
	u64 section_table_off;
	u32 entry_rva;
	u32 section_align;
	u32 file_align;
	u32 headers_bytes;
	u32 image_bytes;
	u32 checksum;
	u16 subsystem;
	u16 dll_flags;
	u32 cert_off;
	u32 cert_bytes;
	u32 nr_dirs;
	struct {
		u32 rva;
		u32 bytes;
	} dir[KS_MAX_PE_DIRS];
	u32 debug_bytes;
	u64 data_end_off;
	struct ks_span tail;
	struct ks_span certs;
	u32 nr_sections;
	struct ks_pe_section section[KS_MAX_PE_SECTIONS];
};

/**
 * ks_pe_parse() - read and check an image
 * @file: whole file, borrowed by @ret_view
 *
 * Refused: section data that is unsorted, overlaps, leaves a gap or runs past the end; sections
 * that overlap in memory; a certificate table that is not 8-aligned or not the end of the file.
 *
 * Return: 0; -EBADMSG with the offset; -E2BIG above KS_MAX_PE_SECTIONS or KS_MAX_PE_DIRS;
 * -EOPNOTSUPP for machines other than x86-64 and arm64.
 */
int __must_check ks_pe_parse(struct ks_span file, struct ks_pe_view *ret_view,
			     struct ks_diag *diag);

/**
 * ks_pe_read() - the headers alone: what can be read of an image whose layout is broken
 * @ret_view: @tail and @certs are empty; the data of a section past the end is an empty span
 *
 * For lint, which tells everything that is wrong; all others use ks_pe_parse().
 *
 * Return: as ks_pe_parse() for the headers.
 */
int __must_check ks_pe_read(struct ks_span file, struct ks_pe_view *ret_view,
			    struct ks_diag *diag);

/**
 * ks_pe_check_raw(), ks_pe_check_rva() - one section's place in the file and in memory
 * @idx: below @view->nr_sections
 * Return: 0; -EBADMSG.
 */
int __must_check ks_pe_check_raw(const struct ks_pe_view *view, u32 idx, struct ks_diag *diag);
int __must_check ks_pe_check_rva(const struct ks_pe_view *view, u32 idx, struct ks_diag *diag);

/** ks_pe_check_table() - where the certificate table is; sets @view->certs and @view->tail */
int __must_check ks_pe_check_table(struct ks_pe_view *view, struct ks_diag *diag);

/** ks_pe_rva_end() - first address behind a section in memory */
u64 ks_pe_rva_end(const struct ks_pe_section *section);

/**
 * ks_pe_loaded() - content of a section as the loader gives it: VirtualSize bytes, all if it is 0
 * Return: the part that is in the file.
 */
struct ks_span ks_pe_loaded(const struct ks_pe_section *s);

/** ks_pe_find() - a section by name, NULL if there is none */
const struct ks_pe_section *ks_pe_find(const struct ks_pe_view *view, const char *name);

/* Ranges of a hash: three of the headers, the sections, the tail, the padding. */
#define KS_PE_MAX_REGIONS (KS_MAX_PE_SECTIONS + 5)

/**
 * ks_pe_hash_regions() - the byte ranges that Authenticode hashes, in order
 * @ret_region: KS_PE_MAX_REGIONS entries
 *
 * All but CheckSum, the certificate-table entry and the table, zero-padded to 8 bytes.
 *
 * Return: number of regions.
 */
size_t ks_pe_hash_regions(const struct ks_pe_view *view, struct ks_span *ret_region);

/**
 * ks_pe_certs() - the PKCS#7 blobs of the certificate table
 * @ret_cms: KS_MAX_PE_CERTS entries, each the padded content of one WIN_CERTIFICATE
 * @ret_nr: how many
 *
 * Return: 0; -EBADMSG; -E2BIG; -EOPNOTSUPP for an entry that is not PKCS#7 of revision 2.0.
 */
int __must_check ks_pe_certs(const struct ks_pe_view *view, struct ks_span *ret_cms, size_t *ret_nr,
			     struct ks_diag *diag);

/**
 * ks_pe_firmware_certs() - the signatures that firmware reads of the certificate table
 *
 * As ks_pe_certs(), but any revision and padding will do, a WIN_CERTIFICATE_UEFI_GUID of PKCS#7 is
 * one, and other types are skipped, as EDK2 does.
 *
 * Return: 0; -EBADMSG where firmware refuses the image for its table; -E2BIG.
 */
int __must_check ks_pe_firmware_certs(const struct ks_pe_view *view, struct ks_span *ret_cms,
				      size_t *ret_nr, struct ks_diag *diag);

/* How many pieces an image is written in. */
#define KS_PE_IMAGE_PARTS 3

/**
 * struct ks_pe_image - an image with another certificate table, in pieces so that it is not copied
 * @head: headers up to the certificate-table entry
 * @body: the rest as it was, borrowed from the view's file
 * @table: padding and WIN_CERTIFICATE entries
 */
struct ks_pe_image {
	struct ks_buf head;
	struct ks_span body;
	struct ks_buf table;
};

/** ks_pe_image_done() - free; accepts an empty one */
void ks_pe_image_done(struct ks_pe_image *image);

/** ks_pe_image_parts() - what ks_file_publish() writes, borrowed */
void ks_pe_image_parts(const struct ks_pe_image *image, struct ks_span part[KS_PE_IMAGE_PARTS]);

/**
 * ks_pe_build_signed() - the image with a new certificate table
 * @cms: one PKCS#7 each, in order; @nr_cms of 0 strips the image
 * @ret_image: body padded to 8, table, directory entry and CheckSum set; ks_pe_image_done()
 *
 * Return: 0; -E2BIG above 32-bit offsets; -ENOMEM.
 */
int __must_check ks_pe_build_signed(const struct ks_pe_view *view, const struct ks_span *cms,
				    size_t nr_cms, struct ks_pe_image *ret_image,
				    struct ks_diag *diag);

/**
 * struct ks_pe_new_section - a section to add
 * @name: 1 to 8 characters
 * @data: content, borrowed; not empty
 * @flags: KS_PE_SCN_*
 */
struct ks_pe_new_section {
	const char *name;
	struct ks_span data;
	u32 flags;
};

/* The headers with what stays, data and padding of each added section, the table. */
#define KS_PE_MAX_PIECES (2 * KS_MAX_PE_SECTIONS + 2)

/**
 * struct ks_pe_pieces - a new image in pieces, in file order, so that large data is not copied
 * @head: owned: headers, and the sections that stay
 * @table: owned: the certificate table, empty before ks_pe_pieces_finish()
 * @piece: what ks_file_publish() writes; [0] is @head, the others borrow what was added
 */
struct ks_pe_pieces {
	struct ks_buf head;
	struct ks_buf table;
	u64 checksum_off;
	u64 cert_dir_off;
	u64 file_bytes;
	size_t nr_pieces;
	struct ks_span piece[KS_PE_MAX_PIECES];
};

/**
 * ks_pe_build_pieces() - an image with sections added behind its own
 * @view: an unsigned image without a debug directory (whose entries hold file offsets); the new
 *        one gets @view->dll_flags, which the caller may have changed
 * @added: borrowed; placed in order, page-aligned in memory; a section of the image with the same name
 *         goes, while @added may hold a name several times (the caller knows what that means)
 * @ret_pieces: section table and SizeOfImage set, tail dropped; CheckSum is still 0;
 *              ks_pe_pieces_done()
 *
 * Sections of the image keep their addresses, so its code needs no relocation.
 *
 * Return: 0; -EINVAL for a bad name or empty data; -EOPNOTSUPP for a signed image or one with a
 * debug directory; -E2BIG if the headers have no room or an offset leaves 32 bits.
 */
int __must_check ks_pe_build_pieces(const struct ks_pe_view *view,
				    const struct ks_pe_new_section *added, size_t nr_added,
				    struct ks_pe_pieces *ret_pieces, struct ks_diag *diag);

/**
 * ks_pe_pieces_head() - what Authenticode hashes of the first piece; all of the others follows it
 * @ret_region: the headers without CheckSum and the entry of the certificate table
 * Return: 0; -EINVAL if @pieces were not built.
 */
int __must_check ks_pe_pieces_head(const struct ks_pe_pieces *pieces, struct ks_span ret_region[3],
				   struct ks_diag *diag);

/**
 * ks_pe_pieces_sum() - add a part to the sum that becomes the CheckSum
 * @sum: of other parts, 0 at first
 * @off: where the part is in the file
 */
u64 ks_pe_pieces_sum(u64 sum, u64 off, struct ks_span part);

/**
 * ks_pe_pieces_finish() - the last change: certificate table and CheckSum
 * @body_sum: ks_pe_pieces_sum() of all pieces behind the first
 * @cms: one PKCS#7; empty for an unsigned image
 *
 * Only @pieces->head changes, and @pieces->table becomes the last piece.
 *
 * Return: 0; -E2BIG above 32-bit offsets; -ENOMEM.
 */
int __must_check ks_pe_pieces_finish(struct ks_pe_pieces *pieces, u64 body_sum, struct ks_span cms,
				     struct ks_diag *diag);

/** ks_pe_pieces_put() - finish an unsigned image and append the whole file to @out */
int __must_check ks_pe_pieces_put(struct ks_pe_pieces *pieces, struct ks_buf *out,
				  struct ks_diag *diag);

/** ks_pe_pieces_done() - free; accepts an empty one */
void ks_pe_pieces_done(struct ks_pe_pieces *pieces);

/**
 * ks_pe_checksum() - the PE CheckSum of a file of less than 4 GiB
 * @checksum_off: offset of the CheckSum field, which counts as 0
 * Return: the sum; 0 if the field is not in the file.
 */
u32 ks_pe_checksum(struct ks_span file, u64 checksum_off);

#endif
