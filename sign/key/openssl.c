// SPDX-License-Identifier: LGPL-2.1-or-later
#include "key/openssl.h"

#include <openssl/err.h>

int ks_fail_openssl(struct ks_diag *diag, int err, const char *what)
{
	unsigned long code = ERR_peek_last_error();
	char reason[160] = "OpenSSL gave no reason";

	if (code)
		ERR_error_string_n(code, reason, sizeof(reason));
	ERR_clear_error();
	return ks_fail_detail(diag, err, what, reason);
}
