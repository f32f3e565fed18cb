// SPDX-License-Identifier: LGPL-2.1-or-later
#include "text/names.h"

#include <stdlib.h>
#include <string.h>

#include "text/text.h"

void kq_names_done(struct kq_names *names)
{
	size_t i;

	for (i = 0; i < names->nr; i++)
		free(names->name[i]);
	free(names->name);
	*names = (struct kq_names){ 0 };
}

int kq_names_add(struct kq_names *names, struct ks_span name, size_t max, struct kq_fault *fault)
{
	char **moved = kq_grow(names->name, names->nr, &names->room, sizeof(*moved), max, fault);

	if (!moved)
		return fault->err;
	names->name = moved;
	moved[names->nr] = name.p ? strndup((const char *)name.p, name.bytes) : NULL;
	if (name.p && !moved[names->nr])
		return kq_no_memory(fault);
	names->nr++;
	return 0;
}

bool kq_names_have(const struct kq_names *names, struct ks_span name)
{
	size_t i;

	for (i = 0; i < names->nr; i++)
		if (names->name[i] && kq_is(name, names->name[i]))
			return true;
	return false;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void kq_names_sort(struct kq_names *names)
{
	size_t i, nr = 0;

	if (names->nr)
		qsort(names->name, names->nr, sizeof(*names->name), by_bytes);
	for (i = 0; i < names->nr; i++) {
		if (nr && !strcmp(names->name[i], names->name[nr - 1]))
			free(names->name[i]);
		else
			names->name[nr++] = names->name[i];
	}
	names->nr = nr;
}
