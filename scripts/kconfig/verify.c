// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Did every request survive olddefconfig? Compared from the side of the requests: a symbol that
 * vanished has no line in the resolved .config, so whoever walks the result cannot miss it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "facts.h"
#include "kconfig-check.h"
#include "request.h"
#include "tests.h"

/* A request that did not survive. */
struct loss {
	const struct kc_request *req;
	struct ks_span got;
};

/* All that one run owns. */
struct run {
	struct kc_list wanted;
	struct kc_list resolved;
	struct kc_request **wanted_sorted;
	struct kc_request **resolved_sorted;
	struct loss *losses;
	size_t nr_losses;
	struct kc_facts facts;
};

static void run_done(struct run *run)
{
	kc_facts_done(&run->facts);
	free(run->losses);
	free(run->wanted_sorted);
	free(run->resolved_sorted);
	kc_list_done(&run->wanted);
	kc_list_done(&run->resolved);
}

static int load_verify_inputs(struct run *run, const struct kc_args *args, struct ks_diag *diag)
{
	size_t i;
	int rc = kc_list_load(&run->resolved, args->option[KC_CONFIG], diag);

	if (!rc)
		rc = kc_facts_load(&run->facts, args->option[KC_FACTS], diag);
	for (i = 0; i < args->nr_fragments && !rc; i++)
		rc = kc_list_load(&run->wanted, args->fragments[i], diag);
	if (!rc)
		rc = kc_list_sorted(&run->resolved, &run->resolved_sorted, diag);
	if (!rc)
		rc = kc_list_sorted(&run->wanted, &run->wanted_sorted, diag);
	return rc;
}

/* Kconfig writes each symbol once; a file that does not is not a resolved config. */
static int check_resolved(const struct run *run, struct ks_diag *diag)
{
	size_t i;

	for (i = 1; i < run->resolved.nr_req; i++) {
		const struct kc_request *req = run->resolved_sorted[i];

		if (ks_span_eq(req->symbol, run->resolved_sorted[i - 1]->symbol))
			return ks_text_fail(diag, -EBADMSG, req->path, req->line,
					    "symbol stands here twice, run olddefconfig first");
	}
	return 0;
}

static struct ks_span resolved_value(const struct run *run, struct ks_span symbol)
{
	return kc_value_of(run->resolved_sorted, run->resolved.nr_req, symbol);
}

static int find_losses(struct run *run, struct ks_diag *diag)
{
	struct ks_span got;
	size_t i;

	run->losses = calloc(run->wanted.nr_req + 1, sizeof(*run->losses));
	if (!run->losses)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "no memory for the result");
	for (i = 0; i < run->wanted.nr_req; i++) {
		const struct kc_request *req = &run->wanted.req[i];

		if (req->state != KC_KEPT)
			continue;
		got = resolved_value(run, req->symbol);
		if (!ks_span_eq(got, req->value))
			run->losses[run->nr_losses++] = (struct loss){ req, got };
	}
	return 0;
}

static void print_losses(const struct run *run)
{
	size_t i;

	for (i = 0; i < run->nr_losses; i++) {
		const struct loss *loss = &run->losses[i];
		const struct kc_request *req = loss->req;
		const struct kc_fact *fact = kc_facts_find(&run->facts, req->symbol, req->value);

		if (fact && !fact->is_known)
			kc_say(req->path, req->line, "CONFIG_%.*s: requested %.*s: no such symbol in this tree",
			       KS_FMT(req->symbol), KS_FMT(req->value));
		else
			kc_say(req->path, req->line, "CONFIG_%.*s: requested %.*s, got %.*s%s%.*s",
			       KS_FMT(req->symbol), KS_FMT(req->value), KS_FMT(loss->got),
			       fact && fact->reason.bytes ? ": " : "",
			       KS_FMT(fact ? fact->reason : (struct ks_span){ 0 }));
	}
}

int kc_verify(const struct kc_args *args, struct ks_diag *diag)
{
	__cleanup(run_done) struct run run = { 0 };
	size_t nr_errors, nr_missing = 0;
	int rc = load_verify_inputs(&run, args, diag);

	if (!rc)
		rc = check_resolved(&run, diag);
	if (rc)
		return rc;
	nr_errors = kc_resolve_conflicts(run.wanted_sorted, run.wanted.nr_req);
	rc = find_losses(&run, diag);
	if (rc)
		return rc;
	print_losses(&run);
	nr_errors += run.nr_losses;
	if (args->option[KC_TESTS])
		rc = kc_tests_check(args, run.resolved_sorted, run.resolved.nr_req, &run.facts, &nr_missing,
				    diag);
	if (rc)
		return rc;
	return nr_errors + nr_missing ? KC_NO : 0;
}
