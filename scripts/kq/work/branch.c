// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/branch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/apply.h"
#include "queue/header.h"
#include "queue/lock.h"
#include "stack/workdir.h"
#include "text/file.h"
#include "text/git.h"
#include "text/text.h"
#include "tree/release.h"
#include "work/import.h"
#include "work/restack.h"

#define GIT "git:"

/*
 * struct place - where the branch is
 * @rev: of the release, as a person says it
 * @base: its commit
 */
struct place {
	struct kq_path repo;
	struct kq_path name;
	struct kq_path rev;
	char base[KQ_COMMIT_BYTES];
};

static int split_spec(const struct kq_branch *branch, struct place *place, struct kq_error *error)
{
	const char *colon = strrchr(branch->spec, ':');
	int rc = kq_path(&place->name, error, "%s", colon ? colon + 1 : branch->spec);

	if (!rc && colon)
		rc = kq_path(&place->repo, error, "%.*s", (int)(colon - branch->spec),
			     branch->spec);
	return rc;
}

/* Which revision is the release, and where, unless the branch said so? */
static int find_rev(const struct kq_branch *branch, struct place *place, struct kq_error *error)
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

static int rev_parse(const struct place *place, const char *what, char ret_id[KQ_COMMIT_BYTES],
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
	/* With --quiet git prints nothing for a name that is not there, and a message for any other error. */
	if (end.status && end.err.bytes)
		return kq_fail(error, -EIO, "%s: %.*s", place->repo.s,
			       KQ_FMT(kq_chomp(ks_buf_span(&end.err))));
	id = kq_chomp(ks_buf_span(&end.out));
	if (end.status || id.bytes >= KQ_COMMIT_BYTES)
		return 0;
	memcpy(ret_id, id.p, id.bytes);
	ret_id[id.bytes] = '\0';
	return 0;
}

static int find_place(const struct kq_branch *branch, struct place *ret_place,
		      struct kq_error *error)
{
	struct place place = { 0 };
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	const char *const valid[] = { "check-ref-format", "--branch", place.name.s, NULL };
	struct kq_path what;
	int rc = split_spec(branch, &place, error);

	if (!rc)
		rc = find_rev(branch, &place, error);
	if (!rc && !*place.repo.s)
		rc = kq_path(&place.repo, error, ".");
	if (!rc)
		rc = kq_path(&what, error, "%s^{commit}", place.rev.s);
	if (!rc)
		rc = rev_parse(&place, what.s, place.base, error);
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

/* What a name stands for; "" for nothing. @prefix: "refs/heads/" */
static int read_ref(const struct place *place, const char *prefix, char ret_id[KQ_COMMIT_BYTES],
		    struct kq_error *error)
{
	struct kq_path ref;
	int rc = kq_path(&ref, error, "%s%s", prefix, place->name.s);

	return rc ? rc : rev_parse(place, ref.s, ret_id, error);
}

/* A reference, if it still is what it was. @old: "" for none */
static int set_ref(const struct place *place, const char *prefix, const char *new, const char *old,
		   struct kq_error *error)
{
	static const char none[] = "0000000000000000000000000000000000000000";
	struct kq_path ref;
	const char *const args[] = { "update-ref", "-m", "kq", ref.s, new, *old ? old : none, NULL };
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	int rc = kq_path(&ref, error, "%s%s", prefix, place->name.s);

	return rc ? rc : kq_git_must(place->repo.s, args, (struct ks_span){ 0 }, &end, error);
}

/* Where the commits are until somebody wants them. */
#define TEMPORARY "refs/kq/exporting"

/* struct stream - what git reads */
struct stream {
	struct ks_buf out;
	struct kq_overlay overlay;
	struct kq_error *error;
};

static void stream_done(struct stream *s)
{
	ks_buf_done(&s->out);
	kq_overlay_done(&s->overlay);
}

static void put_data(struct stream *s, struct ks_span a, struct ks_span b)
{
	char line[48];

	snprintf(line, sizeof(line), "data %zu\n", a.bytes + b.bytes);
	ks_put_str(&s->out, line);
	ks_put(&s->out, a);
	ks_put(&s->out, b);
	ks_put_str(&s->out, "\n");
}

static void put_person(struct stream *s, const char *what, struct ks_span name, struct ks_span mail,
		       struct ks_span date)
{
	ks_put_str(&s->out, what);
	ks_put(&s->out, name);
	ks_put_str(&s->out, " <");
	ks_put(&s->out, mail);
	ks_put_str(&s->out, "> ");
	ks_put(&s->out, date);
	ks_put_str(&s->out, "\n");
}

/* Blank lines around the text are the mail's, not the message's. */
static struct ks_span trim_lines(struct ks_span text)
{
	while (text.bytes && text.p[0] == '\n')
		text = kq_tail(text, 1);
	while (text.bytes && text.p[text.bytes - 1] == '\n')
		text = kq_head(text, text.bytes - 1);
	return text;
}

static int put_head(struct stream *s, const struct kq_patch *patch, const char *from)
{
	__cleanup(ks_buf_done) struct ks_buf name = { 0 }, mail = { 0 }, date = { 0 };
	__cleanup(ks_buf_done) struct ks_buf subject = { 0 };
	struct ks_span body = trim_lines(patch->body);

	kq_author(patch->head, &name, &mail);
	kq_head_field(patch->head, "Date:", &date);
	if (!mail.bytes || !date.bytes)
		return kq_fail(s->error, KQ_REFUSED, "%s: has no From and Date that git could take",
			       patch->label);
	ks_put_str(&s->out, "commit " TEMPORARY "\n");
	put_person(s, "author ", ks_buf_span(&name), ks_buf_span(&mail), ks_buf_span(&date));
	put_person(s, "committer ", ks_buf_span(&name), ks_buf_span(&mail), ks_buf_span(&date));
	kq_subject(patch->head, &subject);
	ks_put_str(&subject, body.bytes ? "\n\n" : "\n");
	ks_put(&subject, body);
	put_data(s, ks_buf_span(&subject), ks_span_str(body.bytes ? "\n" : ""));
	if (from) {
		ks_put_str(&s->out, "from ");
		ks_put_str(&s->out, from);
		ks_put_str(&s->out, "\n");
	}
	return 0;
}

static int put_file(struct stream *s, struct ks_span path)
{
	struct kq_node *node;
	int rc = kq_overlay_get(&s->overlay, path, &node, s->error);

	if (rc)
		return rc;
	ks_put_str(&s->out, !node->exists   ? "D "
			    : node->executable ? "M 100755 inline "
					    : "M 100644 inline ");
	ks_put(&s->out, path);
	ks_put_str(&s->out, "\n");
	if (node->exists)
		put_data(s, kq_node_content(node), (struct ks_span){ 0 });
	return 0;
}

static int put_patch(struct stream *s, const struct kq_patch *patch, const char *from)
{
	size_t i;
	int rc = kq_apply_patch(&s->overlay, patch, NULL, s->error);

	if (!rc)
		rc = put_head(s, patch, from);
	for (i = 0; i < patch->nr_files && !rc; i++)
		rc = put_file(s, patch->file[i].path);
	ks_put_str(&s->out, "\n");
	return rc;
}

static int open_base(const struct place *place, const struct kq_stack *stack,
		     struct kq_release **ret_release, struct kq_error *error)
{
	__cleanup(kq_names_done) struct kq_names paths = { 0 };
	struct kq_want want;
	struct kq_path spec;
	int rc = kq_path(&spec, error, "git:%s:%s", place->repo.s, place->base);

	if (!rc)
		rc = kq_stack_paths(stack, &paths, error);
	if (rc)
		return rc;
	want = (struct kq_want){ (const char *const *)paths.name, paths.nr };
	return kq_release_open(spec.s, &want, ret_release, error);
}

static int run_fast_import(const struct place *place, struct stream *s,
			   char ret_tip[KQ_COMMIT_BYTES])
{
	static const char *const import[] = {
		"fast-import", "--quiet", "--force", "--done", "--date-format=rfc2822", NULL
	};
	static const char *const tip[] = { "rev-parse", "--verify", TEMPORARY, NULL };
	static const char *const gone[] = { "update-ref", "-d", TEMPORARY, NULL };
	const struct ks_span none = { 0 };
	int rc;

	ks_put_str(&s->out, "done\n");
	if (kq_buf_check(&s->out, s->error))
		return s->error->err;
	rc = kq_workdir_git(place->repo.s, import, ks_buf_span(&s->out), NULL, s->error);
	if (!rc)
		rc = kq_workdir_git(place->repo.s, tip, none, ret_tip, s->error);
	return rc ? rc : kq_workdir_git(place->repo.s, gone, none, NULL, s->error);
}

/*
 * Put the commits of the queue into the repository; no branch changes. One stream of git
 * fast-import: no work tree, and 91,000 files stay where they are. @ret_tip: the last commit, the
 * release's own without a patch; @ret_nr: how many patches.
 */
static int commit_queue(const struct place *place, const struct kq_stack *stack,
			const struct kq_selection *selection, char ret_tip[KQ_COMMIT_BYTES],
			size_t *ret_nr, struct kq_error *error)
{
	__cleanup(kq_release_close) struct kq_release *base = NULL;
	__cleanup(stream_done) struct stream s = { .error = error };
	size_t i;
	int rc = open_base(place, stack, &base, error);

	*ret_nr = 0;
	if (!rc)
		s.overlay.source = &base->source;
	for (i = 0; i < stack->series.nr && !rc; i++)
		if (kq_selected(&stack->series.entry[i], selection))
			rc = put_patch(&s, &stack->patch[i].patch,
				       (*ret_nr)++ ? NULL : place->base);
	if (rc)
		return rc;
	if (*ret_nr)
		return run_fast_import(place, &s, ret_tip);
	snprintf(ret_tip, KQ_COMMIT_BYTES, "%s", place->base);
	return 0;
}

/* Its index and files would be those of the old commits. */
static int refuse_checked_out(const struct place *place, struct kq_error *error)
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
static int check_branch(const struct place *place, const char *was, const char *exported,
			struct kq_error *error)
{
	if (*was && strcmp(was, exported))
		return kq_fail(error, KQ_REFUSED,
			       "%s: has commits that kq export did not make; kq import --git %s:%s takes them, or choose another name",
			       place->name.s, place->repo.s, place->name.s);
	return *was ? refuse_checked_out(place, error) : 0;
}

static void put_export_note(const struct place *place, size_t nr, bool same, struct ks_buf *note)
{
	char text[64];

	ks_put_str(note, place->name.s);
	snprintf(text, sizeof(text), ": %zu patch%s on ", nr, nr == 1 ? "" : "es");
	ks_put_str(note, text);
	ks_put_str(note, place->rev.s);
	ks_put_str(note, same ? ", as it was\n" : "\n");
}

int kq_branch_export(const struct kq_branch *branch, struct ks_buf *ret_note,
		     struct kq_error *error)
{
	__cleanup(kq_edition_done) struct kq_edition edition = { 0 };
	char was[KQ_COMMIT_BYTES], exported[KQ_COMMIT_BYTES], tip[KQ_COMMIT_BYTES];
	struct place place;
	bool same = false;
	size_t nr = 0;
	int rc = kq_edition_open(branch->queue, NULL, branch->state, &edition, error);

	if (!rc)
		rc = find_place(branch, &place, error);
	if (!rc)
		rc = read_ref(&place, "refs/heads/", was, error);
	if (!rc)
		rc = read_ref(&place, "refs/kq/", exported, error);
	if (!rc)
		rc = commit_queue(&place, &edition.old, &branch->selection, tip, &nr, error);
	if (rc)
		return rc;
	same = !strcmp(tip, was);
	if (!same)
		rc = check_branch(&place, was, exported, error);
	if (!rc && !same)
		rc = set_ref(&place, "refs/heads/", tip, was, error);
	if (!rc && strcmp(tip, exported))
		rc = set_ref(&place, "refs/kq/", tip, exported, error);
	if (!rc)
		put_export_note(&place, nr, same, ret_note);
	if (!rc)
		rc = kq_buf_check(ret_note, error);
	return rc;
}

/* struct authorship - what says that a commit is that patch, whatever it does */
struct authorship {
	struct ks_buf name;
	struct ks_buf address;
	struct ks_buf date;
	struct ks_buf subject;
};

/*
 * struct branch_import - a branch on its way into the queue
 * @item: the old queue; an item that has found its place is empty
 * @taken: item[i] is in the new queue
 */
struct branch_import {
	const struct kq_branch *branch;
	struct place place;
	struct kq_edition edition;
	struct kq_incoming incoming;
	struct kq_item *item;
	bool *taken;
	size_t nr;
	struct kq_error *error;
};

static void authorship_done(struct authorship *who)
{
	ks_buf_done(&who->name);
	ks_buf_done(&who->address);
	ks_buf_done(&who->date);
	ks_buf_done(&who->subject);
}

static void branch_import_done(struct branch_import *b)
{
	size_t i;

	for (i = 0; b->item && i < b->nr; i++)
		kq_item_done(&b->item[i]);
	free(b->item);
	free(b->taken);
	kq_edition_done(&b->edition);
	kq_incoming_done(&b->incoming);
}

static void read_authorship(struct ks_span head, struct authorship *who)
{
	kq_author(head, &who->name, &who->address);
	kq_head_field(head, "Date:", &who->date);
	kq_subject(head, &who->subject);
}

static bool is_eq(const struct ks_buf *a, const struct ks_buf *b)
{
	return ks_span_eq(ks_buf_span(a), ks_buf_span(b));
}

/* 3: all of it; 2: another subject; 1: the subject alone; 0: somebody else's */
static unsigned int likeness(struct ks_span a, struct ks_span b)
{
	__cleanup(authorship_done) struct authorship one = { 0 }, other = { 0 };
	bool same_person, same_subject;

	read_authorship(a, &one);
	read_authorship(b, &other);
	same_person = is_eq(&one.name, &other.name) && is_eq(&one.address, &other.address) &&
		      is_eq(&one.date, &other.date);
	same_subject = is_eq(&one.subject, &other.subject);
	return same_person ? 2U + same_subject : same_subject;
}

static bool is_same_hunk(const struct kq_hunk *a, const struct kq_hunk *b)
{
	size_t i;

	if (a->nr_lines != b->nr_lines)
		return false;
	for (i = 0; i < a->nr_lines; i++)
		if (a->line[i].kind != b->line[i].kind ||
		    !ks_span_eq(a->line[i].text, b->line[i].text))
			return false;
	return true;
}

static bool is_same_file(const struct kq_file *a, const struct kq_file *b)
{
	size_t i;

	if (!ks_span_eq(a->path, b->path) || a->change != b->change || a->old_mode != b->old_mode ||
	    a->new_mode != b->new_mode || a->nr_hunks != b->nr_hunks)
		return false;
	for (i = 0; i < a->nr_hunks; i++)
		if (!is_same_hunk(&a->hunk[i], &b->hunk[i]))
			return false;
	return true;
}

/* Message and changes; in what order, at which lines and how it is written does not matter. */
static bool is_same_patch(const struct kq_patch *a, const struct kq_patch *b)
{
	size_t i, k;

	if (a->nr_files != b->nr_files || !ks_span_eq(ks_span_trim(a->body), ks_span_trim(b->body)))
		return false;
	for (i = 0; i < a->nr_files; i++) {
		for (k = 0; k < b->nr_files; k++)
			if (is_same_file(&a->file[i], &b->file[k]))
				break;
		if (k == b->nr_files)
			return false;
	}
	return true;
}

static bool is_selected(const struct branch_import *b, size_t from)
{
	return kq_selected(&b->edition.old.series.entry[from], &b->branch->selection);
}

/* The old patch that a commit is; KQ_NEW for none. */
static int find_old(const struct branch_import *b, const struct kq_patch *commit, size_t *ret_from)
{
	unsigned int best = 0, like;
	size_t i;

	*ret_from = KQ_NEW;
	for (i = 0; i < b->nr; i++) {
		like = b->taken[i] ? 0 : likeness(commit->head, b->edition.old.patch[i].patch.head);
		if (like <= best)
			continue;
		best = like;
		*ret_from = i;
	}
	if (*ret_from == KQ_NEW || is_selected(b, *ret_from))
		return 0;
	return kq_fail(b->error, KQ_REFUSED,
		       "%s: is in the branch, but not for this SKU and architecture: give --sku and --arch as for kq export",
		       b->edition.old.series.entry[*ret_from].name);
}

/* Behind a patch with a condition comes one with the same. */
static int put_new(struct branch_import *b, const struct kq_mail *mail)
{
	const struct kq_item none = { 0 };
	const struct kq_item *last = b->edition.nr ? &b->edition.item[b->edition.nr - 1] : &none;

	return kq_edition_insert_new(&b->edition, b->edition.nr, mail->label,
				     ks_buf_span(&mail->text), last->sku, last->arch, b->error);
}

static int keep_old(struct branch_import *b, const struct kq_mail *mail,
		    const struct kq_patch *commit, size_t from, struct kq_item *item)
{
	const struct kq_patch *old = &b->edition.old.patch[from].patch;
	int rc;

	*item = b->item[from];
	b->item[from] = (struct kq_item){ 0 };
	b->taken[from] = true;
	if (likeness(commit->head, old->head) == 3 && is_same_patch(commit, old))
		return 0;
	ks_put(&item->text, ks_buf_span(&mail->text));
	rc = kq_buf_check(&item->text, b->error);
	if (!rc)
		rc = kq_item_rename(&b->edition, item, b->error);
	kq_edition_note(&b->edition, item->name, "as the branch has it");
	return rc;
}

static int add_commit(struct branch_import *b, const struct kq_mail *mail)
{
	__cleanup(kq_patch_done) struct kq_patch commit = { 0 };
	struct kq_item item = { 0 };
	size_t from;
	int rc = kq_patch_parse(ks_buf_span(&mail->text), mail->label, &commit, b->error);

	if (!rc)
		rc = find_old(b, &commit, &from);
	if (!rc && from == KQ_NEW)
		return put_new(b, mail);
	if (!rc)
		rc = keep_old(b, mail, &commit, from, &item);
	if (!rc)
		return kq_edition_insert(&b->edition, b->edition.nr, &item, b->error);
	kq_item_done(&item);
	return rc;
}

/* Patches that are not in the branch by their condition stay behind what they stood behind. */
static int put_others(struct branch_import *b)
{
	size_t i, at, before;
	int rc = 0;

	for (i = 0; i < b->nr && !rc; i++) {
		if (b->taken[i] || is_selected(b, i))
			continue;
		for (before = i, at = 0; before-- > 0 && !at;)
			for (at = b->edition.nr; at > 0; at--)
				if (b->edition.item[at - 1].from == before)
					break;
		b->taken[i] = true;
		rc = kq_edition_insert(&b->edition, at, &b->item[i], b->error);
	}
	return rc;
}

static int drop_rest(struct branch_import *b)
{
	struct kq_path why;
	size_t i;
	int rc = kq_path(&why, b->error, "not in the branch %s", b->place.name.s);

	for (i = 0; i < b->nr && !rc; i++) {
		if (b->taken[i])
			continue;
		rc = kq_edition_log_drop(&b->edition, i, why.s, b->error);
		kq_edition_note(&b->edition, b->item[i].name, "removed");
	}
	return rc;
}

static size_t nr_forward(const struct kq_edition *edition)
{
	size_t i, top = 0, nr = 0;

	for (i = 0; i < edition->nr; i++) {
		const struct kq_item *item = &edition->item[i];

		if (item->from == KQ_NEW || item->from < top)
			continue;
		top = item->from;
		nr++;
	}
	return nr;
}

static size_t nr_backward(const struct kq_edition *edition)
{
	size_t i, low = KQ_NEW, nr = 0;

	for (i = edition->nr; i-- > 0;) {
		const struct kq_item *item = &edition->item[i];

		if (item->from == KQ_NEW || item->from > low)
			continue;
		low = item->from;
		nr++;
	}
	return nr;
}

/* Those in order keep line and number; from which end, so that more of them do? */
static void find_moved(struct kq_edition *edition)
{
	bool forward = nr_forward(edition) >= nr_backward(edition);
	size_t i, top = 0, low = KQ_NEW;

	for (i = 0; i < edition->nr; i++) {
		struct kq_item *item = &edition->item[forward ? i : edition->nr - 1 - i];

		if (item->from == KQ_NEW)
			continue;
		item->moved = forward ? item->from < top : item->from > low;
		item->number = item->number || item->moved;
		if (!item->moved)
			top = low = item->from;
	}
}

static int open_branch(struct branch_import *b)
{
	struct kq_path range;
	char *from[] = { range.s, NULL };
	const struct kq_import import = {
		.queue = b->branch->queue,
		.repository = b->place.repo.s,
		.from = from,
		.nr_from = 1,
	};
	char tip[KQ_COMMIT_BYTES];
	int rc = read_ref(&b->place, "refs/heads/", tip, b->error);

	if (!rc && !*tip)
		rc = kq_fail(b->error, -ENOENT, "%s: has no branch %s", b->place.repo.s,
			     b->place.name.s);
	if (!rc)
		rc = kq_path(&range, b->error, "%s..%s", b->place.base, tip);
	if (!rc && strcmp(tip, b->place.base))
		rc = kq_incoming_read(&import, &b->incoming, &b->edition.notes, b->error);
	b->nr = b->edition.nr;
	b->item = calloc(b->nr + 1, sizeof(*b->item));
	b->taken = calloc(b->nr + 1, sizeof(*b->taken));
	if (rc || !b->item || !b->taken)
		return rc ? rc : kq_no_memory(b->error);
	if (b->nr)
		memcpy(b->item, b->edition.item, b->nr * sizeof(*b->item));
	b->edition.nr = 0;
	return 0;
}

static int tree_of(const struct branch_import *b, const char *commit, struct kq_child_end *ret_end)
{
	struct kq_path what;
	const char *const args[] = { "rev-parse", "--verify", what.s, NULL };
	int rc = kq_path(&what, b->error, "%s^{tree}", commit);

	return rc ? rc
		  : kq_git_must(b->place.repo.s, args, (struct ks_span){ 0 }, ret_end, b->error);
}

/* git has the last word: the queue makes the files of the branch, or it is not its queue. */
static int compare_trees(struct branch_import *b, const char *tip)
{
	__cleanup(kq_child_end_done) struct kq_child_end want = { 0 }, have = { 0 };
	char made[KQ_COMMIT_BYTES];
	size_t nr;
	int rc = commit_queue(&b->place, &b->edition.new, &b->branch->selection, made, &nr,
			      b->error);

	if (!rc)
		rc = tree_of(b, tip, &want);
	if (!rc)
		rc = tree_of(b, made, &have);
	if (!rc && !ks_span_eq(ks_buf_span(&want.out), ks_buf_span(&have.out)))
		rc = kq_fail(b->error, KQ_REFUSED,
			     "%s: the queue would make other files than the branch; git diff %.12s %.12s shows which",
			     b->place.name.s, tip, made);
	return rc;
}

static int publish_branch(struct branch_import *b, struct ks_buf *ret_notes)
{
	char tip[KQ_COMMIT_BYTES], exported[KQ_COMMIT_BYTES];
	struct kq_edition *edition = &b->edition;
	size_t i;
	int rc = kq_edition_build(edition, b->error);

	if (!rc)
		rc = kq_edition_restack(edition, b->error);
	if (!rc)
		rc = read_ref(&b->place, "refs/heads/", tip, b->error);
	if (!rc)
		rc = read_ref(&b->place, "refs/kq/", exported, b->error);
	if (!rc)
		rc = compare_trees(b, tip);
	if (!rc)
		rc = kq_edition_publish(edition, b->error);
	if (!rc)
		rc = set_ref(&b->place, "refs/kq/", tip, exported, b->error);
	for (i = 0; i < edition->nr && !rc; i++) {
		if (edition->item[i].from != KQ_NEW)
			continue;
		ks_put_str(ret_notes, edition->item[i].name);
		ks_put_str(ret_notes, ": new\n");
	}
	if (!rc)
		ks_put(ret_notes, ks_buf_span(&edition->notes));
	return rc;
}

int kq_branch_import(const struct kq_branch *branch, struct ks_buf *ret_notes,
		     struct kq_error *error)
{
	__cleanup(branch_import_done) struct branch_import b = { .branch = branch, .error = error };
	size_t i;
	int rc = kq_edition_open(branch->queue, branch->from, branch->state, &b.edition, error);

	if (!rc)
		rc = find_place(branch, &b.place, error);
	if (!rc)
		rc = open_branch(&b);
	for (i = 0; i < b.incoming.nr && !rc; i++)
		rc = add_commit(&b, &b.incoming.mail[i]);
	if (!rc)
		rc = put_others(&b);
	if (!rc)
		rc = drop_rest(&b);
	if (rc)
		return rc;
	find_moved(&b.edition);
	rc = publish_branch(&b, ret_notes);
	if (!rc)
		rc = kq_buf_check(ret_notes, error);
	return rc;
}
