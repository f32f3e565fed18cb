// SPDX-License-Identifier: LGPL-2.1-or-later
#include "kernel/pkey.h"

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
#include "kernel/oid.h"

/* The kernel counts numbers in limbs. */
#define LIMB_BYTES 8U
#define MAX_EC_BYTES 72U
#define MAX_RSA_BYTES 512U

static const struct {
	const char *group;
	size_t limb_bytes;
	size_t field_bytes;
} curves[] = {
	[KS_KPKEY_P192] = { "prime192v1", 24, 24 },
	[KS_KPKEY_P256] = { "prime256v1", 32, 32 },
	[KS_KPKEY_P384] = { "secp384r1", 48, 48 },
	[KS_KPKEY_P521] = { "secp521r1", 72, 66 },
};

static void free_bn(BIGNUM **bn)
{
	BN_free(*bn);
}

static void free_bn_ctx(BN_CTX **ctx)
{
	BN_CTX_free(*ctx);
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
	pub->n = modulus;
	if (!b.err && !modulus.bytes)
		ks_ber_fail(&b, -EINVAL);
	ks_ber_leaf(&b, KS_DER_INTEGER);
	if (!b.err && (!b.value.bytes || b.value.bytes > modulus.bytes))
		ks_ber_fail(&b, -EINVAL);
	if (!b.err) {
		pub->e = b.value;
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

/* A coordinate in the bytes of the field: the kernel takes it with any number of leading zeros. */
static bool put_coordinate(struct ks_buf *point, struct ks_span key, u64 off, u64 bytes, size_t field_bytes)
{
	struct ks_span number;

	if (!ks_span_sub(key, off, bytes, &number))
		return false;
	while (number.bytes > field_bytes)
		if (number.p[0] || !ks_span_sub(number, 1, number.bytes - 1, &number))
			return false;
	ks_put_fill(point, 0, field_bytes - number.bytes);
	ks_put(point, number);
	return true;
}

/* ecdsa_set_pub_key(): uncompressed points only. */
static int init_ec(struct ks_span key, struct ks_kpub *pub)
{
	__cleanup(free_bld) OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	__cleanup(ks_buf_done) struct ks_buf point = { 0 };
	const char *group = curves[pub->kind].group;
	size_t field_bytes = curves[pub->kind].field_bytes, bytes = key.bytes / 2;

	if (!bld)
		return -ENOMEM;
	pub->err = -EINVAL;
	if (key.bytes % 2 != 1 || key.p[0] != POINT_CONVERSION_UNCOMPRESSED ||
	    ks_align_up(bytes, LIMB_BYTES) != curves[pub->kind].limb_bytes)
		return 0;
	ks_put_u8(&point, POINT_CONVERSION_UNCOMPRESSED);
	if (!put_coordinate(&point, key, 1, bytes, field_bytes) ||
	    !put_coordinate(&point, key, 1 + bytes, bytes, field_bytes))
		return 0;
	if (ks_buf_ok(&point, NULL))
		return -ENOMEM;
	if (OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME, group, 0) &&
	    OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, point.p, point.bytes))
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
	if (a->kind != b->kind)
		return false;
	if (a->pkey && b->pkey)
		return EVP_PKEY_eq(a->pkey, b->pkey) == 1;
	return a->kind == KS_KPKEY_RSA && ks_span_eq(a->n, b->n) && ks_span_eq(a->e, b->e);
}

/* _rsa_enc(): s^e mod n, for 1 < s < n - 1, in the bytes of the signature. */
static int rsa_encrypt(const struct ks_kpub *pub, struct ks_span s, u8 *ret_text)
{
	__cleanup(free_bn_ctx) BN_CTX *ctx = BN_CTX_new();
	__cleanup(free_bn) BIGNUM *n = bn_of(pub->n);
	__cleanup(free_bn) BIGNUM *e = bn_of(pub->e);
	__cleanup(free_bn) BIGNUM *m = bn_of(s);
	__cleanup(free_bn) BIGNUM *last = BN_dup(n);

	if (!ctx || !n || !e || !m || !last || !BN_sub_word(last, 1))
		return -ENOMEM;
	if (BN_is_zero(m) || BN_is_one(m) || BN_cmp(m, last) >= 0)
		return -EINVAL;
	if (!BN_mod_exp(m, m, e, n, ctx) || BN_bn2binpad(m, ret_text, (int)s.bytes) < 0)
		return -ENOMEM;
	return 0;
}

/* DigestInfo up to the digest: hash_prefixes[] */
static void put_prefix(struct ks_buf *out, const struct ks_ksig *sig)
{
	struct ks_span oid = ks_koid_der(KS_KOID_SHA1 + (sig->digest_id - KS_KDIGEST_SHA1));

	ks_put_u8(out, KS_DER_SEQUENCE);
	ks_put_u8(out, (u8)(oid.bytes + sig->digest.bytes + 8));
	ks_put_u8(out, KS_DER_SEQUENCE);
	ks_put_u8(out, (u8)(oid.bytes + 4));
	ks_put_der(out, KS_DER_OID, oid);
	ks_put_der(out, KS_DER_NULL, (struct ks_span){ 0 });
	ks_put_u8(out, KS_DER_OCTET_STRING);
	ks_put_u8(out, (u8)sig->digest.bytes);
}

/*
 * rsassa_pkcs1_verify() as it is written: what is wrong decides on the error, and keys that OpenSSL
 * refuses, with an exponent of more than 64 bits for one, the kernel takes.
 */
static int verify_rsa_slowly(const struct ks_kpub *pub, const struct ks_ksig *sig)
{
	__cleanup(ks_buf_done) struct ks_buf prefix = { 0 };
	u8 text[MAX_RSA_BYTES];
	struct ks_span rest, digest;
	size_t at = 2;
	int rc = rsa_encrypt(pub, sig->s, text);

	if (rc)
		return rc;
	put_prefix(&prefix, sig);
	if (ks_buf_ok(&prefix, NULL))
		return -ENOMEM;
	if (text[0])
		return -EINVAL;
	while (at < sig->s.bytes && text[at] == 0xff)
		at++;
	if (text[1] != 1 || at < 10 || at == sig->s.bytes || text[at])
		return -EBADMSG;
	at++;
	if (!ks_span_sub((struct ks_span){ text, sig->s.bytes }, at, sig->s.bytes - at, &rest) ||
	    !ks_span_sub(rest, 0, prefix.bytes, &digest) || !ks_span_eq(digest, ks_buf_span(&prefix)))
		return -EBADMSG;
	if (!ks_span_sub(rest, prefix.bytes, rest.bytes - prefix.bytes, &digest) ||
	    !ks_span_eq(digest, ks_digest_span(&sig->digest)))
		return -EKEYREJECTED;
	return 0;
}

static bool verifies_rsa(const struct ks_kpub *pub, const struct ks_ksig *sig, const EVP_MD *md)
{
	__cleanup(free_ctx) EVP_PKEY_CTX *ctx = copy_verifier(pub);

	return ctx && md && EVP_PKEY_CTX_set_signature_md(ctx, md) > 0 &&
	       EVP_PKEY_verify(ctx, sig->s.p, sig->s.bytes, sig->digest.value, sig->digest.bytes) == 1;
}

static int verify_rsa(const struct ks_kcrypto *crypto, const struct ks_kpub *pub,
		      const struct ks_ksig *sig)
{
	if (!crypto->rsa)
		return -ENOENT;
	/* "pkcs1(rsa,<digest>)" is made for digests with an EMSA prefix (hash_prefixes[]). */
	if (sig->digest_id > KS_KDIGEST_SHA3_512)
		return -EINVAL;
	if (pub->err)
		return pub->err;
	if (sig->s.bytes != pub->key_bytes || sig->digest.bytes * 8 != ks_kdigest_bits(sig->digest_id))
		return -EINVAL;
	return verifies_rsa(pub, sig, crypto->md[sig->digest_id]) ? 0 : verify_rsa_slowly(pub, sig);
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

/* No OpenSSL that anybody ships can. */
static int verify_ecrdsa(const struct ks_kcrypto *crypto, const struct ks_ksig *sig)
{
	if (sig->kind != KS_KSIG_ECRDSA)
		return -EKEYREJECTED;
	if (sig->digest_id != KS_KDIGEST_STREEBOG256 && sig->digest_id != KS_KDIGEST_STREEBOG512)
		return -EINVAL;
	return crypto->ecrdsa ? -EOPNOTSUPP : -ENOENT;
}

int ks_kpub_verify(const struct ks_kcrypto *crypto, const struct ks_kpub *pub,
		   const struct ks_ksig *sig)
{
	int rc;

	if (pub->kind == KS_KPKEY_RSA)
		rc = sig->kind == KS_KSIG_RSA ? verify_rsa(crypto, pub, sig) : -EKEYREJECTED;
	else if (pub->kind == KS_KPKEY_ECRDSA)
		rc = verify_ecrdsa(crypto, sig);
	else
		rc = sig->kind == KS_KSIG_ECDSA ? verify_ec(crypto, pub, sig) : -EKEYREJECTED;
	ERR_clear_error();
	return rc;
}
