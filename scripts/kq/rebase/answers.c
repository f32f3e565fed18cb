// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rebase/answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "rebase/plan.h"
#include "stack/publish.h"
#include "stack/resolution.h"
#include "text/dir.h"
#include "text/text.h"

/* As git abbreviates a commit at least. */
#define MIN_ID_DIGITS 7U
#define SHOWN_DIGITS  12

/*
 * struct answers - all of them, and what is to be done with those that are named
 * @where: "pending" or "queue", while @dir is walked
 * @what: names; @hit: which of them name something
 * @forget: remove them
 */
struct answers {
	const char *dir;
	const char *where;
	char *const *what;
	size_t nr_what;
	bool *hit;
	bool forget;
	struct ks_buf *text;
};

/* struct dropping - the same for the drops of one plan */
struct dropping {
	struct answers *answers;
	const struct kq_plan *plan;
};

static bool is_start_of(const char *what, struct ks_span id)
{
	return strlen(what) >= MIN_ID_DIGITS && kq_starts(id, what);
}

/* Without names all are meant. */
static bool is_named(struct answers *a, struct ks_span id, struct ks_span patch,
		     struct ks_span path)
{
	bool named = !a->nr_what;
	size_t i;

	for (i = 0; i < a->nr_what; i++)
		if (is_start_of(a->what[i], id) || kq_is(patch, a->what[i]) ||
		    kq_is(path, a->what[i]))
			named = a->hit[i] = true;
	return named;
}

static void put_line(struct ks_buf *out, const char *id, const char *where, struct ks_span patch,
		     struct ks_span path, const char *what)
{
	char line[640];

	snprintf(line, sizeof(line), "%.*s  %-7s  %.*s  %.*s  %s\n", SHOWN_DIGITS, id, where,
		 KQ_FMT(patch), KQ_FMT(path), what);
	ks_put_str(out, line);
}

static void describe_answer(const struct kq_answer *answer, char what[256])
{
	struct ks_span reason = kq_answer_head(answer, "Reason: ");

	if (answer->given_up)
		snprintf(what, 256, "given up: %.*s", KQ_FMT(reason));
	else if (answer->exists)
		snprintf(what, 256, "%llu bytes", (unsigned long long)answer->content.bytes);
	else
		snprintf(what, 256, "no such file");
}

static int visit_answer(void *arg, const char *name, struct kq_error *error)
{
	__cleanup(kq_answer_done) struct kq_answer answer = { 0 };
	struct answers *a = arg;
	struct ks_span patch, path;
	struct kq_path file;
	char what[256];
	int rc;

	/* Half a file that a kill left on its way is none. */
	if (!kq_is_hex(ks_span_str(name), 64))
		return 0;
	rc = kq_path(&file, error, "%s/%s", a->dir, name);
	if (!rc)
		rc = kq_resolution_read(file.s, &answer, error);
	if (rc)
		return rc;
	patch = kq_answer_head(&answer, "Patch: ");
	path = kq_answer_head(&answer, "Path: ");
	if (!is_named(a, ks_span_str(name), patch, path))
		return 0;
	describe_answer(&answer, what);
	if (a->text)
		put_line(a->text, name, a->where, patch, path, what);
	if (a->forget && unlink(file.s))
		return kq_fail(error, -errno, "%s: %s", file.s, strerror(errno));
	return 0;
}

static int visit_drop(void *arg, struct ks_span key, struct ks_span reason, struct kq_error *error)
{
	const struct dropping *dropping = arg;
	struct answers *a = dropping->answers;
	const u8 *slash = memchr(key.p, '/', key.bytes);
	size_t n = slash ? (size_t)(slash - key.p) : key.bytes;
	struct ks_span patch = kq_head(key, n), path = kq_tail(key, slash ? n + 1 : n);
	struct kq_path name;
	int rc = kq_path(&name, error, "%.*s", (int)key.bytes, (const char *)key.p);
	char what[256];

	if (rc || !is_named(a, (struct ks_span){ 0 }, patch, path))
		return rc;
	snprintf(what, sizeof(what), "dropped: %.*s", KQ_FMT(reason));
	if (a->text)
		put_line(a->text, "-", "rebase", patch, path.bytes ? path : ks_span_str("-"), what);
	return a->forget ? kq_drop_add(dropping->plan, name.s, NULL, error) : 0;
}

static int each_answer(struct answers *a, const char *state, const char *queue,
		       struct kq_error *error)
{
	const char *const of[] = { state, queue };
	static const char *const where[] = { "pending", "queue" };
	__cleanup(kq_plan_done) struct kq_plan plan = { 0 };
	struct kq_error none = { 0 };
	struct kq_path dir;
	size_t i;
	int rc = 0;

	for (i = 0; i < KS_ARRAY_SIZE(of) && !rc; i++) {
		a->dir = dir.s;
		a->where = where[i];
		rc = kq_path(&dir, error, "%s/resolutions", of[i]);
		if (!rc && !access(dir.s, F_OK))
			rc = kq_dir_walk(dir.s, visit_answer, a, error);
	}
	/* Without a rebase under way nothing is dropped. */
	if (rc || kq_plan_load(state, &plan, &none))
		return rc;
	return kq_drop_each(&plan, visit_drop, &(struct dropping){ a, &plan }, error);
}

int kq_answers_list(const char *state, const char *queue, struct ks_buf *ret_text,
		    struct kq_error *error)
{
	struct answers a = { .text = ret_text };

	return each_answer(&a, state, queue, error);
}

static void free_flags(bool **flags)
{
	free(*flags);
}

static int lock_state(const char *state, int *fd, struct kq_error *error)
{
	return access(state, F_OK) ? 0 : kq_lock_dir(state, fd, error);
}

int kq_answers_forget(const char *state, const char *queue, char *const *what, size_t nr_what,
		      struct ks_buf *ret_text, struct kq_error *error)
{
	__cleanup(free_flags) bool *hit = calloc(nr_what + 1, sizeof(*hit));
	__cleanup(ks_close_fd) int lock = -1;
	struct answers a = { .what = what, .nr_what = nr_what, .hit = hit };
	size_t i;
	int rc = hit ? lock_state(state, &lock, error) : kq_no_memory(error);

	if (!rc)
		rc = each_answer(&a, state, queue, error);
	for (i = 0; i < nr_what && !rc; i++)
		if (!hit[i])
			rc = kq_fail(error, KQ_REFUSED,
				     "%s: is not an answer's id, patch or file; kq resolutions "
				     "lists them",
				     what[i]);
	a.forget = true;
	a.text = ret_text;
	return rc ? rc : each_answer(&a, state, queue, error);
}
