// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Rules for the message of a patch: head, body and trailers.
 */
#include <string.h>

#include "check/lint.h"
#include "text/text.h"

/* struct place - where a finding belongs */
struct place {
	struct kq_findings *findings;
	const char *file;
	u32 line;
};

static bool is_url_or_id(struct ks_span s)
{
	struct ks_span word;
	bool known;

	if (!ks_span_word(&s, &word) || ks_span_trim(s).bytes)
		return false;
	known = kq_starts(word, "https://") || kq_starts(word, "http://");
	return word.bytes > 8 && (known || (word.p[0] == '<' && memchr(word.p, '@', word.bytes) &&
					    word.p[word.bytes - 1] == '>'));
}

/* " (v6.19)", " (v6.19-rc3)", " (v6.18.12)" */
static bool is_release(struct ks_span s)
{
	u32 unused;

	if (!kq_take(&s, " (v") || !kq_take_number(&s, &unused) || !kq_take(&s, ".") ||
	    !kq_take_number(&s, &unused))
		return false;
	if (kq_take(&s, "-rc") || kq_take(&s, "."))
		if (!kq_take_number(&s, &unused))
			return false;
	return kq_is(s, ")");
}

static void check_status(const struct place *at, struct ks_span value)
{
	bool good = false;

	if (kq_take(&value, "backport "))
		good = kq_is_hex(kq_head(value, 40), 40) && is_release(kq_tail(value, 40));
	else if (kq_take(&value, "submitted "))
		good = is_url_or_id(value);
	else if (kq_take(&value, "never, "))
		good = ks_span_trim(value).bytes > 0;
	if (!good)
		kq_find(at->findings, at->file, at->line,
			"Upstream-status: want 'backport <40-hex> (vX.Y)', 'submitted <url or <message-id>>' or 'never, <reason>'");
}

static bool is_date(struct ks_span s, u32 *ret_date)
{
	static const u8 days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	u32 y, m, d;

	if (s.bytes != 10 || !kq_take_number(&s, &y) || !kq_take(&s, "-") || s.bytes != 5 ||
	    !kq_take_number(&s, &m) || !kq_take(&s, "-") || s.bytes != 2 ||
	    !kq_take_number(&s, &d) || s.bytes || m < 1 || m > 12 || d < 1 || d > days[m - 1])
		return false;
	if (m == 2 && d == 29 && (y % 4 || (!(y % 100) && y % 400)))
		return false;
	*ret_date = y * 10000 + m * 100 + d;
	return true;
}

static void check_review(const struct place *at, struct ks_span value)
{
	u32 date;

	if (!is_date(value, &date))
		kq_find(at->findings, at->file, at->line, "Review-by: want a date, YYYY-MM-DD");
	else if (date < at->findings->today)
		kq_find(at->findings, at->file, at->line,
			"Review-by: %.*s is past, review the patch and set a new date",
			KQ_FMT(value));
}

/* Somebody who can be asked: "Name <address>". */
static void check_person(const struct place *at, struct ks_span value)
{
	const u8 *open = value.bytes ? memchr(value.p, '<', value.bytes) : NULL;

	if (!open || open == value.p || !memchr(value.p, '@', value.bytes) ||
	    !ks_span_ends_with(value, ks_span_str(">")))
		kq_find(at->findings, at->file, at->line, "want 'Name <address>'");
}

static void check_owner(const struct place *at, struct ks_span value)
{
	if (!value.bytes)
		kq_find(at->findings, at->file, at->line, "Owner: is empty");
}

static const struct {
	const char *key;
	void (*check)(const struct place *at, struct ks_span value);
	bool once;
} trailers[] = {
	{ "Upstream-status:", check_status, true },
	{ "Owner:", check_owner, true },
	{ "Review-by:", check_review, true },
	{ "Signed-off-by:", check_person, false },
};

#define NR_TRAILERS KS_ARRAY_SIZE(trailers)

/* Return: the line is a known trailer. */
static bool check_trailer(const struct place *at, struct ks_span line, u32 seen[NR_TRAILERS])
{
	size_t i;

	for (i = 0; i < NR_TRAILERS; i++) {
		if (!kq_take(&line, trailers[i].key))
			continue;
		if (trailers[i].once && seen[i])
			kq_find(at->findings, at->file, at->line, "second %s", trailers[i].key);
		seen[i]++;
		trailers[i].check(at, ks_span_trim(line));
		return true;
	}
	return false;
}

static void lint_body(struct kq_findings *findings, const char *file, const struct kq_patch *patch)
{
	struct place at = { findings, file, patch->body_line };
	struct ks_span text = patch->body, line;
	u32 seen[NR_TRAILERS] = { 0 };
	bool why = false;
	size_t i;

	for (; ks_span_line(&text, &line); at.line++) {
		if (ks_span_ends_with(line, ks_span_str("\r"))) {
			kq_find(findings, file, at.line, "line ends with CRLF");
			return;
		}
		if (!check_trailer(&at, line, seen) && ks_span_trim(line).bytes)
			why = true;
	}
	if (!why)
		kq_find(findings, file, patch->body_line, "message does not say why, the body is empty");
	for (i = 0; i < NR_TRAILERS; i++)
		if (!seen[i])
			kq_find(findings, file, patch->body_line, "no %s in the message",
				trailers[i].key);
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
