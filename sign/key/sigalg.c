// SPDX-License-Identifier: LGPL-2.1-or-later
#include "key/sigalg.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>

#include "base/span.h"

#define RSA(bits) { "RSA", NULL, bits, KS_SIGN_MODULE | KS_SIGN_PE | KS_SIGN_PCR, \
		    KS_SIG_PKCS1, NID_rsaEncryption, 0, true }
#define ECDSA(group, bits) { "EC", group, bits, KS_SIGN_MODULE | KS_SIGN_PE, \
			     KS_SIG_PAIR, 0, EVP_PKEY_EC, false }

static const struct ks_sigalg sigalgs[] = {
	RSA(2048),
	RSA(3072),
	RSA(4096),
	ECDSA("prime256v1", 256),
	ECDSA("secp384r1", 384),
	ECDSA("secp521r1", 521),
};

/* No md5: Linux 6.18 loads no module that is signed over it. sha1 is read, never signed with. */
const struct ks_hash ks_hashes[KS_NR_HASHES] = {
	{ "sha1", NID_sha1, false },
	{ "sha256", NID_sha256, true },
	{ "sha384", NID_sha384, true },
	{ "sha512", NID_sha512, true },
};

static bool is_group(const EVP_PKEY *pkey, const char *group)
{
	char name[32] = "";

	return !group || (EVP_PKEY_get_group_name(pkey, name, sizeof(name), NULL) && !strcmp(name, group));
}

const struct ks_sigalg *ks_sigalg_of(const EVP_PKEY *pkey)
{
	const struct ks_sigalg *found = NULL;
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(sigalgs) && !found; i++)
		if (EVP_PKEY_is_a(pkey, sigalgs[i].type) && EVP_PKEY_get_bits(pkey) == sigalgs[i].bits &&
		    is_group(pkey, sigalgs[i].group))
			found = &sigalgs[i];
	ERR_clear_error();
	return found;
}

enum ks_sig_form ks_sig_form_of(const EVP_PKEY *pkey)
{
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(sigalgs); i++)
		if (EVP_PKEY_is_a(pkey, sigalgs[i].type))
			return sigalgs[i].form;
	return KS_SIG_OTHER;
}

bool ks_sig_form_set(EVP_PKEY_CTX *ctx, const EVP_PKEY *pkey)
{
	return ks_sig_form_of(pkey) != KS_SIG_PKCS1 ||
	       EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0;
}
