// SPDX-License-Identifier: LGPL-2.1-or-later
#include "keys.h"

#include <stdlib.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>

#include "memo.h"

static const struct {
	const char *group;
	int nid;
	int rsa_bits;
	u8 number;
} kinds[KEY_NR] = {
	[KEY_RSA_1024] = { .rsa_bits = 1024, .number = 1 },
	[KEY_RSA_2048] = { .rsa_bits = 2048, .number = 2 },
	[KEY_P256] = { "prime256v1", NID_X9_62_prime256v1, 0, 3 },
	[KEY_P256_OTHER] = { "prime256v1", NID_X9_62_prime256v1, 0, 4 },
	[KEY_P384] = { "secp384r1", NID_secp384r1, 0, 5 },
	[KEY_P521] = { "secp521r1", NID_secp521r1, 0, 6 },
	[KEY_P192] = { "prime192v1", NID_X9_62_prime192v1, 0, 7 },
};

static struct {
	EVP_PKEY *pkey;
	EC_GROUP *group;
	BIGNUM *private;
} keys[KEY_NR];

static BN_CTX *bn_ctx;

static void must(bool truth)
{
	if (truth)
		return;
	ERR_print_errors_fp(stderr);
	abort();
}

/* A number of so many bits that depends on nothing but @seed. */
static BIGNUM *number_of(int bits, u8 seed, u8 salt)
{
	u8 bytes[256], block[] = { seed, salt, 0 };
	unsigned int at;

	for (at = 0; at < sizeof(bytes); at += 32, block[2]++)
		must(EVP_Digest(block, sizeof(block), &bytes[at], NULL, EVP_sha256(), NULL));
	return BN_bin2bn(bytes, bits / 8, NULL);
}

/* The first prime behind such a number, for e = 65537. */
static BIGNUM *prime_of(int bits, u8 seed, u8 salt)
{
	BIGNUM *p = number_of(bits, seed, salt);

	must(p && BN_set_bit(p, bits - 1) && BN_set_bit(p, bits - 2) && BN_set_bit(p, 0));
	while (BN_check_prime(p, bn_ctx, NULL) != 1 || BN_mod_word(p, 65537) == 1)
		must(BN_add_word(p, 2));
	return p;
}

static EVP_PKEY *pkey_of(const char *type, OSSL_PARAM_BLD *bld)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(bld);
	EVP_PKEY *pkey = NULL;

	must(ctx && params && EVP_PKEY_fromdata_init(ctx) > 0 &&
	     EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_KEYPAIR, params) > 0);
	OSSL_PARAM_free(params);
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_BLD_free(bld);
	return pkey;
}

static void make_rsa(enum key_idx key)
{
	int bits = kinds[key].rsa_bits;
	BIGNUM *p = prime_of(bits / 2, kinds[key].number, 'p'), *q = prime_of(bits / 2, kinds[key].number, 'q');
	BIGNUM *n = BN_new(), *e = BN_new(), *phi = BN_new(), *dp = BN_new(), *dq = BN_new(), *d, *qinv;
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();

	must(BN_set_word(e, 65537) && BN_mul(n, p, q, bn_ctx));
	must(BN_sub_word(p, 1) && BN_sub_word(q, 1) && BN_mul(phi, p, q, bn_ctx));
	d = BN_mod_inverse(NULL, e, phi, bn_ctx);
	must(d && BN_mod(dp, d, p, bn_ctx) && BN_mod(dq, d, q, bn_ctx) && BN_add_word(p, 1) && BN_add_word(q, 1));
	qinv = BN_mod_inverse(NULL, q, p, bn_ctx);
	must(bld && OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, n) &&
	     OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, e) &&
	     OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_D, d) &&
	     OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_FACTOR1, p) &&
	     OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_FACTOR2, q) &&
	     OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_EXPONENT1, dp) &&
	     OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_EXPONENT2, dq) &&
	     OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, qinv));
	keys[key].pkey = pkey_of("RSA", bld);
	keys[key].private = d;
	BN_free(p);
	BN_free(q);
	BN_free(n);
	BN_free(e);
	BN_free(phi);
	BN_free(dp);
	BN_free(dq);
	BN_free(qinv);
}

static void make_ec(enum key_idx key)
{
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	u8 point[200];
	EC_POINT *public;
	size_t bytes;

	keys[key].group = EC_GROUP_new_by_curve_name(kinds[key].nid);
	keys[key].private = number_of(184, kinds[key].number, 'd');
	public = EC_POINT_new(keys[key].group);
	must(EC_POINT_mul(keys[key].group, public, keys[key].private, NULL, NULL, bn_ctx));
	bytes = EC_POINT_point2oct(keys[key].group, public, POINT_CONVERSION_UNCOMPRESSED, point, sizeof(point),
				   bn_ctx);
	must(bld && OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME, kinds[key].group, 0) &&
	     OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, point, bytes) &&
	     OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_PRIV_KEY, keys[key].private));
	keys[key].pkey = pkey_of("EC", bld);
	EC_POINT_free(public);
}

void keys_make(void)
{
	enum key_idx key;

	bn_ctx = BN_CTX_new();
	for (key = 0; key < KEY_NR; key++)
		if (kinds[key].rsa_bits)
			make_rsa(key);
		else
			make_ec(key);
}

EVP_PKEY *keys_pkey(enum key_idx key)
{
	return keys[key].pkey;
}

static bool sign_rsa(enum key_idx key, const EVP_MD *md, const u8 *digest, size_t bytes, struct ks_buf *out)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(keys[key].pkey, NULL);
	u8 value[512];
	size_t n = sizeof(value);
	bool good = EVP_PKEY_sign_init(ctx) > 0 && EVP_PKEY_CTX_set_signature_md(ctx, md) > 0 &&
		    EVP_PKEY_sign(ctx, value, &n, digest, bytes) > 0;

	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	if (good)
		ks_put(out, (struct ks_span){ value, n });
	return good;
}

/* ECDSA whose nonce depends on the digest alone. */
static bool sign_ec(enum key_idx key, const u8 *digest, size_t bytes, struct ks_buf *out)
{
	const EC_GROUP *group = keys[key].group;
	const BIGNUM *order = EC_GROUP_get0_order(group);
	size_t order_bytes = (size_t)BN_num_bytes(order);
	BIGNUM *k, *r = BN_new(), *s = BN_new(), *e = BN_bin2bn(digest, (int)bytes, NULL);
	EC_POINT *point = EC_POINT_new(group);
	ECDSA_SIG *sig = ECDSA_SIG_new();
	u8 der[200], *p = der;
	int n;

	if (bytes > order_bytes)
		must(BN_rshift(e, e, (int)(8 * (bytes - order_bytes))) != 0);
	/*
	 * Longer than a private key d: with the nonce d + 1 the sum in ecc_point_mult_shamir() is zero
	 * before its last step, which it cannot express, and the kernel refuses a right signature.
	 */
	k = number_of(208, digest[0], digest[1]);
	must(BN_set_bit(k, 0) && EC_POINT_mul(group, point, k, NULL, NULL, bn_ctx) &&
	     EC_POINT_get_affine_coordinates(group, point, r, NULL, bn_ctx) && BN_nnmod(r, r, order, bn_ctx) &&
	     BN_mod_inverse(k, k, order, bn_ctx) && BN_mod_mul(s, r, keys[key].private, order, bn_ctx) &&
	     BN_mod_add(s, s, e, order, bn_ctx) && BN_mod_mul(s, s, k, order, bn_ctx));
	must(ECDSA_SIG_set0(sig, r, s));
	n = i2d_ECDSA_SIG(sig, &p);
	must(n > 0);
	ks_put(out, (struct ks_span){ der, (size_t)n });
	ECDSA_SIG_free(sig);
	EC_POINT_free(point);
	BN_free(k);
	BN_free(e);
	return true;
}

/* Most certificates are signed again as they were, and a second signature of theirs proves no more. */
bool keys_sign(enum key_idx key, const EVP_MD *md, struct ks_span data, struct ks_buf *ret_signature)
{
	u8 digest[EVP_MAX_MD_SIZE], known[MEMO_VALUE_BYTES];
	size_t start = ret_signature->bytes;
	struct memo_key memo = { 0 };
	unsigned int bytes;
	bool ok;
	int n;

	if (!md || EVP_Digest(data.p, data.bytes, digest, &bytes, md, NULL) != 1)
		return false;
	memo_key_add(&memo, __func__, sizeof(__func__));
	memo_key_add(&memo, &key, sizeof(key));
	memo_key_add(&memo, &md, sizeof(md));
	memo_key_add(&memo, digest, bytes);
	n = memo_get(&memo, known);
	if (n >= 0) {
		ks_put(ret_signature, (struct ks_span){ known, (size_t)n });
		return true;
	}
	ok = kinds[key].rsa_bits ? sign_rsa(key, md, digest, bytes, ret_signature) :
				   sign_ec(key, digest, bytes, ret_signature);
	if (ok)
		memo_put(&memo, ret_signature->p + start, ret_signature->bytes - start);
	return ok;
}

const EVP_MD *keys_digest_of(struct ks_span oid)
{
	static struct {
		u8 oid[16];
		size_t bytes;
		const EVP_MD *md;
	} known[32];
	ASN1_OBJECT *object;
	const u8 *p;
	int nid, md_nid;
	u8 der[18];
	size_t i;

	if (oid.bytes > sizeof(known[0].oid))
		return NULL;
	for (i = 0; i < KS_ARRAY_SIZE(known) && known[i].bytes; i++)
		if (ks_span_eq((struct ks_span){ known[i].oid, known[i].bytes }, oid))
			return known[i].md;
	der[0] = 6;
	der[1] = (u8)oid.bytes;
	for (i = 0; i < oid.bytes; i++)
		der[2 + i] = oid.p[i];
	p = der;
	object = d2i_ASN1_OBJECT(NULL, &p, (long)oid.bytes + 2);
	nid = object ? OBJ_obj2nid(object) : NID_undef;
	ASN1_OBJECT_free(object);
	ERR_clear_error();
	if (OBJ_find_sigid_algs(nid, &md_nid, NULL))
		nid = md_nid;
	for (i = 0; i < KS_ARRAY_SIZE(known) && known[i].bytes; i++)
		;
	if (nid == NID_undef || i == KS_ARRAY_SIZE(known))
		return NULL;
	known[i].md = EVP_get_digestbynid(nid);
	known[i].bytes = oid.bytes;
	for (size_t k = 0; k < oid.bytes; k++)
		known[i].oid[k] = oid.p[k];
	return known[i].md;
}
