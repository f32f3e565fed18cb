// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Is every symbol that a new base brought or renamed decided, and do the fragments agree?
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "decision.h"
#include "kconfig-check.h"
#include "request.h"

/* All that one run owns. */
struct run {
	struct kc_list wanted;
	struct kc_request **sorted;
	struct kc_decisions decisions;
};

static void run_done(struct run *run)
{
	free(run->sorted);
	kc_decisions_done(&run->decisions);
	kc_list_done(&run->wanted);
}

static int load_decide_inputs(struct run *run, const struct kc_args *args, struct ks_diag *diag)
{
	size_t i;
	int rc = kc_decisions_load(&run->decisions, args->option[KC_DECISIONS], diag);

	for (i = 0; i < args->nr_fragments && !rc; i++)
		rc = kc_list_load(&run->wanted, args->fragments[i], diag);
	return rc ? rc : kc_list_sorted(&run->wanted, &run->sorted, diag);
}

static bool is_for(struct ks_span skus, const char *sku)
{
	struct ks_span name = ks_span_str(sku);
	size_t i, start = 0;

	for (i = 0; i <= skus.bytes; i++) {
		if (i < skus.bytes && skus.p[i] != ',')
			continue;
		if (i - start == name.bytes && !memcmp(&skus.p[start], name.p, name.bytes))
			return true;
		start = i + 1;
	}
	return false;
}

/* Of "OLD=NEW" the name that the new base knows. */
static struct ks_span new_name(const struct kc_decision *d)
{
	struct ks_span name = d->symbol;
	const u8 *sign = memchr(name.p, '=', name.bytes);
	u64 skip = sign ? (u64)(sign - name.p) + 1 : 0;

	(void)!ks_span_sub(d->symbol, skip, d->symbol.bytes - skip, &name);
	return name;
}

/* Return: the line has nothing against a build. */
static bool is_decided(const struct run *run, const struct kc_decision *d)
{
	const char *path = run->decisions.path;
	const struct kc_request *req = kc_find(run->sorted, run->wanted.nr_req, new_name(d));

	if (d->change == KC_REMOVED) {
		/* Whoever still asks for it hears more from verify. */
		if (req)
			kc_say(path, d->line, "CONFIG_%.*s is gone in %.*s, but %s:%u requests it",
			       KC_FMT(d->symbol), KC_FMT(d->release), req->path, req->line);
		return !req;
	}
	if (d->choice == KC_UNDECIDED)
		kc_say(path, d->line,
		       "CONFIG_%.*s came with %.*s: write \"default\" or \"requested\" and why",
		       KC_FMT(d->symbol), KC_FMT(d->release));
	else if (d->choice == KC_REQUESTED && !req)
		kc_say(path, d->line, "CONFIG_%.*s is said to be requested, but no fragment does",
		       KC_FMT(d->symbol));
	else if (d->choice == KC_DEFAULT && req)
		kc_say(path, d->line, "CONFIG_%.*s is said to have its default, but %s:%u requests it",
		       KC_FMT(d->symbol), req->path, req->line);
	else
		return true;
	return false;
}

int kc_decide(const struct kc_args *args, struct ks_diag *diag)
{
	__cleanup(run_done) struct run run = { 0 };
	bool all_decided = true;
	size_t i;
	int rc = load_decide_inputs(&run, args, diag);

	if (rc)
		return rc;
	for (i = 0; i < run.decisions.nr; i++)
		if (is_for(run.decisions.v[i].skus, args->option[KC_SKU]) &&
		    !is_decided(&run, &run.decisions.v[i]))
			all_decided = false;
	return all_decided ? 0 : KC_NO;
}
