// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Rules for the message of a patch: head and body.
 */
#include <string.h>

#include "check/lint.h"
#include "check/trailer.h"
#include "text/text.h"

static void lint_body(struct kq_findings *findings, const char *file, const struct kq_patch *patch)
{
	struct kq_place at = { .findings = findings, .file = file, .line = patch->body_line };
	struct ks_span text = patch->body, line;
	bool why = false;

	for (; ks_span_line(&text, &line); at.line++) {
		if (ks_span_ends_with(line, ks_span_str("\r"))) {
			kq_find(findings, file, at.line, "line ends with CRLF");
			return;
		}
		if (!kq_lint_trailer(&at, line) && ks_span_trim(line).bytes)
			why = true;
	}
	if (!why)
		kq_find(findings, file, patch->body_line, "message does not say why, the body is empty");
	kq_lint_trailers_end(&at, patch);
}

static void lint_head(struct kq_findings *findings, const char *file, const struct kq_patch *patch)
{
	static const char *const fields[] = { "From: ", "Date: ", "Subject: " };
	struct ks_span text, line;
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(fields); i++) {
		bool found = false;

		text = patch->head;
		while (!found && ks_span_line(&text, &line))
			found = kq_take(&line, fields[i]) && ks_span_trim(line).bytes;
		if (!found)
			kq_find(findings, file, 1, "no %sfield in the mail header", fields[i]);
	}
	if (patch->head.bytes && memchr(patch->head.p, '\r', patch->head.bytes))
		kq_find(findings, file, 1, "mail header has CRLF line ends");
}

void kq_lint_message(struct kq_findings *findings, const char *file, const struct kq_patch *patch)
{
	lint_head(findings, file, patch);
	lint_body(findings, file, patch);
}
