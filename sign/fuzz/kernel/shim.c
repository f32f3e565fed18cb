// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What is not the kernel's own code on the kernel's side: keyrings that are lists, the lookup of
 * algorithms by name, digests by OpenSSL.
 */
#include "shim.h"

#include <crypto/algapi.h>
#include <crypto/internal/sig.h>
#include <crypto/pkcs7.h>
#include <crypto/public_key.h>
#include <keys/asymmetric-type.h>
#include <keys/system_keyring.h>
#include <linux/key-type.h>
#include <linux/module_signature.h>
#include "../crypto/internal.h"

#include "digest.h"

struct kernel_side_config kernel_side_config;

/* Certificates that are built in come by kernel_side_load_list(). */
const u8 system_certificate_list[1];
const unsigned long system_certificate_list_size, module_cert_size;
const u8 revocation_certificate_list[1];
const unsigned long revocation_certificate_list_size;
const char *const blacklist_hashes[] = { NULL };

/* lib/hexdump.c, lib/string_helpers.c */
char *bin2hex(char *to, const void *from, size_t bytes)
{
	static const char digits[] = "0123456789abcdef";
	const u8 *p = from;

	for (; bytes; bytes--, p++) {
		*to++ = digits[*p >> 4];
		*to++ = digits[*p & 15];
	}
	return to;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int hex2bin(u8 *to, const char *from, size_t bytes)
{
	for (; bytes; bytes--, from += 2) {
		int high = hex_digit(from[0]), low = hex_digit(from[1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		*to++ = (u8)(high << 4 | low);
	}
	return 0;
}

int match_string(const char *const *array, size_t n, const char *string)
{
	size_t i;

	for (i = 0; i < n && array[i]; i++)
		if (!strcmp(array[i], string))
			return (int)i;
	return -EINVAL;
}

/* lib/scatterlist.c */
void sg_miter_stop(struct sg_mapping_iter *m)
{
	if (!m->addr)
		return;
	m->at += m->consumed;
	m->addr = NULL;
	m->length = 0;
	m->consumed = 0;
}

bool sg_miter_next(struct sg_mapping_iter *m)
{
	sg_miter_stop(m);
	if (m->at >= m->sg->length)
		return false;
	m->addr = (u8 *)m->sg->addr + m->at;
	m->length = m->consumed = m->sg->length - m->at;
	return true;
}

/* security/keys: a keyring is the head of a list. */
static struct key_type *types[4];
static struct key *rings[4];
static const char *ring_names[4];
struct key_type key_type_keyring = { .name = "keyring" };

static void (*told)(void *arg, int err, const char *description);
static void *told_arg;

int register_key_type(struct key_type *type)
{
	size_t i;

	for (i = 0; types[i]; i++)
		;
	types[i] = type;
	return 0;
}

void unregister_key_type(struct key_type *type)
{
}

struct key *keyring_alloc(const char *name, int uid, int gid, const void *cred, key_perm_t perm,
			  unsigned long flags, struct key_restriction *restriction,
			  struct key *dest)
{
	size_t i;

	for (i = 0; rings[i]; i++)
		;
	rings[i] = calloc(1, sizeof(*rings[i]));
	rings[i]->restriction = restriction;
	ring_names[i] = name;
	return rings[i];
}

static struct key *ring_of(const char *name)
{
	size_t i;

	for (i = 0; rings[i]; i++)
		if (!strcmp(ring_names[i], name))
			return rings[i];
	abort();
}

static bool same_description(const struct key *key, const struct key_match_data *data)
{
	return !strcmp(key->description, data->raw_data);
}

key_ref_t keyring_search(key_ref_t ring, struct key_type *type, const char *description,
			 bool recurse)
{
	struct key_match_data data = { .raw_data = description, .cmp = same_description };
	struct key *key;
	int rc = 0;

	if (type->match_preparse)
		rc = type->match_preparse(&data);
	if (rc < 0)
		return ERR_PTR(rc);
	for (key = ring->next; key; key = key->next)
		if (key->type == type && data.cmp(key, &data))
			break;
	if (type->match_free)
		type->match_free(&data);
	return key ? key : ERR_PTR(-EAGAIN);
}

int generic_key_instantiate(struct key *key, struct key_preparsed_payload *prep)
{
	key->payload = prep->payload;
	memset(&prep->payload, 0, sizeof(prep->payload));
	return 0;
}

static void free_key(struct key *key)
{
	if (key->type->destroy)
		key->type->destroy(key);
	free(key->description);
	free(key);
}

/* A key takes the place of the one with its type and description. */
static void link_key(struct key *ring, struct key *key)
{
	struct key **at = &ring->next, *old;

	while (*at && ((*at)->type != key->type || strcmp((*at)->description, key->description)))
		at = &(*at)->next;
	old = *at;
	key->next = old ? old->next : NULL;
	*at = key;
	if (old)
		free_key(old);
}

static key_ref_t create_key(struct key *ring, const char *type_name, const char *description,
			    const void *payload, size_t bytes, unsigned long flags)
{
	struct key_preparsed_payload prep = { .data = payload, .datalen = bytes };
	struct key *key = calloc(1, sizeof(*key));
	struct key_type *type;
	size_t i = 0;
	int rc = 0;

	while (strcmp(types[i]->name, type_name))
		i++;
	type = types[i];
	if (type->preparse)
		rc = type->preparse(&prep);
	if (!rc && !description && !prep.description)
		rc = -EINVAL;
	if (!rc) {
		key->type = type;
		key->flags = flags;
		key->description = strdup(description ? description : prep.description);
		rc = type->instantiate(key, &prep);
	}
	if (type->free_preparse)
		type->free_preparse(&prep);
	if (rc) {
		free(key->description);
		free(key);
		return ERR_PTR(rc);
	}
	link_key(ring, key);
	return key;
}

key_ref_t key_create(key_ref_t ring, const char *type, const char *description, const void *payload,
		     size_t bytes, key_perm_t perm, unsigned long flags)
{
	return create_key(ring, type, description, payload, bytes, flags);
}

/* Of both types of key here none can be updated in place. */
key_ref_t key_create_or_update(key_ref_t ring, const char *type, const char *description,
			       const void *payload, size_t bytes, key_perm_t perm, unsigned long flags)
{
	key_ref_t key = create_key(ring, type, description, payload, bytes, flags);

	if (told)
		told(told_arg, IS_ERR(key) ? (int)PTR_ERR(key) : 0, IS_ERR(key) ? NULL : key->description);
	return key;
}

/* No key is added that would have to be vouched for. */
int restrict_link_by_signature(struct key *ring, const struct key_type *type,
			       const union key_payload *payload, struct key *trust)
{
	abort();
}

int restrict_link_by_digsig(struct key *ring, const struct key_type *type,
			    const union key_payload *payload, struct key *trust)
{
	abort();
}

/* crypto/api.c, algapi.c and algboss.c: algorithms and templates by their names. */
static struct crypto_alg *algs[64];
static struct crypto_template *templates[8];
static struct crypto_instance *made;

int crypto_register_alg(struct crypto_alg *alg)
{
	size_t i;

	for (i = 0; algs[i]; i++)
		;
	algs[i] = alg;
	return 0;
}

int crypto_register_template(struct crypto_template *tmpl)
{
	size_t i;

	for (i = 0; templates[i]; i++)
		;
	templates[i] = tmpl;
	return 0;
}

void crypto_unregister_alg(struct crypto_alg *alg)
{
}

void crypto_unregister_template(struct crypto_template *tmpl)
{
}

int crypto_register_instance(struct crypto_template *tmpl, struct crypto_instance *inst)
{
	inst->tmpl = tmpl;
	made = inst;
	return crypto_register_alg(&inst->alg);
}

/* Does the configuration have what the name is about? All of RSA and of ECDSA is one option each. */
static bool is_configured(const char *name)
{
	if (strstr(name, "ecdsa") || !strncmp(name, "x962", 4))
		return kernel_side_config.ecdsa;
	return kernel_side_config.rsa;
}

struct rtattr {
	char name[CRYPTO_MAX_ALG_NAME];
};

/* cryptomgr_probe() of "template(a,b)" */
static int probe(const char *name)
{
	struct rtattr attr[2] = { 0 }, *tb[4] = { NULL, &attr[0], &attr[1] };
	char tmpl[CRYPTO_MAX_ALG_NAME];
	size_t i;

	if (sscanf(name, "%127[a-z0-9-](%127[a-z0-9-],%127[a-z0-9-])", tmpl, attr[0].name, attr[1].name) < 2)
		return -ENOENT;
	for (i = 0; templates[i]; i++)
		if (!strcmp(templates[i]->name, tmpl))
			return templates[i]->create(templates[i], tb);
	return -ENOENT;
}

static struct crypto_alg *find_alg(const char *name)
{
	size_t i;
	int rc;

	if (!is_configured(name))
		return ERR_PTR(-ENOENT);
	for (i = 0; algs[i]; i++)
		if (!strcmp(algs[i]->cra_name, name))
			return algs[i];
	rc = probe(name);
	return rc ? ERR_PTR(rc) : &made->alg;
}

int crypto_check_attr_type(struct rtattr **tb, u32 type, u32 *ret_mask)
{
	*ret_mask = 0;
	return 0;
}

const char *crypto_attr_alg_name(struct rtattr *attr)
{
	return attr->name[0] ? attr->name : ERR_PTR(-ENOENT);
}

int __crypto_inst_setname(struct crypto_instance *inst, const char *name, const char *driver,
			  struct crypto_alg *alg)
{
	snprintf(inst->alg.cra_name, CRYPTO_MAX_ALG_NAME, "%s(%s)", name, alg->cra_name);
	snprintf(inst->alg.cra_driver_name, CRYPTO_MAX_ALG_NAME, "%s(%s)", driver, alg->cra_driver_name);
	return 0;
}

int crypto_grab_spawn(struct crypto_spawn *spawn, struct crypto_instance *inst, const char *name,
		      u32 type, u32 mask)
{
	struct crypto_alg *alg = IS_ERR(name) ? (void *)name : find_alg(name);

	if (IS_ERR(alg))
		return (int)PTR_ERR(alg);
	spawn->alg = alg;
	return 0;
}

void crypto_drop_spawn(struct crypto_spawn *spawn)
{
}

unsigned int crypto_alg_extsize(struct crypto_alg *alg)
{
	return alg->cra_ctxsize;
}

static void *new_tfm(struct crypto_alg *alg, const struct crypto_type *frontend)
{
	u8 *mem = calloc(1, frontend->tfmsize + sizeof(struct crypto_tfm) + alg->cra_ctxsize + 64);
	struct crypto_tfm *tfm = (void *)(mem + frontend->tfmsize);
	int rc;

	tfm->__crt_alg = alg;
	rc = frontend->init_tfm(tfm);
	if (!rc)
		return mem;
	free(mem);
	return ERR_PTR(rc);
}

void *crypto_alloc_tfm_node(const char *name, const struct crypto_type *frontend, u32 type, u32 mask,
			    int node)
{
	struct crypto_alg *alg = find_alg(name);

	return IS_ERR(alg) ? (void *)alg : new_tfm(alg, frontend);
}

void *crypto_spawn_tfm2(struct crypto_spawn *spawn)
{
	return new_tfm(spawn->alg, spawn->alg->cra_type);
}

void crypto_destroy_tfm(void *mem, struct crypto_tfm *tfm)
{
	if (IS_ERR_OR_NULL(mem))
		return;
	if (tfm->exit)
		tfm->exit(tfm);
	free(mem);
}

void crypto_req_done(void *req, int err)
{
}

/* RSA in its padding for encryption verifies nothing. */
struct crypto_template rsa_pkcs1pad_tmpl = { .name = "pkcs1pad" };

struct crypto_shash *crypto_alloc_shash(const char *name, u32 type, u32 mask)
{
	const void *digest = shim_digest_find(name, kernel_side_config.digests);

	return digest ? (struct crypto_shash *)digest : ERR_PTR(-ENOENT);
}

unsigned int crypto_shash_digestsize(struct crypto_shash *tfm)
{
	return shim_digest_bytes(tfm);
}

int crypto_shash_digest(struct shash_desc *desc, const u8 *data, unsigned int bytes, u8 *digest)
{
	return shim_digest(desc->tfm, data, bytes, digest) ? 0 : -ENOMEM;
}

/* kernel/module/main.c and security/lockdown */
static bool locked_down;

int security_locked_down(int what)
{
	return locked_down ? -EPERM : 0;
}

static struct {
	bool known;
	int rc;
} remembered;

int shim_verify_once(const void *data, size_t bytes, const void *cms, size_t cms_bytes,
		     struct key *ring, enum key_being_used_for usage,
		     int (*view)(void *, const void *, size_t, size_t), void *arg);

int shim_verify_once(const void *data, size_t bytes, const void *cms, size_t cms_bytes,
		     struct key *ring, enum key_being_used_for usage,
		     int (*view)(void *, const void *, size_t, size_t), void *arg)
{
	if (!remembered.known)
		remembered.rc = verify_pkcs7_signature(data, bytes, cms, cms_bytes, ring, usage, view, arg);
	remembered.known = true;
	return remembered.rc;
}

int module_sig_check_forced(struct load_info *info, int flags);

struct kernel_side_verdict kernel_side_module(const uint8_t *file, size_t bytes)
{
	const size_t marker = sizeof(MODULE_SIG_STRING) - 1;
	const struct load_info whole = { .hdr = file, .len = bytes };
	struct kernel_side_verdict v = { .sig = -ENODATA };
	struct load_info info = whole;

	remembered.known = false;
	if (bytes > marker && !memcmp(file + bytes - marker, MODULE_SIG_STRING, marker)) {
		info.len -= marker;
		v.sig = mod_verify_sig(file, &info);
	}
	info = whole;
	locked_down = false;
	v.permissive = module_sig_check(&info, 0);
	info = whole;
	v.enforced = module_sig_check_forced(&info, 0);
	info = whole;
	locked_down = true;
	v.locked_down = module_sig_check(&info, 0);
	return v;
}

/* Some return 0 without a word; all of them must. */
static void boot(int rc)
{
	if (rc)
		abort();
}

int shim_asymmetric_key_init(void);
int shim_x509_key_init(void);
int shim_blacklist_init(void);
int shim_system_trusted_keyring_init(void);
int shim_rsa_init(void);
int shim_ecdsa_init(void);

void kernel_side_boot(void)
{
	boot(shim_asymmetric_key_init());
	boot(shim_x509_key_init());
	boot(shim_blacklist_init());
	boot(shim_system_trusted_keyring_init());
	boot(shim_rsa_init());
	boot(shim_ecdsa_init());
}

void kernel_side_forget(void)
{
	struct key *key;
	size_t i;

	for (i = 0; rings[i]; i++)
		while ((key = rings[i]->next)) {
			rings[i]->next = key->next;
			free_key(key);
		}
}

void kernel_side_load_list(enum kernel_side_ring ring, const uint8_t *list, size_t bytes,
			   void (*tell)(void *arg, int err, const char *description), void *arg)
{
	told = tell;
	told_arg = arg;
	x509_load_certificate_list(list, bytes,
				   ring_of(ring == KERNEL_SIDE_TRUSTED ? ".builtin_trusted_keys" : ".blacklist"));
	told = NULL;
}

void kernel_side_revoke(const uint8_t *hash, size_t bytes)
{
	(void)mark_hash_blacklisted(hash, bytes, BLACKLIST_HASH_X509_TBS);
}
