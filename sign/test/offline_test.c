// SPDX-License-Identifier: LGPL-2.1-or-later
/* The manifest of offline signing: written, read, and refused when it is of another form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "ops/offline.h"

/* A certificate of its own key; what is in it does not matter here. */
static void make_cert(struct ks_cert *cert, long serial)
{
	EVP_PKEY *pkey = EVP_EC_gen("P-256");
	X509_NAME *name;

	cert->x509 = X509_new();
	assert_non_null(pkey);
	assert_non_null(cert->x509);
	X509_set_version(cert->x509, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert->x509), serial);
	X509_gmtime_adj(X509_getm_notBefore(cert->x509), 0);
	X509_gmtime_adj(X509_getm_notAfter(cert->x509), 3600);
	name = X509_get_subject_name(cert->x509);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const u8 *)"a \"test\"", -1, -1, 0);
	X509_set_pubkey(cert->x509, pkey);
	assert_true(X509_sign(cert->x509, pkey, EVP_sha256()) > 0);
	EVP_PKEY_free(pkey);
}

static void push(struct ks_offline *m, enum ks_offline_kind kind, const char *path)
{
	struct ks_offline_entry entry = { .kind = kind, .path = strdup(path), .hash = "sha256" };

	entry.file.bytes = 32;
	entry.digest.bytes = 32;
	memset(entry.digest.value, 0x5a, 32);
	if (kind != KS_OFFLINE_MODULE)
		entry.output = strdup("out.efi");
	if (kind == KS_OFFLINE_PE) {
		entry.mode = KS_IF_SIGNED_ADD;
		entry.first = true;
		entry.time = 253402300799;
		ks_put_str(&entry.attrs, "attributes");
		entry.chain_idx[0] = 1;
		entry.nr_chain = 1;
	}
	if (kind == KS_OFFLINE_PCR) {
		entry.phases = strdup("enter-initrd:ready");
		entry.profile = 3;
		entry.policy.bytes = 32;
	}
	assert_int_equal(0, ks_offline_push(m, &entry, NULL));
}

static void make_manifest(struct ks_offline *m)
{
	struct ks_cert a = { 0 }, b = { 0 };
	size_t idx = 9;

	make_cert(&a, 1);
	make_cert(&b, 2);
	assert_int_equal(0, ks_offline_cert(m, &a, &idx, NULL));
	assert_int_equal(0, idx);
	assert_int_equal(0, ks_offline_cert(m, &b, &idx, NULL));
	assert_int_equal(1, idx);
	assert_int_equal(0, ks_offline_cert(m, &a, &idx, NULL));
	assert_int_equal(0, idx);
	assert_int_equal(2, m->certs.nr_certs);
	ks_cert_done(&a);
	ks_cert_done(&b);
	push(m, KS_OFFLINE_MODULE, "a/\xc3\xa4 \"quoted\" \\ and\nline.ko");
	push(m, KS_OFFLINE_PE, "linux.efi");
	push(m, KS_OFFLINE_PCR, "linux.efi");
	push(m, KS_OFFLINE_AUTH, "db.tbs");
}

static void what_is_written_reads_back_the_same(void **state)
{
	struct ks_offline m = { 0 }, again = { 0 };
	struct ks_buf first = { 0 }, second = { 0 };
	char id[KS_OFFLINE_ID_BYTES];

	(void)state;
	make_manifest(&m);
	assert_int_equal(0, ks_offline_build(&m, &first, NULL));
	assert_int_equal(0, ks_offline_parse(ks_buf_span(&first), &again, NULL));
	assert_int_equal(0, ks_offline_build(&again, &second, NULL));
	assert_true(ks_span_eq(ks_buf_span(&first), ks_buf_span(&second)));
	assert_string_equal(m.entry[0].path, again.entry[0].path);
	assert_int_equal(KS_IF_SIGNED_ADD, again.entry[1].mode);
	assert_true(again.entry[1].first);
	assert_int_equal(253402300799, again.entry[1].time);
	assert_int_equal(1, again.entry[1].chain_idx[0]);
	assert_string_equal("enter-initrd:ready", again.entry[2].phases);
	assert_int_equal(3, again.entry[2].profile);
	ks_offline_id(&again, 2, id);
	assert_string_equal("pcr-3", id);
	ks_offline_id(&again, 3, id);
	assert_string_equal("auth-4", id);
	assert_string_equal("out.efi", again.entry[3].output);
	ks_offline_done(&m);
	ks_offline_done(&again);
	ks_buf_done(&first);
	ks_buf_done(&second);
}

/* The manifest as a text, once with @from replaced by @to. */
static int parse_replaced(const char *json, const char *from, const char *to)
{
	const char *at = strstr(json, from);
	struct ks_offline m = { 0 };
	struct ks_diag diag = { 0 };
	char *text = NULL;
	int rc;

	assert_non_null(at);
	assert_true(asprintf(&text, "%.*s%s%s", (int)(at - json), json, to, at + strlen(from)) > 0);
	rc = ks_offline_parse(ks_span_str(text), &m, &diag);
	assert_int_equal(rc, diag.err);
	/* A failure leaves nothing behind. */
	if (rc)
		assert_int_equal(0, m.nr_entries);
	ks_offline_done(&m);
	free(text);
	return rc;
}

static void another_form_is_refused_with_its_errno(void **state)
{
	static const struct {
		const char *from;
		const char *to;
		int rc;
	} rows[] = {
		{ "kseal/offline-prepare/1", "kseal/offline-prepare/2", -EOPNOTSUPP },
		{ "\"schema\"", "\"schema\": \"x\", \"schema\"", 0 }, /* the last one counts */
		{ "\"schema\"", "\"other\": 1, \"schema\"", -EBADMSG },
		{ "\"schema\"", "\"schemas\"", -EBADMSG },
		{ "module-1", "module-2", -EBADMSG },
		{ "module-1.sig", "/etc/passwd", -EBADMSG },
		{ "5a5a", "5a5", -EBADMSG },
		{ "5a5a", "5a5g", -EBADMSG },
		{ "5a5a", "5a5a5a", -EBADMSG },
		{ "253402300799", "253402300800", -EBADMSG },
		{ "253402300799", "9223372036854775808", -EBADMSG },
		{ "253402300799", "18446744073709551616", -EBADMSG },
		{ "253402300799", "-1", -EBADMSG },
		{ "253402300799", "1e3", -EBADMSG },
		{ "253402300799", "\"1\"", -EBADMSG },
		{ "\"profile\":3", "\"profile\":4294967296", -EBADMSG },
		{ "\"profile\":3", "\"profile\":4294967295", 0 },
		{ "\"add\"", "\"keep\"", -EBADMSG },
		{ "\"sha256\":\"", "\"sha256\":\"0", -EBADMSG },
		{ "linux.efi", "linux\xff.efi", -EBADMSG },
		{ "linux.efi", "linux\\u0000.efi", -EBADMSG },
		{ "BEGIN CERT", "BEGIN SHIRT", -EBADMSG },
		{ "{", "[[[[[[[[[[[[[[[[{", -EBADMSG },
		{ "{", "/* comment */ {", -EBADMSG },
		{ "{", "", -EBADMSG },
	};
	struct ks_offline m = { 0 };
	struct ks_buf json = { 0 };
	size_t i;

	(void)state;
	make_manifest(&m);
	assert_int_equal(0, ks_offline_build(&m, &json, NULL));
	ks_put_u8(&json, 0);
	for (i = 0; i < KS_ARRAY_SIZE(rows); i++) {
		int rc = parse_replaced((const char *)json.p, rows[i].from, rows[i].to);

		if (rc != rows[i].rc)
			fail_msg("%s -> %s: %d", rows[i].from, rows[i].to, rc);
	}
	ks_offline_done(&m);
	ks_buf_done(&json);
}

static void no_json_is_refused(void **state)
{
	static const char *const texts[] = { "",  " ", "{",    "null",	"1",	 "\"schema\"", "[]",
					     "{}", "}", "{}{}", "\xff", "{\"a\"", "nul",	    "-" };
	struct ks_offline m = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(texts); i++)
		assert_int_equal(-EBADMSG, ks_offline_parse(ks_span_str(texts[i]), &m, NULL));
}

static void every_truncation_is_refused(void **state)
{
	struct ks_offline m = { 0 }, again = { 0 };
	struct ks_buf json = { 0 };
	struct ks_span part;
	size_t n;

	(void)state;
	make_manifest(&m);
	assert_int_equal(0, ks_offline_build(&m, &json, NULL));
	/* The last two bytes are the brace and a newline, which may be missing. */
	for (n = 0; n + 1 < json.bytes; n++) {
		assert_true(ks_span_sub(ks_buf_span(&json), 0, n, &part));
		if (ks_offline_parse(part, &again, NULL) != -EBADMSG)
			fail_msg("accepted %zu of %zu bytes", n, json.bytes);
	}
	ks_offline_done(&m);
	ks_buf_done(&json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_reads_back_the_same),
		cmocka_unit_test(another_form_is_refused_with_its_errno),
		cmocka_unit_test(no_json_is_refused),
		cmocka_unit_test(every_truncation_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
