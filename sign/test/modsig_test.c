// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fmt/modsig.h"

#define CONTENT "these bytes are signed"
#define CMS "signature"

static void make_signed(struct ks_buf *b)
{
	ks_put_str(b, CONTENT);
	ks_modsig_build(ks_span_str(CMS), b);
	assert_int_equal(0, ks_buf_ok(b, NULL));
}

static void signature_reads_back(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_modsig_view view;
	(void)state;

	make_signed(&b);
	assert_int_equal(0, ks_modsig_parse(ks_buf_span(&b), &view, NULL));
	assert_true(ks_span_eq(view.content, ks_span_str(CONTENT)));
	assert_true(ks_span_eq(view.cms, ks_span_str(CMS)));
}

static void trailer_is_what_the_kernel_reads(void **state)
{
	static const u8 expected[12] = { 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, sizeof(CMS) - 1 };
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	(void)state;

	make_signed(&b);
	assert_memory_equal(expected, b.p + b.bytes - 28 - 12, sizeof(expected));
	assert_memory_equal("~Module signature appended~\n", b.p + b.bytes - 28, 28);
}

static void unsigned_module_is_no_fault(void **state)
{
	struct ks_modsig_view view = { 0 };
	struct ks_span file = ks_span_str(CONTENT);
	(void)state;

	assert_int_equal(-ENODATA, ks_modsig_parse(file, &view, NULL));
	assert_true(ks_span_eq(view.content, file));
	assert_int_equal(0, view.cms.bytes);
	assert_int_equal(-ENODATA, ks_modsig_parse((struct ks_span){ 0 }, &view, NULL));
}

/* @back: bytes before the end of the file */
static const struct {
	const char *name;
	size_t back;
	u8 value;
	int err;
} bad[] = {
	{ "algo", 40, 1, -EBADMSG },
	{ "hash", 39, 1, -EBADMSG },
	{ "id_type PGP", 38, 0, -EOPNOTSUPP },
	{ "signer_len", 37, 1, -EBADMSG },
	{ "key_id_len", 36, 1, -EBADMSG },
	{ "first byte of the padding", 35, 1, -EBADMSG },
	{ "last byte of the padding", 33, 1, -EBADMSG },
	{ "sig_len over the file", 32, 0xff, -EBADMSG },
	{ "sig_len leaves nothing signed", 29, sizeof(CONTENT) - 1 + sizeof(CMS) - 1, -EBADMSG },
	{ "sig_len one more than that", 29, sizeof(CONTENT) + sizeof(CMS) - 1, -EBADMSG },
	{ "sig_len 0", 29, 0, -EBADMSG },
};

static void every_broken_trailer_is_refused(void **state)
{
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(bad); i++) {
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };
		struct ks_modsig_view view;
		int rc;

		make_signed(&b);
		b.p[b.bytes - bad[i].back] = bad[i].value;
		rc = ks_modsig_parse(ks_buf_span(&b), &view, NULL);
		if (rc != bad[i].err)
			fail_msg("%s: got %d", bad[i].name, rc);
	}
}

static void magic_alone_is_refused_at_every_length(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_modsig_view view;
	size_t n;
	(void)state;

	make_signed(&b);
	/* From the magic only, to the trailer with too little before it. */
	for (n = 28; n <= 28 + 12 + sizeof(CMS) - 1; n++) {
		u8 *tail = malloc(n);

		memcpy(tail, b.p + b.bytes - n, n);
		assert_int_equal(-EBADMSG, ks_modsig_parse((struct ks_span){ tail, n }, &view, NULL));
		free(tail);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signature_reads_back),
		cmocka_unit_test(trailer_is_what_the_kernel_reads),
		cmocka_unit_test(unsigned_module_is_no_fault),
		cmocka_unit_test(every_broken_trailer_is_refused),
		cmocka_unit_test(magic_alone_is_refused_at_every_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
