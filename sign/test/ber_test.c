// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/ber.h"
#include "base/buf.h"

#define SEQUENCE 0x30
#define SET 0x31
#define INTEGER 0x02
#define BYTES(text) ((struct ks_span){ (const u8 *)(text), sizeof(text) - 1 })

/* One INTEGER. Return: the reader's error; its value must be @value when there is none. */
static int read_integer(struct ks_span in, struct ks_span value)
{
	struct ks_ber b;

	ks_ber_init(&b, in);
	ks_ber_leaf(&b, INTEGER);
	if (!b.err)
		assert_true(ks_span_eq(value, b.value));
	return b.err;
}

/* What the kernel's decoder does with the same bytes: lib/asn1_decoder.c. */
static void leaves_take_what_the_kernel_takes(void **state)
{
	(void)state;

	assert_int_equal(0, read_integer(BYTES("\x02\x01\x05"), BYTES("\x05")));
	assert_int_equal(0, read_integer(BYTES("\x02\x00"), BYTES("")));
	/* Not minimal, but of up to two bytes. */
	assert_int_equal(0, read_integer(BYTES("\x02\x81\x01\x05"), BYTES("\x05")));
	assert_int_equal(0, read_integer(BYTES("\x02\x82\x00\x01\x05"), BYTES("\x05")));
	assert_int_equal(-EBADMSG, read_integer(BYTES("\x02\x83\x00\x00\x01\x05"), BYTES("")));
	/* More may follow. */
	assert_int_equal(0, read_integer(BYTES("\x02\x01\x05zz"), BYTES("\x05")));
}

static void leaves_refuse_what_the_kernel_refuses(void **state)
{
	(void)state;

	assert_int_equal(-EBADMSG, read_integer(BYTES(""), BYTES("")));
	assert_int_equal(-EBADMSG, read_integer(BYTES("\x02"), BYTES("")));
	assert_int_equal(-EBADMSG, read_integer(BYTES("\x02\x01"), BYTES("")));
	assert_int_equal(-EBADMSG, read_integer(BYTES("\x02\x02\x05"), BYTES("")));
	assert_int_equal(-EBADMSG, read_integer(BYTES("\x02\x81"), BYTES("")));
	assert_int_equal(-EBADMSG, read_integer(BYTES("\x02\x82\x00"), BYTES("")));
	assert_int_equal(-EBADMSG, read_integer(BYTES("\x02\x82\x00\x02\x05"), BYTES("")));
	/* Another tag, the constructed form, a tag over one byte, an indefinite length. */
	assert_int_equal(-EBADMSG, read_integer(BYTES("\x03\x01\x05"), BYTES("")));
	assert_int_equal(-EBADMSG, read_integer(BYTES("\x22\x01\x05"), BYTES("")));
	assert_int_equal(-EBADMSG, read_integer(BYTES("\x1f\x02\x01\x05"), BYTES("")));
	assert_int_equal(-EBADMSG, read_integer(BYTES("\x02\x80\x00\x00"), BYTES("")));
}

static void messages_of_up_to_65535_bytes(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf in = { 0 };
	struct ks_ber b;
	(void)state;

	ks_put(&in, BYTES("\x02\x01\x05"));
	ks_put_fill(&in, 0, 65532);
	ks_ber_init(&b, ks_buf_span(&in));
	ks_ber_leaf(&b, INTEGER);
	assert_int_equal(0, b.err);
	ks_put_u8(&in, 0);
	ks_ber_init(&b, ks_buf_span(&in));
	assert_int_equal(-EMSGSIZE, b.err);
}

/* A SEQUENCE OF INTEGER. Return: how many, or the error. */
static int count_integers(struct ks_span in)
{
	struct ks_ber b;
	int n = 0;

	ks_ber_init(&b, in);
	ks_ber_open(&b, SEQUENCE);
	do {
		ks_ber_leaf(&b, INTEGER);
		n++;
	} while (ks_ber_more(&b));
	ks_ber_close(&b);
	if (!b.err)
		assert_int_equal(0, b.nr_open);
	return b.err ? b.err : n;
}

static void lists_of_either_length_form(void **state)
{
	(void)state;

	assert_int_equal(1, count_integers(BYTES("\x30\x03\x02\x01\x05")));
	assert_int_equal(2, count_integers(BYTES("\x30\x06\x02\x01\x05\x02\x01\x06")));
	assert_int_equal(2, count_integers(BYTES("\x30\x80\x02\x01\x05\x02\x01\x06\x00\x00")));
	/* The kernel takes the primitive form of a constructed tag. */
	assert_int_equal(1, count_integers(BYTES("\x10\x03\x02\x01\x05")));
	/* A list has a member at least. */
	assert_int_equal(-EBADMSG, count_integers(BYTES("\x30\x00")));
	assert_int_equal(-EBADMSG, count_integers(BYTES("\x30\x80\x00\x00")));
	/* A member that runs out of the list, a list that runs out of the message. */
	assert_int_equal(-EBADMSG, count_integers(BYTES("\x30\x03\x02\x02\x05\x06")));
	assert_int_equal(-EBADMSG, count_integers(BYTES("\x30\x04\x02\x01\x05")));
	assert_int_equal(-EBADMSG, count_integers(BYTES("\x30\x04\x02\x01\x05\x02")));
	/* No end mark, half of one, a wrong one, none for the primitive form. */
	assert_int_equal(-EBADMSG, count_integers(BYTES("\x30\x80\x02\x01\x05")));
	assert_int_equal(-EBADMSG, count_integers(BYTES("\x30\x80\x02\x01\x05\x00")));
	assert_int_equal(-EBADMSG, count_integers(BYTES("\x30\x80\x02\x01\x05\x00\x01")));
	assert_int_equal(-EBADMSG, count_integers(BYTES("\x10\x80\x02\x01\x05\x00\x00")));
}

static void any_element_is_read_whole(void **state)
{
	static const char nested[] = "\x30\x80\x30\x80\x02\x01\x05\x00\x00\x04\x01z\x00\x00!";
	struct ks_ber b;
	(void)state;

	ks_ber_init(&b, BYTES("\x30\x03\x02\x01\x05\x02\x01\x06"));
	ks_ber_any(&b);
	assert_int_equal(0, b.err);
	assert_int_equal(SEQUENCE, b.tag);
	assert_true(ks_span_eq(BYTES("\x02\x01\x05"), b.value));
	assert_true(ks_span_eq(BYTES("\x30\x03\x02\x01\x05"), ks_ber_whole(&b)));
	ks_ber_leaf(&b, INTEGER);
	assert_true(ks_ber_at_end(&b));
	assert_int_equal(0, b.err);
	/* The value of an indefinite length has its end mark in it, as in the kernel. */
	ks_ber_init(&b, BYTES(nested));
	ks_ber_any(&b);
	assert_int_equal(0, b.err);
	assert_int_equal(sizeof(nested) - 1 - 2 - 1, b.value.bytes);
	assert_int_equal(sizeof(nested) - 1 - 1, b.pos);
}

static const struct {
	struct ks_span in;
	int err;
} indefinite[] = {
	{ BYTES("\x30\x80\x00\x00"), 0 },
	{ BYTES("\x30\x80\x02\x01\x05\x00\x00"), 0 },
	{ BYTES("\x30\x80\x3f\x81\x01\x01z\x00\x00"), 0 },
	{ BYTES("\x30\x80\x02\x84\x00\x00\x00\x01z\x00\x00"), 0 },
	{ BYTES("\x30\x80\x02\x87\x00\x00\x00\x00\x00\x00\x01z\x00\x00"), 0 },
	{ BYTES("\x30\x80"), -EBADMSG },
	{ BYTES("\x30\x80\x00"), -EBADMSG },
	{ BYTES("\x30\x80\x00\x01"), -EBADMSG },
	{ BYTES("\x30\x80\x02\x01\x05"), -EBADMSG },
	{ BYTES("\x30\x80\x02\x05z\x00\x00"), -EBADMSG },
	{ BYTES("\x30\x80\x02\x80\x00\x00\x00\x00"), -EBADMSG },
	{ BYTES("\x30\x80\x3f\x81"), -EBADMSG },
	{ BYTES("\x30\x80\x02\x88\x00\x00\x00\x00\x00\x00\x00\x01z\x00\x00"), -EBADMSG },
};

static void ends_of_indefinite_lengths(void **state)
{
	struct ks_ber b;
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(indefinite); i++) {
		ks_ber_init(&b, indefinite[i].in);
		ks_ber_any(&b);
		assert_int_equal(indefinite[i].err, b.err);
	}
}

static void ten_elements_can_be_open(void **state)
{
	u8 text[2 * (KS_BER_MAX_OPEN + 1)];
	struct ks_ber b;
	size_t i;
	(void)state;

	for (i = 0; i <= KS_BER_MAX_OPEN; i++) {
		text[2 * i] = SEQUENCE;
		text[2 * i + 1] = (u8)(sizeof(text) - 2 * (i + 1));
	}
	ks_ber_init(&b, (struct ks_span){ text, sizeof(text) });
	for (i = 0; i < KS_BER_MAX_OPEN; i++)
		ks_ber_open(&b, SEQUENCE);
	assert_int_equal(0, b.err);
	ks_ber_open(&b, SEQUENCE);
	assert_int_equal(-EBADMSG, b.err);
}

static void the_first_failure_sticks(void **state)
{
	struct ks_ber b;
	(void)state;

	ks_ber_init(&b, BYTES("\x02\x01\x05\x02\x01\x06"));
	ks_ber_leaf(&b, INTEGER);
	ks_ber_fail(&b, -ENOPKG);
	ks_ber_fail(&b, -EINVAL);
	assert_int_equal(-ENOPKG, b.err);
	ks_ber_leaf(&b, INTEGER);
	ks_ber_any(&b);
	ks_ber_open(&b, SEQUENCE);
	ks_ber_close(&b);
	assert_int_equal(3, b.pos);
	assert_false(ks_ber_next_is(&b, INTEGER));
	assert_false(ks_ber_more(&b));
	assert_true(ks_ber_at_end(&b));
	assert_int_equal(0, ks_ber_whole(&b).bytes);
	assert_int_equal(-ENOPKG, b.err);
}

static void looking_ahead_reads_nothing(void **state)
{
	struct ks_ber b;
	(void)state;

	ks_ber_init(&b, BYTES("\x02\x01\x05"));
	assert_true(ks_ber_next_is(&b, INTEGER));
	assert_false(ks_ber_next_is(&b, SET));
	assert_int_equal(0, b.pos);
	ks_ber_leaf(&b, INTEGER);
	/* At the end an optional element is not there; half of one is a failure. */
	assert_false(ks_ber_next_is(&b, INTEGER));
	assert_int_equal(0, b.err);
	ks_ber_init(&b, BYTES("\x02"));
	assert_false(ks_ber_next_is(&b, INTEGER));
	assert_int_equal(-EBADMSG, b.err);
	ks_ber_init(&b, BYTES("\x02\x01\x05"));
	ks_ber_close(&b);
	assert_int_equal(-EBADMSG, b.err);
}

static void nothing_is_left_for_a_choice_after_a_match_only(void **state)
{
	struct ks_ber b;

	(void)state;
	ks_ber_init(&b, BYTES(""));
	assert_true(ks_ber_none_left(&b));
	assert_int_equal(-EBADMSG, b.err);

	ks_ber_init(&b, BYTES("\x02\x01\x05"));
	assert_false(ks_ber_none_left(&b));
	assert_int_equal(0, b.err);
	ks_ber_leaf(&b, INTEGER);
	assert_true(ks_ber_none_left(&b));
	assert_int_equal(0, b.err);

	/* The end mark was compared with an optional element. */
	ks_ber_init(&b, BYTES("\x30\x80\x00\x00"));
	ks_ber_open(&b, SEQUENCE);
	assert_false(ks_ber_next_is(&b, INTEGER));
	ks_ber_close(&b);
	assert_true(ks_ber_none_left(&b));
	assert_int_equal(-EBADMSG, b.err);

	ks_ber_init(&b, BYTES(""));
	ks_ber_fail(&b, -ENOPKG);
	assert_true(ks_ber_none_left(&b));
	assert_int_equal(-ENOPKG, b.err);
}

static void closing_needs_the_end_and_gives_the_contents(void **state)
{
	struct ks_ber b;
	(void)state;

	ks_ber_init(&b, BYTES("\x30\x08\x31\x03\x02\x01\x05\x02\x01\x06"));
	ks_ber_open(&b, SEQUENCE);
	ks_ber_open(&b, SET);
	ks_ber_leaf(&b, INTEGER);
	ks_ber_close(&b);
	assert_true(ks_span_eq(BYTES("\x02\x01\x05"), b.value));
	assert_true(ks_span_eq(BYTES("\x31\x03\x02\x01\x05"), ks_ber_whole(&b)));
	assert_int_equal(0, b.tag);
	ks_ber_close(&b);
	assert_int_equal(-EBADMSG, b.err);
	ks_ber_init(&b, BYTES("\x30\x80\x02\x01\x05\x00\x00"));
	ks_ber_open(&b, SEQUENCE);
	ks_ber_leaf(&b, INTEGER);
	ks_ber_close(&b);
	assert_int_equal(0, b.err);
	assert_true(ks_span_eq(BYTES("\x02\x01\x05"), b.value));
	assert_int_equal(7, b.pos);
}

/* Lengths around what the forms can say, with exactly as many bytes, and with one less. */
static void lengths_of_every_form(void **state)
{
	static const struct {
		u8 head[4];
		size_t head_bytes;
		size_t length;
	} row[] = {
		{ { 0x02, 0x7e }, 2, 0x7e },	       { { 0x02, 0x7f }, 2, 0x7f },
		{ { 0x02, 0x81, 0x00 }, 3, 0 },	       { { 0x02, 0x81, 0x7f }, 3, 0x7f },
		{ { 0x02, 0x81, 0x80 }, 3, 0x80 },     { { 0x02, 0x82, 0x00, 0x00 }, 4, 0 },
		{ { 0x02, 0x82, 0x01, 0x00 }, 4, 256 }, { { 0x02, 0x82, 0x01, 0x02 }, 4, 258 },
	};
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(row); i++) {
		__cleanup(ks_buf_done) struct ks_buf in = { 0 };
		struct ks_span cut;
		struct ks_ber b;

		ks_put(&in, (struct ks_span){ row[i].head, row[i].head_bytes });
		ks_put_fill(&in, 0x77, row[i].length);
		ks_ber_init(&b, ks_buf_span(&in));
		ks_ber_leaf(&b, INTEGER);
		assert_int_equal(0, b.err);
		assert_int_equal(row[i].length, b.value.bytes);
		assert_int_equal(row[i].head_bytes, b.value_off);
		assert_true(ks_span_eq(ks_buf_span(&in), ks_ber_whole(&b)));
		assert_true(ks_span_sub(ks_buf_span(&in), 0, in.bytes - 1, &cut));
		ks_ber_init(&b, cut);
		ks_ber_leaf(&b, INTEGER);
		assert_int_equal(-EBADMSG, b.err);
	}
}

/* What follows an element in memory does not make it longer. */
static void a_member_ends_with_its_element(void **state)
{
	static const struct ks_span in[] = {
		BYTES("\x30\x03\x02\x02\x05\x06\x07"),
		BYTES("\x30\x05\x02\x81\x03\x05\x06\x07\x08\x09"),
		BYTES("\x30\x01\x02\x00"),
	};
	struct ks_ber b;
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(in); i++) {
		ks_ber_init(&b, in[i]);
		ks_ber_open(&b, SEQUENCE);
		assert_int_equal(0, b.err);
		ks_ber_leaf(&b, INTEGER);
		assert_int_equal(-EBADMSG, b.err);
	}
	/* Behind an element that was left its parent goes on. */
	ks_ber_init(&b, BYTES("\x30\x09\x31\x81\x03\x02\x01\x05\x02\x01\x06"));
	ks_ber_open(&b, SEQUENCE);
	ks_ber_open(&b, SET);
	ks_ber_leaf(&b, INTEGER);
	ks_ber_close(&b);
	assert_true(ks_span_eq(BYTES("\x31\x81\x03\x02\x01\x05"), ks_ber_whole(&b)));
	assert_true(ks_ber_more(&b));
	ks_ber_leaf(&b, INTEGER);
	ks_ber_close(&b);
	assert_int_equal(0, b.err);
	assert_true(ks_ber_at_end(&b));
}

static void opening_fails_at_once(void **state)
{
	static const struct ks_span in[] = {
		BYTES("\x31\x03\x02\x01\x05"), /* another tag */
		BYTES("\x30\x80"),		 /* no room for an end mark */
		BYTES("\x30\x80\x00"),
		BYTES("\x30\x04\x02\x01\x05"), BYTES("\x30"), BYTES(""),
	};
	struct ks_ber b;
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(in); i++) {
		ks_ber_init(&b, in[i]);
		ks_ber_open(&b, SEQUENCE);
		assert_int_equal(-EBADMSG, b.err);
		assert_int_equal(0, b.nr_open);
	}
}

/* Open a SEQUENCE of indefinite length and read one INTEGER of it. */
static void start_indefinite(struct ks_ber *b, struct ks_span in)
{
	ks_ber_init(b, in);
	ks_ber_open(b, SEQUENCE);
	ks_ber_leaf(b, INTEGER);
	assert_int_equal(0, b->err);
}

static void an_end_mark_is_two_zeros(void **state)
{
	struct ks_ber b;
	(void)state;

	/* One byte is left: it is asked for, or closed. */
	start_indefinite(&b, BYTES("\x30\x80\x02\x01\x05\x07"));
	assert_false(ks_ber_more(&b));
	assert_int_equal(-EBADMSG, b.err);
	start_indefinite(&b, BYTES("\x30\x80\x02\x01\x05\x00"));
	ks_ber_close(&b);
	assert_int_equal(-EBADMSG, b.err);
	start_indefinite(&b, BYTES("\x30\x80\x02\x01\x05\x05\x00"));
	ks_ber_close(&b);
	assert_int_equal(-EBADMSG, b.err);
	/* Half an element is not an optional one that is not there. */
	ks_ber_init(&b, BYTES("\x02\x01\x05\x02"));
	ks_ber_leaf(&b, INTEGER);
	assert_false(ks_ber_next_is(&b, INTEGER));
	assert_int_equal(-EBADMSG, b.err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaves_take_what_the_kernel_takes),
		cmocka_unit_test(leaves_refuse_what_the_kernel_refuses),
		cmocka_unit_test(messages_of_up_to_65535_bytes),
		cmocka_unit_test(lists_of_either_length_form),
		cmocka_unit_test(any_element_is_read_whole),
		cmocka_unit_test(ends_of_indefinite_lengths),
		cmocka_unit_test(ten_elements_can_be_open),
		cmocka_unit_test(the_first_failure_sticks),
		cmocka_unit_test(looking_ahead_reads_nothing),
		cmocka_unit_test(lengths_of_every_form),
		cmocka_unit_test(a_member_ends_with_its_element),
		cmocka_unit_test(opening_fails_at_once),
		cmocka_unit_test(an_end_mark_is_two_zeros),
		cmocka_unit_test(nothing_is_left_for_a_choice_after_a_match_only),
		cmocka_unit_test(closing_needs_the_end_and_gives_the_contents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
