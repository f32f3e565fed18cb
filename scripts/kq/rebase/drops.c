// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"
#include "rebase/plan.h"
#include "text/text.h"

static int load(const struct kq_plan *plan, struct kq_path *ret_path, struct ks_buf *ret_text,
		struct kq_error *error)
{
	struct ks_diag diag = { 0 };
	struct stat st;
	int rc = kq_plan_path(plan, "drops", ret_path, error);

	if (rc || lstat(ret_path->s, &st))
		return rc;
	if (ks_file_load(ret_path->s, KS_MAX_TEXT_BYTES, ret_text, &diag))
		return kq_fail_diag(error, &diag);
	return 0;
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
	struct ks_diag diag = { 0 };
	struct kq_path path;
	int rc = load(plan, &path, &text, error);

	if (rc)
		return rc;
	rest = ks_buf_span(&text);
	while (ks_span_line(&rest, &line))
		if (is_of(line, patch, &reason))
			ks_put(ret_reason, reason);
	return ks_buf_ok(ret_reason, &diag) ? kq_fail_diag(error, &diag) : 0;
}

static int check_reason(const char *reason, struct kq_error *error)
{
	const char *c;

	if (!ks_span_trim(ks_span_str(reason)).bytes || strlen(reason) > KQ_MAX_REASON_BYTES)
		return kq_fail(error, -EINVAL, "--accept: say why, in up to %u bytes",
			       KQ_MAX_REASON_BYTES);
	for (c = reason; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return kq_fail(error, -EINVAL, "--accept: one line, no control bytes");
	return 0;
}

int kq_drop_add(const struct kq_plan *plan, const char *patch, const char *reason,
		struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf old = { 0 };
	__cleanup(ks_buf_done) struct ks_buf new = { 0 };
	struct ks_span rest, line, ignored, all;
	struct ks_diag diag = { 0 };
	struct kq_path path;
	int rc = reason ? check_reason(reason, error) : 0;

	if (!rc)
		rc = load(plan, &path, &old, error);
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
	if (ks_buf_ok(&new, &diag))
		return kq_fail_diag(error, &diag);
	all = ks_buf_span(&new);
	return ks_file_publish(path.s, &all, 1, 0644, &diag) ? kq_fail_diag(error, &diag) : 0;
}

int kq_drop_each(const struct kq_plan *plan,
		 int (*visit)(void *arg, struct ks_span patch, struct ks_span reason,
			      struct kq_error *error),
		 void *arg, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct ks_span rest, line;
	struct kq_path path;
	int rc = load(plan, &path, &text, error);

	rest = ks_buf_span(&text);
	while (!rc && ks_span_line(&rest, &line)) {
		const u8 *tab = line.bytes ? memchr(line.p, '\t', line.bytes) : NULL;
		size_t n = tab ? (size_t)(tab - line.p) : line.bytes;

		rc = visit(arg, kq_head(line, n), kq_tail(line, tab ? n + 1 : n), error);
	}
	return rc;
}
