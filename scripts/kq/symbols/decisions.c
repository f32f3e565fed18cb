// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>

#include "base/file.h"
#include "base/limits.h"
#include "symbols/survey.h"
#include "text/text.h"

/* "NAME", or "OLD=NEW" for a renamed one. */
static void put_name(const struct kq_surveyed *row, struct ks_buf *out)
{
	if (row->of.old)
		ks_put(out, row->of.old->name);
	if (row->of.change == KQ_SYMBOL_RENAMED)
		ks_put_str(out, "=");
	if (row->of.now)
		ks_put(out, row->of.now->name);
}

void kq_survey_lines(const struct kq_survey *survey, const char *release, struct ks_buf *out)
{
	size_t i;

	for (i = 0; i < survey->nr; i++) {
		const struct kq_surveyed *row = &survey->row[i];

		if (!kq_surveyed_is_asked(row))
			continue;
		ks_put_str(out, release);
		ks_put_str(out, " ");
		ks_put_str(out, kq_change_name(row->of.change));
		ks_put_str(out, " ");
		put_name(row, out);
		ks_put_str(out, " ");
		ks_put(out, ks_buf_span(&row->skus));
		ks_put_str(out, " undecided\n");
	}
}

/* Release, change and symbol: what identifies a line, whatever was decided. */
static bool same_key(struct ks_span a, struct ks_span b)
{
	struct ks_span one, two;
	size_t i;

	for (i = 0; i < 3; i++)
		if (!ks_span_word(&a, &one) || !ks_span_word(&b, &two) || !ks_span_eq(one, two))
			return false;
	return true;
}

static bool has_line(struct ks_span text, struct ks_span wanted)
{
	struct ks_span line;

	while (ks_span_line(&text, &line))
		if (same_key(line, wanted))
			return true;
	return false;
}

int kq_decisions_append(const char *path, struct ks_span lines, struct kq_fault *fault)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct ks_diag diag = { 0 };
	struct ks_span line, all;
	size_t before;
	int rc = ks_file_load(path, KS_MAX_TEXT_BYTES, &text, &diag);

	if (rc == -ENOENT)
		return 0;
	if (rc)
		return kq_fail_diag(fault, &diag);
	before = text.bytes;
	while (ks_span_line(&lines, &line)) {
		if (has_line(ks_buf_span(&text), line))
			continue;
		if (text.bytes && text.p[text.bytes - 1] != '\n')
			ks_put_str(&text, "\n");
		ks_put(&text, line);
		ks_put_str(&text, "\n");
	}
	if (text.bytes == before)
		return 0;
	all = ks_buf_span(&text);
	if (ks_buf_ok(&text, &diag) || ks_file_publish(path, &all, 1, 0644, &diag))
		return kq_fail_diag(fault, &diag);
	return 0;
}
