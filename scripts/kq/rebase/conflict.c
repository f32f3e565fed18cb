// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rebase/conflict.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "rebase/resolve.h"
#include "text/folder.h"
#include "text/git.h"

/* Where git marked nothing, a person must still say that the file is as it should be. */
#define LEAD "<<<<<<< kq: remove this line when the file is as it should be\n"

static int write_file(const char *tree, struct ks_span path, const struct ks_span *parts,
		      size_t nr_parts, struct kq_fault *fault)
{
	struct ks_diag diag = { 0 };
	struct kq_path file;
	char *slash;
	int rc = kq_path(&file, fault, "%s/%.*s", tree, (int)path.bytes, (const char *)path.p);

	if (rc)
		return rc;
	slash = strrchr(file.s, '/');
	*slash = '\0';
	rc = kq_folder_make(file.s, fault);
	*slash = '/';
	if (!rc && ks_file_publish(file.s, parts, nr_parts, 0644, &diag))
		rc = kq_fail_diag(fault, &diag);
	return rc;
}

static int git(const char *tree, const char *const *args, struct kq_fault *fault)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };

	return kq_git_must(tree, args, (struct ks_span){ 0 }, &end, fault);
}

/* One commit: @side of all files, as a branch of its own that starts at @from. */
static int commit_side(const char *tree, const struct kq_judgement *judgement, size_t side,
		       const char *branch, const char *from, struct kq_fault *fault)
{
	const char *checkout[] = { "checkout", "-q", "-b", branch, from, NULL };
	const char *remove[] = { "rm", "-q", "-r", "--ignore-unmatch", ".", NULL };
	const char *add[] = { "add", "-A", "-f", ".", NULL };
	const char *commit[] = { "commit", "-q", "--allow-empty", "-m", branch, NULL };
	size_t i;
	int rc = git(tree, checkout, fault);

	if (!rc)
		rc = git(tree, remove, fault);
	for (i = 0; i < judgement->nr_conflicts && !rc; i++) {
		struct kq_question question = kq_question_file(&judgement->conflict[i]);

		if (question.side[side].exists)
			rc = write_file(tree, question.path, &question.side[side].content, 1,
					fault);
	}
	if (!rc)
		rc = git(tree, add, fault);
	return rc ? rc : git(tree, commit, fault);
}

/* What the person finds: git's markers, or the file that there is below a line to be removed. */
static int mark(const char *tree, const struct kq_conflict *conflict, struct kq_fault *fault)
{
	struct ks_span parts[2] = { ks_span_str(LEAD), ks_buf_span(&conflict->marked) };
	u32 line;

	if (kq_conflict_hopeless(conflict))
		return 0;
	line = kq_markers_left(parts[1], NULL, 0);
	if (line)
		return write_file(tree, kq_conflict_path(conflict), parts + 1, 1, fault);
	if (!parts[1].bytes)
		parts[1] = conflict->theirs_exist ? conflict->theirs : conflict->ours;
	return write_file(tree, kq_conflict_path(conflict), parts, 2, fault);
}

static int make_tree(const char *tree, const struct kq_judgement *judgement, struct kq_fault *fault)
{
	static const char *const init[] = { "init", "-q", "-b", "root", NULL };
	static const char *const root[] = { "commit", "-q", "--allow-empty", "-m", "root", NULL };
	static const char *const work[] = { "checkout", "-q", "-b", "work", NULL };
	static const char *const gone[] = { "branch", "-q", "-D", "root", NULL };
	size_t i;
	int rc = kq_folder_make(tree, fault);

	if (!rc)
		rc = git(tree, init, fault);
	if (!rc)
		rc = git(tree, root, fault);
	if (!rc)
		rc = commit_side(tree, judgement, 1, "old", "root", fault);
	if (!rc)
		rc = commit_side(tree, judgement, 2, "patch", "old", fault);
	if (!rc)
		rc = commit_side(tree, judgement, 0, "new", "old", fault);
	if (!rc)
		rc = git(tree, work, fault);
	if (!rc)
		rc = git(tree, gone, fault);
	for (i = 0; i < judgement->nr_conflicts && !rc; i++)
		rc = mark(tree, &judgement->conflict[i], fault);
	return rc;
}

/* Patch, and each file with its three sides. */
static int identify(const char *patch, const struct kq_judgement *judgement, struct kq_hex *ret_id,
		    struct kq_fault *fault)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct ks_diag diag = { 0 };
	size_t i;

	ks_put_str(&text, patch);
	for (i = 0; i < judgement->nr_conflicts; i++) {
		struct kq_question question = kq_question_file(&judgement->conflict[i]);
		struct kq_hex hex;
		int rc = kq_question_id(&question, &hex, fault);

		if (rc)
			return rc;
		ks_put_str(&text, "\n");
		ks_put_str(&text, hex.text);
	}
	if (ks_buf_ok(&text, &diag))
		return kq_fail_diag(fault, &diag);
	return kq_sha256(ks_buf_span(&text), ret_id, fault);
}

int kq_conflict_close(const struct kq_plan *plan, struct kq_fault *fault)
{
	struct kq_path dir, closing;
	struct stat st;
	int rc = kq_plan_path(plan, "conflict", &dir, fault);

	if (!rc)
		rc = kq_plan_path(plan, "conflict.old", &closing, fault);
	if (!rc)
		rc = kq_folder_remove(closing.s, fault);
	if (rc || lstat(dir.s, &st))
		return rc;
	/* Away in one step: half a work tree must not look like an answer. */
	if (rename(dir.s, closing.s))
		return kq_fail(fault, -errno, "%s: %s", dir.s, strerror(errno));
	return kq_folder_remove(closing.s, fault);
}

int kq_conflict_open(const struct kq_plan *plan, const char *patch,
		     const struct kq_judgement *judgement, struct kq_fault *fault)
{
	struct kq_path dir, part, tree, file;
	struct ks_diag diag = { 0 };
	struct ks_span text;
	struct kq_hex id;
	int rc = kq_conflict_close(plan, fault);

	if (!rc)
		rc = kq_plan_path(plan, "conflict", &dir, fault);
	if (!rc)
		rc = kq_plan_path(plan, "conflict.part", &part, fault);
	if (!rc)
		rc = kq_plan_path(plan, "conflict.part/tree", &tree, fault);
	if (!rc)
		rc = kq_plan_path(plan, "conflict.part/id", &file, fault);
	if (!rc)
		rc = kq_folder_remove(part.s, fault);
	if (!rc)
		rc = make_tree(tree.s, judgement, fault);
	if (!rc)
		rc = identify(patch, judgement, &id, fault);
	if (rc)
		return rc;
	text = ks_span_str(id.text);
	if (ks_file_publish(file.s, &text, 1, 0644, &diag))
		return kq_fail_diag(fault, &diag);
	if (rename(part.s, dir.s))
		return kq_fail(fault, -errno, "%s: %s", dir.s, strerror(errno));
	return 0;
}

bool kq_conflict_is_open(const struct kq_plan *plan, const char *patch,
			 const struct kq_judgement *judgement, struct kq_fault *fault)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct kq_path file;
	struct kq_hex id;

	if (kq_plan_path(plan, "conflict/id", &file, fault) ||
	    identify(patch, judgement, &id, fault) || ks_file_load(file.s, sizeof(id), &text, NULL))
		return false;
	return kq_is(ks_buf_span(&text), id.text);
}
