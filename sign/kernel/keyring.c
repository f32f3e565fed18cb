// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Keyrings as Linux 6.18 fills them: x509_key_preparse() of crypto/asymmetric_keys/x509_public_key.c
 * and key_create_or_update().
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/objects.h>
#include <openssl/x509.h>

#include "base/limits.h"
#include "fmt/certlist.h"
#include "kernel/keyring.h"

/* The kernel's list loader wants a DER of this size at least: shorter ones have another header. */
#define KERNEL_MIN_DER_BYTES 256U

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

bool ks_kernel_cannot_tell(int rc)
{
	return rc == -ENOMEM || rc == -EOPNOTSUPP || rc == -EIO;
}

static int load_key(const struct ks_kernel *kernel, struct ks_span der, struct ks_kring_key *key,
		struct ks_diag *diag)
{
	int rc;

	ks_put(&key->der, der);
	rc = ks_buf_ok(&key->der, diag);
	if (rc)
		return rc;
	rc = ks_kx509_parse(&kernel->crypto, &kernel->revoked_tbs, ks_buf_span(&key->der),
			    &key->cert);
	if (ks_kernel_cannot_tell(rc))
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
	rc = load_key(kernel, der, &key, diag);
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

int ks_kernel_add_list(struct ks_kernel *kernel, struct ks_kring *ring, struct ks_span list,
		       struct ks_diag *diag)
{
	struct ks_span der;
	int more = 0, rc = 0;

	while (!rc && (more = ks_certlist_next(&list, &der)) > 0)
		rc = ks_kring_add(kernel, ring, der, diag);
	if (more < 0)
		kernel->list_cut_short = true;
	return rc;
}

/* A mainline kernel with every digest: what it drops, no other loads. */
static int check_loads(const struct ks_cert *cert, struct ks_span der, struct ks_diag *diag)
{
	struct ks_kcrypto crypto = { 0 };
	struct ks_kx509 parsed;
	char what[160];
	int rc;

	ks_kcrypto_set_mainline(&crypto);
	ks_kcrypto_init(&crypto);
	rc = ks_kx509_parse(&crypto, NULL, der, &parsed);
	ks_kx509_done(&parsed);
	ks_kcrypto_done(&crypto);
	if (!rc)
		return 0;
	if (rc == -ENOMEM)
		return ks_fail(diag, rc, KS_NO_OFF, "out of memory");
	if (rc == -ENOPKG)
		return ks_fail_detail(diag, -EOPNOTSUPP,
				      "Linux 6.18 does not load a certificate signed with",
				      OBJ_nid2sn(X509_get_signature_nid(cert->x509)));
	snprintf(what, sizeof(what), "its %s", parsed.objection ? parsed.objection : "form");
	/* With its own identifier all of it was read, and its signature by itself remained. */
	return ks_fail_detail(diag, parsed.id.set ? -EKEYREJECTED : -EOPNOTSUPP,
			      "the kernel drops this certificate when it boots, make it anew", what);
}

/*
 * The list of built-in certificates is walked by headers before any of them is read, so one of another
 * form costs those behind it as well: asked first, and said.
 */
static int check_list(struct ks_span der, struct ks_diag *diag)
{
	struct ks_span head;

	/* DER of 256 bytes with its header is "30 81 fd": the kernel wants "30 82". */
	if (der.bytes < KERNEL_MIN_DER_BYTES + 4)
		return ks_fail_detail(
			diag, -EOPNOTSUPP,
			"the kernel would drop this and every later certificate, make it "
			"longer",
			"DER is shorter than 260 bytes");
	if (!ks_span_sub(der, 0, 2, &head) || head.p[0] != 0x30 || head.p[1] != 0x82)
		return ks_fail(diag, -EOPNOTSUPP, KS_NO_OFF,
			       "the kernel's list takes certificates of at most 64 KiB");
	return 0;
}

int ks_cert_check_embed(const struct ks_cert *cert, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf der = { 0 };

	return ks_cert_check_key(cert, diag) ?: ks_cert_der(cert, &der, diag) ?:
	       check_list(ks_buf_span(&der), diag) ?: check_loads(cert, ks_buf_span(&der), diag);
}
