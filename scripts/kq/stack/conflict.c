// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stack/conflict.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "stack/resolve.h"
#include "stack/workdir.h"
#include "text/dir.h"

/* Where git marked nothing, a person must still say that the file is as it should be. */
#define LEAD "<<<<<<< kq: remove this line when the file is as it should be\n"

static int git(const char *tree, const char *const *args, struct kq_error *error)
{
	return kq_workdir_git(tree, args, (struct ks_span){ 0 }, NULL, error);
}

/* One commit: @side of all files, as a branch of its own that starts at @from. */
static int commit_side(const char *tree, const struct kq_ask *ask, size_t side, const char *branch,
		       const char *from, char ret_id[KQ_COMMIT_BYTES], struct kq_error *error)
{
	const char *checkout[] = { "checkout", "-q", "-b", branch, from, NULL };
	const char *remove[] = { "rm", "-q", "-r", "--ignore-unmatch", ".", NULL };
	const char *message = side == 2 ? ask->patch : side == 1 ? ask->from : ask->to;
	size_t i;
	int rc = git(tree, checkout, error);

	if (!rc)
		rc = git(tree, remove, error);
	for (i = 0; i < ask->verdict->nr_conflicts && !rc; i++) {
		struct kq_question question = kq_question_file(&ask->verdict->conflict[i]);

		if (question.side[side].exists)
			rc = kq_workdir_put(tree, question.path, &question.side[side].content, 1,
					    error);
	}
	return rc ? rc : kq_workdir_commit(tree, ks_span_str(message), ret_id, error);
}

/* What the person finds: git's markers, or the file that there is below a line to be removed. */
static int mark(const char *tree, const struct kq_conflict *conflict, struct kq_error *error)
{
	struct ks_span parts[2] = { ks_span_str(LEAD), ks_buf_span(&conflict->marked) };
	u32 line;

	if (kq_conflict_hopeless(conflict))
		return 0;
	line = kq_markers_left(parts[1], NULL, 0);
	if (line)
		return kq_workdir_put(tree, kq_conflict_path(conflict), parts + 1, 1, error);
	if (!parts[1].bytes)
		parts[1] = conflict->theirs_exist ? conflict->theirs : conflict->ours;
	return kq_workdir_put(tree, kq_conflict_path(conflict), parts, 2, error);
}

/* git's stages: 1 the common ancestor, 2 ours (the new base), 3 theirs (the patch) */
static int put_stages(const struct kq_question *question, struct ks_buf *out,
		      struct kq_error *error)
{
	static const size_t side_of_stage[] = { 1, 0, 2 };
	char line[80];
	size_t i;

	ks_put_str(out, "0 0000000000000000000000000000000000000000\t");
	ks_put(out, question->path);
	ks_put_u8(out, 0);
	for (i = 0; i < KS_ARRAY_SIZE(side_of_stage); i++) {
		const struct kq_side *side = &question->side[side_of_stage[i]];
		struct kq_hex id;

		if (!side->exists)
			continue;
		if (kq_blob_id(side->content, &id, error))
			return error->err;
		snprintf(line, sizeof(line), "100644 %.40s %zu\t", id.text, i + 1);
		ks_put_str(out, line);
		ks_put(out, question->path);
		ks_put_u8(out, 0);
	}
	return 0;
}

/* As git cherry-pick leaves it, so that git's own words and the tools that know them work. */
static int unmerge(const char *tree, const struct kq_ask *ask, const char *patch_id,
		   struct kq_error *error)
{
	static const char *const args[] = { "update-index", "-z", "--index-info", NULL };
	const struct ks_span picked[] = { ks_span_str(patch_id), ks_span_str("\n") };
	const struct ks_span message[] = { ks_span_str(ask->patch), ks_span_str("\n") };
	__cleanup(ks_buf_done) struct ks_buf stages = { 0 };
	struct ks_diag diag = { 0 };
	size_t i;
	int rc = 0;

	for (i = 0; i < ask->verdict->nr_conflicts && !rc; i++) {
		const struct kq_conflict *conflict = &ask->verdict->conflict[i];
		struct kq_question question = kq_question_file(conflict);

		if (!kq_conflict_hopeless(conflict))
			rc = put_stages(&question, &stages, error);
	}
	if (!rc && ks_buf_ok(&stages, &diag))
		rc = kq_fail_diag(error, &diag);
	if (!rc)
		rc = kq_workdir_git(tree, args, ks_buf_span(&stages), NULL, error);
	if (!rc)
		rc = kq_workdir_put(tree, ks_span_str(".git/CHERRY_PICK_HEAD"), picked, 2, error);
	return rc ? rc : kq_workdir_put(tree, ks_span_str(".git/MERGE_MSG"), message, 2, error);
}

static int make_tree(const char *tree, const struct kq_ask *ask, struct kq_error *error)
{
	static const char *const work[] = { "checkout", "-q", "-b", "work", NULL };
	static const char *const gone[] = { "branch", "-q", "-D", "root", NULL };
	char id[KQ_COMMIT_BYTES], patch_id[KQ_COMMIT_BYTES];
	size_t i;
	int rc = kq_workdir_make(tree, "root", error);

	if (!rc)
		rc = kq_workdir_commit(tree, ks_span_str("root"), id, error);
	if (!rc)
		rc = commit_side(tree, ask, 1, "old", "root", id, error);
	if (!rc)
		rc = commit_side(tree, ask, 2, "patch", "old", patch_id, error);
	if (!rc)
		rc = commit_side(tree, ask, 0, "new", "old", id, error);
	if (!rc)
		rc = git(tree, work, error);
	if (!rc)
		rc = git(tree, gone, error);
	for (i = 0; i < ask->verdict->nr_conflicts && !rc; i++)
		rc = mark(tree, &ask->verdict->conflict[i], error);
	return rc ? rc : unmerge(tree, ask, patch_id, error);
}

/* Patch, and each file with its three sides. */
static int identify(const struct kq_ask *ask, struct kq_hex *ret_id, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct ks_diag diag = { 0 };
	size_t i;

	ks_put_str(&text, ask->patch);
	for (i = 0; i < ask->verdict->nr_conflicts; i++) {
		struct kq_question question = kq_question_file(&ask->verdict->conflict[i]);
		struct kq_hex hex;
		int rc = kq_question_id(&question, &hex, error);

		if (rc)
			return rc;
		ks_put_str(&text, "\n");
		ks_put_str(&text, hex.text);
	}
	if (ks_buf_ok(&text, &diag))
		return kq_fail_diag(error, &diag);
	return kq_sha256(ks_buf_span(&text), ret_id, error);
}

/* struct look - the files of a tree without git's own, one line each */
struct look {
	const char *tree;
	struct ks_buf *out;
};

static int look_at(void *arg, const char *name, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	const struct look *look = arg;
	struct ks_diag diag = { 0 };
	struct kq_path path;
	struct kq_hex hex;
	int rc;

	if (!strncmp(name, ".git/", 5))
		return 0;
	rc = kq_path(&path, error, "%s/%s", look->tree, name);
	if (!rc && ks_file_load(path.s, KQ_MAX_FILE_BYTES, &content, &diag))
		rc = kq_fail_diag(error, &diag);
	if (!rc)
		rc = kq_sha256(ks_buf_span(&content), &hex, error);
	if (rc)
		return rc;
	ks_put_str(look->out, hex.text);
	ks_put_str(look->out, " ");
	ks_put_str(look->out, name);
	ks_put_str(look->out, "\n");
	return 0;
}

/* The patch's name, all files, all branches, tags and stashes, and what is checked out. */
static int describe(const char *tree, const char *patch, struct ks_buf *out, struct kq_error *error)
{
	static const char *const refs[] = { "for-each-ref", NULL };
	static const char *const head[] = { "rev-parse", "HEAD", NULL };
	__cleanup(kq_child_end_done) struct kq_child_end all = { 0 };
	__cleanup(kq_child_end_done) struct kq_child_end one = { 0 };
	struct look look = { tree, out };
	struct ks_diag diag = { 0 };
	int rc;

	ks_put_str(out, patch);
	ks_put_str(out, "\n");
	rc = kq_dir_walk(tree, look_at, &look, error);
	if (!rc)
		rc = kq_git_must(tree, refs, (struct ks_span){ 0 }, &all, error);
	if (!rc)
		rc = kq_git_must(tree, head, (struct ks_span){ 0 }, &one, error);
	if (rc)
		return rc;
	ks_put(out, ks_buf_span(&all.out));
	ks_put(out, ks_buf_span(&one.out));
	return ks_buf_ok(out, &diag) ? kq_fail_diag(error, &diag) : 0;
}

static bool is_ours(struct ks_span ref)
{
	static const char *const ours[] = { "old", "patch", "new", "work" };
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(ours); i++)
		if (kq_is(ref, ours[i]))
			return true;
	return false;
}

/* More than the answer: branches and stashes of the person. */
static bool has_more(const char *tree)
{
	static const char *const refs[] = { "for-each-ref", "--format=%(refname:short)", NULL };
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	struct kq_error ignored = { 0 };
	struct ks_span rest, line;

	if (kq_git_must(tree, refs, (struct ks_span){ 0 }, &end, &ignored))
		return true;
	rest = ks_buf_span(&end.out);
	while (ks_span_line(&rest, &line))
		if (!is_ours(line))
			return true;
	return false;
}

/* What cannot be told is work. */
static bool is_edited(const char *tree, const char *patch, struct ks_span opened)
{
	__cleanup(ks_buf_done) struct ks_buf now = { 0 };
	struct kq_error ignored = { 0 };

	return describe(tree, patch, &now, &ignored) || !ks_span_eq(ks_buf_span(&now), opened);
}

static int move_aside(const char *tree, const char *state, const char *patch,
		      struct kq_path *ret_kept, struct kq_error *error)
{
	struct stat st;
	unsigned int nr;
	int rc = kq_path(ret_kept, error, "%s/conflict-%s", state, patch);

	for (nr = 2; !rc && !lstat(ret_kept->s, &st); nr++)
		rc = kq_path(ret_kept, error, "%s/conflict-%s.%u", state, patch, nr);
	if (!rc && rename(tree, ret_kept->s))
		rc = kq_fail(error, -errno, "%s: cannot move it to %s: %s", tree, ret_kept->s,
			     strerror(errno));
	return rc;
}

static int keep_work(const char *dir, const char *state, struct kq_path *ret_kept,
		     struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf opened = { 0 };
	struct ks_span rest, line = { 0 };
	struct kq_path tree, file;
	char patch[256];
	struct stat st;
	int rc = kq_path(&tree, error, "%s/tree", dir);

	if (!rc)
		rc = kq_path(&file, error, "%s/opened", dir);
	if (rc || lstat(tree.s, &st))
		return rc;
	if (!ks_file_load(file.s, KQ_MAX_FILE_BYTES, &opened, NULL)) {
		rest = ks_buf_span(&opened);
		ks_span_line(&rest, &line);
	}
	snprintf(patch, sizeof(patch), "%.*s", KQ_FMT(line));
	if (strchr(patch, '/'))
		*patch = '\0';
	if (kq_conflict_is_taken(dir) ? !has_more(tree.s) :
					!is_edited(tree.s, patch, ks_buf_span(&opened)))
		return 0;
	return move_aside(tree.s, state, patch, ret_kept, error);
}

bool kq_conflict_is_taken(const char *dir)
{
	struct kq_error ignored = { 0 };
	struct kq_path answers;
	struct stat st;

	return !kq_path(&answers, &ignored, "%s/answers", dir) && !lstat(answers.s, &st);
}

/* struct settling - resolutions on their way */
struct settling {
	const char *from;
	const char *to;
};

static int settle_one(void *arg, const char *name, struct kq_error *error)
{
	const struct settling *s = arg;
	struct kq_path from, to;
	int rc = kq_path(&from, error, "%s/%s", s->from, name);

	if (!rc)
		rc = kq_path(&to, error, "%s/%s", s->to, name);
	if (!rc && rename(from.s, to.s))
		rc = kq_fail(error, -errno, "%s: %s", to.s, strerror(errno));
	return rc;
}

static int settle(const char *dir, const char *state, struct kq_error *error)
{
	struct kq_path from, to;
	struct settling s = { from.s, to.s };
	int rc = kq_path(&from, error, "%s/answers", dir);

	if (!rc)
		rc = kq_path(&to, error, "%s/resolutions", state);
	if (rc || !kq_conflict_is_taken(dir))
		return rc;
	rc = kq_dir_make(to.s, error);
	return rc ? rc : kq_dir_walk(from.s, settle_one, &s, error);
}

int kq_conflict_close(const char *dir, const char *state, struct kq_path *ret_kept,
		      struct kq_error *error)
{
	struct kq_path closing;
	struct stat st;
	int rc = kq_path(&closing, error, "%s.old", dir);

	if (!rc)
		rc = kq_dir_remove(closing.s, error);
	if (rc || lstat(dir, &st))
		return rc;
	rc = settle(dir, state, error);
	if (!rc)
		rc = keep_work(dir, state, ret_kept, error);
	/* Away in one step: half a work tree must not look like an answer. */
	if (!rc && rename(dir, closing.s))
		rc = kq_fail(error, -errno, "%s: %s", dir, strerror(errno));
	return rc ? rc : kq_dir_remove(closing.s, error);
}

static int write_note(const char *dir, const char *name, struct ks_span text,
		      struct kq_error *error)
{
	return kq_workdir_put(dir, ks_span_str(name), &text, 1, error);
}

int kq_conflict_open(const struct kq_ask *ask, struct kq_path *ret_kept, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf opened = { 0 };
	struct kq_path part, tree;
	struct kq_hex id;
	int rc = kq_conflict_close(ask->dir, ask->state, ret_kept, error);

	if (!rc)
		rc = kq_path(&part, error, "%s.part", ask->dir);
	if (!rc)
		rc = kq_path(&tree, error, "%s.part/tree", ask->dir);
	if (!rc)
		rc = kq_dir_remove(part.s, error);
	if (!rc)
		rc = make_tree(tree.s, ask, error);
	if (!rc)
		rc = describe(tree.s, ask->patch, &opened, error);
	if (!rc)
		rc = write_note(part.s, "opened", ks_buf_span(&opened), error);
	if (!rc)
		rc = identify(ask, &id, error);
	if (!rc)
		rc = write_note(part.s, "id", ks_span_str(id.text), error);
	if (!rc && rename(part.s, ask->dir))
		rc = kq_fail(error, -errno, "%s: %s", ask->dir, strerror(errno));
	return rc;
}

bool kq_conflict_has(const char *dir, const char *patch, const char *path)
{
	__cleanup(ks_buf_done) struct ks_buf opened = { 0 };
	struct kq_error ignored = { 0 };
	struct ks_span rest, line, word;
	struct kq_path file;

	if (kq_path(&file, &ignored, "%s/opened", dir) ||
	    ks_file_load(file.s, KQ_MAX_FILE_BYTES, &opened, NULL))
		return false;
	rest = ks_buf_span(&opened);
	if (!ks_span_line(&rest, &line) || !kq_is(line, patch))
		return false;
	while (ks_span_line(&rest, &line))
		if (ks_span_word(&line, &word) && word.bytes == 64 && kq_take(&line, " ") &&
		    kq_is(line, path))
			return true;
	return false;
}

bool kq_conflict_is_open(const struct kq_ask *ask, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct kq_path file, git_dir;
	struct kq_hex id;
	struct stat st;

	if (kq_path(&file, error, "%s/id", ask->dir) ||
	    kq_path(&git_dir, error, "%s/tree/.git", ask->dir) || identify(ask, &id, error) ||
	    lstat(git_dir.s, &st) || ks_file_load(file.s, sizeof(id), &text, NULL))
		return false;
	return kq_is(ks_buf_span(&text), id.text);
}
