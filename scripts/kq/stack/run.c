// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stack/run.h"

#include <stdlib.h>
#include <string.h>

#include "engine/apply.h"

const char *kq_fate_name(enum kq_fate fate)
{
	static const char *const names[KQ_NR_FATES] = {
		[KQ_FATE_KEPT] = "kept",	  [KQ_FATE_PARTIAL] = "partial",
		[KQ_FATE_MERGED] = "merged",	  [KQ_FATE_UPSTREAM] = "upstream",
		[KQ_FATE_DROPPED] = "dropped",	  [KQ_FATE_CONFLICT] = "conflict",
		[KQ_FATE_WAITING] = "not judged", [KQ_FATE_OTHER] = "other SKU",
	};

	return names[fate];
}

static void step_done(struct kq_step *step)
{
	kq_verdict_done(&step->verdict);
	ks_buf_done(&step->reason);
}

void kq_run_done(struct kq_run *run)
{
	size_t i;

	for (i = 0; run->step && i < run->stack.series.nr; i++)
		step_done(&run->step[i]);
	free(run->step);
	kq_variants_done(&run->variants);
	kq_stack_done(&run->stack);
	*run = (struct kq_run){ 0 };
}

const struct kq_step *kq_run_conflict(const struct kq_run *run)
{
	size_t i;

	for (i = 0; i < run->stack.series.nr; i++)
		if (run->step[i].fate == KQ_FATE_CONFLICT)
			return &run->step[i];
	return NULL;
}

int kq_run_load(const char *queue, const char *sku, struct kq_run *ret_run, struct kq_error *error)
{
	__cleanup(kq_run_done) struct kq_run run = { 0 };
	size_t i;
	int rc = kq_stack_load(queue, &run.stack, error);

	if (!rc)
		rc = kq_variants_of(&run.stack.series, sku, &run.variants, error);
	if (rc)
		return rc;
	run.step = calloc(run.stack.series.nr + 1, sizeof(*run.step));
	if (!run.step)
		return kq_no_memory(error);
	for (i = 0; i < run.stack.series.nr; i++)
		run.step[i] = (struct kq_step){
			.entry = &run.stack.series.entry[i],
			.fate = KQ_FATE_WAITING,
			.loaded = &run.stack.patch[i],
		};
	*ret_run = run;
	run = (struct kq_run){ 0 };
	return 0;
}

/*
 * A SKU group: variants that had the same patches so far share their state of both bases. They part
 * at the first line of the series that tells them apart.
 *
 * struct group - the state of some variants: the old base with the patches so far, and the new one
 * @has_variant: for each variant, whether it is in this group
 */
struct group {
	struct kq_overlay old;
	struct kq_overlay onto;
	bool has_variant[KQ_MAX_VARIANTS];
};

/* struct groups - all of them, and what they have in common, borrowed */
struct groups {
	const struct kq_base *base;
	const struct kq_variants *variants;
	struct kq_resolver *resolver;
	struct group *group;
	size_t nr;
	size_t room;
};

static void group_done(struct group *group)
{
	kq_overlay_done(&group->old);
	kq_overlay_done(&group->onto);
}

static void groups_done(struct groups *groups)
{
	size_t i;

	for (i = 0; i < groups->nr; i++)
		group_done(&groups->group[i]);
	free(groups->group);
	*groups = (struct groups){ 0 };
}

/* Room for one more, all zero. Return: NULL with the error set. */
static struct group *add_group(struct groups *groups, struct kq_error *error)
{
	struct group *moved = kq_grow(groups->group, groups->nr, &groups->room, sizeof(*moved),
				      KQ_MAX_VARIANTS, error);

	if (!moved)
		return NULL;
	groups->group = moved;
	moved[groups->nr] = (struct group){ 0 };
	return &moved[groups->nr++];
}

static int start_groups(struct groups *groups, const struct kq_base base[2],
			const struct kq_variants *variants, struct kq_resolver *resolver,
			struct kq_error *error)
{
	struct group *group;
	size_t i;

	groups->base = base;
	groups->variants = variants;
	groups->resolver = resolver;
	group = add_group(groups, error);
	if (!group)
		return error->err;
	group->old.source = base[0].source;
	group->onto.source = base[1].source;
	for (i = 0; i < variants->nr; i++)
		group->has_variant[i] = true;
	return 0;
}

static bool has_patch(const struct groups *groups, size_t variant, const struct kq_entry *entry)
{
	return kq_selected(entry, &groups->variants->variant[variant].select);
}

static const struct kq_variant *group_variant(const struct groups *groups,
					      const struct group *group)
{
	size_t i = 0;

	while (i + 1 < groups->variants->nr && !group->has_variant[i])
		i++;
	return &groups->variants->variant[i];
}

static bool group_selects(const struct groups *groups, const struct group *group,
			  const struct kq_entry *entry)
{
	return kq_selected(entry, &group_variant(groups, group)->select);
}

/* Those of the group's variants that do not have the patch get a group of their own. */
static int split_group(struct groups *groups, size_t idx, const struct kq_entry *entry,
		       struct kq_error *error)
{
	struct group *from = &groups->group[idx], *to;
	size_t i, nr_with = 0, nr = 0;
	int rc;

	for (i = 0; i < groups->variants->nr; i++) {
		nr += from->has_variant[i];
		nr_with += from->has_variant[i] && has_patch(groups, i, entry);
	}
	if (!nr_with || nr_with == nr)
		return 0;
	to = add_group(groups, error);
	if (!to)
		return error->err;
	from = &groups->group[idx];
	for (i = 0; i < groups->variants->nr; i++) {
		to->has_variant[i] = from->has_variant[i] && !has_patch(groups, i, entry);
		from->has_variant[i] = from->has_variant[i] && !to->has_variant[i];
	}
	rc = kq_overlay_clone(&from->old, &to->old, error);
	return rc ? rc : kq_overlay_clone(&from->onto, &to->onto, error);
}

static int split_groups(struct groups *groups, const struct kq_entry *entry, struct kq_error *error)
{
	size_t i, nr = groups->nr;
	int rc = 0;

	if (!entry->sku.bytes && !entry->arch.bytes)
		return 0;
	for (i = 0; i < nr && !rc; i++)
		rc = split_group(groups, i, entry, error);
	return rc;
}

static struct kq_sides group_sides(const struct groups *groups, struct group *group)
{
	return (struct kq_sides){
		.old = &group->old,
		.onto = &group->onto,
		.old_label = groups->base[0].label,
		.onto_label = groups->base[1].label,
		.old_files = groups->base[0].files,
		.onto_files = groups->base[1].files,
		.resolve = kq_resolve,
		.resolve_arg = groups->resolver,
	};
}

static int same_file(struct kq_overlay *a, struct kq_overlay *b, struct ks_span path,
		     bool *ret_same, struct kq_error *error)
{
	struct kq_node *x, *y;
	int rc = kq_overlay_get(a, path, &x, error);

	if (!rc)
		rc = kq_overlay_get(b, path, &y, error);
	if (rc)
		return rc;
	*ret_same = x->exists == y->exists &&
		    (!x->exists || (x->executable == y->executable &&
				    ks_span_eq(kq_node_content(x), kq_node_content(y))));
	return 0;
}

/* Does the text, written for another group, make of @before what judging made of @after? */
static int makes_same(struct ks_span text, const char *label, struct kq_overlay *before,
		      struct kq_overlay *after, bool *ret_same, struct kq_error *error)
{
	__cleanup(kq_patch_done) struct kq_patch patch = { 0 };
	struct kq_error refused = { 0 };
	size_t i;
	int rc = kq_patch_parse(text, label, &patch, error);

	if (rc)
		return rc;
	*ret_same = !kq_apply_patch(before, &patch, NULL, &refused);
	if (refused.err && refused.err != KQ_REFUSED)
		return kq_fail(error, refused.err, "%s", refused.line);
	for (i = 0; i < patch.nr_files && *ret_same && !rc; i++)
		rc = same_file(before, after, patch.file[i].path, ret_same, error);
	return rc;
}

/*
 * Judge a patch that another group has had before: replaces the verdict of that group when this
 * one has a conflict. There is one file for all SKUs, so it must come out the same for each.
 */
static int verdict_again(struct groups *groups, struct group *group, struct kq_step *step,
		       struct kq_error *error)
{
	__cleanup(kq_verdict_done) struct kq_verdict here = { 0 };
	__cleanup(kq_overlay_done) struct kq_overlay before = { 0 };
	const struct kq_variant *variant = group_variant(groups, group);
	const struct kq_sides sides = group_sides(groups, group);
	struct ks_span text = ks_buf_span(&step->verdict.text);
	bool same = true;
	int rc = kq_overlay_clone(&group->onto, &before, error);

	if (!rc)
		rc = kq_verdict_make(&sides, &step->loaded->patch, ks_buf_span(&step->loaded->text),
				    &here, error);
	if (rc)
		return rc;
	if (here.outcome == KQ_CONFLICT) {
		kq_verdict_done(&step->verdict);
		step->verdict = here;
		here = (struct kq_verdict){ 0 };
		step->fate = KQ_FATE_CONFLICT;
		step->variant = variant;
		return 0;
	}
	/* Dropped by a resolution is not dropped because the new base has it. */
	if (step->fate == KQ_FATE_UPSTREAM && here.outcome == KQ_GIVEN_UP) {
		kq_verdict_done(&step->verdict);
		step->verdict = here;
		here = (struct kq_verdict){ 0 };
		step->fate = KQ_FATE_DROPPED;
		return 0;
	}
	if (!ks_span_eq(text, ks_buf_span(&here.text)))
		rc = text.bytes && here.text.bytes ? makes_same(text, step->entry->name, &before,
								&group->onto, &same, error)
						   : (same = false, 0);
	if (!rc && !same)
		return kq_fail(error, KQ_REFUSED,
			       "%s: comes out differently for %s (%s) and for %s (%s); make it two "
			       "patches, one for each, or take back the answer that parted "
			       "them: kq resolutions",
			       step->entry->name, step->variant->name,
			       kq_outcome_name(step->verdict.outcome), variant->name,
			       kq_outcome_name(here.outcome));
	return rc;
}

static enum kq_fate fate_of(enum kq_outcome outcome)
{
	static const enum kq_fate fates[] = {
		[KQ_KEPT] = KQ_FATE_KEPT,	 [KQ_PARTIAL] = KQ_FATE_PARTIAL,
		[KQ_MERGED] = KQ_FATE_MERGED,	 [KQ_UPSTREAM] = KQ_FATE_UPSTREAM,
		[KQ_GIVEN_UP] = KQ_FATE_DROPPED, [KQ_CONFLICT] = KQ_FATE_CONFLICT,
	};

	return fates[outcome];
}

/* A patch that is left out on the new base is still part of the old one for those behind it. */
static int leave_out(struct group *group, const struct kq_step *step, struct kq_error *error)
{
	return kq_apply_patch(&group->old, &step->loaded->patch, NULL, error);
}

static int verdict_for_group(struct groups *groups, struct group *group, struct kq_step *step,
			   struct kq_error *error)
{
	struct ks_span text = ks_buf_span(&step->loaded->text);
	const struct kq_sides sides = group_sides(groups, group);
	bool first = step->fate == KQ_FATE_OTHER;
	int rc;

	if (step->reason.bytes) {
		step->fate = KQ_FATE_DROPPED;
		return leave_out(group, step, error);
	}
	if (step->fate == KQ_FATE_CONFLICT)
		return leave_out(group, step, error);
	if (!first)
		return verdict_again(groups, group, step, error);
	step->variant = group_variant(groups, group);
	rc = kq_verdict_make(&sides, &step->loaded->patch, text, &step->verdict, error);
	if (!rc)
		step->fate = fate_of(step->verdict.outcome);
	return rc;
}

static int verdicts_of_step(struct groups *groups, struct kq_step *step, bool go_on,
		      struct kq_error *error)
{
	size_t i;
	int rc = split_groups(groups, step->entry, error);

	step->fate = KQ_FATE_OTHER;
	for (i = 0; i < groups->nr && !rc; i++) {
		if (!group_selects(groups, &groups->group[i], step->entry))
			continue;
		rc = verdict_for_group(groups, &groups->group[i], step, error);
		if (step->fate == KQ_FATE_CONFLICT && !go_on)
			break;
	}
	return rc;
}

static void forget_verdicts(struct kq_run *run)
{
	size_t i;

	for (i = 0; i < run->stack.series.nr; i++) {
		kq_verdict_done(&run->step[i].verdict);
		run->step[i].fate = KQ_FATE_WAITING;
		run->step[i].variant = NULL;
	}
	memset(run->nr_fates, 0, sizeof(run->nr_fates));
}

int kq_run_verdicts(struct kq_run *run, const struct kq_base base[2], struct kq_resolver *resolver,
		 bool go_on, struct kq_error *error)
{
	__cleanup(groups_done) struct groups groups = { 0 };
	bool behind = false;
	size_t i;
	int rc = start_groups(&groups, base, &run->variants, resolver, error);

	forget_verdicts(run);
	for (i = 0; i < run->stack.series.nr && !rc && (go_on || !behind); i++) {
		run->step[i].behind = behind;
		rc = verdicts_of_step(&groups, &run->step[i], go_on, error);
		behind |= run->step[i].fate == KQ_FATE_CONFLICT;
	}
	for (i = 0; i < run->stack.series.nr && !rc; i++)
		run->nr_fates[run->step[i].fate]++;
	return rc;
}
