// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Hostile images against every operation: none crashes (ASan and UBSan watch), none verifies what
 * was changed, and none signs what lint would refuse. Today's signers crash, hang or succeed on many
 * of these.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fmt/authcode.h"
#include "ops/pe.h"
#include "ops/pe_lint.h"
#include "ops/pe_verify.h"
#include "test/pe_image.h"
#include "test/test_signer.h"

static struct ks_signer signer;
static struct ks_certs trust;
/* make_image() and the same signed, and where its table starts. */
static struct ks_buf plain, good;
static const struct ks_pe_sign_opts once = { .mode = KS_IF_SIGNED_REFUSE };

/* What sign or strip made, as one piece. */
static void join(const struct ks_pe_image *image, struct ks_buf *out)
{
	struct ks_span part[KS_PE_IMAGE_PARTS];
	size_t i;

	ks_pe_image_parts(image, part);
	for (i = 0; i < KS_PE_IMAGE_PARTS; i++)
		ks_put(out, part[i]);
	assert_int_equal(0, ks_buf_ok(out, NULL));
}

static int verify(struct ks_span in)
{
	static struct ks_pe_report report;
	const struct ks_pe_db db = { .trust = &trust };
	int rc = ks_pe_inspect(&db, in, &report, NULL) ?: ks_pe_verdict(&report, NULL);

	ks_pe_report_done(&report);
	return rc;
}

static int set_up(void **state)
{
	__cleanup(ks_pe_image_done) struct ks_pe_image image = { 0 };
	(void)state;

	test_signer_open(&signer);
	assert_int_equal(0, ks_certs_push(&trust, &signer.cert, NULL));
	make_image(&plain);
	assert_int_equal(0, ks_pe_sign(&signer, &once, ks_buf_span(&plain), &image, NULL));
	join(&image, &good);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	ks_buf_done(&plain);
	ks_buf_done(&good);
	ks_certs_done(&trust);
	ks_signer_close(&signer);
	return 0;
}

/* Signing succeeds only where lint finds nothing fatal, and gives what verifies. */
static bool try_sign(struct ks_span in, const struct ks_findings *findings)
{
	const struct ks_pe_sign_opts again = { .mode = KS_IF_SIGNED_REPLACE };
	__cleanup(ks_pe_image_done) struct ks_pe_image image = { 0 };
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };

	if (ks_pe_sign(&signer, &again, in, &image, NULL)) {
		struct ks_pe_view view;

		/* The signer is stricter than the firmware, and says by which rule. */
		assert_true(findings->nr_fatal ||
			    (!ks_pe_parse(in, &view, NULL) && ks_pe_lint_fatal(&view, NULL)));
		return false;
	}
	assert_int_equal(0, findings->nr_fatal);
	join(&image, &out);
	assert_int_equal(0, verify(ks_buf_span(&out)));
	return true;
}

/* Every operation on a copy that ends where the input ends, so that ASan sees a read past it. */
static int try_all(struct ks_span in, bool with_sign)
{
	__cleanup(ks_findings_done) struct ks_findings findings = { 0 };
	__cleanup(ks_pe_image_done) struct ks_pe_image stripped = { 0 };
	u8 *copy = malloc(in.bytes ? in.bytes : 1);
	struct ks_span file = { copy, in.bytes };
	struct ks_pe_view view;
	struct ks_digest digest = { 0 };
	int rc;

	if (in.bytes)
		memcpy(copy, in.p, in.bytes);
	assert_int_equal(0, ks_pe_lint(file, &findings, NULL));
	if (!ks_pe_parse(file, &view, NULL))
		assert_int_equal(0, ks_pe_hash(&view, "sha256", &digest, NULL));
	else
		assert_true(findings.nr_fatal);
	rc = ks_pe_strip(file, &stripped, NULL);
	assert_true(!rc || rc == -ENODATA || findings.nr_fatal);
	rc = verify(file);
	if (with_sign)
		try_sign(file, &findings);
	ks_pe_image_done(&stripped);
	free(copy);
	return rc;
}

static void the_controls_succeed(void **state)
{
	__cleanup(ks_findings_done) struct ks_findings findings = { 0 };
	(void)state;

	assert_int_equal(0, try_all(ks_buf_span(&good), true));
	assert_int_equal(-ENODATA, try_all(ks_buf_span(&plain), true));
	assert_true(try_sign(ks_buf_span(&plain), &findings));
}

/* Each 16-bit and 32-bit field of the headers, whatever it means, at its edges. */
static void no_header_field_at_its_edges_verifies_or_breaks_anything(void **state)
{
	const u32 eof = (u32)good.bytes;
	const u32 edges[] = { 0, 1, 0x80000000, 0xfffffff8, UINT32_MAX, eof - 1, eof, eof + 1 };
	struct mutation m = { .name = "field" };
	size_t i, nr_verified = 0;
	(void)state;

	for (m.width = 2; m.width <= 4; m.width += 2) {
		for (m.off = 0; m.off < 0x200; m.off += m.width) {
			for (i = 0; i < KS_ARRAY_SIZE(edges); i++) {
				__cleanup(ks_buf_done) struct ks_buf b = { 0 }, c = { 0 };

				m.value = edges[i];
				ks_put(&b, ks_buf_span(&good));
				mutate(&b, &m);
				if (!memcmp(b.p, good.p, good.bytes))
					continue;
				if (try_all(ks_buf_span(&b), false))
					continue;
				/* Only the CheckSum is not hashed, and no firmware looks at it. */
				assert_int_equal(OPT + 64, m.off & ~3ULL);
				nr_verified++;
				ks_put(&c, ks_buf_span(&plain));
				mutate(&c, &m);
				try_all(ks_buf_span(&c), true);
			}
		}
	}
	assert_true(nr_verified);
}

static void no_broken_header_is_signed_that_lint_refuses(void **state)
{
	const u32 edges[] = { 0, 1, 0x1001, 0x80000000, UINT32_MAX, FILE_BYTES - 1, FILE_BYTES + 1 };
	struct mutation m = { .name = "field", .width = 4 };
	size_t i, nr_refused = 0, nr_signed = 0;
	(void)state;

	for (m.off = 0; m.off < 0x200; m.off += 4) {
		for (i = 0; i < KS_ARRAY_SIZE(edges); i++) {
			__cleanup(ks_findings_done) struct ks_findings findings = { 0 };
			__cleanup(ks_buf_done) struct ks_buf b = { 0 };

			m.value = edges[i];
			ks_put(&b, ks_buf_span(&plain));
			mutate(&b, &m);
			assert_int_equal(0, ks_pe_lint(ks_buf_span(&b), &findings, NULL));
			if (try_sign(ks_buf_span(&b), &findings))
				nr_signed++;
			else
				nr_refused++;
		}
	}
	assert_true(nr_refused > 100);
	assert_true(nr_signed > 100);
}

/* Two fields whose sum wraps, and sections where the certificates are. */
static void no_pair_of_fields_that_wraps_is_read(void **state)
{
	static const struct {
		u64 first_off;
		u32 first;
		u64 second_off;
		u32 second;
	} pairs[] = {
		{ SECTIONS + 20, 0xfffffff0, SECTIONS + 16, 0x20 },
		{ SECTIONS + 60, 0xfffffe00, SECTIONS + 56, 0x200 },
		{ SECTIONS + 12, 0xfffff000, SECTIONS + 8, 0x1000 },
		{ SECTIONS + 52, 0xfffff000, SECTIONS + 48, 0x2000 },
		{ DIRS + 32, 0xfffffff8, DIRS + 36, 8 },
		{ DIRS + 32, 0xfffffff8, DIRS + 36, 0x608 },
		{ DIRS + 32, 0, DIRS + 36, FILE_BYTES },
		{ SECTIONS + 60, FILE_BYTES, SECTIONS + 56, 0x100 },
		{ SECTIONS + 56, 0x300, SECTIONS + 48, 0x300 },
		{ SECTIONS + 56, 0, SECTIONS + 60, 0 },
		{ OPT + 60, UINT32_MAX, OPT + 56, UINT32_MAX },
		{ 0x3c, 0x40, 0x54, 0xffff },
	};
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(pairs); i++) {
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };

		ks_put(&b, ks_buf_span(&good));
		ks_buf_patch_le32(&b, pairs[i].first_off, pairs[i].first);
		ks_buf_patch_le32(&b, pairs[i].second_off, pairs[i].second);
		assert_int_not_equal(0, try_all(ks_buf_span(&b), true));
	}
}

static void no_truncation_or_growth_verifies(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf longer = { 0 };
	size_t n;
	(void)state;

	for (n = 0; n < good.bytes; n++)
		assert_int_not_equal(0, try_all((struct ks_span){ good.p, n }, false));
	ks_put(&longer, ks_buf_span(&good));
	for (n = 0; n < 24; n++) {
		ks_put_u8(&longer, 0);
		assert_int_not_equal(0, try_all(ks_buf_span(&longer), true));
	}
}

/* @table behind @gap zero bytes, as the certificate table of the plain image. */
static int with_table(u64 gap, struct ks_span table, bool with_sign)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };

	ks_put(&b, ks_buf_span(&plain));
	ks_put_fill(&b, 0, gap);
	ks_put(&b, table);
	ks_buf_patch_le32(&b, DIRS + 32, (u32)(FILE_BYTES + gap));
	ks_buf_patch_le32(&b, DIRS + 36, (u32)table.bytes);
	return try_all(ks_buf_span(&b), with_sign);
}

static struct ks_span good_table(void)
{
	struct ks_span table = { 0 };

	assert_true(ks_span_sub(ks_buf_span(&good), FILE_BYTES, good.bytes - FILE_BYTES, &table));
	return table;
}

static void no_other_table_verifies(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf many = { 0 };
	struct ks_span table = good_table();
	u64 gap;
	size_t i;
	(void)state;

	assert_int_equal(0, with_table(0, table, true));
	for (gap = 1; gap <= 16; gap++)
		assert_int_not_equal(0, with_table(gap, table, true));
	for (i = 0; i <= KS_MAX_PE_CERTS; i++)
		ks_put(&many, table);
	assert_int_equal(-E2BIG, with_table(0, ks_buf_span(&many), true));
	for (i = 1; i < 8; i++) {
		__cleanup(ks_buf_done) struct ks_buf more = { 0 };

		/* Rubbish behind the one entry: too short for a second one. */
		ks_put(&more, table);
		ks_put_fill(&more, 0x30, i);
		assert_int_not_equal(0, with_table(0, ks_buf_span(&more), true));
	}
}

static void no_malformed_message_verifies(void **state)
{
	static const struct {
		const char *bytes;
		size_t nr;
	} heads[] = {
		{ "\x30\x80", 2 },		   /* indefinite */
		{ "\x30\x84\xff\xff\xff\xff", 6 }, /* 4 GiB */
		{ "\x30\x85\x01\x00\x00\x00\x00", 7 },
		{ "\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff", 10 },
		{ "\x30\x81\x05", 3 }, /* not minimal */
		{ "\x30\x00", 2 },
		{ "\x1f\x00", 2 },
	};
	struct ks_span table = good_table();
	size_t i, k;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(heads); i++) {
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };

		ks_put(&b, table);
		for (k = 0; k < heads[i].nr; k++)
			b.p[8 + k] = (u8)heads[i].bytes[k];
		assert_int_not_equal(0, with_table(0, ks_buf_span(&b), true));
	}
	for (i = 0; i <= 16; i++) {
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };

		ks_put(&b, table);
		ks_buf_patch_le32(&b, 0, (u32)i);
		assert_int_not_equal(0, with_table(0, ks_buf_span(&b), true));
		ks_buf_patch_le32(&b, 0, (u32)(table.bytes + 1 + i));
		assert_int_not_equal(0, with_table(0, ks_buf_span(&b), true));
	}
}

/* Where @part is in the signed image. */
static size_t place(struct ks_span part)
{
	const u8 *at = memmem(good.p, good.bytes, part.p, part.bytes);

	assert_non_null(at);
	return (size_t)(at - good.p);
}

/* What the key, or that of the certificate, signed: firmware looks at little else of a table. */
static bool *signed_bytes(void)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 }, attrs = { 0 };
	struct ks_span tbs, part[4];
	struct ks_digest digest;
	bool *is_signed = calloc(good.bytes, 1);
	struct ks_pe_view view;
	size_t i, k;

	assert_int_equal(0, ks_pe_parse(ks_buf_span(&good), &view, NULL));
	assert_int_equal(0, ks_pe_hash(&view, "sha256", &digest, NULL));
	ks_authcode_build(ks_digest_span(&digest), &content);
	assert_int_equal(0, ks_cms_authcode_attrs(&signer, ks_buf_span(&content), &attrs, NULL));
	for (i = 0; i < FILE_BYTES; i++)
		is_signed[i] = i < OPT + 64 || (i >= OPT + 68 && i < DIRS + 32) || i >= DIRS + 40;
	/* Without the outer tags; of the certificate the part that has a length of two bytes. */
	assert_true(ks_span_sub(ks_buf_span(&signer.cert_der), 8, 400, &tbs));
	part[0] = (struct ks_span){ content.p + 2, content.bytes - 2 };
	part[1] = (struct ks_span){ attrs.p + 2, attrs.bytes - 2 };
	part[2] = tbs;
	/* The signature is the end of the message. */
	part[3] = (struct ks_span){ good.p + good.bytes - 264, 256 };
	for (i = 0; i < KS_ARRAY_SIZE(part); i++)
		for (k = 0; k < part[i].bytes; k++)
			is_signed[place(part[i]) + k] = true;
	return is_signed;
}

/*
 * OpenSSL, in the firmware as here, encodes signed attributes anew for their digest, and so does not see
 * that a SET said to be primitive.
 */
static bool is_form_of_set(u8 changed, u8 bit)
{
	return bit == 0x20 && changed == 0x11;
}

/* Bit by bit in the table; elsewhere all is hashed alike, so that two bits of a byte will do. */
static void no_flipped_bit_of_what_is_signed_verifies(void **state)
{
	bool *is_signed = signed_bytes();
	size_t i, nr_checksum = 0;
	u8 bit;
	(void)state;

	for (i = 0; i < good.bytes; i++) {
		for (bit = 1; bit; bit = (u8)(bit << (i < FILE_BYTES ? 7 : 1))) {
			good.p[i] ^= bit;
			if (!verify(ks_buf_span(&good))) {
				nr_checksum += i >= OPT + 64 && i < OPT + 68;
				if (is_signed[i] && !is_form_of_set(good.p[i], bit))
					fail_msg("verifies with bit 0x%x of 0x%zx changed", bit, i);
			}
			good.p[i] ^= bit;
		}
	}
	free(is_signed);
	/* The control: a change that is not signed is not a change. */
	assert_int_equal(8, nr_checksum);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_controls_succeed),
		cmocka_unit_test(no_header_field_at_its_edges_verifies_or_breaks_anything),
		cmocka_unit_test(no_broken_header_is_signed_that_lint_refuses),
		cmocka_unit_test(no_pair_of_fields_that_wraps_is_read),
		cmocka_unit_test(no_truncation_or_growth_verifies),
		cmocka_unit_test(no_other_table_verifies),
		cmocka_unit_test(no_malformed_message_verifies),
		cmocka_unit_test(no_flipped_bit_of_what_is_signed_verifies),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
