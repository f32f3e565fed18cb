// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stack/stack.h"

#include <stdlib.h>
#include <string.h>

#include "engine/apply.h"
#include "stack/variants.h"

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

int kq_stack_apply(const struct kq_stack *stack, size_t nr, const struct kq_selection *selection,
		   struct kq_overlay *overlay, struct ks_buf *notes, struct kq_error *error)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < nr && !rc; i++)
		if (kq_selected(&stack->series.entry[i], selection))
			rc = kq_apply_patch(overlay, &stack->patch[i].patch, notes, error);
	return rc;
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
	__cleanup(ks_buf_done) struct ks_buf notes = { 0 };
	struct kq_error why = { 0 };
	int rc = kq_stack_apply(check->stack, check->stack->series.nr, selection, &overlay, &notes,
				&why);

	if (!rc)
		return 0;
	if (!selection->sku && !selection->arch)
		return kq_fail(error, rc, "%s", why.line);
	return kq_fail(error, rc, "with sku=%s arch=%s: %s",
		       selection->sku ? selection->sku : "-",
		       selection->arch ? selection->arch : "-", why.line);
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
