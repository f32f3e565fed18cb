// SPDX-License-Identifier: LGPL-2.1-or-later
#include "facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "request.h"

#define NR_FIELDS 5U

void kc_facts_done(struct kc_facts *facts)
{
	ks_buf_done(&facts->text);
	free(facts->fact);
	memset(facts, 0, sizeof(*facts));
}

static bool cut_field(struct ks_span *line, struct ks_span *ret_field)
{
	const u8 *tab = line->bytes ? memchr(line->p, '\t', line->bytes) : NULL;
	size_t n = tab ? (size_t)(tab - line->p) : line->bytes;

	if (!ks_span_sub(*line, 0, n, ret_field))
		return false;
	return !tab ? ks_span_sub(*line, n, 0, line) : ks_span_sub(*line, n + 1, line->bytes - n - 1, line);
}

static bool parse_fact(struct ks_span line, struct kc_fact *ret_fact)
{
	struct ks_span field[NR_FIELDS];
	size_t i, nr_tabs = 0;

	for (i = 0; i < line.bytes; i++)
		nr_tabs += line.p[i] == '\t';
	if (nr_tabs != NR_FIELDS - 1)
		return false;
	for (i = 0; i < NR_FIELDS; i++)
		if (!cut_field(&line, &field[i]))
			return false;
	*ret_fact = (struct kc_fact){ .symbol = field[0], .value = field[1],
				      .is_known = !ks_span_eq(field[2], ks_span_str("none")),
				      .prompt = field[3], .reason = field[4] };
	return field[0].bytes && field[1].bytes;
}

int kc_facts_load(struct kc_facts *ret_facts, const char *path, struct ks_diag *diag)
{
	struct kc_facts *facts = ret_facts;
	struct ks_span text, line;
	u32 line_nr = 0;
	int rc = ks_file_load(path, KS_MAX_TEXT_BYTES, &facts->text, diag);

	ks_diag_in(diag, path);
	if (rc)
		return rc;
	text = ks_buf_span(&facts->text);
	while (ks_span_line(&text, &line))
		facts->nr++;
	if (facts->nr > KC_MAX_REQUESTS)
		return ks_fail_detail(diag, -E2BIG, "more than 65536 symbols", path);
	facts->fact = calloc(facts->nr + 1, sizeof(*facts->fact));
	if (!facts->fact)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "no memory for the facts");
	text = ks_buf_span(&facts->text);
	while (ks_span_line(&text, &line)) {
		if (!parse_fact(line, &facts->fact[line_nr++]))
			return ks_text_fail(diag, -EBADMSG, path, line_nr, "not five fields with tabs between them");
	}
	return 0;
}

const struct kc_fact *kc_facts_find(const struct kc_facts *facts, struct ks_span symbol, struct ks_span value)
{
	size_t i;

	for (i = 0; i < facts->nr; i++)
		if (ks_span_eq(facts->fact[i].symbol, symbol) && ks_span_eq(facts->fact[i].value, value))
			return &facts->fact[i];
	return NULL;
}
