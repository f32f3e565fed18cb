// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stack/stack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/apply.h"
#include "text/text.h"

void kq_stack_done(struct kq_stack *stack)
{
	size_t i;

	for (i = 0; stack->patch && i < stack->series.nr; i++)
		kq_loaded_done(&stack->patch[i]);
	free(stack->patch);
	kq_series_done(&stack->series);
	*stack = (struct kq_stack){ 0 };
}

int kq_stack_load(const char *dir, struct kq_stack *ret_stack, struct kq_error *error)
{
	__cleanup(kq_stack_done) struct kq_stack stack = { 0 };
	size_t i;
	int rc = kq_series_load(dir, &stack.series, error);

	if (rc)
		return rc;
	stack.patch = calloc(stack.series.nr + 1, sizeof(*stack.patch));
	if (!stack.patch)
		return kq_no_memory(error);
	for (i = 0; i < stack.series.nr && !rc; i++)
		rc = kq_load_patch(dir, stack.series.entry[i].name, stack.series.entry[i].name,
				   &stack.patch[i], error);
	if (rc)
		return rc;
	*ret_stack = stack;
	stack = (struct kq_stack){ 0 };
	return 0;
}

int kq_stack_set(struct kq_stack *stack, size_t idx, struct ks_buf *text, const char *label,
		 struct kq_error *error)
{
	__cleanup(kq_loaded_done) struct kq_loaded loaded = { 0 };
	int rc;

	ks_buf_move(&loaded.text, text);
	rc = kq_sha256(ks_buf_span(&loaded.text), &loaded.sha256, error);
	if (!rc)
		rc = kq_patch_parse(ks_buf_span(&loaded.text), label, &loaded.patch, error);
	if (rc)
		return rc;
	kq_loaded_done(&stack->patch[idx]);
	stack->patch[idx] = loaded;
	loaded = (struct kq_loaded){ 0 };
	return 0;
}

int kq_stack_paths(const struct kq_stack *stack, struct kq_names *ret_paths, struct kq_error *error)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < stack->series.nr && !rc; i++)
		rc = kq_patch_paths(&stack->patch[i].patch, ret_paths, error);
	kq_names_sort(ret_paths);
	return rc;
}

int kq_stack_apply(const struct kq_stack *stack, size_t idx, size_t end_idx,
		   const struct kq_selection *selection, struct kq_overlay *overlay,
		   struct kq_error *error)
{
	int rc = 0;

	for (; idx < end_idx && !rc; idx++)
		if (kq_selected(&stack->series.entry[idx], selection))
			rc = kq_apply_patch(overlay, &stack->patch[idx].patch, NULL, error);
	return rc;
}

static void variant_done(struct kq_variant *variant)
{
	free((char *)variant->select.sku);
	free((char *)variant->select.arch);
	free(variant->name);
}

void kq_variants_done(struct kq_variants *variants)
{
	size_t i;

	for (i = 0; i < variants->nr; i++)
		variant_done(&variants->variant[i]);
	free(variants->variant);
	*variants = (struct kq_variants){ 0 };
}

static bool same_patches(const struct kq_series *series, const struct kq_selection *a,
			 const struct kq_selection *b)
{
	size_t i;

	for (i = 0; i < series->nr; i++)
		if (kq_selected(&series->entry[i], a) != kq_selected(&series->entry[i], b))
			return false;
	return true;
}

static int name_variant(struct kq_variant *variant, bool alone, struct kq_error *error)
{
	const char *sku = variant->select.sku, *arch = variant->select.arch;
	int n;

	if (!sku && !arch)
		n = asprintf(&variant->name, "%s", alone ? "every SKU" : "any other SKU");
	else
		n = asprintf(&variant->name, "%s%s%s", sku ? sku : "any other SKU",
			     arch ? " on " : "", arch ? arch : "");
	if (n >= 0)
		return 0;
	variant->name = NULL;
	return kq_no_memory(error);
}

static int add_variant(struct kq_variants *variants, const struct kq_series *series,
		       const struct kq_selection *select, struct kq_error *error)
{
	struct kq_variant *moved, *variant;
	size_t i;

	for (i = 0; i < variants->nr; i++)
		if (same_patches(series, &variants->variant[i].select, select))
			return 0;
	moved = kq_grow(variants->variant, variants->nr, &variants->room, sizeof(*moved),
			KQ_MAX_VARIANTS, error);
	if (!moved)
		return error->err;
	variants->variant = moved;
	variant = &moved[variants->nr++];
	*variant = (struct kq_variant){ 0 };
	if (select->sku)
		variant->select.sku = strdup(select->sku);
	if (select->arch)
		variant->select.arch = strdup(select->arch);
	if (!variant->select.sku != !select->sku || !variant->select.arch != !select->arch)
		return kq_no_memory(error);
	return 0;
}

int kq_variants_of(const struct kq_series *series, const char *sku,
		   struct kq_variants *ret_variants, struct kq_error *error)
{
	__cleanup(kq_variants_done) struct kq_variants variants = { 0 };
	__cleanup(kq_names_done) struct kq_names skus = { 0 };
	__cleanup(kq_names_done) struct kq_names arches = { 0 };
	size_t s, a, i;
	int rc = kq_series_names(series, KQ_MAX_VARIANTS, *sku ? NULL : &skus, &arches, error);

	if (!rc && *sku)
		rc = kq_names_add(&skus, ks_span_str(sku), KQ_MAX_VARIANTS, error);

	for (s = 0; s < skus.nr && !rc; s++)
		for (a = 0; a < arches.nr && !rc; a++)
			rc = add_variant(&variants, series,
					 &(struct kq_selection){ .sku = skus.name[s],
								 .arch = arches.name[a] },
					 error);
	for (i = 0; i < variants.nr && !rc; i++)
		rc = name_variant(&variants.variant[i], variants.nr == 1, error);
	if (rc)
		return rc;
	*ret_variants = variants;
	variants = (struct kq_variants){ 0 };
	return 0;
}

int kq_selection_first(const struct kq_entry *entry, struct kq_selection *selection,
		       struct kq_path room[2], struct kq_error *error)
{
	struct ks_span list = entry->sku, name;
	int rc = 0;

	if (!selection->sku && kq_series_item(&list, &name)) {
		rc = kq_path(&room[0], error, "%.*s", (int)name.bytes, (const char *)name.p);
		selection->sku = room[0].s;
	}
	list = entry->arch;
	if (!rc && !selection->arch && kq_series_item(&list, &name)) {
		rc = kq_path(&room[1], error, "%.*s", (int)name.bytes, (const char *)name.p);
		selection->arch = room[1].s;
	}
	return rc;
}

int kq_selection_fail(const struct kq_selection *selection, const struct kq_error *why,
		      struct kq_error *error)
{
	if (!selection->sku && !selection->arch)
		return kq_fail(error, why->err, "%s", why->line);
	return kq_fail(error, why->err, "with sku=%s arch=%s: %s",
		       selection->sku ? selection->sku : "-",
		       selection->arch ? selection->arch : "-", why->line);
}

/* struct check - what one selection is tried on */
struct check {
	const struct kq_stack *stack;
	const struct kq_source *source;
};

static int check_one(void *arg, const struct kq_selection *selection, struct kq_error *error)
{
	const struct check *check = arg;
	__cleanup(kq_overlay_done) struct kq_overlay overlay = { .source = check->source };
	struct kq_error why = { 0 };
	int rc =
		kq_stack_apply(check->stack, 0, check->stack->series.nr, selection, &overlay, &why);

	return rc ? kq_selection_fail(selection, &why, error) : 0;
}

int kq_stack_each(const struct kq_stack *stack, kq_stack_visit visit, void *arg,
		  struct kq_error *error)
{
	__cleanup(kq_variants_done) struct kq_variants variants = { 0 };
	size_t i;
	int rc = kq_variants_of(&stack->series, "", &variants, error);

	for (i = 0; i < variants.nr && !rc; i++)
		rc = visit(arg, &variants.variant[i].select, error);
	return rc;
}

int kq_stack_check(const struct kq_stack *stack, const struct kq_source *source,
		   struct kq_error *error)
{
	struct check check = { stack, source };

	return kq_stack_each(stack, check_one, &check, error);
}
