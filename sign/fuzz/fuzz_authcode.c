// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: the certificate table of an image that `kseal pe verify|show` reads.
 *
 * Valid input: CMS SignedData in DER whose content is a SpcIndirectDataContent with a SHA-2 digest.
 *
 * Laws: the content lies inside the message and the digest inside the content; the content that is
 * built from the digest that was read gives that digest.
 */
#include <errno.h>

#include "crypto/cms.h"
#include "fmt/authcode.h"
#include "fuzz/fuzz.h"

static void check_content(struct ks_span content)
{
	__cleanup(ks_buf_done) struct ks_buf again = { 0 };
	struct ks_authcode_view view, again_view;
	int rc = ks_authcode_parse(content, &view, NULL);

	KS_LAW(rc == 0 || rc == -EBADMSG || rc == -EOPNOTSUPP);
	if (rc)
		return;
	KS_LAW(view.digest.bytes >= 32 && ks_fuzz_inside(content, view.digest));
	if (view.digest.bytes != 32)
		return;
	ks_authcode_build(view.digest, &again);
	KS_LAW(!ks_authcode_parse(ks_buf_span(&again), &again_view, NULL));
	KS_LAW(ks_span_eq(view.digest, again_view.digest));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct ks_span cms = { data, size }, content;
	int rc;

	/* The content alone is tried too: an input need not find its way through the envelope. */
	check_content(cms);
	rc = ks_cms_authcode_content(cms, &content, NULL);
	if (rc)
		return 0;
	KS_LAW(content.bytes && ks_fuzz_inside(cms, content));
	check_content(content);
	return 0;
}
