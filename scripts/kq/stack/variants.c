// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stack/variants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/text.h"

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
