// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>

#include "engine/judge.h"
#include "engine/place.h"

void kq_state_done(struct kq_state *state)
{
	kq_lines_done(&state->lines);
	ks_buf_done(&state->text);
	*state = (struct kq_state){ 0 };
}

bool kq_state_eq(const struct kq_state *a, const struct kq_state *b)
{
	if (a->exists != b->exists)
		return false;
	return !a->exists || (a->program == b->program && ks_span_eq(a->content, b->content));
}

int kq_state_split(struct kq_state *state, struct kq_fault *fault)
{
	return state->lines.line ? 0 : kq_lines_split(state->content, &state->lines, fault);
}

static void set_hunks(struct kq_case *c, enum kq_verdict verdict, const char *witness)
{
	size_t i;

	for (i = 0; i < c->file->nr_hunks; i++) {
		c->out->hunk[i] = (struct kq_judged_hunk){
			.verdict = verdict,
			.patch_line = c->file->hunk[i].patch_line,
			.old_idx = c->old_idx[i],
			.now_idx = c->old_idx[i],
			.witness = witness,
		};
		c->take[i] = verdict == KQ_FWD;
		c->now_idx[i] = c->old_idx[i];
	}
	if (c->out->mode != KQ_NONE)
		c->out->mode = verdict;
}

/* As the patch leaves it on the old base. */
static int take_o1(struct kq_case *c, const char *witness)
{
	set_hunks(c, KQ_FWD, witness);
	c->n1.exists = c->o1.exists;
	c->n1.program = c->o1.program;
	c->n1.content = c->o1.content;
	c->out->outcome = KQ_KEPT;
	c->how = KQ_AS_IS;
	return 0;
}

static int take_n0(struct kq_case *c, const char *witness)
{
	set_hunks(c, KQ_REV, witness);
	c->out->outcome = KQ_UPSTREAM;
	return 0;
}

static int judge_create(struct kq_case *c, struct kq_fault *fault)
{
	if (c->in_the_way || (!c->n0.exists && kq_overlay_blocks(c->sides->now, c->now_node))) {
		set_hunks(c, KQ_NONE, NULL);
		return kq_judge_conflict(c, KQ_IN_THE_WAY, fault);
	}
	if (!c->n0.exists)
		return take_o1(c, "there is no such file on either base");
	if (kq_state_eq(&c->n0, &c->o1))
		return take_n0(c, "the new base has the same file, the old one has none");
	set_hunks(c, KQ_NONE, NULL);
	return kq_judge_conflict(c, KQ_EXISTS, fault);
}

static int judge_delete(struct kq_case *c, struct kq_fault *fault)
{
	enum kq_trouble trouble = c->in_the_way ? KQ_IN_THE_WAY : KQ_CHANGED;

	if (c->out->renamed)
		trouble = KQ_RENAMED;
	else if (!c->in_the_way && !c->n0.exists)
		return take_n0(c, "the new base has no such file, the old one has");
	set_hunks(c, KQ_NONE, NULL);
	return kq_judge_conflict(c, trouble, fault);
}

enum kq_outcome kq_outcome_of_hunks(const struct kq_case *c)
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

static int put_content(struct kq_case *c, struct kq_fault *fault)
{
	struct ks_diag diag = { 0 };

	kq_put_hunks(c->file, &c->n0.lines, c->now_idx, c->take, &c->n1.text);
	c->out->outcome = kq_outcome_of_hunks(c);
	return ks_buf_ok(&c->n1.text, &diag) ? kq_fail_diag(fault, &diag) : 0;
}

static int judge_content(struct kq_case *c, struct kq_fault *fault)
{
	size_t nr_open;
	int rc = kq_judge_hunks(c, &nr_open, fault);

	if (!rc)
		rc = nr_open ? kq_judge_merge(c, fault) : put_content(c, fault);
	if (rc || c->out->outcome == KQ_CONFLICT || c->out->resolved)
		return rc;
	return kq_judge_doubt(c, nr_open, fault);
}

static int judge_modify(struct kq_case *c, struct kq_fault *fault)
{
	bool any_hunk = false, all_decided = true;
	size_t i;
	int rc = 0;

	if (c->in_the_way || c->out->renamed || !c->n0.exists) {
		set_hunks(c, KQ_NONE, NULL);
		return kq_judge_conflict(c, c->in_the_way   ? KQ_IN_THE_WAY :
					    c->out->renamed ? KQ_RENAMED :
							      KQ_GONE,
					 fault);
	}
	c->n1.exists = true;
	c->n1.program = c->n0.program;
	if (c->file->new_mode) {
		c->n1.program = c->o1.program;
		c->out->mode = c->n0.program == c->o1.program ? KQ_REV : KQ_FWD;
	}
	if (c->file->nr_hunks) {
		rc = judge_content(c, fault);
		c->n1.content = ks_buf_span(&c->n1.text);
	} else {
		c->n1.content = c->n0.content;
		c->out->outcome = kq_outcome_of_hunks(c);
	}
	for (i = 0; i < c->file->nr_hunks; i++) {
		any_hunk |= c->take[i];
		all_decided &= c->out->hunk[i].witness != NULL;
	}
	c->how = all_decided && any_hunk ? KQ_RENUMBER : KQ_ANEW;
	return rc;
}

int kq_judge_file(struct kq_case *c, struct kq_fault *fault)
{
	int rc;

	if (c->file->new_mode && c->file->change == KQ_MODIFY)
		c->out->mode = KQ_FWD;
	if (c->same)
		return take_o1(c, "the file is the same on both bases");
	if (c->file->change == KQ_CREATE)
		rc = judge_create(c, fault);
	else if (c->file->change == KQ_DELETE)
		rc = judge_delete(c, fault);
	else
		rc = judge_modify(c, fault);
	if (rc)
		return rc;
	if (c->out->resolved) {
		c->n1.content = ks_buf_span(&c->n1.text);
		if (c->file->change != KQ_MODIFY || !c->n0.exists)
			c->n1.program = c->o1.exists ? c->o1.program : c->n0.program;
		c->how = KQ_ANEW;
	}
	if (c->out->outcome == KQ_UPSTREAM || c->out->outcome == KQ_GIVEN_UP)
		c->how = KQ_LEAVE_OUT;
	return 0;
}
