// SPDX-License-Identifier: LGPL-2.1-or-later
#include "symbols/changes.h"

#include <stdlib.h>

#include "text/text.h"

void kq_changes_done(struct kq_changes *changes)
{
	free(changes->change);
	*changes = (struct kq_changes){ 0 };
}

const char *kq_change_name(enum kq_symbol_change change)
{
	static const char *const names[] = {
		[KQ_SYMBOL_NEW] = "new",
		[KQ_SYMBOL_REMOVED] = "removed",
		[KQ_SYMBOL_RENAMED] = "renamed",
	};

	return names[change];
}

static int add(struct kq_changes *changes, struct kq_change_of change, struct kq_fault *fault)
{
	struct kq_change_of *moved = kq_grow(changes->change, changes->nr, &changes->room,
					     sizeof(*moved), KQ_MAX_CHANGES, fault);

	if (!moved)
		return fault->err;
	changes->change = moved;
	changes->change[changes->nr++] = change;
	return 0;
}

/* What @one has and @other has not, each name once. */
static int find_missing(const struct kq_symbols *one, const struct kq_symbols *other,
			const char *arch, enum kq_symbol_change kind, struct kq_changes *changes,
			struct kq_fault *fault)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < one->nr && !rc; i++) {
		struct ks_span name = one->symbol[i].name;
		const struct kq_symbol *symbol;

		if (i && ks_span_eq(name, one->symbol[i - 1].name))
			continue;
		symbol = kq_symbols_find(one, name, arch);
		if (!symbol || kq_symbols_find(other, name, arch))
			continue;
		rc = add(changes,
			 (struct kq_change_of){ kind, kind == KQ_SYMBOL_REMOVED ? symbol : NULL,
						kind == KQ_SYMBOL_NEW ? symbol : NULL },
			 fault);
	}
	return rc;
}

static bool same_question(const struct kq_symbol *a, const struct kq_symbol *b)
{
	return a->prompt.bytes && ks_span_eq(a->prompt, b->prompt) && ks_span_eq(a->type, b->type);
}

/* The only new symbol that asks what @gone asked; and nothing else that went did. */
static struct kq_change_of *find_heir(const struct kq_changes *changes,
				      const struct kq_symbol *gone)
{
	struct kq_change_of *heir = NULL;
	size_t i, nr_heirs = 0, nr_gone = 0;

	for (i = 0; i < changes->nr; i++) {
		struct kq_change_of *c = &changes->change[i];

		if (c->change == KQ_SYMBOL_NEW && same_question(c->now, gone)) {
			heir = c;
			nr_heirs++;
		} else if (c->change == KQ_SYMBOL_REMOVED && c->old && same_question(c->old, gone)) {
			nr_gone++;
		}
	}
	return nr_heirs == 1 && nr_gone == 1 ? heir : NULL;
}

/* The heir takes the place of both. */
static void join_renames(struct kq_changes *changes)
{
	size_t i, nr = 0;

	for (i = 0; i < changes->nr; i++) {
		struct kq_change_of *c = &changes->change[i];
		struct kq_change_of *heir =
			c->change == KQ_SYMBOL_REMOVED ? find_heir(changes, c->old) : NULL;

		if (heir) {
			heir->change = KQ_SYMBOL_RENAMED;
			heir->old = c->old;
			c->old = NULL;
		}
	}
	for (i = 0; i < changes->nr; i++)
		if (changes->change[i].old || changes->change[i].now)
			changes->change[nr++] = changes->change[i];
	changes->nr = nr;
}

int kq_changes_find(const struct kq_symbols *old, const struct kq_symbols *now, const char *arch,
		    struct kq_changes *ret_changes, struct kq_fault *fault)
{
	__cleanup(kq_changes_done) struct kq_changes changes = { 0 };
	int rc = find_missing(now, old, arch, KQ_SYMBOL_NEW, &changes, fault);

	if (!rc)
		rc = find_missing(old, now, arch, KQ_SYMBOL_REMOVED, &changes, fault);
	if (rc)
		return rc;
	join_renames(&changes);
	*ret_changes = changes;
	changes = (struct kq_changes){ 0 };
	return 0;
}
