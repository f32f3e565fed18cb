// SPDX-License-Identifier: LGPL-2.1-or-later
#include "queue/skus.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kconfig/sku.h"
#include "text/text.h"

#define SUFFIX ".sku"

static void sku_done(struct kq_sku *sku)
{
	free(sku->name);
	free(sku->arch);
	free(sku->queue);
}

void kq_skus_done(struct kq_skus *skus)
{
	size_t i;

	for (i = 0; i < skus->nr; i++)
		sku_done(&skus->sku[i]);
	free(skus->sku);
	*skus = (struct kq_skus){ 0 };
}

static char *copy(struct ks_span s)
{
	return strndup(s.bytes ? (const char *)s.p : "", s.bytes);
}

static int add_sku(struct kq_skus *skus, const char *dir, const char *file, struct kq_error *error)
{
	struct kq_sku *moved =
		kq_grow(skus->sku, skus->nr, &skus->room, sizeof(*moved), KQ_MAX_SKUS, error);
	__cleanup(kc_sku_done) struct kc_sku read = { 0 };
	struct ks_diag diag = { 0 };
	struct kq_sku *sku;

	if (!moved)
		return error->err;
	skus->sku = moved;
	sku = &skus->sku[skus->nr++];
	*sku = (struct kq_sku){ .name = strndup(file, strlen(file) - strlen(SUFFIX)) };
	if (!sku->name)
		return kq_no_memory(error);
	if (kc_sku_load(dir, sku->name, &read, &diag))
		return kq_fail_diag(error, &diag);
	sku->arch = copy(kc_sku_value(&read, "ARCH"));
	sku->queue = copy(kc_sku_value(&read, "QUEUE"));
	return sku->arch && sku->queue ? 0 : kq_no_memory(error);
}

static int is_sku(const struct dirent *item)
{
	return item->d_name[0] != '.' &&
	       ks_span_ends_with(ks_span_str(item->d_name), ks_span_str(SUFFIX));
}

static int in_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

int kq_skus_load(const char *dir, struct kq_skus *ret_skus, struct kq_error *error)
{
	__cleanup(kq_skus_done) struct kq_skus skus = { 0 };
	struct dirent **item = NULL;
	int nr = scandir(dir, &item, is_sku, in_bytes), i, rc = 0;

	if (nr < 0)
		return errno == ENOENT ? 0 : kq_fail(error, -errno, "%s: %s", dir, strerror(errno));
	for (i = 0; i < nr && !rc; i++)
		rc = add_sku(&skus, dir, item[i]->d_name, error);
	while (nr-- > 0)
		free(item[nr]);
	free(item);
	if (rc)
		return rc;
	*ret_skus = skus;
	skus = (struct kq_skus){ 0 };
	return 0;
}
