// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include <string.h>

#include "text/git.h"
#include "text/text.h"
#include "work/branch.h"
#include "work/edition.h"

/* Its index and files would be those of the old commits. */
static int refuse_checked_out(const struct kq_branch_place *place, struct kq_error *error)
{
	static const char *const args[] = { "worktree", "list", "--porcelain", NULL };
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	struct ks_span rest, line, tree = { 0 };
	int rc = kq_git_must(place->repo.s, args, (struct ks_span){ 0 }, &end, error);

	for (rest = ks_buf_span(&end.out); !rc && ks_span_line(&rest, &line);) {
		if (kq_take(&line, "worktree "))
			tree = line;
		if (kq_take(&line, "branch refs/heads/") && kq_is(line, place->name.s))
			rc = kq_fail(error, KQ_REFUSED,
				     "%s: is checked out in %.*s; git switch to another branch there first",
				     place->name.s, KQ_FMT(tree));
	}
	return rc;
}

/* What is in the branch and nowhere else must not be lost. */
static int check_branch(const struct kq_branch_place *place, const char *was, const char *exported,
			struct kq_error *error)
{
	if (*was && strcmp(was, exported))
		return kq_fail(error, KQ_REFUSED,
			       "%s: has commits that kq export did not make; kq import --git %s:%s takes them, or choose another name",
			       place->name.s, place->repo.s, place->name.s);
	return *was ? refuse_checked_out(place, error) : 0;
}

static void say(const struct kq_branch_place *place, size_t nr, bool same, struct ks_buf *note)
{
	char text[64];

	ks_put_str(note, place->name.s);
	snprintf(text, sizeof(text), ": %zu patch%s on ", nr, nr == 1 ? "" : "es");
	ks_put_str(note, text);
	ks_put_str(note, place->rev.s);
	ks_put_str(note, same ? ", as it was\n" : "\n");
}

int kq_branch_export(const struct kq_branch *branch, struct ks_buf *ret_note, struct kq_error *error)
{
	__cleanup(kq_edition_done) struct kq_edition edition = { 0 };
	char was[KQ_COMMIT_ROOM], exported[KQ_COMMIT_ROOM], tip[KQ_COMMIT_ROOM];
	struct kq_branch_place place;
	struct ks_diag diag = { 0 };
	bool same = false;
	size_t nr = 0;
	int rc = kq_edition_open(branch->queue, NULL, branch->state, &edition, error);

	if (!rc)
		rc = kq_branch_find(branch, &place, error);
	if (!rc)
		rc = kq_branch_ref(&place, "refs/heads/", was, error);
	if (!rc)
		rc = kq_branch_ref(&place, "refs/kq/", exported, error);
	if (!rc)
		rc = kq_branch_commit(&place, &edition.old, &branch->selection, tip, &nr, error);
	if (rc)
		return rc;
	same = !strcmp(tip, was);
	if (!same)
		rc = check_branch(&place, was, exported, error);
	if (!rc && !same)
		rc = kq_branch_set(&place, "refs/heads/", tip, was, error);
	if (!rc && strcmp(tip, exported))
		rc = kq_branch_set(&place, "refs/kq/", tip, exported, error);
	if (!rc)
		say(&place, nr, same, ret_note);
	if (!rc && ks_buf_ok(ret_note, &diag))
		rc = kq_fail_diag(error, &diag);
	return rc;
}
