// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Random edits of random files: the judge against git apply, git apply -R, GNU patch without fuzz,
 * git merge-file and git rebase. KQ_SEED and KQ_CASES choose others, and more of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "engine/map.h"
#include "test/world.h"
#include "text/git.h"

#define MAX_LINES 64
#define LINE_BYTES 16

/* struct text - a file that is being edited */
struct text {
	char line[MAX_LINES][LINE_BYTES];
	unsigned int nr;
	bool cut;
};

/* Kinds: all lines differ; five words; two words; with CR. */
static void word(char *line, unsigned int kind)
{
	if (kind % 4 == 0 || kind % 4 == 3)
		snprintf(line, LINE_BYTES, "l%u%s", world_random(100000), kind % 4 == 3 ? "\r" : "");
	else
		snprintf(line, LINE_BYTES, "w%u", world_random(kind % 4 == 1 ? 5 : 2));
}

static void edit_at(struct text *t, unsigned int at, unsigned int op, const char *with)
{
	unsigned int i;

	if (op == 0 && t->nr < MAX_LINES) {
		for (i = t->nr++; i > at; i--)
			memcpy(t->line[i], t->line[i - 1], LINE_BYTES);
		memcpy(t->line[at], with, LINE_BYTES);
	} else if (op == 1 && at < t->nr) {
		for (i = at; i + 1 < t->nr; i++)
			memcpy(t->line[i], t->line[i + 1], LINE_BYTES);
		t->nr--;
	} else if (at < t->nr) {
		memcpy(t->line[at], with, LINE_BYTES);
	}
}

static void edit(struct text *t, unsigned int kind, unsigned int nr)
{
	char with[LINE_BYTES];

	for (; nr; nr--) {
		word(with, kind);
		edit_at(t, world_random(t->nr + 1), world_random(3), with);
	}
}

/*
 * struct three - three sides of a case
 * @has_mine: the new base has all of our edits
 * @is_cut: a hunk has less context at one end: GNU patch then wants the end of the file there, git
 * does not
 */
struct three {
	struct text old;
	struct text mine;
	struct text onto;
	bool has_mine;
	bool is_cut;
};

static void make(struct three *x, unsigned int nr)
{
	unsigned int kind = nr, i;

	memset(x, 0, sizeof(*x));
	x->old.nr = nr % 11 == 0 ? world_random(4) : 10 + world_random(40);
	x->old.cut = nr % 5 == 2;
	for (i = 0; i < x->old.nr; i++)
		word(x->old.line[i], kind);
	x->mine = x->onto = x->old;
	edit(&x->mine, kind, 1 + world_random(3));
	x->mine.cut = nr % 10 == 2 ? false : x->old.cut;
	if (nr % 3 == 1)
		x->onto = x->mine;
	if (nr % 6 == 1)
		edit(&x->mine, kind, 1 + world_random(2));
	x->has_mine = nr % 6 == 4;
	edit(&x->onto, kind, world_random(4));
}

static char *text_of(const struct text *t)
{
	char *s = calloc(MAX_LINES, LINE_BYTES + 1);
	unsigned int i;

	assert_non_null(s);
	for (i = 0; i < t->nr; i++) {
		strcat(s, t->line[i]);
		if (i + 1 < t->nr || !t->cut)
			strcat(s, "\n");
	}
	return s;
}

/*
 * struct said - what the others say to the patch on the new base
 * @rebase: the merge of git rebase; verdict_functions_test.c compares it with git's own
 */
struct said {
	bool git;
	bool git_reverse;
	bool patch;
	bool merge;
	struct ks_buf merged;
	bool rebase;
	struct ks_buf rebased;
};

static void write_file(const char *path, struct ks_span content)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(content.bytes, fwrite(content.p, 1, content.bytes, f));
	assert_int_equal(0, fclose(f));
}

static bool succeeds(const char *const *argv, struct ks_span in)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	const struct kq_child child = { .argv = argv, .in = in, .env = (const char *[]){
		"GIT_*", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
		"GIT_DIR=/dev/null", NULL } };
	struct kq_error error = { 0 };

	assert_int_equal(0, kq_child_run(&child, &end, &error));
	return !end.status;
}

#define RUN(in, ...) succeeds((const char *const[]){ __VA_ARGS__, NULL }, in)

static void ask_rebase(const struct kq_merge *merge, struct said *said)
{
	const struct ks_span content[] = { merge->base, merge->ours, merge->theirs };
	struct kq_lines lines[3] = { 0 };
	struct kq_merge_side version[3];
	struct kq_error error = { 0 };
	size_t i;

	for (i = 0; i < 3; i++) {
		assert_int_equal(0, kq_lines_split(content[i], &lines[i], &error));
		version[i] = (struct kq_merge_side){ content[i], &lines[i] };
	}
	assert_int_equal(0, kq_rebase_merge(&version[0], &version[1], &version[2], &said->rebased,
					    &said->rebase, &error));
	for (i = 0; i < 3; i++)
		kq_lines_done(&lines[i]);
}

static void ask_all(const char *old, const char *mine, const char *onto, struct ks_span patch,
		    struct said *said)
{
	const struct kq_merge merge = { ks_span_str(old), ks_span_str(onto), ks_span_str(mine),
					"o", "n", "m" };
	struct kq_error error = { 0 };

	write_file("f", ks_span_str(onto));
	said->git = RUN(patch, "git", "apply", "--check", "--whitespace=nowarn");
	said->git_reverse = RUN(patch, "git", "apply", "-R", "--check", "--whitespace=nowarn");
	said->patch = RUN(patch, "patch", "-p1", "-F0", "-N", "--dry-run", "-s", "--binary");
	assert_int_equal(0, kq_git_merge(&merge, false, &said->merged, &said->merge, &error));
	ask_rebase(&merge, said);
}

/* What git apply makes of the refreshed patch. */
static void apply_refreshed(struct ks_span text, struct ks_buf *ret_content)
{
	struct ks_diag diag = { 0 };

	assert_true(RUN(text, "git", "apply", "--whitespace=nowarn"));
	assert_int_equal(0, ks_file_load("f", KQ_MAX_FILE_BYTES, ret_content, &diag));
}

static size_t nr_outcomes[KQ_CONFLICT + 1];

static bool any_moved(const struct kq_verdict *j)
{
	size_t i;

	for (i = 0; i < j->file[0].nr_hunks; i++)
		if (j->file[0].hunk[i].moved)
			return true;
	return false;
}

/* Return: what is wrong, NULL if nothing. */
static const char *compare(const struct three *x, const struct kq_verdict *j,
			   struct kq_overlay *overlay, const struct said *said, const char *onto)
{
	__cleanup(ks_buf_done) struct ks_buf applied = { 0 };
	bool merge_is_now = said->merge && kq_is(ks_buf_span(&said->merged), onto);
	bool rebase_is_else = said->rebase && !kq_is(ks_buf_span(&said->rebased), onto);
	struct kq_error error = { 0 };
	struct kq_node *node;

	nr_outcomes[j->outcome]++;
	if (x->has_mine && j->outcome != KQ_UPSTREAM && merge_is_now && !rebase_is_else)
		return "upstream has it, but it is not dropped";
	if (j->outcome == KQ_UPSTREAM && rebase_is_else)
		return "dropped, but git rebase makes something else";
	if (j->outcome == KQ_UPSTREAM)
		return said->git_reverse || merge_is_now ? NULL : "dropped without evidence";
	if (j->outcome == KQ_CONFLICT) {
		if (j->file[0].trouble == KQ_SAME_LINES && said->merge)
			return "a conflict that git merge-file has not";
		return NULL;
	}
	assert_int_equal(0, kq_overlay_get(overlay, ks_span_str("f"), &node, &error));
	apply_refreshed(ks_buf_span(&j->text), &applied);
	if (!ks_span_eq(ks_buf_span(&applied), kq_node_content(node)))
		return "git apply makes something else of the refreshed patch";
	if (j->outcome == KQ_KEPT && !said->git)
		return "kept, but git apply refuses the patch";
	if (j->outcome == KQ_KEPT && !said->patch && !x->is_cut)
		return "kept, but patch -F0 refuses it";
	if (said->merge && !ks_span_eq(kq_node_content(node), ks_buf_span(&said->merged)))
		return "git merge-file makes something else";
	if (said->rebase && !ks_span_eq(kq_node_content(node), ks_buf_span(&said->rebased)))
		return "git rebase makes something else";
	if (j->outcome == KQ_MERGED && !any_moved(j) && !said->merge)
		return "merged, but git merge-file has a conflict";
	return NULL;
}

static void show(const char *name, const struct text *t)
{
	unsigned int i;

	print_message("#   %s:", name);
	for (i = 0; i < t->nr; i++)
		print_message(" %.*s", (int)strcspn(t->line[i], "\r"), t->line[i]);
	print_message("%s\n", t->cut ? " (no newline)" : "");
}

static bool has_cut_hunk(const struct kq_patch *patch)
{
	size_t i;

	for (i = 0; i < patch->nr_hunks; i++)
		if (patch->hunk[i].leading != patch->hunk[i].trailing)
			return true;
	return false;
}

static void one_case(unsigned int nr, size_t *nr_bad)
{
	__cleanup(kq_verdict_done) struct kq_verdict j = { 0 };
	__cleanup(kq_overlay_done) struct kq_overlay old_overlay = { 0 };
	__cleanup(kq_overlay_done) struct kq_overlay onto_overlay = { 0 };
	__cleanup(kq_patch_done) struct kq_patch patch = { 0 };
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct kq_sides sides = { .old = &old_overlay, .onto = &onto_overlay, .old_label = "o",
				  .onto_label = "n" };
	struct kq_error error = { 0 };
	struct said said = { 0 };
	struct three x;
	char *old, *mine, *onto;
	const char *wrong = NULL;

	make(&x, nr);
	old = text_of(&x.old);
	mine = text_of(&x.mine);
	onto = text_of(&x.onto);
	if (strcmp(old, mine)) {
		const struct world before = { { { "f", old, 0 } } }, base = { { { "f", onto, 0 } } };
		const struct world after = { { { "f", mine, 0 } } };
		struct kq_source old_source = world_source(&before);
		struct kq_source onto_source = world_source(&base);

		old_overlay.source = &old_source;
		onto_overlay.source = &onto_source;
		world_patch(&before, &after, 3, &text);
		assert_int_equal(0, kq_patch_parse(ks_buf_span(&text), "p", &patch, &error));
		if (kq_verdict_make(&sides, &patch, ks_buf_span(&text), &j, &error)) {
			wrong = error.line;
		} else {
			x.is_cut = has_cut_hunk(&patch);
			ask_all(old, mine, onto, ks_buf_span(&text), &said);
			wrong = compare(&x, &j, &onto_overlay, &said, onto);
		}
	}
	if (wrong) {
		++*nr_bad;
		print_message("# case %u: %s; kq %s, git %d, reverse %d, patch %d, merge %d\n", nr,
			      wrong, kq_outcome_name(j.outcome), said.git, said.git_reverse,
			      said.patch, said.merge);
		show("old", &x.old);
		show("mine", &x.mine);
		show("now", &x.onto);
	}
	ks_buf_done(&said.merged);
	ks_buf_done(&said.rebased);
	free(old);
	free(mine);
	free(onto);
}

static void random_edits_are_judged_as_others_judge_them(void **state)
{
	unsigned int nr_cases = world_number("KQ_CASES", 300), i;
	char dir[] = "/tmp/kq-property.XXXXXX";
	size_t nr_bad = 0;

	(void)state;
	world_seed(world_number("KQ_SEED", 20261122));
	assert_non_null(mkdtemp(dir));
	assert_int_equal(0, chdir(dir));
	for (i = 0; i < nr_cases; i++)
		one_case(i, &nr_bad);
	assert_int_equal(0, unlink("f"));
	assert_int_equal(0, chdir("/"));
	assert_int_equal(0, rmdir(dir));
	for (i = 0; i <= KQ_CONFLICT; i++) {
		/* Only a person gives a change up. */
		if (i == KQ_GIVEN_UP)
			continue;
		print_message("# %s: %zu\n", kq_outcome_name((enum kq_outcome)i), nr_outcomes[i]);
		/* All of them must really happen. */
		assert_true(nr_outcomes[i] >= nr_cases / 100);
	}
	assert_int_equal(0, nr_bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_edits_are_judged_as_others_judge_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
