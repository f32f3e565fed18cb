// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stack/workdir.h"

#include <string.h>

#include "base/file.h"
#include "text/file.h"
#include "text/dir.h"
#include "text/text.h"

/* What editors, merge tools, taggers and compilers leave behind is not part of a patch. */
static const char exclude[] = "*~\n.*.sw?\n*.swp\n\\#*#\n.\\#*\n*.orig\n*.rej\n*.o\n*.cmd\n.*.tmp\n"
			      "tags\nTAGS\nGTAGS\nGRTAGS\nGPATH\ncscope.*\nncscope.*\n"
			      "*_BACKUP_*\n*_BASE_*\n*_LOCAL_*\n*_REMOTE_*\n";

/* The person's own git must neither sign nor convert: only the message and the files are taken. */
static const char config[] = "[commit]\n\tgpgSign = false\n"
			     "[merge]\n\tconflictStyle = diff3\n"
			     "[core]\n\tautocrlf = false\n\thooksPath = /dev/null\n";

/* For somebody whom git does not know, so that it does not ask. */
static const char nobody[] = "[user]\n\tname = kq\n\temail = kq@localhost\n";

int kq_workdir_put(const char *dir, struct ks_span name, const struct ks_span *parts,
		   size_t nr_parts, struct kq_error *error)
{
	struct ks_diag diag = { 0 };
	struct kq_path path;
	char *slash;
	int rc = kq_path(&path, error, "%s/%.*s", dir, (int)name.bytes, (const char *)name.p);

	if (rc)
		return rc;
	slash = strrchr(path.s, '/');
	*slash = '\0';
	rc = kq_dir_make(path.s, error);
	*slash = '/';
	if (!rc && ks_file_publish(path.s, parts, nr_parts, 0666, &diag))
		rc = kq_fail_diag(error, &diag);
	return rc;
}

int kq_workdir_git(const char *dir, const char *const *args, struct ks_span in,
		   char ret_id[KQ_COMMIT_BYTES], struct kq_error *error)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	struct ks_span id;
	int rc = kq_git_must(dir, args, in, &end, error);

	if (rc || !ret_id)
		return rc;
	id = ks_span_trim(ks_buf_span(&end.out));
	if (id.bytes < 40 || id.bytes > 64 || !kq_is_hex(id, id.bytes))
		return kq_fail(error, -EIO, "git %s: want an object's name", args[0]);
	memcpy(ret_id, id.p, id.bytes);
	ret_id[id.bytes] = '\0';
	return 0;
}

int kq_workdir_commit(const char *dir, struct ks_span message, char ret_id[KQ_COMMIT_BYTES],
		      struct kq_error *error)
{
	static const char *const add[] = { "add", "-A", "-f", ".", NULL };
	static const char *const make[] = { "commit", "-q", "--allow-empty", "--no-verify",
					    "--allow-empty-message", "--cleanup=verbatim", "-F",
					    "-", NULL };
	static const char *const which[] = { "rev-parse", "HEAD", NULL };
	struct ks_span none = { 0 };
	int rc = kq_workdir_git(dir, add, none, NULL, error);

	if (!rc)
		rc = kq_workdir_git(dir, make, message, NULL, error);
	return rc ? rc : kq_workdir_git(dir, which, none, ret_id, error);
}

/* Behind what git init wrote, which knows the file system. */
static int add_config(const char *dir, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 }, name = { 0 }, address = { 0 };
	struct kq_error unknown = { 0 };
	struct ks_span parts[3];
	struct kq_path path;
	int rc = kq_path(&path, error, "%s/.git/config", dir);

	if (rc)
		return rc;
	if (kq_file_load(path.s, 1U << 16, &text, error))
		return error->err;
	parts[0] = ks_buf_span(&text);
	parts[1] = ks_span_str(config);
	parts[2] = ks_span_str(kq_git_person(&name, &address, &unknown) ? nobody : "");
	return kq_workdir_put(dir, ks_span_str(".git/config"), parts, 3, error);
}

int kq_workdir_make(const char *dir, const char *branch, struct kq_error *error)
{
	const char *const init[] = { "init", "-q", "--template=", "-b", branch, ".", NULL };
	const struct ks_span ignored = ks_span_str(exclude);
	int rc = kq_dir_make(dir, error);

	if (!rc)
		rc = kq_workdir_git(dir, init, (struct ks_span){ 0 }, NULL, error);
	if (!rc)
		rc = add_config(dir, error);
	return rc ? rc : kq_workdir_put(dir, ks_span_str(".git/info/exclude"), &ignored, 1, error);
}
