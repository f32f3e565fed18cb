// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Every rule of pe lint on an image that has nothing wrong but this; tests/sign/refusals.bats sees to it that
 * no rule is without its image.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ops/pe_lint.h"
#include "test/pe_image.h"

#define SBAT "sbat,1,SBAT Version,sbat,1,https://example.org/\na,1,v,p,1.0,u\n"
#define DATA (KS_PE_SCN_INIT_DATA | KS_PE_SCN_READ)

/* make_image() with further sections: nothing is wrong with it. */
static void make_with(struct ks_buf *out, const struct ks_pe_new_section *added, size_t nr_added)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_pe_view view;

	make_image(&b);
	assert_int_equal(0, ks_pe_parse(ks_buf_span(&b), &view, NULL));
	assert_int_equal(0, add_sections(&view, added, nr_added, out, NULL));
}

static void make_good(struct ks_buf *out)
{
	const struct ks_pe_new_section sbat = { ".sbat", ks_span_str(SBAT), DATA };

	make_with(out, &sbat, 1);
}

/* A UKI whose kernel is @kernel. */
static void make_uki(struct ks_buf *out, const struct ks_buf *kernel)
{
	const struct ks_pe_new_section added[] = {
		{ ".sbat", ks_span_str(SBAT), DATA },
		{ ".linux", ks_buf_span(kernel), DATA },
	};

	make_with(out, added, 2);
}

static void set_checksum(struct ks_buf *b)
{
	ks_buf_patch_le32(b, OPT + 64, ks_pe_checksum(ks_buf_span(b), OPT + 64));
}

/* What all of the boot chain starts, and signing refuses all the same. */
static bool is_strict(const char *rule)
{
	return !strcmp(rule, "entry-point") || !strcmp(rule, "page-alignment") ||
	       !strcmp(rule, "trailing-data");
}

/* @rule must fire, at @off unless that is 0, and no other fatal one. */
static void expect(const struct ks_buf *b, const char *rule, bool fatal, u64 off)
{
	__cleanup(ks_findings_done) struct ks_findings findings = { 0 };
	struct ks_pe_view view;
	struct ks_diag diag = { 0 };
	bool fired = false;
	size_t i;

	assert_int_equal(0, ks_pe_lint(ks_buf_span(b), &findings, NULL));
	for (i = 0; i < findings.nr_findings; i++) {
		const struct ks_finding *f = &findings.finding[i];

		assert_non_null(f->what);
		if (!strcmp(f->rule, rule)) {
			assert_int_equal(fatal, f->fatal);
			fired |= !off || f->off == off;
		} else if (f->fatal) {
			fail_msg("%s also broke %s: %s", rule, f->rule, f->what);
		}
	}
	if (!fired)
		fail_msg("%s did not fire at 0x%llx", rule, (unsigned long long)off);
	assert_int_equal(fatal, findings.nr_fatal > 0);
	/* The signer refuses the fatal ones that the reader lets through, the strict, and only these. */
	if (!ks_pe_parse(ks_buf_span(b), &view, NULL))
		assert_int_equal(fatal || is_strict(rule) ? -EBADMSG : 0,
				 ks_pe_lint_fatal(&view, &diag));
}

static void a_good_image_has_no_finding(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 }, kernel = { 0 }, uki = { 0 };
	__cleanup(ks_findings_done) struct ks_findings findings = { 0 };
	(void)state;

	make_good(&b);
	make_image(&kernel);
	make_uki(&uki, &kernel);
	assert_int_equal(0, ks_pe_lint(ks_buf_span(&b), &findings, NULL));
	assert_int_equal(0, ks_pe_lint(ks_buf_span(&uki), &findings, NULL));
	assert_int_equal(0, findings.nr_findings);
}

#define WX (KS_PE_SCN_READ | KS_PE_SCN_WRITE | KS_PE_SCN_EXECUTE)
#define ROW(n) (SECTIONS + 40 * (n))

static void every_header_rule_fires_where_the_field_is(void **state)
{
	static const struct {
		struct mutation m;
		bool fatal;
		u64 off;
	} bad[] = {
		{ { "headers", 0x40, 2, 0, 0, NULL }, true, 0x40 },
		{ { "certificate-table", DIRS + 32, 4, 0x208, 0, NULL }, true, DIRS + 32 },
		{ { "file-layout", ROW(1) + 20, 4, 0x300, 0, NULL }, true, ROW(1) + 20 },
		{ { "file-layout", ROW(1) + 20, 4, 0xffffff00, 0, NULL }, true, ROW(1) + 16 },
		{ { "memory-layout", ROW(1) + 8, 4, 0x1001, 0, NULL }, true, ROW(2) + 12 },
		{ { "memory-layout", ROW(2) + 8, 4, 0xffffffff, 0, NULL }, true, ROW(2) + 8 },
		{ { "memory-layout", OPT + 56, 4, 0x2fff, 0, NULL }, true, ROW(2) + 8 },
		{ { "subsystem", OPT + 68, 2, 9, 0, NULL }, true, OPT + 68 },
		{ { "subsystem", OPT + 68, 2, 13, 0, NULL }, true, OPT + 68 },
		{ { "entry-point", OPT + 16, 4, 0, 0, NULL }, true, OPT + 16 },
		{ { "entry-point", OPT + 16, 4, 0x2000, 0, NULL }, false, OPT + 16 },
		{ { "entry-point", OPT + 16, 4, 0xffffffff, 0, NULL }, true, OPT + 16 },
		{ { "write-execute", ROW(1) + 36, 4, WX, 0, NULL }, true, ROW(1) + 36 },
		{ { "page-alignment", ROW(1) + 12, 4, 0x2200, 0, NULL }, false, ROW(1) + 12 },
		{ { "no-nx", OPT + 70, 2, 0, 0, NULL }, false, OPT + 70 },
		{ { "nx-alignment", OPT + 32, 4, 0x800, 0, NULL }, false, OPT + 32 },
		{ { "section-alignment", OPT + 32, 4, 0x800, 0, NULL }, false, OPT + 32 },
		{ { "alignment", OPT + 36, 4, 0x400, 0, NULL }, false, ROW(0) + 20 },
		{ { "image-size", OPT + 56, 4, 0x5000, 0, NULL }, false, OPT + 56 },
		{ { "relocations", 0x44 + 18, 2, 1, 0, NULL }, false, 0x44 + 18 },
		{ { "checksum", OPT + 64, 4, 0x12345678, 0, NULL }, false, OPT + 64 },
	};
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(bad); i++) {
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };

		make_good(&b);
		mutate(&b, &bad[i].m);
		expect(&b, bad[i].m.name, bad[i].fatal, bad[i].off);
	}
}

/* Data directory @nr says @rva and @bytes; .data begins with @words, at RVA 0x2000 and 0x400 of the file. */
struct loader_case {
	const char *rule;
	const char *what;
	u32 nr, rva, bytes, words[8];
};

#define RSDS 0x53445352U

static void make_loader_case(struct ks_buf *b, const struct loader_case *c)
{
	u32 i;

	make_good(b);
	ks_buf_patch_le32(b, DIRS + 8 * c->nr, c->rva);
	ks_buf_patch_le32(b, DIRS + 8 * c->nr + 4, c->bytes);
	for (i = 0; i < KS_ARRAY_SIZE(c->words); i++)
		ks_buf_patch_le32(b, 0x400 + 4 * i, c->words[i]);
	set_checksum(b);
}

static void what_the_loader_stumbles_over_is_found(void **state)
{
	static const struct loader_case bad[] = {
		{ "base-relocations", "relocation directory wraps around, versions of firmware differ on it", 5,
		  0xfffffff0, 0x20, { 0 } },
		{ "base-relocations", "relocation directory leaves the image, firmware does not load it", 5,
		  0x3ffc, 12, { 0 } },
		{ "base-relocations", "relocation block leaves the image", 5, 0x3ffa, 6, { 0 } },
		{ "base-relocations", "relocation block of less than its header, firmware does not load it", 5,
		  0x2000, 8, { 0x1000, 7 } },
		{ "base-relocations", "relocation block leaves its directory, firmware does not load it", 5,
		  0x2000, 8, { 0x1000, 9 } },
		{ "base-relocations",
		  "relocation block is of an address outside of the image, firmware does not load it", 5,
		  0x2000, 8, { 0x4000, 8 } },
		{ "base-relocations", "relocation of a type that firmware does not know", 5, 0x2000, 12,
		  { 0x1000, 12, 0x7000 } },
		{ "base-relocations", "relocation outside of the image, firmware does not load it", 5, 0x2000,
		  12, { 0x3800, 12, 0x3fff } },
		{ "base-relocations", "relocation leaves the image: firmware writes into foreign memory", 5,
		  0x2000, 12, { 0x3000, 12, 0x3ffe } },
		{ "debug-directory", "debug directory leaves the sections: firmware reads what nobody signed",
		  6, 0x3000, 0x1000, { 0 } },
		{ "debug-directory",
		  "debug directory points behind the sections: firmware reads what nobody signed", 6, 0x2000,
		  28, { 0, 0, 0, 2, 24, 0, 0x7f0 } },
		{ "debug-directory", "debug data is outside of the image, firmware does not load it", 6,
		  0x2000, 28, { 0, 0, 0, 2, 24, 0x3ffe, 0 } },
		{ "debug-directory",
		  "debug data is shorter than its kind, firmware does not load the image", 6, 0x2000, 28,
		  { 0, 0, 0, 2, 23, 0, 0x41c, RSDS } },
		{ "debug-directory",
		  "debug data is shorter than its kind, firmware does not load the image", 6, 0x2000, 28,
		  { 0, 0, 0, 2, 23, 0x201c, 0, RSDS } },
		{ "resource-directory", "resource directory leaves the image: firmware reads foreign memory", 2,
		  0x3ff8, 64, { 0 } },
		{ "resource-directory",
		  "resource directory has more entries than bytes, firmware does not load it", 2, 0x2000, 31,
		  { 0, 0, 0, 0x10001 } },
	};
	size_t i, k;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(bad); i++) {
		__cleanup(ks_findings_done) struct ks_findings findings = { 0 };
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };
		bool said = false;

		make_loader_case(&b, &bad[i]);
		expect(&b, bad[i].rule, true, DIRS + 8 * bad[i].nr);
		assert_int_equal(0, ks_pe_lint(ks_buf_span(&b), &findings, NULL));
		for (k = 0; k < findings.nr_findings; k++)
			said |= !strcmp(findings.finding[k].what, bad[i].what);
		if (!said)
			fail_msg("not said: %s", bad[i].what);
	}
}

static void the_nearest_that_it_loads_is_not_complained_of(void **state)
{
	static const struct loader_case good[] = {
		{ NULL, NULL, 5, 0x2000, 12, { 0x3000, 12, 0xaff8 } },
		{ NULL, NULL, 6, 0x2000, 28, { 0, 0, 0, 2, 24, 0, 0x41c, RSDS } },
		{ NULL, NULL, 6, 0x2000, 28, { 0, 0, 0, 2, 24, 0x201c, 0, RSDS } },
		{ NULL, NULL, 2, 0x2000, 32, { 0, 0, 0, 0x10001 } },
	};
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(good); i++) {
		__cleanup(ks_findings_done) struct ks_findings findings = { 0 };
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };

		make_loader_case(&b, &good[i]);
		assert_int_equal(0, ks_pe_lint(ks_buf_span(&b), &findings, NULL));
		assert_int_equal(0, findings.nr_findings);
	}
}

/* Behind five directories the section table begins where the sixth would be. */
static void five_directories_are_found(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	u8 rows[3 * 40];
	(void)state;

	make_good(&b);
	memcpy(rows, b.p + SECTIONS, sizeof(rows));
	ks_buf_patch(&b, DIRS + 5 * 8, (struct ks_span){ rows, sizeof(rows) });
	ks_buf_patch_le16(&b, 0x54, DIRS + 5 * 8 - OPT);
	ks_buf_patch_le32(&b, OPT + 108, 5);
	set_checksum(&b);
	expect(&b, "directory-count", true, OPT + 108);
}

static void an_address_below_the_headers_or_unaligned_is_found(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 }, odd = { 0 };
	(void)state;

	make_good(&b);
	ks_buf_patch_le32(&b, ROW(0) + 12, 0);
	ks_buf_patch_le32(&b, ROW(0) + 8, 0x1200);
	expect(&b, "memory-layout", true, ROW(0) + 12);
	make_good(&odd);
	ks_buf_patch_le32(&odd, OPT + 32, 0x800);
	ks_buf_patch_le32(&odd, ROW(1) + 12, 0x2200);
	expect(&odd, "alignment", false, ROW(1) + 12);
}

static void data_behind_the_sections_is_found_unless_it_is_known(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	__cleanup(ks_findings_done) struct ks_findings findings = { 0 };
	u64 end;
	(void)state;

	make_good(&b);
	end = b.bytes;
	ks_put_fill(&b, 0, 16);
	set_checksum(&b);
	assert_int_equal(0, ks_pe_lint(ks_buf_span(&b), &findings, NULL));
	assert_int_equal(0, findings.nr_findings);
	ks_put_u8(&b, 'x');
	expect(&b, "trailing-data", false, end);
	/* PointerToSymbolTable */
	ks_buf_patch_le32(&b, 0x44 + 8, (u32)end);
	set_checksum(&b);
	assert_int_equal(0, ks_pe_lint(ks_buf_span(&b), &findings, NULL));
	ks_buf_patch_le32(&b, 0x44 + 8, (u32)end - 1);
	expect(&b, "trailing-data", false, end);
	/* A bzImage is loaded whole. */
	ks_buf_patch(&b, 0x202, ks_span_str("HdrS"));
	ks_buf_patch_le32(&b, 0x44 + 8, 0);
	set_checksum(&b);
	assert_int_equal(0, ks_pe_lint(ks_buf_span(&b), &findings, NULL));
	assert_int_equal(0, findings.nr_findings);
}

static void sbat_must_be_there_once_and_readable(void **state)
{
	const struct ks_pe_new_section bad[] = { { ".sbat", ks_span_str("sbat,1\n"), DATA } };
	__cleanup(ks_buf_done) struct ks_buf b = { 0 }, none = { 0 }, twice = { 0 };
	struct ks_pe_view view;
	(void)state;

	make_with(&b, bad, 1);
	assert_int_equal(0, ks_pe_parse(ks_buf_span(&b), &view, NULL));
	expect(&b, "sbat", true, ks_pe_find(&view, ".sbat")->raw_off);
	make_image(&none);
	expect(&none, "no-sbat", false, KS_NO_OFF);
	make_good(&twice);
	ks_buf_patch(&twice, ROW(1), ks_span_str(".sbat"));
	ks_buf_patch(&twice, 0x400, ks_span_str(SBAT));
	ks_buf_patch_le32(&twice, ROW(1) + 8, sizeof(SBAT) - 1);
	expect(&twice, "duplicate-section", true, ROW(2));
}

static void a_section_may_come_again_only_in_a_profile(void **state)
{
	const struct ks_pe_new_section added[] = {
		{ ".sbat", ks_span_str(SBAT), DATA },	{ ".a", ks_span_str("x"), DATA },
		{ ".profile", ks_span_str("ID=b"), DATA }, { ".b", ks_span_str("y"), DATA },
	};
	__cleanup(ks_findings_done) struct ks_findings findings = { 0 };
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_pe_view view;
	(void)state;

	make_with(&b, added, 4);
	assert_int_equal(0, ks_pe_parse(ks_buf_span(&b), &view, NULL));
	ks_buf_patch(&b, ks_pe_find(&view, ".a")->header_off, ks_span_str(".initrd"));
	ks_buf_patch(&b, ks_pe_find(&view, ".b")->header_off, ks_span_str(".initrd"));
	set_checksum(&b);
	assert_int_equal(0, ks_pe_lint(ks_buf_span(&b), &findings, NULL));
	assert_int_equal(0, findings.nr_findings);
	ks_buf_patch(&b, ks_pe_find(&view, ".profile")->header_off, ks_span_str(".profilf"));
	expect(&b, "duplicate-section", true, ks_pe_find(&view, ".b")->header_off);
}

static void the_kernel_of_a_uki_must_be_one_the_stub_can_start(void **state)
{
	static const struct {
		struct mutation m;
		u64 off;
	} bad[] = {
		{ { "kernel", 0x40, 2, 0, 0, NULL }, 0x40 },
		{ { "kernel", 0x44, 2, KS_PE_MACHINE_ARM64, 0, NULL }, 0x44 },
		{ { "kernel", ROW(1) + 20, 4, 0x300, 0, NULL }, ROW(1) + 20 },
		{ { "kernel-nx", OPT + 70, 2, 0, 0, NULL }, OPT + 70 },
	};
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(bad); i++) {
		__cleanup(ks_buf_done) struct ks_buf uki = { 0 }, kernel = { 0 };
		struct ks_pe_view view;

		make_image(&kernel);
		mutate(&kernel, &bad[i].m);
		make_uki(&uki, &kernel);
		assert_int_equal(0, ks_pe_parse(ks_buf_span(&uki), &view, NULL));
		expect(&uki, bad[i].m.name, true, ks_pe_find(&view, ".linux")->raw_off + bad[i].off);
	}
}

static void a_broken_table_and_equal_signatures_are_found(void **state)
{
	const struct ks_span cms[] = { ks_span_str("same"), ks_span_str("same") };
	__cleanup(ks_buf_done) struct ks_buf b = { 0 }, twice = { 0 };
	struct ks_pe_view view;
	(void)state;

	make_good(&b);
	assert_int_equal(0, ks_pe_parse(ks_buf_span(&b), &view, NULL));
	sign_image(&view, cms, 2, &twice);
	expect(&twice, "equal-signatures", false, b.bytes);
	ks_buf_patch_le32(&twice, b.bytes, 7);
	expect(&twice, "certificate-table", true, b.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_image_has_no_finding),
		cmocka_unit_test(every_header_rule_fires_where_the_field_is),
		cmocka_unit_test(what_the_loader_stumbles_over_is_found),
		cmocka_unit_test(the_nearest_that_it_loads_is_not_complained_of),
		cmocka_unit_test(five_directories_are_found),
		cmocka_unit_test(an_address_below_the_headers_or_unaligned_is_found),
		cmocka_unit_test(data_behind_the_sections_is_found_unless_it_is_known),
		cmocka_unit_test(sbat_must_be_there_once_and_readable),
		cmocka_unit_test(a_section_may_come_again_only_in_a_profile),
		cmocka_unit_test(the_kernel_of_a_uki_must_be_one_the_stub_can_start),
		cmocka_unit_test(a_broken_table_and_equal_signatures_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
