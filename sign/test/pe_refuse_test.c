// SPDX-License-Identifier: LGPL-2.1-or-later
/* Refusals of the PE reader and writers that no change of one field gives. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "test/pe_image.h"

static void parse_fails(struct ks_span file, int err, const char *what)
{
	struct ks_diag diag = { 0 };
	struct ks_pe_view view;

	assert_int_equal(err, ks_pe_parse(file, &view, &diag));
	assert_string_equal(what, diag.what);
}

static void a_file_of_no_size_to_be_an_image_is_refused(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	(void)state;

	make_image(&b);
	parse_fails((struct ks_span){ 0 }, -EBADMSG,
		    "not a PE image: shorter than its DOS header");
	parse_fails((struct ks_span){ b.p, 0x3f }, -EBADMSG,
		    "not a PE image: shorter than its DOS header");
	parse_fails((struct ks_span){ b.p, 0x44 }, -EBADMSG, "COFF header past the end");
	parse_fails((struct ks_span){ b.p, 0x57 }, -EBADMSG, "COFF header past the end");
	/* Refused by its size alone: nothing of it is read. */
	parse_fails((struct ks_span){ b.p, (size_t)5 << 30 }, -E2BIG,
		    "PE offsets are 32-bit, file is over 4 GiB");
}

static void a_table_that_ends_in_an_entry_is_refused(void **state)
{
	const struct ks_span cms = ks_span_str("abcdefgh");
	struct ks_span all[KS_MAX_PE_CERTS + 1], got[KS_MAX_PE_CERTS];
	__cleanup(ks_buf_done) struct ks_buf b = { 0 }, many = { 0 }, cut = { 0 };
	struct ks_diag diag = { 0 };
	struct ks_pe_view view;
	size_t i, nr = 0;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(all); i++)
		all[i] = cms;
	make_image(&b);
	assert_int_equal(0, ks_pe_parse(ks_buf_span(&b), &view, NULL));
	sign_image(&view, all, 1, &cut);
	sign_image(&view, all, KS_MAX_PE_CERTS, &many);
	assert_int_equal(0, ks_pe_parse(ks_buf_span(&many), &view, NULL));
	assert_int_equal(0, ks_pe_certs(&view, got, &nr, NULL));
	assert_int_equal(KS_MAX_PE_CERTS, nr);

	ks_buf_done(&many);
	assert_int_equal(0, ks_pe_parse(ks_buf_span(&b), &view, NULL));
	sign_image(&view, all, KS_MAX_PE_CERTS + 1, &many);
	assert_int_equal(0, ks_pe_parse(ks_buf_span(&many), &view, NULL));
	assert_int_equal(-E2BIG, ks_pe_certs(&view, got, &nr, &diag));
	assert_string_equal("over 64 signatures", diag.what);

	ks_put_fill(&cut, 0x11, 7);
	ks_buf_patch_le32(&cut, DIRS + 36, 16 + 7);
	diag = (struct ks_diag){ 0 };
	assert_int_equal(0, ks_pe_parse(ks_buf_span(&cut), &view, NULL));
	assert_int_equal(-EBADMSG, ks_pe_certs(&view, got, &nr, &diag));
	assert_string_equal("WIN_CERTIFICATE past the end", diag.what);
}

/* Lint looks for the table of an image whose sections were found to be past the end. */
static void a_table_is_not_looked_for_behind_missing_sections(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_diag diag = { 0 };
	struct ks_pe_view view;
	(void)state;

	make_image(&b);
	ks_buf_patch_le32(&b, SECTIONS + 40 + 16, 0x400);
	assert_int_equal(0, ks_pe_read(ks_buf_span(&b), &view, NULL));
	assert_int_equal(-EBADMSG, ks_pe_check_table(&view, &diag));
	assert_string_equal("section data past the end", diag.what);
	assert_int_equal(0, view.tail.bytes);
}

static void a_signed_image_over_4_gib_is_refused_before_it_is_made(void **state)
{
	__cleanup(ks_pe_image_done) struct ks_pe_image image = { 0 };
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_diag diag = { 0 };
	struct ks_pe_view view;
	struct ks_span cms;
	(void)state;

	make_image(&b);
	assert_int_equal(0, ks_pe_parse(ks_buf_span(&b), &view, NULL));
	cms = (struct ks_span){ b.p, UINT32_MAX - FILE_BYTES };
	assert_int_equal(-E2BIG, ks_pe_build_signed(&view, &cms, 1, &image, &diag));
	assert_string_equal("signed image would be over 4 GiB", diag.what);
	diag = (struct ks_diag){ 0 };
	view.data_end_off = b.bytes + 1;
	assert_int_equal(-EINVAL, ks_pe_build_signed(&view, NULL, 0, &image, &diag));
	assert_string_equal("view and file disagree", diag.what);
}

static void a_table_with_bytes_behind_it_is_refused(void **state)
{
	const struct ks_span cms = ks_span_str("abcdefgh");
	__cleanup(ks_buf_done) struct ks_buf b = { 0 }, image = { 0 };
	struct ks_diag diag = { 0 };
	struct ks_pe_view view;
	(void)state;

	make_image(&b);
	assert_int_equal(0, ks_pe_parse(ks_buf_span(&b), &view, NULL));
	sign_image(&view, &cms, 1, &image);
	assert_int_equal(0, ks_pe_parse(ks_buf_span(&image), &view, NULL));
	ks_put_str(&image, "12345678");
	assert_int_equal(-EBADMSG, ks_pe_parse(ks_buf_span(&image), &view, &diag));
	assert_string_equal("certificate table is not the end of the file", diag.what);
}

static void build_fails(const struct ks_pe_view *view, const char *name, const char *data,
			int err, const char *what)
{
	const struct ks_pe_new_section added = { .name = name, .data = ks_span_str(data) };
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	struct ks_diag diag = { 0 };

	assert_int_equal(err, add_sections(view, &added, 1, &out, &diag));
	assert_string_equal(what, diag.what);
}

static void what_gets_no_section_is_refused_with_its_reason(void **state)
{
	const struct ks_span cms = ks_span_str("abcdefgh");
	__cleanup(ks_buf_done) struct ks_buf b = { 0 }, signed_image = { 0 };
	struct ks_pe_view view, full;
	(void)state;

	make_image(&b);
	assert_int_equal(0, ks_pe_parse(ks_buf_span(&b), &view, NULL));
	build_fails(&view, ".a", "", -EINVAL, "section is empty");
	sign_image(&view, &cms, 1, &signed_image);
	assert_int_equal(0, ks_pe_parse(ks_buf_span(&signed_image), &full, NULL));
	build_fails(&full, ".a", "x", -EOPNOTSUPP,
		    "image is signed, strip it before adding sections");
	build_fails(&view, "", "x", -EINVAL, "section name is not 1 to 8 characters");
	build_fails(&view, ".too-long", "x", -EINVAL, "section name is not 1 to 8 characters");
	full = view;
	full.section[0].rva = 0x100;
	build_fails(&full, ".a", "x", -E2BIG,
		    "no room for the section table before the first section");
	full = view;
	full.file_align = 4;
	build_fails(&full, ".a", "x", -EOPNOTSUPP, "FileAlignment is below 8 or over a page");
	full.file_align = 0x2000;
	build_fails(&full, ".a", "x", -EOPNOTSUPP, "FileAlignment is below 8 or over a page");
	full = view;
	full.debug_bytes = 28;
	build_fails(&full, ".a", "x", -EOPNOTSUPP,
		    "image has a debug directory, whose file offsets would break");
}

static void too_many_sections_and_too_few_headers_are_refused(void **state)
{
	const struct ks_pe_new_section added[1] = { { .name = ".a", .data = ks_span_str("x") } };
	__cleanup(ks_buf_done) struct ks_buf b = { 0 }, out = { 0 };
	struct ks_pe_pieces pieces = { .checksum_off = 0x98, .cert_dir_off = 0xe8 };
	struct ks_diag many = { 0 }, few = { 0 };
	struct ks_span region[3];
	struct ks_pe_view view;
	(void)state;

	make_image(&b);
	assert_int_equal(0, ks_pe_parse(ks_buf_span(&b), &view, NULL));
	/* Refused by their number alone: none of them is read. */
	assert_int_equal(-E2BIG, add_sections(&view, added, KS_MAX_PE_SECTIONS + 1, &out,
						      &many));
	assert_string_equal("over 512 sections", many.what);
	assert_int_equal(-EINVAL, ks_pe_pieces_head(&pieces, region, &few));
	assert_string_equal("headers are too short", few.what);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_of_no_size_to_be_an_image_is_refused),
		cmocka_unit_test(a_table_that_ends_in_an_entry_is_refused),
		cmocka_unit_test(a_table_is_not_looked_for_behind_missing_sections),
		cmocka_unit_test(a_table_with_bytes_behind_it_is_refused),
		cmocka_unit_test(a_signed_image_over_4_gib_is_refused_before_it_is_made),
		cmocka_unit_test(too_many_sections_and_too_few_headers_are_refused),
		cmocka_unit_test(what_gets_no_section_is_refused_with_its_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
