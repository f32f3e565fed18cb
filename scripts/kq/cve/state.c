// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cve/state.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cve/say.h"
#include "text/git.h"
#include "text/text.h"

/* struct patch_counts - of the patches that are about a CVE */
struct patch_counts {
	size_t selected;
	size_t others;
	size_t backports;
	size_t of_record;
};

static void tell_patch(struct kq_cve *cve, const struct kq_cve_patch *patch)
{
	struct ks_span status = { 0 };

	kq_trailer(patch->patch, "Upstream-status:", 0, &status);
	if (!patch->selected)
		kq_say(&cve->evidence, "%s fixes it, but only with%s%.*s%s%.*s", patch->entry->name,
		       patch->entry->sku.bytes ? " sku=" : "", KQ_FMT(patch->entry->sku),
		       patch->entry->arch.bytes ? " arch=" : "", KQ_FMT(patch->entry->arch));
	else if (patch->stable.bytes)
		kq_say(&cve->evidence, "%s, %.*s, stable commit %.*s", patch->entry->name,
		       KQ_WHOLE(status), KQ_FMT(patch->stable));
	else
		kq_say(&cve->evidence, "%s, %.*s", patch->entry->name, KQ_WHOLE(status));
}

/* The record's last fix is the one of mainline. */
static void check_swap(struct kq_cve *cve, const struct kq_cve_patch *patch)
{
	size_t upstream = kq_record_has(&cve->record.fixes, patch->upstream);
	size_t stable = kq_record_has(&cve->record.fixes, patch->stable);
	struct ks_span list = ks_buf_span(&cve->record.fixes), line;
	size_t last = 0;

	while (ks_span_line(&list, &line))
		last++;
	if (upstream && stable == last && upstream < last)
		kq_say(&cve->findings,
		       "%s: Stable-commit is mainline's fix in the record: the ids look swapped",
		       patch->entry->name);
}

/* struct commit - one of the two; @id as text, @found: the repository has it, with its message */
struct commit {
	char id[41];
	bool found;
	struct kq_child_end message;
};

static void commit_done(struct commit *commit)
{
	kq_child_end_done(&commit->message);
}

static int load_commit(const char *git, struct ks_span id, struct commit *commit,
		       struct kq_error *error)
{
	const char *const args[] = { "cat-file", "commit", commit->id, NULL };
	int rc;

	snprintf(commit->id, sizeof(commit->id), "%.*s", KQ_FMT(id));
	rc = kq_git(git, args, (struct ks_span){ 0 }, &commit->message, error);
	commit->found = !rc && !commit->message.status;
	return rc;
}

static bool names_commit(const struct commit *commit, const struct commit *other)
{
	const struct ks_buf *text = &commit->message.out;

	return commit->found && text->bytes &&
	       memmem(text->p, text->bytes, other->id, strlen(other->id));
}

/*
 * Do the commits of a patch's trailers exist, and is the stable one the backport of the other? The
 * stable team's message names mainline's commit, never the other way round.
 */
static int check_history(const char *git, const struct kq_cve_patch *patch, struct ks_buf *findings,
			 struct kq_error *error)
{
	__cleanup(commit_done) struct commit upstream = { 0 }, stable = { 0 };
	const char *const is_repository[] = { "rev-parse", "--git-dir", NULL };
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	const char *name = patch->entry->name;
	int rc = kq_git_must(git, is_repository, (struct ks_span){ 0 }, &end, error);

	if (!rc)
		rc = load_commit(git, patch->upstream, &upstream, error);
	if (!rc && patch->stable.bytes)
		rc = load_commit(git, patch->stable, &stable, error);
	if (rc)
		return rc;
	if (!upstream.found)
		kq_say(findings, "%s: %s has no commit %s", name, git, upstream.id);
	if (!patch->stable.bytes)
		return 0;
	if (!stable.found)
		kq_say(findings, "%s: %s has no commit %s", name, git, stable.id);
	else if (names_commit(&upstream, &stable))
		kq_say(findings, "%s: Stable-commit and the commit of Upstream-status are swapped",
		       name);
	else if (!names_commit(&stable, &upstream))
		kq_say(findings, "%s: the message of Stable-commit does not name %s", name,
		       upstream.id);
	return 0;
}

static int check_ids(const struct kq_cve_ask *ask, struct kq_cve *cve,
		     const struct kq_cve_patch *patch, struct kq_error *error)
{
	if (patch->upstream.bytes && ks_span_eq(patch->upstream, patch->stable))
		kq_say(&cve->findings, "%s: Stable-commit is the commit of Upstream-status",
		       patch->entry->name);
	else if (patch->upstream.bytes && patch->stable.bytes && cve->recorded)
		check_swap(cve, patch);
	if (!ask->git || !patch->upstream.bytes)
		return 0;
	return check_history(ask->git, patch, &cve->findings, error);
}

static int look_at_patches(const struct kq_cve_ask *ask, const struct kq_cves *cves,
			   struct kq_cve *cve, struct patch_counts *counts, struct kq_error *error)
{
	size_t i;
	int rc = 0;

	kq_cve_patches(cves, cve, cves->kinds);
	for (i = 0; i < cves->stack.series.nr && !rc; i++) {
		const struct kq_cve_patch *patch = &cves->patch[i];

		if (!cves->kinds[i])
			continue;
		tell_patch(cve, patch);
		if (!(cves->kinds[i] & KQ_LINK_NUMBER))
			kq_say(&cve->asked, "%s, add CVE: %s to %s",
			       patch->selected ? "fixed" : "fixed by a commit of the record",
			       cve->id, patch->entry->name);
		counts->selected += patch->selected;
		counts->others += !patch->selected;
		counts->backports += patch->upstream.bytes != 0;
		counts->of_record += kq_record_has(&cve->record.fixes, patch->upstream) != 0;
		rc = check_ids(ask, cve, patch, error);
	}
	return rc;
}

static const char *record_text(const struct kq_record *record)
{
	static const char *const texts[] = {
		[KQ_RECORD_OTHER] = "record: it is not about Linux",
		[KQ_RECORD_UNCLEAR] = "record: it names commits only, no release",
		[KQ_RECORD_OUTSIDE] = "record: none of its ranges has the base",
		[KQ_RECORD_LATER] = "record: the fault came later, with ",
		[KQ_RECORD_FIXED] = "record: the base has the fix since ",
		[KQ_RECORD_AFFECTED] = "record: the base is affected",
	};

	return texts[record->says];
}

static void tell_record(struct kq_cve *cve)
{
	const struct kq_record *record = &cve->record;
	bool fix_later = record->says == KQ_RECORD_AFFECTED && *record->release;

	if (record->rejected)
		kq_say(&cve->findings, "record: the number was taken back, there is no such fault");
	else
		kq_say(&cve->evidence, "%s%s%s", record_text(record),
		       fix_later ? ", fixed in " : "", record->release);
}

static void tell_decision(struct kq_cve *cve)
{
	static const char *const keys[] = { "Fixed-in:", "Justification:", "Reason:", "Introduced:",
					    "Evidence:" };
	struct ks_span value = { 0 };
	size_t i, nth;

	for (i = 0; i < KS_ARRAY_SIZE(keys); i++)
		for (nth = 0; kq_decision_value(&cve->decision, keys[i], nth, &value); nth++)
			kq_say(&cve->evidence, "%s %.*s", keys[i], KQ_WHOLE(value));
}

/* The base is the release that took the patch away, or a later one. */
static bool base_has_dropped(const struct kq_cves *cves, const struct kq_cve *cve)
{
	struct kq_order then;

	return !cve->dropped.given_up &&
	       !(cves->has_base && kq_order_read(cve->dropped.base, &then) &&
		 kq_order_compare(&cves->base, &then) < 0);
}

static void tell_dropped(struct kq_cve *cve)
{
	kq_say(&cve->evidence, "dropped.log: %.*s %s %.*s", KQ_FMT(cve->dropped.patch),
	       cve->dropped.given_up ? "was given up for" : "left the queue, the change is in",
	       KQ_FMT(cve->dropped.base));
}

static void decide_by_log(const struct kq_cves *cves, struct kq_cve *cve)
{
	cve->by = KQ_CVE_BY_LOG;
	if (!base_has_dropped(cves, cve))
		kq_say(&cve->findings, "the patch for it left the queue; decide in cve/");
	else
		cve->state = KQ_CVE_FIXED;
	if (cve->state == KQ_CVE_FIXED && cve->record.says == KQ_RECORD_AFFECTED)
		kq_say(&cve->findings, "dropped.log has it in the base, the record says affected");
}

static void decide_by_record(const struct kq_cves *cves, struct kq_cve *cve)
{
	/* What the record says of the base is not true of a queue that has the fault itself. */
	const struct kq_cve_patch *cause = kq_links_first(cves, &cve->record.causes);

	if (cve->record.says == KQ_RECORD_FIXED) {
		cve->state = KQ_CVE_FIXED;
	} else if (cve->record.says == KQ_RECORD_AFFECTED) {
		kq_say(&cve->findings, "no patch and no file below cve/ says anything of it");
	} else if (cve->record.says == KQ_RECORD_UNCLEAR) {
		kq_say(&cve->findings, "the record does not say of which releases; decide in cve/");
	} else if (cause) {
		kq_say(&cve->findings, "%s brings the fault into the queue", cause->entry->name);
	} else {
		cve->state = KQ_CVE_NOT_AFFECTED;
	}
}

/* What the queue's file says against the record. */
static void compare_decision(const struct kq_cves *cves, struct kq_cve *cve)
{
	const struct kq_decision *d = &cve->decision;
	const struct kq_record *r = &cve->record;
	struct kq_order release;
	const char *state = kq_cve_state_name(d->state);

	if (r->says == KQ_RECORD_AFFECTED && d->state == KQ_CVE_FIXED)
		kq_say(&cve->findings, "cve/%s says fixed, the record says affected", cve->id);
	if (r->says == KQ_RECORD_AFFECTED && d->state == KQ_CVE_NOT_AFFECTED &&
	    d->introduced.nr_parts && kq_order_compare(&d->introduced, &cves->base) > 0)
		kq_say(&cve->findings, "cve/%s says introduced later, the record says affected",
		       cve->id);
	if (r->says == KQ_RECORD_FIXED && d->state != KQ_CVE_FIXED)
		kq_say(&cve->findings, "cve/%s says %s, the record says fixed since %s", cve->id,
		       state, r->release);
	if (r->says == KQ_RECORD_LATER && d->state != KQ_CVE_NOT_AFFECTED)
		kq_say(&cve->findings, "cve/%s says %s, the record says that the fault came later",
		       cve->id, state);
	if (r->says != KQ_RECORD_FIXED || d->state != KQ_CVE_FIXED || !d->fixed_in.nr_parts)
		return;
	if (kq_order_read(ks_span_str(r->release), &release) &&
	    kq_order_compare(&release, &d->fixed_in))
		kq_say(&cve->findings, "cve/%s: Fixed-in: the record says %s", cve->id, r->release);
	if (r->fixes.bytes && !kq_record_has(&r->fixes, d->fix))
		kq_say(&cve->findings, "cve/%s: Fixed-in: the record knows no fix %.*s", cve->id,
		       KQ_FMT(d->fix));
}

static void decide(const struct kq_cves *cves, struct kq_cve *cve,
		   const struct patch_counts *counts)
{
	if (counts->selected) {
		cve->state = KQ_CVE_FIXED;
		cve->by = KQ_CVE_BY_PATCH;
	} else if (cve->decided) {
		cve->state = cve->decision.state;
		cve->by = KQ_CVE_BY_FILE;
	} else if (counts->others) {
		cve->by = KQ_CVE_BY_PATCH;
	} else if (cve->dropped.patch.bytes && cve->record.says != KQ_RECORD_FIXED) {
		decide_by_log(cves, cve);
	} else {
		decide_by_record(cves, cve);
	}
	if (cve->decided && (counts->selected || counts->others))
		kq_say(&cve->findings, "a patch fixes it: take cve/%s away", cve->id);
	else if (cve->decided && cve->recorded && !cve->record.rejected)
		compare_decision(cves, cve);
	if (counts->backports && cve->record.fixes.bytes && !counts->of_record)
		kq_say(&cve->findings, "the record knows no fix that a patch is a backport of");
}

static int has_file(const struct kq_release *tree, struct ks_span path, bool *ret_has,
		    struct kq_error *error)
{
	__cleanup(kq_blob_done) struct kq_blob blob = { 0 };
	struct kq_path name;
	int rc;

	*ret_has = tree->listed && kq_manifest_find(&tree->manifest, path);
	if (tree->listed || !kq_path_is_safe(path))
		return 0;
	rc = kq_path(&name, error, "%.*s", KQ_FMT(path));
	if (!rc)
		rc = kq_source_load(&tree->source, name.s, &blob, error);
	*ret_has = !rc && blob.exists;
	return rc;
}

/* Evidence, never a decision: a file may have been renamed, or its code copied elsewhere. */
static int tell_files(const struct kq_release *tree, struct kq_cve *cve, struct kq_error *error)
{
	struct ks_span list = ks_buf_span(&cve->record.files), path;
	bool has;
	int rc;

	if (!tree || cve->record.says != KQ_RECORD_AFFECTED)
		return 0;
	while (ks_span_line(&list, &path)) {
		rc = has_file(tree, path, &has, error);
		if (rc)
			return rc;
		if (!has)
			kq_say(&cve->evidence, "record: its file %.*s is not in the base",
			       KQ_FMT(path));
	}
	return 0;
}

static int decide_one(const struct kq_cve_ask *ask, const struct kq_cves *cves, struct kq_cve *cve,
		      struct kq_error *error)
{
	struct patch_counts counts = { 0 };
	int rc = look_at_patches(ask, cves, cve, &counts, error);

	if (rc)
		return rc;
	if (cve->decided)
		tell_decision(cve);
	if (cve->dropped.patch.bytes)
		tell_dropped(cve);
	if (cve->recorded)
		tell_record(cve);
	decide(cves, cve, &counts);
	rc = tell_files(ask->tree, cve, error);
	if (rc)
		return rc;
	return cve->evidence.err || cve->findings.err || cve->asked.err ? kq_no_memory(error) : 0;
}

int kq_cves_decide(const struct kq_cve_ask *ask, struct kq_cves *cves, struct kq_error *error)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < cves->nr && !rc; i++)
		rc = decide_one(ask, cves, &cves->cve[i], error);
	return rc;
}
