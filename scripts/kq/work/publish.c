// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/publish.h"

#include <string.h>
#include <unistd.h>

#include "queue/dropped.h"
#include "stack/next.h"
#include "text/dir.h"
#include "text/text.h"

/* The patch of that name; NULL without one. */
static const struct kq_loaded *patch_named(const struct kq_stack *stack, const char *name)
{
	size_t i;

	for (i = 0; i < stack->series.nr; i++)
		if (!strcmp(stack->series.entry[i].name, name))
			return &stack->patch[i];
	return NULL;
}

static bool is_same(const struct kq_loaded *a, const struct kq_loaded *b)
{
	return a && b && ks_span_eq(ks_buf_span(&a->text), ks_buf_span(&b->text));
}

static bool is_all_same(const struct kq_stack *old, const struct kq_stack *new)
{
	size_t i;

	if (!ks_span_eq(ks_buf_span(&old->series.text), ks_buf_span(&new->series.text)))
		return false;
	for (i = 0; i < new->series.nr; i++)
		if (!is_same(&old->patch[i], &new->patch[i]))
			return false;
	return true;
}

static int check_same(const char *queue, const struct kq_stack *old, struct kq_error *error)
{
	__cleanup(kq_stack_done) struct kq_stack now = { 0 };
	int rc = kq_stack_load(queue, &now, error);

	if (rc || is_all_same(old, &now))
		return rc;
	return kq_fail(error, KQ_REFUSED, "%s: was changed by somebody else meanwhile", queue);
}

static int check_free(const struct kq_next *next, const char *name, struct kq_error *error)
{
	struct kq_path path;
	int rc = kq_path(&path, error, "%s/%s", next->queue.s, name);

	if (!rc && !access(path.s, F_OK))
		rc = kq_fail(error, KQ_REFUSED,
			     "%s: is there already, but not in the series: remove it, or was an import cut off?",
			     path.s);
	return rc;
}

static int write_next(const struct kq_next *next, const struct kq_stack *old,
		      const struct kq_stack *new, struct ks_span log, struct kq_error *error)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < old->series.nr && !rc; i++)
		if (!patch_named(new, old->series.entry[i].name))
			rc = kq_next_drop(next, old->series.entry[i].name, error);
	for (i = 0; i < new->series.nr && !rc; i++) {
		const char *name = new->series.entry[i].name;
		const struct kq_loaded *was = patch_named(old, name);

		if (is_same(was, &new->patch[i]))
			continue;
		rc = was ? 0 : check_free(next, name, error);
		if (!rc)
			rc = kq_next_put(next, name, ks_buf_span(&new->patch[i].text), error);
	}
	if (!rc && !ks_span_eq(ks_buf_span(&old->series.text), ks_buf_span(&new->series.text)))
		rc = kq_next_put(next, "series", ks_buf_span(&new->series.text), error);
	if (!rc && log.bytes)
		rc = kq_next_put(next, KQ_DROPPED_NAME, log, error);
	return rc ? rc : kq_dir_sync(next->dir.s, error);
}

int kq_publish(const char *queue, const struct kq_stack *old, const struct kq_stack *new,
	       struct ks_span log, struct kq_error *error)
{
	__cleanup(kq_next_done) struct kq_next next = { .lock_fd = -1 };
	struct kq_error ignored = { 0 };
	int rc = kq_next_of(queue, &next, error);

	if (!rc && !log.bytes && is_all_same(old, new))
		return check_same(queue, old, error);
	if (!rc)
		rc = kq_next_begin(&next, error);
	/* What is beside the queue is not ours then. */
	if (rc && next.lock_fd < 0)
		return rc;
	if (!rc)
		rc = write_next(&next, old, new, log, error);
	if (!rc)
		rc = check_same(queue, old, error);
	if (!rc)
		rc = kq_next_swap(&next, error);
	/* It holds the old queue now, or one that was not finished. */
	if (kq_next_remove(&next, &ignored) && !rc)
		rc = kq_fail(error, ignored.err, "%s", ignored.line);
	return rc;
}
