// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cve/links.h"

#include <stdlib.h>
#include <string.h>

#include "cve/table.h"
#include "queue/patch.h"
#include "text/text.h"

/* Every patch has at most two commits, and one that fixes that many CVEs is not a patch. */
#define MAX_LINKS (KQ_MAX_PATCHES * 64U)

void kq_links_done(struct kq_links *links)
{
	free(links->link);
	*links = (struct kq_links){ 0 };
}

static int add(struct kq_links *links, struct ks_span key, enum kq_link_kind kind, size_t patch,
	       struct kq_error *error)
{
	struct kq_link *moved = kq_grow(links->link, links->nr, &links->room, sizeof(*moved),
					MAX_LINKS, error);

	if (!moved)
		return error->err;
	links->link = moved;
	links->link[links->nr++] = (struct kq_link){ key, kind, patch };
	return 0;
}

int kq_links_add(struct kq_links *links, const struct kq_cve_patch *patch, size_t idx,
		 struct kq_error *error)
{
	struct ks_span value = { 0 };
	size_t i;
	int rc = 0;

	for (i = 0; !rc && kq_trailer(patch->patch, "CVE:", i, &value); i++)
		rc = add(links, value, KQ_LINK_NUMBER, idx, error);
	if (!rc && patch->upstream.bytes)
		rc = add(links, patch->upstream, KQ_LINK_UPSTREAM, idx, error);
	if (!rc && patch->stable.bytes)
		rc = add(links, patch->stable, KQ_LINK_STABLE, idx, error);
	return rc;
}

static int by_key(const void *a, const void *b)
{
	const struct kq_link *left = a, *right = b;
	int order = ks_span_cmp(left->key, right->key);

	return order ? order : (left->patch > right->patch) - (left->patch < right->patch);
}

void kq_links_sort(struct kq_links *links)
{
	if (links->nr)
		qsort(links->link, links->nr, sizeof(*links->link), by_key);
}

static bool key_is_before(const void *link, const void *key)
{
	return ks_span_cmp(((const struct kq_link *)link)->key, *(const struct ks_span *)key) < 0;
}

/* The first of those with this key, or where it would be. */
static size_t find(const struct kq_links *links, struct ks_span key)
{
	return kq_lower_bound(links->link, links->nr, sizeof(*links->link), key_is_before, &key);
}

static void mark(const struct kq_links *links, struct ks_span key, unsigned int kinds,
		 u8 *ret_kinds)
{
	size_t i;

	for (i = find(links, key); i < links->nr && ks_span_eq(links->link[i].key, key); i++)
		ret_kinds[links->link[i].patch] |= (u8)(links->link[i].kind & kinds);
}

void kq_cve_patches(const struct kq_cves *cves, const struct kq_cve *cve, u8 *ret_kinds)
{
	const struct kq_record *record = &cve->record;
	struct ks_span list = ks_buf_span(&record->fixes), line;

	if (cves->series.nr)
		memset(ret_kinds, 0, cves->series.nr);
	mark(&cves->links, ks_span_str(cve->id), KQ_LINK_NUMBER, ret_kinds);
	if (record->rejected ||
	    (record->says != KQ_RECORD_AFFECTED && record->says != KQ_RECORD_UNCLEAR))
		return;
	while (ks_span_line(&list, &line))
		mark(&cves->links, line, KQ_LINK_UPSTREAM | KQ_LINK_STABLE, ret_kinds);
}

const struct kq_cve_patch *kq_links_first(const struct kq_cves *cves, const struct ks_buf *ids)
{
	const struct kq_links *links = &cves->links;
	struct ks_span list = ks_buf_span(ids), line;
	size_t first = cves->series.nr, i;

	while (ks_span_line(&list, &line))
		for (i = find(links, line); i < links->nr && ks_span_eq(links->link[i].key, line); i++)
			if (links->link[i].kind == KQ_LINK_UPSTREAM && links->link[i].patch < first)
				first = links->link[i].patch;
	return first < cves->series.nr ? &cves->patch[first] : NULL;
}
