// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rebase/next_queue.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "queue/dropped.h"
#include "text/file.h"
#include "text/dir.h"

/* Hunks that the evidence names one by one. */
#define MAX_NAMED 8U

static bool is_dropped(enum kq_fate fate)
{
	return fate == KQ_FATE_UPSTREAM || fate == KQ_FATE_DROPPED;
}

static size_t nr_dropped(const struct kq_run *run)
{
	return run->nr_fates[KQ_FATE_UPSTREAM] + run->nr_fates[KQ_FATE_DROPPED];
}

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
	case KQ_FATE_DROPPED:
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
	size_t i = 0;
	u32 nr;

	if (!nr_dropped(run))
		return 0;
	for (nr = 1; ks_span_line(&rest, &line); nr++) {
		size_t end = text.bytes - rest.bytes;
		size_t start = (size_t)(line.p - text.p);

		if (i < run->stack.series.nr && run->step[i].entry->line == nr &&
		    is_dropped(run->step[i++].fate))
			continue;
		ks_put(&out, kq_head(kq_tail(text, start), end - start));
	}
	if (kq_buf_check(&out, error))
		return error->err;
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

		rc = kq_path(&from, error, "%s/%s", resolver->pending.s, name);
		if (!rc)
			rc = kq_path(&to, error, "resolutions/%s", name);
		if (!rc)
			rc = kq_path(&dir, error, "%s/resolutions", next->dir.s);
		if (!rc)
			rc = kq_dir_make(dir.s, error);
		if (!rc)
			rc = kq_file_load(from.s, KQ_MAX_FILE_BYTES, &content, error);
		if (!rc)
			rc = kq_next_put(next, to.s, ks_buf_span(&content), error);
	}
	return rc;
}

static void put_hunks(const struct kq_file_verdict *file, size_t *nr, struct ks_buf *out)
{
	char line[256];
	size_t i;

	for (i = 0; i < file->nr_hunks; i++, (*nr)++) {
		const struct kq_hunk_verdict *hunk = &file->hunk[i];

		if (*nr >= MAX_NAMED)
			continue;
		snprintf(line, sizeof(line), "%.*s:%zu %s", KQ_FMT(file->path), hunk->onto_idx + 1,
			 hunk->evidence ? hunk->evidence : "has it");
		if (out->bytes)
			ks_put_str(out, "; ");
		ks_put_str(out, line);
	}
}

static void put_given_up(const struct kq_file_verdict *file, struct ks_buf *out)
{
	ks_put(out, file->renamed ? ks_span_str(file->renamed) : file->path);
	ks_put_str(out, " stays as the new base has it, by a resolution");
	ks_put_str(out, file->reason.bytes ? ": " : "");
	ks_put(out, ks_buf_span(&file->reason));
}

void kq_evidence(const struct kq_step *step, struct ks_buf *out)
{
	const struct kq_verdict *verdict = &step->verdict;
	size_t i, nr = 0;
	char more[64];

	if (step->reason.bytes) {
		ks_put(out, ks_buf_span(&step->reason));
		return;
	}
	for (i = 0; i < verdict->nr_files; i++) {
		const struct kq_file_verdict *file = &verdict->file[i];

		if (file->outcome == KQ_GIVEN_UP) {
			ks_put_str(out, out->bytes ? "; " : "");
			put_given_up(file, out);
			continue;
		}
		put_hunks(file, &nr, out);
		if (file->nr_hunks || nr >= MAX_NAMED)
			continue;
		if (out->bytes)
			ks_put_str(out, "; ");
		ks_put(out, file->path);
		ks_put_str(out, file->change == KQ_DELETE ? " is gone" : " is the same");
	}
	if (nr > MAX_NAMED) {
		snprintf(more, sizeof(more), "; and %zu more", nr - MAX_NAMED);
		ks_put_str(out, more);
	}
}

static void put_row(const struct kq_plan *plan, const struct kq_step *step,
		    const struct kq_base base[2], struct ks_buf *out)
{
	__cleanup(ks_buf_done) struct ks_buf evidence = { 0 };
	struct kq_leaver leaver = {
		.name = step->entry->name,
		.sha256 = step->loaded->sha256.text,
		.patch = &step->loaded->patch,
		.base = { base[0].label, base[1].label },
		.upstream = step->fate != KQ_FATE_DROPPED,
		.time = plan->time,
	};

	kq_evidence(step, &evidence);
	leaver.evidence = ks_buf_span(&evidence);
	kq_dropped_put(&leaver, out);
}

/* What the run dropped, if anything; the date is the plan's. */
static int write_dropped(const struct kq_rebase *rebase, const struct kq_next *next,
			 struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf log = { 0 };
	const struct kq_run *run = &rebase->run;
	size_t i;
	int rc;

	if (!nr_dropped(run))
		return 0;
	rc = kq_dropped_load(next->dir.s, &log, error);
	if (rc)
		return rc;
	for (i = 0; i < run->stack.series.nr; i++)
		if (is_dropped(run->step[i].fate))
			put_row(&rebase->plan, &run->step[i], rebase->bases.base, &log);
	if (kq_buf_check(&log, error))
		return error->err;
	return kq_next_put(next, KQ_DROPPED_NAME, ks_buf_span(&log), error);
}

static int write_queue(const struct kq_rebase *rebase, const struct kq_next *next,
		       struct kq_error *error)
{
	const struct kq_run *run = &rebase->run;
	struct ks_span lock = ks_buf_span(&rebase->bases.lock);
	size_t i;
	int rc = 0;

	for (i = 0; i < run->stack.series.nr && !rc; i++)
		rc = write_patch(next, &run->step[i], error);
	if (!rc)
		rc = write_series(next, run, error);
	if (!rc)
		rc = write_dropped(rebase, next, error);
	if (!rc && lock.bytes)
		rc = kq_next_put(next, KQ_LOCK_NAME, lock, error);
	return rc;
}

int kq_next_write(const struct kq_rebase *rebase, bool trial, struct kq_next *next,
		  bool *ret_changed, struct kq_error *error)
{
	__cleanup(kq_json_done) struct json_object *hashes = NULL;
	struct json_object *planned = NULL;
	struct kq_path file;
	int rc = kq_next_begin(next, error);

	if (!rc && !trial)
		rc = write_queue(rebase, next, error);
	if (!rc)
		rc = add_resolutions(next, &rebase->resolver, error);
	if (!rc)
		rc = kq_dir_sync(next->dir.s, error);
	if (!rc)
		rc = kq_hashes(next->dir.s, &hashes, error);
	if (!rc)
		rc = kq_plan_path(&rebase->plan, "next.json", &file, error);
	if (!rc)
		rc = kq_json_save(file.s, hashes, error);
	if (rc)
		return rc;
	json_object_object_get_ex(rebase->plan.json, "files", &planned);
	*ret_changed = rebase->resolver.used.nr || kq_hashes_differ(planned, hashes);
	return 0;
}

int kq_next_is_in(const struct kq_plan *plan, bool *ret_is_in, struct kq_error *error)
{
	__cleanup(kq_json_done) struct json_object *next = NULL;
	__cleanup(kq_json_done) struct json_object *current = NULL;
	struct json_object *planned = NULL;
	struct kq_path file;
	struct stat st;
	int rc = kq_plan_path(plan, "next.json", &file, error);

	*ret_is_in = false;
	if (rc || lstat(file.s, &st))
		return rc;
	rc = kq_json_load(file.s, &next, error);
	if (!rc)
		rc = kq_hashes(plan->queue, &current, error);
	if (rc)
		return rc;
	json_object_object_get_ex(plan->json, "files", &planned);
	/* Where only resolutions are new, old and next look alike: doing it once more is the same.
	 */
	*ret_is_in = !kq_hashes_differ(next, current) && kq_hashes_differ(planned, next);
	return 0;
}

/* struct resolutions - two directories of resolutions */
struct resolutions {
	const char *pending;
	const char *queue;
};

static int drop_pending_one(void *arg, const char *name, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf a = { 0 }, b = { 0 };
	const struct resolutions *s = arg;
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

int kq_next_drop_pending(const char *pending, const char *queue, struct kq_error *error)
{
	struct resolutions s = { pending, queue };
	int rc;

	if (access(pending, F_OK))
		return 0;
	rc = kq_dir_walk(pending, drop_pending_one, &s, error);
	/* It goes when nothing is left in it. */
	if (!rc)
		rmdir(pending);
	return rc;
}
