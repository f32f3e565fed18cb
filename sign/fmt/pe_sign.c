// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What a signature needs of an image: which bytes are hashed, and the certificate table.
 *
 *   WIN_CERTIFICATE, each 8-aligned:
 *   0  u32 dwLength         header and content, without the padding
 *   4  u16 wRevision        0x0200
 *   6  u16 wCertificateType 0x0002 (PKCS#7)
 *   8  content
 */
#include <errno.h>

#include "base/cursor.h"
#include "fmt/pe.h"

#define CERT_ALIGN 8U
#define CERT_HEADER_BYTES 8U
#define TYPE_PKCS 0x0002U
#define TYPE_EFI_GUID 0x0ef1U

/* EFI_CERT_TYPE_PKCS7_GUID, 4aafd29d-68df-49ee-8aa9-347d375665a7 */
static const u8 guid_pkcs7[] = { 0x9d, 0xd2, 0xaf, 0x4a, 0xdf, 0x68, 0xee, 0x49,
				 0x8a, 0xa9, 0x34, 0x7d, 0x37, 0x56, 0x65, 0xa7 };

size_t ks_pe_hash_regions(const struct ks_pe_view *view, struct ks_span *ret_region)
{
	static const u8 zeros[CERT_ALIGN];
	const u64 cut[] = { 0,
			    view->checksum_off,
			    view->checksum_off + 4,
			    view->cert_dir_off,
			    view->cert_dir_off + 8,
			    view->headers_bytes };
	u64 body_bytes = view->data_end_off + view->tail.bytes;
	size_t i, nr = 0;

	for (i = 0; i < KS_ARRAY_SIZE(cut); i += 2)
		if (ks_span_sub(view->file, cut[i], cut[i + 1] - cut[i], &ret_region[nr]))
			nr++;
	for (i = 0; i < view->nr_sections; i++)
		if (view->section[i].raw_bytes)
			ret_region[nr++] = view->section[i].raw;
	ret_region[nr++] = view->tail;
	ret_region[nr++] = (struct ks_span){ zeros, ks_align_up(body_bytes, CERT_ALIGN) - body_bytes };
	return nr;
}

/* One WIN_CERTIFICATE, @c stands behind its padding afterwards. */
struct entry {
	u64 off;
	u16 revision;
	u16 type;
	struct ks_span content;
	struct ks_span padding;
};

/* EDK2 goes from entry to entry like this, and refuses the image where it cannot. */
static int read_entry(struct ks_cursor *c, struct entry *ret_entry, struct ks_diag *diag)
{
	struct entry e = { .off = ks_cursor_off(c) };
	u32 length = ks_get_le32(c);
	int rc;

	e.revision = ks_get_le16(c);
	e.type = ks_get_le16(c);
	rc = ks_cursor_ok(c, "WIN_CERTIFICATE past the end", diag);
	if (rc)
		return rc;
	if (length <= CERT_HEADER_BYTES)
		return ks_fail(diag, -EBADMSG, e.off,
			       "WIN_CERTIFICATE has a dwLength of its own header or less");
	if (ks_align_up(length, CERT_ALIGN) - CERT_HEADER_BYTES > ks_cursor_left(c))
		return ks_fail_range(diag, e.off, "WIN_CERTIFICATE, padded to 8 bytes,",
				     ks_align_up(length, CERT_ALIGN),
				     ks_cursor_left(c) + CERT_HEADER_BYTES);
	e.content = ks_get_bytes(c, length - CERT_HEADER_BYTES);
	e.padding = ks_get_bytes(c, ks_align_up(length, CERT_ALIGN) - length);
	*ret_entry = e;
	return 0;
}

/* What a signature that stays is copied from: the shape in which it is written again. */
static int check_entry(const struct entry *e, struct ks_diag *diag)
{
	if (e->revision != 0x0200 || e->type != TYPE_PKCS)
		return ks_fail(diag, -EOPNOTSUPP, e->off + 4,
			       "WIN_CERTIFICATE is not revision 2.0 PKCS#7");
	if (!ks_span_is_zero(e->padding))
		return ks_fail(diag, -EBADMSG, e->off + CERT_HEADER_BYTES + e->content.bytes,
			       "padding of a WIN_CERTIFICATE carries data");
	return 0;
}

int ks_pe_certs(const struct ks_pe_view *view, struct ks_span *ret_cms, size_t *ret_nr,
		struct ks_diag *diag)
{
	struct ks_cursor c;
	struct entry e;
	size_t nr = 0;
	int rc;

	ks_cursor_init(&c, view->certs, view->file.bytes - view->certs.bytes);
	while (ks_cursor_left(&c)) {
		if (nr == KS_MAX_PE_CERTS)
			return ks_fail(diag, -E2BIG, ks_cursor_off(&c), "over 64 signatures");
		rc = read_entry(&c, &e, diag);
		if (!rc)
			rc = check_entry(&e, diag);
		if (rc)
			return rc;
		ret_cms[nr++] = e.content;
	}
	*ret_nr = nr;
	return 0;
}

/* Whatever the revision says. WIN_CERTIFICATE_UEFI_GUID has the GUID of its content in front. */
static bool is_pkcs7(const struct entry *e, struct ks_span *ret_cms)
{
	struct ks_span type;

	*ret_cms = e->content;
	if (e->type == TYPE_PKCS)
		return true;
	return e->type == TYPE_EFI_GUID && ks_span_sub(e->content, 0, sizeof(guid_pkcs7), &type) &&
	       ks_span_eq(type, (struct ks_span){ guid_pkcs7, sizeof(guid_pkcs7) }) &&
	       ks_span_sub(e->content, sizeof(guid_pkcs7), e->content.bytes - sizeof(guid_pkcs7),
			   ret_cms);
}

int ks_pe_firmware_certs(const struct ks_pe_view *view, struct ks_span *ret_cms, size_t *ret_nr,
			 struct ks_diag *diag)
{
	struct ks_span cms;
	struct ks_cursor c;
	struct entry e;
	size_t nr = 0;
	int rc;

	ks_cursor_init(&c, view->certs, view->file.bytes - view->certs.bytes);
	while (ks_cursor_left(&c)) {
		rc = read_entry(&c, &e, diag);
		if (rc)
			return rc;
		if (!is_pkcs7(&e, &cms))
			continue;
		if (nr == KS_MAX_PE_CERTS)
			return ks_fail(diag, -E2BIG, e.off, "over 64 signatures");
		ret_cms[nr++] = cms;
	}
	*ret_nr = nr;
	return 0;
}

/*
 * The sum of the little-endian 16-bit words of a part that starts at @off of its file. It is taken
 * modulo 0xffff, in which a 32-bit word is the sum of its halves: twice as fast.
 */
static u64 sum_words(struct ks_span part, u64 off)
{
	u64 sum = 0;
	size_t i = 0;

	if (off % 2 && part.bytes)
		sum += (u64)part.p[i++] << 8;
	for (; i + 4 <= part.bytes; i += 4)
		sum += (u32)part.p[i] | (u32)part.p[i + 1] << 8 | (u32)part.p[i + 2] << 16 |
		       (u32)part.p[i + 3] << 24;
	for (off = 0; i < part.bytes; i++, off++)
		sum += (u64)part.p[i] << (off % 2 ? 8 : 0);
	return sum;
}

/* Each call adds less than 2^62: files are below 4 GiB. */
static u32 fold(u64 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (u32)sum;
}

u32 ks_pe_checksum(struct ks_span file, u64 checksum_off)
{
	struct ks_span before, after;

	if (!ks_span_sub(file, 0, checksum_off, &before) ||
	    !ks_span_sub(file, checksum_off + 4, file.bytes - checksum_off - 4, &after))
		return 0;
	return fold((u64)fold(sum_words(before, 0)) + fold(sum_words(after, checksum_off + 4))) +
	       (u32)file.bytes;
}

/* Size of the file with this table, known before a byte is copied. */
static u64 signed_bytes(u64 table_off, const struct ks_span *cms, size_t nr_cms)
{
	u64 bytes = table_off;
	size_t i;

	for (i = 0; i < nr_cms && bytes <= UINT32_MAX; i++)
		bytes += ks_align_up(CERT_HEADER_BYTES + (u64)cms[i].bytes, CERT_ALIGN);
	return bytes;
}

static void put_cert(struct ks_buf *out, struct ks_span cms)
{
	ks_put_le32(out, (u32)(cms.bytes + CERT_HEADER_BYTES));
	ks_put_le16(out, 0x0200);
	ks_put_le16(out, 0x0002);
	ks_put(out, cms);
	ks_put_fill(out, 0, ks_align_up(cms.bytes, CERT_ALIGN) - cms.bytes);
}

void ks_pe_image_done(struct ks_pe_image *image)
{
	ks_buf_done(&image->head);
	ks_buf_done(&image->table);
	*image = (struct ks_pe_image){ 0 };
}

void ks_pe_image_parts(const struct ks_pe_image *image, struct ks_span part[KS_PE_IMAGE_PARTS])
{
	part[0] = ks_buf_span(&image->head);
	part[1] = image->body;
	part[2] = ks_buf_span(&image->table);
}

/* The CheckSum over the three parts, whose field in @head is still zero. */
static u32 sum_image(const struct ks_pe_image *image, u64 file_bytes)
{
	struct ks_span part[KS_PE_IMAGE_PARTS];
	u64 sum = 0, off = 0;
	size_t i;

	ks_pe_image_parts(image, part);
	for (i = 0; i < KS_PE_IMAGE_PARTS; i++) {
		sum += fold(sum_words(part[i], off));
		off += part[i].bytes;
	}
	return fold(sum) + (u32)file_bytes;
}

int ks_pe_build_signed(const struct ks_pe_view *view, const struct ks_span *cms, size_t nr_cms,
		       struct ks_pe_image *ret_image, struct ks_diag *diag)
{
	__cleanup(ks_pe_image_done) struct ks_pe_image image = { 0 };
	u64 body_bytes = view->data_end_off + view->tail.bytes, table_off, file_bytes;
	u64 head_bytes = view->cert_dir_off + 8;
	struct ks_span head;
	size_t i;
	int rc;

	if (!ks_span_sub(view->file, 0, head_bytes, &head) ||
	    !ks_span_sub(view->file, head_bytes, body_bytes - head_bytes, &image.body))
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "view and file disagree");
	table_off = nr_cms ? ks_align_up(body_bytes, CERT_ALIGN) : body_bytes;
	file_bytes = signed_bytes(table_off, cms, nr_cms);
	if (file_bytes > UINT32_MAX)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "signed image would be over 4 GiB");
	ks_put_fill(&image.table, 0, table_off - body_bytes);
	for (i = 0; i < nr_cms; i++)
		put_cert(&image.table, cms[i]);
	ks_put(&image.head, head);
	ks_buf_patch_le32(&image.head, view->cert_dir_off, nr_cms ? (u32)table_off : 0);
	ks_buf_patch_le32(&image.head, view->cert_dir_off + 4, (u32)(file_bytes - table_off));
	ks_buf_patch_le32(&image.head, view->checksum_off, 0);
	ks_buf_patch_le32(&image.head, view->checksum_off, sum_image(&image, file_bytes));
	rc = ks_buf_ok(&image.table, diag);
	if (!rc)
		rc = ks_buf_ok(&image.head, diag);
	if (rc)
		return rc;
	*ret_image = image;
	image = (struct ks_pe_image){ 0 };
	return 0;
}

int ks_pe_pieces_head(const struct ks_pe_pieces *pieces, struct ks_span ret_region[3],
		      struct ks_diag *diag)
{
	struct ks_span head = ks_buf_span(&pieces->head);
	u64 checksum_end = pieces->checksum_off + 4, dir_end = pieces->cert_dir_off + 8;

	if (!ks_span_sub(head, 0, pieces->checksum_off, &ret_region[0]) ||
	    !ks_span_sub(head, checksum_end, pieces->cert_dir_off - checksum_end, &ret_region[1]) ||
	    !ks_span_sub(head, dir_end, head.bytes - dir_end, &ret_region[2]))
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "headers are too short");
	return 0;
}

u64 ks_pe_pieces_sum(u64 sum, u64 off, struct ks_span part)
{
	return sum + fold(sum_words(part, off));
}

int ks_pe_pieces_finish(struct ks_pe_pieces *pieces, u64 body_sum, struct ks_span cms,
			struct ks_diag *diag)
{
	u64 table_off = pieces->file_bytes, sum;
	int rc;

	if (cms.bytes) {
		put_cert(&pieces->table, cms);
		rc = ks_buf_ok(&pieces->table, diag);
		if (rc)
			return rc;
		pieces->piece[pieces->nr_pieces++] = ks_buf_span(&pieces->table);
		pieces->file_bytes += pieces->table.bytes;
		ks_buf_patch_le32(&pieces->head, pieces->cert_dir_off, (u32)table_off);
		ks_buf_patch_le32(&pieces->head, pieces->cert_dir_off + 4, (u32)pieces->table.bytes);
	}
	if (pieces->file_bytes > UINT32_MAX)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "signed image would be over 4 GiB");
	ks_buf_patch_le32(&pieces->head, pieces->checksum_off, 0);
	sum = ks_pe_pieces_sum(body_sum, 0, ks_buf_span(&pieces->head));
	sum = ks_pe_pieces_sum(sum, table_off, ks_buf_span(&pieces->table));
	ks_buf_patch_le32(&pieces->head, pieces->checksum_off, fold(sum) + (u32)pieces->file_bytes);
	return ks_buf_ok(&pieces->head, diag);
}
