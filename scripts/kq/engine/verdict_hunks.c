// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/judge.h"

/* struct trial - one hunk on the new base */
struct trial {
	struct kq_image pre;
	struct kq_image post;
	struct kq_mapped mapped;
	bool is_open;
};

static void trial_done(struct trial *t)
{
	kq_image_done(&t->pre);
	kq_image_done(&t->post);
}

/* What the places say before anybody asks where the old lines went. */
static enum kq_verdict by_places(const struct kq_places *pre, const struct kq_places *post)
{
	if (pre->nr > 1)
		return KQ_AMBIGUOUS;
	if (pre->nr)
		return post->nr ? KQ_BOTH : KQ_FWD;
	return post->nr ? KQ_REV : KQ_NONE;
}

/*
 * The context line @i of the pre-image is at line @now_idx: where would that put the post-image?
 * A wrong one may wrap around, and is nowhere in the file.
 */
static size_t post_idx(const struct kq_hunk *hunk, size_t i, size_t now_idx)
{
	return i < hunk->leading ? now_idx - i :
				   now_idx + (hunk->old_count - i) - hunk->new_count;
}

/*
 * The new base made this change too: the context that both have stands where the map says it went,
 * and between it stands the post-image. A post-image elsewhere is no witness, least of all one that
 * is nothing but context.
 */
static int find_reverse(struct kq_case *c, size_t hunk_idx, const struct trial *t, size_t *ret_idx,
			bool *ret_found, struct kq_fault *fault)
{
	const struct kq_hunk *hunk = &c->file->hunk[hunk_idx];
	size_t nr_agree = 0, i;

	*ret_found = false;
	for (i = 0; i < hunk->old_count; i++) {
		struct kq_mapped line;
		int rc;

		if (i >= hunk->leading && i < hunk->old_count - hunk->trailing)
			continue;
		rc = kq_map_range(&c->map, c->old_idx[hunk_idx] + i, 1, &line, fault);
		if (rc)
			return rc;
		if (!line.intact)
			continue;
		if (nr_agree && post_idx(hunk, i, line.now_idx) != *ret_idx)
			return 0;
		*ret_idx = post_idx(hunk, i, line.now_idx);
		nr_agree++;
	}
	*ret_found = nr_agree && kq_image_is_at(&t->post, &c->n0.lines, *ret_idx);
	return 0;
}

static void settle(struct kq_case *c, size_t i, enum kq_verdict verdict, size_t idx,
		   const char *witness)
{
	struct kq_judged_hunk *out = &c->out->hunk[i];

	out->verdict = verdict;
	out->now_idx = idx;
	out->witness = witness;
	c->take[i] = verdict == KQ_FWD;
	c->now_idx[i] = idx;
}

/* The pre-image stands where the old base's lines went. */
static bool is_in_place(const struct kq_case *c, struct trial *t)
{
	if (!t->mapped.intact)
		return false;
	t->pre.want_idx = t->mapped.now_idx;
	return kq_image_is_at(&t->pre, &c->n0.lines, t->mapped.now_idx);
}

static int decide(struct kq_case *c, size_t i, struct trial *t, struct kq_fault *fault)
{
	struct kq_places pre = kq_image_find(&t->pre, &c->n0.lines);
	struct kq_places post = kq_image_find(&t->post, &c->n0.lines);
	bool found, in_place = is_in_place(c, t);
	size_t idx = 0;
	int rc;

	settle(c, i, by_places(&pre, &post), pre.nr ? pre.first[0] : post.first[0], NULL);
	c->take[i] = false;
	if (in_place && !post.nr) {
		settle(c, i, KQ_FWD, t->mapped.now_idx,
		       pre.nr > 1 ? "its lines went there" : "one place");
		return 0;
	}
	/* Both are there: the merge knows whether the new base has made this change. */
	t->is_open = true;
	if (in_place) {
		c->out->hunk[i].verdict = KQ_BOTH;
		c->now_idx[i] = t->mapped.now_idx;
		return 0;
	}
	rc = find_reverse(c, i, t, &idx, &found, fault);
	if (rc)
		return rc;
	if (found) {
		settle(c, i, KQ_REV, idx, "its context went there, with the change in it");
		t->is_open = false;
	} else if (pre.nr == 1 && !post.nr && kq_image_find(&t->pre, &c->o0.lines).nr == 1) {
		/* Of several places on the old base it could be another one that is left. */
		settle(c, i, KQ_FWD, pre.first[0], "one place, here and on the old base");
		c->out->hunk[i].moved = true;
		t->is_open = false;
	}
	return 0;
}

static int judge_hunk(struct kq_case *c, size_t i, size_t *end_idx, bool *ret_open,
		      struct kq_fault *fault)
{
	__cleanup(trial_done) struct trial t = { 0 };
	const struct kq_hunk *hunk = &c->file->hunk[i];
	struct kq_judged_hunk *out = &c->out->hunk[i];
	int rc = kq_image_build(hunk, '-', &t.pre, fault);

	out->patch_line = hunk->patch_line;
	out->old_idx = c->old_idx[i];
	if (!rc)
		rc = kq_image_build(hunk, '+', &t.post, fault);
	if (!rc)
		rc = kq_map_range(&c->map, c->old_idx[i], hunk->old_count, &t.mapped, fault);
	if (!rc)
		rc = decide(c, i, &t, fault);
	if (rc)
		return rc;
	/* Hunks that overlap or stand in another order are no longer what was reviewed. */
	if (!t.is_open && out->now_idx < *end_idx) {
		settle(c, i, KQ_NONE, 0, NULL);
		out->moved = false;
		t.is_open = true;
	}
	if (!t.is_open)
		*end_idx = out->now_idx + (out->verdict == KQ_FWD ? t.pre.nr : t.post.nr);
	*ret_open = t.is_open;
	return 0;
}

/*
 * Exact, and yet for a person: the lines moved, or the new base has some of ours close by. Both
 * together is a change that the new base has made, whose end looks like the context before it (a
 * function that ends as the one above does): that is no place, the merge shall say what it is.
 */
static int look_around(struct kq_case *c, size_t i, bool *is_open, struct kq_fault *fault)
{
	struct kq_judged_hunk *out = &c->out->hunk[i];
	enum kq_twin twin;
	int rc;

	if (*is_open || out->verdict != KQ_FWD)
		return 0;
	rc = kq_find_twin(c, i, NULL, &twin, fault);
	if (rc)
		return rc;
	out->twin = twin != KQ_NO_TWIN;
	if (out->moved && out->twin) {
		settle(c, i, KQ_NONE, 0, NULL);
		out->moved = out->twin = false;
		*is_open = true;
	}
	c->must_look |= out->moved || twin == KQ_CLOSE_TWIN;
	return 0;
}

int kq_judge_hunks(struct kq_case *c, size_t *ret_open, struct kq_fault *fault)
{
	size_t i, end_idx = 0, nr_open = 0;
	int rc = kq_state_split(&c->o0, fault);

	if (!rc)
		rc = kq_state_split(&c->n0, fault);
	if (rc)
		return rc;
	c->map = kq_map_start(c->o0.content, &c->o0.lines, c->n0.content, &c->n0.lines, c->path);
	for (i = 0; i < c->file->nr_hunks; i++) {
		bool is_open = false;

		rc = judge_hunk(c, i, &end_idx, &is_open, fault);
		if (!rc)
			rc = look_around(c, i, &is_open, fault);
		if (rc)
			return rc;
		nr_open += is_open;
	}
	*ret_open = nr_open;
	return 0;
}
