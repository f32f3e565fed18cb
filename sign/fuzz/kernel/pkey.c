// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Public keys of kseal's side, which cost OpenSSL more than all of a message's parsing, and what they
 * verified: remembered by their whole input. The linker puts these in their place (--wrap).
 */
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "kernel/pkey.h"
#include "memo.h"

#define NR_KEYS 4096U
#define MAX_KEY_BYTES 600U

/* Never freed. A key of OpenSSL knows which it is. */
static struct kept {
	struct ks_kpub pub;
	size_t bytes;
	u8 key[MAX_KEY_BYTES];
} kept[NR_KEYS];
static size_t nr_kept;
static int ex_idx;

int __real_ks_kpub_init(enum ks_kpkey kind, struct ks_span key, struct ks_kpub *ret_pub);
int __wrap_ks_kpub_init(enum ks_kpkey kind, struct ks_span key, struct ks_kpub *ret_pub);
int __real_ks_kpub_verify(const struct ks_kcrypto *crypto, const struct ks_kpub *pub, const struct ks_ksig *sig);
int __wrap_ks_kpub_verify(const struct ks_kcrypto *crypto, const struct ks_kpub *pub, const struct ks_ksig *sig);

static int find(enum ks_kpkey kind, struct ks_span key)
{
	struct memo_key memo = { 0 };
	int idx;

	if (!ex_idx)
		ex_idx = CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_EVP_PKEY, 0, NULL, NULL, NULL, NULL);
	memo_key_add(&memo, "key", 3);
	memo_key_add(&memo, &kind, sizeof(kind));
	memo_key_add(&memo, key.p, key.bytes);
	if (memo_get(&memo, &idx) > 0)
		return idx;
	if (nr_kept == NR_KEYS || key.bytes > MAX_KEY_BYTES)
		return -1;
	idx = (int)nr_kept;
	kept[idx].bytes = key.bytes;
	if (key.bytes)
		memcpy(kept[idx].key, key.p, key.bytes);
	if (__real_ks_kpub_init(kind, (struct ks_span){ kept[idx].key, key.bytes }, &kept[idx].pub))
		return -1;
	nr_kept++;
	if (kept[idx].pub.pkey)
		EVP_PKEY_set_ex_data(kept[idx].pub.pkey, ex_idx, &kept[idx]);
	memo_put(&memo, &idx, sizeof(idx));
	return idx;
}

int __wrap_ks_kpub_init(enum ks_kpkey kind, struct ks_span key, struct ks_kpub *ret_pub)
{
	int idx = find(kind, key);

	if (idx < 0)
		return __real_ks_kpub_init(kind, key, ret_pub);
	*ret_pub = kept[idx].pub;
	ret_pub->verifier = NULL;
	if (ret_pub->pkey)
		EVP_PKEY_up_ref(ret_pub->pkey);
	return 0;
}

int __wrap_ks_kpub_verify(const struct ks_kcrypto *crypto, const struct ks_kpub *pub, const struct ks_ksig *sig)
{
	const bool have[] = { crypto->rsa, crypto->ecdsa, crypto->ecrdsa };
	struct memo_key memo = { 0 };
	const struct kept *key = pub->pkey ? EVP_PKEY_get_ex_data(pub->pkey, ex_idx) : NULL;
	int rc;

	if (!key)
		return __real_ks_kpub_verify(crypto, pub, sig);
	memo_key_add(&memo, "verified", 8);
	memo_key_add(&memo, have, sizeof(have));
	memo_key_add(&memo, &pub->kind, sizeof(pub->kind));
	memo_key_add(&memo, key->key, key->bytes);
	memo_key_add(&memo, &sig->kind, sizeof(sig->kind));
	memo_key_add(&memo, &sig->digest_id, sizeof(sig->digest_id));
	memo_key_add(&memo, sig->s.p, sig->s.bytes);
	memo_key_add(&memo, sig->digest.value, sig->digest.bytes);
	if (memo_get(&memo, &rc) > 0)
		return rc;
	rc = __real_ks_kpub_verify(crypto, &key->pub, sig);
	memo_put(&memo, &rc, sizeof(rc));
	return rc;
}
