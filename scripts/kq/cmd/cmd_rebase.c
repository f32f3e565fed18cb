// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * rebase, continue, drop, abort: the four words of one conversation.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cmd/verb.h"
#include "rebase/rebase.h"
#include "rebase/report.h"
#include "rebase/undo.h"
#include "stack/resolution.h"
#include "work/edit.h"
#include "work/edition.h"

static void print_patches(struct json_object *report)
{
	struct json_object *patches = NULL;
	size_t i;

	json_object_object_get_ex(report, "patches", &patches);
	for (i = 0; i < json_object_array_length(patches); i++) {
		struct json_object *patch = json_object_array_get_idx(patches, i);
		__cleanup(ks_buf_done) struct ks_buf line = { 0 };

		kq_report_line(patch, &line);
		printf("%-10s %s%s", kq_json_get(patch, "outcome"), kq_json_get(patch, "patch"),
		       line.bytes ? ": " : "");
		kq_put_shown(stdout, ks_buf_span(&line));
		putchar('\n');
	}
}

static void print_totals(struct json_object *report)
{
	__cleanup(ks_buf_done) struct ks_buf line = { 0 };

	kq_report_totals(report, false, &line);
	kq_print(&line);
	putchar('\n');
}

static void print_block(const char *title, struct ks_span text)
{
	struct ks_span line;

	if (text.bytes)
		printf("  %s:\n", title);
	while (ks_span_line(&text, &line)) {
		printf("    ");
		kq_put_shown(stdout, line);
		putchar('\n');
	}
}

/* Only the regions of a marked file: the rest is in the work tree. */
static void print_regions(const struct kq_conflict *conflict)
{
	__cleanup(kq_regions_done) struct kq_regions regions = { 0 };
	struct kq_error error = { 0 };
	size_t i;

	if (kq_regions_parse(ks_buf_span(&conflict->marked), &regions, &error))
		return;
	for (i = 0; i < regions.nr; i++) {
		const struct kq_region *region = &regions.region[i];

		print_block("new base", region->ours);
		print_block("old base", region->base);
		print_block("ours", region->theirs);
	}
}

static void print_conflict(const struct kq_rebase *r)
{
	const struct kq_step *step = kq_run_conflict(&r->run);
	const char *from = r->bases.base[0].label, *to = r->bases.base[1].label;
	size_t i;

	printf("\nconflict in %s (for %s), %s to %s\n", step->entry->name, step->variant->name,
	       from, to);
	for (i = 0; i < step->verdict.nr_conflicts; i++) {
		const struct kq_conflict *conflict = &step->verdict.conflict[i];

		putchar('\n');
		kq_put_shown(stdout, kq_conflict_path(conflict));
		printf(": %s\n", kq_trouble_text(conflict->trouble));
		print_block("caused by the new base's own change", ks_buf_span(&conflict->cause));
		print_regions(conflict);
	}
	printf("\nResolve it in %s (git branches: old, patch, new), then: kq continue\n"
	       "(git mergetool, git checkout --ours, --theirs and -m work there)\n"
	       "or: kq drop %s --reason REASON, then: kq continue\n"
	       "or: kq abort\n",
	       r->tree.s, step->entry->name);
}

static void print_kept(const struct kq_path *kept)
{
	if (*kept->s)
		printf("%s: a work tree that was edited and not used\n", kept->s);
}

static int show_rebase(const struct kq_rebase *r)
{
	if (r->end == KQ_REBASE_FINISHED) {
		printf("%s: was complete already; report: %s.md\n", r->plan.queue, r->report.s);
		return KS_EXIT_YES;
	}
	print_patches(r->outcome);
	print_totals(r->outcome);
	print_kept(&r->kept);
	if (r->end == KQ_REBASE_CONFLICT) {
		print_conflict(r);
		if (r->undecided.err)
			kq_complain(&r->undecided);
		return KS_EXIT_NO;
	}
	if (r->end == KQ_REBASE_TRIAL)
		printf("%s: stays as it is, it has patches for other SKUs; --sku all moves it\n",
		       r->plan.queue);
	else if (r->end == KQ_REBASE_SAME)
		printf("%s: nothing changed\n", r->plan.queue);
	else
		printf("%s: now on %s\n", r->plan.queue, r->bases.base[1].label);
	printf("report: %s.md and .json\n", r->report.s);
	return KS_EXIT_YES;
}

static int refuse(const struct kq_rebase *r, const struct kq_error *error)
{
	print_kept(&r->kept);
	return kq_complain(error);
}

static int run_undo(const struct kq_options *o)
{
	struct kq_path queue = { "" };
	struct kq_error error = { 0 };

	if (kq_undo(kq_state_of(o), &queue, &error))
		return kq_complain(&error);
	printf("%s: as it was before the rebase; the report stays\n", queue.s);
	return KS_EXIT_YES;
}

static int run_rebase(int nr_args, char **args, struct ks_diag *diag)
{
	const struct kq_options *o = kq_options_with(nr_args, args);
	__cleanup(kq_rebase_done) struct kq_rebase rebase = { 0 };
	const char *sku = o->selection.sku;
	struct kq_error error = { 0 };
	u32 today;

	(void)diag;
	if (!kq_today(&today))
		return KS_EXIT_USAGE;
	if (sku && !strcmp(sku, "all"))
		sku = NULL;
	if (!o->to == !o->undo) {
		fprintf(stderr, "kq: want --to SOURCE, or --undo alone; kq help rebase tells more\n");
		return KS_EXIT_USAGE;
	}
	if (kq_state_is_free(kq_state_of(o), &error))
		return kq_complain(&error);
	if (o->undo)
		return run_undo(o);
	if (kq_rebase_start(kq_state_of(o), o->queue, o->from, o->to, sku, &rebase, &error))
		return refuse(&rebase, &error);
	return show_rebase(&rebase);
}

static int continue_edit(const char *state)
{
	__cleanup(ks_buf_done) struct ks_buf notes = { 0 };
	struct kq_error error = { 0 };

	if (kq_edit_continue(state, &notes, &error))
		return kq_complain(&error);
	kq_print(&notes);
	return KS_EXIT_YES;
}

static int run_continue(int nr_args, char **args, struct ks_diag *diag)
{
	const struct kq_options *o = kq_options_with(nr_args, args);
	__cleanup(kq_rebase_done) struct kq_rebase rebase = { 0 };
	struct kq_error error = { 0 };

	(void)diag;
	if (kq_edit_waits(kq_state_of(o)))
		return continue_edit(kq_state_of(o));
	if (kq_rebase_continue(kq_state_of(o), &rebase, &error))
		return refuse(&rebase, &error);
	return show_rebase(&rebase);
}

static int run_abort(int nr_args, char **args, struct ks_diag *diag)
{
	const struct kq_options *o = kq_options_with(nr_args, args);
	struct kq_error error = { 0 };
	struct kq_path kept = { "" };
	bool is_edit = kq_edit_waits(kq_state_of(o));

	(void)diag;
	if (is_edit ? kq_edit_abort(kq_state_of(o), &kept, &error)
		    : kq_rebase_abort(kq_state_of(o), &kept, &error))
		return kq_complain(&error);
	print_kept(&kept);
	if (is_edit)
		printf("%s/edit: the edit itself is still there\n", kq_state_of(o));
	printf("aborted; the queue is as it was\n");
	return KS_EXIT_YES;
}

static int run_drop(int nr_args, char **args, struct ks_diag *diag)
{
	const struct kq_options *o = kq_options_with(nr_args, args);
	struct kq_error error = { 0 };
	size_t i;

	(void)diag;
	if (kq_rebase_drop(kq_state_of(o), o->operand[0], o->operand + 1, o->nr_operands - 1,
			   o->reason, &error)) {
		int status = kq_complain(&error);

		return error.err == -EINVAL ? KS_EXIT_USAGE : status;
	}
	for (i = 1; i < o->nr_operands; i++)
		printf("%s: its change of %s will be dropped\n", o->operand[0], o->operand[i]);
	if (o->nr_operands == 1)
		printf("%s: will be dropped\n", o->operand[0]);
	printf("go on with: kq continue\n");
	return KS_EXIT_YES;
}

const struct ks_verb kq_verb_rebase = {
	.verb = "rebase",
	.help = "bring the queue to another release: a verdict for every hunk, no fuzz\n"
		"--undo takes the last one back, if nothing was changed since\n"
		"SOURCE is a release of linux/PIN, a tarball, a directory or git:REPO:REV\n"
		"exit: 0 done, 1 could not tell, 2 usage, 3 a conflict waits for you, or it is refused",
	.opts = (const struct ks_opt[]){
		KQ_OPT_TO, KQ_OPT_FROM, KQ_OPT_SKU, KQ_OPT_QUEUE, KQ_OPT_STATE, KQ_OPT_UNDO, { 0 }
	},
	.run = run_rebase,
};

const struct ks_verb kq_verb_continue = {
	.verb = "continue",
	.help = "go on with a rebase: after a conflict was resolved, or after a crash\n"
		"exit: 0 done, 1 could not tell, 2 usage, 3 a conflict waits for you, or it is refused",
	.opts = (const struct ks_opt[]){
		KQ_OPT_STATE, { 0 }
	},
	.run = run_continue,
};

const struct ks_verb kq_verb_abort = {
	.verb = "abort",
	.help = "call the rebase off; the queue is as it was, resolutions are kept\n"
		"a work tree that was edited is moved aside, and named\n"
		"exit: 0 done, 1 could not, 2 usage, 3 no rebase is under way, or it is complete",
	.opts = (const struct ks_opt[]){
		KQ_OPT_STATE, { 0 }
	},
	.run = run_abort,
};

const struct ks_verb kq_verb_drop = {
	.verb = "drop",
	.args = "PATCH [FILE...]",
	.help = "in a rebase: leave a patch, or its change of a file, out on purpose, and say why\n"
		"exit: 0 recorded, 1 could not, 2 usage, 3 no rebase is under way, or there is no such\n"
		"patch",
	.opts = (const struct ks_opt[]){
		KQ_OPT_REASON_REQUIRED, KQ_OPT_STATE, { 0 }
	},
	.run = run_drop,
};
