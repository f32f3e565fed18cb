/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_BASE_TYPES_H
#define KS_BASE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define KS_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* An ignored error does not compile. */
#define __must_check __attribute__((warn_unused_result))

/* Owners free with one family of ks_<type>_done(), so that an early return cannot leak. */
#define __cleanup(fn) __attribute__((cleanup(fn)))

#endif
