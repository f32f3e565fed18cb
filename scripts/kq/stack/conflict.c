// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stack/conflict.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "stack/resolution.h"
#include "stack/workdir.h"
#include "text/file.h"
#include "text/dir.h"

/* Where git marked nothing, a person must still say that the file is as it should be. */
#define LEAD "<<<<<<< kq: remove this line when the file is as it should be\n"

static int run_git(const char *tree, const char *const *args, struct kq_error *error)
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
	int rc = run_git(tree, checkout, error);

	if (!rc)
		rc = run_git(tree, remove, error);
	for (i = 0; i < ask->verdict->nr_conflicts && !rc; i++) {
		struct kq_question question = kq_question_file(&ask->verdict->conflict[i]);

		if (question.side[side].exists)
			rc = kq_workdir_put(tree, question.path, &question.side[side].content, 1,
					    error);
	}
	return rc ? rc : kq_workdir_commit(tree, ks_span_str(message), ret_id, error);
}

/* What the person finds: git's markers, or the file that there is below a line to be removed. */
static int put_markers(const char *tree, const struct kq_conflict *conflict, struct kq_error *error)
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
	size_t i;
	int rc = 0;

	for (i = 0; i < ask->verdict->nr_conflicts && !rc; i++) {
		const struct kq_conflict *conflict = &ask->verdict->conflict[i];
		struct kq_question question = kq_question_file(conflict);

		if (!kq_conflict_hopeless(conflict))
			rc = put_stages(&question, &stages, error);
	}
	if (!rc)
		rc = kq_buf_check(&stages, error);
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
		rc = run_git(tree, work, error);
	if (!rc)
		rc = run_git(tree, gone, error);
	for (i = 0; i < ask->verdict->nr_conflicts && !rc; i++)
		rc = put_markers(tree, &ask->verdict->conflict[i], error);
	return rc ? rc : unmerge(tree, ask, patch_id, error);
}

/* Patch, and each file with its three sides. */
static int hash_conflict(const struct kq_ask *ask, struct kq_hex *ret_id, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
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
	if (kq_buf_check(&text, error))
		return error->err;
	return kq_sha256(ks_buf_span(&text), ret_id, error);
}

/* struct listing - the files of a tree without git's own, one line each */
struct listing {
	const char *tree;
	struct ks_buf *out;
};

static int describe_file(void *arg, const char *name, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	const struct listing *listing = arg;
	struct kq_path path;
	struct kq_hex hex;
	int rc;

	if (!strncmp(name, ".git/", 5))
		return 0;
	rc = kq_path(&path, error, "%s/%s", listing->tree, name);
	if (!rc)
		rc = kq_file_load(path.s, KQ_MAX_FILE_BYTES, &content, error);
	if (!rc)
		rc = kq_sha256(ks_buf_span(&content), &hex, error);
	if (rc)
		return rc;
	ks_put_str(listing->out, hex.text);
	ks_put_str(listing->out, " ");
	ks_put_str(listing->out, name);
	ks_put_str(listing->out, "\n");
	return 0;
}

/* The patch's name, all files, all branches, tags and stashes, and what is checked out. */
static int describe_tree(const char *tree, const char *patch, struct ks_buf *out,
			 struct kq_error *error)
{
	static const char *const refs[] = { "for-each-ref", NULL };
	static const char *const head[] = { "rev-parse", "HEAD", NULL };
	__cleanup(kq_child_end_done) struct kq_child_end all = { 0 };
	__cleanup(kq_child_end_done) struct kq_child_end one = { 0 };
	struct listing listing = { tree, out };
	int rc;

	ks_put_str(out, patch);
	ks_put_str(out, "\n");
	rc = kq_dir_walk(tree, describe_file, &listing, error);
	if (!rc)
		rc = kq_git_must(tree, refs, (struct ks_span){ 0 }, &all, error);
	if (!rc)
		rc = kq_git_must(tree, head, (struct ks_span){ 0 }, &one, error);
	if (rc)
		return rc;
	ks_put(out, ks_buf_span(&all.out));
	ks_put(out, ks_buf_span(&one.out));
	return kq_buf_check(out, error);
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

/* A tree that cannot be described counts as edited. */
static bool is_edited(const char *tree, const char *patch, struct ks_span opened)
{
	__cleanup(ks_buf_done) struct ks_buf now = { 0 };
	struct kq_error ignored = { 0 };

	return describe_tree(tree, patch, &now, &ignored) || !ks_span_eq(ks_buf_span(&now), opened);
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
	if (kq_conflict_is_answered(dir) ? !has_more(tree.s)
					 : !is_edited(tree.s, patch, ks_buf_span(&opened)))
		return 0;
	return move_aside(tree.s, state, patch, ret_kept, error);
}

bool kq_conflict_is_answered(const char *dir)
{
	struct kq_error ignored = { 0 };
	struct kq_path answers;
	struct stat st;

	return !kq_path(&answers, &ignored, "%s/answers", dir) && !lstat(answers.s, &st);
}

/* struct moving - resolutions on their way */
struct moving {
	const char *from;
	const char *to;
};

static int move_resolution(void *arg, const char *name, struct kq_error *error)
{
	const struct moving *s = arg;
	struct kq_path from, to;
	int rc = kq_path(&from, error, "%s/%s", s->from, name);

	if (!rc)
		rc = kq_path(&to, error, "%s/%s", s->to, name);
	if (!rc && rename(from.s, to.s))
		rc = kq_fail(error, -errno, "%s: %s", to.s, strerror(errno));
	return rc;
}

static int move_resolutions(const char *dir, const char *state, struct kq_error *error)
{
	struct kq_path from, to;
	struct moving s = { from.s, to.s };
	int rc = kq_path(&from, error, "%s/answers", dir);

	if (!rc)
		rc = kq_path(&to, error, "%s/resolutions", state);
	if (rc || !kq_conflict_is_answered(dir))
		return rc;
	rc = kq_dir_make(to.s, error);
	return rc ? rc : kq_dir_walk(from.s, move_resolution, &s, error);
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
	rc = move_resolutions(dir, state, error);
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

static int open_conflict(const struct kq_ask *ask, struct kq_path *ret_kept, struct kq_error *error)
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
		rc = describe_tree(tree.s, ask->patch, &opened, error);
	if (!rc)
		rc = write_note(part.s, "opened", ks_buf_span(&opened), error);
	if (!rc)
		rc = hash_conflict(ask, &id, error);
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

/* There is a work tree of just this conflict. */
static bool is_open(const struct kq_ask *ask, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct kq_path file, git_dir;
	struct kq_hex id;
	struct stat st;

	if (kq_path(&file, error, "%s/id", ask->dir) ||
	    kq_path(&git_dir, error, "%s/tree/.git", ask->dir) || hash_conflict(ask, &id, error) ||
	    lstat(git_dir.s, &st) || ks_file_load(file.s, sizeof(id), &text, NULL))
		return false;
	return kq_is(ks_buf_span(&text), id.text);
}

/* The way back: what a person left in the tree becomes resolutions. */

/*
 * struct reading - the answer of one file
 * @reason: why the patch's change of the file is given up; empty if it is not
 */
struct reading {
	const struct kq_conflict *conflict;
	const struct kq_ask *ask;
	const char *answers;
	const char *tree;
	bool was_reset;
	struct ks_buf edited;
	bool exists;
	struct ks_buf reason;
};

static void reading_done(struct reading *r)
{
	ks_buf_done(&r->edited);
	ks_buf_done(&r->reason);
}

/* Two regions with the same sides but other results cannot both be stored. */
static bool contradict(const struct kq_regions *regions, const struct ks_span *result)
{
	size_t i, k;

	for (i = 0; i < regions->nr; i++)
		for (k = 0; k < i; k++)
			if (ks_span_eq(regions->region[i].ours, regions->region[k].ours) &&
			    ks_span_eq(regions->region[i].base, regions->region[k].base) &&
			    ks_span_eq(regions->region[i].theirs, regions->region[k].theirs) &&
			    !ks_span_eq(result[i], result[k]))
				return true;
	return false;
}

static int write_regions(const struct reading *r, const struct kq_regions *regions,
			 const struct ks_span *result, const char *head, struct kq_error *error)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < regions->nr && !rc; i++) {
		struct kq_question question = kq_question_region(r->conflict, &regions->region[i]);
		struct kq_side answer = { true, result[i] };

		rc = kq_resolution_write(r->answers, &question, &answer, head, error);
	}
	return rc;
}

static int write_by_region(const struct reading *r, const char *head, bool *ret_done,
			   struct kq_error *error)
{
	__cleanup(kq_regions_done) struct kq_regions regions = { 0 };
	struct ks_span *result;
	int rc = kq_regions_parse(ks_buf_span(&r->conflict->marked), &regions, error);

	if (rc)
		return rc;
	result = calloc(regions.nr + 1, sizeof(*result));
	if (!result)
		return kq_no_memory(error);
	*ret_done = kq_regions_results(&regions, ks_buf_span(&r->edited), result) &&
		    !contradict(&regions, result);
	if (*ret_done)
		rc = write_regions(r, &regions, result, head, error);
	free(result);
	return rc;
}

static int write_answer(const struct reading *r, struct kq_error *error)
{
	struct kq_question question = kq_question_file(r->conflict);
	struct kq_side answer = { r->exists, ks_buf_span(&r->edited) };
	const struct kq_ask *ask = r->ask;
	bool done = false, given_up = r->reason.bytes;
	struct kq_path head;
	int rc = kq_path(&head, error, "Patch: %s\nBases: %s %s\n%s%.*s%s", ask->patch, ask->from,
			 ask->to, given_up ? "Reason: " : "", (int)r->reason.bytes,
			 given_up ? (const char *)r->reason.p : "", given_up ? "\n" : "");

	if (!rc && r->exists && !given_up)
		rc = write_by_region(r, head.s, &done, error);
	if (rc || done)
		return rc;
	return kq_resolution_write(r->answers, &question, given_up ? NULL : &answer, head.s, error);
}

/* Load what the person left. Return: 0; KQ_REFUSED for a link or a directory. */
static int load_edited(const char *tree, struct ks_span name, struct ks_buf *ret_content,
		       bool *ret_exists, struct kq_error *error)
{
	struct kq_path path;
	struct stat st;
	int rc = kq_path(&path, error, "%s/%.*s", tree, (int)name.bytes, (const char *)name.p);

	*ret_exists = !rc && !lstat(path.s, &st);
	if (rc || !*ret_exists)
		return rc;
	if (!S_ISREG(st.st_mode))
		return kq_fail(error, KQ_REFUSED, "%s: is not a plain file", path.s);
	return kq_file_load(path.s, KQ_MAX_FILE_BYTES, ret_content, error);
}

/* Return: always 0: the error is what is left to do, not a failure. */
__attribute__((format(printf, 3, 4))) static int
undecided(const struct reading *r, struct kq_error *error, const char *format, ...)
{
	struct ks_span path = kq_conflict_path(r->conflict);
	char what[512];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	kq_fail(error, KQ_REFUSED, "%s/%.*s%s", r->tree, KQ_FMT(path), what);
	return 0;
}

static bool is_content(const struct reading *r, bool exists, struct ks_span content)
{
	return r->exists == exists && ks_span_eq(ks_buf_span(&r->edited), content);
}

static bool has_empty_side(const struct kq_conflict *c)
{
	return (c->ours_exist && !c->ours.bytes) || (c->theirs_exist && !c->theirs.bytes);
}

static bool has_nul(struct ks_span text)
{
	return text.bytes && memchr(text.p, 0, text.bytes);
}

/* Refuse what resolves nothing: a file as one of the bases has it, a binary, a missing or an empty one. */
static int check_content(const struct reading *r, struct kq_error *error)
{
	const struct kq_conflict *c = r->conflict;
	bool stays_deleted = !r->exists && !c->ours_exist && !r->was_reset;

	if (is_content(r, c->ours_exist, c->ours) && !stays_deleted)
		return undecided(
			r, error,
			": is what the new base has, so the patch would lose its change of "
			"it: resolve it, or give the change up: kq drop %s --reason REASON%s "
			"(to see the conflict again remove %s)",
			r->ask->patch, r->ask->verdict->nr_files > 1 ? " FILE" : "", r->tree);
	if (r->exists && c->old_exists && is_content(r, true, c->old_base))
		return undecided(r, error,
				 ": is what the old base had, neither the new base nor the patch: "
				 "resolve it");
	if (r->exists && (has_nul(c->ours) || has_nul(ks_buf_span(&r->edited))))
		return undecided(
			r, error,
			": is binary on the new base, and no patch can change that: kq drop "
			"%s --reason REASON",
			r->ask->patch);
	if (!r->exists && c->ours_exist && c->theirs_exist)
		return undecided(r, error,
				 ": is not there, but the new base and the patch have it: git "
				 "checkout -m brings it back");
	if (r->exists && !r->edited.bytes && !has_empty_side(c))
		return undecided(
			r, error,
			": is empty, and neither the new base nor the patch empties it: git "
			"checkout -m brings it back");
	return 0;
}

static int find_reason(struct reading *r, struct kq_error *error)
{
	if (!r->ask->given_up)
		return 0;
	return r->ask->given_up(r->ask->arg, r->ask->patch, kq_conflict_path(r->conflict),
				&r->reason, error);
}

/* The file is dropped, and was edited as well: one of the two is a mistake. */
static int check_given_up(const struct reading *r, u32 marker, struct kq_error *error)
{
	const struct kq_conflict *c = r->conflict;

	if (marker || kq_conflict_hopeless(c) || is_content(r, c->ours_exist, c->ours))
		return 0;
	return undecided(
		r, error,
		": was edited, and is given up too: kq resolutions --forget %.*s takes that "
		"back, git checkout new -- . the edit",
		KQ_FMT(kq_conflict_path(c)));
}

/* Only checks: write_answers() runs when every file has an answer. */
static int check_file(struct reading *r, struct kq_error *error)
{
	struct kq_question question = kq_question_file(r->conflict);
	struct ks_span sides[KS_ARRAY_SIZE(question.side)];
	size_t i;
	u32 line;
	int rc = find_reason(r, error);

	if (!rc)
		rc = load_edited(r->tree, question.path, &r->edited, &r->exists, error);
	if (rc)
		return rc;
	for (i = 0; i < KS_ARRAY_SIZE(sides); i++)
		sides[i] = question.side[i].content;
	line = kq_markers_left(ks_buf_span(&r->edited), sides, KS_ARRAY_SIZE(sides));
	if (r->reason.bytes)
		return check_given_up(r, line, error);
	if (line)
		return undecided(r, error, ":%u: a conflict marker is left", line);
	if (kq_conflict_hopeless(r->conflict))
		return undecided(r, error, ": %s; kq drop, or change the patch",
				 kq_trouble_text(r->conflict->trouble));
	return check_content(r, error);
}

static bool is_asked(const struct kq_verdict *verdict, struct ks_span name)
{
	size_t i;

	for (i = 0; i < verdict->nr_conflicts; i++)
		if (ks_span_eq(name, kq_conflict_path(&verdict->conflict[i])))
			return true;
	return false;
}

/* @args list names, each with a NUL. */
static int refuse_others(const char *tree, const char *const *args,
			 const struct kq_verdict *verdict, struct kq_error *error)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	struct ks_span rest;
	int rc = kq_git_must(tree, args, (struct ks_span){ 0 }, &end, error);

	for (rest = ks_buf_span(&end.out); !rc && rest.bytes;) {
		struct ks_span name = kq_head(rest, strnlen((const char *)rest.p, rest.bytes));

		rest = kq_tail(rest, name.bytes + 1);
		if (!is_asked(verdict, name))
			rc = kq_fail(error, KQ_REFUSED,
				     "%s/%.*s: is not in conflict, what was changed there would be "
				     "lost; undo it, and change the patch after the rebase",
				     tree, KQ_FMT(name));
	}
	return rc;
}

/* git reset --hard takes CHERRY_PICK_HEAD away; so does a commit, which is on top of the new base. */
static int find_reset(const char *tree, bool *ret_was_reset, struct kq_error *error)
{
	static const char *const names[] = { "HEAD", "new" };
	char id[KS_ARRAY_SIZE(names)][KQ_COMMIT_BYTES];
	struct kq_path path;
	struct stat st;
	size_t i;
	int rc = kq_path(&path, error, "%s/.git/CHERRY_PICK_HEAD", tree);

	*ret_was_reset = false;
	if (rc || !lstat(path.s, &st))
		return rc;
	for (i = 0; i < KS_ARRAY_SIZE(names) && !rc; i++) {
		const char *const args[] = { "rev-parse", "--verify", names[i], NULL };

		rc = kq_workdir_git(tree, args, (struct ks_span){ 0 }, id[i], error);
	}
	*ret_was_reset = !rc && !strcmp(id[0], id[1]);
	return rc;
}

/* Written aside and renamed: a kill leaves all answers or none. */
static int write_answers(struct reading *r, const struct kq_ask *ask, struct kq_error *error)
{
	struct kq_path part, dir;
	int rc = kq_path(&part, error, "%s/answers.part", ask->dir);

	if (!rc)
		rc = kq_path(&dir, error, "%s/answers", ask->dir);
	if (!rc)
		rc = kq_dir_remove(part.s, error);
	if (!rc)
		rc = kq_dir_make(part.s, error);
	for (; r->ask && !rc; r++) {
		r->answers = part.s;
		rc = write_answer(r, error);
	}
	if (!rc)
		rc = kq_dir_sync(part.s, error);
	if (!rc && rename(part.s, dir.s))
		rc = kq_fail(error, -errno, "%s: %s", dir.s, strerror(errno));
	return rc;
}

static void free_readings(struct reading **readings)
{
	struct reading *r = *readings;

	for (; r && r->ask; r++)
		reading_done(r);
	free(*readings);
}

static int read_answers(const struct kq_ask *ask, enum kq_answered *ret_answered,
			struct kq_error *error)
{
	static const char *const changed[] = { "diff", "--name-only", "-z", "new", "--", NULL };
	static const char *const untracked[] = { "ls-files", "-z", "--others",
						 "--exclude-from=.git/info/exclude", NULL };
	const struct kq_verdict *verdict = ask->verdict;
	__cleanup(free_readings) struct reading *r = NULL;
	bool was_reset = false;
	struct kq_path tree;
	size_t i;
	int rc;

	*ret_answered = KQ_NOT_ASKED;
	if (!is_open(ask, error))
		return error->err;
	r = calloc(verdict->nr_conflicts + 1, sizeof(*r));
	rc = r ? kq_path(&tree, error, "%s/tree", ask->dir) : kq_no_memory(error);
	if (!rc)
		rc = refuse_others(tree.s, changed, verdict, error);
	if (!rc)
		rc = refuse_others(tree.s, untracked, verdict, error);
	if (!rc)
		rc = find_reset(tree.s, &was_reset, error);
	*ret_answered = KQ_UNDECIDED;
	for (i = 0; i < verdict->nr_conflicts && !rc; i++) {
		r[i] = (struct reading){ .conflict = &verdict->conflict[i],
					 .ask = ask,
					 .tree = tree.s,
					 .was_reset = was_reset };
		rc = check_file(&r[i], error);
		if (error->err)
			return rc;
	}
	if (!rc)
		rc = write_answers(r, ask, error);
	if (!rc)
		*ret_answered = KQ_ANSWERED;
	return rc;
}

int kq_conflict_read_or_open(const struct kq_ask *ask, enum kq_answered *ret_answered,
			     struct kq_error *undecided, struct kq_path *ret_kept,
			     struct kq_error *error)
{
	int rc = read_answers(ask, ret_answered, undecided);

	if (rc)
		return kq_fail(error, rc, "%s", undecided->line);
	if (*ret_answered == KQ_ANSWERED)
		return kq_conflict_close(ask->dir, ask->state, ret_kept, error);
	return *ret_answered == KQ_NOT_ASKED ? open_conflict(ask, ret_kept, error) : 0;
}
