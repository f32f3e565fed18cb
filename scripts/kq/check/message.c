// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Rules for the message of a patch: head and body.
 */
#include <string.h>
#include <strings.h>

#include "check/lint.h"
#include "queue/patch.h"
#include "text/text.h"

/* Trailers that lint knows. */
#define NR_TRAILERS 7U

/**
 * struct place - where a finding belongs, and how often each trailer came so far
 * @file: name of the patch
 * @line: line of the patch
 */
struct place {
	struct kq_findings *findings;
	const char *file;
	u32 line;
	u32 seen[NR_TRAILERS];
};

#define ID_DIGITS 40U

static void find_here(const struct place *at, const char *what)
{
	kq_find(at->findings, at->file, at->line, "%s", what);
}

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
		good = kq_is_hex(kq_head(value, ID_DIGITS), ID_DIGITS) &&
		       is_release(kq_tail(value, ID_DIGITS));
	else if (kq_take(&value, "submitted "))
		good = is_url_or_id(value);
	else if (kq_take(&value, "pending, ") || kq_take(&value, "never, "))
		good = ks_span_trim(value).bytes > 0;
	if (!good)
		find_here(at, "Upstream-status: want 'backport <40-hex> (vX.Y)', 'submitted <url "
			      "or <message-id>>', 'pending, <reason>' or 'never, <reason>'");
}

static void check_stable(const struct place *at, struct ks_span value)
{
	if (!kq_is_hex(value, ID_DIGITS))
		find_here(at, "Stable-commit: want the 40 hexadecimal digits of a commit of the "
			      "stable tree");
}

static void check_cve(const struct place *at, struct ks_span value)
{
	if (!kq_is_cve(value))
		find_here(at, "CVE: want one number, CVE-YYYY-NNNN; a second one takes a line of "
			      "its own");
}

/* Fixes: 0123456789ab ("subsystem: what it did") */
static void check_fixes(const struct place *at, struct ks_span value)
{
	size_t digits = 0;

	while (digits < value.bytes && digits < ID_DIGITS &&
	       strchr("0123456789abcdef", value.p[digits]))
		digits++;
	value = kq_tail(value, digits);
	if (digits < 12 || !kq_take(&value, " (\"") || value.bytes < 3 ||
	    !ks_span_ends_with(value, ks_span_str("\")")))
		find_here(at, "Fixes: want at least 12 digits of the commit and its subject, "
			      "0123456789ab (\"subject\")");
}

static void check_review(const struct place *at, struct ks_span value)
{
	u32 date;

	if (!kq_date(value, &date))
		find_here(at, "Review-by: want a date, YYYY-MM-DD");
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
		find_here(at, "want 'Name <address>'");
}

static void check_owner(const struct place *at, struct ks_span value)
{
	if (!value.bytes)
		find_here(at, "Owner: is empty");
}

enum many {
	OPTIONAL_ONCE,
	OPTIONAL,
	ONCE,
	SOME,
};

static const struct {
	const char *key;
	void (*check)(const struct place *at, struct ks_span value);
	enum many many;
} trailers[NR_TRAILERS] = {
	{ "Upstream-status:", check_status, ONCE },
	{ "Stable-commit:", check_stable, OPTIONAL_ONCE },
	{ "CVE:", check_cve, OPTIONAL },
	{ "Fixes:", check_fixes, OPTIONAL },
	{ "Owner:", check_owner, ONCE },
	{ "Review-by:", check_review, ONCE },
	{ "Signed-off-by:", check_person, SOME },
};

/* One line of a body. Return: it is a known trailer. */
static bool lint_trailer(struct place *at, struct ks_span line)
{
	size_t i;

	for (i = 0; i < NR_TRAILERS; i++) {
		if (!kq_take(&line, trailers[i].key))
			continue;
		if (at->seen[i] && (trailers[i].many == ONCE || trailers[i].many == OPTIONAL_ONCE))
			kq_find(at->findings, at->file, at->line, "second %s", trailers[i].key);
		at->seen[i]++;
		trailers[i].check(at, ks_span_trim(line));
		return true;
	}
	return false;
}

/* How the stable team and git cherry-pick name the commit of mainline: in the text, not in a
 * trailer. */
static bool take_upstream_id(struct ks_span line, struct ks_span *ret_id)
{
	static const struct {
		const char *before;
		const char *after;
	} forms[] = {
		{ "commit ", " upstream." },
		{ "[ Upstream commit ", " ]" },
		{ "(cherry picked from commit ", ")" },
	};
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(forms); i++) {
		struct ks_span s = ks_span_trim(line);

		if (!kq_take(&s, forms[i].before) || !kq_is_hex(kq_head(s, ID_DIGITS), ID_DIGITS) ||
		    !kq_is(kq_tail(s, ID_DIGITS), forms[i].after))
			continue;
		*ret_id = kq_head(s, ID_DIGITS);
		return true;
	}
	return false;
}

/* Two ids that were swapped look as good as two that were not: the text must name the same commit.
 */
static void check_text_id(const struct place *at, const struct kq_patch *patch,
			  struct ks_span upstream, struct ks_span stable)
{
	struct ks_span text = patch->body, line, id;
	u32 nr = patch->body_line;

	for (; ks_span_line(&text, &line); nr++)
		if (take_upstream_id(line, &id) && !ks_span_eq(id, upstream) &&
		    !ks_span_eq(id, stable))
			kq_find(at->findings, at->file, nr,
				"the text names commit %.*s, Upstream-status another one",
				KQ_FMT(id));
}

/* After the last line: which are missing, which contradict each other. */
static void lint_trailers_end(const struct place *at, const struct kq_patch *patch)
{
	struct ks_span status = { 0 }, stable = { 0 }, cve;
	size_t i;

	for (i = 0; i < NR_TRAILERS; i++)
		if (!at->seen[i] && (trailers[i].many == ONCE || trailers[i].many == SOME))
			kq_find(at->findings, at->file, patch->body_line, "no %s in the message",
				trailers[i].key);
	if (!kq_trailer(patch, "Upstream-status:", 0, &status))
		return;
	kq_trailer(patch, "Stable-commit:", 0, &stable);
	if (kq_take(&status, "backport ")) {
		status = kq_head(status, ID_DIGITS);
		if (ks_span_eq(status, stable))
			kq_find(at->findings, at->file, patch->body_line,
				"Stable-commit: is the commit of Upstream-status, want the stable "
				"tree's own");
		check_text_id(at, patch, status, stable);
		return;
	}
	if (stable.bytes)
		kq_find(at->findings, at->file, patch->body_line,
			"Stable-commit: needs Upstream-status: backport, the stable tree has no "
			"commits of its own");
	/* A CVE is given to a fix that is in the kernel; our own one needs its reason. */
	if (kq_trailer(patch, "CVE:", 0, &cve) && !kq_starts(status, "pending, ") &&
	    !kq_starts(status, "never, "))
		kq_find(at->findings, at->file, patch->body_line,
			"CVE: needs Upstream-status: backport, or the reason why upstream's fix is "
			"not taken ('pending, <reason>', 'never, <reason>')");
}

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
	struct place at = { .findings = findings, .file = file, .line = patch->body_line };
	struct ks_span text = patch->body, line;
	bool why = false;

	for (; ks_span_line(&text, &line); at.line++) {
		if (ks_span_ends_with(line, ks_span_str("\r"))) {
			kq_find(findings, file, at.line, "line ends with CRLF");
			return;
		}
		if (!lint_trailer(&at, line) && ks_span_trim(line).bytes)
			why = true;
	}
	if (!why)
		kq_find(findings, file, patch->body_line, "message does not say why, the body is empty");
	lint_trailers_end(&at, patch);
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
