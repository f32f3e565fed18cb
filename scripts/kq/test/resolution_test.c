// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Conflict regions and resolutions: what is certain is reused, what is not is never guessed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "stack/regions.h"
#include "stack/resolution.h"
#include "text/dir.h"

#define REGION(o, b, t) "<<<<<<< new\n" o "||||||| old\n" b "=======\n" t ">>>>>>> patch\n"

static const char two[] =
	"top\n" REGION("o1\n", "b1\n", "t1\n") "mid\n" REGION("", "b2\n", "t2\n") "end\n";

static size_t count(const char *marked)
{
	__cleanup(kq_regions_done) struct kq_regions regions = { 0 };
	struct kq_error error = { 0 };

	assert_int_equal(0, kq_regions_parse(ks_span_str(marked), &regions, &error));
	return regions.nr;
}

static void regions_are_found_with_the_text_around_them(void **state)
{
	__cleanup(kq_regions_done) struct kq_regions regions = { 0 };
	struct kq_error error = { 0 };

	(void)state;
	assert_int_equal(0, kq_regions_parse(ks_span_str(two), &regions, &error));
	assert_int_equal(2, regions.nr);
	assert_true(kq_is(regions.region[0].before, "top\n"));
	assert_true(kq_is(regions.region[0].ours, "o1\n"));
	assert_true(kq_is(regions.region[0].base, "b1\n"));
	assert_true(kq_is(regions.region[0].theirs, "t1\n"));
	assert_true(kq_is(regions.region[1].before, "mid\n"));
	assert_true(kq_is(regions.region[1].ours, ""));
	assert_true(kq_is(regions.after, "end\n"));
}

static void uncertain_markers_are_no_regions(void **state)
{
	(void)state;
	assert_int_equal(1, count(REGION("o\n", "b\n", "t\n")));
	assert_int_equal(1, count("Title\n=======\n" REGION("o\n", "b\n", "t\n")));
	assert_int_equal(0, count(REGION("o\n", "b\n=======\n", "t\n")));
	assert_int_equal(0, count(REGION("<<<<<<< x\n", "b\n", "t\n")));
	assert_int_equal(0, count(REGION("o\n", "b\n", "t\n") "no newline"));
	assert_int_equal(0, count("<<<<<<< new\no\n||||||| old\nb\n"));
	assert_int_equal(0, count(">>>>>>> patch\n"));
	assert_int_equal(0, count(""));
}

/* Return: the edit was understood; results are then those of @want. */
static bool results(const char *edited, const char *const want[2])
{
	__cleanup(kq_regions_done) struct kq_regions regions = { 0 };
	struct kq_error error = { 0 };
	struct ks_span result[2];
	bool found;

	assert_int_equal(0, kq_regions_parse(ks_span_str(two), &regions, &error));
	found = kq_regions_results(&regions, ks_span_str(edited), result);
	if (found) {
		assert_true(kq_is(result[0], want[0]));
		assert_true(kq_is(result[1], want[1]));
	}
	return found;
}

static void an_edit_inside_regions_is_told_from_one_outside(void **state)
{
	(void)state;
	assert_true(results("top\nx\ny\nmid\nz\nend\n", (const char *[]){ "x\ny\n", "z\n" }));
	assert_true(results("top\nmid\nend\n", (const char *[]){ "", "" }));
	assert_false(results("TOP\nx\nmid\nz\nend\n", NULL));
	assert_false(results("top\nx\nmid\nz\nEND\n", NULL));
	assert_false(results("top\nx\nz\nend\n", NULL));
	/* Which of the two is the text between the regions? */
	assert_false(results("top\nmid\nmid\nz\nend\n", NULL));
	assert_false(results("top\nx\nmid\nz\nend", NULL));
	assert_false(results("", NULL));
}

static void markers_that_are_text_do_not_count(void **state)
{
	const struct ks_span sides[] = { ks_span_str("a\n=======\n"), ks_span_str("=======\n") };

	(void)state;
	assert_int_equal(0, kq_markers_left(ks_span_str("a\n=======\nb\n"), sides, 2));
	assert_int_equal(4, kq_markers_left(ks_span_str("a\n=======\nb\n=======\n"), sides, 2));
	assert_int_equal(2, kq_markers_left(ks_span_str("a\n<<<<<<< x\n"), sides, 2));
	assert_int_equal(1, kq_markers_left(ks_span_str(">>>>>>> x\n"), NULL, 0));
	assert_int_equal(0, kq_markers_left(ks_span_str("<<<<<<<x\n>>>>>>>\n"), NULL, 0));
}

/* struct place - a directory of resolutions for one test */
struct place {
	char dir[32];
};

static struct place make_place(void)
{
	struct place place = { "/tmp/kq-test-XXXXXX" };

	assert_non_null(mkdtemp(place.dir));
	return place;
}

static void place_done(struct place *place)
{
	struct kq_error error = { 0 };

	assert_int_equal(0, kq_dir_remove(place->dir, &error));
}

static struct kq_question region(const char *path, const char *o, const char *b, const char *t)
{
	return (struct kq_question){
		.path = ks_span_str(path),
		.side = { { true, ks_span_str(o) },
			  { true, ks_span_str(b) },
			  { true, ks_span_str(t) } },
	};
}

static void check_round_trip(const struct kq_question *question, bool exists, const char *text)
{
	__cleanup(place_done) struct place place = make_place();
	__cleanup(kq_answer_done) struct kq_answer answer = { 0 };
	struct kq_side side = { exists, ks_span_str(text) };
	struct kq_error error = { 0 };
	bool found;

	assert_int_equal(0, kq_resolution_find(place.dir, question, &answer, &found, &error));
	assert_false(found);
	assert_int_equal(0, kq_resolution_write(place.dir, question, &side, "Note: x\n", &error));
	assert_int_equal(0, kq_resolution_find(place.dir, question, &answer, &found, &error));
	assert_true(found);
	assert_int_equal(exists, answer.exists);
	assert_true(kq_is(ks_buf_span(&answer.content), text));
}

static void a_resolution_comes_back_as_it_went(void **state)
{
	struct kq_question question = region("f", "o\n", "b\n\n", "t");
	static const char *const texts[] = { "",	  "x\n", "x", "\n", "=\n\\ no newline\n",
					     "a\r\nb\r\n" };
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(texts); i++) {
		question.whole = false;
		check_round_trip(&question, true, texts[i]);
		question.whole = true;
		check_round_trip(&question, true, texts[i]);
	}
	question.side[0].exists = false;
	check_round_trip(&question, false, "");
}

static void another_question_has_another_name(void **state)
{
	const struct kq_question questions[] = {
		region("f", "o\n", "b\n", "t\n"), region("g", "o\n", "b\n", "t\n"),
		region("f", "", "o\nb\n", "t\n"), region("f", "o\n", "b\n", "t"),
		region("f", "o\n", "b\nt\n", ""), region("f", "o\n|b\n", "", "t\n"),
	};
	struct kq_hex id[KS_ARRAY_SIZE(questions)];
	struct kq_error error = { 0 };
	size_t i, k;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(questions); i++) {
		assert_int_equal(0, kq_question_id(&questions[i], &id[i], &error));
		for (k = 0; k < i; k++)
			assert_string_not_equal(id[i].text, id[k].text);
	}
}

/* Flip every byte: what is found must be the answer, or the file is refused. */
static void a_damaged_resolution_is_refused(void **state)
{
	const struct kq_question question = region("f", "o\n", "b\n", "t\n");
	__cleanup(place_done) struct place place = make_place();
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct kq_side side = { true, ks_span_str("x\ny\n") };
	struct kq_error error = { 0 };
	struct kq_path path;
	struct ks_span all;
	struct kq_hex id;
	size_t i, body, result;

	(void)state;
	assert_int_equal(0, kq_resolution_write(place.dir, &question, &side, "", &error));
	assert_int_equal(0, kq_question_id(&question, &id, &error));
	assert_int_equal(0, kq_path(&path, &error, "%s/%s", place.dir, id.text));
	assert_int_equal(0, ks_file_load(path.s, 1 << 16, &text, NULL));
	all = ks_buf_span(&text);
	body = (size_t)((const u8 *)memmem(all.p, all.bytes, "\n\n", 2) - all.p) + 2;
	result = (size_t)((const u8 *)memmem(all.p, all.bytes, "result", 6) - all.p);
	for (i = 0; i < all.bytes; i++) {
		__cleanup(kq_answer_done) struct kq_answer answer = { 0 };
		struct kq_error said = { 0 };
		bool found;
		int rc;

		text.p[i] ^= 1;
		assert_int_equal(0, ks_file_publish(path.s, &all, 1, 0644, NULL));
		rc = kq_resolution_find(place.dir, &question, &answer, &found, &said);
		text.p[i] ^= 1;
		/* The lines for people may say anything, and the answer's own text is its own. */
		if (i >= body && i < result)
			assert_int_equal(-EBADMSG, rc);
		else if (rc)
			assert_int_equal(-EBADMSG, rc);
	}
	/* Cut short anywhere it is not an answer. */
	for (i = 0; i < text.bytes; i++) {
		__cleanup(kq_answer_done) struct kq_answer answer = { 0 };
		struct ks_span cut = { text.p, i };
		struct kq_error said = { 0 };
		bool found;

		assert_int_equal(0, ks_file_publish(path.s, &cut, 1, 0644, NULL));
		assert_int_equal(-EBADMSG,
				 kq_resolution_find(place.dir, &question, &answer, &found, &said));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(regions_are_found_with_the_text_around_them),
		cmocka_unit_test(uncertain_markers_are_no_regions),
		cmocka_unit_test(an_edit_inside_regions_is_told_from_one_outside),
		cmocka_unit_test(markers_that_are_text_do_not_count),
		cmocka_unit_test(a_resolution_comes_back_as_it_went),
		cmocka_unit_test(another_question_has_another_name),
		cmocka_unit_test(a_damaged_resolution_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
