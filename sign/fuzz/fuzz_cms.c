// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: the signature of a module or image that `kseal module|pe verify` judges,
 * and a certificate that came with it.
 *
 * Valid input (the frame is ours, the parts are of the real tools):
 *   le16 n, n bytes of certificate in DER | le16 m, m bytes of content | CMS in DER
 * With m of 0 the CMS is an Authenticode signature, which holds its content.
 *
 * Laws: a signature that verifies does not verify over a changed content, nor without a trusted
 * certificate, nor with a byte behind it (zeros are the padding of a WIN_CERTIFICATE).
 */
#include <errno.h>
#include <openssl/err.h>
#include <string.h>

#include "crypto/cms.h"
#include "fuzz/fuzz.h"

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
	u8 flipped;

	KS_LAW(verify(cms, content, &nobody));
	ks_put(&longer, cms);
	ks_put_u8(&longer, 1);
	KS_LAW(verify(ks_buf_span(&longer), content, trust));
	if (!content.bytes)
		return;
	flipped = content.p[content.bytes / 2] ^ 1;
	ks_put(&changed, content);
	ks_buf_patch(&changed, content.bytes / 2, (struct ks_span){ &flipped, 1 });
	KS_LAW(!ks_buf_ok(&changed, NULL) && verify(cms, ks_buf_span(&changed), trust));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	__cleanup(ks_certs_done) struct ks_certs trust = { 0 };
	__cleanup(ks_cert_done) struct ks_cert cert = { 0 };
	struct ks_span der, content, cms;
	struct ks_cursor c;

	ks_cursor_init(&c, (struct ks_span){ data, size }, 0);
	der = ks_get_bytes(&c, ks_get_le16(&c));
	content = ks_get_bytes(&c, ks_get_le16(&c));
	cms = ks_get_bytes(&c, ks_cursor_left(&c));
	if (c.bad)
		return 0;
	if (!ks_cert_parse(der, &cert, NULL))
		KS_LAW(!ks_certs_push(&trust, &cert, NULL));
	if (!verify(cms, content, &trust))
		check_laws(cms, content, &trust);
	ERR_clear_error();
	return 0;
}
