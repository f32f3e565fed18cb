// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/branch.h"

#include <string.h>

#include "queue/lock.h"
#include "text/git.h"
#include "text/text.h"

#define GIT "git:"

static int split(const struct kq_branch *branch, struct kq_branch_place *place,
		 struct kq_error *error)
{
	const char *colon = strrchr(branch->spec, ':');
	int rc = kq_path(&place->name, error, "%s", colon ? colon + 1 : branch->spec);

	if (!rc && colon)
		rc = kq_path(&place->repo, error, "%.*s", (int)(colon - branch->spec),
			     branch->spec);
	return rc;
}

/* Which revision is the release, and where, unless the branch said so? */
static int find_rev(const struct kq_branch *branch, struct kq_branch_place *place,
		    struct kq_error *error)
{
	const char *from = branch->from;
	const char *colon = from ? strrchr(from, ':') : NULL;
	struct kq_lock lock;
	bool found;
	int rc;

	if (from && !strncmp(from, GIT, strlen(GIT)) && colon > from + strlen(GIT)) {
		rc = kq_path(&place->rev, error, "%s", colon + 1);
		if (!rc && !*place->repo.s)
			rc = kq_path(&place->repo, error, "%.*s",
				     (int)(colon - from) - (int)strlen(GIT), from + strlen(GIT));
		return rc;
	}
	rc = kq_lock_load(branch->queue, &lock, &found, error);
	if (!rc && !found)
		rc = kq_fail(error, -EINVAL,
			     "%s/" KQ_LOCK_NAME ": is not there; say with --from git:REPO:REV on which commit the queue is",
			     branch->queue);
	return rc ? rc : kq_path(&place->rev, error, "v%s", lock.release);
}

static int resolve(const struct kq_branch_place *place, const char *what, char ret_id[KQ_COMMIT_ROOM],
		   struct kq_error *error)
{
	const char *const args[] = { "rev-parse", "--verify", "--quiet", "--end-of-options", what,
				     NULL };
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	struct ks_span id;
	int rc = kq_git(place->repo.s, args, (struct ks_span){ 0 }, &end, error);

	if (rc)
		return rc;
	ret_id[0] = '\0';
	/* Not found is said with nothing; whatever else stops git, with words. */
	if (end.status && end.err.bytes)
		return kq_fail(error, -EIO, "%s: %.*s", place->repo.s,
			       KQ_FMT(kq_chomp(ks_buf_span(&end.err))));
	id = kq_chomp(ks_buf_span(&end.out));
	if (end.status || id.bytes >= KQ_COMMIT_ROOM)
		return 0;
	memcpy(ret_id, id.p, id.bytes);
	ret_id[id.bytes] = '\0';
	return 0;
}

int kq_branch_find(const struct kq_branch *branch, struct kq_branch_place *ret_place,
		   struct kq_error *error)
{
	struct kq_branch_place place = { 0 };
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	const char *const valid[] = { "check-ref-format", "--branch", place.name.s, NULL };
	struct kq_path what;
	int rc = split(branch, &place, error);

	if (!rc)
		rc = find_rev(branch, &place, error);
	if (!rc && !*place.repo.s)
		rc = kq_path(&place.repo, error, ".");
	if (!rc)
		rc = kq_path(&what, error, "%s^{commit}", place.rev.s);
	if (!rc)
		rc = resolve(&place, what.s, place.base, error);
	if (!rc && !*place.base)
		rc = kq_fail(error, -ENOENT,
			     "%s: has no %s; fetch it, or say with --from git:REPO:REV on which commit the queue is",
			     place.repo.s, place.rev.s);
	if (!rc)
		rc = kq_git(place.repo.s, valid, (struct ks_span){ 0 }, &end, error);
	if (!rc && end.status)
		rc = kq_fail(error, -EINVAL, "%s: is not a name for a branch", place.name.s);
	if (!rc)
		*ret_place = place;
	return rc;
}

int kq_branch_ref(const struct kq_branch_place *place, const char *prefix, char ret_id[KQ_COMMIT_ROOM],
		  struct kq_error *error)
{
	struct kq_path ref;
	int rc = kq_path(&ref, error, "%s%s", prefix, place->name.s);

	return rc ? rc : resolve(place, ref.s, ret_id, error);
}

int kq_branch_set(const struct kq_branch_place *place, const char *prefix, const char *new,
		  const char *old, struct kq_error *error)
{
	static const char none[] = "0000000000000000000000000000000000000000";
	struct kq_path ref;
	const char *const args[] = { "update-ref", "-m", "kq", ref.s, new, *old ? old : none, NULL };
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	int rc = kq_path(&ref, error, "%s%s", prefix, place->name.s);

	return rc ? rc : kq_git_must(place->repo.s, args, (struct ks_span){ 0 }, &end, error);
}
