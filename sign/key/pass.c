// SPDX-License-Identifier: LGPL-2.1-or-later
#include "key/pass.h"

#include <errno.h>
#include <string.h>

#include "base/limits.h"

int ks_pass_get(const struct ks_pass_source *pass, const char *what, struct ks_buf *ret_secret,
		struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf secret = { 0 };
	int rc;

	if (!pass)
		return ks_fail_detail(diag, -EACCES,
				      "a passphrase is wanted, and there is nowhere to get it",
				      what);
	rc = pass->get(pass->context, what, &secret, diag);
	if (rc)
		return rc;
	if (!secret.bytes || secret.bytes > KS_MAX_SECRET_BYTES ||
	    memchr(secret.p, '\0', secret.bytes))
		return ks_fail(diag, -EACCES, KS_NO_OFF,
			       "passphrase is empty, over 1 KiB or has a NUL, check its source");
	ks_put_u8(&secret, 0);
	rc = ks_buf_ok(&secret, diag);
	if (rc)
		return rc;
	secret.bytes--;
	ks_buf_move(ret_secret, &secret);
	return 0;
}
