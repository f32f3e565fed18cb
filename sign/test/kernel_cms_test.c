// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Messages and certificates that the kernel's parsers read otherwise than their grammar looks, each
 * beside the one that differs from it in one thing. fuzz/kernel found them in the kernel's own code.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/der.h"
#include "kernel/cms.h"

#define RSADSI "\x2a\x86\x48\x86\xf7\x0d\x01"
#define SHA256 "\x60\x86\x48\x01\x65\x03\x04\x02\x01"
#define TEXT(text) ((struct ks_span){ (const u8 *)(text), sizeof(text) - 1 })

static struct ks_kernel kernel;

static int set_up(void **state)
{
	(void)state;
	ks_kcrypto_set_mainline(&kernel.crypto);
	ks_kcrypto_init(&kernel.crypto);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	ks_kernel_done(&kernel);
	return 0;
}

/* Puts what was appended to @b since @start into an element. */
static void wrap(struct ks_buf *b, size_t start, u8 tag)
{
	struct ks_buf inside = { 0 };
	struct ks_span rest;

	assert_true(ks_span_sub(ks_buf_span(b), start, b->bytes - start, &rest));
	ks_put(&inside, rest);
	b->bytes = start;
	ks_put_der(b, tag, ks_buf_span(&inside));
	ks_buf_done(&inside);
}

static void put_algorithm(struct ks_buf *b, struct ks_span oid)
{
	size_t start = b->bytes;

	ks_put_der(b, KS_DER_OID, oid);
	wrap(b, start, KS_DER_SEQUENCE);
}

static void put_name(struct ks_buf *b, struct ks_span cn)
{
	size_t start = b->bytes;

	ks_put_der(b, KS_DER_OID, TEXT("\x55\x04\x03"));
	ks_put_der(b, 0x0c, cn);
	wrap(b, start, KS_DER_SEQUENCE);
	wrap(b, start, KS_DER_SET);
	wrap(b, start, KS_DER_SEQUENCE);
}

/* A certificate that somebody else signed, which nothing looks at until it is asked to vouch. */
static void put_certificate(struct ks_buf *b, struct ks_span validity)
{
	size_t start = b->bytes, key;

	ks_put_der(b, KS_DER_INTEGER, TEXT("\1"));
	put_algorithm(b, TEXT(RSADSI "\x01\x0b"));
	put_name(b, TEXT("issuer"));
	ks_put_der(b, KS_DER_SEQUENCE, validity);
	put_name(b, TEXT("subject"));
	key = b->bytes;
	put_algorithm(b, TEXT(RSADSI "\x01\x01"));
	ks_put_der(b, KS_DER_BIT_STRING, TEXT("\0\x30\x06\x02\x01\x03\x02\x01\x03"));
	wrap(b, key, KS_DER_SEQUENCE);
	wrap(b, start, KS_DER_SEQUENCE);
	put_algorithm(b, TEXT(RSADSI "\x01\x0b"));
	ks_put_der(b, KS_DER_BIT_STRING, TEXT("\0\1"));
	wrap(b, start, KS_DER_SEQUENCE);
}

/* Everything of a signer behind his name. */
static void put_signer(struct ks_buf *b, struct ks_span attributes)
{
	size_t start = b->bytes, id;

	ks_put_der(b, KS_DER_INTEGER, TEXT("\1"));
	id = b->bytes;
	put_name(b, TEXT("issuer"));
	ks_put_der(b, KS_DER_INTEGER, TEXT("\1"));
	wrap(b, id, KS_DER_SEQUENCE);
	put_algorithm(b, TEXT(SHA256));
	ks_put(b, attributes);
	put_algorithm(b, TEXT(RSADSI "\x01\x01"));
	ks_put_der(b, KS_DER_OCTET_STRING, TEXT("no signature"));
	wrap(b, start, KS_DER_SEQUENCE);
	wrap(b, start, KS_DER_SET);
}

/* @content: ContentInfo; @signed_by: certificates and signers */
static int verify(struct ks_span content, struct ks_span signed_by)
{
	struct ks_buf b = { 0 };
	struct ks_kernel_log log;
	size_t data;
	int rc;

	ks_put_der(&b, KS_DER_OID, TEXT(RSADSI "\x07\x02"));
	data = b.bytes;
	ks_put_der(&b, KS_DER_INTEGER, TEXT("\1"));
	put_algorithm(&b, TEXT(SHA256));
	wrap(&b, b.bytes - sizeof(SHA256) - 3, KS_DER_SET);
	ks_put(&b, content);
	ks_put(&b, signed_by);
	wrap(&b, data, KS_DER_SEQUENCE);
	wrap(&b, data, KS_DER_CONS(0));
	wrap(&b, 0, KS_DER_SEQUENCE);
	rc = ks_kernel_verify(&kernel, TEXT("content"), ks_buf_span(&b), &log);
	ks_buf_done(&b);
	return rc;
}

#define DATA "\x30\x0b\x06\x09" RSADSI "\x07\x01"
#define DATA_INDEFINITE "\x30\x80\x06\x09" RSADSI "\x07\x01\0\0"

static void an_empty_set_of_certificates_needs_a_definite_length(void **state)
{
	static const struct {
		struct ks_span certificates;
		int rc;
	} cases[] = {
		{ TEXT(""), -ENOKEY },
		{ TEXT("\xa0\x00"), -ENOKEY },
		{ TEXT("\xa0\x80\0\0"), -EBADMSG },
	};
	struct ks_buf b = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(cases); i++) {
		ks_buf_clear(&b);
		ks_put(&b, cases[i].certificates);
		put_signer(&b, TEXT(""));
		assert_int_equal(cases[i].rc, verify(TEXT(DATA), ks_buf_span(&b)));
	}
	ks_buf_done(&b);
}

static void missing_signers_are_noticed_late_unless_the_content_ends_with_a_mark(void **state)
{
	(void)state;
	assert_int_equal(-EINVAL, verify(TEXT(DATA), TEXT("")));
	assert_int_equal(-EBADMSG, verify(TEXT(DATA_INDEFINITE), TEXT("")));
}

#define YEARS "\x17\x0d" "250101000000Z" "\x17\x0d" "260101000000Z"
/* [2], SEQUENCE, an attribute signingTime */
#define SIGNED_AT(time) "\xa2\x20\x30\x1e\x30\x1c\x06\x09" RSADSI "\x09\x05" "\x31\x0f\x17\x0d" time

static void a_signing_time_counts_in_attributes_that_are_not_signed(void **state)
{
	static const struct {
		struct ks_span attributes;
		int rc;
	} cases[] = {
		/* Not the length of the key's signatures. */
		{ TEXT(""), -EINVAL },
		{ TEXT(SIGNED_AT("250701000000Z")), -EINVAL },
		{ TEXT(SIGNED_AT("250101000000Z")), -EINVAL },
		{ TEXT(SIGNED_AT("260101000000Z")), -EINVAL },
		{ TEXT(SIGNED_AT("241231235959Z")), -EKEYREJECTED },
		{ TEXT(SIGNED_AT("260101000001Z")), -EKEYREJECTED },
	};
	struct ks_buf b = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(cases); i++) {
		ks_buf_clear(&b);
		put_certificate(&b, TEXT(YEARS));
		wrap(&b, 0, KS_DER_CONS(0));
		put_signer(&b, cases[i].attributes);
		assert_int_equal(cases[i].rc, verify(TEXT(DATA), ks_buf_span(&b)));
	}
	ks_buf_done(&b);
}

static void a_validity_of_one_time_is_that_time(void **state)
{
	static const struct {
		struct ks_span validity;
		int rc;
	} cases[] = {
		{ TEXT(YEARS), 0 },
		{ TEXT("\x17\x0d" "250101000000Z"), 0 },
		{ TEXT(""), -EBADMSG },
		{ TEXT(YEARS "\x17\x0d" "260101000000Z"), -EBADMSG },
	};
	struct ks_buf b = { 0 };
	struct ks_kx509 cert;
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(cases); i++) {
		ks_buf_clear(&b);
		put_certificate(&b, cases[i].validity);
		assert_int_equal(cases[i].rc, ks_kx509_parse(&kernel.crypto, NULL, ks_buf_span(&b), &cert));
		if (i == 1)
			assert_true(cert.valid_from == cert.valid_to);
		ks_kx509_done(&cert);
	}
	ks_buf_done(&b);
}

/* P-521's base point: 66 bytes a coordinate, which the kernel also takes in 72. */
static void coordinates_may_have_leading_zeros(void **state)
{
	static const char x[] = "\x00\xc6\x85\x8e\x06\xb7\x04\x04\xe9\xcd\x9e\x3e\xcb\x66\x23\x95\xb4\x42\x9c\x64\x81\x39\x05\x3f\xb5\x21\xf8\x28\xaf\x60\x6b\x4d\x3d\xba\xa1\x4b\x5e\x77\xef\xe7\x59\x28\xfe\x1d\xc1\x27\xa2\xff\xa8\xde\x33\x48\xb3\xc1\x85\x6a\x42\x9b\xf9\x7e\x7e\x31\xc2\xe5\xbd\x66";
	static const char y[] = "\x01\x18\x39\x29\x6a\x78\x9a\x3b\xc0\x04\x5c\x8a\x5f\xb4\x2c\x7d\x1b\xd9\x98\xf5\x44\x49\x57\x9b\x44\x68\x17\xaf\xbd\x17\x27\x3e\x66\x2c\x97\xee\x72\x99\x5e\xf4\x26\x40\xc5\x50\xb9\x01\x3f\xad\x07\x61\x35\x3c\x70\x86\xa2\x72\xc2\x40\x88\xbe\x94\x76\x9f\xd1\x66\x50";
	struct ks_kpub pub;
	struct ks_buf b = { 0 };
	size_t zeros;

	(void)state;
	for (zeros = 0; zeros < 8; zeros++) {
		ks_buf_clear(&b);
		ks_put_u8(&b, 4);
		ks_put_fill(&b, 0, zeros);
		ks_put(&b, TEXT(x));
		ks_put_fill(&b, 0, zeros);
		ks_put(&b, TEXT(y));
		assert_int_equal(0, ks_kpub_init(KS_KPKEY_P521, ks_buf_span(&b), &pub));
		assert_int_equal(zeros <= 6 ? 0 : -EINVAL, pub.err);
		ks_kpub_done(&pub);
	}
	ks_buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_set_of_certificates_needs_a_definite_length),
		cmocka_unit_test(missing_signers_are_noticed_late_unless_the_content_ends_with_a_mark),
		cmocka_unit_test(a_signing_time_counts_in_attributes_that_are_not_signed),
		cmocka_unit_test(a_validity_of_one_time_is_that_time),
		cmocka_unit_test(coordinates_may_have_leading_zeros),
	};

	return cmocka_run_group_tests_name("kernel_cms", tests, set_up, tear_down);
}
