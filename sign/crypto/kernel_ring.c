// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Keyrings as Linux 6.18 fills them: x509_key_preparse() of crypto/asymmetric_keys/x509_public_key.c
 * and key_create_or_update().
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "crypto/kernel_cms.h"

static void key_done(struct ks_kring_key *key)
{
	ks_kx509_done(&key->cert);
	ks_buf_done(&key->der);
}

static void ring_done(struct ks_kring *ring)
{
	size_t i;

	for (i = 0; i < ring->nr_keys; i++)
		key_done(&ring->key[i]);
	free(ring->key);
	*ring = (struct ks_kring){ 0 };
}

void ks_kernel_done(struct ks_kernel *kernel)
{
	ring_done(&kernel->trusted);
	ring_done(&kernel->revoked);
	free(kernel->revoked_tbs.hash);
	kernel->revoked_tbs = (struct ks_khashes){ 0 };
	ks_kcrypto_done(&kernel->crypto);
}

/* What the kernel's description says in hex behind the subject. */
static struct ks_span identifier(const struct ks_kx509 *cert)
{
	return cert->skid.set ? cert->skid.first : cert->serial;
}

/* The text has room for the start of a long identifier, so it is not what is compared. */
static bool same_description(const struct ks_kring_key *a, const struct ks_kring_key *b)
{
	return !strcmp(a->cert.subject_text, b->cert.subject_text) &&
	       ks_span_eq(identifier(&a->cert), identifier(&b->cert));
}

static void describe(struct ks_kring_key *key)
{
	const struct ks_kx509 *cert = &key->cert;
	char hex[130];

	ks_hex(identifier(cert), hex, sizeof(hex));
	snprintf(key->text, sizeof(key->text), "%s: %s", cert->subject_text, hex);
}

/* Errors that are ours, not the kernel's. */
static bool is_own_error(int rc)
{
	return rc == -ENOMEM || rc == -EOPNOTSUPP || rc == -EIO;
}

static int load(const struct ks_kernel *kernel, struct ks_span der, struct ks_kring_key *key,
		struct ks_diag *diag)
{
	int rc;

	ks_put(&key->der, der);
	rc = ks_buf_ok(&key->der, diag);
	if (rc)
		return rc;
	rc = ks_kx509_parse(&kernel->crypto, &kernel->revoked_tbs, ks_buf_span(&key->der),
			    &key->cert);
	if (is_own_error(rc))
		return ks_fail(diag, rc, KS_NO_OFF,
			       "cannot tell whether the kernel loads this certificate");
	/* "Don't permit addition of blacklisted keys" */
	key->err = rc ? rc : key->cert.blacklisted ? -EKEYREJECTED : 0;
	if (!rc)
		describe(key);
	return 0;
}

int ks_kring_add(const struct ks_kernel *kernel, struct ks_kring *ring, struct ks_span der,
		 struct ks_diag *diag)
{
	struct ks_kring_key *grown, key = { 0 };
	size_t i;
	int rc;

	if (ring->nr_keys == KS_MAX_CERTS)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "too many certificates");
	grown = reallocarray(ring->key, ring->nr_keys + 1, sizeof(*grown));
	if (!grown)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	ring->key = grown;
	rc = load(kernel, der, &key, diag);
	if (rc) {
		key_done(&key);
		return rc;
	}
	for (i = 0; !key.err && i < ring->nr_keys; i++)
		if (!grown[i].err && same_description(&grown[i], &key))
			break;
	if (key.err || i == ring->nr_keys) {
		grown[ring->nr_keys++] = key;
	} else {
		key_done(&grown[i]);
		grown[i] = key;
	}
	return 0;
}
