// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rebase/next_queue.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "rebase/dropped.h"
#include "text/folder.h"

/* "patches/6.18" becomes "patches/.6.18.kq". */
static int beside(const char *queue, const char *suffix, struct kq_path *ret_path,
		  struct kq_fault *fault)
{
	size_t bytes = strlen(queue), start;

	while (bytes > 1 && queue[bytes - 1] == '/')
		bytes--;
	for (start = bytes; start && queue[start - 1] != '/';)
		start--;
	if (queue[start] == '.' || start == bytes)
		return kq_fail(fault, -EINVAL, "%s: name the queue's folder itself", queue);
	return kq_path(ret_path, fault, "%.*s.%.*s%s", (int)start, queue, (int)(bytes - start),
		       queue + start, suffix);
}

static int both(const struct kq_plan *plan, struct kq_path *ret_next, struct kq_path *ret_old,
		struct kq_fault *fault)
{
	int rc = beside(plan->queue, ".kq", ret_next, fault);

	return rc ? rc : beside(plan->queue, ".kq-old", ret_old, fault);
}

static int publish(const char *dir, const char *name, struct ks_span content,
		   struct kq_fault *fault)
{
	struct ks_diag diag = { 0 };
	struct kq_path path;
	int rc = kq_path(&path, fault, "%s/%s", dir, name);

	if (!rc && ks_file_publish(path.s, &content, 1, 0644, &diag))
		rc = kq_fail_diag(fault, &diag);
	return rc;
}

static int write_patch(const char *dir, const struct kq_step *step, struct kq_fault *fault)
{
	struct ks_span text = ks_buf_span(&step->judgement.text);
	const char *name = step->entry->name;
	struct kq_path path;
	int rc;

	switch (step->fate) {
	case KQ_FATE_KEPT:
	case KQ_FATE_PARTIAL:
	case KQ_FATE_MERGED:
		if (ks_span_eq(text, ks_buf_span(&step->loaded.text)))
			return 0;
		return publish(dir, name, text, fault);
	case KQ_FATE_UPSTREAM:
	case KQ_FATE_ACCEPTED:
		rc = kq_path(&path, fault, "%s/%s", dir, name);
		if (!rc && unlink(path.s))
			rc = kq_fail(fault, -errno, "%s: %s", path.s, strerror(errno));
		return rc;
	default:
		return kq_fail(fault, -EINVAL, "%s: has no outcome", name);
	}
}

/* The series as it was, without the lines of dropped patches. */
static int write_series(const char *dir, const struct kq_run *run, struct kq_fault *fault)
{
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	struct ks_span text = ks_buf_span(&run->series.text), line, rest = text;
	struct ks_diag diag = { 0 };
	size_t i = 0;
	u32 nr;

	if (!run->nr_fates[KQ_FATE_UPSTREAM] && !run->nr_fates[KQ_FATE_ACCEPTED])
		return 0;
	for (nr = 1; ks_span_line(&rest, &line); nr++) {
		size_t end = text.bytes - rest.bytes;
		size_t start = (size_t)(line.p - text.p);

		if (i < run->series.nr && run->step[i].entry->line == nr) {
			enum kq_fate fate = run->step[i++].fate;

			if (fate == KQ_FATE_UPSTREAM || fate == KQ_FATE_ACCEPTED)
				continue;
		}
		ks_put(&out, kq_head(kq_tail(text, start), end - start));
	}
	if (ks_buf_ok(&out, &diag))
		return kq_fail_diag(fault, &diag);
	return publish(dir, "series", ks_buf_span(&out), fault);
}

/* struct adding - new resolutions on their way into the next folder */
struct adding {
	const char *from;
	const char *to;
	size_t nr;
};

static int add_resolution(void *arg, const char *name, struct kq_fault *fault)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	struct adding *adding = arg;
	struct ks_diag diag = { 0 };
	struct kq_path path;
	int rc;

	/* Half a file that a kill left on its way is none. */
	if (!kq_is_hex(ks_span_str(name), 64))
		return 0;
	rc = kq_path(&path, fault, "%s/%s", adding->from, name);
	if (!rc && ks_file_load(path.s, KQ_MAX_FILE_BYTES, &content, &diag))
		rc = kq_fail_diag(fault, &diag);
	if (!rc && !adding->nr++)
		rc = kq_folder_make(adding->to, fault);
	return rc ? rc : publish(adding->to, name, ks_buf_span(&content), fault);
}

static int add_resolutions(const struct kq_plan *plan, const char *dir, size_t *ret_nr,
			   struct kq_fault *fault)
{
	struct kq_path from, to;
	struct adding adding = { from.s, to.s, 0 };
	int rc = kq_plan_path(plan, "resolutions", &from, fault);

	if (!rc)
		rc = kq_path(&to, fault, "%s/resolutions", dir);
	if (!rc)
		rc = kq_folder_walk(from.s, add_resolution, &adding, fault);
	*ret_nr = adding.nr;
	return rc;
}

static int write_queue(const struct kq_plan *plan, const struct kq_run *run,
		       const struct kq_base base[2], struct ks_span lock, const char *dir,
		       struct kq_fault *fault)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < run->series.nr && !rc; i++)
		rc = write_patch(dir, &run->step[i], fault);
	if (!rc)
		rc = write_series(dir, run, fault);
	if (!rc)
		rc = kq_dropped_write(plan, run, base, dir, fault);
	if (!rc && lock.bytes)
		rc = publish(dir, "base.lock", lock, fault);
	return rc;
}

int kq_next_write(const struct kq_plan *plan, const struct kq_run *run,
		  const struct kq_base base[2], struct ks_span lock, bool resolutions_only,
		  bool *ret_changed, struct kq_fault *fault)
{
	__cleanup(kq_json_done) struct json_object *next = NULL;
	struct json_object *planned = NULL;
	struct kq_path dir, old, file;
	size_t nr_resolutions = 0;
	int rc = both(plan, &dir, &old, fault);

	if (!rc)
		rc = kq_folder_remove(dir.s, fault);
	if (!rc)
		rc = kq_folder_copy(plan->queue, dir.s, fault);
	if (!rc && !resolutions_only)
		rc = write_queue(plan, run, base, lock, dir.s, fault);
	if (!rc)
		rc = add_resolutions(plan, dir.s, &nr_resolutions, fault);
	if (!rc)
		rc = kq_folder_sync(dir.s, fault);
	if (!rc)
		rc = kq_hashes(dir.s, &next, fault);
	if (!rc)
		rc = kq_plan_path(plan, "next.json", &file, fault);
	if (!rc)
		rc = kq_json_save(file.s, next, fault);
	if (rc)
		return rc;
	json_object_object_get_ex(plan->json, "files", &planned);
	*ret_changed = nr_resolutions || kq_hashes_differ(planned, next);
	return 0;
}

int kq_next_swap(const struct kq_plan *plan, struct kq_fault *fault)
{
	struct kq_path next, old;
	int rc = both(plan, &next, &old, fault);

	return rc ? rc : kq_folder_swap(plan->queue, next.s, old.s, fault);
}

int kq_next_is_in(const struct kq_plan *plan, bool *ret_is_in, struct kq_fault *fault)
{
	__cleanup(kq_json_done) struct json_object *next = NULL;
	__cleanup(kq_json_done) struct json_object *now = NULL;
	struct json_object *planned = NULL;
	struct kq_path file;
	struct stat st;
	int rc = kq_plan_path(plan, "next.json", &file, fault);

	*ret_is_in = false;
	if (rc || lstat(file.s, &st))
		return rc;
	rc = kq_json_load(file.s, &next, fault);
	if (!rc)
		rc = kq_hashes(plan->queue, &now, fault);
	if (rc)
		return rc;
	json_object_object_get_ex(plan->json, "files", &planned);
	/* Where only resolutions are new, old and next look alike: doing it once more is the same.
	 */
	*ret_is_in = !kq_hashes_differ(next, now) && kq_hashes_differ(planned, next);
	return 0;
}

int kq_next_remove(const struct kq_plan *plan, struct kq_fault *fault)
{
	struct kq_path next, old;
	int rc = both(plan, &next, &old, fault);

	if (!rc)
		rc = kq_folder_remove(next.s, fault);
	return rc ? rc : kq_folder_remove(old.s, fault);
}

int kq_next_repair(const struct kq_plan *plan, struct kq_fault *fault)
{
	struct kq_path next, old;
	int rc = both(plan, &next, &old, fault);

	return rc ? rc : kq_folder_unswap(plan->queue, old.s, fault);
}
