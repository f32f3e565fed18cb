// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: whoever can hand an image to `kseal pe sign|verify|strip|hash|show`, or a
 * stub or kernel to `kseal uki build`.
 *
 * Valid input: MZ, PE header of x86-64 or arm64, sections without gaps, and at the end of the file
 * WIN_CERTIFICATEs or nothing.
 *
 * Laws: what Authenticode hashes lies inside the file, in order, without overlap, and is all of it
 * but CheckSum, directory entry and table; signing adds one entry, keeps the others and does not
 * change what is hashed; a stripped image has the same hash; the CheckSum is the file's.
 */
#include <errno.h>

#include "fmt/pe.h"
#include "fuzz/fuzz.h"

/* Large, and one at a time: not on the stack, where ASan doubles them. */
static struct ks_pe_view view, signed_view, again_view;

/* Everything that is hashed, as one piece. */
static void hashed_bytes(const struct ks_pe_view *v, struct ks_buf *out)
{
	static struct ks_span region[KS_PE_MAX_REGIONS];
	size_t i, nr = ks_pe_hash_regions(v, region);

	KS_LAW(nr <= KS_PE_MAX_REGIONS);
	for (i = 0; i < nr; i++)
		ks_put(out, region[i]);
	KS_LAW(!ks_buf_ok(out, NULL));
}

static void check_regions(const struct ks_pe_view *v)
{
	static struct ks_span region[KS_PE_MAX_REGIONS];
	size_t i, nr = ks_pe_hash_regions(v, region);
	u64 end = 0, sum = 0;

	KS_LAW(nr >= 2 && nr <= KS_PE_MAX_REGIONS);
	/* The last one is the padding, which is not of the file. */
	for (i = 0; i + 1 < nr; i++) {
		KS_LAW(ks_fuzz_inside(v->file, region[i]));
		sum += region[i].bytes;
		if (!region[i].bytes)
			continue;
		KS_LAW(ks_fuzz_off(v->file, region[i]) >= end);
		end = ks_fuzz_off(v->file, region[i]) + region[i].bytes;
	}
	KS_LAW(region[nr - 1].bytes < 8 && ks_span_is_zero(region[nr - 1]));
	KS_LAW(sum == v->file.bytes - v->certs.bytes - 4 - 8);
	KS_LAW((sum + 12 + region[nr - 1].bytes) % 8 == 0);
}

static void check_sections(const struct ks_pe_view *v)
{
	u32 i;

	KS_LAW(v->nr_sections && v->nr_sections <= KS_MAX_PE_SECTIONS);
	for (i = 0; i < v->nr_sections; i++) {
		KS_LAW(ks_fuzz_inside(v->file, v->section[i].raw));
		KS_LAW(ks_pe_find(v, v->section[i].name));
	}
	KS_LAW(ks_fuzz_inside(v->file, v->tail) && ks_fuzz_inside(v->file, v->certs));
	KS_LAW(v->data_end_off + v->tail.bytes + v->certs.bytes == v->file.bytes);
}

/* The CheckSum as the format tells it: words with carry, plus the length. No shortcut. */
static u32 plain_checksum(struct ks_span file, u64 checksum_off)
{
	u32 sum = 0;
	size_t i;

	for (i = 0; i < file.bytes; i++) {
		if (i >= checksum_off && i < checksum_off + 4)
			continue;
		sum += (u32)file.p[i] << (i % 2 ? 8 : 0);
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return (sum & 0xffff) + (sum >> 16) + (u32)file.bytes;
}

/* Build with @cms, join the pieces and read them. */
static void build_and_parse(const struct ks_pe_view *v, const struct ks_span *cms, size_t nr_cms,
			    struct ks_buf *out, struct ks_pe_view *ret_view)
{
	__cleanup(ks_pe_image_done) struct ks_pe_image image = { 0 };
	struct ks_span part[KS_PE_IMAGE_PARTS];
	size_t i;

	KS_LAW(!ks_pe_build_signed(v, cms, nr_cms, &image, NULL));
	ks_pe_image_parts(&image, part);
	for (i = 0; i < KS_PE_IMAGE_PARTS; i++)
		ks_put(out, part[i]);
	KS_LAW(!ks_buf_ok(out, NULL));
	KS_LAW(!ks_pe_parse(ks_buf_span(out), ret_view, NULL));
	KS_LAW(ret_view->checksum == plain_checksum(ks_buf_span(out), v->checksum_off));
	KS_LAW(ret_view->checksum == ks_pe_checksum(ks_buf_span(out), v->checksum_off));
}

static void check_stripped(const struct ks_pe_view *v, const struct ks_buf *hashed)
{
	__cleanup(ks_buf_done) struct ks_buf out = { 0 }, same = { 0 };

	build_and_parse(v, NULL, 0, &out, &again_view);
	KS_LAW(!again_view.certs.bytes);
	hashed_bytes(&again_view, &same);
	KS_LAW(ks_span_eq(ks_buf_span(&same), ks_buf_span(hashed)));
}

/* One entry more than there are, if there is room and they can be read. */
static void check_signed(const struct ks_pe_view *v)
{
	__cleanup(ks_buf_done) struct ks_buf hashed = { 0 }, out = { 0 }, same = { 0 };
	struct ks_span cms[KS_MAX_PE_CERTS], got[KS_MAX_PE_CERTS], head;
	struct ks_span blob = ks_span_str("no signature, but its length is odd");
	size_t i, nr = 0, nr_got = 0;
	int rc = ks_pe_certs(v, cms, &nr, NULL);

	hashed_bytes(v, &hashed);
	if (rc || nr == KS_MAX_PE_CERTS)
		return check_stripped(v, &hashed);
	for (i = 0; i < nr; i++)
		KS_LAW(ks_fuzz_inside(v->certs, cms[i]) && cms[i].bytes);
	cms[nr++] = blob;
	build_and_parse(v, cms, nr, &out, &signed_view);
	KS_LAW(!ks_pe_certs(&signed_view, got, &nr_got, NULL) && nr_got == nr);
	for (i = 0; i < nr; i++)
		KS_LAW(ks_span_sub(got[i], 0, cms[i].bytes, &head) && ks_span_eq(head, cms[i]));
	hashed_bytes(&signed_view, &same);
	KS_LAW(ks_span_eq(ks_buf_span(&same), ks_buf_span(&hashed)));
	check_stripped(&signed_view, &hashed);
}

static void check_added_section(const struct ks_pe_view *v)
{
	__cleanup(ks_pe_pieces_done) struct ks_pe_pieces pieces = { 0 };
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	const struct ks_pe_new_section added = { ".fuzz", ks_span_str("content"), KS_PE_SCN_READ };
	const struct ks_pe_section *s;
	int rc = ks_pe_build_pieces(v, &added, 1, &pieces, NULL);

	KS_LAW(rc == 0 || rc == -EOPNOTSUPP || rc == -E2BIG || rc == -EBADMSG);
	if (rc)
		return;
	KS_LAW(!ks_pe_pieces_put(&pieces, &out, NULL));
	KS_LAW(!ks_pe_parse(ks_buf_span(&out), &again_view, NULL));
	s = ks_pe_find(&again_view, ".fuzz");
	KS_LAW(s && s->virtual_bytes == added.data.bytes);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	int rc = ks_pe_parse((struct ks_span){ data, size }, &view, NULL);

	KS_LAW(rc == 0 || rc == -EBADMSG || rc == -E2BIG || rc == -EOPNOTSUPP);
	if (rc)
		return 0;
	check_sections(&view);
	check_regions(&view);
	check_signed(&view);
	check_added_section(&view);
	return 0;
}
