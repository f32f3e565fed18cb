// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Patches written anew: what must not change does not change.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "engine/diffstat.h"
#include "test/world.h"
#include "text/digest.h"

/* struct queue - the patches of this repository */
struct queue {
	glob_t found;
	struct ks_buf *text;
};

static void load_queue(struct queue *q)
{
	struct ks_diag diag = { 0 };
	size_t i;

	assert_int_equal(0, glob("patches/6.18/*.patch", 0, NULL, &q->found));
	q->text = calloc(q->found.gl_pathc, sizeof(*q->text));
	assert_non_null(q->text);
	for (i = 0; i < q->found.gl_pathc; i++)
		assert_int_equal(0, ks_file_load(q->found.gl_pathv[i], KQ_MAX_PATCH_BYTES,
						 &q->text[i], &diag));
}

static void queue_done(struct queue *q)
{
	size_t i;

	for (i = 0; i < q->found.gl_pathc; i++)
		ks_buf_done(&q->text[i]);
	free(q->text);
	globfree(&q->found);
}

static void a_diffstat_is_the_one_of_format_patch(void **state)
{
	__cleanup(queue_done) struct queue q = { 0 };
	size_t i;

	(void)state;
	load_queue(&q);
	for (i = 0; i < q.found.gl_pathc; i++) {
		__cleanup(kq_patch_done) struct kq_patch patch = { 0 };
		__cleanup(kq_lines_done) struct kq_lines lines = { 0 };
		__cleanup(ks_buf_done) struct ks_buf out = { 0 };
		struct ks_span text = ks_buf_span(&q.text[i]);
		struct kq_error error = { 0 };

		assert_int_equal(0, kq_patch_parse(text, "p", &patch, &error));
		assert_int_equal(0, kq_lines_split(text, &lines, &error));
		kq_put_notes(&lines, patch.file[0].patch_line - 1, &patch, &out);
		if (!ks_span_eq(kq_head(text, out.bytes), ks_buf_span(&out)))
			print_message("# %s\n%.*s", q.found.gl_pathv[i], (int)out.bytes,
				      (const char *)out.p);
		assert_true(ks_span_eq(kq_head(text, out.bytes), ks_buf_span(&out)));
	}
}

/* One line that no patch has; room for it in each of many lines. */
static void put_filler(struct ks_buf *out, size_t from, size_t to)
{
	char line[48];

	for (; from < to; from++) {
		snprintf(line, sizeof(line), "filler %zu of the test\n", from);
		ks_put_str(out, line);
	}
}

/*
 * A file on which the hunks apply where they say: filler, and the pre-images. @add lines more move
 * all hunks, or all but the first if that is at the start.
 */
static char *make_file(const struct kq_file *file, size_t add)
{
	struct ks_buf out = { 0 };
	size_t i, k, done = 0;

	bool on_top = !file->nr_hunks || kq_hunk_old_idx(&file->hunk[0]) > 0;

	if (on_top)
		put_filler(&out, 1000000, 1000000 + add);
	for (i = 0; i < file->nr_hunks; i++) {
		const struct kq_hunk *hunk = &file->hunk[i];

		put_filler(&out, done, kq_hunk_old_idx(hunk));
		for (k = 0; k < hunk->nr_lines; k++)
			if (hunk->line[k].kind != '+')
				ks_put(&out, hunk->line[k].text);
		done = kq_hunk_old_idx(hunk) + hunk->old_count;
		if (!i && !on_top && file->nr_hunks > 1)
			put_filler(&out, 1000000, 1000000 + add);
	}
	/* Less context below than above is the end of the file. */
	if (!file->nr_hunks || file->hunk[file->nr_hunks - 1].trailing == 3)
		put_filler(&out, done, done + 5);
	ks_put_u8(&out, 0);
	return (char *)out.p;
}

/* Both bases of one patch; files that it makes are on neither. */
static void make_worlds(const struct kq_patch *patch, struct world *old, struct world *onto)
{
	size_t i;

	assert_in_range(patch->nr_files, 1, WORLD_FILES);
	for (i = 0; i < patch->nr_files; i++) {
		const struct kq_file *file = &patch->file[i];
		char *path = strndup((const char *)file->path.p, file->path.bytes);

		old->file[i].path = onto->file[i].path = path;
		if (file->change == KQ_CREATE)
			continue;
		old->file[i].text = make_file(file, 0);
		onto->file[i].text = make_file(file, 7);
	}
}

static void free_worlds(struct world *old, struct world *onto)
{
	size_t i;

	for (i = 0; i < WORLD_FILES; i++) {
		free((void *)(uintptr_t)old->file[i].path);
		free((void *)(uintptr_t)old->file[i].text);
		free((void *)(uintptr_t)onto->file[i].text);
	}
}

static void judge_kept(const struct world *old, const struct world *onto, struct ks_span text,
		       struct ks_buf *ret_text)
{
	__cleanup(bench_done) struct bench b = { 0 };

	bench_start(&b, old, onto);
	bench_text(&b, text);
	assert_int_equal(KQ_KEPT, b.j.outcome);
	ks_buf_move(ret_text, &b.j.text);
}

/* Equal but for index lines: the files of this test are not those that the patch was made on. */
static bool is_alike(struct ks_span a, struct ks_span b)
{
	struct ks_span x, y;
	size_t nr = 0;

	while (ks_span_line(&a, &x)) {
		if (!ks_span_line(&b, &y))
			return false;
		if (!ks_span_eq(x, y) && !(kq_starts(x, "index ") && kq_starts(y, "index ")))
			return false;
		nr++;
	}
	return nr && !b.bytes;
}

static void there_and_back_is_the_same_patch(void **state)
{
	__cleanup(queue_done) struct queue q = { 0 };
	size_t i, nr_moved = 0;

	(void)state;
	load_queue(&q);
	for (i = 0; i < q.found.gl_pathc; i++) {
		__cleanup(kq_patch_done) struct kq_patch patch = { 0 };
		__cleanup(ks_buf_done) struct ks_buf same = { 0 };
		__cleanup(ks_buf_done) struct ks_buf there = { 0 };
		__cleanup(ks_buf_done) struct ks_buf back = { 0 };
		__cleanup(ks_buf_done) struct ks_buf again = { 0 };
		struct ks_span text = ks_buf_span(&q.text[i]);
		struct world old = { 0 }, onto = { 0 };
		struct kq_error error = { 0 };

		assert_int_equal(0, kq_patch_parse(text, "p", &patch, &error));
		make_worlds(&patch, &old, &onto);
		judge_kept(&old, &old, text, &same);
		assert_true(ks_span_eq(text, ks_buf_span(&same)));
		judge_kept(&old, &onto, text, &there);
		nr_moved += !is_alike(text, ks_buf_span(&there));
		judge_kept(&onto, &old, ks_buf_span(&there), &back);
		assert_true(is_alike(text, ks_buf_span(&back)));
		judge_kept(&old, &onto, ks_buf_span(&back), &again);
		assert_true(ks_span_eq(ks_buf_span(&there), ks_buf_span(&again)));
		free_worlds(&old, &onto);
	}
	/* The second base must really have moved something. */
	assert_in_range(nr_moved, 2, q.found.gl_pathc);
}

#define MESSAGE                                                                     \
	"From: A <a@example.org>\nSubject: [PATCH] t\nX-Odd:  two  blanks \n\n"     \
	"Why. \n\t--- not the end\n---\nnot the end either\n---\nnote | 3 not a stat\n"

static const char two_hunks[] =
	MESSAGE " f | 4 ++--\n 1 file changed, 2 insertions(+), 2 deletions(-)\n\n"
		"diff --git a/f b/f\nindex 1234567..89abcde 100644\n--- a/f\n+++ b/f\n"
		"@@ -2,3 +2,3 @@ int some(struct section *s)\n b\n-c\n+C\n d\n"
		"@@ -8,3 +8,3 @@\n h\n-i\n+I\n j\n"
		"-- \n2.39.5\n\n";

static const char one_hunk[] =
	MESSAGE " f | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n\n"
		"diff --git a/f b/f\n"
		"index 1234567..89abcde 100644\n--- a/f\n+++ b/f\n"
		"@@ -4,3 +4,3 @@ int some(struct section *s)\n b\n-c\n+C\n d\n"
		"-- \n2.39.5\n\n";

static const struct world letters = { { { "f", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\n", 0 } } };

static void a_smaller_patch_keeps_its_message_and_has_a_new_diffstat(void **state)
{
	const struct world onto = { { { "f", "0\n0\na\nb\nc\nd\ne\nf\ng\nh\nI\nj\nk\n", 0 } } };
	__cleanup(bench_done) struct bench b = { 0 };

	(void)state;
	bench_start(&b, &letters, &onto);
	bench_text(&b, ks_span_str(two_hunks));
	assert_int_equal(KQ_PARTIAL, b.j.outcome);
	if (!is_alike(ks_span_str(one_hunk), ks_buf_span(&b.j.text)))
		print_message("%.*s", (int)b.j.text.bytes, (const char *)b.j.text.p);
	assert_true(is_alike(ks_span_str(one_hunk), ks_buf_span(&b.j.text)));
}

static void a_mode_change_is_written_as_git_does(void **state)
{
	const struct world mine = { { { "f", "a\nb\nc\nd\nX\nf\ng\nh\ni\nj\nk\n", 0755 } } };
	const struct world onto = { { { "f", "0\na\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\n", 0 } } };
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	__cleanup(ks_buf_done) struct ks_buf there = { 0 };
	__cleanup(ks_buf_done) struct ks_buf back = { 0 };

	(void)state;
	world_patch(&letters, &mine, 3, &text);
	judge_kept(&letters, &onto, ks_buf_span(&text), &there);
	judge_kept(&onto, &letters, ks_buf_span(&there), &back);
	assert_true(ks_span_eq(ks_buf_span(&text), ks_buf_span(&back)));
	assert_false(ks_span_eq(ks_buf_span(&text), ks_buf_span(&there)));
}

static void index_lines_get_full_ids_of_the_new_contents(void **state)
{
	const struct world onto = { { { "f", "0\na\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\n", 0 } } };
	const struct world want = { { { "f", "0\na\nb\nC\nd\ne\nf\ng\nh\nI\nj\nk\n", 0 } } };
	__cleanup(bench_done) struct bench b = { 0 };
	__cleanup(kq_patch_done) struct kq_patch patch = { 0 };
	struct kq_hex old_id, new_id;
	struct kq_error error = { 0 };

	(void)state;
	bench_start(&b, &letters, &onto);
	bench_text(&b, ks_span_str(two_hunks));
	assert_int_equal(KQ_KEPT, b.j.outcome);
	assert_int_equal(0, kq_patch_parse(ks_buf_span(&b.j.text), "p", &patch, &error));
	assert_int_equal(0, kq_blob_id(ks_span_str(onto.file[0].text), &old_id, &error));
	assert_int_equal(0, kq_blob_id(ks_span_str(want.file[0].text), &new_id, &error));
	assert_true(kq_is(patch.file[0].old_id, old_id.text));
	assert_true(kq_is(patch.file[0].new_id, new_id.text));
	assert_int_equal(3, patch.hunk[0].old_start);
	assert_int_equal(9, patch.hunk[1].new_start);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_diffstat_is_the_one_of_format_patch),
		cmocka_unit_test(there_and_back_is_the_same_patch),
		cmocka_unit_test(a_smaller_patch_keeps_its_message_and_has_a_new_diffstat),
		cmocka_unit_test(a_mode_change_is_written_as_git_does),
		cmocka_unit_test(index_lines_get_full_ids_of_the_new_contents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
