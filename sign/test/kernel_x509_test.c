// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/der.h"
#include "kernel/cms.h"

#define UTC 0x17
#define GENERALIZED 0x18

static const struct {
	u8 tag;
	const char *text;
	bool ok;
} times[] = {
	{ UTC, "260228235959Z", true },		{ UTC, "000229000000Z", true },
	{ UTC, "700101000000Z", true },		{ UTC, "690101000000Z", false }, /* 1969 */
	{ UTC, "490101000000Z", true },		{ UTC, "260229000000Z", false },
	{ UTC, "261301000000Z", false },	{ UTC, "260001000000Z", false },
	{ UTC, "260100000000Z", false },	{ UTC, "260431000000Z", false },
	{ UTC, "260101240000Z", true },		{ UTC, "260101250000Z", false },
	{ UTC, "260101006000Z", false },	{ UTC, "260101000060Z", true },
	{ UTC, "260101000061Z", false },	{ UTC, "2601010000Z", false },
	{ UTC, "2601010000000", false },	{ UTC, "26010100000xZ", false },
	{ UTC, "26010100000:Z", false },	{ GENERALIZED, "20500101000000Z", true },
	{ GENERALIZED, "20491231235959Z", false }, { GENERALIZED, "19491231235959Z", false },
	{ GENERALIZED, "21000228000000Z", true }, { GENERALIZED, "21000229000000Z", false },
	{ GENERALIZED, "24000229000000Z", true }, { GENERALIZED, "99991231235959Z", true },
	{ GENERALIZED, "205001010000Z", false }, { GENERALIZED, "x0500101000000Z", false },
	{ 0x04, "260228235959Z", false },
};

/* x509_decode_time(), in both forms and at its edges. */
static void times_are_judged_as_the_kernel_does(void **state)
{
	int64_t seconds = 0;
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(times); i++)
		if (ks_kx509_time_of(times[i].tag, ks_span_str(times[i].text), &seconds) != times[i].ok)
			fail_msg("%02x %s", times[i].tag, times[i].text);
	assert_true(ks_kx509_time_of(UTC, ks_span_str("700101000000Z"), &seconds));
	assert_int_equal(0, seconds);
	assert_true(ks_kx509_time_of(UTC, ks_span_str("240301000000Z"), &seconds));
	assert_int_equal(1709251200, seconds);
	assert_true(ks_kx509_time_of(GENERALIZED, ks_span_str("99991231235959Z"), &seconds));
	assert_int_equal(253402300799, seconds);
}

static struct ks_span text_of(const char *s)
{
	return ks_span_str(s);
}

static const struct {
	const char *cn, *o, *email, *name;
} names[] = {
	{ "kernel key", "", "", "kernel key" },
	{ "", "Organisation", "", "Organisation" },
	{ "", "", "a@example.org", "a@example.org" },
	{ "kernel key", "Organisation", "", "Organisation: kernel key" },
	/* The CN starts with the O, or with its first seven characters. */
	{ "Org key", "Org", "", "Org key" },
	{ "Microsoft UEFI", "Microsoft Corporation", "", "Microsoft UEFI" },
	{ "Micros UEFI", "Microsoft Corporation", "", "Microsoft Corporation: Micros UEFI" },
	{ "", "", "", "" },
};

static void names_are_made_as_in_proc_keys(void **state)
{
	char text[KS_KX509_NAME_BYTES];
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(names); i++) {
		struct ks_kx509_name p = { .cn = text_of(names[i].cn),
					     .o = text_of(names[i].o),
					     .email = text_of(names[i].email) };

		ks_kx509_name_text(&p, text);
		assert_string_equal(names[i].name, text);
		/* The parts of one name must not get into the next. */
		assert_int_equal(0, p.cn.bytes + p.o.bytes + p.email.bytes);
	}
}

/* The kernel keeps lengths in a byte. */
static void a_long_name_is_cut_as_the_kernel_cuts_it(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf longest = { 0 };
	struct ks_kx509_name p = { 0 };
	char text[KS_KX509_NAME_BYTES];
	(void)state;

	ks_put_fill(&longest, 'x', 255);
	p.cn = ks_buf_span(&longest);
	p.o = text_of("y");
	ks_kx509_name_text(&p, text);
	assert_int_equal(3 + 255, strlen(text));
	ks_put_fill(&longest, 'x', 3);
	p.cn = ks_buf_span(&longest);
	ks_kx509_name_text(&p, text);
	assert_string_equal("xx", text);
	p.cn = p.o = ks_buf_span(&longest);
	p.cn.bytes = p.o.bytes = 255;
	ks_kx509_name_text(&p, text);
	assert_int_equal(255, strlen(text));
}

static void identifiers_are_compared_across_their_pieces(void **state)
{
	struct ks_kid ab_c = { true, text_of("ab"), text_of("c") };
	struct ks_kid a_bc = { true, text_of("a"), text_of("bc") };
	struct ks_kid abd = { true, text_of("abd"), text_of("") };
	struct ks_kid ab = { true, text_of("ab"), text_of("") };
	struct ks_kid unset = { false, text_of("ab"), text_of("c") };
	(void)state;

	assert_true(ks_kid_same(&ab_c, &a_bc));
	assert_false(ks_kid_same(&ab_c, &abd));
	assert_false(ks_kid_same(&ab_c, &ab));
	assert_false(ks_kid_same(&ab_c, &unset));
	assert_false(ks_kid_same(&unset, &unset));
}

static const u8 rsa[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01 };

static void identifiers_of_objects(void **state)
{
	(void)state;

	assert_int_equal(KS_KOID_RSA, ks_koid_of((struct ks_span){ rsa, sizeof(rsa) }));
	assert_int_equal(KS_KOID_NONE, ks_koid_of((struct ks_span){ rsa, sizeof(rsa) - 1 }));
	assert_int_equal(KS_KOID_NONE, ks_koid_of((struct ks_span){ 0 }));
	assert_int_equal(KS_KOID_COMMON_NAME, ks_koid_of(text_of("\x55\x04\x03")));
	assert_int_equal(KS_KOID_STREEBOG512, ks_koid_of(text_of("\x2a\x85\x03\x07\x01\x01\x02\x03")));
}

/* rsa_set_pub_key(): the modulus counts in limbs of eight bytes and must have one of six sizes. */
static void rsa_keys_of_the_kernels_sizes(void **state)
{
	static const struct {
		size_t modulus_bytes;
		u8 first;
		int err;
		size_t key_bytes;
	} keys[] = {
		{ 64, 0x80, 0, 64 },		{ 128, 0x80, 0, 128 },	     { 192, 0x80, 0, 192 },
		{ 256, 0x80, 0, 256 },		{ 512, 0x80, 0, 512 },	     { 256, 0x01, 0, 256 },
		{ 255, 0x80, 0, 256 },		{ 248, 0x80, -EINVAL, 248 }, { 320, 0x80, -EINVAL, 320 },
		{ 1024, 0x80, -EINVAL, 1024 },	{ 257, 0x00, 0, 256 },
	};
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(keys); i++) {
		__cleanup(ks_buf_done) struct ks_buf n = { 0 }, inside = { 0 }, key = { 0 };
		__cleanup(ks_kpub_done) struct ks_kpub pub = { 0 };

		ks_put_u8(&n, keys[i].first);
		ks_put_fill(&n, 0xff, keys[i].modulus_bytes - 1);
		ks_put_der_buf(&inside, KS_DER_INTEGER, &n);
		ks_put_der(&inside, KS_DER_INTEGER, text_of("\x01\x01\x01"));
		ks_put_der_buf(&key, KS_DER_SEQUENCE, &inside);
		assert_int_equal(0, ks_kpub_init(KS_KPKEY_RSA, ks_buf_span(&key), &pub));
		assert_int_equal(keys[i].err, pub.err);
		assert_int_equal(keys[i].key_bytes, pub.key_bytes);
	}
}

static void keys_that_are_none(void **state)
{
	static const char *const bad[] = { "", "\x30\x02\x02\x01", "\x30\x06\x02\x01\x05\x02\x01\x03z" };
	struct ks_kpub pub;
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(bad); i++) {
		assert_int_equal(0, ks_kpub_init(KS_KPKEY_RSA, text_of(bad[i]), &pub));
		assert_true(pub.err < 0);
		assert_null(pub.pkey);
		assert_int_equal(0, ks_kpub_init(KS_KPKEY_P256, text_of(bad[i]), &pub));
		assert_int_equal(-EINVAL, pub.err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_judged_as_the_kernel_does),
		cmocka_unit_test(names_are_made_as_in_proc_keys),
		cmocka_unit_test(a_long_name_is_cut_as_the_kernel_cuts_it),
		cmocka_unit_test(identifiers_are_compared_across_their_pieces),
		cmocka_unit_test(identifiers_of_objects),
		cmocka_unit_test(rsa_keys_of_the_kernels_sizes),
		cmocka_unit_test(keys_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
