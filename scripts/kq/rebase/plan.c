// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rebase/plan.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/limits.h"
#include "text/digest.h"
#include "text/file.h"
#include "text/dir.h"
#include "text/text.h"

#define FORMAT 1

void kq_plan_done(struct kq_plan *plan)
{
	kq_json_done(&plan->json);
}

int kq_plan_path(const struct kq_plan *plan, const char *name, struct kq_path *ret_path,
		 struct kq_error *error)
{
	return kq_path(ret_path, error, "%s/%s", plan->dir.s, name);
}

/* struct hashing - the files directly in the queue's directory; those below are for later conflicts */
struct hashing {
	struct json_object *pins;
	const char *queue;
};

static int hash_file(void *arg, const char *name, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	const struct hashing *p = arg;
	struct kq_path path;
	struct kq_hex hex;
	int rc;

	if (strchr(name, '/'))
		return 0;
	rc = kq_path(&path, error, "%s/%s", p->queue, name);
	if (!rc)
		rc = kq_file_load(path.s, KQ_MAX_PATCH_BYTES, &content, error);
	if (!rc)
		rc = kq_sha256(ks_buf_span(&content), &hex, error);
	if (!rc)
		kq_json_str(p->pins, name, hex.text);
	return rc;
}

int kq_hashes(const char *queue, struct json_object **ret_hashes, struct kq_error *error)
{
	__cleanup(kq_json_done) struct json_object *pins = json_object_new_object();
	int rc = kq_dir_walk(queue, hash_file, &(struct hashing){ pins, queue }, error);

	if (rc)
		return rc;
	*ret_hashes = pins;
	pins = NULL;
	return 0;
}

static const char *missing_or_other(struct json_object *a, struct json_object *b)
{
	struct json_object_iterator it = json_object_iter_begin(a), end = json_object_iter_end(a);

	for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it)) {
		const char *name = json_object_iter_peek_name(&it);

		if (strcmp(kq_json_get(a, name), kq_json_get(b, name)))
			return name;
	}
	return NULL;
}

const char *kq_hashes_differ(struct json_object *a, struct json_object *b)
{
	const char *name = missing_or_other(a, b);

	return name ? name : missing_or_other(b, a);
}

static void read_texts(struct kq_plan *plan)
{
	plan->queue = kq_json_get(plan->json, "queue");
	plan->from = kq_json_get(plan->json, "from");
	plan->to = kq_json_get(plan->json, "to");
	plan->sku = kq_json_get(plan->json, "sku");
	plan->time = (u64)kq_json_get_int(plan->json, "time");
}

static int plan_file(const char *state, struct kq_plan *plan, struct kq_path *ret_file,
		     struct kq_error *error)
{
	int rc = kq_path(&plan->state, error, "%s", state);

	if (!rc)
		rc = kq_path(&plan->dir, error, "%s/rebase", state);
	return rc ? rc : kq_plan_path(plan, "plan.json", ret_file, error);
}

int kq_plan_is_free(const struct kq_plan *plan, struct kq_error *error)
{
	struct kq_path file;
	struct stat st;
	int rc = kq_plan_path(plan, "plan.json", &file, error);

	if (!rc && !lstat(file.s, &st))
		rc = kq_fail(error, KQ_REFUSED,
			     "%s: a rebase is under way; kq continue or kq abort", plan->dir.s);
	return rc;
}

int kq_plan_start(const char *state, const char *queue, const char *sku, const char *const base[2],
		  struct kq_plan *ret_plan, struct kq_error *error)
{
	__cleanup(kq_plan_done) struct kq_plan plan = { 0 };
	struct json_object *pins;
	struct ks_diag diag = { 0 };
	struct kq_path file;
	u64 now;
	int rc = plan_file(state, &plan, &file, error);

	if (!rc)
		rc = kq_plan_is_free(&plan, error);
	if (!rc && ks_clock_build_time(&now, &diag))
		rc = kq_fail_diag(error, &diag);
	if (!rc)
		rc = kq_hashes(queue, &pins, error);
	if (rc)
		return rc;
	plan.json = json_object_new_object();
	kq_json_int(plan.json, "kq_rebase", FORMAT);
	kq_json_str(plan.json, "queue", queue);
	kq_json_str(plan.json, "from", base[0]);
	kq_json_str(plan.json, "to", base[1]);
	kq_json_str(plan.json, "sku", sku);
	kq_json_int(plan.json, "time", (int64_t)now);
	json_object_object_add(plan.json, "files", pins);
	read_texts(&plan);
	*ret_plan = plan;
	plan = (struct kq_plan){ 0 };
	return 0;
}

int kq_plan_save(struct kq_plan *plan, const char *const id[2], struct kq_error *error)
{
	struct kq_path path;
	int rc;

	kq_json_str(plan->json, "from_id", id[0]);
	kq_json_str(plan->json, "to_id", id[1]);
	/* What an aborted rebase may have left must not count for this one. */
	rc = kq_dir_remove(plan->dir.s, error);
	if (!rc)
		rc = kq_dir_make(plan->dir.s, error);
	if (!rc)
		rc = kq_plan_path(plan, "plan.json", &path, error);
	return rc ? rc : kq_json_save(path.s, plan->json, error);
}

int kq_plan_load(const char *state, struct kq_plan *ret_plan, struct kq_error *error)
{
	__cleanup(kq_plan_done) struct kq_plan plan = { 0 };
	struct json_object *pins;
	struct kq_path file;
	struct stat st;
	int rc = plan_file(state, &plan, &file, error);

	/* Where it is, for kq abort, even if it cannot be read. */
	ret_plan->state = plan.state;
	ret_plan->dir = plan.dir;
	if (!rc && lstat(file.s, &st))
		return kq_fail(error, KQ_REFUSED,
			       "%s: no rebase is under way; kq rebase starts one", plan.dir.s);
	if (!rc)
		rc = kq_json_load(file.s, &plan.json, error);
	if (rc)
		return rc;
	read_texts(&plan);
	if (kq_json_get_int(plan.json, "kq_rebase") != FORMAT || !*plan.queue || !*plan.from ||
	    !*plan.to || !json_object_object_get_ex(plan.json, "files", &pins))
		return kq_fail(error, -EBADMSG, "%s: is not a plan of this kq; kq abort removes it",
			       file.s);
	*ret_plan = plan;
	plan = (struct kq_plan){ 0 };
	return 0;
}

int kq_plan_check(const struct kq_plan *plan, const char *const id[2], struct kq_error *error)
{
	__cleanup(kq_json_done) struct json_object *current = NULL;
	struct json_object *planned;
	const char *name;
	int rc = kq_hashes(plan->queue, &current, error);

	if (rc || !json_object_object_get_ex(plan->json, "files", &planned))
		return rc ? rc : kq_fail(error, -EBADMSG, "%s: names no files", plan->dir.s);
	name = kq_hashes_differ(planned, current);
	if (name)
		return kq_fail(error, KQ_REFUSED,
			       "%s/%s: changed since the rebase began; put it back, or kq abort "
			       "and begin again",
			       plan->queue, name);
	if (id && strcmp(id[0], kq_json_get(plan->json, "from_id")))
		return kq_fail(error, KQ_REFUSED, "%s: is not the old base that it was; kq abort",
			       plan->from);
	if (id && strcmp(id[1], kq_json_get(plan->json, "to_id")))
		return kq_fail(error, KQ_REFUSED, "%s: is not the new base that it was; kq abort",
			       plan->to);
	return 0;
}

static int load_drops(const struct kq_plan *plan, struct kq_path *ret_path, struct ks_buf *ret_text,
		      struct kq_error *error)
{
	struct stat st;
	int rc = kq_plan_path(plan, "drops", ret_path, error);

	if (rc || lstat(ret_path->s, &st))
		return rc;
	return kq_file_load(ret_path->s, KS_MAX_TEXT_BYTES, ret_text, error);
}

/* "PATCH<tab>REASON" with PATCH as wanted. */
static bool is_of(struct ks_span line, const char *patch, struct ks_span *ret_reason)
{
	if (!kq_take(&line, patch) || !kq_take(&line, "\t"))
		return false;
	*ret_reason = line;
	return true;
}

int kq_drop_find(const struct kq_plan *plan, const char *patch, struct ks_buf *ret_reason,
		 struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct ks_span rest, line, reason;
	struct kq_path path;
	int rc = load_drops(plan, &path, &text, error);

	if (rc)
		return rc;
	rest = ks_buf_span(&text);
	while (ks_span_line(&rest, &line))
		if (is_of(line, patch, &reason))
			ks_put(ret_reason, reason);
	return kq_buf_check(ret_reason, error);
}

static int check_reason(const char *reason, struct kq_error *error)
{
	const char *c;

	if (!ks_span_trim(ks_span_str(reason)).bytes || strlen(reason) > KQ_MAX_REASON_BYTES)
		return kq_fail(error, -EINVAL, "--reason: say why, in up to %u bytes",
			       KQ_MAX_REASON_BYTES);
	for (c = reason; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return kq_fail(error, -EINVAL, "--reason: one line, no control bytes");
	return 0;
}

int kq_drop_add(const struct kq_plan *plan, const char *patch, const char *reason,
		struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf old = { 0 };
	__cleanup(ks_buf_done) struct ks_buf new = { 0 };
	struct ks_span rest, line, ignored;
	struct kq_path path;
	int rc = reason ? check_reason(reason, error) : 0;

	if (!rc)
		rc = load_drops(plan, &path, &old, error);
	if (rc)
		return rc;
	rest = ks_buf_span(&old);
	while (ks_span_line(&rest, &line)) {
		if (is_of(line, patch, &ignored))
			continue;
		ks_put(&new, line);
		ks_put_str(&new, "\n");
	}
	if (reason) {
		ks_put_str(&new, patch);
		ks_put_str(&new, "\t");
		ks_put_str(&new, reason);
		ks_put_str(&new, "\n");
	}
	return kq_file_publish(path.s, &new, 0644, error);
}

int kq_drop_each(const struct kq_plan *plan,
		 int (*visit)(void *arg, struct ks_span patch, struct ks_span reason,
			      struct kq_error *error),
		 void *arg, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct ks_span rest, line;
	struct kq_path path;
	int rc = load_drops(plan, &path, &text, error);

	rest = ks_buf_span(&text);
	while (!rc && ks_span_line(&rest, &line)) {
		const u8 *tab = line.bytes ? memchr(line.p, '\t', line.bytes) : NULL;
		size_t n = tab ? (size_t)(tab - line.p) : line.bytes;

		rc = visit(arg, kq_head(line, n), kq_tail(line, tab ? n + 1 : n), error);
	}
	return rc;
}
