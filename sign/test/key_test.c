// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Keys: which source a URI goes to, what signing promises. Tokens, TPMs and programs are tested
 * through the verbs, in tests/keys*.bats.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>

#include "base/limits.h"
#include "key/key.h"
#include "key/sigalg.h"

static char dir[] = "/tmp/kseal-key.XXXXXX";
static char path[64];
static const u8 digest_bytes[32] = { 1, 2, 3 };
static const struct ks_span digest = { digest_bytes, sizeof(digest_bytes) };

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/a.key", dir);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static void write_key(EVP_PKEY *pkey, const char *passphrase)
{
	FILE *to = fopen(path, "w");

	assert_non_null(to);
	assert_int_equal(0, chmod(path, 0600));
	assert_true(PEM_write_PKCS8PrivateKey(to, pkey, passphrase ? EVP_aes_128_cbc() : NULL,
					      passphrase, passphrase ? (int)strlen(passphrase) : 0,
					      NULL, NULL));
	fclose(to);
	EVP_PKEY_free(pkey);
}

/* A source of passphrases that counts how often it is asked. */
struct asked {
	struct ks_span answer;
	int nr;
	char what[64];
};

static int answer(void *context, const char *what, struct ks_buf *ret_secret, struct ks_diag *diag)
{
	struct asked *asked = context;

	asked->nr++;
	snprintf(asked->what, sizeof(asked->what), "%s", what);
	if (!asked->answer.p)
		return ks_fail(diag, -EACCES, KS_NO_OFF, "nobody is there");
	ks_put(ret_secret, asked->answer);
	return 0;
}

static int open_with(struct asked *asked, struct ks_diag *diag)
{
	const struct ks_pass_source pass = { .get = answer, .context = asked };
	struct ks_key key = { 0 };
	int rc = ks_key_open(path, &pass, &key, diag);

	assert_int_equal(!rc, ks_key_is_open(&key));
	ks_key_close(&key);
	return rc;
}

static void a_passphrase_is_asked_for_once_and_by_name(void **state)
{
	static u8 long_one[KS_MAX_SECRET_BYTES + 1];
	struct asked right = { .answer = ks_span_str("open-sesame") };
	struct asked wrong = { .answer = ks_span_str("close-sesame") };
	struct asked none = { 0 }, empty = { .answer = { (const u8 *)"", 0 } };
	struct asked nul = { .answer = { (const u8 *)"open-sesame\0", 12 } };
	struct asked big = { .answer = { long_one, sizeof(long_one) } };
	struct ks_diag diag = { 0 };

	(void)state;
	memset(long_one, 'x', sizeof(long_one));
	write_key(EVP_EC_gen("P-256"), "open-sesame");
	assert_int_equal(0, open_with(&right, NULL));
	assert_int_equal(1, right.nr);
	assert_string_equal(path, right.what);
	assert_int_equal(-EACCES, open_with(&wrong, &diag));
	assert_int_equal(1, wrong.nr);
	assert_string_equal("wrong passphrase of the private key", diag.what);
	assert_string_equal(path, diag.file);
	diag = (struct ks_diag){ 0 };
	assert_int_equal(-EACCES, open_with(&none, &diag));
	assert_string_equal("nobody is there", diag.what);
	assert_int_equal(-EACCES, open_with(&empty, NULL));
	assert_int_equal(-EACCES, open_with(&nul, NULL));
	assert_int_equal(-EACCES, open_with(&big, NULL));
	/* Nobody is asked when the key is open. */
	write_key(EVP_EC_gen("P-256"), NULL);
	assert_int_equal(0, open_with(&none, NULL));
	assert_int_equal(1, none.nr);
}

static void a_uri_goes_to_its_source(void **state)
{
	static const struct {
		const char *uri;
		int rc;
		bool is_remote;
	} cases[] = {
		{ "exec:/bin/true", 0, true },
		{ "exec:no-such-program-is-found-later", 0, true },
		{ "exec:", -EINVAL, false },
		{ "exec:/nowhere/program", -ENOENT, false },
		{ "pkcs11:%zz", -EINVAL, false },
		{ "pkcs11:object=a?pin-value=1234", -EINVAL, false },
		{ "no-such-scheme:a", -ENOKEY, false },
		{ "no-such-file", -ENOKEY, false },
		{ "file:/no-such-file", -ENOKEY, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(cases); i++) {
		struct ks_diag diag = { 0 };
		struct ks_key key = { 0 };
		char line[1024];

		assert_int_equal(cases[i].rc, ks_key_open(cases[i].uri, NULL, &key, &diag));
		assert_int_equal(!cases[i].rc, ks_key_is_open(&key));
		assert_int_equal(cases[i].is_remote, ks_key_is_remote(&key));
		ks_diag_format(&diag, line, sizeof(line));
		assert_null(strstr(line, "1234"));
		ks_key_close(&key);
		ks_key_close(&key);
	}
}

static void only_a_digest_of_its_kind_is_signed(void **state)
{
	struct ks_key key = { 0 };
	struct ks_buf sig = { 0 };

	(void)state;
	assert_int_equal(-EINVAL, ks_key_sign(&key, EVP_sha256(), digest, &sig, NULL));
	write_key(EVP_EC_gen("P-256"), NULL);
	assert_int_equal(0, ks_key_open(path, NULL, &key, NULL));
	assert_false(ks_key_is_remote(&key));
	assert_int_equal(-EINVAL, ks_key_sign(&key, EVP_sha512(), digest, &sig, NULL));
	assert_int_equal(0, sig.bytes);
	assert_int_equal(0, ks_key_sign(&key, EVP_sha256(), digest, &sig, NULL));
	ks_buf_done(&sig);
	ks_key_close(&key);
}

/* Whether this OpenSSL has RFC 6979 at all. */
static bool library_is_deterministic(EVP_PKEY *pkey)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	const OSSL_PARAM *known;
	bool found;

	assert_true(ctx && EVP_PKEY_sign_init(ctx) > 0);
	known = EVP_PKEY_CTX_settable_params(ctx);
	found = known && OSSL_PARAM_locate_const(known, "nonce-type");
	EVP_PKEY_CTX_free(ctx);
	return found;
}

static bool signs_the_same_twice(const struct ks_key *key)
{
	__cleanup(ks_buf_done) struct ks_buf one = { 0 }, two = { 0 };

	assert_int_equal(0, ks_key_sign(key, EVP_sha256(), digest, &one, NULL));
	assert_int_equal(0, ks_key_sign(key, EVP_sha256(), digest, &two, NULL));
	return ks_span_eq(ks_buf_span(&one), ks_buf_span(&two));
}

static void rsa_signs_the_same_twice(void **state)
{
	struct ks_key key = { 0 };

	(void)state;
	write_key(EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048), NULL);
	assert_int_equal(0, ks_key_open(path, NULL, &key, NULL));
	assert_true(signs_the_same_twice(&key));
	ks_key_close(&key);
}

static void ecdsa_signs_the_same_twice_where_openssl_can(void **state)
{
	struct ks_key key = { 0 };
	bool can;

	(void)state;
	write_key(EVP_EC_gen("P-256"), NULL);
	assert_int_equal(0, ks_key_open(path, NULL, &key, NULL));
	can = library_is_deterministic(key.pkey);
	/* Without it the nonce is random: two equal signatures would be a broken generator. */
	assert_int_equal(can, signs_the_same_twice(&key));
	ks_key_close(&key);
	if (!can) {
		print_message("# OpenSSL before 3.2 has no deterministic ECDSA\n");
		skip();
	}
}

struct many {
	const struct ks_key *key;
	int nr_failed;
};

static void *sign_many(void *arg)
{
	struct many *many = arg;
	int i;

	for (i = 0; i < 50; i++) {
		__cleanup(ks_buf_done) struct ks_buf sig = { 0 };

		many->nr_failed += ks_key_sign(many->key, EVP_sha256(), digest, &sig, NULL) != 0;
	}
	return NULL;
}

static void threads_share_a_key(void **state)
{
	struct ks_key key = { 0 };
	struct many many[4];
	pthread_t thread[4];
	size_t i;

	(void)state;
	write_key(EVP_EC_gen("P-384"), NULL);
	assert_int_equal(0, ks_key_open(path, NULL, &key, NULL));
	for (i = 0; i < KS_ARRAY_SIZE(thread); i++) {
		many[i] = (struct many){ &key, 0 };
		assert_int_equal(0, pthread_create(&thread[i], NULL, sign_many, &many[i]));
	}
	for (i = 0; i < KS_ARRAY_SIZE(thread); i++) {
		pthread_join(thread[i], NULL);
		assert_int_equal(0, many[i].nr_failed);
	}
	ks_key_close(&key);
}

static void has_line(const char *page, const char *name, unsigned int takes, const char *later)
{
	const char *line;
	char start[64];
	size_t n;
	char text[160] = "";

	snprintf(start, sizeof(start), "\n%s  ", name);
	line = strstr(page, start);
	assert_non_null(line);
	n = strcspn(++line, "\n");
	assert_true(n < sizeof(text));
	memcpy(text, line, n);
	assert_int_equal(!!(takes & KS_SIGN_MODULE), !!strstr(text, "modules"));
	assert_int_equal(!!(takes & KS_SIGN_PE), !!strstr(text, "images"));
	assert_int_equal(!!(takes & KS_SIGN_PCR), !!strstr(text, "PCR policies"));
	assert_true(!later || strstr(text, later));
}

/* kseal-keys(7) has the tables, and the words of the messages their rows. */
static void the_page_and_the_words_say_what_the_tables_say(void **state)
{
	FILE *from = fopen("sign/man/kseal-keys.7", "r");
	static char page[65536];
	const char *last;
	size_t i;

	(void)state;
	assert_non_null(from);
	page[fread(page, 1, sizeof(page) - 1, from)] = '\0';
	fclose(from);
	for (i = 0; i < KS_NR_SIGALGS; i++) {
		const struct ks_sigalg *alg = &ks_sigalgs[i];

		has_line(page, alg->name, alg->takes, alg->later);
		assert_int_equal(!alg->takes, !!alg->later);
		/* "2048" of "RSA of 2048 bits", "P-256" */
		last = alg->group ? strrchr(alg->name, ' ') + 1 : strpbrk(alg->name, "0123456789");
		if (alg->takes)
			assert_non_null(memmem(KS_SIGALG_WORDS, strlen(KS_SIGALG_WORDS), last, 4));
	}
	for (i = 0; i < KS_NR_HASHES; i++) {
		bool module = ks_hashes[i].takes & KS_SIGN_MODULE, image = ks_hashes[i].takes & KS_SIGN_PE;

		assert_int_equal(module, !!strstr(KS_MODULE_HASH_WORDS, ks_hashes[i].name));
		assert_int_equal(module, !!strstr(KS_MODULE_HASH_OPTION, ks_hashes[i].name));
		assert_int_equal(image, !!strstr(KS_HASH_WORDS, ks_hashes[i].name));
		assert_int_equal(image, !!strstr(KS_HASH_OPTION, ks_hashes[i].name));
		if (ks_hashes[i].takes)
			has_line(page, ks_hashes[i].name, ks_hashes[i].takes, NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_passphrase_is_asked_for_once_and_by_name),
		cmocka_unit_test(a_uri_goes_to_its_source),
		cmocka_unit_test(only_a_digest_of_its_kind_is_signed),
		cmocka_unit_test(rsa_signs_the_same_twice),
		cmocka_unit_test(ecdsa_signs_the_same_twice_where_openssl_can),
		cmocka_unit_test(threads_share_a_key),
		cmocka_unit_test(the_page_and_the_words_say_what_the_tables_say),
	};

	return cmocka_run_group_tests_name("key", tests, set_up, tear_down);
}
