/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is wrong with the certificates of a keyring, or will be on a date.
 */
#ifndef KS_OPS_KEYRING_AUDIT_H
#define KS_OPS_KEYRING_AUDIT_H

#include "crypto/cert_traits.h"
#include "ops/keyring.h"

/**
 * struct ks_keyring_finding - one of a certificate
 * @entry: index of the certificate
 * @rule: static name, "expired"
 * @fatal: nobody should trust it, or nobody can; else advice
 * @what: static text: what it means and what to do
 * @detail: which one, "" if that is clear
 */
struct ks_keyring_finding {
	size_t entry;
	const char *rule;
	bool fatal;
	const char *what;
	char detail[96];
};

/** struct ks_keyring_audit - zero-initialised is empty; ks_keyring_audit_done() */
struct ks_keyring_audit {
	struct ks_keyring_finding *finding;
	size_t nr_findings;
	size_t nr_fatal;
};

/**
 * ks_keyring_audit() - judge the certificates of one file, as they are on a date
 * @keyring: loaded with @keep_twice set
 * @at: seconds since the epoch
 * @ret_audit: by certificate, in the order of @keyring
 * Return: 0, whatever was found; -ENOMEM.
 */
int __must_check ks_keyring_audit(const struct ks_keyring *keyring, u64 at,
				  struct ks_keyring_audit *ret_audit, struct ks_diag *diag);

void ks_keyring_audit_done(struct ks_keyring_audit *audit);

#endif
