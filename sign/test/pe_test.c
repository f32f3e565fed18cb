// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The PE reader against a small image made here and every field of it set to what a signer must
 * never sign. Today's signers accept, crash or hang on many of these.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "test/pe_image.h"

static void the_image_made_here_is_a_good_one(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_pe_view view;
	(void)state;

	make_image(&b);
	assert_int_equal(0, ks_pe_parse(ks_buf_span(&b), &view, NULL));
	assert_int_equal(2, view.nr_sections);
	assert_string_equal(".data", ks_pe_find(&view, ".data")->name);
	assert_int_equal(FILE_BYTES, view.data_end_off);
	assert_int_equal(10, view.subsystem);
	assert_null(ks_pe_find(&view, ".linux"));
}

static const struct mutation mutations[] = {
	{ "no MZ", 0, 2, 0, -EBADMSG, "not a PE image: no MZ" },
	{ "e_lfanew at the end", 0x3c, 4, FILE_BYTES, -EBADMSG, "PE header past the end" },
	{ "e_lfanew near the end", 0x3c, 4, FILE_BYTES - 4, -EBADMSG,
	  "not a PE image: no PE signature" },
	{ "e_lfanew wraps", 0x3c, 4, 0xffffffff, -EBADMSG, "PE header past the end" },
	{ "no PE", 0x40, 2, 0, -EBADMSG, "not a PE image: no PE signature" },
	{ "machine i386", 0x44, 2, 0x14c, -EOPNOTSUPP, "PE machine is neither x86-64 nor arm64" },
	{ "NumberOfSections 0", 0x46, 2, 0, -EBADMSG, "PE image has no section" },
	{ "NumberOfSections 513", 0x46, 2, 513, -E2BIG, "PE image has over 512 sections" },
	{ "NumberOfSections 0xffff", 0x46, 2, 0xffff, -E2BIG, "PE image has over 512 sections" },
	{ "NumberOfSections past SizeOfHeaders", 0x46, 2, 8, -EBADMSG,
	  "SizeOfHeaders does not hold the section table" },
	{ "SizeOfOptionalHeader 0", 0x54, 2, 0, -EBADMSG, "PE optional header past the end" },
	{ "SizeOfOptionalHeader 112", 0x54, 2, 112, -EBADMSG,
	  "SizeOfOptionalHeader and the data directories disagree" },
	{ "SizeOfOptionalHeader one row more", 0x54, 2, 0xf8, -EBADMSG,
	  "SizeOfOptionalHeader and the data directories disagree" },
	{ "SizeOfOptionalHeader 0xffff", 0x54, 2, 0xffff, -EBADMSG,
	  "PE optional header past the end" },
	{ "PE32", OPT, 2, 0x10b, -EBADMSG, "optional header is not PE32+" },
	{ "SectionAlignment 0", OPT + 32, 4, 0, -EBADMSG, "alignment is not a power of two" },
	{ "SectionAlignment 3", OPT + 32, 4, 3, -EBADMSG, "alignment is not a power of two" },
	{ "SectionAlignment below FileAlignment", OPT + 32, 4, 0x100, -EBADMSG,
	  "alignment is not a power of two" },
	{ "FileAlignment 0", OPT + 36, 4, 0, -EBADMSG, "alignment is not a power of two" },
	{ "SizeOfImage 0", OPT + 56, 4, 0, -EBADMSG, "section is outside of SizeOfImage" },
	{ "SizeOfImage one byte short", OPT + 56, 4, 0x21ff, -EBADMSG,
	  "section is outside of SizeOfImage" },
	{ "SizeOfHeaders 0", OPT + 60, 4, 0, -EBADMSG,
	  "SizeOfHeaders does not hold the section table" },
	{ "SizeOfHeaders 10", OPT + 60, 4, 10, -EBADMSG,
	  "SizeOfHeaders does not hold the section table" },
	{ "SizeOfHeaders cuts the table", OPT + 60, 4, SECTIONS + 79, -EBADMSG,
	  "SizeOfHeaders does not hold the section table" },
	{ "SizeOfHeaders in .text", OPT + 60, 4, 0x201, -EBADMSG,
	  "section data overlaps the headers" },
	{ "SizeOfHeaders leaves a gap", OPT + 60, 4, 0x1f8, -EBADMSG,
	  "gap before the section's data, pad the data in front of it" },
	{ "SizeOfHeaders 0xffffffff", OPT + 60, 4, 0xffffffff, -EBADMSG,
	  "SizeOfHeaders is over the size of the file" },
	{ "NumberOfRvaAndSizes 0", OPT + 108, 4, 0, -EBADMSG,
	  "no certificate-table entry, the image cannot be signed" },
	{ "NumberOfRvaAndSizes 4", OPT + 108, 4, 4, -EBADMSG,
	  "no certificate-table entry, the image cannot be signed" },
	{ "NumberOfRvaAndSizes 15", OPT + 108, 4, 15, -EBADMSG,
	  "SizeOfOptionalHeader and the data directories disagree" },
	{ "NumberOfRvaAndSizes 17", OPT + 108, 4, 17, -E2BIG, "over 16 data directories" },
	{ "NumberOfRvaAndSizes 0xffffffff", OPT + 108, 4, 0xffffffff, -E2BIG,
	  "over 16 data directories" },
	{ "certificates unaligned", DIRS + 32, 4, 0x601, -EBADMSG,
	  "certificate table is not 8-aligned" },
	{ "certificates in .text", DIRS + 32, 4, 0x208, -EBADMSG,
	  "certificate table overlaps the image" },
	{ "certificates in the headers", DIRS + 32, 4, 8, -EBADMSG,
	  "certificate table overlaps the image" },
	{ "certificates past the end", DIRS + 32, 4, 0xfffffff8, -EBADMSG,
	  "certificate table ends past end of file" },
	{ "certificates empty at the end", DIRS + 32, 4, FILE_BYTES, -EBADMSG,
	  "certificate table has a place, but no bytes" },
	{ "certificate size without a place", DIRS + 36, 4, 8, -EBADMSG,
	  "certificate table has bytes, but no place" },
	{ "certificate size 0xffffffff", DIRS + 36, 4, 0xffffffff, -EBADMSG,
	  "certificate table has bytes, but no place" },
	{ "raw size one byte past the end", SECTIONS + 40 + 16, 4, 0x201, -EBADMSG,
	  "section data past the end of the file" },
	{ "raw size 0xffffffff", SECTIONS + 40 + 16, 4, 0xffffffff, -EBADMSG,
	  "section data past the end of the file" },
	{ "raw pointer past the end", SECTIONS + 40 + 20, 4, FILE_BYTES, -EBADMSG,
	  "section data past the end of the file" },
	{ "raw pointer 0xffffffff", SECTIONS + 40 + 20, 4, 0xffffffff, -EBADMSG,
	  "section data past the end of the file" },
	{ "raw data overlaps .text", SECTIONS + 40 + 20, 4, 0x300, -EBADMSG,
	  "section data overlaps that of a section before it" },
	{ "raw data leaves a gap", SECTIONS + 16, 4, 0x1f8, -EBADMSG,
	  "gap before the section's data, pad the data in front of it" },
	{ "raw data over the headers", SECTIONS + 20, 4, 0, -EBADMSG,
	  "section data overlaps the headers" },
	{ "rva overlaps .text", SECTIONS + 40 + 12, 4, 0x11ff, -EBADMSG,
	  "section overlaps the one before it in memory" },
	{ "rva in the headers", SECTIONS + 12, 4, 0x100, -EBADMSG,
	  "section overlaps the headers in memory" },
	{ "rva unsorted", SECTIONS + 12, 4, 0x2200, -EBADMSG,
	  "section overlaps the one before it in memory" },
	{ "rva outside of the image", SECTIONS + 40 + 12, 4, 0xfffff000, -EBADMSG,
	  "section is outside of SizeOfImage" },
	{ "virtual size wraps", SECTIONS + 40 + 8, 4, 0xffffffff, -EBADMSG,
	  "section is outside of SizeOfImage" },
};

static void every_broken_header_is_refused_with_its_reason(void **state)
{
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(mutations); i++) {
		const struct mutation *m = &mutations[i];
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };
		struct ks_pe_view view = { .machine = 0x7777 };
		struct ks_diag diag = { 0 };

		make_image(&b);
		mutate(&b, m);
		if (ks_pe_parse(ks_buf_span(&b), &view, &diag) != m->err)
			fail_msg("%s: got %d (%s)", m->name, diag.err, diag.what);
		assert_string_equal(m->what, diag.what);
		/* Nothing is published on failure. */
		assert_int_equal(0x7777, view.machine);
	}
}

static void every_truncation_is_refused(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_pe_view view;
	size_t n;
	(void)state;

	make_image(&b);
	for (n = 0; n < FILE_BYTES; n++) {
		/* A copy of its own, so that ASan sees a read past the cut. */
		u8 *cut = malloc(n ? n : 1);

		memcpy(cut, b.p, n);
		assert_int_equal(-EBADMSG, ks_pe_parse((struct ks_span){ cut, n }, &view, NULL));
		free(cut);
	}
}

static void signed_image_reads_back_and_strips_to_the_original(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 }, twice = { 0 }, stripped = { 0 };
	const struct ks_span cms[] = { ks_span_str("first"), ks_span_str("the second one") };
	struct ks_span got[KS_MAX_PE_CERTS];
	struct ks_pe_view view;
	size_t nr = 0;
	(void)state;

	make_image(&b);
	ks_buf_patch_le32(&b, OPT + 64, ks_pe_checksum(ks_buf_span(&b), OPT + 64));
	assert_int_equal(0, ks_pe_parse(ks_buf_span(&b), &view, NULL));
	sign_image(&view, cms, 2, &twice);

	assert_int_equal(0, ks_pe_parse(ks_buf_span(&twice), &view, NULL));
	assert_int_equal(view.checksum, ks_pe_checksum(ks_buf_span(&twice), view.checksum_off));
	assert_int_equal(0, ks_pe_certs(&view, got, &nr, NULL));
	assert_int_equal(2, nr);
	assert_true(ks_span_eq(got[0], cms[0]));
	assert_true(ks_span_eq(got[1], cms[1]));

	sign_image(&view, NULL, 0, &stripped);
	assert_true(ks_span_eq(ks_buf_span(&stripped), ks_buf_span(&b)));
}

/* The definition, word by word, which the fast one must equal at every length and place. */
static u32 slow_checksum(struct ks_span file, u64 checksum_off)
{
	u64 sum = 0;
	size_t i;

	for (i = 0; i < file.bytes; i++)
		if (i < checksum_off || i >= checksum_off + 4)
			sum += (u64)file.p[i] << (i % 2 ? 8 : 0);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (u32)(sum + file.bytes);
}

static void checksum_is_the_sum_of_words_at_every_length_and_place(void **state)
{
	u8 bytes[96];
	size_t n, i;
	u64 off;
	(void)state;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (u8)(0xff - i * 3);
	for (n = 4; n <= sizeof(bytes); n++)
		for (off = 0; off + 4 <= n; off++)
			assert_int_equal(slow_checksum((struct ks_span){ bytes, n }, off),
					 ks_pe_checksum((struct ks_span){ bytes, n }, off));
	assert_int_equal(0, ks_pe_checksum((struct ks_span){ bytes, 8 }, 5));
	memset(bytes, 0, sizeof(bytes));
	assert_int_equal(64, ks_pe_checksum((struct ks_span){ bytes, 64 }, 8));
}

static void broken_certificate_tables_are_refused(void **state)
{
	static const struct mutation bad[] = {
		{ "dwLength 0", FILE_BYTES + 0, 4, 0, -EBADMSG,
		  "WIN_CERTIFICATE has a dwLength of its own header or less" },
		{ "dwLength 7", FILE_BYTES + 0, 4, 7, -EBADMSG,
		  "WIN_CERTIFICATE has a dwLength of its own header or less" },
		{ "dwLength 8", FILE_BYTES + 0, 4, 8, -EBADMSG,
		  "WIN_CERTIFICATE has a dwLength of its own header or less" },
		{ "dwLength past the table", FILE_BYTES + 0, 4, 17, -EBADMSG,
		  "WIN_CERTIFICATE, padded to 8 bytes," },
		{ "dwLength 0xffffffff", FILE_BYTES + 0, 4, 0xffffffff, -EBADMSG,
		  "WIN_CERTIFICATE, padded to 8 bytes," },
		{ "revision 1.0", FILE_BYTES + 4, 2, 0x0100, -EOPNOTSUPP,
		  "WIN_CERTIFICATE is not revision 2.0 PKCS#7" },
		{ "type X.509", FILE_BYTES + 6, 2, 1, -EOPNOTSUPP,
		  "WIN_CERTIFICATE is not revision 2.0 PKCS#7" },
		{ "padding carries data", FILE_BYTES + 14, 2, 0x4141, -EBADMSG,
		  "padding of a WIN_CERTIFICATE carries data" },
		{ "dwLength shorter: padding is content", FILE_BYTES + 0, 4, 9, -EBADMSG,
		  "padding of a WIN_CERTIFICATE carries data" },
	};
	const struct ks_span cms = ks_span_str("abcdef");
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(bad); i++) {
		__cleanup(ks_buf_done) struct ks_buf b = { 0 }, out = { 0 };
		struct ks_span got[KS_MAX_PE_CERTS];
		struct ks_diag diag = { 0 };
		struct ks_pe_view view;
		size_t nr = 0;
		int rc;

		make_image(&b);
		assert_int_equal(0, ks_pe_parse(ks_buf_span(&b), &view, NULL));
		sign_image(&view, &cms, 1, &out);
		mutate(&out, &bad[i]);
		assert_int_equal(0, ks_pe_parse(ks_buf_span(&out), &view, NULL));
		rc = ks_pe_certs(&view, got, &nr, &diag);
		if (rc != bad[i].err)
			fail_msg("%s: got %d", bad[i].name, rc);
		assert_string_equal(bad[i].what, diag.what);
	}
}

static void hash_covers_every_byte_but_three_ranges(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_span region[KS_PE_MAX_REGIONS];
	struct ks_pe_view view;
	size_t i, nr, bytes = 0;
	(void)state;

	make_image(&b);
	assert_int_equal(0, ks_pe_parse(ks_buf_span(&b), &view, NULL));
	nr = ks_pe_hash_regions(&view, region);
	for (i = 0; i < nr; i++)
		bytes += region[i].bytes;
	assert_int_equal(FILE_BYTES - 4 - 8, bytes);
	assert_int_equal(OPT + 64, region[0].bytes);
	assert_ptr_equal(b.p + OPT + 68, region[1].p);
	assert_ptr_equal(b.p + DIRS + 40, region[2].p);
}

static void added_sections_keep_the_old_ones_in_place(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 }, out = { 0 };
	const struct ks_pe_new_section added[] = {
		{ ".cmdline", ks_span_str("quiet"), KS_PE_SCN_INIT_DATA | KS_PE_SCN_READ },
		{ ".data", ks_span_str("replaced"), KS_PE_SCN_INIT_DATA | KS_PE_SCN_READ },
	};
	struct ks_pe_view old, view;
	(void)state;

	make_image(&b);
	assert_int_equal(0, ks_pe_parse(ks_buf_span(&b), &old, NULL));
	assert_int_equal(0, add_sections(&old, added, 2, &out, NULL));
	assert_int_equal(0, ks_pe_parse(ks_buf_span(&out), &view, NULL));
	assert_int_equal(3, view.nr_sections);
	assert_int_equal(0x1000, ks_pe_find(&view, ".text")->rva);
	assert_true(ks_span_eq(ks_pe_find(&view, ".text")->raw, ks_pe_find(&old, ".text")->raw));
	assert_int_equal(5, ks_pe_find(&view, ".cmdline")->virtual_bytes);
	assert_int_equal(0, ks_pe_find(&view, ".cmdline")->rva % 0x1000);
	assert_memory_equal("replaced", ks_pe_find(&view, ".data")->raw.p, 8);
	assert_int_equal(view.checksum, ks_pe_checksum(ks_buf_span(&out), view.checksum_off));
}

static void a_name_may_be_added_twice_and_flags_are_the_views(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 }, out = { 0 };
	const struct ks_pe_new_section added[] = {
		{ ".profile", ks_span_str("ID=a"), KS_PE_SCN_INIT_DATA | KS_PE_SCN_READ },
		{ ".profile", ks_span_str("ID=b"), KS_PE_SCN_INIT_DATA | KS_PE_SCN_READ },
	};
	struct ks_pe_view old, view;
	(void)state;

	make_image(&b);
	ks_buf_patch_le16(&b, OPT + 70, KS_PE_NX_COMPAT);
	assert_int_equal(0, ks_pe_parse(ks_buf_span(&b), &old, NULL));
	assert_int_equal(KS_PE_NX_COMPAT, old.dll_flags);
	old.dll_flags = 0;
	assert_int_equal(0, add_sections(&old, added, 2, &out, NULL));
	assert_int_equal(0, ks_pe_parse(ks_buf_span(&out), &view, NULL));
	assert_int_equal(4, view.nr_sections);
	assert_memory_equal("ID=a", view.section[2].raw.p, 4);
	assert_memory_equal("ID=b", view.section[3].raw.p, 4);
	assert_int_equal(0, view.dll_flags);
}

/* The reader takes such an image, since nothing in it depends on the alignment. */
static void headers_of_an_odd_size_grow_to_the_alignment(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 }, out = { 0 };
	const struct ks_pe_new_section added = { ".new", ks_span_str("x"), KS_PE_SCN_READ };
	struct ks_pe_view view;
	u32 i;
	(void)state;

	make_image(&b);
	for (i = 0; i < 2; i++)
		ks_buf_patch_le32(&b, SECTIONS + 40 * i + 16, 0);
	ks_buf_patch_le32(&b, OPT + 60, 0x5ff);
	assert_int_equal(0, ks_pe_parse(ks_buf_span(&b), &view, NULL));
	assert_int_equal(0, add_sections(&view, &added, 1, &out, NULL));
	assert_int_equal(0, ks_pe_parse(ks_buf_span(&out), &view, NULL));
	assert_int_equal(0x600, view.headers_bytes);
	assert_int_equal(0x600, ks_pe_find(&view, ".new")->raw_off);
}

static void sections_that_cannot_be_added_are_refused(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 }, out = { 0 };
	const struct ks_pe_new_section bad[] = {
		{ "", ks_span_str("x"), 0 },
		{ ".toolongx", ks_span_str("x"), 0 },
		{ ".empty", { 0 }, 0 },
	};
	struct ks_pe_new_section many[KS_MAX_PE_SECTIONS];
	char name[KS_MAX_PE_SECTIONS][8];
	struct ks_pe_view view;
	size_t i;
	(void)state;

	make_image(&b);
	assert_int_equal(0, ks_pe_parse(ks_buf_span(&b), &view, NULL));
	for (i = 0; i < KS_ARRAY_SIZE(bad); i++)
		assert_int_equal(-EINVAL, add_sections(&view, &bad[i], 1, &out, NULL));
	for (i = 0; i < KS_ARRAY_SIZE(many); i++) {
		name[i][0] = '.';
		name[i][1] = (char)('a' + (char)(i / 16));
		name[i][2] = (char)('a' + (char)(i % 16));
		name[i][3] = '\0';
		many[i] = (struct ks_pe_new_section){ name[i], ks_span_str("x"), 0 };
	}
	assert_int_equal(-E2BIG, add_sections(&view, many, 96, &out, NULL));
	/* 94 more rows would reach from 0x148 past .text at 0x1000, so they do not fit either. */
	assert_int_equal(-E2BIG, add_sections(&view, many, 94, &out, NULL));
}

static void data_in_another_order_is_told_from_a_gap(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_diag diag = { 0 };
	struct ks_pe_view view;

	(void)state;
	make_image(&b);
	ks_buf_patch_le32(&b, SECTIONS + 20, 0x400);
	ks_buf_patch_le32(&b, SECTIONS + 40 + 20, 0x200);
	assert_int_equal(-EBADMSG, ks_pe_parse(ks_buf_span(&b), &view, &diag));
	assert_string_equal("section data is not in the order of the section table", diag.what);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_in_another_order_is_told_from_a_gap),
		cmocka_unit_test(the_image_made_here_is_a_good_one),
		cmocka_unit_test(every_broken_header_is_refused_with_its_reason),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(signed_image_reads_back_and_strips_to_the_original),
		cmocka_unit_test(checksum_is_the_sum_of_words_at_every_length_and_place),
		cmocka_unit_test(broken_certificate_tables_are_refused),
		cmocka_unit_test(hash_covers_every_byte_but_three_ranges),
		cmocka_unit_test(added_sections_keep_the_old_ones_in_place),
		cmocka_unit_test(a_name_may_be_added_twice_and_flags_are_the_views),
		cmocka_unit_test(headers_of_an_odd_size_grow_to_the_alignment),
		cmocka_unit_test(sections_that_cannot_be_added_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
