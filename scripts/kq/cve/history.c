// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cve/history.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cve/say.h"
#include "text/git.h"

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

static int load(const char *git, struct ks_span id, struct commit *commit, struct kq_error *error)
{
	const char *const args[] = { "cat-file", "commit", commit->id, NULL };
	int rc;

	snprintf(commit->id, sizeof(commit->id), "%.*s", KQ_FMT(id));
	rc = kq_git(git, args, (struct ks_span){ 0 }, &commit->message, error);
	commit->found = !rc && !commit->message.status;
	return rc;
}

static bool names(const struct commit *commit, const struct commit *other)
{
	const struct ks_buf *text = &commit->message.out;

	return commit->found && text->bytes &&
	       memmem(text->p, text->bytes, other->id, strlen(other->id));
}

int kq_history_check(const char *git, const struct kq_cve_patch *patch, struct ks_buf *findings,
		     struct kq_error *error)
{
	__cleanup(commit_done) struct commit upstream = { 0 }, stable = { 0 };
	const char *const is_repository[] = { "rev-parse", "--git-dir", NULL };
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	const char *name = patch->entry->name;
	int rc = kq_git_must(git, is_repository, (struct ks_span){ 0 }, &end, error);

	if (!rc)
		rc = load(git, patch->upstream, &upstream, error);
	if (!rc && patch->stable.bytes)
		rc = load(git, patch->stable, &stable, error);
	if (rc)
		return rc;
	if (!upstream.found)
		kq_say(findings, "%s: %s has no commit %s", name, git, upstream.id);
	if (!patch->stable.bytes)
		return 0;
	if (!stable.found)
		kq_say(findings, "%s: %s has no commit %s", name, git, stable.id);
	else if (names(&upstream, &stable))
		kq_say(findings, "%s: Stable-commit and the commit of Upstream-status are swapped",
		       name);
	else if (!names(&stable, &upstream))
		kq_say(findings, "%s: the message of Stable-commit does not name %s", name,
		       upstream.id);
	return 0;
}
