// SPDX-License-Identifier: LGPL-2.1-or-later
#include "waiver.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "request.h"

void kc_waivers_done(struct kc_waivers *w)
{
	ks_buf_done(&w->text);
	free(w->v);
	memset(w, 0, sizeof(*w));
}

struct kc_waiver *kc_waivers_find(const struct kc_waivers *w, struct ks_span symbol)
{
	size_t i;

	for (i = 0; i < w->nr; i++)
		if (ks_span_eq(w->v[i].symbol, symbol))
			return &w->v[i];
	return NULL;
}

static int parse_waiver(struct kc_waivers *w, struct ks_span line, u32 line_nr, struct ks_diag *diag)
{
	struct kc_waiver waiver = { .line = line_nr };

	if (!ks_text_is_clean(line))
		return ks_text_fail(diag, -EBADMSG, w->path, line_nr,
				    "control byte in the line (CR?), write plain text");
	line = ks_span_trim(line);
	if (!line.bytes || line.p[0] == '#')
		return 0;
	ks_text_cut(&line, "CONFIG_");
	if (!ks_text_symbol(&line, &waiver.symbol))
		return ks_text_fail(diag, -EBADMSG, w->path, line_nr,
				    "no symbol at the start of the line, write \"SYMBOL reason\"");
	waiver.reason = ks_span_trim(line);
	if (!waiver.reason.bytes || waiver.reason.bytes == line.bytes)
		return ks_text_fail(diag, -EBADMSG, w->path, line_nr,
				    "waiver without a reason, write \"SYMBOL reason\"");
	if (kc_waivers_find(w, waiver.symbol))
		return ks_text_fail(diag, -EBADMSG, w->path, line_nr, "symbol is waived twice");
	if (w->nr >= KC_MAX_WAIVERS)
		return ks_text_fail(diag, -E2BIG, w->path, line_nr, "more than 1024 waivers");
	w->v[w->nr++] = waiver;
	return 0;
}

int kc_waivers_load(struct kc_waivers *ret_waivers, const char *path, struct ks_diag *diag)
{
	struct kc_waivers *w = ret_waivers;
	struct ks_span text;
	struct ks_span line;
	u32 line_nr = 0;
	int rc;

	w->path = path;
	rc = ks_file_load(path, KS_MAX_TEXT_BYTES, &w->text, diag);
	ks_diag_in(diag, path);
	if (rc)
		return rc;
	w->v = calloc(KC_MAX_WAIVERS, sizeof(*w->v));
	if (!w->v)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "no memory for the waivers");
	text = ks_buf_span(&w->text);
	while (!rc && ks_span_line(&text, &line))
		rc = parse_waiver(w, line, ++line_nr, diag);
	return rc;
}
