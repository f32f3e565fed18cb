// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Files of functions with equal bodies, which a new base moves, removes, renames, copies and fixes:
 * the judge against git merge-file, git merge-tree (git rebase's own merge) and what really happened.
 *
 * Nothing that kq decides may differ from a clean merge of git's, and no fix may end in a function
 * that it was not made for, whatever git says. KQ_SEED and KQ_CASES choose others, and more of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/map.h"
#include "test/world.h"
#include "text/dir.h"
#include "text/git.h"

#define MAX_FUNCTIONS 12U
#define NR_SITES 3U

/*
 * struct function - one of the file
 * @name: number; two names in @renamed are one function for the generator, but not for a reader
 * @body: which of the bodies
 * @fixed: the patch's changes that it has, by site
 * @edited: an edit of the new base's own
 */
struct function {
	unsigned int name;
	unsigned int body;
	bool fixed[NR_SITES];
	bool edited;
	bool indented;
	bool argument;
	unsigned int renamed;
};

/* How the parts of a file are told from each other. */
enum style {
	FUNCTIONS, /* as in C */
	LABELS,    /* the same, and each ends with a label in the first column */
	BLOCKS,    /* entries of a table, all of them indented */
	NAMELESS,  /* equal blocks, nothing but their order says which is which */
	NR_STYLES,
};

/*
 * struct text - a version of the file
 * @above: lines before the first function; @below: behind the last
 */
struct text {
	struct function function[MAX_FUNCTIONS];
	unsigned int nr;
	unsigned int above;
	unsigned int below;
	enum style style;
};

/* One line per site; what it becomes; NULL is not a line. */
static const struct {
	const char *was;
	const char *becomes;
} site[NR_SITES] = {
	{ "	ret = start(dev);\n", "	ret = start(dev, 0);\n" },
	{ NULL, "	barrier();\n" },
	{ "	poll(dev);\n", NULL },
};

/* "@" is a site, "+" an edit of the new base. Repeated lines inside of a body on purpose. */
static const char *const bodies[] = {
	"	int ret;\n\n	ret = prepare(dev);\n	if (ret)\n		return ret;\n\n@0"
	"	if (ret)\n		return ret;\n\n	lock(dev);\n+	dev->ready = true;\n@1	unlock(dev);\n"
	"	wake(dev);\n@2	wake(dev);\n	if (ret)\n		goto out;\n",
	"	int ret;\n\n	ret = prepare(dev);\n	if (ret)\n		return ret;\n\n@0"
	"	if (ret)\n		return ret;\n\n@1	if (ret)\n		return ret;\n\n@2+	wake(dev);\n"
	"	if (ret)\n		goto out;\n",
};

static void put_site(struct ks_buf *out, const struct function *f, unsigned int nr)
{
	const char *line = f->fixed[nr] ? site[nr].becomes : site[nr].was;

	if (line && f->indented)
		ks_put_str(out, "\t");
	if (line)
		ks_put_str(out, line);
}

static void put_body(struct ks_buf *out, const struct function *f)
{
	const char *p = bodies[f->body];

	while (*p) {
		size_t n = strcspn(p, "\n") + 1;

		if (*p == '@') {
			put_site(out, f, (unsigned int)(p[1] - '0'));
			p += 2;
			continue;
		}
		if (*p == '+') {
			if (f->edited)
				ks_put_str(out, "	dev->count++;\n");
			p++;
			continue;
		}
		if (f->indented && n > 1)
			ks_put_str(out, "\t");
		ks_put(out, (struct ks_span){ (const u8 *)p, n });
		p += n;
	}
}

static unsigned int name_of(const struct function *f)
{
	return f->renamed ? f->renamed : f->name;
}

static void put_head(struct ks_buf *out, const struct text *t, const struct function *f)
{
	char line[128];

	if (t->style == NAMELESS)
		snprintf(line, sizeof(line), "    run {\n");
	else if (t->style == BLOCKS)
		snprintf(line, sizeof(line), "    [STEP_%u]%s = {\n", name_of(f),
			 f->argument ? "[0]" : "");
	else
		snprintf(line, sizeof(line), "static int step_%u(struct dev *dev%s)\n{\n",
			 name_of(f), f->argument ? ", int n" : "");
	ks_put_str(out, line);
}

static void put_lines(struct ks_buf *out, const char *name, unsigned int nr)
{
	char line[64];

	while (nr--) {
		snprintf(line, sizeof(line), "	%s %u\n", name, nr);
		ks_put_str(out, line);
	}
}

static char *text_of(const struct text *t)
{
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	unsigned int i;
	char *s;

	put_lines(&out, "above", t->above);
	for (i = 0; i < t->nr; i++) {
		const struct function *f = &t->function[i];

		put_head(&out, t, f);
		put_body(&out, f);
		if (t->style == LABELS)
			ks_put_str(&out, "out:\n	return ret;\n");
		ks_put_str(&out, t->style < BLOCKS ? "}\n\n" : "    },\n");
	}
	put_lines(&out, "below", t->below);
	s = strndup(out.bytes ? (const char *)out.p : "", out.bytes);
	assert_non_null(s);
	return s;
}

static struct function *at(struct text *t)
{
	return &t->function[world_random(t->nr)];
}

static void take_out(struct text *t, unsigned int i)
{
	memmove(&t->function[i], &t->function[i + 1], (--t->nr - i) * sizeof(*t->function));
}

static void put_in(struct text *t, unsigned int i, struct function f)
{
	if (t->nr == MAX_FUNCTIONS)
		return;
	memmove(&t->function[i + 1], &t->function[i], (t->nr++ - i) * sizeof(*t->function));
	t->function[i] = f;
}

static unsigned int next_name;

static void move(struct text *t, bool indented)
{
	unsigned int from = world_random(t->nr);
	struct function f = t->function[from];

	f.indented ^= indented;
	take_out(t, from);
	put_in(t, world_random(t->nr + 1), f);
}

static void copy(struct text *t, bool is_new)
{
	struct function f = *at(t);

	f.name = next_name++;
	f.renamed = 0;
	if (is_new)
		memset(f.fixed, 0, sizeof(f.fixed));
	put_in(t, world_random(t->nr + 1), f);
}

static void swap(struct text *t)
{
	struct function *a = at(t), *b = at(t), f = *a;

	*a = *b;
	*b = f;
}

/* struct fix - a change of the patch */
struct fix {
	unsigned int name;
	unsigned int site;
};

/*
 * struct three - three sides of a case, and the one that is right
 * @is_repeated: a hunk's old lines are in one of the bases more than once
 * @history: what the new base did, a letter each
 */
struct three {
	struct text old;
	struct text mine;
	struct text onto;
	struct text right;
	struct fix fix[2];
	unsigned int nr_fixes;
	bool is_gone;
	bool is_renamed;
	bool is_repeated;
	char history[8];
};

/* What a new base does to a file. */
static void change(struct three *x, struct text *t, char what)
{
	struct function *f = t->nr ? at(t) : NULL;

	if (!f)
		return;
	switch (what) {
	case 'r': take_out(t, (unsigned int)(f - t->function)); break;
	case 'm': move(t, false); break;
	case 'i': move(t, true); break;
	case 'c': copy(t, false); break;
	case 'n': copy(t, true); break;
	case 's': swap(t); break;
	case 'x': f->fixed[x->fix[world_random(x->nr_fixes)].site] = true; break;
	case 'e': f->edited = true; break;
	case 'N': f->renamed = next_name++; break;
	case 'a': f->argument = true; break;
	case 'h': t->nr = (unsigned int)(f - t->function); break;
	case '^': t->above += 1 + world_random(3); break;
	default: t->below += 1;
	}
}

static void make_old(struct text *t, unsigned int nr)
{
	unsigned int kinds = 1 + world_random(2), i;

	t->style = (enum style)(nr % NR_STYLES);
	t->above = nr % 3 ? world_random(5) : 0;
	t->below = nr % 5 ? world_random(5) : 0;
	t->nr = 2 + world_random(5);
	for (i = 0; i < t->nr; i++)
		t->function[i] = (struct function){
			.name = next_name++,
			.body = world_random(kinds),
			.fixed = { !world_random(6), !world_random(6), !world_random(6) },
		};
}

static struct function *named(struct text *t, unsigned int name)
{
	unsigned int i;

	for (i = 0; i < t->nr; i++)
		if (t->function[i].name == name)
			return &t->function[i];
	return NULL;
}

/* What the new base should become: the fixes in the functions that they were made for. */
static void make_right(struct three *x)
{
	unsigned int i;

	x->right = x->onto;
	for (i = 0; i < x->nr_fixes; i++) {
		struct function *f = named(&x->right, x->fix[i].name);

		x->is_gone |= !f;
		x->is_renamed |= f && f->renamed;
		if (f)
			f->fixed[x->fix[i].site] = true;
	}
}

static void make(struct three *x, unsigned int nr)
{
	static const char history[] = "rrmmicnssxxxxeNah^.";
	unsigned int nr_changes = 1 + world_random(3), i;

	memset(x, 0, sizeof(*x));
	next_name = 1;
	make_old(&x->old, nr);
	x->mine = x->onto = x->old;
	for (i = 0; i < 1 + world_random(2); i++) {
		struct function *f = at(&x->mine);
		unsigned int where = world_random(NR_SITES);

		if (f->fixed[where])
			continue;
		f->fixed[where] = true;
		x->fix[x->nr_fixes++] = (struct fix){ f->name, where };
	}
	for (i = 0; i < nr_changes && x->nr_fixes; i++) {
		x->history[i] = history[world_random(sizeof(history) - 1)];
		change(x, &x->onto, x->history[i]);
	}
	make_right(x);
}

/* struct merge - what one of git's merges says */
struct merge {
	struct ks_buf made;
	bool is_clean;
};

static void run_git(const char *const *args, struct ks_span in, struct kq_child_end *end)
{
	struct kq_error error = { 0 };

	assert_int_equal(0, kq_git("repo", args, in, end, &error));
}

#define GIT(in, end, ...) run_git((const char *const[]){ __VA_ARGS__, NULL }, in, end)

static void put_commit(struct ks_buf *in, const char *name, const char *from, const char *content)
{
	char head[256];

	snprintf(head, sizeof(head),
		 "reset refs/heads/%s\ncommit refs/heads/%s\ncommitter c <c> 0 +0000\n"
		 "data 0\n%sM 100644 inline f\ndata %zu\n",
		 name, name, from, strlen(content));
	ks_put_str(in, head);
	ks_put_str(in, content);
	ks_put_str(in, "\n");
}

/* As git rebase does it: merge-ort, whose differences are not those of git merge-file. */
static void ask_merge_tree(const char *old, const char *mine, const char *onto, struct merge *said)
{
	__cleanup(ks_buf_done) struct ks_buf in = { 0 };
	__cleanup(kq_child_end_done) struct kq_child_end import = { 0 };
	__cleanup(kq_child_end_done) struct kq_child_end tree = { 0 };
	__cleanup(kq_child_end_done) struct kq_child_end blob = { 0 };
	char name[64];

	put_commit(&in, "old", "", old);
	put_commit(&in, "now", "from refs/heads/old\n", onto);
	put_commit(&in, "mine", "from refs/heads/old\n", mine);
	GIT(ks_buf_span(&in), &import, "fast-import", "--force", "--quiet");
	assert_int_equal(0, import.status);
	GIT((struct ks_span){ 0 }, &tree, "merge-tree", "--write-tree", "now", "mine");
	assert_in_range(tree.status, 0, 1);
	said->is_clean = !tree.status;
	if (!said->is_clean)
		return;
	snprintf(name, sizeof(name), "%.40s:f", (const char *)tree.out.p);
	GIT((struct ks_span){ 0 }, &blob, "cat-file", "blob", name);
	assert_int_equal(0, blob.status);
	ks_put(&said->made, ks_buf_span(&blob.out));
}

/* What the judge takes for it. */
static void check_rebase_merge(char *const text[3], const struct merge *tree)
{
	static const size_t side[3] = { 0, 2, 1 };
	__cleanup(ks_buf_done) struct ks_buf made = { 0 };
	struct kq_lines lines[3] = { 0 };
	struct kq_merge_side version[3];
	struct kq_error error = { 0 };
	bool is_clean;
	size_t i;

	for (i = 0; i < 3; i++) {
		version[i] = (struct kq_merge_side){ ks_span_str(text[side[i]]), &lines[i] };
		assert_int_equal(0, kq_lines_split(version[i].content, &lines[i], &error));
	}
	assert_int_equal(0, kq_rebase_merge(&version[0], &version[1], &version[2], &made, &is_clean,
					    &error));
	assert_int_equal(is_clean, tree->is_clean);
	assert_true(!is_clean || ks_span_eq(ks_buf_span(&made), ks_buf_span(&tree->made)));
	for (i = 0; i < 3; i++)
		kq_lines_done(&lines[i]);
}

static void ask_merge_file(const char *old, const char *mine, const char *onto, struct merge *said)
{
	const struct kq_merge merge = { ks_span_str(old), ks_span_str(onto), ks_span_str(mine),
					"o", "n", "m" };
	struct kq_error error = { 0 };

	assert_int_equal(0, kq_git_merge(&merge, false, &said->made, &said->is_clean, &error));
}

/* Is one of the fixed functions like another one, so that its text does not say which is meant? */
static bool is_repeated(struct three *x)
{
	unsigned int i, k;

	for (i = 0; i < x->nr_fixes; i++)
		for (k = 0; k < x->old.nr; k++)
			if (x->old.function[k].name != x->fix[i].name &&
			    x->old.function[k].body == named(&x->old, x->fix[i].name)->body)
				return true;
	return false;
}

/*
 * Return: what is wrong with the result, NULL if nothing. Who reads cannot tell a new name from a new
 * function: there the result has to be shown to a person at least.
 */
static const char *compare(struct three *x, enum kq_outcome outcome, struct ks_span made,
			   const struct merge *file, const struct merge *tree)
{
	char *text = text_of(&x->right);
	bool is_right = kq_is(made, text);

	free(text);
	if (file->is_clean && !ks_span_eq(made, ks_buf_span(&file->made)))
		return "git merge-file makes something else";
	if (tree->is_clean && !ks_span_eq(made, ks_buf_span(&tree->made)))
		return "git rebase makes something else";
	if (x->old.style == NAMELESS)
		return file->is_clean || tree->is_clean || !x->is_repeated ?
			       NULL :
			       "guessed, git has a conflict";
	if (x->is_gone)
		return outcome == KQ_MERGED ? NULL : "decided, but the function is gone";
	if (!is_right)
		return outcome == KQ_UPSTREAM ? "dropped, but the function lacks it" :
						"in the wrong function";
	return x->is_renamed && outcome == KQ_UPSTREAM && is_repeated(x) ?
		       "dropped, but no function has that name" :
		       NULL;
}

static bool has_twice(const struct kq_patch *patch, const char *text)
{
	__cleanup(kq_lines_done) struct kq_lines lines = { 0 };
	struct kq_error error = { 0 };
	bool has = false;
	size_t i;

	assert_int_equal(0, kq_lines_split(ks_span_str(text), &lines, &error));
	for (i = 0; i < patch->nr_hunks; i++) {
		__cleanup(kq_image_done) struct kq_image pre = { 0 };

		assert_int_equal(0, kq_image_build(&patch->hunk[i], '-', &pre, &error));
		has |= kq_image_count(&pre, &lines, 0, lines.nr) > 1;
	}
	return has;
}

static size_t nr_outcomes[KQ_CONFLICT + 1];
static size_t nr_needless;

static void say(unsigned int nr, const struct three *x, const char *wrong, enum kq_outcome outcome,
		const struct merge *file, const struct merge *tree)
{
	print_message("# case %u: %s: kq %s, style %d, history %s, merge-file %d, rebase %d\n", nr,
		      wrong, kq_outcome_name(outcome), (int)x->old.style, x->history,
		      file->is_clean, tree->is_clean);
}

/* A conflict, where all of git's merges are clean and right. */
static bool is_needless(const struct three *x, const struct merge *file, const struct merge *tree)
{
	char *right = text_of(&x->right);
	bool is = !x->is_gone && !x->is_renamed && file->is_clean && tree->is_clean &&
		  kq_is(ks_buf_span(&file->made), right) && kq_is(ks_buf_span(&tree->made), right);

	free(right);
	return is;
}

static void judge(unsigned int nr, struct three *x, char *const text[3], size_t *nr_bad)
{
	const char *path = nr % 2 ? "f.c" : "f";
	const struct world before = { { { path, text[0], 0 } } };
	const struct world after = { { { path, text[1], 0 } } };
	const struct world base = { { { path, text[2], 0 } } };
	__cleanup(bench_done) struct bench b = { 0 };
	struct merge file = { 0 }, tree = { 0 };
	struct kq_error error = { 0 };
	struct kq_node *node;
	const char *wrong = NULL;

	ask_merge_file(text[0], text[1], text[2], &file);
	ask_merge_tree(text[0], text[1], text[2], &tree);
	check_rebase_merge(text, &tree);
	bench_start(&b, &before, &base);
	bench_patch(&b, &before, &after);
	x->is_repeated = has_twice(&b.patch, text[0]) || has_twice(&b.patch, text[2]);
	nr_outcomes[b.j.outcome]++;
	assert_int_equal(0, kq_overlay_get(&b.onto, ks_span_str(path), &node, &error));
	if (b.j.outcome != KQ_CONFLICT)
		wrong = compare(x, b.j.outcome, kq_node_content(node), &file, &tree);
	else if (is_needless(x, &file, &tree))
		nr_needless++;
	if (wrong) {
		++*nr_bad;
		say(nr, x, wrong, b.j.outcome, &file, &tree);
	}
	ks_buf_done(&file.made);
	ks_buf_done(&tree.made);
}

static void one_case(unsigned int nr, size_t *nr_bad)
{
	struct three x;
	char *text[3];
	size_t i;

	make(&x, nr);
	text[0] = text_of(&x.old);
	text[1] = text_of(&x.mine);
	text[2] = text_of(&x.onto);
	if (strcmp(text[0], text[1]) && strcmp(text[0], text[2]))
		judge(nr, &x, text, nr_bad);
	for (i = 0; i < 3; i++)
		free(text[i]);
}

static void no_fix_ends_in_another_function(void **state)
{
	unsigned int nr_cases = world_number("KQ_CASES", 400), i;
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	char dir[] = "/tmp/kq-functions.XXXXXX";
	struct kq_error error = { 0 };
	size_t nr_bad = 0;

	(void)state;
	world_seed(world_number("KQ_SEED", 20261129));
	assert_non_null(mkdtemp(dir));
	assert_int_equal(0, chdir(dir));
	assert_int_equal(0, kq_git_must(NULL, (const char *const[]){ "init", "-q", "--bare", "repo", NULL },
					(struct ks_span){ 0 }, &end, &error));
	kq_child_end_done(&end);
	for (i = 0; i < nr_cases; i++)
		one_case(i, &nr_bad);
	assert_int_equal(0, chdir("/"));
	assert_int_equal(0, kq_dir_remove(dir, &error));
	for (i = 0; i <= KQ_CONFLICT; i++) {
		/* Only a person gives a change up. */
		if (i == KQ_GIVEN_UP)
			continue;
		print_message("# %s: %zu\n", kq_outcome_name((enum kq_outcome)i), nr_outcomes[i]);
		/* All of them must really happen. */
		assert_true(nr_outcomes[i] >= nr_cases / 200);
	}
	print_message("# conflicts where git is right: %zu\n", nr_needless);
	assert_int_equal(0, nr_bad);
}

#define NR_EQUAL      100000U
#define NR_CONTEXT    20000U
#define WITHIN_SECONDS 20

/* Equal lines, with one in the middle that differs. */
static char *equal_lines(unsigned int nr_above, const char *middle)
{
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	unsigned int i;
	char *s;

	for (i = 0; i < nr_above + NR_EQUAL / 2; i++)
		ks_put_str(&out, i == nr_above ? middle : "	nop\n");
	for (i = 0; i < NR_EQUAL / 2; i++)
		ks_put_str(&out, "	nop\n");
	s = strndup((const char *)out.p, out.bytes);
	assert_non_null(s);
	return s;
}

/* Each line of the file is nearly the start of the hunk: a search must not begin anew with each. */
static void equal_lines_cost_no_more_than_others(void **state)
{
	char *old = equal_lines(NR_EQUAL / 2, "	one\n"), *mine = equal_lines(NR_EQUAL / 2, "	two\n");
	char *onto = equal_lines(NR_EQUAL / 2 + 7, "	one\n");
	const struct world before = { { { "f", old, 0 } } }, after = { { { "f", mine, 0 } } };
	const struct world base = { { { "f", onto, 0 } } };
	__cleanup(bench_done) struct bench b = { 0 };
	clock_t start = clock();

	(void)state;
	bench_start(&b, &before, &base);
	world_patch(&before, &after, NR_CONTEXT, &b.text);
	bench_text(&b, ks_buf_span(&b.text));
	assert_int_equal(KQ_KEPT, b.j.outcome);
	assert_in_range((clock() - start) / CLOCKS_PER_SEC, 0, WITHIN_SECONDS);
	free(old);
	free(mine);
	free(onto);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_lines_cost_no_more_than_others),
		cmocka_unit_test(no_fix_ends_in_another_function),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
