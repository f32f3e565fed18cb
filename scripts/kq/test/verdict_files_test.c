// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Files that are new, gone, renamed or of another mode, patches with several files, and what a
 * conflict and its resolution tell.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "test/world.h"
#include "tree/manifest.h"

#define TEXT "1\n2\n3\n4\n5\n6\n7\n8\n9\n"
#define TEXT_X "1\n2\n3\n4\nX\n6\n7\n8\n9\n"
#define TEXT_Y "1\n2\n3\n4\nY\n6\n7\n8\n9\n"

/* struct row - @result is the new base afterwards, NULL for as it was */
struct row {
	const char *name;
	struct world old;
	struct world mine;
	struct world onto;
	enum kq_outcome outcome;
	enum kq_trouble trouble;
	struct world result;
};

#define F(name, text) { name, text, 0 }
#define P(name, text) { name, text, 0755 }
#define W(...) { { __VA_ARGS__ } }

static const struct row rows[] = {
	{ "a new file", W(F("f", NULL)), W(F("f", "a\n")), W(F("f", NULL)),
	  KQ_KEPT, 0, W(F("f", "a\n")) },
	{ "a new program", W(F("f", NULL)), W(P("f", "a\n")), W(F("f", NULL)),
	  KQ_KEPT, 0, W(P("f", "a\n")) },
	{ "a new empty file", W(F("f", NULL)), W(F("f", "")), W(F("f", NULL)),
	  KQ_KEPT, 0, W(F("f", "")) },
	{ "a new file that upstream has", W(F("f", NULL)), W(F("f", "a\n")), W(F("f", "a\n")),
	  KQ_UPSTREAM, 0, W(F("f", "a\n")) },
	{ "a new file that upstream has otherwise", W(F("f", NULL)), W(F("f", "a\n")),
	  W(F("f", "b\n")), KQ_CONFLICT, KQ_EXISTS, W(F("f", "b\n")) },
	{ "a new file that upstream has as a program", W(F("f", NULL)), W(F("f", "a\n")),
	  W(P("f", "a\n")), KQ_CONFLICT, KQ_EXISTS, W(P("f", "a\n")) },
	{ "a new file below what is a file now", W(F("d/f", NULL)), W(F("d/f", "a\n")),
	  W(F("d", "x\n")), KQ_CONFLICT, KQ_IN_THE_WAY, W(F("d", "x\n")) },
	{ "a new file where a directory is now", W(F("d", NULL)), W(F("d", "a\n")),
	  W(F("d/f", "x\n")), KQ_CONFLICT, KQ_IN_THE_WAY, W(F("d/f", "x\n")) },
	{ "a changed file where a directory is now", W(F("d", TEXT)), W(F("d", TEXT_X)),
	  W(F("d/f", "x\n")), KQ_CONFLICT, KQ_IN_THE_WAY, W(F("d/f", "x\n")) },
	{ "a deleted file", W(F("f", TEXT)), W(F("f", NULL)), W(F("f", TEXT)),
	  KQ_KEPT, 0, W(F("f", NULL)) },
	{ "a deleted empty file", W(F("f", "")), W(F("f", NULL)), W(F("f", "")),
	  KQ_KEPT, 0, W(F("f", NULL)) },
	{ "a deleted file that upstream deleted", W(F("f", TEXT)), W(F("f", NULL)),
	  W(F("f", NULL)), KQ_UPSTREAM, 0, W(F("f", NULL)) },
	{ "a deleted file that upstream changed", W(F("f", TEXT)), W(F("f", NULL)),
	  W(F("f", TEXT_X)), KQ_CONFLICT, KQ_CHANGED, W(F("f", TEXT_X)) },
	{ "a deleted file of another mode", W(F("f", TEXT)), W(F("f", NULL)), W(P("f", TEXT)),
	  KQ_CONFLICT, KQ_CHANGED, W(P("f", TEXT)) },
	{ "a changed file that upstream deleted", W(F("f", TEXT)), W(F("f", TEXT_X)),
	  W(F("f", NULL)), KQ_CONFLICT, KQ_GONE, W(F("f", NULL)) },
	{ "a mode", W(F("f", TEXT)), W(P("f", TEXT)), W(F("f", TEXT_X)),
	  KQ_KEPT, 0, W(P("f", TEXT_X)) },
	{ "a mode of a file that is gone", W(F("f", TEXT)), W(P("f", TEXT)), W(F("f", NULL)),
	  KQ_CONFLICT, KQ_GONE, W(F("f", NULL)) },
	{ "a mode that upstream has", W(F("f", TEXT)), W(P("f", TEXT)), W(P("f", TEXT)),
	  KQ_UPSTREAM, 0, W(P("f", TEXT)) },
	{ "mode and lines, mode upstream", W(F("f", TEXT)), W(P("f", TEXT_X)), W(P("f", TEXT)),
	  KQ_PARTIAL, 0, W(P("f", TEXT_X)) },
	{ "mode and lines, lines upstream", W(F("f", TEXT)), W(P("f", TEXT_X)), W(F("f", TEXT_X)),
	  KQ_PARTIAL, 0, W(P("f", TEXT_X)) },
	{ "mode and lines, both upstream", W(F("f", TEXT)), W(P("f", TEXT_X)), W(P("f", TEXT_X)),
	  KQ_UPSTREAM, 0, W(P("f", TEXT_X)) },
	{ "mode and lines, merged", W(F("f", TEXT)), W(P("f", TEXT_X)),
	  W(F("f", "1\n2\nN\n4\n5\n6\n7\n8\n9\n")),
	  KQ_MERGED, 0, W(P("f", "1\n2\nN\n4\nX\n6\n7\n8\n9\n")) },
	{ "lines, upstream made it a program", W(F("f", TEXT)), W(F("f", TEXT_X)),
	  W(P("f", TEXT "a\n")), KQ_KEPT, 0, W(P("f", TEXT_X "a\n")) },
	{ "one file of two upstream", W(F("a", TEXT), F("b", TEXT)),
	  W(F("a", TEXT_X), F("b", TEXT_X)), W(F("a", TEXT_X), F("b", TEXT)),
	  KQ_PARTIAL, 0, W(F("a", TEXT_X), F("b", TEXT_X)) },
	{ "one file of two in conflict", W(F("a", TEXT), F("b", TEXT)),
	  W(F("a", TEXT_X), F("b", TEXT_X)), W(F("a", TEXT), F("b", TEXT_Y)),
	  KQ_CONFLICT, KQ_NO_TROUBLE, W(F("a", TEXT), F("b", TEXT_Y)) },
	{ "kept, upstream, merged, new and deleted together",
	  W(F("a", TEXT), F("b", TEXT), F("c", TEXT), F("d", NULL), F("e", TEXT)),
	  W(F("a", TEXT_X), F("b", TEXT_X), F("c", TEXT_X), F("d", "d\n"), F("e", NULL)),
	  W(F("a", TEXT "a\n"), F("b", TEXT_X), F("c", "1\n2\nN\n4\n5\n6\n7\n8\n9\n"),
	    F("d", NULL), F("e", NULL)),
	  KQ_MERGED, 0,
	  W(F("a", TEXT_X "a\n"), F("b", TEXT_X), F("c", "1\n2\nN\n4\nX\n6\n7\n8\n9\n"),
	    F("d", "d\n"), F("e", NULL)) },
	{ "CR at the end of lines", W(F("f", "1\r\n2\r\n3\r\n4\r\n5\r\n")),
	  W(F("f", "1\r\n2\r\n3\r\nX\r\n5\r\n")), W(F("f", "1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n")),
	  KQ_KEPT, 0, W(F("f", "1\r\n2\r\n3\r\nX\r\n5\r\n6\r\n")) },
	{ "upstream took the CR away", W(F("f", "1\r\n2\r\n3\r\n4\r\n5\r\n")),
	  W(F("f", "1\r\n2\r\n3\r\nX\r\n5\r\n")), W(F("f", "1\n2\n3\n4\n5\n")),
	  KQ_CONFLICT, KQ_SAME_LINES, W(F("f", "1\n2\n3\n4\n5\n")) },
};

static void each_new_base_has_its_outcome(void **state)
{
	size_t i, nr_bad = 0;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		__cleanup(bench_done) struct bench b = { 0 };

		bench_start(&b, &row->old, &row->onto);
		bench_patch(&b, &row->old, &row->mine);
		if (b.j.outcome == row->outcome && b.j.file[0].trouble == row->trouble &&
		    world_is(&b.old, &row->mine) && world_is(&b.onto, &row->result))
			continue;
		nr_bad++;
		print_message("# %s: %s, %s\n%.*s", row->name, kq_outcome_name(b.j.outcome),
			      kq_trouble_text(b.j.file[0].trouble), (int)b.j.text.bytes,
			      b.j.text.bytes ? (const char *)b.j.text.p : "");
	}
	assert_int_equal(0, nr_bad);
}

static const struct world base = W(F("f", TEXT));
static const struct world with_x = W(F("f", TEXT_X));
static const struct world with_y = W(F("f", TEXT_Y));

/* struct answer - what a resolution says */
struct answer {
	const char *text;
	bool given_up;
	enum kq_trouble trouble;
	const char *renamed;
	unsigned int nr_asked;
};

static int answer(void *arg, const struct kq_conflict *conflict,
		  struct kq_resolved *ret_resolved, struct kq_error *error)
{
	struct answer *a = arg;

	(void)error;
	a->nr_asked++;
	a->trouble = conflict->trouble;
	a->renamed = conflict->renamed;
	ret_resolved->how = a->given_up ? KQ_RESOLVED_GIVEN_UP :
			    a->text	? KQ_RESOLVED :
					  KQ_RESOLVED_ABSENT;
	if (a->text)
		ks_put_str(&ret_resolved->content, a->text);
	return 0;
}

static void a_resolution_becomes_the_patch(void **state)
{
	__cleanup(bench_done) struct bench b = { 0 };
	struct answer a = { .text = "1\n2\n3\n4\nX and Y\n6\n7\n8\n9\n" };
	const struct world both = W(F("f", a.text));

	(void)state;
	bench_start(&b, &base, &with_y);
	b.sides.resolve = answer;
	b.sides.resolve_arg = &a;
	bench_patch(&b, &base, &with_x);
	assert_int_equal(KQ_MERGED, b.j.outcome);
	assert_true(b.j.file[0].resolved);
	assert_int_equal(KQ_SAME_LINES, a.trouble);
	assert_int_equal(1, a.nr_asked);
	assert_true(world_is(&b.onto, &both));
}

/* What the new base has, as earlier versions of kq stored it. */
static void the_new_base_is_no_resolution(void **state)
{
	__cleanup(bench_done) struct bench b = { 0 };
	struct answer a = { .text = TEXT_Y };

	(void)state;
	bench_start(&b, &base, &with_y);
	b.sides.resolve = answer;
	b.sides.resolve_arg = &a;
	bench_patch(&b, &base, &with_x);
	assert_int_equal(KQ_CONFLICT, b.j.outcome);
	assert_false(b.j.file[0].resolved);
	assert_int_equal(1, b.j.nr_conflicts);
}

static void judge_given_up(struct bench *b, const struct world *onto, struct answer *a,
			   const struct world *mine, const struct world *old)
{
	bench_start(b, old, onto);
	b->sides.resolve = answer;
	b->sides.resolve_arg = a;
	bench_patch(b, old, mine);
}

/* Given up, or left deleted: the patch loses the file, and is never called upstream for it. */
static void a_change_that_is_given_up_is_not_upstream(void **state)
{
	const struct world old = W(F("a", TEXT), F("b", TEXT));
	const struct world mine = W(F("a", TEXT_X), F("b", TEXT_X));
	const struct world onto[] = {
		W(F("a", TEXT_Y), F("b", TEXT)),   /* b is kept */
		W(F("a", TEXT_Y), F("b", TEXT_X)), /* b is upstream */
		W(F("a", NULL), F("b", TEXT_X)),
		W(F("a", TEXT_Y), F("b", TEXT_Y)), /* both are given up */
	};
	static const enum kq_outcome want[] = { KQ_MERGED, KQ_GIVEN_UP, KQ_GIVEN_UP, KQ_GIVEN_UP };
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(onto); i++) {
		__cleanup(bench_done) struct bench b = { 0 };
		struct answer a = { .given_up = i != 2 };

		judge_given_up(&b, &onto[i], &a, &mine, &old);
		assert_int_equal(want[i], b.j.outcome);
		assert_int_equal(KQ_GIVEN_UP, b.j.file[0].outcome);
		assert_int_equal(i == 0, b.j.text.bytes != 0);
		if (i)
			assert_true(world_is(&b.onto, &onto[i]));
	}
}

static void a_conflict_shows_its_sides_and_cause(void **state)
{
	__cleanup(bench_done) struct bench b = { 0 };
	const struct kq_conflict *c;

	(void)state;
	bench_start(&b, &base, &with_y);
	bench_patch(&b, &base, &with_x);
	assert_int_equal(1, b.j.nr_conflicts);
	c = &b.j.conflict[0];
	assert_true(ks_span_eq(c->old_base, ks_span_str(TEXT)));
	assert_true(ks_span_eq(c->ours, ks_span_str(TEXT_Y)));
	assert_true(ks_span_eq(c->theirs, ks_span_str(TEXT_X)));
	assert_true(ks_span_eq(ks_buf_span(&c->marked), ks_span_str(
		"1\n2\n3\n4\n<<<<<<< 1.1\nY\n||||||| 1.0\n5\n=======\nX\n>>>>>>> p\n"
		"6\n7\n8\n9\n")));
	assert_true(ks_span_eq(ks_buf_span(&c->cause), ks_span_str(
		"@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+Y\n 6\n 7\n 8\n")));
}

static void each_file_in_conflict_is_told(void **state)
{
	__cleanup(bench_done) struct bench b = { 0 };
	const struct world old = W(F("a", TEXT), F("b", TEXT), F("c", TEXT));
	const struct world mine = W(F("a", TEXT_X), F("b", TEXT_X), F("c", TEXT_X));
	const struct world onto = W(F("a", TEXT_Y), F("b", TEXT), F("c", NULL));

	(void)state;
	bench_start(&b, &old, &onto);
	bench_patch(&b, &old, &mine);
	assert_int_equal(KQ_CONFLICT, b.j.outcome);
	assert_int_equal(2, b.j.nr_conflicts);
	assert_true(kq_is(b.j.conflict[0].path, "a"));
	assert_int_equal(KQ_SAME_LINES, b.j.conflict[0].trouble);
	assert_true(kq_is(b.j.conflict[1].path, "c"));
	assert_int_equal(KQ_GONE, b.j.conflict[1].trouble);
	assert_int_equal(KQ_KEPT, b.j.file[1].outcome);
	assert_true(world_is(&b.onto, &onto));
}

/* The new base's file has a NUL. */
static int load_binary(const struct kq_source *source, const char *path, struct kq_blob *ret_blob,
		       struct kq_error *error)
{
	(void)source;
	(void)path;
	(void)error;
	ret_blob->exists = true;
	ret_blob->mode = 0644;
	ks_put_str(&ret_blob->content, "1\n2\n3\n4\nY\n6\n");
	ks_put_u8(&ret_blob->content, 0);
	return 0;
}

static void binary_contents_are_not_merged(void **state)
{
	__cleanup(bench_done) struct bench b = { 0 };

	(void)state;
	bench_start(&b, &base, &base);
	b.onto_source.load = load_binary;
	bench_patch(&b, &base, &with_x);
	assert_int_equal(KQ_CONFLICT, b.j.outcome);
	assert_int_equal(KQ_BINARY, b.j.file[0].trouble);
	assert_int_equal(0, b.j.conflict[0].marked.bytes);
}

static void make_manifest(const struct world *world, struct kq_manifest *ret_manifest)
{
	__cleanup(ks_buf_done) struct ks_buf list = { 0 };
	struct kq_error error = { 0 };
	size_t i;

	for (i = 0; i < WORLD_FILES && world->file[i].path; i++) {
		struct kq_hex id;

		if (!world->file[i].text)
			continue;
		assert_int_equal(0, kq_blob_id(ks_span_str(world->file[i].text), &id, &error));
		kq_manifest_add(&list, KQ_MODE_FILE, id.text, ks_span_str(world->file[i].path));
	}
	assert_int_equal(0, kq_manifest_make(ks_buf_span(&list), "m", ret_manifest, &error));
}

static void a_renamed_file_is_named_and_resolved_there(void **state)
{
	static const struct world onto[] = {
		W(F("d/f", NULL), F("d/g", TEXT), F("o", "o\n")),
		W(F("d/f", NULL), F("e/f", TEXT "more\n"), F("o", "o\n")),
	};
	static const char *const name[] = { "d/g", "e/f" };
	const struct world old = W(F("d/f", TEXT), F("o", "o\n"));
	const struct world mine = W(F("d/f", TEXT_X), F("o", "o\n"));
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(onto); i++) {
		__cleanup(kq_manifest_done) struct kq_manifest old_files = { 0 };
		__cleanup(kq_manifest_done) struct kq_manifest onto_files = { 0 };
		__cleanup(bench_done) struct bench b = { 0 };
		struct answer a = { .text = TEXT_X };
		const struct world want = W(F("d/f", NULL), F(name[i], TEXT_X));

		make_manifest(&old, &old_files);
		make_manifest(&onto[i], &onto_files);
		bench_start(&b, &old, &onto[i]);
		b.sides.old_files = &old_files;
		b.sides.onto_files = &onto_files;
		b.sides.resolve = answer;
		b.sides.resolve_arg = &a;
		bench_patch(&b, &old, &mine);
		assert_int_equal(KQ_RENAMED, a.trouble);
		assert_string_equal(name[i], b.j.file[0].renamed);
		assert_int_equal(KQ_MERGED, b.j.outcome);
		assert_true(world_is(&b.onto, &want));
	}
}

static void another_file_of_that_name_is_no_rename(void **state)
{
	const struct world old = W(F("d/f", TEXT), F("o", "o\n"));
	const struct world mine = W(F("d/f", TEXT_X), F("o", "o\n"));
	const struct world onto = W(F("d/f", NULL), F("e/f", "1\n2\nb\nc\nd\ne\n"), F("o", "o\n"));
	__cleanup(kq_manifest_done) struct kq_manifest old_files = { 0 };
	__cleanup(kq_manifest_done) struct kq_manifest onto_files = { 0 };
	__cleanup(bench_done) struct bench b = { 0 };

	(void)state;
	make_manifest(&old, &old_files);
	make_manifest(&onto, &onto_files);
	bench_start(&b, &old, &onto);
	b.sides.old_files = &old_files;
	b.sides.onto_files = &onto_files;
	bench_patch(&b, &old, &mine);
	assert_int_equal(KQ_CONFLICT, b.j.outcome);
	assert_int_equal(KQ_GONE, b.j.file[0].trouble);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_new_base_has_its_outcome),
		cmocka_unit_test(a_resolution_becomes_the_patch),
		cmocka_unit_test(the_new_base_is_no_resolution),
		cmocka_unit_test(a_change_that_is_given_up_is_not_upstream),
		cmocka_unit_test(a_conflict_shows_its_sides_and_cause),
		cmocka_unit_test(each_file_in_conflict_is_told),
		cmocka_unit_test(binary_contents_are_not_merged),
		cmocka_unit_test(a_renamed_file_is_named_and_resolved_there),
		cmocka_unit_test(another_file_of_that_name_is_no_rename),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
