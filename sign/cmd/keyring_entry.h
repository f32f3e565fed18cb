/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_CMD_KEYRING_ENTRY_H
#define KS_CMD_KEYRING_ENTRY_H

#include "cmd/json.h"
#include "ops/keyring_diff.h"

/** ks_purposes_format() - "builtin,db", or "-" when nobody said what the certificate is for */
void ks_purposes_format(unsigned int purposes, char *text, size_t text_bytes);

/** ks_purposes_json() - an array of the words, under a key */
void ks_purposes_json(struct json_object *to, const char *key, unsigned int purposes);

/** ks_keyring_entry_print() - two lines on stdout, with @mark in front; the second has its SHA-256 */
void ks_keyring_entry_print(const char *mark, const struct ks_keyring_entry *entry,
			    unsigned int purposes);

/** ks_keyring_entry_json() - its label, and ks_cert_json() */
int __must_check ks_keyring_entry_json(struct json_object *to, const struct ks_keyring_entry *entry, u64 now,
				       struct ks_diag *diag);

/** ks_keyring_deltas_print() - a line for each on stdout, and one that counts them */
void ks_keyring_deltas_print(const struct ks_keyring_deltas *deltas);

/** ks_keyring_deltas_json() - the numbers, and an array of certificates */
int __must_check ks_keyring_deltas_json(struct json_object *to, const struct ks_keyring_deltas *deltas,
					struct ks_diag *diag);

#endif
