// SPDX-License-Identifier: LGPL-2.1-or-later
/* A header of newc; what a kernel says to whole archives is in uki_initrd_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fmt/cpio.h"

#define NR_FIELDS 13U
#define MAGIC_BYTES 6U
#define FIELD_BYTES 8U

/* Of "init" by cpio -o -H newc --reproducible, with a value of its own in each field. */
static const char good[] = "070701"
			   "00000001" /* inode */
			   "000081a4" /* mode */
			   "00000002" /* uid */
			   "00000003" /* gid */
			   "00000004" /* nlink */
			   "00000005" /* mtime */
			   "00001388" /* content */
			   "00000006" /* device, major and minor */
			   "00000007"
			   "00000008" /* device that it is, major and minor */
			   "00000009"
			   "00000005" /* name with its NUL */
			   "0000000a" /* checksum */
			   "init";

/* Where the four fields stand that are read. */
static const unsigned int is_read[NR_FIELDS] = { [1] = 1, [6] = 1, [11] = 1, [12] = 1 };

static struct ks_span header_of(const char *text)
{
	return (struct ks_span){ (const u8 *)text, KS_CPIO_HEADER_BYTES };
}

static u32 field_of(const struct ks_cpio_header *h, size_t idx)
{
	return idx == 1 ? h->mode : idx == 6 ? h->content_bytes : idx == 11 ? h->name_bytes : h->sum;
}

static void a_header_is_read(void **state)
{
	struct ks_cpio_header h;
	(void)state;

	assert_int_equal(KS_CPIO_HEADER_BYTES, strlen(good) - strlen("init"));
	assert_int_equal(KS_CPIO_NEWC, ks_cpio_magic_of(header_of(good)));
	assert_true(ks_cpio_header_parse(header_of(good), &h));
	assert_int_equal(0100644, h.mode);
	assert_int_equal(KS_CPIO_TYPE_FILE, h.mode & KS_CPIO_TYPE_MASK);
	assert_int_equal(5000, h.content_bytes);
	assert_int_equal(5, h.name_bytes);
	assert_int_equal(10, h.sum);
}

static void the_forms_are_told_by_six_characters(void **state)
{
	static const struct {
		const char *text;
		enum ks_cpio_magic magic;
	} cases[] = {
		{ "070701", KS_CPIO_NEWC },	{ "070702", KS_CPIO_NEWC_SUM }, { "070707", KS_CPIO_ODC },
		{ "0707010", KS_CPIO_NEWC },	{ "070700", KS_CPIO_NONE },	{ "070703", KS_CPIO_NONE },
		{ "070706", KS_CPIO_NONE },	{ "070708", KS_CPIO_NONE },	{ "170701", KS_CPIO_NONE },
		{ "", KS_CPIO_NONE },		{ "0", KS_CPIO_NONE },		{ "07070", KS_CPIO_NONE },
		{ " 070701", KS_CPIO_NONE },	{ "\307\161", KS_CPIO_NONE }, /* 070707 of the binary form */
	};
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(cases); i++)
		if (ks_cpio_magic_of(ks_span_str(cases[i].text)) != cases[i].magic)
			fail_msg("%s", cases[i].text);
	assert_int_equal(KS_CPIO_NONE, ks_cpio_magic_of((struct ks_span){ 0 }));
}

static void every_field_is_read_to_its_last_bit(void **state)
{
	static const u32 values[] = { 0, 1, 0xf, 0x10, 0x7fffffff, 0x80000000, 0x01234567, 0x89abcdef,
				      0xffffffff };
	size_t field, i;
	(void)state;

	for (field = 0; field < NR_FIELDS; field++)
		for (i = 0; i < KS_ARRAY_SIZE(values); i++) {
			char text[sizeof(good)], digits[FIELD_BYTES + 1];
			struct ks_cpio_header lower, upper;

			memcpy(text, good, sizeof(good));
			snprintf(digits, sizeof(digits), "%08x", values[i]);
			memcpy(text + MAGIC_BYTES + field * FIELD_BYTES, digits, FIELD_BYTES);
			assert_true(ks_cpio_header_parse(header_of(text), &lower));
			snprintf(digits, sizeof(digits), "%08X", values[i]);
			memcpy(text + MAGIC_BYTES + field * FIELD_BYTES, digits, FIELD_BYTES);
			assert_true(ks_cpio_header_parse(header_of(text), &upper));
			assert_memory_equal(&lower, &upper, sizeof(lower));
			if (is_read[field])
				assert_int_equal(values[i], field_of(&lower, field));
		}
}

/* Beside what is hexadecimal in ASCII, and what strtoul() takes. */
static void what_is_not_hexadecimal_is_refused(void **state)
{
	static const char bad[] = { '/', ':', '@', 'G', '`', 'g', 'x', ' ', '+', '-', '\n', '\0', '\x10', '\x19',
				    '\xb0', '\xe1' };
	const struct ks_cpio_header before = { 1, 2, 3, 4 };
	size_t off, i;
	(void)state;

	for (off = MAGIC_BYTES; off < KS_CPIO_HEADER_BYTES; off++)
		for (i = 0; i < sizeof(bad); i++) {
			struct ks_cpio_header h = before;
			char text[sizeof(good)];

			memcpy(text, good, sizeof(good));
			text[off] = bad[i];
			if (is_read[(off - MAGIC_BYTES) / FIELD_BYTES]) {
				assert_false(ks_cpio_header_parse(header_of(text), &h));
				assert_memory_equal(&before, &h, sizeof(h));
			} else {
				assert_true(ks_cpio_header_parse(header_of(text), &h));
			}
		}
}

static void every_truncation_is_refused(void **state)
{
	const struct ks_cpio_header before = { 1, 2, 3, 4 };
	struct ks_cpio_header h = before;
	size_t bytes;
	(void)state;

	for (bytes = 0; bytes < KS_CPIO_HEADER_BYTES; bytes++) {
		struct ks_span cut = { (const u8 *)good, bytes };

		assert_int_equal(bytes < MAGIC_BYTES ? KS_CPIO_NONE : KS_CPIO_NEWC, ks_cpio_magic_of(cut));
		assert_false(ks_cpio_header_parse(cut, &h));
		assert_memory_equal(&before, &h, sizeof(h));
	}
	assert_false(ks_cpio_header_parse((struct ks_span){ 0 }, &h));
	assert_true(ks_cpio_header_parse(header_of(good), &h));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_is_read),
		cmocka_unit_test(the_forms_are_told_by_six_characters),
		cmocka_unit_test(every_field_is_read_to_its_last_bit),
		cmocka_unit_test(what_is_not_hexadecimal_is_refused),
		cmocka_unit_test(every_truncation_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
