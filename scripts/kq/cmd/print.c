// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>

#include "base/buf.h"
#include "cmd/verb.h"

int kq_complain(const struct kq_fault *fault)
{
	fprintf(stderr, "kq: %s\n", fault->line);
	return fault->err == KQ_REFUSED ? KQ_EXIT_NO : KQ_EXIT_FAILED;
}

/* An empty buffer has no address, which fwrite() must not see. */
void kq_print(const struct ks_buf *text)
{
	if (text->bytes)
		fwrite(text->p, 1, text->bytes, stdout);
}
