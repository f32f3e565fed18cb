// SPDX-License-Identifier: LGPL-2.1-or-later
#include "key/sigalg.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>

#include "base/span.h"

#define RSA(bits) { "RSA of " #bits " bits", "RSA", NULL, bits, \
		    KS_SIGN_MODULE | KS_SIGN_PE | KS_SIGN_PCR | KS_SIGN_UPDATE, KS_SIG_PKCS1, NID_rsaEncryption, true, NULL, NULL }
#define ECDSA(name, group, bits) { "ECDSA " name, "EC", group, bits, \
				   KS_SIGN_MODULE | KS_SIGN_PE | KS_SIGN_UPDATE, KS_SIG_PAIR, 0, false, NULL, NULL }
/* FIPS 204: it signs the content, no digest of it, and 6.18's PKCS#7 reader ends at its OID. */
#define ML_DSA(number, oid) { "ML-DSA-" #number, "ML-DSA-" #number, NULL, 0, 0, \
			      KS_SIG_OTHER, 0, false, oid, "Linux 7.0 and later" }

const struct ks_sigalg ks_sigalgs[KS_NR_SIGALGS] = {
	RSA(2048),
	RSA(3072),
	RSA(4096),
	ECDSA("P-256", "prime256v1", 256),
	ECDSA("P-384", "secp384r1", 384),
	ECDSA("P-521", "secp521r1", 521),
	ML_DSA(44, "2.16.840.1.101.3.4.3.17"),
	ML_DSA(65, "2.16.840.1.101.3.4.3.18"),
	ML_DSA(87, "2.16.840.1.101.3.4.3.19"),
};

#define SHA2(name, nid, ecdsa) { name, nid, ecdsa, \
				 KS_SIGN_MODULE | KS_SIGN_PE | KS_SIGN_PCR | KS_SIGN_UPDATE, true }
/* Linux with CONFIG_CRYPTO_SHA3, and nobody else. */
#define SHA3(name, nid, ecdsa) { name, nid, ecdsa, KS_SIGN_MODULE, false }

/* No md5: Linux 6.18 loads no module that is signed over it. sha1 is read, never signed with. */
const struct ks_hash ks_hashes[KS_NR_HASHES] = {
	{ "sha1", NID_sha1, NID_ecdsa_with_SHA1, 0, true },
	SHA2("sha256", NID_sha256, NID_ecdsa_with_SHA256),
	SHA2("sha384", NID_sha384, NID_ecdsa_with_SHA384),
	SHA2("sha512", NID_sha512, NID_ecdsa_with_SHA512),
	SHA3("sha3-256", NID_sha3_256, NID_ecdsa_with_SHA3_256),
	SHA3("sha3-384", NID_sha3_384, NID_ecdsa_with_SHA3_384),
	SHA3("sha3-512", NID_sha3_512, NID_ecdsa_with_SHA3_512),
};

const struct ks_hash *ks_hash_of(const EVP_MD *md)
{
	size_t i;

	for (i = 0; i < KS_NR_HASHES; i++)
		if (EVP_MD_is_a(md, ks_hashes[i].name))
			return &ks_hashes[i];
	return NULL;
}

const struct ks_sigalg *ks_sigalg_later(const ASN1_OBJECT *oid)
{
	char text[64] = "";
	size_t i;

	OBJ_obj2txt(text, sizeof(text), oid, 1);
	for (i = 0; i < KS_NR_SIGALGS; i++)
		if (ks_sigalgs[i].oid && !strcmp(ks_sigalgs[i].oid, text))
			return &ks_sigalgs[i];
	return NULL;
}

static bool is_group(const EVP_PKEY *pkey, const char *group)
{
	char name[32] = "";

	return !group || (EVP_PKEY_get_group_name(pkey, name, sizeof(name), NULL) && !strcmp(name, group));
}

const struct ks_sigalg *ks_sigalg_of(const EVP_PKEY *pkey)
{
	const struct ks_sigalg *found = NULL;
	size_t i;

	for (i = 0; i < KS_NR_SIGALGS && !found; i++)
		if (ks_sigalgs[i].takes && EVP_PKEY_is_a(pkey, ks_sigalgs[i].type) &&
		    EVP_PKEY_get_bits(pkey) == ks_sigalgs[i].bits &&
		    is_group(pkey, ks_sigalgs[i].group))
			found = &ks_sigalgs[i];
	ERR_clear_error();
	return found;
}

enum ks_sig_form ks_sig_form_of(const EVP_PKEY *pkey)
{
	size_t i;

	for (i = 0; i < KS_NR_SIGALGS; i++)
		if (EVP_PKEY_is_a(pkey, ks_sigalgs[i].type))
			return ks_sigalgs[i].form;
	return KS_SIG_OTHER;
}

bool ks_sig_form_set(EVP_PKEY_CTX *ctx, const EVP_PKEY *pkey)
{
	return ks_sig_form_of(pkey) != KS_SIG_PKCS1 ||
	       EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0;
}
