// SPDX-License-Identifier: LGPL-2.1-or-later
#include "text/file.h"

#include "base/file.h"

int kq_buf_check(const struct ks_buf *buf, struct kq_error *error)
{
	struct ks_diag diag = { 0 };

	return ks_buf_ok(buf, &diag) ? kq_fail_diag(error, &diag) : 0;
}

int kq_file_load(const char *path, u64 max_bytes, struct ks_buf *ret_text, struct kq_error *error)
{
	struct ks_diag diag = { 0 };

	return ks_file_load(path, max_bytes, ret_text, &diag) ? kq_fail_diag(error, &diag) : 0;
}

int kq_file_publish(const char *path, const struct ks_buf *text, mode_t mode,
		    struct kq_error *error)
{
	const struct ks_span all = ks_buf_span(text);
	struct ks_diag diag = { 0 };
	int rc = kq_buf_check(text, error);

	if (!rc && ks_file_publish(path, &all, 1, mode, &diag))
		rc = kq_fail_diag(error, &diag);
	return rc;
}
