// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: the signature of a module or image that `kseal module|pe verify` judges,
 * and a certificate that came with it.
 *
 * Valid input: the frame of frame.h around what sign-file, openssl cms, sbsign, pesign and
 * osslsigncode make.
 *
 * Laws: a signature that verifies does not verify over a changed content, nor without a trusted
 * certificate, nor with a byte behind it (zeros are the padding of a WIN_CERTIFICATE).
 */
#include <errno.h>
#include <openssl/err.h>

#include "crypto/cms.h"
#include "fuzz/frame.h"

static int verify(struct ks_span cms, struct ks_span content, const struct ks_certs *trust)
{
	int rc = content.bytes ? ks_cms_verify_module(cms, content, trust, NULL) :
				 ks_cms_verify_authcode(cms, trust, NULL);

	ERR_clear_error();
	return rc;
}

static void check_laws(struct ks_span cms, struct ks_span content, const struct ks_certs *trust)
{
	__cleanup(ks_buf_done) struct ks_buf longer = { 0 }, changed = { 0 };
	const struct ks_certs nobody = { 0 };

	KS_LAW(verify(cms, content, &nobody));
	ks_put(&longer, cms);
	ks_put_u8(&longer, 1);
	KS_LAW(verify(ks_buf_span(&longer), content, trust));
	if (!content.bytes)
		return;
	ks_fuzz_flip(content, &changed);
	KS_LAW(verify(cms, ks_buf_span(&changed), trust));
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
	if (!verify(f.cms, f.content, &trust))
		check_laws(f.cms, f.content, &trust);
	ERR_clear_error();
	return 0;
}
