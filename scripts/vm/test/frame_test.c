// SPDX-License-Identifier: LGPL-2.1-or-later
/* Frames: one good line, and every way to be none. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "frame.h"
#include "results.h"

#define NONCE "0123abcd"

static char line[4096];

/* Build a frame, by the words of the header and not by the code under test. */
static struct ks_span make(const char *nonce, const char *seq, const char *payload)
{
	char body[2048];
	int n = snprintf(body, sizeof(body), "%s %s %s", nonce, seq, payload);

	snprintf(line, sizeof(line), "KT1 %s %s %08lx %s", nonce, seq,
		 crc32(0L, (const Bytef *)body, (uInt)n), payload);
	return ks_span_str(line);
}

static void refused(struct ks_span text, const char *why)
{
	struct vm_frame_view frame = { .seq = 77 };
	struct ks_diag diag = { 0 };

	assert_int_equal(vm_frame_parse(text, NONCE, &frame, &diag), -EBADMSG);
	assert_non_null(strstr(diag.what, why));
	assert_int_equal(frame.seq, 77);
}

static void a_good_frame_gives_its_number_and_payload(void **state)
{
	struct vm_frame_view frame;
	struct ks_diag diag = { 0 };

	(void)state;
	assert_int_equal(vm_frame_parse(make(NONCE, "42", "L  two blanks"), NONCE, &frame, &diag),
			 0);
	assert_int_equal(frame.seq, 42);
	assert_true(vm_span_is(frame.payload, "L  two blanks"));
}

/* The CRC is zlib's of these very bytes: a reader and a writer with the same error would agree. */
static void the_crc_is_the_one_of_the_standard(void **state)
{
	struct vm_frame_view frame;
	struct ks_diag diag = { 0 };

	(void)state;
	assert_int_equal(vm_frame_parse(ks_span_str("KT1 0123abcd 0 9f9a1d30 T alpha"), NONCE,
					&frame, &diag),
			 0);
}

static void an_empty_payload_is_a_frame(void **state)
{
	struct vm_frame_view frame;
	struct ks_diag diag = { 0 };

	(void)state;
	assert_int_equal(vm_frame_parse(make(NONCE, "0", ""), NONCE, &frame, &diag), 0);
	assert_int_equal(frame.payload.bytes, 0);
}

static void every_flipped_bit_is_noticed(void **state)
{
	struct ks_span text = make(NONCE, "7", "L ok 1 a.b");
	struct vm_frame_view frame;
	size_t i, bit;

	(void)state;
	for (i = 0; i < text.bytes; i++)
		for (bit = 0; bit < 8; bit++) {
			line[i] = (char)(line[i] ^ (1 << bit));
			assert_int_equal(vm_frame_parse(text, NONCE, &frame, NULL), -EBADMSG);
			line[i] = (char)(line[i] ^ (1 << bit));
		}
	assert_int_equal(vm_frame_parse(text, NONCE, &frame, NULL), 0);
}

static void every_cut_is_noticed(void **state)
{
	struct ks_span text = make(NONCE, "7", "L ok 1 a.b"), head;
	struct vm_frame_view frame;
	size_t i;

	(void)state;
	for (i = 0; i < text.bytes; i++) {
		assert_true(ks_span_sub(text, 0, i, &head));
		assert_int_equal(vm_frame_parse(head, NONCE, &frame, NULL), -EBADMSG);
	}
}

static void what_is_no_frame_is_refused_with_its_reason(void **state)
{
	(void)state;
	refused(ks_span_str(""), "not a frame");
	refused(ks_span_str("ok 1 a.b"), "not a frame");
	refused(ks_span_str("KT2 0123abcd 0 00000000 L x"), "not a frame");
	refused(make("0123abce", "0", "L x"), "nonce");
	refused(make("", "0", "L x"), "nonce");
	refused(make(NONCE, "-1", "L x"), "number");
	refused(make(NONCE, "0x1", "L x"), "number");
	refused(make(NONCE, "18446744073709551616", "L x"), "number");
	refused(ks_span_str("KT1 0123abcd 0 deadbeef L x"), "CRC");
	refused(ks_span_str("KT1 0123abcd 0 9F9A1D30 T alpha"), "CRC");
	memset(line, 'x', VM_MAX_LINE_BYTES + 1);
	refused((struct ks_span){ (const u8 *)line, VM_MAX_LINE_BYTES + 1 }, "too long");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_frame_gives_its_number_and_payload),
		cmocka_unit_test(the_crc_is_the_one_of_the_standard),
		cmocka_unit_test(an_empty_payload_is_a_frame),
		cmocka_unit_test(every_flipped_bit_is_noticed),
		cmocka_unit_test(every_cut_is_noticed),
		cmocka_unit_test(what_is_no_frame_is_refused_with_its_reason),
	};

	return cmocka_run_group_tests_name("vm frame", tests, NULL, NULL);
}
