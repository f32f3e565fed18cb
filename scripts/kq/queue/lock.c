// SPDX-License-Identifier: LGPL-2.1-or-later
#include "queue/lock.h"

#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "text/text.h"

/* A release's name is what a file of that name would be called. */
static bool read_release(struct ks_span value, struct kq_lock *lock)
{
	if (!kq_path_is_safe(value) || value.bytes >= sizeof(lock->release) ||
	    memchr(value.p, '/', value.bytes) || memchr(value.p, ' ', value.bytes))
		return false;
	memcpy(lock->release, value.p, value.bytes);
	return true;
}

static bool read_tarball(struct ks_span value, struct kq_lock *lock)
{
	if (kq_is(value, "-"))
		return true;
	if (!kq_is_hex(value, 64))
		return false;
	memcpy(lock->tarball.text, value.p, value.bytes);
	return true;
}

static bool read_tree(struct ks_span value, struct kq_lock *lock)
{
	if (!kq_is_hex(value, 40))
		return false;
	memcpy(lock->tree.text, value.p, value.bytes);
	return true;
}

static const struct row {
	const char *name;
	bool (*read)(struct ks_span value, struct kq_lock *lock);
} rows[] = {
	{ "release", read_release },
	{ "tarball", read_tarball },
	{ "tree", read_tree },
};

static int read_line(struct ks_span line, struct kq_lock *lock, bool seen[KS_ARRAY_SIZE(rows)],
		     const char **ret_what)
{
	struct ks_span word, value = { 0 };
	size_t i;

	if (kq_starts(line, "#") || !ks_span_word(&line, &word))
		return 0;
	*ret_what = "want 'release', 'tarball' or 'tree'";
	for (i = 0; i < KS_ARRAY_SIZE(rows); i++)
		if (kq_is(word, rows[i].name))
			break;
	if (i == KS_ARRAY_SIZE(rows))
		return -EBADMSG;
	*ret_what = "is there twice";
	if (seen[i])
		return -EBADMSG;
	seen[i] = true;
	*ret_what = "is not a valid value";
	if (!ks_span_word(&line, &value) || ks_span_trim(line).bytes)
		return -EBADMSG;
	return rows[i].read(value, lock) ? 0 : -EBADMSG;
}

static int read_lock(struct ks_span text, const char *path, struct kq_lock *lock,
		     struct kq_error *error)
{
	bool seen[KS_ARRAY_SIZE(rows)] = { false };
	struct ks_span line;
	const char *what;
	u32 nr = 0;
	size_t i;

	while (ks_span_line(&text, &line)) {
		nr++;
		if (read_line(line, lock, seen, &what))
			return kq_fail(error, -EBADMSG, "%s:%u: %s: '%.*s'", path, nr, what,
				       KQ_FMT(line));
	}
	for (i = 0; i < KS_ARRAY_SIZE(rows); i++)
		if (!seen[i])
			return kq_fail(error, -EBADMSG, "%s: no line '%s'", path, rows[i].name);
	return 0;
}

int kq_lock_load(const char *dir, struct kq_lock *ret_lock, bool *ret_found, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct ks_diag diag = { 0 };
	struct kq_lock lock = { 0 };
	struct kq_path path;
	int rc = kq_path(&path, error, "%s/" KQ_LOCK_NAME, dir);

	if (rc)
		return rc;
	rc = ks_file_load(path.s, KS_MAX_TEXT_BYTES, &text, &diag);
	if (rc && rc != -ENOENT)
		return kq_fail_diag(error, &diag);
	*ret_found = false;
	if (rc)
		return 0;
	rc = read_lock(ks_buf_span(&text), path.s, &lock, error);
	if (rc)
		return rc;
	*ret_lock = lock;
	*ret_found = true;
	return 0;
}

void kq_lock_format(struct ks_buf *text, const struct kq_lock *lock)
{
	/* REUSE-IgnoreStart */
	ks_put_str(text, "# SPDX-License-Identifier: GPL-2.0-only\n"
			 "# What the queue is made on, written by kq; see kq(1)\n"
			 "release ");
	/* REUSE-IgnoreEnd */
	ks_put_str(text, lock->release);
	ks_put_str(text, "\ntarball ");
	ks_put_str(text, lock->tarball.text[0] ? lock->tarball.text : "-");
	ks_put_str(text, "\ntree ");
	ks_put_str(text, lock->tree.text);
	ks_put_u8(text, '\n');
}

int kq_lock_check(const char *dir, const struct kq_lock *lock, const struct kq_lock *base,
		  bool pinned, struct kq_error *error)
{
	if (strcmp(lock->release, base->release))
		return kq_fail(error, KQ_REFUSED,
			       "%s/" KQ_LOCK_NAME
			       ": the queue is made on %s, this is %s; kq rebase moves it",
			       dir, lock->release, base->release);
	if (!base->tree.text[0] || !strcmp(lock->tree.text, base->tree.text))
		return 0;
	if (base->tarball.text[0] && !strcmp(lock->tarball.text, base->tarball.text))
		return kq_fail(
			error, KQ_REFUSED,
			"%s/" KQ_LOCK_NAME
			": the tarball is the same, but tree %s is not what it unpacks to, %s",
			dir, lock->tree.text, base->tree.text);
	if (pinned)
		return 0;
	return kq_fail(error, KQ_REFUSED,
		       "%s/" KQ_LOCK_NAME
		       ": another %s: tree %s instead of %s, and linux/PIN does not list it",
		       dir, base->release, base->tree.text, lock->tree.text);
}
