// SPDX-License-Identifier: LGPL-2.1-or-later
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "images.h"

static struct {
	const char *name;
	EVP_PKEY *key;
} keys[] = {
	{ "a", NULL },	  { "b", NULL },     { "c", NULL },	{ "d", NULL },	   { "e", NULL },
	{ "f", NULL },	  { "rsa1024", NULL }, { "rsa3072", NULL }, { "P-256", NULL }, { "P-384", NULL },
};

#define CA    "basicConstraints=critical,CA:TRUE|keyUsage=critical,keyCertSign,cRLSign|subjectKeyIdentifier=hash"
#define PLAIN "basicConstraints=critical,CA:TRUE|subjectKeyIdentifier=hash"
#define LEAF  "basicConstraints=critical,CA:FALSE|subjectKeyIdentifier=hash|authorityKeyIdentifier=keyid"

/* An issuer that is NULL is the certificate itself; days are from now. */
struct row {
	const char *name, *issuer, *key, *subject, *extensions, *md;
	int from, to, serial;
	bool pss, v1;
};

static const struct row rows[] = {
	{ .name = "self", .key = "a", .extensions = PLAIN },
	{ .name = "ca", .key = "b", .extensions = CA },
	{ .name = "ca-again", .key = "b", .subject = "ca", .extensions = CA },
	{ .name = "root2", .key = "e", .extensions = CA },
	{ .name = "ca-cross", .issuer = "root2", .key = "b", .subject = "ca", .extensions = CA },
	{ .name = "twin", .key = "f", .subject = "ca", .extensions = CA },
	{ .name = "leaf", .issuer = "ca", .key = "c", .extensions = LEAF },
	{ .name = "leaf-again", .issuer = "ca", .key = "c", .subject = "leaf", .extensions = LEAF },
	{ .name = "leaf-self", .key = "c", .subject = "leaf", .extensions = LEAF },
	{ .name = "leaf-twin", .issuer = "twin", .key = "c", .extensions = LEAF },
	{ .name = "mid", .issuer = "ca", .key = "d", .extensions = CA },
	{ .name = "deep", .issuer = "mid", .key = "c", .extensions = LEAF },
	{ .name = "mid-again", .issuer = "ca", .key = "d", .subject = "mid", .extensions = CA },
	{ .name = "ca0", .key = "b", .extensions = "basicConstraints=critical,CA:TRUE,pathlen:0" },
	{ .name = "mid0", .issuer = "ca0", .key = "d", .extensions = CA },
	{ .name = "deep0", .issuer = "mid0", .key = "c", .extensions = LEAF },
	{ .name = "no-ca", .issuer = "ca", .key = "d", .extensions = LEAF },
	{ .name = "under-no-ca", .issuer = "no-ca", .key = "c", .extensions = LEAF },
	{ .name = "no-bc", .issuer = "ca", .key = "d", .extensions = "subjectKeyIdentifier=hash" },
	{ .name = "under-no-bc", .issuer = "no-bc", .key = "c", .extensions = LEAF },
	{ .name = "v1-ca", .issuer = "ca", .key = "d", .v1 = true },
	{ .name = "under-v1", .issuer = "v1-ca", .key = "c", .extensions = LEAF },
	{ .name = "v1-leaf", .issuer = "ca", .key = "c", .v1 = true },
	{ .name = "no-sign", .issuer = "ca", .key = "d",
	  .extensions = "basicConstraints=critical,CA:TRUE|keyUsage=critical,digitalSignature" },
	{ .name = "under-no-sign", .issuer = "no-sign", .key = "c", .extensions = LEAF },
	{ .name = "expired", .key = "c", .extensions = PLAIN, .from = -900, .to = -30 },
	{ .name = "future", .key = "c", .extensions = PLAIN, .from = 3000, .to = 4000 },
	{ .name = "leaf-expired", .issuer = "ca", .key = "c", .extensions = LEAF, .from = -900, .to = -30 },
	{ .name = "ca-expired", .key = "b", .extensions = CA, .from = -900, .to = -30 },
	{ .name = "under-expired", .issuer = "ca-expired", .key = "c", .extensions = LEAF },
	{ .name = "server", .issuer = "ca", .key = "c", .extensions = LEAF "|extendedKeyUsage=serverAuth" },
	{ .name = "code", .issuer = "ca", .key = "c", .extensions = LEAF "|extendedKeyUsage=codeSigning" },
	{ .name = "module", .issuer = "ca", .key = "c",
	  .extensions = LEAF "|extendedKeyUsage=1.3.6.1.4.1.2312.16.1.2" },
	{ .name = "server-critical", .issuer = "ca", .key = "c",
	  .extensions = LEAF "|extendedKeyUsage=critical,serverAuth" },
	{ .name = "encipher", .issuer = "ca", .key = "c", .extensions = LEAF "|keyUsage=critical,keyEncipherment" },
	{ .name = "unknown-critical", .issuer = "ca", .key = "c", .extensions = LEAF "|1.2.3.4=critical,DER:0500" },
	{ .name = "ca-named", .key = "b",
	  .extensions = CA "|nameConstraints=critical,permitted;email:example.com" },
	{ .name = "under-named", .issuer = "ca-named", .key = "c", .extensions = LEAF },
	{ .name = "leaf-sha1", .issuer = "ca", .key = "c", .extensions = LEAF, .md = "sha1" },
	{ .name = "leaf-md5", .issuer = "ca", .key = "c", .extensions = LEAF, .md = "md5" },
	{ .name = "leaf-sha384", .issuer = "ca", .key = "c", .extensions = LEAF, .md = "sha384" },
	{ .name = "leaf-sha512", .issuer = "ca", .key = "c", .extensions = LEAF, .md = "sha512" },
	{ .name = "leaf-pss", .issuer = "ca", .key = "c", .extensions = LEAF, .pss = true },
	{ .name = "small", .key = "rsa1024", .extensions = PLAIN },
	{ .name = "large", .key = "rsa3072", .extensions = PLAIN },
	{ .name = "ec", .key = "P-256", .extensions = PLAIN },
	{ .name = "ec-leaf", .issuer = "ca", .key = "P-256", .extensions = LEAF },
	{ .name = "ec-mid", .issuer = "ca", .key = "P-384", .extensions = CA },
	{ .name = "under-ec", .issuer = "ec-mid", .key = "c", .extensions = LEAF },
	{ .name = "no-ids", .issuer = "ca", .key = "c", .extensions = "basicConstraints=CA:FALSE" },
	{ .name = "other", .key = "e", .extensions = PLAIN },
	{ .name = "serial0", .issuer = "ca", .key = "c", .extensions = LEAF, .serial = -1 },
	{ .name = "serial-", .issuer = "ca", .key = "c", .extensions = LEAF, .serial = -5 },
	{ .name = "self-again", .key = "a", .subject = "self", .extensions = PLAIN },
	{ .name = "impostor", .key = "e", .subject = "self", .extensions = PLAIN, .serial = 1001 },
};

#define NR_ROWS (sizeof(rows) / sizeof(*rows))

static struct identity identities[NR_ROWS];

static EVP_PKEY *make_key(const char *name)
{
	unsigned int bits = 2048;

	if (*name == 'P')
		return EVP_PKEY_Q_keygen(NULL, NULL, "EC", name);
	if (!strncmp(name, "rsa", 3))
		bits = (unsigned int)strtoul(name + 3, NULL, 10);
	return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits);
}

static EVP_PKEY *key_named(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		if (strcmp(keys[i].name, name))
			continue;
		if (!keys[i].key)
			keys[i].key = make_key(name);
		if (!keys[i].key)
			break;
		return keys[i].key;
	}
	die("%s: no key", name);
}

const struct identity *identity_at(size_t i)
{
	return i < NR_ROWS ? &identities[i] : NULL;
}

const struct identity *identity(const char *name)
{
	size_t i;

	for (i = 0; i < NR_ROWS; i++)
		if (identities[i].name && !strcmp(identities[i].name, name))
			return &identities[i];
	die("%s: no certificate of that name (yet)", name);
}

static void extend(X509 *cert, X509 *issuer, const char *list)
{
	char text[512], *rest = text, *one;
	X509V3_CTX ctx;

	snprintf(text, sizeof(text), "%s", list);
	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	X509V3_set_ctx_nodb(&ctx);
	while ((one = strsep(&rest, "|"))) {
		char *value = strchr(one, '=');
		X509_EXTENSION *extension;

		*value++ = '\0';
		/* One that points to a key identifier needs one. */
		if (*one == 'a' && !X509_get0_subject_key_id(issuer))
			continue;
		extension = X509V3_EXT_nconf(NULL, &ctx, one, value);
		if (!extension || !X509_add_ext(cert, extension, -1))
			die("%s: no such extension: %s", one, value);
	}
}

static void sign(X509 *cert, EVP_PKEY *key, const struct row *row)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *key_ctx;

	if (!ctx ||
	    !EVP_DigestSignInit(ctx, &key_ctx, EVP_get_digestbyname(row->md ? row->md : "sha256"),
				NULL, key) ||
	    (row->pss && EVP_PKEY_CTX_set_rsa_padding(key_ctx, RSA_PKCS1_PSS_PADDING) <= 0) ||
	    !X509_sign_ctx(cert, ctx))
		die("%s: cannot sign the certificate", row->name);
}

static X509 *make_cert(const struct row *row, long serial)
{
	const struct identity *issuer = row->issuer ? identity(row->issuer) : NULL;
	const char *subject = row->subject ? row->subject : row->name;
	X509 *cert = X509_new();
	X509_NAME *name = X509_get_subject_name(cert);
	bool days = row->from || row->to;

	X509_set_version(cert, row->v1 ? X509_VERSION_1 : X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert),
			 row->serial == -1 ? 0 : row->serial ? row->serial : serial);
	X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const unsigned char *)"cases", -1, -1, 0);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)subject, -1, -1, 0);
	X509_set_issuer_name(cert, issuer ? X509_get_subject_name(issuer->cert) : name);
	X509_gmtime_adj(X509_getm_notBefore(cert), 86400L * (days ? row->from : -400));
	X509_gmtime_adj(X509_getm_notAfter(cert), 86400L * (days ? row->to : 3650));
	X509_set_pubkey(cert, key_named(row->key));
	if (row->extensions)
		extend(cert, issuer ? issuer->cert : cert, row->extensions);
	sign(cert, issuer ? issuer->key : key_named(row->key), row);
	return cert;
}

void make_identities(void)
{
	size_t i;

	for (i = 0; i < NR_ROWS; i++) {
		unsigned char *der = NULL, *tbs = NULL;
		X509 *cert = make_cert(&rows[i], 1001 + (long)i);
		int n = i2d_X509(cert, &der), tbs_n = i2d_re_X509_tbs(cert, &tbs);

		if (n <= 0 || tbs_n <= 0)
			die("%s: no DER", rows[i].name);
		identities[i] = (struct identity){ rows[i].name, cert, key_named(rows[i].key),
						   copy_of(der, (size_t)n), copy_of(tbs, (size_t)tbs_n) };
	}
}
