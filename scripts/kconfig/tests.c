// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/limits.h"

/* All that the check of one directory needs. */
struct needs {
	const struct kc_args *args;
	struct kc_request *const *sorted;
	size_t nr;
	const struct kc_facts *facts;
	struct ks_span skips;
	struct ks_span dir;
	const char *path; /* of its config */
	size_t nr_errors;
};

/* Cut "DIR/NAME.c". Return: false when it is not that. */
static bool split_test(struct ks_span word, struct ks_span *ret_dir, struct ks_span *ret_name)
{
	const u8 *slash = word.bytes ? memrchr(word.p, '/', word.bytes) : NULL;
	size_t dir_bytes;

	if (!slash || !ks_span_ends_with(word, ks_span_str(".c")))
		return false;
	dir_bytes = (size_t)(slash - word.p);
	return ks_span_sub(word, 0, dir_bytes, ret_dir) &&
	       ks_span_sub(word, dir_bytes + 1, word.bytes - dir_bytes - 3, ret_name);
}

/* Does the SKU run this program of this directory? */
static bool is_listed(const struct needs *needs, struct ks_span program)
{
	struct ks_span words = ks_span_str(needs->args->option[KC_TESTS]), word, dir, name;

	while (ks_span_word(&words, &word))
		if (split_test(word, &dir, &name) && ks_span_eq(dir, needs->dir) &&
		    ks_span_eq(name, program))
			return true;
	return false;
}

static bool is_skipped(struct ks_span skips, struct ks_span program, struct ks_span name)
{
	struct ks_span line, word;

	while (ks_span_line(&skips, &line))
		if (ks_span_word(&line, &word) && ks_span_eq(word, program) && ks_span_word(&line, &word) &&
		    ks_span_eq(word, name))
			return true;
	return false;
}

/* Cut "PROGRAM:CASE"; without a colon the case is empty. */
static void split_need(struct ks_span word, struct ks_span *ret_program, struct ks_span *ret_case)
{
	const u8 *colon = memchr(word.p, ':', word.bytes);
	size_t n = colon ? (size_t)(colon - word.p) : word.bytes;

	*ret_case = (struct ks_span){ 0 };
	if (ks_span_sub(word, 0, n, ret_program) && colon)
		(void)!ks_span_sub(word, n + 1, word.bytes - n - 1, ret_case);
}

/* Every program that a line names has its source beside the config. */
static int check_names(const struct needs *needs, struct ks_span words, u32 line, struct ks_diag *diag)
{
	struct ks_span word, program, test_case;
	__cleanup(ks_free_str) char *source = NULL;
	size_t nr_words = 0;

	for (; ks_span_word(&words, &word); nr_words++) {
		split_need(word, &program, &test_case);
		ks_free_str(&source);
		if (asprintf(&source, "%.*s/%.*s.c", KS_FMT(needs->dir), KS_FMT(program)) < 0)
			return ks_fail(diag, -ENOMEM, KS_NO_OFF, "no memory for a file's name");
		if (access(source, F_OK))
			return ks_text_fail(diag, -EBADMSG, needs->path, line,
					    "\"needed by\" names a program whose .c is not here");
	}
	if (!nr_words)
		return ks_text_fail(diag, -EBADMSG, needs->path, line,
				    "\"needed by\" names nothing, write \"# needed by PROGRAM...\"");
	return 0;
}

/*
 * Whom of the SKU's tests does the lack hurt? @words: of the "needed by" above it; without such a line
 * all programs of the directory need it, so that the directory is named.
 */
static bool find_needer(const struct needs *needs, const struct ks_span *words, struct ks_span *ret_word)
{
	struct ks_span rest, program, test_case;

	*ret_word = needs->dir;
	if (!words)
		return true;
	rest = *words;
	while (ks_span_word(&rest, ret_word)) {
		split_need(*ret_word, &program, &test_case);
		if (is_listed(needs, program) &&
		    (!test_case.bytes || !is_skipped(needs->skips, program, test_case)))
			return true;
	}
	return false;
}

static void check_request(struct needs *needs, const struct kc_request *req, const struct ks_span *words)
{
	struct ks_span got = kc_value_of(needs->sorted, needs->nr, req->symbol);
	struct ks_span why = { 0 }, word;
	const struct kc_fact *fact;

	if (ks_span_eq(got, req->value) || !find_needer(needs, words, &word))
		return;
	fact = kc_facts_find(needs->facts, req->symbol, req->value);
	if (fact)
		why = fact->is_known ? fact->reason : ks_span_str("no such symbol in this tree");
	needs->nr_errors++;
	if (memchr(word.p, ':', word.bytes))
		kc_say(req->path, req->line,
		       "CONFIG_%.*s: %.*s needs %.*s, got %.*s; request it in a fragment, or list the case in %s%s%.*s",
		       KS_FMT(req->symbol), KS_FMT(word), KS_FMT(req->value), KS_FMT(got),
		       needs->args->option[KC_SKIPS] ? needs->args->option[KC_SKIPS] : "the SKU's skips",
		       why.bytes ? ": " : "", KS_FMT(why));
	else
		kc_say(req->path, req->line,
		       "CONFIG_%.*s: %.*s needs %.*s, got %.*s; request it in a fragment, or take the test off the SKU's lists%s%.*s",
		       KS_FMT(req->symbol), KS_FMT(word), KS_FMT(req->value), KS_FMT(got),
		       why.bytes ? ": " : "", KS_FMT(why));
}

static int check_dir(struct needs *needs, struct ks_diag *diag)
{
	__cleanup(ks_free_str) char *path = NULL;
	__cleanup(kc_list_done) struct kc_list list = { 0 };
	struct ks_span text, line, words, *needed_by = NULL;
	u32 line_nr = 0;
	size_t i = 0;
	int rc;

	if (asprintf(&path, "%.*s/config", KS_FMT(needs->dir)) < 0)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "no memory for a file's name");
	needs->path = path;
	rc = kc_list_load(&list, path, diag);
	text = ks_buf_span(&list.texts[0]);
	while (!rc && ks_span_line(&text, &line)) {
		line_nr++;
		if (ks_text_cut(&line, "# needed by")) {
			words = line;
			needed_by = &words;
			rc = check_names(needs, words, line_nr, diag);
		}
		if (i < list.nr_req && list.req[i].line == line_nr)
			check_request(needs, &list.req[i++], needed_by);
	}
	return rc;
}

/* Is @word of @tests the first that has its directory? Sets @ret_dir; false for what is no test too. */
static bool is_first_of_dir(const char *tests, struct ks_span word, struct ks_span *ret_dir)
{
	struct ks_span rest = ks_span_str(tests), first, dir, name;

	if (!split_test(word, ret_dir, &name))
		return false;
	while (ks_span_word(&rest, &first) &&
	       (!split_test(first, &dir, &name) || !ks_span_eq(dir, *ret_dir)))
		;
	return first.p == word.p;
}

int kc_tests_put_asked(const char *tests, struct ks_buf *out, struct ks_diag *diag)
{
	struct ks_span words = ks_span_str(tests), word, dir;
	int rc = 0;

	while (!rc && ks_span_word(&words, &word)) {
		__cleanup(kc_list_done) struct kc_list list = { 0 };
		__cleanup(ks_free_str) char *path = NULL;

		if (!is_first_of_dir(tests, word, &dir))
			continue;
		if (asprintf(&path, "%.*s/config", KS_FMT(dir)) < 0)
			return ks_fail(diag, -ENOMEM, KS_NO_OFF, "no memory for a file's name");
		rc = kc_list_load(&list, path, diag);
		kc_list_put_asked(&list, out);
	}
	return rc;
}

int kc_tests_check(const struct kc_args *args, struct kc_request *const *sorted, size_t nr,
		   const struct kc_facts *facts, size_t *ret_nr_errors, struct ks_diag *diag)
{
	struct needs needs = { .args = args, .sorted = sorted, .nr = nr, .facts = facts };
	const char *tests = args->option[KC_TESTS], *path = args->option[KC_SKIPS];
	__cleanup(ks_buf_done) struct ks_buf skips = { 0 };
	struct ks_span words = ks_span_str(tests), word, name;
	int rc = 0;

	if (path)
		rc = ks_file_load(path, KS_MAX_TEXT_BYTES, &skips, diag);
	ks_diag_in(diag, path);
	needs.skips = ks_buf_span(&skips);
	while (!rc && ks_span_word(&words, &word)) {
		if (!split_test(word, &needs.dir, &name)) {
			fprintf(stderr, "kconfig-check: the SKU lists the test %.*s, but no directory has a %.*s.c\n",
				KS_FMT(word), KS_FMT(word));
			needs.nr_errors++;
		} else if (is_first_of_dir(tests, word, &needs.dir)) {
			rc = check_dir(&needs, diag);
		}
	}
	*ret_nr_errors = needs.nr_errors;
	return rc;
}
