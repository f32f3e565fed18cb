// SPDX-License-Identifier: LGPL-2.1-or-later
/* Has a resolved configuration what the needs of its SKU say, and can all of them be had at once? */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/limits.h"
#include "facts.h"
#include "kconfig-check.h"
#include "fmt/need.h"
#include "request.h"
#include "sku.h"
#include "tests.h"

#define NEEDS_DIR KC_CONFIGS "/needs"

/* All that one run owns. */
struct run {
	struct kc_sku sku;
	struct ks_needs needs;
	struct kc_list wanted;
	struct kc_list resolved;
	struct kc_request **wanted_sorted;
	struct kc_request **resolved_sorted;
	struct kc_facts facts;
	size_t nr_errors;
};

static void run_done(struct run *run)
{
	free(run->wanted_sorted);
	free(run->resolved_sorted);
	kc_facts_done(&run->facts);
	kc_list_done(&run->wanted);
	kc_list_done(&run->resolved);
	ks_needs_done(&run->needs);
	kc_sku_done(&run->sku);
}

static int load(struct run *run, const struct kc_args *args, struct ks_diag *diag)
{
	size_t i;
	int rc = kc_sku_load(KC_SKUS, args->option[KC_SKU], &run->sku, diag);

	if (!rc)
		rc = ks_needs_load(NEEDS_DIR, kc_sku_value(&run->sku, "NEEDS"), &run->needs, diag);
	for (i = 0; i < args->nr_fragments && !rc; i++)
		rc = kc_list_load(&run->wanted, args->fragments[i], diag);
	return rc ? rc : kc_list_sorted(&run->wanted, &run->wanted_sorted, diag);
}

static bool is_for(const struct run *run, const struct ks_need *need)
{
	return !need->arch.bytes || ks_span_eq(need->arch, kc_sku_value(&run->sku, "ARCH"));
}

/* "CONFIG_A=y" */
static void put_term(struct ks_buf *out, const struct ks_need_term *term)
{
	ks_put_str(out, "CONFIG_");
	ks_put(out, term->symbol);
	ks_put_str(out, term->op == KS_NEED_ON ? "" : term->op == KS_NEED_EQUAL ? "=" : ">=");
	ks_put(out, term->value);
}

static void put_need(struct ks_buf *out, const struct ks_need *need)
{
	size_t i;

	for (i = 0; i < need->nr_terms; i++) {
		ks_put_str(out, i ? " or " : "");
		put_term(out, &need->term[i]);
	}
	ks_put_str(out, need->nr_terms == 1 && need->term[0].op == KS_NEED_ON ? " (y or m)" : "");
}

static void say(struct run *run, const struct ks_need *need, const struct ks_buf *line)
{
	run->nr_errors++;
	kc_say(need->path, need->line, "%.*s", KS_FMT(ks_buf_span(line)));
}

/* A need of one term that @term cannot go with, NULL if there is none. */
static const struct ks_need *find_opponent(const struct run *run, const struct ks_need_term *term)
{
	size_t i;

	for (i = 0; i < run->needs.nr; i++) {
		const struct ks_need *other = &run->needs.need[i];

		if (other->nr_terms == 1 && is_for(run, other) &&
		    ks_span_eq(other->term[0].symbol, term->symbol) && !ks_needs_agree(&other->term[0], term))
			return other;
	}
	return NULL;
}

/* Return: true if other needs leave this one no way. Of two that contradict each other the later one says so. */
static bool is_contradicted(struct run *run, const struct ks_need *need)
{
	__cleanup(ks_buf_done) struct ks_buf line = { 0 };
	const struct ks_need *opponent = NULL;
	size_t i;

	for (i = 0; i < need->nr_terms; i++) {
		opponent = find_opponent(run, &need->term[i]);
		if (!opponent)
			break;
	}
	if (!opponent)
		return false;
	if (need->nr_terms == 1 && opponent > need)
		return true;
	put_need(&line, need);
	ks_put_str(&line, " is needed here, and ");
	put_term(&line, &opponent->term[0]);
	kc_put_place(&line, " at ", opponent->path, opponent->line);
	ks_put_str(&line, "; no kernel has both, change NEEDS or one of them");
	say(run, need, &line);
	return true;
}

static const struct kc_fact *find_fact(const struct run *run, const struct ks_need_term *term)
{
	return kc_facts_find(&run->facts, term->symbol, ks_need_asked(term));
}

/* Why is an alternative not had? */
static void put_why(struct ks_buf *out, const struct run *run, const struct ks_need_term *term, bool is_only)
{
	const struct kc_fact *fact = find_fact(run, term);
	const struct kc_request *req =
		kc_find_kept(run->wanted_sorted, run->wanted.nr_req, term->symbol);

	if (!is_only || !fact || fact->is_known) {
		ks_put_str(out, is_only ? ", got " : "; CONFIG_");
		if (!is_only) {
			ks_put(out, term->symbol);
			ks_put_str(out, " is ");
		}
		ks_put(out, kc_value_of(run->resolved_sorted, run->resolved.nr_req, term->symbol));
	}
	if (fact && !fact->is_known) {
		ks_put_str(out, is_only ? ": no such symbol in this tree for " : ": no such symbol for ");
		ks_put(out, kc_sku_value(&run->sku, "ARCH"));
		ks_put_str(out, is_only ? "; mend the need, or say @ARCH if another one has it" : "");
	} else if (req && !ks_need_is_met(term, req->value)) {
		ks_put_str(out, ": ");
		ks_put(out, req->value);
		kc_put_place(out, " is requested at ", req->path, req->line);
	} else if (fact && fact->reason.bytes) {
		ks_put_str(out, ": ");
		ks_put(out, fact->reason);
	}
}

/* A value like =n is not had by a symbol that there is none of. */
static bool is_met(const struct run *run, const struct ks_need_term *term)
{
	const struct kc_fact *fact = find_fact(run, term);

	return (!fact || fact->is_known) &&
	       ks_need_is_met(term, kc_value_of(run->resolved_sorted, run->resolved.nr_req, term->symbol));
}

static void check_need(struct run *run, const struct ks_need *need)
{
	__cleanup(ks_buf_done) struct ks_buf line = { 0 };
	const struct kc_fact *fact;
	size_t i;

	for (i = 0; i < need->nr_terms; i++)
		if (is_met(run, &need->term[i]))
			return;
	put_need(&line, need);
	fact = need->nr_terms == 1 ? find_fact(run, &need->term[0]) : NULL;
	if (fact && fact->prompt.bytes) {
		ks_put_str(&line, " \"");
		ks_put(&line, fact->prompt);
		ks_put_str(&line, "\"");
	}
	ks_put_str(&line, " is needed");
	for (i = 0; i < need->nr_terms; i++)
		put_why(&line, run, &need->term[i], need->nr_terms == 1);
	say(run, need, &line);
}

/* The names in lines "#: NAME ..." of a file, one a line. */
static int load_check_names(const char *dir, const char *name, struct ks_buf *names, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	__cleanup(ks_free_str) char *path = NULL;
	struct ks_span rest, line, word;
	int rc;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "no memory for a file's name");
	rc = ks_file_load(path, KS_MAX_TEXT_BYTES, &text, diag);
	ks_diag_in(diag, path);
	rest = ks_buf_span(&text);
	while (!rc && ks_span_line(&rest, &line)) {
		if (!ks_text_cut(&line, "#: ") || !ks_span_word(&line, &word))
			continue;
		ks_put(names, word);
		ks_put_str(names, "\n");
	}
	return rc;
}

static bool has_line(struct ks_span text, struct ks_span line)
{
	struct ks_span other;

	while (ks_span_line(&text, &other))
		if (ks_span_eq(other, line))
			return true;
	return false;
}

/* Every check that a need names is one of those files. */
static int check_checks(struct run *run, const char *dir, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf names = { 0 };
	DIR *open = opendir(dir);
	const struct dirent *item;
	size_t i;
	int rc = 0;

	if (!open)
		return errno == ENOENT ? 0 : ks_fail_sys(diag, "cannot read the checks", dir);
	while (!rc && (item = readdir(open)))
		if (ks_span_ends_with(ks_span_str(item->d_name), ks_span_str(".sh")) ||
		    ks_span_ends_with(ks_span_str(item->d_name), ks_span_str(".c")))
			rc = load_check_names(dir, item->d_name, &names, diag);
	closedir(open);
	for (i = 0; i < run->needs.nr_checks && !rc; i++) {
		const struct ks_need_check *check = &run->needs.check[i];

		if (has_line(ks_buf_span(&names), check->name))
			continue;
		run->nr_errors++;
		kc_say(check->path, check->line, "%.*s is no check of %s, where a line \"#: %.*s ...\" would name it",
		       KS_FMT(check->name), dir, KS_FMT(check->name));
	}
	return rc ? rc : ks_buf_ok(&names, diag);
}

int kc_needs(const struct kc_args *args, struct ks_diag *diag)
{
	__cleanup(run_done) struct run run = { 0 };
	size_t i;
	int rc = load(&run, args, diag);

	if (!rc)
		rc = kc_list_load(&run.resolved, args->option[KC_CONFIG], diag);
	if (!rc)
		rc = kc_list_sorted(&run.resolved, &run.resolved_sorted, diag);
	if (!rc)
		rc = kc_facts_load(&run.facts, args->option[KC_FACTS], diag);
	if (!rc && args->option[KC_CHECKS])
		rc = check_checks(&run, args->option[KC_CHECKS], diag);
	if (rc)
		return rc;
	/* What contradicts there is said by verify. */
	(void)!kc_resolve_conflicts(run.wanted_sorted, run.wanted.nr_req);
	for (i = 0; i < run.needs.nr; i++)
		if (is_for(&run, &run.needs.need[i]) && !is_contradicted(&run, &run.needs.need[i]))
			check_need(&run, &run.needs.need[i]);
	return run.nr_errors ? KC_NO : 0;
}

int kc_ask(const struct kc_args *args, struct ks_diag *diag)
{
	__cleanup(run_done) struct run run = { 0 };
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	struct ks_span content;
	size_t i, t;
	int rc = load(&run, args, diag);

	if (rc)
		return rc;
	(void)!kc_resolve_conflicts(run.wanted_sorted, run.wanted.nr_req);
	kc_list_put_asked(&run.wanted, &out);
	for (i = 0; i < run.needs.nr; i++)
		for (t = 0; t < run.needs.need[i].nr_terms; t++)
			kc_put_asked(&out, run.needs.need[i].term[t].symbol,
				     ks_need_asked(&run.needs.need[i].term[t]));
	if (args->option[KC_TESTS])
		rc = kc_tests_put_asked(args->option[KC_TESTS], &out, diag);
	if (!rc)
		rc = ks_buf_ok(&out, diag);
	content = ks_buf_span(&out);
	return rc ? rc : ks_file_publish(args->option[KC_OUTPUT], &content, 1, 0644, diag);
}
