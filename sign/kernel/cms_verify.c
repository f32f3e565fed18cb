// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pkcs7_verify() of Linux 6.18 for modules: is the message consistent in itself?
 */
#include <errno.h>

#include "kernel/cms_internal.h"

/* Patch "module: refuse signatures made with a weak digest" of this fork. */
static int check_min_digest(const struct ks_kernel *kernel, const struct ks_kcms *cms,
			    struct ks_kernel_log *log)
{
	size_t i;

	for (i = 0; i < cms->nr_signers; i++) {
		const struct ks_kcms_signer *signer = &cms->signer[i];
		unsigned int bits = ks_kdigest_bits(signer->sig.digest_id);

		if (bits >= kernel->min_digest_bits)
			continue;
		ks_kernel_log_set(log,
			      "PKCS7: Sig %u: %s digest (%u bits) is weaker than the %u bits required "
			      "of module signatures",
			      signer->idx, ks_kdigest_name(signer->sig.digest_id), bits,
			      kernel->min_digest_bits);
		log->why = "digest of the signature is too weak for this kernel";
		return -EKEYREJECTED;
	}
	return 0;
}

static bool rsa_key_too_short(const struct ks_kernel *kernel, const struct ks_ksig *sig,
			      const char *what, size_t idx, struct ks_kernel_log *log)
{
	size_t bits = 8 * sig->s.bytes;

	if (sig->kind != KS_KSIG_RSA || bits >= kernel->min_rsa_bits)
		return false;
	ks_kernel_log_set(log,
		      "PKCS7: %s %zu: RSA key of %zu bits is shorter than the %u bits required of "
		      "module signatures",
		      what, idx, bits, kernel->min_rsa_bits);
	log->why = "RSA key that signed is too short for this kernel";
	return true;
}

/* Patch "module: refuse signatures made with a short RSA key" of this fork. */
static int check_min_rsa(const struct ks_kernel *kernel, const struct ks_kcms *cms,
			 struct ks_kernel_log *log)
{
	size_t i;

	for (i = 0; i < cms->nr_signers; i++)
		if (rsa_key_too_short(kernel, &cms->signer[i].sig, "Sig", cms->signer[i].idx, log))
			return -EKEYREJECTED;
	for (i = 0; i < cms->nr_certs; i++)
		if (rsa_key_too_short(kernel, &cms->cert[i].sig, "Signer of cert", i + 1, log))
			return -EKEYREJECTED;
	return 0;
}

/* A certificate whose chain has a revoked one is revoked too. */
static void mark_blacklisted(struct ks_kcms_signer *signer, const struct ks_kx509 *revoked)
{
	struct ks_kx509 *cert;

	signer->blacklisted = true;
	for (cert = signer->cert; cert != revoked; cert = cert->signer)
		cert->blacklisted = true;
}

/**
 * find_issuer() - the certificate of the message that says it signed @cert
 * Return: 0 with @ret_issuer, NULL if it is not there; -EKEYREJECTED if its key identifier differs.
 */
static int find_issuer(struct ks_kcms *cms, const struct ks_kcms_signer *signer,
		       const struct ks_kx509 *cert, struct ks_kx509 **ret_issuer,
		       struct ks_kernel_log *log)
{
	const struct ks_kid *by_name = &cert->auth_id[0], *by_key = &cert->auth_id[1];
	struct ks_kx509 *issuer;
	size_t i;

	*ret_issuer = NULL;
	for (i = 0; i < cms->nr_certs; i++) {
		issuer = &cms->cert[i];
		if (by_name->set ? !ks_kid_same(&issuer->id, by_name) :
				   !ks_kid_same(&issuer->skid, by_key))
			continue;
		if (by_name->set && by_key->set && !ks_kid_same(&issuer->skid, by_key)) {
			ks_kernel_log_set(log, "PKCS7: Sig %u: X.509 chain contains auth-skid nonmatch",
				      signer->idx);
			return -EKEYREJECTED;
		}
		*ret_issuer = issuer;
		return 0;
	}
	return 0;
}

/* pkcs7_verify_sig_chain() */
static int verify_chain(const struct ks_kernel *kernel, struct ks_kcms *cms,
			struct ks_kcms_signer *signer, struct ks_kernel_log *log)
{
	struct ks_kx509 *cert = signer->cert, *issuer;
	size_t i;
	int rc;

	for (i = 0; i < cms->nr_certs; i++)
		cms->cert[i].seen = false;
	for (;;) {
		cert->seen = true;
		if (cert->blacklisted) {
			mark_blacklisted(signer, cert);
			return 0;
		}
		if (cert->self_signed) {
			if (!cert->unsupported_sig)
				cert->signer = cert;
			return 0;
		}
		rc = find_issuer(cms, signer, cert, &issuer, log);
		if (rc || !issuer)
			return rc;
		if (issuer->seen) {
			ks_kernel_log_set(log, "PKCS7: Sig %u: X.509 chain contains loop", signer->idx);
			return 0;
		}
		/* Another signer may have the same chain; what was wrong has ended there. */
		rc = cert->signer == issuer ? 0 : ks_kpub_verify(&kernel->crypto, &issuer->pub, &cert->sig);
		if (rc)
			return rc;
		cert->signer = issuer;
		cert = issuer;
	}
}

/* The content is large, and there may be hundreds of signers: each digest is computed once. */
static int digest_content(const struct ks_kernel *kernel, const struct ks_kcms *cms,
			  struct ks_kcms_signer *signer, struct ks_span content)
{
	const struct ks_kcms_signer *before;

	for (before = cms->signer; before != signer; before++)
		if (before->sig.digest_id == signer->sig.digest_id && before->sig.digest.bytes) {
			signer->sig.digest = before->sig.digest;
			return 0;
		}
	return ks_kcrypto_digest(&kernel->crypto, signer->sig.digest_id, content,
				 &signer->sig.digest);
}

/* pkcs7_verify_one() */
static int verify_one(const struct ks_kernel *kernel, struct ks_kcms *cms,
		      struct ks_kcms_signer *signer, struct ks_span content, struct ks_kernel_log *log)
{
	size_t i;
	int rc = digest_content(kernel, cms, signer, content);

	if (rc)
		return rc;
	for (i = 0; i < cms->nr_certs && !signer->cert; i++)
		if (ks_kid_same(&cms->cert[i].id, &signer->id))
			signer->cert = &cms->cert[i];
	if (!signer->cert)
		return 0;
	if (signer->has_time && (signer->signing_time < signer->cert->valid_from ||
				 signer->signing_time > signer->cert->valid_to)) {
		ks_kernel_log_set(log, "PKCS7: Message signed outside of X.509 validity window");
		log->why = "signing time is outside of the certificate's validity";
		return -EKEYREJECTED;
	}
	rc = ks_kpub_verify(&kernel->crypto, &signer->cert->pub, &signer->sig);
	return rc ? rc : verify_chain(kernel, cms, signer, log);
}

int ks_kcms_verify(const struct ks_kernel *kernel, struct ks_kcms *cms, struct ks_span content,
		   struct ks_kernel_log *log)
{
	int result = -ENOPKG, rc;
	size_t i;

	if (cms->data_type != KS_KOID_DATA) {
		ks_kernel_log_set(log, "PKCS7: Invalid module sig (not pkcs7-data)");
		return -EKEYREJECTED;
	}
	if (cms->nr_signers && cms->signer[0].has_attrs) {
		ks_kernel_log_set(log, "PKCS7: Invalid module sig (has authattrs)");
		log->why = "signature has signed attributes";
		return -EKEYREJECTED;
	}
	rc = check_min_digest(kernel, cms, log);
	if (!rc)
		rc = check_min_rsa(kernel, cms, log);
	if (rc)
		return rc;
	for (i = 0; i < cms->nr_signers; i++) {
		struct ks_kcms_signer *signer = &cms->signer[i];

		rc = verify_one(kernel, cms, signer, content, log);
		if (signer->blacklisted) {
			if (result == -ENOPKG)
				result = -EKEYREJECTED;
			log->why = "signer's certificate is revoked by its hash";
		} else if (rc == -ENOPKG) {
			signer->unsupported = true;
		} else if (rc) {
			return rc;
		} else {
			result = 0;
		}
	}
	return result;
}
