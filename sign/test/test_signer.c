// SPDX-License-Identifier: LGPL-2.1-or-later
#include "test/test_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

static X509 *make_cert(EVP_PKEY *pkey)
{
	X509 *x509 = X509_new();
	X509_NAME *name = X509_get_subject_name(x509);

	X509_set_version(x509, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
	X509_gmtime_adj(X509_getm_notBefore(x509), 0);
	X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const u8 *)"test signer", -1, -1, 0);
	X509_set_issuer_name(x509, name);
	X509_set_pubkey(x509, pkey);
	assert_true(X509_sign(x509, pkey, EVP_sha256()) > 0);
	return x509;
}

void test_signer_open(struct ks_signer *ret_signer)
{
	char dir[] = "/tmp/kseal-signer.XXXXXX", key_path[64], cert_path[64];
	const struct ks_signer_opts opts = {
		.key_uri = key_path,
		.cert_path = cert_path,
		.hash = "sha256",
	};
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	X509 *x509 = make_cert(pkey);
	FILE *f;
	int rc;

	assert_non_null(mkdtemp(dir));
	snprintf(key_path, sizeof(key_path), "%s/key", dir);
	snprintf(cert_path, sizeof(cert_path), "%s/cert", dir);
	umask(077);
	f = fopen(key_path, "w");
	assert_true(PEM_write_PrivateKey(f, pkey, NULL, NULL, 0, NULL, NULL));
	fclose(f);
	f = fopen(cert_path, "w");
	assert_true(PEM_write_X509(f, x509));
	fclose(f);
	rc = ks_signer_open(&opts, ret_signer, NULL);
	unlink(key_path);
	unlink(cert_path);
	rmdir(dir);
	EVP_PKEY_free(pkey);
	X509_free(x509);
	assert_int_equal(0, rc);
}
