// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "fmt/varstore.h"

/* A small store in OVMF's layout: volume header, store header at 0x48, records from 0x64. */
#define STORE_OFF   0x48
#define FIRST_OFF   0x64
#define STORE_BYTES 0x400
#define IMAGE_BYTES 0x1000
/* One record with name "a" and 4 bytes of data. */
#define SMALL_BYTES (60 + 4 + 4)

static const struct ks_guid vendor = KS_GUID(0x11223344, 0x5566, 0x7788, 0x99aa, 0xbbccddeeff00);
static const struct ks_guid volume = KS_GUID(0xfff12b8d, 0x7696, 0x4c8b, 0xa985, 0x2747075b4f50);
static const struct ks_guid store = KS_GUID(0xaaf32c78, 0x947b, 0x439a, 0xa180, 0x2e144ec37792);
static const u8 name_a[] = { 'a', 0, 0, 0 };
static const u8 name_b[] = { 'b', 0, 0, 0 };

static void build_empty(struct ks_buf *b)
{
	struct ks_cursor c;
	u16 sum = 0;

	ks_put_fill(b, 0, 16);
	ks_put_guid(b, &volume);
	ks_put_le64(b, IMAGE_BYTES);
	ks_put_str(b, "_FVH");
	ks_put_le32(b, 0x4feff);
	ks_put_le16(b, STORE_OFF);
	ks_put_fill(b, 0, STORE_OFF - b->bytes);
	ks_cursor_init(&c, ks_buf_span(b), 0);
	while (ks_cursor_left(&c))
		sum = (u16)(sum + ks_get_le16(&c));
	ks_buf_patch_le16(b, 0x32, (u16)-sum);
	ks_put_guid(b, &store);
	ks_put_le32(b, STORE_BYTES);
	ks_put_u8(b, 0x5a);
	ks_put_u8(b, 0xfe);
	ks_put_fill(b, 0, 6);
	ks_put_fill(b, 0xff, STORE_OFF + STORE_BYTES - b->bytes);
	/* What follows the store is not ours: it must come through unchanged. */
	ks_put_fill(b, 0x77, IMAGE_BYTES - b->bytes);
	assert_int_equal(0, ks_buf_ok(b, NULL));
}

static struct ks_var var_of(const u8 *name, const char *data)
{
	return (struct ks_var){ .attributes = 0x27,
				.time = { 0xea, 0x07, 1, 2 },
				.vendor = vendor,
				.name = { name, 4 },
				.data = ks_span_str(data) };
}

/* The store with "a" = "1234" and "b" = "12345". */
static void build_two(struct ks_buf *out)
{
	__cleanup(ks_buf_done) struct ks_buf empty = { 0 };
	struct ks_var vars[] = { var_of(name_a, "1234"), var_of(name_b, "12345") };
	struct ks_varstore_view view;

	build_empty(&empty);
	assert_int_equal(0, ks_varstore_parse(ks_buf_span(&empty), &view, NULL));
	assert_int_equal(0, ks_varstore_build(&view, vars, 2, out, NULL));
}

static void set_byte(struct ks_buf *b, u64 off, u8 value)
{
	ks_buf_patch(b, off, (struct ks_span){ &value, 1 });
}

static void empty_store_is_read(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_varstore_view view;

	(void)state;
	build_empty(&b);
	assert_int_equal(0, ks_varstore_parse(ks_buf_span(&b), &view, NULL));
	assert_int_equal(0, view.nr_vars);
	assert_int_equal(FIRST_OFF, view.store_off);
	assert_int_equal(FIRST_OFF, view.free_off);
	assert_int_equal(STORE_OFF + STORE_BYTES, view.store_end_off);
}

static void built_variables_are_read_back(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_varstore_iter iter = { 0 };
	struct ks_varstore_view view;
	struct ks_span tail;
	struct ks_var var;
	u64 data_off;
	char name[8];

	(void)state;
	build_two(&b);
	assert_int_equal(IMAGE_BYTES, b.bytes);
	assert_int_equal(0, ks_varstore_parse(ks_buf_span(&b), &view, NULL));
	assert_int_equal(2, view.nr_vars);
	assert_true(ks_varstore_next(&view, &iter, &var, &data_off));
	assert_int_equal(FIRST_OFF + 64, data_off);
	assert_true(ks_varstore_next(&view, &iter, &var, &data_off));
	ks_utf16_format(var.name, name, sizeof(name));
	assert_string_equal("b", name);
	assert_int_equal(0x27, var.attributes);
	assert_int_equal(2, var.time[3]);
	assert_true(ks_span_eq(ks_span_str("12345"), var.data));
	assert_false(ks_varstore_next(&view, &iter, &var, &data_off));
	assert_true(ks_span_sub(ks_buf_span(&b), STORE_OFF + STORE_BYTES, 1, &tail));
	assert_int_equal(0x77, tail.p[0]);
}

static void records_are_aligned_to_four_bytes(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf empty = { 0 };
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	struct ks_var vars[] = { var_of(name_a, "12345"), var_of(name_b, "1") }, var;
	struct ks_varstore_iter iter = { 0 };
	struct ks_varstore_view view;
	u64 data_off = 0;

	(void)state;
	build_empty(&empty);
	assert_int_equal(0, ks_varstore_parse(ks_buf_span(&empty), &view, NULL));
	assert_int_equal(0, ks_varstore_build(&view, vars, 2, &out, NULL));
	assert_int_equal(0, ks_varstore_parse(ks_buf_span(&out), &view, NULL));
	while (ks_varstore_next(&view, &iter, &var, &data_off))
		;
	/* 64 + 5 bytes end at 0xa9, so the second record starts at 0xac. */
	assert_int_equal(0xac + 64, data_off);
}

static void replaced_variable_is_there_once(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	struct ks_var var = var_of(name_a, "new"), found;
	struct ks_varstore_view view;

	(void)state;
	build_two(&b);
	assert_int_equal(0, ks_varstore_parse(ks_buf_span(&b), &view, NULL));
	assert_int_equal(0, ks_varstore_build(&view, &var, 1, &out, NULL));
	assert_int_equal(0, ks_varstore_parse(ks_buf_span(&out), &view, NULL));
	assert_int_equal(2, view.nr_vars);
	assert_true(ks_varstore_find(&view, &vendor, (struct ks_span){ name_a, 4 }, &found));
	assert_true(ks_span_eq(ks_span_str("new"), found.data));
	assert_true(ks_varstore_find(&view, &vendor, (struct ks_span){ name_b, 4 }, &found));
	assert_false(ks_varstore_find(&view, &volume, (struct ks_span){ name_a, 4 }, &found));
}

static void deleted_variable_is_not_seen(void **state)
{
	static const u8 dead[] = { 0x3d, 0x3c, 0x7f, 0x7e, 0xff, 0x00 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(dead); i++) {
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };
		struct ks_varstore_view view;

		build_two(&b);
		set_byte(&b, FIRST_OFF + 2, dead[i]);
		assert_int_equal(0, ks_varstore_parse(ks_buf_span(&b), &view, NULL));
		assert_int_equal(1, view.nr_vars);
	}
}

static void interrupted_update_keeps_the_old_value_until_the_new_one_is_whole(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_varstore_view view;
	struct ks_var var;

	(void)state;
	build_two(&b);
	set_byte(&b, FIRST_OFF + 2, 0x3e);
	assert_int_equal(0, ks_varstore_parse(ks_buf_span(&b), &view, NULL));
	assert_int_equal(2, view.nr_vars);
	/* The second record becomes the successor: the same name. */
	set_byte(&b, FIRST_OFF + SMALL_BYTES + 60, 'a');
	assert_int_equal(0, ks_varstore_parse(ks_buf_span(&b), &view, NULL));
	assert_int_equal(1, view.nr_vars);
	assert_true(ks_varstore_find(&view, &vendor, (struct ks_span){ name_a, 4 }, &var));
	assert_true(ks_span_eq(ks_span_str("12345"), var.data));
}

static void damaged_store_is_refused(void **state)
{
	static const struct {
		const char *why;
		u64 off;
		u8 value;
		u64 diag_off;
	} cases[] = {
		{ "no volume", 0x28, 'x', 0x28 },
		{ "another volume", 0x10, 0, 0x10 },
		{ "volume past the end", 0x23, 1, 0x20 },
		{ "volume header too short", 0x30, 0x36, 0x30 },
		{ "odd volume header", 0x30, 0x49, 0x30 },
		{ "volume header past the end", 0x31, 0xff, 0x30 },
		{ "checksum", 0x38, 1, 0x32 },
		{ "no store", STORE_OFF, 0, STORE_OFF },
		{ "store smaller than its header", STORE_OFF + 17, 0, STORE_OFF + 16 },
		{ "store past the volume", STORE_OFF + 18, 1, STORE_OFF + 16 },
		{ "not formatted", STORE_OFF + 20, 0xff, STORE_OFF + 20 },
		{ "not healthy", STORE_OFF + 21, 0xff, STORE_OFF + 20 },
		{ "no record", FIRST_OFF, 0xab, FIRST_OFF },
		{ "name past the end", FIRST_OFF + 37, 0xff, FIRST_OFF },
		{ "data past the end", FIRST_OFF + 43, 0x80, FIRST_OFF },
		{ "name without NUL", FIRST_OFF + 62, 'x', FIRST_OFF + 60 },
		{ "name of odd size", FIRST_OFF + 36, 3, FIRST_OFF + 60 },
		{ "no name", FIRST_OFF + 36, 0, FIRST_OFF + 60 },
		{ "garbage in the free room", STORE_OFF + STORE_BYTES - 1, 0,
		  FIRST_OFF + SMALL_BYTES + 72 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(cases); i++) {
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };
		struct ks_varstore_view view;
		struct ks_diag diag = { 0 };

		build_two(&b);
		set_byte(&b, cases[i].off, cases[i].value);
		print_message("# %s\n", cases[i].why);
		assert_int_equal(-EBADMSG, ks_varstore_parse(ks_buf_span(&b), &view, &diag));
		assert_int_equal(cases[i].diag_off, diag.off);
		/* Who is told how much is needed can be sure that there is less. */
		assert_true(!diag.has_range || diag.want > diag.have);
	}
}

static void every_cut_is_refused(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_varstore_view view;
	struct ks_span cut;
	size_t n;

	(void)state;
	build_two(&b);
	for (n = 0; n < b.bytes; n++) {
		assert_true(ks_span_sub(ks_buf_span(&b), 0, n, &cut));
		assert_int_equal(-EBADMSG, ks_varstore_parse(cut, &view, NULL));
	}
}

/* Firmware and fuzzers find what tables do not: no single byte may make the reader misbehave. */
static void every_changed_byte_is_survived(void **state)
{
	static const u8 values[] = { 0x00, 0x01, 0x3e, 0x7f, 0x80, 0xff };
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_varstore_view view;
	size_t off, i;

	(void)state;
	build_two(&b);
	for (off = 0; off < STORE_OFF + STORE_BYTES; off++) {
		u8 old = b.p[off];

		for (i = 0; i < sizeof(values); i++) {
			set_byte(&b, off, values[i]);
			if (!ks_varstore_parse(ks_buf_span(&b), &view, NULL))
				assert_true(view.nr_vars <= 2);
		}
		set_byte(&b, off, old);
	}
	assert_int_equal(0, ks_varstore_parse(ks_buf_span(&b), &view, NULL));
}

static void store_without_authentication_is_named(void **state)
{
	static const struct ks_guid plain =
		KS_GUID(0xddcf3616, 0x3275, 0x4164, 0x98b6, 0xfe85707ffe7d);
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_varstore_view view;

	(void)state;
	build_empty(&b);
	ks_buf_patch(&b, STORE_OFF, (struct ks_span){ plain.raw, KS_GUID_BYTES });
	assert_int_equal(-EOPNOTSUPP, ks_varstore_parse(ks_buf_span(&b), &view, NULL));
}

static void what_does_not_fit_is_refused(void **state)
{
	/* The rest of the store, less the header and the name of the record. */
	enum { ROOM = STORE_OFF + STORE_BYTES - FIRST_OFF - 64 };
	static const u8 data[ROOM + 1] = { 0 };
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	struct ks_var var = var_of(name_a, "");
	struct ks_varstore_view view;
	struct ks_diag diag = { 0 };

	(void)state;
	build_empty(&b);
	assert_int_equal(0, ks_varstore_parse(ks_buf_span(&b), &view, NULL));
	var.data = (struct ks_span){ data, ROOM };
	assert_int_equal(0, ks_varstore_build(&view, &var, 1, &out, NULL));
	ks_buf_done(&out);
	var.data.bytes++;
	assert_int_equal(-E2BIG, ks_varstore_build(&view, &var, 1, &out, &diag));
	assert_null(out.p);
	var.name.bytes = 2;
	assert_int_equal(-EINVAL, ks_varstore_build(&view, &var, 1, &out, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_store_is_read),
		cmocka_unit_test(built_variables_are_read_back),
		cmocka_unit_test(records_are_aligned_to_four_bytes),
		cmocka_unit_test(replaced_variable_is_there_once),
		cmocka_unit_test(deleted_variable_is_not_seen),
		cmocka_unit_test(interrupted_update_keeps_the_old_value_until_the_new_one_is_whole),
		cmocka_unit_test(damaged_store_is_refused),
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(every_changed_byte_is_survived),
		cmocka_unit_test(store_without_authentication_is_named),
		cmocka_unit_test(what_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests_name("varstore", tests, NULL, NULL);
}
