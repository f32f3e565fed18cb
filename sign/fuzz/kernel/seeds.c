// SPDX-License-Identifier: LGPL-2.1-or-later
#include "seeds.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/der.h"
#include "keys.h"

#define SELF (-1)
#define NOBODY (-1)
/* Content inside of the message; of OpenSSL's flags this is none. */
#define ATTACHED 0x80000000U

enum { VERSION_1 = 1, BY_KEY = 2, BY_SERIAL = 4, ORGANIZATION = 8, LATE = 16, CA = 32 };

/* The names say what is special. */
enum {
	ROOT, ROOT_LEAF, ROOT_LEAF_BY_SERIAL, MIDDLE, MIDDLE_LEAF, PLAIN_RSA, OLD_RSA, RSA_LEAF, P384, P521, P192,
	SHA3_RSA, SHA3_EC, SHA1_RSA, SHA224_EC, LATE_EC, LONG_RSA, RE_ISSUED_ROOT, NR_CERTS
};

static const struct {
	const char *cn;
	enum key_idx key;
	int issuer;
	const char *md;
	unsigned int flags;
} certs[NR_CERTS] = {
	[ROOT] = { "fuzz root", KEY_P256, SELF, "SHA256", BY_KEY | CA },
	[ROOT_LEAF] = { "fuzz leaf", KEY_P256_OTHER, ROOT, "SHA256", BY_KEY },
	[ROOT_LEAF_BY_SERIAL] = { "fuzz leaf 2", KEY_P256_OTHER, ROOT, "SHA384", BY_KEY | BY_SERIAL },
	[MIDDLE] = { "fuzz middle", KEY_RSA_1024, ROOT, "SHA512", BY_KEY | BY_SERIAL | CA },
	[MIDDLE_LEAF] = { "fuzz low leaf", KEY_P256_OTHER, MIDDLE, "SHA256", BY_KEY },
	[PLAIN_RSA] = { "fuzz rsa", KEY_RSA_1024, SELF, "SHA256", BY_KEY | ORGANIZATION },
	[OLD_RSA] = { "fuzz old", KEY_RSA_1024, SELF, "SHA384", VERSION_1 },
	[RSA_LEAF] = { "fuzz rsa leaf", KEY_RSA_1024, PLAIN_RSA, "SHA512", BY_KEY | ORGANIZATION },
	[P384] = { "fuzz p384", KEY_P384, SELF, "SHA384", BY_KEY },
	[P521] = { "fuzz p521", KEY_P521, SELF, "SHA512", BY_KEY },
	[P192] = { "fuzz p192", KEY_P192, SELF, "SHA1", BY_KEY },
	[SHA3_RSA] = { "fuzz sha3 rsa", KEY_RSA_1024, SELF, "SHA3-256", BY_KEY },
	[SHA3_EC] = { "fuzz sha3 ec", KEY_P256, SELF, "SHA3-512", BY_KEY },
	[SHA1_RSA] = { "fuzz sha1", KEY_RSA_1024, SELF, "SHA1", BY_KEY },
	[SHA224_EC] = { "fuzz sha224", KEY_P256, SELF, "SHA224", BY_KEY | ORGANIZATION },
	[LATE_EC] = { "fuzz late", KEY_P256, SELF, "SHA512", BY_KEY | BY_SERIAL | LATE },
	[LONG_RSA] = { "fuzz long rsa", KEY_RSA_2048, SELF, "SHA256", BY_KEY | CA },
	[RE_ISSUED_ROOT] = { "fuzz root", KEY_P256, SELF, "SHA512", BY_KEY | CA },
};

static const struct {
	int trusted;
	int signer[2];
	const char *md;
	unsigned int flags;
	int more[2];
} messages[] = {
	{ ROOT, { ROOT, NOBODY }, "SHA512", CMS_NOCERTS | CMS_NOATTR, { NOBODY, NOBODY } },
	{ ROOT, { ROOT, NOBODY }, "SHA256", CMS_NOCERTS | CMS_NOATTR | CMS_USE_KEYID, { NOBODY, NOBODY } },
	{ ROOT, { ROOT, NOBODY }, "SHA256", CMS_NOATTR, { NOBODY, NOBODY } },
	{ PLAIN_RSA, { PLAIN_RSA, NOBODY }, "SHA512", CMS_NOCERTS | CMS_NOATTR, { NOBODY, NOBODY } },
	{ PLAIN_RSA, { PLAIN_RSA, NOBODY }, "SHA1", CMS_NOATTR, { NOBODY, NOBODY } },
	{ OLD_RSA, { OLD_RSA, NOBODY }, "SHA256", CMS_NOATTR, { NOBODY, NOBODY } },
	{ LONG_RSA, { LONG_RSA, NOBODY }, "SHA512", CMS_NOCERTS | CMS_NOATTR, { NOBODY, NOBODY } },
	{ PLAIN_RSA, { RSA_LEAF, NOBODY }, "SHA224", CMS_NOATTR, { NOBODY, NOBODY } },
	{ P384, { P384, NOBODY }, "SHA384", CMS_NOCERTS | CMS_NOATTR, { NOBODY, NOBODY } },
	{ P521, { P521, NOBODY }, "SHA512", CMS_NOATTR, { NOBODY, NOBODY } },
	{ P192, { P192, NOBODY }, "SHA256", CMS_NOATTR, { NOBODY, NOBODY } },
	{ SHA3_RSA, { SHA3_RSA, NOBODY }, "SHA3-256", CMS_NOCERTS | CMS_NOATTR, { NOBODY, NOBODY } },
	{ SHA3_EC, { SHA3_EC, NOBODY }, "SHA256", CMS_NOATTR, { NOBODY, NOBODY } },
	{ SHA1_RSA, { SHA1_RSA, NOBODY }, "SHA3-512", CMS_NOATTR, { NOBODY, NOBODY } },
	{ SHA224_EC, { SHA224_EC, NOBODY }, "SHA224", CMS_NOATTR, { NOBODY, NOBODY } },
	{ LATE_EC, { LATE_EC, NOBODY }, "SHA384", CMS_NOATTR, { NOBODY, NOBODY } },
	{ ROOT, { ROOT_LEAF, NOBODY }, "SHA256", CMS_NOATTR, { NOBODY, NOBODY } },
	{ ROOT, { ROOT_LEAF, NOBODY }, "SHA256", CMS_NOATTR | CMS_USE_KEYID, { ROOT, NOBODY } },
	{ ROOT, { ROOT_LEAF_BY_SERIAL, NOBODY }, "SHA384", CMS_NOATTR, { ROOT, NOBODY } },
	{ ROOT, { MIDDLE_LEAF, NOBODY }, "SHA512", CMS_NOATTR, { MIDDLE, NOBODY } },
	{ ROOT, { MIDDLE_LEAF, NOBODY }, "SHA512", CMS_NOATTR, { MIDDLE, ROOT } },
	{ MIDDLE, { MIDDLE_LEAF, NOBODY }, "SHA256", CMS_NOATTR, { MIDDLE, RE_ISSUED_ROOT } },
	{ ROOT, { ROOT, PLAIN_RSA }, "SHA256", CMS_NOATTR, { NOBODY, NOBODY } },
	{ PLAIN_RSA, { ROOT_LEAF, PLAIN_RSA }, "SHA512", CMS_NOATTR, { P384, NOBODY } },
	{ PLAIN_RSA, { P384, PLAIN_RSA }, "SHA512", CMS_NOCERTS | CMS_NOATTR | CMS_USE_KEYID, { NOBODY, NOBODY } },
	{ ROOT, { ROOT, NOBODY }, "SHA256", CMS_NOCERTS, { NOBODY, NOBODY } },
	{ ROOT, { ROOT, NOBODY }, "SHA512", 0, { ROOT_LEAF, NOBODY } },
	{ PLAIN_RSA, { PLAIN_RSA, ROOT }, "SHA512", 0, { NOBODY, NOBODY } },
	{ ROOT, { ROOT, NOBODY }, "SHA256", CMS_NOATTR | CMS_NOCERTS | ATTACHED, { NOBODY, NOBODY } },
};

static X509 *x509[NR_CERTS];

static void must(bool truth)
{
	if (truth)
		return;
	ERR_print_errors_fp(stderr);
	abort();
}

static void add_extension(X509 *cert, X509 *issuer, int nid, const char *text)
{
	X509_EXTENSION *ext;
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, text);
	must(ext && X509_add_ext(cert, ext, -1));
	X509_EXTENSION_free(ext);
}

static void make_cert(size_t idx)
{
	size_t issuer = certs[idx].issuer == SELF ? idx : (size_t)certs[idx].issuer;
	bool late = certs[idx].flags & LATE;
	X509 *cert = X509_new();
	X509_NAME *name;

	x509[idx] = cert;
	must(X509_set_version(cert, certs[idx].flags & VERSION_1 ? X509_VERSION_1 : X509_VERSION_3));
	must(ASN1_INTEGER_set(X509_get_serialNumber(cert), idx == RE_ISSUED_ROOT ? 0x7777 : 0x1000 + (long)idx));
	must(ASN1_TIME_set_string(X509_getm_notBefore(cert), late ? "20510101000000Z" : "250101000000Z"));
	must(ASN1_TIME_set_string(X509_getm_notAfter(cert), late ? "20991231235959Z" : "491231235959Z"));
	name = X509_get_subject_name(cert);
	if (certs[idx].flags & ORGANIZATION)
		must(X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC, (const u8 *)"fuzz", -1, -1, 0));
	must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const u8 *)certs[idx].cn, -1, -1, 0));
	/* The list in the kernel takes no certificate below 256 bytes. */
	must(X509_NAME_add_entry_by_txt(name, "emailAddress", MBSTRING_ASC,
					(const u8 *)"fuzz@example.org", -1, -1, 0));
	must(X509_set_issuer_name(cert, X509_get_subject_name(x509[issuer])));
	must(X509_set_pubkey(cert, keys_pkey(certs[idx].key)));
	if (!(certs[idx].flags & VERSION_1)) {
		add_extension(cert, x509[issuer], NID_subject_key_identifier, "hash");
		add_extension(cert, x509[issuer], NID_authority_key_identifier,
			      certs[idx].flags & BY_SERIAL ? "keyid:always,issuer:always" : "keyid:always");
		add_extension(cert, x509[issuer], NID_basic_constraints,
			      certs[idx].flags & CA ? "critical,CA:TRUE" : "CA:FALSE");
		add_extension(cert, x509[issuer], NID_key_usage,
			      certs[idx].flags & CA ? "keyCertSign" : "digitalSignature");
	}
	must(X509_sign(cert, keys_pkey(certs[issuer].key), EVP_get_digestbyname(certs[idx].md)) > 0);
}

static void note_cert(struct tree *tree, size_t idx)
{
	tree->role = TREE_CERTIFICATE;
	tree->key = (u8)certs[certs[idx].issuer == SELF ? idx : (size_t)certs[idx].issuer].key;
}

static struct tree *cert_tree(struct arena *arena, size_t idx)
{
	u8 *der = NULL;
	int bytes = i2d_X509(x509[idx], &der);
	struct tree *tree;

	must(bytes > 0);
	tree = tree_parse(arena, (struct ks_span){ der, (size_t)bytes });
	must(tree != NULL);
	note_cert(tree, idx);
	OPENSSL_free(der);
	return tree;
}

/* The certificate that these bytes are. */
static size_t cert_of(const struct tree *tree, const struct seeds *seeds)
{
	size_t i;

	for (i = 0; i < NR_CERTS; i++)
		if (ks_span_eq(tree->leaf, seeds->cert[i]->leaf))
			return i;
	abort();
}

/* Of the two signers the one whose key identifier or serial number it is: 0 or 1. */
static size_t signer_of(const struct tree *info, size_t message)
{
	int second = messages[message].signer[1];
	const struct tree *sid = info->child[1];
	const ASN1_OCTET_STRING *skid;
	struct ks_span id;
	u8 serial[2];

	if (second == NOBODY)
		return 0;
	if (sid->tag == KS_DER_PRIM(0)) {
		skid = X509_get0_subject_key_id(x509[second]);
		id = (struct ks_span){ ASN1_STRING_get0_data(skid), (size_t)ASN1_STRING_length(skid) };
		return ks_span_eq(sid->leaf, id);
	}
	serial[0] = 0x10;
	serial[1] = (u8)second;
	return ks_span_eq(sid->child[1]->leaf, (struct ks_span){ serial, 2 });
}

/* Notes who signed what in a message: ContentInfo, [0], SignedData. */
static void note_message(struct tree *cms, size_t message, const struct seeds *seeds)
{
	struct tree *data = cms->child[1]->child[0];
	struct tree *infos = data->child[data->nr_children - 1];
	size_t i;

	if (data->child[3] != infos)
		for (i = 0; i < data->child[3]->nr_children; i++)
			note_cert(data->child[3]->child[i], cert_of(data->child[3]->child[i], seeds));
	for (i = 0; i < infos->nr_children; i++) {
		infos->child[i]->role = TREE_SIGNER;
		infos->child[i]->key = (u8)certs[messages[message].signer[signer_of(infos->child[i], message)]].key;
	}
}

static struct tree *message_tree(struct arena *arena, size_t idx, const struct seeds *seeds)
{
	unsigned int flags = (messages[idx].flags & ~ATTACHED) | CMS_BINARY | CMS_PARTIAL | CMS_NOSMIMECAP |
			     (messages[idx].flags & ATTACHED ? 0 : CMS_DETACHED);
	BIO *content = BIO_new_mem_buf(SEED_CONTENT, -1);
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, content, flags);
	struct tree *tree;
	size_t i;
	u8 *der = NULL;
	int bytes, who;

	must(cms != NULL);
	for (i = 0; i < 2; i++) {
		who = messages[idx].signer[i];
		if (who != NOBODY)
			must(CMS_add1_signer(cms, x509[who], keys_pkey(certs[who].key),
					     EVP_get_digestbyname(messages[idx].md), flags) != NULL);
	}
	for (i = 0; i < 2; i++)
		if (messages[idx].more[i] != NOBODY)
			must(CMS_add1_cert(cms, x509[messages[idx].more[i]]));
	must(CMS_final(cms, content, NULL, flags));
	bytes = i2d_CMS_ContentInfo(cms, &der);
	must(bytes > 0);
	tree = tree_parse(arena, (struct ks_span){ der, (size_t)bytes });
	must(tree != NULL);
	note_message(tree, idx, seeds);
	OPENSSL_free(der);
	CMS_ContentInfo_free(cms);
	BIO_free(content);
	return tree;
}

void seeds_make(struct arena *arena, struct seeds *ret_seeds)
{
	size_t i;

	*ret_seeds = (struct seeds){ .nr_certs = NR_CERTS, .nr_seeds = KS_ARRAY_SIZE(messages) };
	for (i = 0; i < NR_CERTS; i++) {
		make_cert(i);
		ret_seeds->cert[i] = cert_tree(arena, i);
	}
	for (i = 0; i < KS_ARRAY_SIZE(messages); i++) {
		ret_seeds->seed[i].cms = message_tree(arena, i, ret_seeds);
		ret_seeds->seed[i].trusted = (size_t)messages[i].trusted;
	}
}
