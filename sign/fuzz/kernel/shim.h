/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the kernel's readers of certificates and signatures need of the kernel to be a part of a host
 * program. The compiler's -include puts it before each of their files; what they include themselves is
 * a header out of the same tree (see prepare), or an empty file.
 */
#ifndef KERNEL_SHIM_H
#define KERNEL_SHIM_H

#include <byteswap.h>
#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "side.h"

#define ENOTSUPP 524

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;
typedef u8 __u8;
typedef u16 __u16;
typedef u32 __u32;
typedef u64 __u64;
typedef int32_t __s32;
typedef u16 __be16;
typedef u32 __be32;
typedef u64 __be64;
typedef u64 __le64;
typedef s64 time64_t;
typedef unsigned int gfp_t;
typedef unsigned long ulong;
typedef int refcount_t;
#define BITS_PER_LONG 64
#define BITS_PER_BYTE 8
#define PAGE_SIZE 4096UL
#define U16_MAX ((u16)~0U)
#define U32_MAX (~0U)
#define TIME64_MAX INT64_MAX

#define __init
#define __exit
#define __initconst
#define __maybe_unused __attribute__((unused))
#define __must_check __attribute__((warn_unused_result))
#define __randomize_layout
#define __aligned(bytes) __attribute__((aligned(bytes)))
#define __packed __attribute__((packed))
#define __user
#define __force
#define __always_inline inline __attribute__((always_inline))
#define noinline __attribute__((noinline))
#define fallthrough __attribute__((fallthrough))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define barrier() __asm__ __volatile__("" ::: "memory")
#define READ_ONCE(x) (x)
#define might_sleep() ((void)0)
#define cond_resched() ((void)0)
#define IS_REACHABLE(option) 1
#define IS_BUILTIN(option) 0
/* The module loader is compiled twice. */
#ifdef SHIM_SIG_FORCE
#define IS_ENABLED(option) 1
#define module_sig_check module_sig_check_forced
#define mod_verify_sig mod_verify_sig_forced
#define is_module_sig_enforced is_module_sig_enforced_forced
#define set_module_sig_enforced set_module_sig_enforced_forced
#else
#define IS_ENABLED(option) 0
#endif
#define CONCATENATE_(a, b) a##b
#define CONCATENATE(a, b) CONCATENATE_(a, b)
#define COUNT_ARGS_(_0, _1, _2, _3, n, ...) n
#define COUNT_ARGS(...) COUNT_ARGS_(, ##__VA_ARGS__, 3, 2, 1, 0)
#define container_of(p, type, member) ((type *)((char *)(p) - offsetof(type, member)))
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define min_t(type, a, b) ((type)(a) < (type)(b) ? (type)(a) : (type)(b))
#define max_t(type, a, b) ((type)(a) > (type)(b) ? (type)(a) : (type)(b))
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define DIV_ROUND_UP_POW2(n, d) ((n) / (d) + !!((n) & ((d) - 1)))
#define PTR_ALIGN(p, a) ((__typeof__(p))(((uintptr_t)(p) + (a) - 1) & ~((uintptr_t)(a) - 1)))
#define check_add_overflow(a, b, sum) __builtin_add_overflow(a, b, sum)
#define static_assert(x, ...) _Static_assert(x, "")
#define BUILD_BUG_ON(x) _Static_assert(!(x), "")
#define swap(a, b) \
	do { \
		__auto_type was = (a); \
		(a) = (b); \
		(b) = was; \
	} while (0)
#define BUG() abort()
#define BUG_ON(x) ((x) ? abort() : (void)0)
#define WARN_ON(x) (!!(x))
#define WARN_ON_ONCE(x) (!!(x))
#define MAX_ERRNO 4095

static inline void *ERR_PTR(long err)
{
	return (void *)err;
}

static inline long PTR_ERR(const void *p)
{
	return (long)p;
}

static inline bool IS_ERR(const void *p)
{
	return (unsigned long)p >= (unsigned long)-MAX_ERRNO;
}

static inline bool IS_ERR_OR_NULL(const void *p)
{
	return !p || IS_ERR(p);
}

static inline void *ERR_CAST(const void *p)
{
	return (void *)p;
}

/* cleanup.h, as far as it is used: no __free() of an error pointer. */
#define DEFINE_FREE(name, type, free) \
	static inline void __free_##name(void *p) \
	{ \
		type _T = *(type *)p; \
		free; \
	}
#define __free(name) __attribute__((cleanup(__free_##name)))
#define return_ptr(p) \
	do { \
		__auto_type kept = (p); \
		(p) = NULL; \
		return kept; \
	} while (0)
#define no_free_ptr(p) \
	({ \
		__auto_type kept = (p); \
		(p) = NULL; \
		kept; \
	})

/* Memory: an allocation of 0 bytes is not a failure. */
#define GFP_KERNEL 0
#define kmalloc(bytes, flags) malloc((bytes) ? (bytes) : 1)
#define kzalloc(bytes, flags) calloc(1, (bytes) ? (bytes) : 1)
#define kcalloc(n, bytes, flags) calloc((n) ? (n) : 1, bytes)
#define kmalloc_array(n, bytes, flags) kcalloc(n, bytes, flags)
#define kfree(p) free((void *)(p))
#define kfree_sensitive(p) free((void *)(p))
DEFINE_FREE(kfree, void *, if (!IS_ERR_OR_NULL(_T)) kfree(_T))
DEFINE_FREE(kfree_sensitive, void *, if (!IS_ERR_OR_NULL(_T)) kfree(_T))

static inline void *kmemdup(const void *from, size_t bytes, gfp_t flags)
{
	void *copy = kmalloc(bytes, flags);

	return copy && bytes ? memcpy(copy, from, bytes) : copy;
}

static inline char *kstrndup(const char *s, size_t max, gfp_t flags)
{
	return strndup(s, max);
}

/* Text */
#define printk(...) ((void)0)
#define pr_err(...) ((void)0)
#define pr_err_ratelimited(...) ((void)0)
#define pr_warn(...) ((void)0)
#define pr_warn_ratelimited(...) ((void)0)
#define pr_notice(...) ((void)0)
#define pr_info(...) ((void)0)
#define pr_debug(...) ((void)0)
#define pr_devel(...) ((void)0)
#define panic(...) abort()
#define seq_printf(...) ((void)0)
#define seq_puts(...) ((void)0)
#define seq_putc(...) ((void)0)
char *bin2hex(char *to, const void *from, size_t bytes);
int hex2bin(u8 *to, const char *from, size_t bytes);
int match_string(const char *const *array, size_t n, const char *string);
#define strscpy(to, from, room) \
	((size_t)snprintf(to, room, "%s", from) >= (size_t)(room) ? -E2BIG : (int)strlen(to))

/* Numbers */
#define cpu_to_be64(x) htobe64(x)
#define be32_to_cpu(x) be32toh(x)
#define be64_to_cpu(x) be64toh(x)
#define swab64(x) bswap_64(x)
#define __swab64(x) bswap_64(x)
#define count_leading_zeros(x) ((x) ? __builtin_clzl(x) : 64)
#define count_trailing_zeros(x) ((x) ? __builtin_ctzl(x) : 64)
#define fls_long(x) ((x) ? 64 - __builtin_clzl(x) : 0)
#define get_unaligned_be64(p) \
	({ \
		u64 x; \
		memcpy(&x, p, sizeof(x)); \
		be64toh(x); \
	})
#define get_unaligned_le64(p) \
	({ \
		u64 x; \
		memcpy(&x, p, sizeof(x)); \
		le64toh(x); \
	})
#define crypto_memneq(a, b, bytes) (memcmp(a, b, bytes) != 0)
#define get_random_bytes(p, bytes) abort()
#define crypto_get_default_rng() (-ENOSYS)
#define crypto_put_default_rng() abort()
#define crypto_rng_get_bytes(rng, p, bytes) (-ENOSYS)
#define fips_enabled 0
#define test_bit(nr, word) ((*(word) >> (nr)) & 1)
#define __test_and_set_bit(nr, word) \
	({ \
		bool was = test_bit(nr, word); \
		*(word) |= 1UL << (nr); \
		was; \
	})
time64_t mktime64(const unsigned int year, const unsigned int month, const unsigned int day,
		  const unsigned int hour, const unsigned int minute, const unsigned int second);

/* Modules, and what runs at boot: the shim calls it by name. */
struct module;
#define THIS_MODULE NULL
#define EXPORT_SYMBOL(x) struct module
#define EXPORT_SYMBOL_GPL(x) struct module
#define MODULE_LICENSE(x) struct module
#define MODULE_AUTHOR(x) struct module
#define MODULE_DESCRIPTION(x) struct module
#define MODULE_ALIAS(x) struct module
#define MODULE_INFO(tag, x) struct module
#define module_param(...) struct module
#define __module_get(m) ((void)0)
#define module_put(m) ((void)0)
#define at_boot(name) \
	int shim_##name(void); \
	int shim_##name(void) \
	{ \
		return name(); \
	}
#define module_init(name) at_boot(name)
#define device_initcall(name) at_boot(name)
#define late_initcall(name) at_boot(name)
#define subsys_initcall(name) at_boot(name)
#define module_exit(name) \
	void shim_##name(void); \
	void shim_##name(void) \
	{ \
		name(); \
	}

/* Locks and waiting: there is one thread. */
struct rw_semaphore { int unused; };
struct completion { int unused; };
struct work_struct { int unused; };
struct lock_class_key { int unused; };
struct ratelimit_state;
struct seq_file;
struct cred;
struct notifier_block;
struct sk_buff;
#define DECLARE_RWSEM(name) struct rw_semaphore name
#define down_read(s) ((void)(s))
#define up_read(s) ((void)(s))
#define down_write(s) ((void)(s))
#define up_write(s) ((void)(s))
#define init_completion(c) ((void)(c))
#define reinit_completion(c) ((void)(c))
#define wait_for_completion(c) abort()

/* Lists */
struct list_head { struct list_head *next, *prev; };
struct hlist_node { struct hlist_node *next, **pprev; };
struct hlist_head { struct hlist_node *first; };
#define LIST_HEAD(name) struct list_head name = { &(name), &(name) }

static inline void list_add_tail(struct list_head *entry, struct list_head *head)
{
	entry->prev = head->prev;
	entry->next = head;
	head->prev->next = entry;
	head->prev = entry;
}

static inline void list_del(struct list_head *entry)
{
	entry->prev->next = entry->next;
	entry->next->prev = entry->prev;
}

#define list_for_each_entry(p, head, member) \
	for (p = container_of((head)->next, __typeof__(*p), member); &p->member != (head); \
	     p = container_of(p->member.next, __typeof__(*p), member))

/* Scatter lists of one buffer, lib/scatterlist.c */
struct scatterlist {
	void *addr;
	unsigned int length;
};
struct sg_mapping_iter {
	struct scatterlist *sg;
	size_t at;
	void *addr;
	size_t length;
	size_t consumed;
};
#define SG_MITER_ATOMIC 0
#define SG_MITER_TO_SG 0
#define SG_MITER_FROM_SG 0
#define sg_nents_for_len(sg, bytes) ((bytes) <= (sg)->length ? 1 : -EINVAL)
#define sg_init_one(sg, p, bytes) (*(sg) = (struct scatterlist){ p, bytes })
#define sg_init_table(sg, n) abort()
#define sg_set_buf(sg, p, bytes) abort()
#define sg_copy_to_buffer(...) abort()
#define sg_miter_start(m, list, n, flags) (*(m) = (struct sg_mapping_iter){ .sg = (list) })
void sg_miter_stop(struct sg_mapping_iter *m);
bool sg_miter_next(struct sg_mapping_iter *m);

/* Keys: struct key and keyrings are the shim's own; permissions are not asked for in the kernel. */
#define CONFIG_KEYS 1
typedef s64 key_serial_t;
typedef u32 key_perm_t;
typedef struct key *key_ref_t;
struct key_type;
struct key_preparsed_payload;
struct key_restriction;
union key_payload {
	void *data[4];
};
struct key {
	struct key_type *type;
	char *description;
	union key_payload payload;
	unsigned long flags;
	key_perm_t perm;
	struct key *next; /* of a keyring: its first key; of a key: the next one in the ring */
	struct key_restriction *restriction; /* of a keyring: kept, nobody asks it */
};
typedef int (*key_restrict_link_func_t)(struct key *ring, const struct key_type *type,
					const union key_payload *payload, struct key *restriction);
struct key_restriction {
	key_restrict_link_func_t check;
	struct key *key;
	struct key_type *keytype;
};
#define KEY_FLAG_BUILTIN 0
#define KEY_FLAG_KEEP 1
#define KEY_ALLOC_NOT_IN_QUOTA 0
#define KEY_ALLOC_BUILT_IN 1
#define KEY_ALLOC_SET_KEEP 0
#define KEY_ALLOC_BYPASS_RESTRICTION 0
#define KEY_POS_ALL 0
#define KEY_POS_SETATTR 0
#define KEY_POS_WRITE 0
#define KEY_POS_SEARCH 0
#define KEY_POS_VIEW 0
#define KEY_POS_READ 0
#define KEY_USR_VIEW 0
#define KEY_USR_READ 0
#define KEY_USR_SEARCH 0
#define KEY_USR_WRITE 0
#define GLOBAL_ROOT_UID 0
#define GLOBAL_ROOT_GID 0
#define current_cred() NULL
#define make_key_ref(key, possessed) ((key_ref_t)(key))
#define key_ref_to_ptr(ref) (ref)
#define key_put(key) ((void)(key))
#define key_ref_put(key) ((void)(key))
#define key_serial(key) 0
#define key_link(ring, key) 0
#define key_lookup(serial) ((struct key *)ERR_PTR(-ENOKEY))
#define kstrtos32(text, base, number) (-EINVAL)
#define user_read NULL
struct key *keyring_alloc(const char *name, int uid, int gid, const void *cred, key_perm_t perm,
			  unsigned long flags, struct key_restriction *restriction,
			  struct key *dest);
key_ref_t keyring_search(key_ref_t ring, struct key_type *type, const char *description,
			 bool recurse);
key_ref_t key_create(key_ref_t ring, const char *type, const char *description, const void *payload,
		     size_t bytes, key_perm_t perm, unsigned long flags);
key_ref_t key_create_or_update(key_ref_t ring, const char *type, const char *description,
			       const void *payload, size_t bytes, key_perm_t perm,
			       unsigned long flags);

/* Digests by OpenSSL. */
#define HASH_MAX_DIGESTSIZE 64
#define SHA512_DIGEST_SIZE 64
struct crypto_shash;
struct shash_desc {
	struct crypto_shash *tfm;
};
struct crypto_shash *crypto_alloc_shash(const char *name, u32 type, u32 mask);
#define crypto_free_shash(tfm) ((void)(tfm))
#define crypto_shash_descsize(tfm) 0
unsigned int crypto_shash_digestsize(struct crypto_shash *tfm);
int crypto_shash_digest(struct shash_desc *desc, const u8 *data, unsigned int bytes, u8 *digest);
/* The digest over signed attributes comes to pass for no module. */
#define crypto_shash_init(desc) (-ENOSYS)
#define crypto_shash_update(desc, data, bytes) (-ENOSYS)
#define crypto_shash_finup(desc, data, bytes, digest) (-ENOSYS)

/* Of the crypto API, what is not in the files themselves. */
struct rtattr;
#define NUMA_NO_NODE (-1)
#define ARCH_KMALLOC_MINALIGN 16
struct crypto_alg;
struct crypto_type;
unsigned int crypto_alg_extsize(struct crypto_alg *alg);
#define nla_put(...) (-ENOSYS)

/* kernel/module */
#define MODULE_INIT_IGNORE_MODVERSIONS 1
#define MODULE_INIT_IGNORE_VERMAGIC 2
#define LOCKDOWN_MODULE_SIGNATURE 1
struct load_info {
	const void *hdr;
	unsigned long len;
	bool sig_ok;
};
#ifdef SHIM_REMEMBER
/* One look at a signature serves all states that the kernel may be in. */
#define verify_pkcs7_signature shim_verify_once
#endif
int security_locked_down(int what);
int module_sig_check(struct load_info *info, int flags);
int mod_verify_sig(const void *mod, struct load_info *info);

/* What the fork's patches take from the configuration can change from input to input here. */
#define CONFIG_MODULE_SIG 1
#define CONFIG_SYSTEM_TRUSTED_KEYRING 1
#define CONFIG_SYSTEM_BLACKLIST_KEYRING 1
#define CONFIG_SYSTEM_DATA_VERIFICATION 1
#define CONFIG_SYSTEM_REVOCATION_LIST 1
#define CONFIG_MODULE_SIG_MIN_DIGEST_BITS ((int)kernel_side_config.min_digest_bits)
#define CONFIG_MODULE_SIG_MIN_RSA_BITS ((int)kernel_side_config.min_rsa_bits)
#define CONFIG_SYSTEM_BLACKLIST_HASH_LIST ""

#endif
