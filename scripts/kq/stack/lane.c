// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stack/lane.h"

#include <stdlib.h>
#include <string.h>

#include "engine/apply.h"

static void lane_done(struct kq_lane *lane)
{
	kq_overlay_done(&lane->old);
	kq_overlay_done(&lane->onto);
}

void kq_lanes_done(struct kq_lanes *lanes)
{
	size_t i;

	for (i = 0; i < lanes->nr; i++)
		lane_done(&lanes->lane[i]);
	free(lanes->lane);
	*lanes = (struct kq_lanes){ 0 };
}

/* Room for one more, all zero. Return: NULL with the error set. */
static struct kq_lane *add_lane(struct kq_lanes *lanes, struct kq_error *error)
{
	struct kq_lane *moved = kq_grow(lanes->lane, lanes->nr, &lanes->room, sizeof(*moved),
					KQ_MAX_VARIANTS, error);

	if (!moved)
		return NULL;
	lanes->lane = moved;
	moved[lanes->nr] = (struct kq_lane){ 0 };
	return &moved[lanes->nr++];
}

int kq_lanes_start(struct kq_lanes *lanes, const struct kq_base base[2],
		   const struct kq_variants *variants, struct kq_resolver *resolver,
		   struct kq_error *error)
{
	struct kq_lane *lane;
	size_t i;

	lanes->base = base;
	lanes->variants = variants;
	lanes->resolver = resolver;
	lane = add_lane(lanes, error);
	if (!lane)
		return error->err;
	lane->old.source = base[0].source;
	lane->onto.source = base[1].source;
	for (i = 0; i < variants->nr; i++)
		lane->holds[i] = true;
	return 0;
}

static bool has(const struct kq_lanes *lanes, size_t variant, const struct kq_entry *entry)
{
	return kq_selected(entry, &lanes->variants->variant[variant].select);
}

const struct kq_variant *kq_lane_variant(const struct kq_lanes *lanes, const struct kq_lane *lane)
{
	size_t i = 0;

	while (i + 1 < lanes->variants->nr && !lane->holds[i])
		i++;
	return &lanes->variants->variant[i];
}

bool kq_lane_selects(const struct kq_lanes *lanes, const struct kq_lane *lane,
		     const struct kq_entry *entry)
{
	return kq_selected(entry, &kq_lane_variant(lanes, lane)->select);
}

/* Those of the lane's variants that do not have the patch get a lane of their own. */
static int split(struct kq_lanes *lanes, size_t idx, const struct kq_entry *entry,
		 struct kq_error *error)
{
	struct kq_lane *from = &lanes->lane[idx], *to;
	size_t i, nr_with = 0, nr = 0;
	int rc;

	for (i = 0; i < lanes->variants->nr; i++) {
		nr += from->holds[i];
		nr_with += from->holds[i] && has(lanes, i, entry);
	}
	if (!nr_with || nr_with == nr)
		return 0;
	to = add_lane(lanes, error);
	if (!to)
		return error->err;
	from = &lanes->lane[idx];
	for (i = 0; i < lanes->variants->nr; i++) {
		to->holds[i] = from->holds[i] && !has(lanes, i, entry);
		from->holds[i] = from->holds[i] && !to->holds[i];
	}
	rc = kq_overlay_clone(&from->old, &to->old, error);
	return rc ? rc : kq_overlay_clone(&from->onto, &to->onto, error);
}

int kq_lanes_split(struct kq_lanes *lanes, const struct kq_entry *entry, struct kq_error *error)
{
	size_t i, nr = lanes->nr;
	int rc = 0;

	if (!entry->sku.bytes && !entry->arch.bytes)
		return 0;
	for (i = 0; i < nr && !rc; i++)
		rc = split(lanes, i, entry, error);
	return rc;
}

struct kq_sides kq_lane_sides(const struct kq_lanes *lanes, struct kq_lane *lane)
{
	return (struct kq_sides){
		.old = &lane->old,
		.onto = &lane->onto,
		.old_label = lanes->base[0].label,
		.onto_label = lanes->base[1].label,
		.old_files = lanes->base[0].files,
		.onto_files = lanes->base[1].files,
		.resolve = kq_resolve,
		.resolve_arg = lanes->resolver,
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

/* Does the text, written for another lane, make of @before what judging made of @after? */
static int makes_same(struct ks_span text, const char *label, struct kq_overlay *before,
		      struct kq_overlay *after, bool *ret_same, struct kq_error *error)
{
	__cleanup(kq_patch_done) struct kq_patch patch = { 0 };
	__cleanup(ks_buf_done) struct ks_buf notes = { 0 };
	struct kq_error refused = { 0 };
	size_t i;
	int rc = kq_patch_parse(text, label, &patch, error);

	if (rc)
		return rc;
	*ret_same = !kq_apply_patch(before, &patch, &notes, &refused);
	if (refused.err && refused.err != KQ_REFUSED)
		return kq_fail(error, refused.err, "%s", refused.line);
	for (i = 0; i < patch.nr_files && *ret_same && !rc; i++)
		rc = same_file(before, after, patch.file[i].path, ret_same, error);
	return rc;
}

int kq_lane_same(struct kq_lanes *lanes, struct kq_lane *lane, struct kq_step *step,
		 struct kq_error *error)
{
	__cleanup(kq_verdict_done) struct kq_verdict here = { 0 };
	__cleanup(kq_overlay_done) struct kq_overlay before = { 0 };
	const struct kq_variant *variant = kq_lane_variant(lanes, lane);
	const struct kq_sides sides = kq_lane_sides(lanes, lane);
	struct ks_span text = ks_buf_span(&step->verdict.text);
	bool same = true;
	int rc = kq_overlay_clone(&lane->onto, &before, error);

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
		step->fate = KQ_FATE_ACCEPTED;
		return 0;
	}
	if (!ks_span_eq(text, ks_buf_span(&here.text)))
		rc = text.bytes && here.text.bytes ? makes_same(text, step->entry->name, &before,
								&lane->onto, &same, error)
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
