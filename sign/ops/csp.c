// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/csp.h"

#include "crypto/base64.h"
#include "crypto/digest.h"

int ks_csp_put(struct ks_buf *out, struct ks_span inside, struct ks_diag *diag)
{
	struct ks_digest digest;
	int rc = ks_sha256(inside, &digest, diag);

	if (rc)
		return rc;
	ks_put_str(out, "'sha256-");
	ks_base64_put(out, ks_digest_span(&digest));
	ks_put_str(out, "'");
	return 0;
}
