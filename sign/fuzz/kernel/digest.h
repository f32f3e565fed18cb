/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Digests for the kernel's side; apart, since OpenSSL's headers and the kernel's do not go together. */
#ifndef KERNEL_SHIM_DIGEST_H
#define KERNEL_SHIM_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** shim_digest_find() - by the kernel's name; NULL if its bit in @have is not set */
const void *shim_digest_find(const char *name, unsigned int have);

unsigned int shim_digest_bytes(const void *digest);
bool shim_digest(const void *digest, const uint8_t *data, size_t bytes, uint8_t *value);

#endif
