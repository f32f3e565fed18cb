// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: the signature of an image that `kseal pe verify` judges, with the certificate
 * that is trusted, or that of a module that `kseal module show` reads (fuzz_rules.c judges it).
 *
 * Valid input: the frame of frame.h around what sign-file, openssl cms, sbsign, pesign and
 * osslsigncode make.
 *
 * Laws: a signature that verifies does not verify without a trusted certificate; one that can be shown
 * has a signer, and cannot be shown with a byte behind it (firmware does not look there).
 */
#include <openssl/err.h>

#include "crypto/cms.h"
#include "fuzz/frame.h"

static void check_module(struct ks_span cms)
{
	__cleanup(ks_buf_done) struct ks_buf longer = { 0 };
	struct ks_cms_info info = { 0 };

	if (ks_cms_module_info(cms, &info, NULL))
		return;
	KS_LAW(info.nr_signers);
	ks_put(&longer, cms);
	ks_put_u8(&longer, 1);
	KS_LAW(ks_cms_module_info(ks_buf_span(&longer), &info, NULL));
}

static int verify(struct ks_span cms, const struct ks_certs *trust)
{
	int rc = ks_cms_verify_authcode(cms, trust, NULL, NULL);

	ERR_clear_error();
	return rc;
}

static void check_image(struct ks_span cms, const struct ks_certs *trust)
{
	const struct ks_certs nobody = { 0 };

	if (!verify(cms, trust))
		KS_LAW(verify(cms, &nobody));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	__cleanup(ks_certs_done) struct ks_certs trust = { 0 };
	__cleanup(ks_cert_done) struct ks_cert cert = { 0 };
	struct ks_fuzz_frame f;

	if (!ks_fuzz_frame(data, size, &f))
		return 0;
	if (!ks_cert_parse(f.cert, &cert, NULL))
		KS_LAW(!ks_certs_push(&trust, &cert, NULL));
	if (f.content.bytes)
		check_module(f.cms);
	else
		check_image(f.cms, &trust);
	ERR_clear_error();
	return 0;
}
