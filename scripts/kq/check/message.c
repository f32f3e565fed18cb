// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Rules for the message of a patch: head and body.
 */
#include <string.h>
#include <strings.h>

#include "check/lint.h"
#include "check/trailer.h"
#include "text/text.h"

static bool is_space(u8 c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* git mailinfo's patchbreak(): the message ends here, and the rest is notes or the diff. */
static bool ends_message(struct ks_span line)
{
	if (kq_starts(line, "diff -") || kq_starts(line, "Index: "))
		return true;
	if (!kq_take(&line, "---"))
		return false;
	if (line.bytes > 1 && line.p[0] == ' ' && !is_space(line.p[1]))
		return true;
	return !ks_span_trim(line).bytes;
}

static bool takes_scissors(struct ks_span s)
{
	return kq_starts(s, ">8") || kq_starts(s, "8<") || kq_starts(s, ">%") || kq_starts(s, "%<");
}

/* git mailinfo's is_scissors_line(): more than a third of it is dashes, blanks between them, and scissors. */
static bool is_scissors(struct ks_span line)
{
	struct ks_span visible = ks_span_trim(line);
	size_t i, cut = 0, gap = 0, scissors = 0;
	bool inside = false;

	for (i = 0; i < line.bytes; i++) {
		if (is_space(line.p[i])) {
			cut += inside;
			gap += inside;
		} else if (line.p[i] == '-') {
			inside = true;
			cut++;
		} else if (takes_scissors(kq_tail(line, i))) {
			inside = true;
			cut += 2;
			scissors += 2;
			i++;
		} else {
			inside = false;
		}
	}
	return scissors && visible.bytes >= 8 && visible.bytes < cut * 3 && gap * 2 < cut;
}

/* A field at the top of the message stands for that of the mail. */
static bool is_inner_field(struct ks_span line)
{
	static const char *const fields[] = { "from:", "subject:", "date:" };
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(fields); i++)
		if (line.bytes > strlen(fields[i]) &&
		    !strncasecmp((const char *)line.p, fields[i], strlen(fields[i])))
			return true;
	return kq_starts(line, "[PATCH] ");
}

/* The message that git am would not take as it stands there: once, where it starts. */
static void lint_cut(struct kq_findings *findings, const char *file, const struct kq_patch *patch)
{
	struct ks_span text = patch->body, line;
	u32 nr = patch->body_line;
	bool top = true;

	for (; ks_span_line(&text, &line); nr++) {
		if (top && is_inner_field(line))
			kq_find(findings, file, nr, "git am takes this line for a field of the mail");
		top = top && (!line.bytes || is_inner_field(line));
		if (is_scissors(line))
			kq_find(findings, file, nr,
				"git am --scissors leaves out all above this line");
		if (!ends_message(line))
			continue;
		kq_find(findings, file, nr,
			"git am ends the message at this line, and leaves out what follows");
		return;
	}
}

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
	lint_cut(findings, file, patch);
}
