// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compare.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>

#include "base/cursor.h"
#include "kernel/cms.h"
#include "kernel/rules.h"

/* What the lists of a kernel came to: the certificates that it refused and those that it keeps. */
struct ring {
	int refused[KERNEL_MAX_ADDED];
	size_t nr_refused;
	u64 hash[KERNEL_MAX_ADDED];
	char name[KERNEL_MAX_ADDED][KS_KX509_NAME_BYTES + 140];
	size_t nr_names;
};

void kernel_case_put(const struct kernel_case *c, struct ks_buf *out)
{
	ks_put_u8(out, c->config);
	ks_put_le16(out, (u16)c->trusted.bytes);
	ks_put(out, c->trusted);
	ks_put_le16(out, (u16)c->revoked.bytes);
	ks_put(out, c->revoked);
	ks_put_u8(out, (u8)c->revoked_tbs.bytes);
	ks_put(out, c->revoked_tbs);
	ks_put(out, c->module);
}

bool kernel_case_cut(struct ks_span bytes, struct kernel_case *ret_case)
{
	struct kernel_case c;
	struct ks_cursor cursor;

	ks_cursor_init(&cursor, bytes, 0);
	c.config = ks_get_u8(&cursor);
	c.trusted = ks_get_bytes(&cursor, ks_get_le16(&cursor));
	c.revoked = ks_get_bytes(&cursor, ks_get_le16(&cursor));
	c.revoked_tbs = ks_get_bytes(&cursor, ks_get_u8(&cursor));
	c.module = ks_get_bytes(&cursor, ks_cursor_left(&cursor));
	if (cursor.bad || c.revoked_tbs.bytes > KS_DIGEST_MAX_BYTES)
		return false;
	*ret_case = c;
	return true;
}

/* 0 is what a distribution builds; the digests that OpenSSL lacks stay out. */
static struct kernel_side_config config_of(u8 config)
{
	static const unsigned int digests[] = { 0xff, 0x1ff, 0x1c, 0x10 }, bits[] = { 0, 256, 384, 512 },
				  rsa_bits[] = { 0, 1536, 2048, 4096 };

	return (struct kernel_side_config){
		.digests = digests[config & 3],
		.min_digest_bits = bits[config >> 2 & 3],
		.min_rsa_bits = rsa_bits[config >> 4 & 3],
		.rsa = !(config & 0x40),
		.ecdsa = !(config & 0x80),
	};
}

struct told {
	struct kernel_result *result;
	struct ring *ring;
};

static u64 hash_of(const char *text)
{
	u64 hash = 0xcbf29ce484222325U;

	for (; *text; text++)
		hash = (hash ^ (u8)*text) * 0x100000001b3U;
	return hash;
}

/* As the kernel's keyring: a key takes the place of the one with its description. */
static void tell(void *arg, int err, const char *description)
{
	struct told *told = arg;
	struct ring *ring = told->ring;
	size_t i;

	if (told->result->nr_added < KERNEL_MAX_ADDED)
		told->result->added[told->result->nr_added++] = err;
	if (err) {
		if (ring->nr_refused < KERNEL_MAX_ADDED)
			ring->refused[ring->nr_refused++] = err;
		return;
	}
	for (i = 0; i < ring->nr_names; i++)
		if (ring->hash[i] == hash_of(description))
			return;
	if (i == KERNEL_MAX_ADDED)
		return;
	ring->hash[i] = hash_of(description);
	snprintf(ring->name[i], sizeof(ring->name[i]), "%s", description);
	ring->nr_names++;
}

static void load_kernel(const struct kernel_case *c, struct kernel_result *result, struct ring ring[2])
{
	struct told told = { result, &ring[KERNEL_SIDE_REVOKED] };

	if (c->revoked_tbs.bytes)
		kernel_side_revoke(c->revoked_tbs.p, c->revoked_tbs.bytes);
	kernel_side_load_list(KERNEL_SIDE_REVOKED, c->revoked.p, c->revoked.bytes, tell, &told);
	told.ring = &ring[KERNEL_SIDE_TRUSTED];
	kernel_side_load_list(KERNEL_SIDE_TRUSTED, c->trusted.p, c->trusted.bytes, tell, &told);
}

static void note_ring(const struct ks_kring *from, struct ring *ret_ring)
{
	size_t i;

	for (i = 0; i < from->nr_keys && i < KERNEL_MAX_ADDED; i++)
		if (from->key[i].err)
			ret_ring->refused[ret_ring->nr_refused++] = from->key[i].err;
		else
			memcpy(ret_ring->name[ret_ring->nr_names++], from->key[i].text, sizeof(from->key[i].text));
}

static struct ks_kcrypto *crypto_of(const struct kernel_side_config *config)
{
	static struct ks_kcrypto crypto;

	if (!crypto.md[0])
		ks_kcrypto_init(&crypto);
	crypto.digests = config->digests;
	crypto.rsa = config->rsa;
	crypto.ecdsa = config->ecdsa;
	return &crypto;
}

/* Return: whether kseal can tell. */
static bool ask_kseal(const struct kernel_case *c, const struct kernel_side_config *config, struct ring ring[2],
		      struct ks_kverdict *ret_verdict)
{
	struct ks_kernel kernel = {
		.crypto = *crypto_of(config),
		.min_digest_bits = config->min_digest_bits,
		.min_rsa_bits = config->min_rsa_bits,
	};
	struct ks_digest hash = { .bytes = c->revoked_tbs.bytes };
	int rc;

	if (hash.bytes) {
		memcpy(hash.value, c->revoked_tbs.p, hash.bytes);
		kernel.revoked_tbs = (struct ks_khashes){ &hash, 1 };
	}
	rc = ks_kernel_add_list(&kernel, &kernel.revoked, c->revoked, NULL);
	if (!rc)
		rc = ks_kernel_add_list(&kernel, &kernel.trusted, c->trusted, NULL);
	if (!rc) {
		note_ring(&kernel.revoked, &ring[KERNEL_SIDE_REVOKED]);
		note_ring(&kernel.trusted, &ring[KERNEL_SIDE_TRUSTED]);
		rc = ks_kernel_verdict(&kernel, c->module, ret_verdict, NULL);
	}
	kernel.revoked_tbs = (struct ks_khashes){ 0 };
	kernel.crypto = (struct ks_kcrypto){ 0 };
	ks_kernel_done(&kernel);
	ERR_clear_error();
	return !rc;
}

static void __attribute__((format(printf, 2, 3))) differ(struct kernel_result *result, const char *format, ...)
{
	va_list args;

	if (result->different[0])
		return;
	va_start(args, format);
	vsnprintf(result->different, sizeof(result->different), format, args);
	va_end(args);
}

/* kseal cuts an identifier of more than 64 bytes off. */
static bool same_name(const char *kernel, const char *kseal)
{
	size_t bytes = strlen(kseal);

	return !strcmp(kernel, kseal) || (bytes > 128 && !strncmp(kernel, kseal, bytes));
}

static void compare_rings(const char *what, const struct ring *kernel, const struct ring *kseal,
			  struct kernel_result *result)
{
	size_t i;

	for (i = 0; i < kernel->nr_refused && i < kseal->nr_refused; i++)
		if (kernel->refused[i] != kseal->refused[i])
			differ(result, "%s: kernel refuses a certificate with %d, kseal with %d", what,
			       kernel->refused[i], kseal->refused[i]);
	if (kernel->nr_refused != kseal->nr_refused || kernel->nr_names != kseal->nr_names)
		differ(result, "%s: kernel keeps %zu certificates and refuses %zu, kseal %zu and %zu", what,
		       kernel->nr_names, kernel->nr_refused, kseal->nr_names, kseal->nr_refused);
	for (i = 0; i < kernel->nr_names && i < kseal->nr_names; i++)
		if (!same_name(kernel->name[i], kseal->name[i]))
			differ(result, "%s: kernel calls a certificate \"%.100s\", kseal \"%.100s\"", what,
			       kernel->name[i], kseal->name[i]);
}

/* A module that the kernel takes for its signature may still be refused for its form. */
static void compare_load(const char *mode, int kernel, int kseal, struct kernel_result *result)
{
	if (kernel && kernel != kseal)
		differ(result, "%s: kernel says %d, kseal %d", mode, kernel, kseal);
}

void kernel_compare(const struct kernel_case *c, struct kernel_result *ret_result)
{
	struct ks_kverdict verdict = { 0 };
	struct ring kernel[2], kseal[2];

	*ret_result = (struct kernel_result){ 0 };
	kernel[0].nr_names = kernel[1].nr_names = kseal[0].nr_names = kseal[1].nr_names = 0;
	kernel[0].nr_refused = kernel[1].nr_refused = kseal[0].nr_refused = kseal[1].nr_refused = 0;
	kernel_side_config = config_of(c->config);
	load_kernel(c, ret_result, kernel);
	ret_result->module = kernel_side_module(c->module.p, c->module.bytes);
	kernel_side_forget();
	ret_result->unknown = !ask_kseal(c, &kernel_side_config, kseal, &verdict);
	if (ret_result->unknown)
		return;
	compare_rings("revoked", &kernel[KERNEL_SIDE_REVOKED], &kseal[KERNEL_SIDE_REVOKED], ret_result);
	compare_rings("trusted", &kernel[KERNEL_SIDE_TRUSTED], &kseal[KERNEL_SIDE_TRUSTED], ret_result);
	if (ret_result->module.sig != verdict.sig_err)
		differ(ret_result, "signature: kernel says %d, kseal %d", ret_result->module.sig, verdict.sig_err);
	compare_load("loading", ret_result->module.permissive, verdict.load[KS_KMODE_PERMISSIVE].err, ret_result);
	compare_load("loading locked down", ret_result->module.locked_down, verdict.load[KS_KMODE_LOCKDOWN].err,
		     ret_result);
	compare_load("loading with sig_enforce", ret_result->module.enforced,
		     verdict.load[KS_KMODE_SIG_ENFORCE].err, ret_result);
}
