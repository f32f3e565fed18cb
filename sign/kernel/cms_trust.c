// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pkcs7_validate_trust() of Linux 6.18, and verify_pkcs7_signature() around it.
 */
#include <errno.h>

#include "kernel/cms_internal.h"

/* Does the key answer to the identifier? One of its two has to be the same. */
static bool answers_to(const struct ks_kring_key *key, const struct ks_kid *id)
{
	return !key->err && (ks_kid_same(&key->cert.id, id) || ks_kid_same(&key->cert.skid, id));
}

/**
 * find_key() - as find_asymmetric_key(): by the first identifier that is set
 *
 * Return: 0; -ENOKEY; -EKEYREJECTED if the second identifier is set and differs; -EINVAL for an
 * empty one; -EOPNOTSUPP if two keys answer that differ in what follows, where the kernel takes any.
 */
static int find_key(const struct ks_kring *ring, const struct ks_kid *first,
		    const struct ks_kid *second, const struct ks_kring_key **ret_key)
{
	const struct ks_kid *id = first->set ? first : second;
	const struct ks_kring_key *found = NULL, *key;
	bool both = first->set && second->set, good = true, same;
	size_t i;

	if (!id->first.bytes && !id->second.bytes)
		return -EINVAL;
	for (i = 0; i < ring->nr_keys; i++) {
		key = &ring->key[i];
		if (!answers_to(key, id))
			continue;
		same = !both || ks_kid_same(second, &key->cert.skid);
		if (found && (good != same || !ks_kpub_same(&found->cert.pub, &key->cert.pub)))
			return -EOPNOTSUPP;
		found = key;
		good = same;
	}
	if (!found)
		return -ENOKEY;
	if (!good)
		return -EKEYREJECTED;
	*ret_key = found;
	return 0;
}

/**
 * find_anchor() - the key of the ring that can vouch for the signer
 * @ret_cert: the certificate of the message that it vouches for; NULL if for the signature itself
 * @ret_sig: the signature that it must have made; NULL when a certificate is verified already
 *
 * Return: 0; -ENOKEY, -EKEYREJECTED, -EINVAL; -EOPNOTSUPP.
 */
static int find_anchor(const struct ks_kring *ring, struct ks_kcms_signer *signer,
		       const struct ks_kring_key **ret_key, struct ks_kx509 **ret_cert,
		       const struct ks_ksig **ret_sig)
{
	static const struct ks_kid none;
	struct ks_kx509 *cert, *last = NULL;
	int rc;

	*ret_sig = &signer->sig;
	for (cert = signer->cert; cert; cert = cert->signer) {
		*ret_cert = cert;
		if (cert->seen) {
			*ret_sig = NULL;
			return cert->verified ? 0 : -ENOKEY;
		}
		cert->seen = true;
		rc = find_key(ring, &cert->id, &cert->skid, ret_key);
		if (!rc || ks_kernel_cannot_tell(rc))
			return rc;
		if (cert->signer == cert)
			return -ENOKEY;
		last = cert;
		*ret_sig = &last->sig;
	}
	if (last && (last->auth_id[0].set || last->auth_id[1].set)) {
		*ret_cert = last;
		rc = find_key(ring, &last->auth_id[0], &last->auth_id[1], ret_key);
		if (rc != -ENOKEY)
			return rc;
	}
	*ret_cert = NULL;
	*ret_sig = &signer->sig;
	return find_key(ring, &signer->id, &none, ret_key);
}

/* pkcs7_validate_trust_one() */
static int trust_one(const struct ks_kernel *kernel, const struct ks_kring *ring,
		     struct ks_kcms_signer *signer)
{
	const struct ks_kring_key *key = NULL;
	const struct ks_ksig *sig = NULL;
	struct ks_kx509 *cert = NULL, *below;
	int rc;

	if (signer->unsupported)
		return -ENOPKG;
	rc = find_anchor(ring, signer, &key, &cert, &sig);
	if (rc)
		return rc;
	if (sig) {
		rc = ks_kpub_verify(&kernel->crypto, &key->cert.pub, sig);
		if (rc)
			return ks_kernel_cannot_tell(rc) ? rc : -EKEYREJECTED;
	}
	if (cert) {
		cert->verified = true;
		for (below = signer->cert; below != cert; below = below->signer)
			below->verified = true;
	}
	return 0;
}

int ks_kcms_trust(const struct ks_kernel *kernel, const struct ks_kring *ring, struct ks_kcms *cms)
{
	int result = -ENOKEY, rc;
	size_t i;

	for (i = 0; i < cms->nr_certs; i++)
		cms->cert[i].seen = false;
	for (i = 0; i < cms->nr_signers; i++) {
		rc = trust_one(kernel, ring, &cms->signer[i]);
		if (rc == -ENOPKG) {
			if (result == -ENOKEY)
				result = -ENOPKG;
		} else if (!rc) {
			result = 0;
		} else if (rc != -ENOKEY) {
			return rc;
		}
	}
	return result;
}

/* verify_pkcs7_message_sig() */
static int verify_message(const struct ks_kernel *kernel, struct ks_kcms *cms,
			  struct ks_span content, struct ks_kernel_log *log)
{
	int rc;

	if (cms->has_data) {
		ks_kernel_log_set(log, "PKCS#7 signature with non-detached data");
		return -EBADMSG;
	}
	rc = ks_kcms_verify(kernel, cms, content, log);
	if (rc)
		return rc;
	rc = ks_kcms_trust(kernel, &kernel->revoked, cms);
	if (ks_kernel_cannot_tell(rc))
		return rc;
	if (rc)
		return ks_kcms_trust(kernel, &kernel->trusted, cms);
	/* is_key_on_revocation_list() */
	log->why = "signer is revoked";
	return -EKEYREJECTED;
}

int ks_kernel_verify(const struct ks_kernel *kernel, struct ks_span content, struct ks_span cms_der,
		     struct ks_kernel_log *log)
{
	struct ks_kcms cms;
	int rc;

	*log = (struct ks_kernel_log){ 0 };
	rc = ks_kcms_parse(kernel, cms_der, &cms, log);
	if (!rc)
		rc = verify_message(kernel, &cms, content, log);
	ks_kcms_done(&cms);
	return rc;
}
