// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cve/decision.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "cve/say.h"
#include "text/file.h"
#include "text/text.h"

/* A decision is some lines of text. */
#define MAX_DECISION_BYTES (64ULL << 10)

#define FIXED	     (1U << KQ_CVE_FIXED)
#define NOT_AFFECTED (1U << KQ_CVE_NOT_AFFECTED)
#define OPEN	     (1U << KQ_CVE_WONTFIX | 1U << KQ_CVE_UNFIXED)
#define ALL	     (FIXED | NOT_AFFECTED | OPEN)

const char *kq_cve_state_name(enum kq_cve_state state)
{
	static const char *const names[KQ_CVE_NR_STATES] = {
		[KQ_CVE_FIXED] = "fixed",
		[KQ_CVE_NOT_AFFECTED] = "not-affected",
		[KQ_CVE_WONTFIX] = "wontfix",
		[KQ_CVE_UNFIXED] = "unfixed",
	};

	return names[state];
}

/* struct place - a line that is read, and where findings go */
struct place {
	struct kq_decision *decision;
	struct ks_buf *findings;
	u32 today;
	u32 line;
	bool known_state;
};

static void say_wrong(const struct place *at, const char *what)
{
	kq_say(at->findings, "cve/%s:%u: %s", at->decision->id, at->line, what);
}

static void read_state(struct place *at, struct ks_span value)
{
	u32 i;

	for (i = 0; i < KQ_CVE_NR_STATES; i++) {
		if (!kq_is(value, kq_cve_state_name(i)))
			continue;
		at->decision->state = i;
		at->known_state = true;
		return;
	}
	say_wrong(at, "State: want fixed, not-affected, wontfix or unfixed");
}

static void read_justification(struct place *at, struct ks_span value)
{
	static const char *const known[] = {
		"component_not_present",
		"vulnerable_code_not_present",
		"vulnerable_code_not_in_execute_path",
		"vulnerable_code_cannot_be_controlled_by_adversary",
		"inline_mitigations_already_exist",
	};
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(known); i++)
		if (kq_is(value, known[i]))
			return;
	say_wrong(
		at,
		"Justification: want one of the five of OpenVEX, component_not_present or another");
}

static void read_fixed(struct place *at, struct ks_span value)
{
	struct ks_span release, id = { 0 };

	if (!ks_span_word(&value, &release) || !ks_span_word(&value, &id) || value.bytes ||
	    !kq_is_hex(id, 40) || !kq_order_read(release, &at->decision->fixed_in)) {
		say_wrong(at,
			  "Fixed-in: want a release and the 40 hexadecimal digits of its commit");
		return;
	}
	at->decision->fix = id;
}

static void read_introduced(struct place *at, struct ks_span value)
{
	struct ks_span release, id;

	if (!ks_span_word(&value, &release) ||
	    (ks_span_word(&value, &id) && (!kq_is_hex(id, 40) || value.bytes)) ||
	    !kq_order_read(release, &at->decision->introduced))
		say_wrong(at,
			  "Introduced: want a release, and the 40 hexadecimal digits of the commit "
			  "if known");
}

static void read_review(struct place *at, struct ks_span value)
{
	u32 date;

	if (!kq_date(value, &date))
		say_wrong(at, "Review-by: want a date, YYYY-MM-DD");
	else if (date < at->today)
		say_wrong(at, "Review-by: is past, decide anew and set a new date");
}

static void read_text(struct place *at, struct ks_span value)
{
	if (!value.bytes)
		say_wrong(at, "nothing behind the colon");
}

/* @must: states that need it; @may: states that may have it */
static const struct {
	const char *key;
	void (*read)(struct place *at, struct ks_span value);
	u32 must;
	u32 may;
	bool many;
} rows[] = {
	{ "State:", read_state, ALL, ALL, false },
	{ "Fixed-in:", read_fixed, FIXED, FIXED, false },
	{ "Justification:", read_justification, NOT_AFFECTED, NOT_AFFECTED, false },
	{ "Reason:", read_text, NOT_AFFECTED | OPEN, ALL, false },
	{ "Introduced:", read_introduced, 0, ALL, false },
	{ "Evidence:", read_text, 0, ALL, true },
	{ "Owner:", read_text, ALL, ALL, false },
	{ "Review-by:", read_review, NOT_AFFECTED | OPEN, ALL, false },
};

#define NR_ROWS KS_ARRAY_SIZE(rows)

static void read_line(struct place *at, struct ks_span line, u32 seen[NR_ROWS])
{
	size_t i;

	if (!ks_span_trim(line).bytes || kq_starts(line, "#"))
		return;
	for (i = 0; i < NR_ROWS; i++) {
		if (!kq_take(&line, rows[i].key))
			continue;
		if (seen[i]++ && !rows[i].many)
			kq_say(at->findings, "cve/%s:%u: second %s", at->decision->id, at->line,
			       rows[i].key);
		rows[i].read(at, ks_span_trim(line));
		return;
	}
	say_wrong(at, "want 'Key: value' with a key that patches/README.md has, or '# comment'");
}

static void check_state(const struct place *at, const u32 seen[NR_ROWS])
{
	const struct kq_decision *d = at->decision;
	const u32 state = 1U << d->state;
	size_t i;

	for (i = 0; i < NR_ROWS; i++) {
		if (!seen[i] && (rows[i].must & state) && (at->known_state || rows[i].must == ALL))
			kq_say(at->findings, "cve/%s: no %s", d->id, rows[i].key);
		if (seen[i] && !(rows[i].may & state) && at->known_state)
			kq_say(at->findings, "cve/%s: %s does not go with %s", d->id, rows[i].key,
			       kq_cve_state_name(d->state));
	}
}

static void check_base(const struct place *at, const struct kq_order *base)
{
	const struct kq_decision *d = at->decision;
	bool later;

	if (!base)
		return;
	if (d->fixed_in.nr_parts && kq_order_compare(&d->fixed_in, base) > 0)
		kq_say(at->findings, "cve/%s: Fixed-in is later than the base", d->id);
	later = d->introduced.nr_parts && kq_order_compare(&d->introduced, base) > 0;
	if (later && at->known_state && d->state != KQ_CVE_NOT_AFFECTED)
		kq_say(at->findings, "cve/%s: Introduced is later than the base, but it is %s",
		       d->id, kq_cve_state_name(d->state));
}

void kq_decision_done(struct kq_decision *decision)
{
	ks_buf_done(&decision->text);
	*decision = (struct kq_decision){ 0 };
}

bool kq_decision_value(const struct kq_decision *decision, const char *key, size_t nth,
		       struct ks_span *ret_value)
{
	const struct kq_patch as_message = { .body = ks_buf_span(&decision->text) };

	return kq_trailer(&as_message, key, nth, ret_value);
}

int kq_decision_load(const char *dir, const char *name, u32 today, const struct kq_order *base,
		     struct kq_decision *ret_decision, struct ks_buf *findings,
		     struct kq_error *error)
{
	__cleanup(kq_decision_done) struct kq_decision decision = { 0 };
	struct place at = { .decision = &decision, .findings = findings, .today = today };
	struct ks_span text, line;
	u32 seen[NR_ROWS] = { 0 };
	struct kq_path path;
	int rc = kq_path(&path, error, "%s/%s", dir, name);

	if (rc)
		return rc;
	if (kq_file_load(path.s, MAX_DECISION_BYTES, &decision.text, error))
		return error->err;
	snprintf(decision.id, sizeof(decision.id), "%s", name);
	text = ks_buf_span(&decision.text);
	for (at.line = 1; ks_span_line(&text, &line); at.line++)
		read_line(&at, line, seen);
	check_state(&at, seen);
	check_base(&at, base);
	*ret_decision = decision;
	decision = (struct kq_decision){ 0 };
	return 0;
}
