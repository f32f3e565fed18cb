// SPDX-License-Identifier: LGPL-2.1-or-later
#include "crypto/kernel_pkey.h"

#include <errno.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "base/ber.h"
#include "base/buf.h"
#include "base/der.h"

/* The kernel counts numbers in limbs. */
#define LIMB_BYTES 8U
#define MAX_EC_BYTES 72U

static const struct {
	const char *group;
	size_t limb_bytes;
} curves[] = {
	[KS_KPKEY_P192] = { "prime192v1", 24 },
	[KS_KPKEY_P256] = { "prime256v1", 32 },
	[KS_KPKEY_P384] = { "secp384r1", 48 },
	[KS_KPKEY_P521] = { "secp521r1", 72 },
};

static void free_bn(BIGNUM **bn)
{
	BN_free(*bn);
}

static void free_bld(OSSL_PARAM_BLD **bld)
{
	OSSL_PARAM_BLD_free(*bld);
}

static void free_params(OSSL_PARAM **params)
{
	OSSL_PARAM_free(*params);
}

static void free_ctx(EVP_PKEY_CTX **ctx)
{
	EVP_PKEY_CTX_free(*ctx);
}

static void free_ecdsa_sig(ECDSA_SIG **sig)
{
	ECDSA_SIG_free(*sig);
}

/* Return: NULL if OpenSSL does not take these numbers for a key. */
static EVP_PKEY *pkey_of(const char *type, OSSL_PARAM_BLD *bld)
{
	__cleanup(free_params) OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(bld);
	__cleanup(free_ctx) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *pkey = NULL;

	if (!params || !ctx || EVP_PKEY_fromdata_init(ctx) <= 0 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) <= 0)
		pkey = NULL;
	ERR_clear_error();
	return pkey;
}

/* rsa_check_key_length() of crypto/rsa.c, without FIPS mode. */
static bool is_rsa_size(size_t key_bytes)
{
	static const size_t bits[] = { 512, 1024, 1536, 2048, 3072, 4096 };
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(bits); i++)
		if (bits[i] == key_bytes * 8)
			return true;
	return false;
}

static BIGNUM *bn_of(struct ks_span number)
{
	return BN_bin2bn(number.p, (int)number.bytes, NULL);
}

static int init_rsa(struct ks_span key, struct ks_kpub *pub)
{
	__cleanup(free_bld) OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	__cleanup(free_bn) BIGNUM *n = NULL;
	__cleanup(free_bn) BIGNUM *e = NULL;
	struct ks_span modulus;
	struct ks_ber b;

	ks_ber_init(&b, key);
	ks_ber_open(&b, KS_DER_SEQUENCE);
	ks_ber_leaf(&b, KS_DER_INTEGER);
	modulus = b.value;
	if (!b.err && !modulus.bytes)
		ks_ber_fail(&b, -EINVAL);
	ks_ber_leaf(&b, KS_DER_INTEGER);
	if (!b.err && (!b.value.bytes || b.value.bytes > modulus.bytes))
		ks_ber_fail(&b, -EINVAL);
	if (!b.err) {
		n = bn_of(modulus);
		e = bn_of(b.value);
		if (!bld || !n || !e)
			return -ENOMEM;
		pub->key_bytes = ks_align_up((u64)BN_num_bytes(n), LIMB_BYTES);
	}
	ks_ber_close(&b);
	if (!b.err && !is_rsa_size(pub->key_bytes))
		ks_ber_fail(&b, -EINVAL);
	if (!b.err && OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, n) &&
	    OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, e))
		pub->pkey = pkey_of("RSA", bld);
	pub->err = b.err;
	return 0;
}

/* ecdsa_set_pub_key(): uncompressed points only. */
static int init_ec(struct ks_span key, struct ks_kpub *pub)
{
	__cleanup(free_bld) OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	const char *group = curves[pub->kind].group;
	size_t coordinate_bytes = key.bytes / 2;

	if (!bld)
		return -ENOMEM;
	pub->err = -EINVAL;
	if (key.bytes % 2 != 1 || key.p[0] != 4 ||
	    ks_align_up(coordinate_bytes, LIMB_BYTES) != curves[pub->kind].limb_bytes)
		return 0;
	if (OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME, group, 0) &&
	    OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, key.p, key.bytes))
		pub->pkey = pkey_of("EC", bld);
	if (pub->pkey)
		pub->err = 0;
	return 0;
}

/*
 * OpenSSL looks up by name what it needs to verify, under locks that all threads share: a fifth of
 * an RSA-2048 check. A copy of what has been set up once costs next to nothing.
 */
static EVP_PKEY_CTX *new_verifier(const struct ks_kpub *pub)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pub->pkey, NULL);

	if (ctx && EVP_PKEY_verify_init(ctx) > 0 &&
	    (pub->kind != KS_KPKEY_RSA || EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0))
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return NULL;
}

static EVP_PKEY_CTX *copy_verifier(const struct ks_kpub *pub)
{
	return pub->verifier ? EVP_PKEY_CTX_dup(pub->verifier) : NULL;
}

int ks_kpub_init(enum ks_kpkey kind, struct ks_span key, struct ks_kpub *ret_pub)
{
	int rc = 0;

	*ret_pub = (struct ks_kpub){ .kind = kind };
	if (kind == KS_KPKEY_RSA)
		rc = init_rsa(key, ret_pub);
	else if (kind != KS_KPKEY_ECRDSA)
		rc = init_ec(key, ret_pub);
	if (ret_pub->pkey)
		ret_pub->verifier = new_verifier(ret_pub);
	return rc;
}

void ks_kpub_done(struct ks_kpub *pub)
{
	EVP_PKEY_CTX_free(pub->verifier);
	pub->verifier = NULL;
	EVP_PKEY_free(pub->pkey);
	pub->pkey = NULL;
}

bool ks_kpub_same(const struct ks_kpub *a, const struct ks_kpub *b)
{
	return a->kind == b->kind && a->pkey && b->pkey && EVP_PKEY_eq(a->pkey, b->pkey) == 1;
}

/* rsassa_pkcs1_verify() tells a bad encoding from a digest that differs; find out which it was. */
static int why_rsa_failed(const struct ks_kpub *pub, const struct ks_ksig *sig, const EVP_MD *md)
{
	__cleanup(free_ctx) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pub->pkey, NULL);
	size_t n;
	u8 text[512];

	if (!ctx)
		return -ENOMEM;
	n = sizeof(text);
	if (EVP_PKEY_verify_recover_init(ctx) > 0 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0 &&
	    EVP_PKEY_CTX_set_signature_md(ctx, md) > 0 &&
	    EVP_PKEY_verify_recover(ctx, text, &n, sig->s.p, sig->s.bytes) > 0)
		return -EKEYREJECTED;
	n = sizeof(text);
	if (EVP_PKEY_verify_recover_init(ctx) > 0 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) > 0 &&
	    EVP_PKEY_verify_recover(ctx, text, &n, sig->s.p, sig->s.bytes) > 0 && n > 1 &&
	    !text[0] && text[1])
		return -EBADMSG;
	return -EINVAL;
}

static int verify_rsa(const struct ks_kcrypto *crypto, const struct ks_kpub *pub,
		      const struct ks_ksig *sig)
{
	__cleanup(free_ctx) EVP_PKEY_CTX *ctx = NULL;
	const EVP_MD *md;
	int rc;

	if (!crypto->rsa)
		return -ENOENT;
	/* "pkcs1(rsa,<digest>)" exists for digests with an EMSA prefix (hash_prefixes[]). */
	if (sig->digest_id > KS_KDIGEST_SHA3_512)
		return -ENOENT;
	if (pub->err)
		return pub->err;
	if (sig->s.bytes != pub->key_bytes)
		return -EINVAL;
	md = crypto->md[sig->digest_id];
	if (!pub->pkey || !md)
		return -EOPNOTSUPP;
	ctx = copy_verifier(pub);
	if (!ctx || EVP_PKEY_CTX_set_signature_md(ctx, md) <= 0)
		return -ENOMEM;
	rc = EVP_PKEY_verify(ctx, sig->s.p, sig->s.bytes, sig->digest.value, sig->digest.bytes);
	return rc == 1 ? 0 : why_rsa_failed(pub, sig, md);
}

/* ecdsa_get_signature_rs(): an integer that fits into the curve's limbs. */
static BIGNUM *get_scalar(struct ks_ber *b, size_t limb_bytes)
{
	struct ks_span number;

	ks_ber_leaf(b, KS_DER_INTEGER);
	number = b->value;
	if (b->err)
		return NULL;
	if (!number.bytes || number.bytes > limb_bytes + 1 ||
	    (number.bytes > limb_bytes && number.p[0])) {
		ks_ber_fail(b, -EINVAL);
		return NULL;
	}
	return bn_of(number);
}

static int verify_rs(const struct ks_kpub *pub, const struct ks_ksig *sig, ECDSA_SIG *rs)
{
	__cleanup(free_ctx) EVP_PKEY_CTX *ctx = copy_verifier(pub);
	u8 der[2 * MAX_EC_BYTES + 16], *p = der;
	int n = i2d_ECDSA_SIG(rs, NULL);

	if (!ctx || n <= 0 || (size_t)n > sizeof(der))
		return -ENOMEM;
	n = i2d_ECDSA_SIG(rs, &p);
	return EVP_PKEY_verify(ctx, der, (size_t)n, sig->digest.value, sig->digest.bytes) == 1 ?
		       0 :
		       -EKEYREJECTED;
}

static bool in_range(const BIGNUM *scalar, const BIGNUM *order)
{
	return !BN_is_zero(scalar) && BN_cmp(scalar, order) < 0;
}

static int verify_ec(const struct ks_kcrypto *crypto, const struct ks_kpub *pub,
		     const struct ks_ksig *sig)
{
	__cleanup(free_ecdsa_sig) ECDSA_SIG *rs = ECDSA_SIG_new();
	__cleanup(free_bn) BIGNUM *order = NULL;
	size_t limb_bytes = curves[pub->kind].limb_bytes;
	BIGNUM *r, *s;
	struct ks_ber b;

	if (sig->digest_id > KS_KDIGEST_SHA3_512)
		return -EINVAL;
	if (!crypto->ecdsa)
		return -ENOENT;
	if (pub->err)
		return pub->err;
	if (!rs || !EVP_PKEY_get_bn_param(pub->pkey, OSSL_PKEY_PARAM_EC_ORDER, &order))
		return -ENOMEM;
	ks_ber_init(&b, sig->s);
	ks_ber_open(&b, KS_DER_SEQUENCE);
	r = get_scalar(&b, limb_bytes);
	s = get_scalar(&b, limb_bytes);
	ks_ber_close(&b);
	if (b.err || !ECDSA_SIG_set0(rs, r, s)) {
		BN_free(r);
		BN_free(s);
		return b.err ? b.err : -ENOMEM;
	}
	if (!in_range(r, order) || !in_range(s, order))
		return -EBADMSG;
	return verify_rs(pub, sig, rs);
}

int ks_kpub_verify(const struct ks_kcrypto *crypto, const struct ks_kpub *pub,
		   const struct ks_ksig *sig)
{
	int rc;

	if (pub->kind == KS_KPKEY_RSA)
		rc = sig->kind == KS_KSIG_RSA ? verify_rsa(crypto, pub, sig) : -EKEYREJECTED;
	else if (pub->kind == KS_KPKEY_ECRDSA)
		rc = sig->kind != KS_KSIG_ECRDSA ? -EKEYREJECTED :
		     crypto->ecrdsa		 ? -EOPNOTSUPP :
						   -ENOENT;
	else
		rc = sig->kind == KS_KSIG_ECDSA ? verify_ec(crypto, pub, sig) : -EKEYREJECTED;
	ERR_clear_error();
	return rc;
}
