// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>

#include "base/buf.h"
#include "base/shown.h"
#include "cmd/verb.h"

int kq_complain(const struct kq_error *error)
{
	fprintf(stderr, "kq: %s\n", error->line);
	return error->err == KQ_REFUSED ? KQ_EXIT_NO : KQ_EXIT_FAILED;
}

/* An empty buffer has no address, which fwrite() must not see. */
void kq_print(const struct ks_buf *text)
{
	if (text->bytes)
		fwrite(text->p, 1, text->bytes, stdout);
}

void kq_put_shown(FILE *out, struct ks_span text)
{
	char raw[1024], shown[2 * sizeof(raw)];

	snprintf(raw, sizeof(raw), "%.*s", (int)(text.bytes < sizeof(raw) ? text.bytes : sizeof(raw) - 1),
		 text.bytes ? (const char *)text.p : "");
	ks_escape(raw, shown, sizeof(shown));
	fputs(shown, out);
}
