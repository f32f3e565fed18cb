/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Two keyrings compared: which certificates came, which went, which are trusted for something else now.
 */
#ifndef KS_OPS_KEYRING_DIFF_H
#define KS_OPS_KEYRING_DIFF_H

#include "ops/keyring.h"

enum ks_keyring_change {
	KS_KEYRING_GONE,
	KS_KEYRING_NEW,
	KS_KEYRING_CHANGED, /* same certificate, other purposes */
	KS_KEYRING_SAME,
};

/** ks_keyring_change_name() - "gone", "new", "changed", "same" */
const char *ks_keyring_change_name(enum ks_keyring_change change);

/**
 * struct ks_keyring_delta - one certificate
 * @old, @new: borrowed; NULL on the side that does not have it
 * @old_purposes, @new_purposes: those that are compared
 */
struct ks_keyring_delta {
	enum ks_keyring_change change;
	const struct ks_keyring_entry *old;
	const struct ks_keyring_entry *new;
	unsigned int old_purposes;
	unsigned int new_purposes;
};

/** struct ks_keyring_deltas - zero-initialised is empty */
struct ks_keyring_deltas {
	struct ks_keyring_delta *delta;
	size_t nr_deltas;
	size_t nr[KS_KEYRING_SAME + 1];
};

/**
 * ks_keyring_diff() - compare by the bytes of the certificates, and by what both sides say of purposes
 * @ret_deltas: borrows from both; those of @from in its order, then what is new; ks_keyring_deltas_done()
 *
 * Where each side says something of purposes, only those are compared of which both speak, and a
 * certificate for none of them is left out: against a kernel, a manifest's certificates for firmware.
 *
 * Return: 0; -ENOMEM.
 */
int __must_check ks_keyring_diff(const struct ks_keyring *from, const struct ks_keyring *to,
				 struct ks_keyring_deltas *ret_deltas, struct ks_diag *diag);

/** ks_keyring_deltas_done() - accepts an empty one */
void ks_keyring_deltas_done(struct ks_keyring_deltas *deltas);

#endif
