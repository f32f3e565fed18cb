// SPDX-License-Identifier: LGPL-2.1-or-later
#include "check/trailer.h"

#include <string.h>

#include "queue/patch.h"
#include "text/text.h"

#define ID_DIGITS 40U

static void find(const struct kq_place *at, const char *what)
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

static void check_status(const struct kq_place *at, struct ks_span value)
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
		find(at, "Upstream-status: want 'backport <40-hex> (vX.Y)', 'submitted <url or <message-id>>', 'pending, <reason>' or 'never, <reason>'");
}

static void check_stable(const struct kq_place *at, struct ks_span value)
{
	if (!kq_is_hex(value, ID_DIGITS))
		find(at, "Stable-commit: want the 40 hexadecimal digits of a commit of the stable tree");
}

static void check_cve(const struct kq_place *at, struct ks_span value)
{
	if (!kq_is_cve(value))
		find(at, "CVE: want one number, CVE-YYYY-NNNN; a second one takes a line of its own");
}

/* Fixes: 0123456789ab ("subsystem: what it did") */
static void check_fixes(const struct kq_place *at, struct ks_span value)
{
	size_t digits = 0;

	while (digits < value.bytes && digits < ID_DIGITS && strchr("0123456789abcdef", value.p[digits]))
		digits++;
	value = kq_tail(value, digits);
	if (digits < 12 || !kq_take(&value, " (\"") || value.bytes < 3 ||
	    !ks_span_ends_with(value, ks_span_str("\")")))
		find(at, "Fixes: want at least 12 digits of the commit and its subject, 0123456789ab (\"subject\")");
}

static void check_review(const struct kq_place *at, struct ks_span value)
{
	u32 date;

	if (!kq_date(value, &date))
		find(at, "Review-by: want a date, YYYY-MM-DD");
	else if (date < at->findings->today)
		kq_find(at->findings, at->file, at->line,
			"Review-by: %.*s is past, review the patch and set a new date",
			KQ_FMT(value));
}

/* Somebody who can be asked: "Name <address>". */
static void check_person(const struct kq_place *at, struct ks_span value)
{
	const u8 *open = value.bytes ? memchr(value.p, '<', value.bytes) : NULL;

	if (!open || open == value.p || !memchr(value.p, '@', value.bytes) ||
	    !ks_span_ends_with(value, ks_span_str(">")))
		find(at, "want 'Name <address>'");
}

static void check_owner(const struct kq_place *at, struct ks_span value)
{
	if (!value.bytes)
		find(at, "Owner: is empty");
}

enum many {
	OPTIONAL_ONCE,
	OPTIONAL,
	ONCE,
	SOME,
};

static const struct {
	const char *key;
	void (*check)(const struct kq_place *at, struct ks_span value);
	enum many many;
} trailers[KQ_NR_TRAILERS] = {
	{ "Upstream-status:", check_status, ONCE },
	{ "Stable-commit:", check_stable, OPTIONAL_ONCE },
	{ "CVE:", check_cve, OPTIONAL },
	{ "Fixes:", check_fixes, OPTIONAL },
	{ "Owner:", check_owner, ONCE },
	{ "Review-by:", check_review, ONCE },
	{ "Signed-off-by:", check_person, SOME },
};

bool kq_lint_trailer(struct kq_place *at, struct ks_span line)
{
	size_t i;

	for (i = 0; i < KQ_NR_TRAILERS; i++) {
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

/* How the stable team and git cherry-pick name the commit of mainline: in the text, not in a trailer. */
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

/* Two ids that were swapped look as good as two that were not: the text must name the same commit. */
static void check_text_id(const struct kq_place *at, const struct kq_patch *patch,
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

void kq_lint_trailers_end(const struct kq_place *at, const struct kq_patch *patch)
{
	struct ks_span status = { 0 }, stable = { 0 }, cve;
	size_t i;

	for (i = 0; i < KQ_NR_TRAILERS; i++)
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
				"Stable-commit: is the commit of Upstream-status, want the stable tree's own");
		check_text_id(at, patch, status, stable);
		return;
	}
	if (stable.bytes)
		kq_find(at->findings, at->file, patch->body_line,
			"Stable-commit: needs Upstream-status: backport, the stable tree has no commits of its own");
	/* A CVE is given to a fix that is in the kernel; our own one needs its reason. */
	if (kq_trailer(patch, "CVE:", 0, &cve) && !kq_starts(status, "pending, ") &&
	    !kq_starts(status, "never, "))
		kq_find(at->findings, at->file, patch->body_line,
			"CVE: needs Upstream-status: backport, or the reason why upstream's fix is not taken ('pending, <reason>', 'never, <reason>')");
}
