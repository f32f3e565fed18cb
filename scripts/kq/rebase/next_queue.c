// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rebase/next_queue.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "rebase/dropped.h"
#include "text/dir.h"

static int write_patch(const struct kq_next *next, const struct kq_step *step,
		       struct kq_error *error)
{
	struct ks_span text = ks_buf_span(&step->verdict.text);
	const char *name = step->entry->name;

	switch (step->fate) {
	case KQ_FATE_KEPT:
	case KQ_FATE_PARTIAL:
	case KQ_FATE_MERGED:
		if (ks_span_eq(text, ks_buf_span(&step->loaded->text)))
			return 0;
		return kq_next_put(next, name, text, error);
	case KQ_FATE_UPSTREAM:
	case KQ_FATE_ACCEPTED:
		return kq_next_drop(next, name, error);
	default:
		return kq_fail(error, -EINVAL, "%s: has no outcome", name);
	}
}

/* The series as it was, without the lines of dropped patches. */
static int write_series(const struct kq_next *next, const struct kq_run *run,
			struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	struct ks_span text = ks_buf_span(&run->stack.series.text), line, rest = text;
	struct ks_diag diag = { 0 };
	size_t i = 0;
	u32 nr;

	if (!run->nr_fates[KQ_FATE_UPSTREAM] && !run->nr_fates[KQ_FATE_ACCEPTED])
		return 0;
	for (nr = 1; ks_span_line(&rest, &line); nr++) {
		size_t end = text.bytes - rest.bytes;
		size_t start = (size_t)(line.p - text.p);

		if (i < run->stack.series.nr && run->step[i].entry->line == nr) {
			enum kq_fate fate = run->step[i++].fate;

			if (fate == KQ_FATE_UPSTREAM || fate == KQ_FATE_ACCEPTED)
				continue;
		}
		ks_put(&out, kq_head(kq_tail(text, start), end - start));
	}
	if (ks_buf_ok(&out, &diag))
		return kq_fail_diag(error, &diag);
	return kq_next_put(next, "series", ks_buf_span(&out), error);
}

static int add_resolutions(const struct kq_next *next, const struct kq_resolver *resolver,
			   struct kq_error *error)
{
	struct kq_path from, to, dir;
	size_t i;
	int rc = 0;

	for (i = 0; i < resolver->used.nr && !rc; i++) {
		__cleanup(ks_buf_done) struct ks_buf content = { 0 };
		const char *name = resolver->used.name[i];
		struct ks_diag diag = { 0 };

		rc = kq_path(&from, error, "%s/%s", resolver->pending.s, name);
		if (!rc)
			rc = kq_path(&to, error, "resolutions/%s", name);
		if (!rc)
			rc = kq_path(&dir, error, "%s/resolutions", next->dir.s);
		if (!rc)
			rc = kq_dir_make(dir.s, error);
		if (!rc && ks_file_load(from.s, KQ_MAX_FILE_BYTES, &content, &diag))
			rc = kq_fail_diag(error, &diag);
		if (!rc)
			rc = kq_next_put(next, to.s, ks_buf_span(&content), error);
	}
	return rc;
}

static int write_queue(const struct kq_plan *plan, const struct kq_next_content *content,
		       const struct kq_next *next, struct kq_error *error)
{
	const struct kq_run *run = content->run;
	size_t i;
	int rc = 0;

	for (i = 0; i < run->stack.series.nr && !rc; i++)
		rc = write_patch(next, &run->step[i], error);
	if (!rc)
		rc = write_series(next, run, error);
	if (!rc)
		rc = kq_dropped_write(plan, run, content->base, next->dir.s, error);
	if (!rc && content->lock.bytes)
		rc = kq_next_put(next, "base.lock", content->lock, error);
	return rc;
}

int kq_next_write(const struct kq_plan *plan, const struct kq_next_content *content,
		  struct kq_next *next, bool *ret_changed, struct kq_error *error)
{
	__cleanup(kq_json_done) struct json_object *hashes = NULL;
	struct json_object *planned = NULL;
	struct kq_path file;
	int rc = kq_next_begin(next, error);

	if (!rc && !content->resolutions_only)
		rc = write_queue(plan, content, next, error);
	if (!rc)
		rc = add_resolutions(next, content->resolver, error);
	if (!rc)
		rc = kq_dir_sync(next->dir.s, error);
	if (!rc)
		rc = kq_hashes(next->dir.s, &hashes, error);
	if (!rc)
		rc = kq_plan_path(plan, "next.json", &file, error);
	if (!rc)
		rc = kq_json_save(file.s, hashes, error);
	if (rc)
		return rc;
	json_object_object_get_ex(plan->json, "files", &planned);
	*ret_changed = content->resolver->used.nr || kq_hashes_differ(planned, hashes);
	return 0;
}

int kq_next_is_in(const struct kq_plan *plan, bool *ret_is_in, struct kq_error *error)
{
	__cleanup(kq_json_done) struct json_object *next = NULL;
	__cleanup(kq_json_done) struct json_object *now = NULL;
	struct json_object *planned = NULL;
	struct kq_path file;
	struct stat st;
	int rc = kq_plan_path(plan, "next.json", &file, error);

	*ret_is_in = false;
	if (rc || lstat(file.s, &st))
		return rc;
	rc = kq_json_load(file.s, &next, error);
	if (!rc)
		rc = kq_hashes(plan->queue, &now, error);
	if (rc)
		return rc;
	json_object_object_get_ex(plan->json, "files", &planned);
	/* Where only resolutions are new, old and next look alike: doing it once more is the same.
	 */
	*ret_is_in = !kq_hashes_differ(next, now) && kq_hashes_differ(planned, next);
	return 0;
}

/* struct settling - two directories of resolutions */
struct settling {
	const char *pending;
	const char *queue;
};

static int settle_one(void *arg, const char *name, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf a = { 0 }, b = { 0 };
	const struct settling *s = arg;
	struct kq_path from, to;
	int rc = kq_path(&from, error, "%s/%s", s->pending, name);

	if (!rc)
		rc = kq_path(&to, error, "%s/%s", s->queue, name);
	if (rc)
		return rc;
	if (ks_file_load(from.s, KQ_MAX_FILE_BYTES, &a, NULL) ||
	    ks_file_load(to.s, KQ_MAX_FILE_BYTES, &b, NULL) ||
	    !ks_span_eq(ks_buf_span(&a), ks_buf_span(&b)))
		return 0;
	return unlink(from.s) ? kq_fail(error, -errno, "%s: %s", from.s, strerror(errno)) : 0;
}

int kq_next_settle(const char *pending, const char *queue, struct kq_error *error)
{
	struct settling s = { pending, queue };
	int rc;

	if (access(pending, F_OK))
		return 0;
	rc = kq_dir_walk(pending, settle_one, &s, error);
	/* It goes when nothing is left in it. */
	if (!rc)
		rmdir(pending);
	return rc;
}
