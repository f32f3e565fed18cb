// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/signer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/x509.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "crypto/chain.h"
#include "key/certs.h"
#include "key/secret.h"
#include "kernel/keyring.h"

/* PK and KEK are CAs that sign updates themselves, and firmware looks at no usage. */
int ks_cert_check_signer(const struct ks_cert *cert, const struct ks_key *key, unsigned int use, u64 now,
			 struct ks_diag *diag)
{
	return ks_cert_check_pair(cert, key, diag)
		       ?: ks_cert_check_time(cert, now, diag)
		       ?: ks_cert_check_embed(cert, diag)
		       ?: (use == KS_SIGN_UPDATE ? 0 : ks_cert_check_usage(cert, diag));
}

/* Signer's certificate and chain out of what a file or token had. */
static int split(const struct ks_certs *certs, struct ks_signer *signer, struct ks_diag *diag)
{
	return ks_cert_split_chain(certs, &signer->cert, &signer->chain, diag);
}

static int split_stack(STACK_OF(X509) *stack, struct ks_signer *signer, struct ks_diag *diag)
{
	__cleanup(ks_certs_done) struct ks_certs certs = { 0 };
	int rc = ks_certs_take(&certs, stack, diag);

	sk_X509_pop_free(stack, X509_free);
	return rc ? rc : split(&certs, signer, diag);
}

/* PKCS#12 has the private key in it, so the file must be as closed as a key's. */
static int load_p12(const struct ks_signer_opts *opts, struct ks_signer *signer, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf file = { 0 };
	STACK_OF(X509) *stack = NULL;
	int rc = ks_secret_load(opts->cert_path, KS_MAX_TEXT_BYTES, opts->pass, &file, diag);

	if (!rc)
		rc = ks_p12_certs(ks_buf_span(&file), opts->cert_path, opts->pass, &stack, diag);
	return rc ? rc : split_stack(stack, signer, diag);
}

static int load_file(const struct ks_signer_opts *opts, struct ks_signer *signer, struct ks_diag *diag)
{
	__cleanup(ks_certs_done) struct ks_certs certs = { 0 };
	__cleanup(ks_buf_done) struct ks_buf file = { 0 };
	struct ks_diag error = { 0 };
	int rc = ks_file_load(opts->cert_path, KS_MAX_TEXT_BYTES, &file, &error);

	if (rc == -ENOENT && strchr(opts->cert_path, ':'))
		return ks_fail(diag, rc, KS_NO_OFF,
			       "no such file with a certificate, and of URIs only pkcs11: names one");
	if (rc && diag && !diag->err)
		*diag = error;
	if (!rc && ks_p12_is(ks_buf_span(&file)))
		return load_p12(opts, signer, diag);
	if (!rc)
		rc = ks_certs_parse(ks_buf_span(&file), &certs, diag) ?: split(&certs, signer, diag);
	ks_diag_in(diag, opts->cert_path);
	return rc;
}

static bool is_with_key(const struct ks_signer_opts *opts)
{
	return !opts->cert_path || (opts->key_uri && !strcmp(opts->cert_path, opts->key_uri));
}

/*
 * What there is to know before anybody is asked for a PIN. A certificate that is not there yet is no
 * error while there is a key to open: it may be in its file, or a private object of its token.
 */
static int get_cert(const struct ks_signer_opts *opts, struct ks_signer *signer, struct ks_diag *diag)
{
	bool with_key = is_with_key(opts);
	const char *uri = with_key ? opts->key_uri : opts->cert_path;
	STACK_OF(X509) *stack = NULL;
	struct ks_diag error = { 0 };
	int rc;

	if (opts->cert)
		return ks_cert_share(opts->cert, &signer->cert, diag);
	if (!uri)
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "no certificate, give its file or pkcs11: URI");
	if (!ks_token_has(uri))
		return with_key ? 0 : load_file(opts, signer, diag);
	rc = ks_token_certs(uri, with_key, &stack, &error);
	if (!rc)
		return split_stack(stack, signer, diag);
	if (rc == -ENOKEY && opts->key_uri)
		return 0;
	if (diag && !diag->err)
		*diag = error;
	return rc;
}

static int get_cert_of_key(const struct ks_signer_opts *opts, struct ks_signer *signer,
			   struct ks_diag *diag)
{
	STACK_OF(X509) *stack = NULL;
	int rc = ks_key_certs(&signer->key, is_with_key(opts) ? NULL : opts->cert_path, &stack, diag);

	return rc ? rc : split_stack(stack, signer, diag);
}

static int check_use(const struct ks_cert *cert, unsigned int use, struct ks_diag *diag)
{
	const struct ks_sigalg *alg = ks_cert_alg(cert);

	if (!use || (alg && (alg->takes & use)))
		return 0;
	return ks_fail_detail(diag, -EOPNOTSUPP,
			      use & (KS_SIGN_PE | KS_SIGN_UPDATE) ?
				      "firmware does not verify this kind of key" :
				      "Linux 6.18 does not verify this kind of key",
			      alg ? alg->type : NULL);
}

/* Of what is signed here only images and updates of variables have a place for it. */
static int check_chain(const struct ks_signer *signer, unsigned int use, struct ks_diag *diag)
{
	if (!signer->chain.nr_certs || use & (KS_SIGN_PE | KS_SIGN_UPDATE))
		return 0;
	return ks_fail(diag, -EINVAL, KS_NO_OFF,
		       use == KS_SIGN_MODULE ? "a module's signature carries no chain, as the kernel has to "
					       "have the signer's certificate: give that one alone" :
					       "a PCR policy carries no chain: give the signer's certificate "
					       "alone");
}

/*
 * A certificate has to be valid now. SOURCE_DATE_EPOCH alone does not change that: build systems set it
 * in every build, and nobody would notice that a certificate has expired. Who rebuilds an old release
 * says so, and then the certificate has to have been valid when the signature says that it was made,
 * as the kernel asks of a signingTime.
 */
static int find_time(const struct ks_signer *signer, const struct ks_signer_opts *opts, u64 *ret_time,
		     struct ks_diag *diag)
{
	*ret_time = ks_clock_now();
	if (!opts->allow_expired || !ks_cert_check_time(&signer->cert, *ret_time, NULL))
		return 0;
	return ks_clock_build_time(ret_time, diag);
}

static int refuse_time(const struct ks_signer *signer, const struct ks_signer_opts *opts,
		       struct ks_diag *diag)
{
	char from[16], to[16], both[40];

	ks_cert_not_before(&signer->cert, from, sizeof(from));
	ks_cert_not_after(&signer->cert, to, sizeof(to));
	snprintf(both, sizeof(both), "%s to %s", from, to);
	return ks_fail_detail(diag, -EKEYEXPIRED,
			      opts->allow_expired ?
				      "--allow-expired wants a SOURCE_DATE_EPOCH at which the certificate was "
				      "valid" :
				      "certificate has expired or is not valid yet, replace it, or rebuild an "
				      "old release with --allow-expired and its SOURCE_DATE_EPOCH",
			      both);
}

static int check_all(const struct ks_signer *signer, const struct ks_signer_opts *opts,
		     struct ks_diag *diag)
{
	struct ks_diag reason = { 0 };
	u64 at = 0;
	int rc;

	if (!signer->cert.x509)
		return 0;
	rc = find_time(signer, opts, &at, diag);
	if (rc)
		return rc;
	rc = ks_cert_check_signer(&signer->cert, &signer->key, opts->use, at, &reason) ?:
	     check_use(&signer->cert, opts->use, &reason) ?: check_chain(signer, opts->use, &reason);
	if (rc == -EKEYEXPIRED)
		refuse_time(signer, opts, diag);
	else if (rc && diag && !diag->err)
		*diag = reason;
	/* URIs are not repeated: one may have a PIN in it. */
	if (rc && !opts->cert && opts->cert_path && !ks_token_has(opts->cert_path))
		ks_diag_in(diag, opts->cert_path);
	return rc;
}

int ks_signer_open(const struct ks_signer_opts *opts, struct ks_signer *ret_signer,
		   struct ks_diag *diag)
{
	struct ks_signer signer = { 0 };
	int rc;

	rc = ks_digest_alg_for(opts->hash, opts->use ? opts->use : KS_SIGN_PCR, &signer.md, diag);
	if (!rc)
		rc = get_cert(opts, &signer, diag);
	if (!rc)
		rc = check_all(&signer, opts, diag);
	/* Nobody is asked for a PIN on behalf of a certificate that may not sign. */
	if (!rc && opts->key_uri)
		rc = ks_key_open(opts->key_uri, opts->pass, &signer.key, diag);
	if (!rc && !signer.cert.x509)
		rc = get_cert_of_key(opts, &signer, diag);
	if (!rc)
		rc = check_all(&signer, opts, diag);
	if (!rc)
		rc = ks_signer_prepare(&signer, diag);
	if (rc) {
		ks_signer_close(&signer);
		return rc;
	}
	*ret_signer = signer;
	return 0;
}
