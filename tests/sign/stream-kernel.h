/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * As much of a kernel as lib/xz, lib/zlib_inflate and kernel/module/decompress.c ask for.
 */
#ifndef STREAM_KERNEL_H
#define STREAM_KERNEL_H

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

typedef uint8_t u8;
typedef uint32_t u32;

/* What lib/xz/Kconfig has on. */
#define XZ_INTERNAL_CRC32 1
#define XZ_DEC_X86
#define XZ_DEC_POWERPC
#define XZ_DEC_ARM
#define XZ_DEC_ARMTHUMB
#define XZ_DEC_ARM64
#define XZ_DEC_SPARC
#define XZ_DEC_RISCV

#define IS_ENABLED(config) 0
#define GFP_KERNEL 0
#define PAGE_SIZE 4096
#define EXPORT_SYMBOL(name)
#define __always_inline inline __attribute__((always_inline))
#define fallthrough __attribute__((__fallthrough__))
#define pr_err(...) do { } while (0)
#define IS_ERR(p) ((void)(p), false)
#define PTR_ERR(p) ((void)(p), 0)
#define kmalloc(bytes, flags) malloc(bytes)
#define kvmalloc(bytes, flags) malloc(bytes)
#define vmalloc(bytes) malloc(bytes)
#define kfree free
#define kvfree free
#define vfree free
#define min(a, b) ((a) < (b) ? (a) : (b))
#define min_t(type, a, b) ((type)(a) < (type)(b) ? (type)(a) : (type)(b))
#define memeq(a, b, bytes) (memcmp(a, b, bytes) == 0)
#define memzero(p, bytes) memset(p, 0, bytes)

static inline uint32_t get_unaligned_le32(const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

static inline uint32_t get_unaligned_be32(const void *p)
{
	return __builtin_bswap32(get_unaligned_le32(p));
}

static inline uint16_t get_unaligned_le16(const void *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return le16toh(v);
}

static inline void put_unaligned_le32(uint32_t v, void *p)
{
	v = htole32(v);
	memcpy(p, &v, sizeof(v));
}

static inline void put_unaligned_be32(uint32_t v, void *p)
{
	put_unaligned_le32(__builtin_bswap32(v), p);
}

static inline void put_unaligned_le16(uint16_t v, void *p)
{
	v = htole16(v);
	memcpy(p, &v, sizeof(v));
}

#define get_unaligned(p) (*(p))
#define get_le32 get_unaligned_le32

#endif
