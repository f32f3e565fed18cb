// SPDX-License-Identifier: LGPL-2.1-or-later
#include <json-c/json.h>
#include <stdio.h>

#include "cmd/verb.h"
#include "queue/patch.h"
#include "text/json.h"
#include "text/text.h"
#include "work/status.h"

/* Without a verdict what applies, with one what a rebase would do. */
static void print_state(const struct kq_step *step, const struct kq_status_row *row, bool has_verdicts)
{
	if (row->fails)
		printf("does not apply");
	else if (has_verdicts)
		printf("%s%s", kq_fate_name(step->fate),
		       step->behind ? " without the conflict before" : "");
	else if (!row->tried)
		printf("not tried");
	else if (row->offset_lines)
		printf("applies, offset %llu", (unsigned long long)row->offset_lines);
	else
		printf("applies");
}

static void put(const char *before, struct ks_span value)
{
	fputs(before, stdout);
	kq_put_shown(stdout, value);
}

/* "backport 0123456789ab (v6.19)", "submitted", "pending", "never" */
static void print_upstream(const struct kq_patch *patch)
{
	struct ks_span status = { 0 }, word = { 0 };

	if (!kq_trailer(patch, "Upstream-status:", 0, &status)) {
		printf("no upstream status");
	} else if (kq_take(&status, "backport ")) {
		put("backport ", kq_head(status, 12));
		put("", kq_tail(status, 40));
	} else if (ks_span_word(&status, &word)) {
		word = ks_span_ends_with(word, ks_span_str(",")) ? kq_head(word, word.bytes - 1) :
								   word;
		put("", word);
	}
}

/* Who has the conflict, and where. */
static void print_conflicts(const struct kq_step *step)
{
	size_t i;

	for (i = 0; i < step->verdict.nr_conflicts; i++) {
		const struct kq_conflict *conflict = &step->verdict.conflict[i];

		printf("    for %s: ", step->variant->name);
		put("", kq_conflict_path(conflict));
		printf(": %s\n", kq_trouble_text(conflict->trouble));
	}
}

static void print_row(const struct kq_step *step, const struct kq_status_row *row, bool has_verdicts)
{
	const struct kq_patch *patch = &step->loaded->patch;
	struct ks_span value = { 0 };
	size_t i;

	printf("%s: ", step->entry->name);
	print_state(step, row, has_verdicts);
	printf("; ");
	print_upstream(patch);
	for (i = 0; kq_trailer(patch, "CVE:", i, &value); i++)
		put(i ? " " : "; ", value);
	printf("; %zu file%s", patch->nr_files, patch->nr_files == 1 ? "" : "s");
	printf("; %.*s", KQ_FMT(row->skus.bytes ? ks_buf_span(&row->skus) : ks_span_str("no SKU")));
	value = (struct ks_span){ 0 };
	if (kq_trailer(patch, "Owner:", 0, &value))
		put("; ", value);
	if (row->overdue && kq_trailer(patch, "Review-by:", 0, &value))
		put("; REVIEW OVERDUE since ", value);
	printf("\n");
	if (row->why)
		printf("    %s\n", row->why);
	if (has_verdicts)
		print_conflicts(step);
}

static int show_status(const struct kq_options *o, const struct kq_status *status)
{
	size_t i;

	if (o->json) {
		struct json_object *json = kq_status_json(status);

		kq_print_json(json);
		json_object_put(json);
	} else {
		for (i = 0; i < status->run.stack.series.nr; i++)
			print_row(&status->run.step[i], &status->row[i], status->has_verdicts);
	}
	return kq_status_good(status) ? KS_EXIT_YES : KS_EXIT_NO;
}

static int run_status(int nr_args, char **args, struct ks_diag *diag)
{
	const struct kq_options *o = kq_options_with(nr_args, args);
	__cleanup(kq_bases_done) struct kq_bases bases = { 0 };
	__cleanup(kq_status_done) struct kq_status status = { 0 };
	struct kq_error error = { 0 };
	u32 today;
	int rc;

	(void)diag;
	if (!kq_today(&today))
		return KS_EXIT_USAGE;
	rc = kq_status_load(o->queue, "configs/sku", today, &status, &error);
	if (!rc)
		rc = kq_bases_open(o->queue, o->from, o->on, &status.run.stack, &bases, &error);
	if (!rc)
		rc = kq_status_try(&status, bases.base[0].source, &error);
	if (!rc && o->on && kq_status_good(&status))
		rc = kq_status_verdicts(&status, kq_state_of(o), o->queue, bases.base, &error);
	return rc ? kq_complain(&error) : show_status(o, &status);
}

const struct ks_verb kq_verb_status = {
	.verb = "status",
	.help = "each patch: does it apply, upstream status, CVE, files, SKUs, owner\n"
		"with --on what kq rebase makes of each on that release; nothing is changed\n"
		"exit: 0 all apply, and none is in conflict; 1 could not tell, 2 usage, 3 not "
		"all,\n"
		"or the rebase would be refused",
	.opts = (const struct ks_opt[]){
		KQ_OPT_QUEUE, KQ_OPT_FROM, KQ_OPT_ON, KQ_OPT_STATE, KQ_OPT_JSON, { 0 }
	},
	.run = run_status,
};
