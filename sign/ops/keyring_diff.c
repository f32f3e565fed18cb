// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/keyring_diff.h"

#include <errno.h>
#include <stdlib.h>

const char *ks_keyring_change_name(enum ks_keyring_change change)
{
	static const char *const names[] = { "gone", "new", "changed", "same" };

	return names[change];
}

void ks_keyring_deltas_done(struct ks_keyring_deltas *deltas)
{
	free(deltas->delta);
	*deltas = (struct ks_keyring_deltas){ 0 };
}

/*
 * @common: purposes of which both sides speak; 0: at least one side is certificates alone, and then
 * they are all that can be compared
 */
static const struct ks_keyring_entry *find(const struct ks_keyring *keyring,
					   const struct ks_keyring_entry *like, unsigned int common)
{
	const struct ks_keyring_entry *entry = ks_keyring_find(keyring, &like->fingerprint);

	return entry && (!common || (entry->purposes & common)) ? entry : NULL;
}

static void put(struct ks_keyring_deltas *deltas, const struct ks_keyring_entry *old,
		const struct ks_keyring_entry *new, unsigned int common)
{
	struct ks_keyring_delta *delta = &deltas->delta[deltas->nr_deltas++];

	*delta = (struct ks_keyring_delta){ .old = old, .new = new };
	if (old)
		delta->old_purposes = common ? old->purposes & common : old->purposes;
	if (new)
		delta->new_purposes = common ? new->purposes & common : new->purposes;
	if (!new)
		delta->change = KS_KEYRING_GONE;
	else if (!old)
		delta->change = KS_KEYRING_NEW;
	else if (common && delta->old_purposes != delta->new_purposes)
		delta->change = KS_KEYRING_CHANGED;
	else
		delta->change = KS_KEYRING_SAME;
	deltas->nr[delta->change]++;
}

int ks_keyring_diff(const struct ks_keyring *from, const struct ks_keyring *to,
		    struct ks_keyring_deltas *ret_deltas, struct ks_diag *diag)
{
	struct ks_keyring_deltas deltas = { 0 };
	unsigned int common = from->says & to->says;
	size_t i;

	/* Each entry makes one at most, and there are never none to allocate. */
	deltas.delta = calloc(from->nr_entries + to->nr_entries + 1, sizeof(*deltas.delta));
	if (!deltas.delta)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	for (i = 0; i < from->nr_entries; i++)
		if (!common || (from->entry[i].purposes & common))
			put(&deltas, &from->entry[i], find(to, &from->entry[i], common), common);
	for (i = 0; i < to->nr_entries; i++)
		if ((!common || (to->entry[i].purposes & common)) && !find(from, &to->entry[i], common))
			put(&deltas, NULL, &to->entry[i], common);
	*ret_deltas = deltas;
	return 0;
}
