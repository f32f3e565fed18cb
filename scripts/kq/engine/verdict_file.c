// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/verdict_file.h"

#include <stdlib.h>
#include <string.h>

#include "engine/apply.h"
#include "engine/verdict_doubt.h"
#include "text/file.h"
#include "text/git.h"

static enum kq_outcome outcome_of_hunks(const struct kq_verdict_input *c)
{
	size_t nr_fwd = c->out->mode == KQ_FWD, nr_rev = c->out->mode == KQ_REV, i;

	for (i = 0; i < c->file->nr_hunks; i++) {
		nr_fwd += c->out->hunk[i].verdict == KQ_FWD;
		nr_rev += c->out->hunk[i].verdict == KQ_REV;
	}
	if (!nr_fwd)
		return KQ_UPSTREAM;
	/* It may be the right lines in the wrong function, or for the second time. */
	if (c->must_look)
		return KQ_MERGED;
	return nr_rev ? KQ_PARTIAL : KQ_KEPT;
}

static void free_ranges(struct kq_map_change **range)
{
	free(*range);
}

/* The hunks that are not decided, and what the new base did to their lines. */
static int put_cause(struct kq_verdict_input *c, struct kq_error *error)
{
	__cleanup(free_ranges) struct kq_map_change *range = NULL;
	size_t nr = 0, i;

	range = calloc(c->file->nr_hunks + 1, sizeof(*range));
	if (!range)
		return kq_no_memory(error);
	for (i = 0; i < c->file->nr_hunks; i++)
		if (!c->out->hunk[i].evidence)
			range[nr++] = (struct kq_map_change){
				.old_idx = c->old_idx[i],
				.old_nr = c->file->hunk[i].old_count,
			};
	return kq_map_cause(&c->map, range, nr, &c->conflict.cause, error);
}

/* The verdict outlives the overlays' states. */
static struct ks_span keep_copy(struct ks_buf *kept, struct ks_span content)
{
	ks_put(kept, content);
	return ks_buf_span(kept);
}

/* Three sides with markers. There may be nothing to merge, or no text. */
static int put_marked(struct kq_verdict_input *c, struct kq_error *error)
{
	const struct kq_merge merge = kq_merge_of(c);
	struct kq_error why = { 0 };
	bool is_clean;
	int rc;

	if (!c->n0.exists || !c->o1.exists || c->conflict.marked.bytes)
		return 0;
	rc = kq_git_merge(&merge, true, &c->conflict.marked, &is_clean, &why);
	if (!rc || rc == -EOPNOTSUPP)
		return 0;
	return kq_fail(error, rc, "%s: %s: %s", c->patch->label, c->path, why.line);
}

static bool is_new_base(const struct kq_verdict_input *c, const struct kq_resolved *resolved)
{
	return resolved->how == KQ_RESOLVED && c->n0.exists &&
	       ks_span_eq(ks_buf_span(&resolved->content), c->n0.content);
}

/*
 * A file as the new base has it answers nothing: who wants that has to say that the change is given
 * up. A file that the new base has deleted, and that a person leaves deleted, is given up.
 */
static int ask_for_resolution(struct kq_verdict_input *c, enum kq_outcome *ret_outcome,
			      struct kq_error *error)
{
	__cleanup(kq_resolved_done) struct kq_resolved resolved = { 0 };
	int rc = 0;

	*ret_outcome = KQ_CONFLICT;
	if (c->sides->resolve)
		rc = c->sides->resolve(c->sides->resolve_arg, &c->conflict, &resolved, error);
	if (rc || resolved.how == KQ_UNRESOLVED || is_new_base(c, &resolved))
		return rc;
	*ret_outcome = KQ_MERGED;
	if (resolved.how == KQ_RESOLVED_GIVEN_UP ||
	    (resolved.how == KQ_RESOLVED_ABSENT && !c->n0.exists))
		*ret_outcome = KQ_GIVEN_UP;
	c->n1.exists = resolved.how == KQ_RESOLVED;
	ks_buf_move(&c->n1.text, &resolved.content);
	ks_buf_move(&c->out->reason, &resolved.reason);
	return 0;
}

static int declare_conflict(struct kq_verdict_input *c, enum kq_trouble trouble,
			    struct kq_error *error)
{
	struct kq_conflict *conflict = &c->conflict;
	struct ks_diag diag = { 0 };
	enum kq_outcome outcome;
	int rc = put_marked(c, error);

	conflict->path = c->file->path;
	conflict->renamed = c->out->renamed;
	conflict->trouble = trouble;
	conflict->old_exists = c->o0.exists;
	conflict->ours_exist = c->n0.exists;
	conflict->theirs_exist = c->o1.exists;
	conflict->old_base = keep_copy(&conflict->kept[0], c->o0.content);
	conflict->ours = keep_copy(&conflict->kept[1], c->n0.content);
	conflict->theirs = keep_copy(&conflict->kept[2], c->o1.content);
	if (c->in_the_way)
		ks_put_str(&conflict->cause, c->in_the_way);
	if (!rc && c->map.old_lines)
		rc = put_cause(c, error);
	if (!rc && (ks_buf_ok(&conflict->kept[0], &diag) || ks_buf_ok(&conflict->kept[1], &diag) ||
		    ks_buf_ok(&conflict->kept[2], &diag) || ks_buf_ok(&conflict->cause, &diag)))
		rc = kq_fail_diag(error, &diag);
	if (!rc)
		rc = ask_for_resolution(c, &outcome, error);
	if (rc)
		return rc;
	c->out->trouble = trouble;
	c->out->outcome = outcome;
	c->out->resolved = outcome != KQ_CONFLICT;
	return 0;
}

/* struct search - for one hunk on the new base */
struct search {
	struct kq_image pre;
	struct kq_image post;
	struct kq_mapped mapped;
	bool is_open;
};

static void search_done(struct search *t)
{
	kq_image_done(&t->pre);
	kq_image_done(&t->post);
}

/* What the places say before anybody asks where the old lines went. */
static enum kq_hunk_found by_places(const struct kq_places *pre, const struct kq_places *post)
{
	if (pre->nr > 1)
		return KQ_AMBIGUOUS;
	if (pre->nr)
		return post->nr ? KQ_BOTH : KQ_FWD;
	return post->nr ? KQ_REV : KQ_NONE;
}

/*
 * The context line @i of the pre-image is at line @onto_idx: where would that put the post-image?
 * A wrong one may wrap around, and is nowhere in the file.
 */
static size_t post_idx(const struct kq_hunk *hunk, size_t i, size_t onto_idx)
{
	return i < hunk->leading ? onto_idx - i
				 : onto_idx + (hunk->old_count - i) - hunk->new_count;
}

/*
 * The new base made this change too: the context that both have stands where the map says it went,
 * and between it stands the post-image. A post-image elsewhere is not evidence, least of all one
 * of nothing but context.
 */
static int find_reverse(struct kq_verdict_input *c, size_t hunk_idx, const struct search *t,
			size_t *ret_idx, bool *ret_found, struct kq_error *error)
{
	const struct kq_hunk *hunk = &c->file->hunk[hunk_idx];
	size_t nr_agree = 0, i;

	*ret_found = false;
	for (i = 0; i < hunk->old_count; i++) {
		struct kq_mapped line;
		int rc;

		if (i >= hunk->leading && i < hunk->old_count - hunk->trailing)
			continue;
		rc = kq_map_range(&c->map, c->old_idx[hunk_idx] + i, 1, &line, error);
		if (rc)
			return rc;
		if (!line.intact)
			continue;
		if (nr_agree && post_idx(hunk, i, line.onto_idx) != *ret_idx)
			return 0;
		*ret_idx = post_idx(hunk, i, line.onto_idx);
		nr_agree++;
	}
	*ret_found = nr_agree && kq_image_is_at(&t->post, &c->n0.lines, *ret_idx);
	return 0;
}

static void set_hunk(struct kq_verdict_input *c, size_t i, enum kq_hunk_found verdict, size_t idx,
		     const char *evidence)
{
	struct kq_hunk_verdict *out = &c->out->hunk[i];

	out->verdict = verdict;
	out->onto_idx = idx;
	out->evidence = evidence;
	c->take[i] = verdict == KQ_FWD;
	c->onto_idx[i] = idx;
}

/* The pre-image stands where the old base's lines went. */
static bool is_in_place(const struct kq_verdict_input *c, struct search *t)
{
	if (!t->mapped.intact)
		return false;
	t->pre.want_idx = t->mapped.onto_idx;
	return kq_image_is_at(&t->pre, &c->n0.lines, t->mapped.onto_idx);
}

static int search_places(struct kq_verdict_input *c, size_t i, struct search *t,
			 struct kq_error *error)
{
	struct kq_places pre = kq_image_find(&t->pre, &c->n0.lines);
	struct kq_places post = kq_image_find(&t->post, &c->n0.lines);
	bool found, in_place = is_in_place(c, t);
	size_t idx = 0;
	int rc;

	set_hunk(c, i, by_places(&pre, &post), pre.nr ? pre.first[0] : post.first[0], NULL);
	c->take[i] = false;
	if (in_place && !post.nr) {
		set_hunk(c, i, KQ_FWD, t->mapped.onto_idx,
			 pre.nr > 1 ? "its lines went there" : "one place");
		return 0;
	}
	/* Both are there: the merge knows whether the new base has made this change. */
	t->is_open = true;
	if (in_place) {
		c->out->hunk[i].verdict = KQ_BOTH;
		c->onto_idx[i] = t->mapped.onto_idx;
		return 0;
	}
	rc = find_reverse(c, i, t, &idx, &found, error);
	if (rc)
		return rc;
	if (found) {
		set_hunk(c, i, KQ_REV, idx, "its context went there, with the change in it");
		t->is_open = false;
	} else if (pre.nr == 1 && !post.nr && kq_image_find(&t->pre, &c->o0.lines).nr == 1) {
		/* With several places on the old base, the one that the new base kept may be another one. */
		set_hunk(c, i, KQ_FWD, pre.first[0], "one place, here and on the old base");
		c->out->hunk[i].moved = true;
		t->is_open = false;
	}
	return 0;
}

static int verdict_on_hunk(struct kq_verdict_input *c, size_t i, size_t *end_idx, bool *ret_open,
			   struct kq_error *error)
{
	__cleanup(search_done) struct search t = { 0 };
	const struct kq_hunk *hunk = &c->file->hunk[i];
	struct kq_hunk_verdict *out = &c->out->hunk[i];
	int rc = kq_image_build(hunk, '-', &t.pre, error);

	out->patch_line = hunk->patch_line;
	out->old_idx = c->old_idx[i];
	if (!rc)
		rc = kq_image_build(hunk, '+', &t.post, error);
	if (!rc)
		rc = kq_map_range(&c->map, c->old_idx[i], hunk->old_count, &t.mapped, error);
	if (!rc)
		rc = search_places(c, i, &t, error);
	if (rc)
		return rc;
	/* Hunks that overlap or stand in another order are no longer what was reviewed. */
	if (!t.is_open && out->onto_idx < *end_idx) {
		set_hunk(c, i, KQ_NONE, 0, NULL);
		out->moved = false;
		t.is_open = true;
	}
	if (!t.is_open)
		*end_idx = out->onto_idx + (out->verdict == KQ_FWD ? t.pre.nr : t.post.nr);
	*ret_open = t.is_open;
	return 0;
}

/*
 * Exact, and yet for a person: the lines moved, or the new base has some of ours close by. Both
 * together is a change that the new base has made, whose end looks like the context before it (a
 * function that ends as the one above does): that is not a place, the merge shall say what it is.
 */
static int look_for_duplicate(struct kq_verdict_input *c, size_t i, bool *is_open,
			      struct kq_error *error)
{
	struct kq_hunk_verdict *out = &c->out->hunk[i];
	enum kq_duplicate duplicate;
	int rc;

	if (*is_open || out->verdict != KQ_FWD)
		return 0;
	rc = kq_find_duplicate(c, i, NULL, &duplicate, error);
	if (rc)
		return rc;
	out->duplicate = duplicate != KQ_NO_DUPLICATE;
	if (out->moved && out->duplicate) {
		set_hunk(c, i, KQ_NONE, 0, NULL);
		out->moved = out->duplicate = false;
		*is_open = true;
	}
	c->must_look |= out->moved || duplicate == KQ_CLOSE_DUPLICATE;
	return 0;
}

static int verdict_on_hunks(struct kq_verdict_input *c, size_t *ret_open, struct kq_error *error)
{
	size_t i, end_idx = 0, nr_open = 0;
	int rc = kq_state_split(&c->o0, error);

	if (!rc)
		rc = kq_state_split(&c->n0, error);
	if (rc)
		return rc;
	c->map = kq_map_start(c->o0.content, &c->o0.lines, c->n0.content, &c->n0.lines, c->path);
	for (i = 0; i < c->file->nr_hunks; i++) {
		bool is_open = false;

		rc = verdict_on_hunk(c, i, &end_idx, &is_open, error);
		if (!rc)
			rc = look_for_duplicate(c, i, &is_open, error);
		if (rc)
			return rc;
		nr_open += is_open;
	}
	*ret_open = nr_open;
	return 0;
}

/*
 * What the hunks make of N0 when those that are there both ways count as needed, or do not.
 * *@ret_in_order: false if they would overlap.
 */
static int put_some(struct kq_verdict_input *c, bool take_both, struct ks_buf *out,
		    bool *ret_in_order, struct kq_error *error)
{
	size_t i, end_idx = 0;

	*ret_in_order = false;
	for (i = 0; i < c->file->nr_hunks; i++) {
		const struct kq_hunk_verdict *hunk = &c->out->hunk[i];

		c->take[i] = hunk->verdict == KQ_FWD || (take_both && hunk->verdict == KQ_BOTH);
		if (!c->take[i])
			continue;
		if (c->onto_idx[i] < end_idx)
			return 0;
		end_idx = c->onto_idx[i] + c->file->hunk[i].old_count;
	}
	*ret_in_order = true;
	kq_put_hunks(c->file, &c->n0.lines, c->onto_idx, c->take, out);
	return kq_buf_check(out, error);
}

static void decide_open(struct kq_verdict_input *c, const char *evidence)
{
	size_t i;

	for (i = 0; i < c->file->nr_hunks; i++) {
		struct kq_hunk_verdict *hunk = &c->out->hunk[i];

		if (hunk->evidence)
			continue;
		hunk->verdict = c->take[i] ? KQ_FWD : KQ_REV;
		hunk->onto_idx = c->onto_idx[i];
		hunk->evidence = evidence;
	}
}

/*
 * The merge may do no more than what some of the hunks do, exactly where they were found: then it
 * was the evidence that was missing, and the patch keeps its hunks.
 */
static int try_hunks(struct kq_verdict_input *c, struct ks_span merged, bool *ret_done,
		     struct kq_error *error)
{
	int both;

	for (both = 1; both >= 0; both--) {
		__cleanup(ks_buf_done) struct ks_buf made = { 0 };
		bool in_order;
		int rc = put_some(c, both, &made, &in_order, error);

		if (rc)
			return rc;
		*ret_done = in_order && ks_span_eq(ks_buf_span(&made), merged);
		if (!*ret_done)
			continue;
		decide_open(c, "the three-way merge");
		ks_buf_move(&c->n1.text, &made);
		return 0;
	}
	return 0;
}

/* Is one of the changes that the merge had to place in the new base already, close by? */
static int find_duplicates(struct kq_verdict_input *c, struct ks_span merged, bool *ret_has,
			   struct kq_error *error)
{
	__cleanup(kq_lines_done) struct kq_lines lines = { 0 };
	size_t i;
	int rc = kq_lines_split(merged, &lines, error);

	*ret_has = false;
	for (i = 0; i < c->file->nr_hunks && !rc && !*ret_has; i++) {
		enum kq_duplicate duplicate = KQ_NO_DUPLICATE;

		if (c->out->hunk[i].evidence)
			continue;
		rc = kq_find_duplicate(c, i, &lines, &duplicate, error);
		*ret_has = duplicate == KQ_CLOSE_DUPLICATE;
	}
	return rc;
}

static int take_merge(struct kq_verdict_input *c, struct ks_buf *merged, struct kq_error *error)
{
	bool is_done = false, has_duplicate = false;
	int rc = 0;

	if (ks_span_eq(ks_buf_span(merged), c->n0.content)) {
		memset(c->take, 0, c->file->nr_hunks * sizeof(*c->take));
		decide_open(c, "the three-way merge changes nothing");
		ks_put(&c->n1.text, c->n0.content);
		is_done = true;
	}
	if (!is_done)
		rc = try_hunks(c, ks_buf_span(merged), &is_done, error);
	if (rc)
		return rc;
	if (is_done) {
		c->out->outcome = outcome_of_hunks(c);
		return 0;
	}
	rc = find_duplicates(c, ks_buf_span(merged), &has_duplicate, error);
	if (rc)
		return rc;
	if (has_duplicate) {
		ks_buf_move(&c->conflict.marked, merged);
		return declare_conflict(c, KQ_TWICE, error);
	}
	ks_buf_move(&c->n1.text, merged);
	c->out->outcome = KQ_MERGED;
	return 0;
}

static int verdict_on_merge(struct kq_verdict_input *c, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf merged = { 0 };
	const struct kq_merge merge = kq_merge_of(c);
	struct kq_error why = { 0 };
	bool is_clean = false;
	int rc = kq_git_merge(&merge, false, &merged, &is_clean, &why);

	if (rc == -EOPNOTSUPP)
		return declare_conflict(c, KQ_BINARY, error);
	if (rc)
		return kq_fail(error, rc, "%s: %s: %s", c->patch->label, c->path, why.line);
	if (is_clean)
		return take_merge(c, &merged, error);
	return declare_conflict(c, KQ_SAME_LINES, error);
}

static void set_hunks(struct kq_verdict_input *c, enum kq_hunk_found verdict, const char *evidence)
{
	size_t i;

	for (i = 0; i < c->file->nr_hunks; i++) {
		c->out->hunk[i] = (struct kq_hunk_verdict){
			.verdict = verdict,
			.patch_line = c->file->hunk[i].patch_line,
			.old_idx = c->old_idx[i],
			.onto_idx = c->old_idx[i],
			.evidence = evidence,
		};
		c->take[i] = verdict == KQ_FWD;
		c->onto_idx[i] = c->old_idx[i];
	}
	if (c->out->mode != KQ_NONE)
		c->out->mode = verdict;
}

/* As the patch leaves it on the old base. */
static int take_o1(struct kq_verdict_input *c, const char *evidence)
{
	set_hunks(c, KQ_FWD, evidence);
	c->n1.exists = c->o1.exists;
	c->n1.executable = c->o1.executable;
	c->n1.content = c->o1.content;
	c->out->outcome = KQ_KEPT;
	c->how = KQ_AS_IS;
	return 0;
}

static int take_n0(struct kq_verdict_input *c, const char *evidence)
{
	set_hunks(c, KQ_REV, evidence);
	c->out->outcome = KQ_UPSTREAM;
	return 0;
}

static int verdict_on_create(struct kq_verdict_input *c, struct kq_error *error)
{
	if (c->in_the_way || (!c->n0.exists && kq_overlay_blocks(c->sides->onto, c->onto_node))) {
		set_hunks(c, KQ_NONE, NULL);
		return declare_conflict(c, KQ_IN_THE_WAY, error);
	}
	if (!c->n0.exists)
		return take_o1(c, "there is no such file on either base");
	if (kq_state_eq(&c->n0, &c->o1))
		return take_n0(c, "the new base has the same file, the old one has none");
	set_hunks(c, KQ_NONE, NULL);
	return declare_conflict(c, KQ_EXISTS, error);
}

static int verdict_on_delete(struct kq_verdict_input *c, struct kq_error *error)
{
	enum kq_trouble trouble = c->in_the_way ? KQ_IN_THE_WAY : KQ_CHANGED;

	if (c->out->renamed)
		trouble = KQ_RENAMED;
	else if (!c->in_the_way && !c->n0.exists)
		return take_n0(c, "the new base has no such file, the old one has");
	set_hunks(c, KQ_NONE, NULL);
	return declare_conflict(c, trouble, error);
}

static int put_content(struct kq_verdict_input *c, struct kq_error *error)
{

	kq_put_hunks(c->file, &c->n0.lines, c->onto_idx, c->take, &c->n1.text);
	c->out->outcome = outcome_of_hunks(c);
	return kq_buf_check(&c->n1.text, error);
}

static int verdict_on_content(struct kq_verdict_input *c, struct kq_error *error)
{
	bool is_doubtful;
	size_t nr_open;
	int rc = verdict_on_hunks(c, &nr_open, error);

	if (!rc)
		rc = nr_open ? verdict_on_merge(c, error) : put_content(c, error);
	if (rc || c->out->outcome == KQ_CONFLICT || c->out->resolved)
		return rc;
	rc = kq_find_doubt(c, nr_open, &is_doubtful, error);
	if (rc || !is_doubtful)
		return rc;
	ks_buf_done(&c->n1.text);
	return declare_conflict(c, KQ_DOUBT, error);
}

static int verdict_on_modify(struct kq_verdict_input *c, struct kq_error *error)
{
	bool any_hunk = false, all_decided = true;
	size_t i;
	int rc = 0;

	if (c->in_the_way || c->out->renamed || !c->n0.exists) {
		set_hunks(c, KQ_NONE, NULL);
		return declare_conflict(c,
					c->in_the_way	  ? KQ_IN_THE_WAY
					: c->out->renamed ? KQ_RENAMED
							  : KQ_GONE,
					error);
	}
	c->n1.exists = true;
	c->n1.executable = c->n0.executable;
	if (c->file->new_mode) {
		c->n1.executable = c->o1.executable;
		c->out->mode = c->n0.executable == c->o1.executable ? KQ_REV : KQ_FWD;
	}
	if (c->file->nr_hunks) {
		rc = verdict_on_content(c, error);
		c->n1.content = ks_buf_span(&c->n1.text);
	} else {
		c->n1.content = c->n0.content;
		c->out->outcome = outcome_of_hunks(c);
	}
	for (i = 0; i < c->file->nr_hunks; i++) {
		any_hunk |= c->take[i];
		all_decided &= c->out->hunk[i].evidence != NULL;
	}
	c->how = all_decided && any_hunk ? KQ_RENUMBER : KQ_ANEW;
	return rc;
}

int kq_file_verdict_make(struct kq_verdict_input *c, struct kq_error *error)
{
	int rc;

	if (c->file->new_mode && c->file->change == KQ_MODIFY)
		c->out->mode = KQ_FWD;
	if (c->same)
		return take_o1(c, "the file is the same on both bases");
	if (c->file->change == KQ_CREATE)
		rc = verdict_on_create(c, error);
	else if (c->file->change == KQ_DELETE)
		rc = verdict_on_delete(c, error);
	else
		rc = verdict_on_modify(c, error);
	if (rc)
		return rc;
	if (c->out->resolved) {
		c->n1.content = ks_buf_span(&c->n1.text);
		if (c->file->change != KQ_MODIFY || !c->n0.exists)
			c->n1.executable = c->o1.exists ? c->o1.executable : c->n0.executable;
		c->how = KQ_ANEW;
	}
	if (c->out->outcome == KQ_UPSTREAM || c->out->outcome == KQ_GIVEN_UP)
		c->how = KQ_LEAVE_OUT;
	return 0;
}
