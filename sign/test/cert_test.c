// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/file.h"
#include "crypto/keygen.h"
#include "kernel/cms.h"
#include "ops/signer.h"

#define NOW 1700000000ULL
#define DAY (24 * 3600ULL)

/* A directory and one development pair, made once: RSA-4096 takes its time. */
struct fixture {
	char dir[32];
	char key_path[64];
	char cert_path[64];
	struct ks_buf key_pem;
	struct ks_buf cert_pem;
};

static void write_file(const char *path, struct ks_span content, mode_t mode)
{
	assert_int_equal(0, ks_file_publish(path, &content, 1, mode, NULL));
	assert_int_equal(0, chmod(path, mode));
}

static int set_up(void **state)
{
	static struct fixture fixture;
	struct fixture *f = &fixture;
	int rc;

	strcpy(f->dir, "/tmp/kseal-cert.XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	snprintf(f->key_path, sizeof(f->key_path), "%.31s/a.key", f->dir);
	snprintf(f->cert_path, sizeof(f->cert_path), "%.31s/a.pem", f->dir);
	rc = ks_keygen_dev("kseal DEVELOPMENT test (do not trust)", KS_KEYGEN_CODE_SIGNING, NOW,
			   &f->key_pem, &f->cert_pem, NULL);
	if (rc)
		return -1;
	write_file(f->key_path, ks_buf_span(&f->key_pem), 0600);
	write_file(f->cert_path, ks_buf_span(&f->cert_pem), 0644);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	unlink(f->key_path);
	unlink(f->cert_path);
	rmdir(f->dir);
	ks_buf_done(&f->key_pem);
	ks_buf_done(&f->cert_pem);
	return 0;
}

static EVP_PKEY *new_rsa(size_t bits)
{
	return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", bits);
}

/* A certificate of any key type, self-signed, with a name of @name_bytes. */
static struct ks_cert make_cert(EVP_PKEY *pkey, const EVP_MD *md, size_t name_bytes)
{
	struct ks_cert cert = { X509_new() };
	X509_NAME *name = X509_NAME_new();
	u8 text[64];

	memset(text, 'x', sizeof(text));
	assert_non_null(pkey);
	assert_true(name_bytes <= sizeof(text));
	X509_set_version(cert.x509, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert.x509), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert.x509), 0);
	X509_gmtime_adj(X509_getm_notAfter(cert.x509), 3600);
	if (name_bytes)
		X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, (int)name_bytes, -1, 0);
	X509_set_subject_name(cert.x509, name);
	X509_set_issuer_name(cert.x509, name);
	X509_NAME_free(name);
	X509_set_pubkey(cert.x509, pkey);
	assert_true(X509_sign(cert.x509, pkey, md) > 0);
	EVP_PKEY_free(pkey);
	return cert;
}

static void check_embed(struct ks_cert cert, int want_rc)
{
	struct ks_diag diag = { 0 };

	assert_int_equal(want_rc, ks_cert_check_embed(&cert, &diag));
	if (want_rc)
		assert_non_null(diag.what);
	ks_cert_done(&cert);
}

static void development_pair_is_marked_and_usable(void **state)
{
	struct fixture *f = *state;
	__cleanup(ks_cert_done) struct ks_cert cert = { 0 };
	__cleanup(ks_key_close) struct ks_key key = { 0 };
	char name[64], end[16];

	assert_int_equal(0, ks_cert_load(f->cert_path, &cert, NULL));
	assert_int_equal(0, ks_key_open(f->key_path, NULL, &key, NULL));
	assert_true(ks_cert_is_dev(&cert));
	assert_int_equal(4096, EVP_PKEY_get_bits(key.pkey));
	assert_int_equal(NID_sha512WithRSAEncryption, X509_get_signature_nid(cert.x509));
	assert_int_equal(1, X509_verify(cert.x509, key.pkey));
	assert_int_equal(0, ks_cert_check_signer(&cert, &key, KS_SIGN_PE, NOW, NULL));
	assert_int_equal(0, ks_cert_check_embed(&cert, NULL));
	ks_cert_name(&cert, name, sizeof(name));
	assert_string_equal("kseal DEVELOPMENT test (do not trust)", name);
	ks_cert_name(&cert, name, 6);
	assert_string_equal("kseal", name);
	ks_cert_not_after(&cert, end, sizeof(end));
	assert_string_equal("2024-11-13", end);
}

static void signer_outside_of_its_time_is_refused(void **state)
{
	struct fixture *f = *state;
	__cleanup(ks_cert_done) struct ks_cert cert = { 0 };
	__cleanup(ks_key_close) struct ks_key key = { 0 };
	struct ks_diag diag = { 0 };

	assert_int_equal(0, ks_cert_load(f->cert_path, &cert, NULL));
	assert_int_equal(0, ks_key_open(f->key_path, NULL, &key, NULL));
	assert_int_equal(0, ks_cert_check_signer(&cert, &key, KS_SIGN_PE, NOW + 364 * DAY, NULL));
	assert_int_equal(-EKEYEXPIRED, ks_cert_check_signer(&cert, &key, KS_SIGN_PE, NOW + 366 * DAY, &diag));
	assert_string_equal("2024-11-13", diag.detail);
	assert_int_equal(-EKEYEXPIRED, ks_cert_check_signer(&cert, &key, KS_SIGN_PE, NOW - 1, NULL));
}

static void certificate_of_another_key_is_refused(void **state)
{
	struct fixture *f = *state;
	__cleanup(ks_cert_done) struct ks_cert cert = make_cert(new_rsa(2048), EVP_sha256(), 8);
	__cleanup(ks_key_close) struct ks_key key = { 0 };

	assert_int_equal(0, ks_key_open(f->key_path, NULL, &key, NULL));
	assert_int_equal(-EKEYREJECTED, ks_cert_check_signer(&cert, &key, KS_SIGN_PE, NOW, NULL));
	assert_false(ks_cert_is_dev(&cert));
}

static void what_the_kernel_drops_is_not_embedded(void **state)
{
	(void)state;
	check_embed(make_cert(new_rsa(2048), EVP_sha256(), 8), 0);
	check_embed(make_cert(EVP_EC_gen("P-384"), EVP_sha384(), 60), 0);
	/* A P-256 certificate is fine, unless a short name takes its DER below 260 bytes. */
	check_embed(make_cert(EVP_EC_gen("P-256"), EVP_sha256(), 60), 0);
	check_embed(make_cert(EVP_EC_gen("P-256"), EVP_sha256(), 0), -EOPNOTSUPP);
	check_embed(make_cert(EVP_EC_gen("secp256k1"), EVP_sha256(), 60), -EOPNOTSUPP);
	check_embed(make_cert(new_rsa(2560), EVP_sha256(), 8), -EOPNOTSUPP);
	check_embed(make_cert(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), NULL, 60), -EOPNOTSUPP);
	check_embed(make_cert(new_rsa(2048), EVP_md5(), 8), -EOPNOTSUPP);
}

static void key_that_others_may_read_is_refused(void **state)
{
	static const mode_t modes[] = { 0640, 0604, 0644, 0620, 0601 };
	struct fixture *f = *state;
	struct ks_key key = { 0 };
	char uri[80];
	size_t i;

	snprintf(uri, sizeof(uri), "file:%s", f->key_path);
	for (i = 0; i < KS_ARRAY_SIZE(modes); i++) {
		assert_int_equal(0, chmod(f->key_path, modes[i]));
		assert_int_equal(-EACCES, ks_key_open(f->key_path, NULL, &key, NULL));
		assert_int_equal(-EACCES, ks_key_open(uri, NULL, &key, NULL));
		assert_null(key.pkey);
	}
	assert_int_equal(0, chmod(f->key_path, 0600));
	assert_int_equal(0, ks_key_open(uri, NULL, &key, NULL));
	ks_key_close(&key);
}

static void unusable_keys_say_why(void **state)
{
	struct fixture *f = *state;
	struct ks_key key = { 0 };
	struct ks_diag diag = { 0 };
	char path[64];
	EVP_PKEY *pkey = EVP_EC_gen("P-256");
	FILE *to;

	snprintf(path, sizeof(path), "%.31s/b.key", f->dir);
	assert_int_equal(-ENOKEY, ks_key_open(path, NULL, &key, &diag));
	assert_string_equal(path, diag.file);
	assert_int_equal(-ENOKEY, ks_key_open("nosuchscheme:x", NULL, &key, NULL));
	to = fopen(path, "w");
	assert_non_null(to);
	assert_true(PEM_write_PKCS8PrivateKey(to, pkey, EVP_aes_128_cbc(), "pass", 4, NULL, NULL));
	EVP_PKEY_free(pkey);
	fclose(to);
	chmod(path, 0600);
	diag = (struct ks_diag){ 0 };
	assert_int_equal(-EACCES, ks_key_open(path, NULL, &key, &diag));
	assert_non_null(strstr(diag.what, "passphrase"));
	write_file(path, ks_span_str("no key\n"), 0600);
	assert_int_equal(-EACCES, ks_key_open(path, NULL, &key, NULL));
	write_file(path, ks_buf_span(&f->cert_pem), 0600);
	assert_int_equal(-EACCES, ks_key_open(path, NULL, &key, NULL));
	unlink(path);
}

static void certificate_file_holds_exactly_one(void **state)
{
	struct fixture *f = *state;
	__cleanup(ks_buf_done) struct ks_buf two = { 0 };
	__cleanup(ks_buf_done) struct ks_buf der = { 0 };
	__cleanup(ks_certs_done) struct ks_certs certs = { 0 };
	struct ks_cert cert = { 0 };
	struct ks_diag diag = { 0 };
	char path[64];

	snprintf(path, sizeof(path), "%.31s/b.pem", f->dir);
	ks_put(&two, ks_buf_span(&f->cert_pem));
	ks_put(&two, ks_buf_span(&f->cert_pem));
	write_file(path, ks_buf_span(&two), 0644);
	assert_int_equal(-EBADMSG, ks_cert_load(path, &cert, &diag));
	assert_string_equal(path, diag.file);
	assert_int_equal(0, ks_certs_append(&certs, path, NULL));
	assert_int_equal(2, certs.nr_certs);
	/* A damaged second block: nothing is added. */
	ks_buf_patch(&two, f->cert_pem.bytes + 100, ks_span_str("!!!!"));
	write_file(path, ks_buf_span(&two), 0644);
	assert_int_equal(-EBADMSG, ks_certs_append(&certs, path, NULL));
	assert_int_equal(2, certs.nr_certs);
	write_file(path, (struct ks_span){ 0 }, 0644);
	assert_int_equal(-EBADMSG, ks_cert_load(path, &cert, NULL));
	assert_int_equal(0, ks_cert_der(&certs.cert[0], &der, NULL));
	write_file(path, ks_buf_span(&der), 0644);
	assert_int_equal(0, ks_cert_load(path, &cert, NULL));
	ks_cert_done(&cert);
	ks_put_u8(&der, 0);
	write_file(path, ks_buf_span(&der), 0644);
	assert_int_equal(-EBADMSG, ks_cert_load(path, &cert, NULL));
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(development_pair_is_marked_and_usable),
		cmocka_unit_test(signer_outside_of_its_time_is_refused),
		cmocka_unit_test(certificate_of_another_key_is_refused),
		cmocka_unit_test(what_the_kernel_drops_is_not_embedded),
		cmocka_unit_test(key_that_others_may_read_is_refused),
		cmocka_unit_test(unusable_keys_say_why),
		cmocka_unit_test(certificate_file_holds_exactly_one),
	};

	return cmocka_run_group_tests_name("cert", tests, set_up, tear_down);
}
