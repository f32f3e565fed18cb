// SPDX-License-Identifier: LGPL-2.1-or-later
#include "decision.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "request.h"

static const char *const changes[] = {
	[KC_NEW] = "new",
	[KC_REMOVED] = "removed",
	[KC_RENAMED] = "renamed",
};

static const char *const choices[] = {
	[KC_UNDECIDED] = "undecided",
	[KC_REQUESTED] = "requested",
	[KC_DEFAULT] = "default",
};

void kc_decisions_done(struct kc_decisions *d)
{
	ks_buf_done(&d->text);
	free(d->v);
	memset(d, 0, sizeof(*d));
}

/* Return: index of the next word in @names, @nr if it is none of them. */
static size_t take_one_of(struct ks_span *line, const char *const *names, size_t nr)
{
	struct ks_span word;
	size_t i;

	if (!ks_span_word(line, &word))
		return nr;
	for (i = 0; i < nr; i++)
		if (ks_span_eq(word, ks_span_str(names[i])))
			break;
	return i;
}

static int parse_decision(struct kc_decisions *d, struct ks_span line, u32 line_nr,
			  struct ks_diag *diag)
{
	struct kc_decision decision = { .line = line_nr };
	size_t change, choice;

	if (!kc_is_clean(line))
		return kc_line_fail(diag, -EBADMSG, d->path, line_nr,
				    "control byte in the line (CR?), write plain text");
	line = ks_span_trim(line);
	if (!line.bytes || line.p[0] == '#')
		return 0;
	if (!ks_span_word(&line, &decision.release))
		return 0;
	change = take_one_of(&line, changes, KS_ARRAY_SIZE(changes));
	if (change == KS_ARRAY_SIZE(changes) || !ks_span_word(&line, &decision.symbol) ||
	    !ks_span_word(&line, &decision.skus))
		return kc_line_fail(diag, -EBADMSG, d->path, line_nr,
				    "want \"RELEASE new|removed|renamed SYMBOL SKU,SKU DECISION reason\"");
	choice = take_one_of(&line, choices, KS_ARRAY_SIZE(choices));
	if (choice == KS_ARRAY_SIZE(choices))
		return kc_line_fail(diag, -EBADMSG, d->path, line_nr,
				    "decision is neither undecided, requested nor default");
	if (choice != KC_UNDECIDED && !ks_span_trim(line).bytes)
		return kc_line_fail(diag, -EBADMSG, d->path, line_nr,
				    "decision without a reason, write it at the end of the line");
	if (d->nr >= KC_MAX_DECISIONS)
		return kc_line_fail(diag, -E2BIG, d->path, line_nr, "more than 16384 decisions");
	decision.change = (enum kc_change)change;
	decision.choice = (enum kc_choice)choice;
	d->v[d->nr++] = decision;
	return 0;
}

int kc_decisions_load(struct kc_decisions *ret_decisions, const char *path, struct ks_diag *diag)
{
	struct kc_decisions *d = ret_decisions;
	struct ks_span text, line;
	u32 line_nr = 0;
	int rc;

	d->path = path;
	rc = ks_file_load(path, KS_MAX_TEXT_BYTES, &d->text, diag);
	ks_diag_in(diag, path);
	if (rc)
		return rc;
	d->v = calloc(KC_MAX_DECISIONS, sizeof(*d->v));
	if (!d->v)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "no memory for the decisions");
	text = ks_buf_span(&d->text);
	while (!rc && ks_span_line(&text, &line))
		rc = parse_decision(d, line, ++line_nr, diag);
	return rc;
}
