// SPDX-License-Identifier: LGPL-2.1-or-later
#include "text/git.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "text/file.h"
#include "text/text.h"

#define MAX_ARGS 48U

static const char *const env[] = {
	"GIT_*",
	"GIT_CONFIG_NOSYSTEM=1",
	"GIT_CONFIG_GLOBAL=/dev/null",
	"GIT_ATTR_NOSYSTEM=1",
	"GIT_PAGER=cat",
	"GIT_TERMINAL_PROMPT=0",
	"GIT_AUTHOR_NAME=kq",
	"GIT_AUTHOR_EMAIL=kq@localhost",
	"GIT_AUTHOR_DATE=@0 +0000",
	"GIT_COMMITTER_NAME=kq",
	"GIT_COMMITTER_EMAIL=kq@localhost",
	"GIT_COMMITTER_DATE=@0 +0000",
	"LC_ALL=C",
	"LANGUAGE",
	NULL,
};

static const char *const always[] = {
	"git",
	"-c", "core.autocrlf=false",
	"-c", "core.hooksPath=/dev/null",
	"-c", "core.fsmonitor=false",
	"-c", "core.quotePath=true",
	"-c", "diff.algorithm=myers",
	"-c", "diff.noprefix=false",
	"-c", "diff.mnemonicPrefix=false",
	"-c", "merge.conflictStyle=merge",
};

/* What a kernel tree's own .gitattributes says of section names, so that they stay as they were. */
static const char attributes[] =
	"*.[ch] diff=cpp\n*.dts diff=dts\n*.dts[io] diff=dts\n*.py diff=python\n*.rs diff=rust\n";

/* A message names git's verb, not our settings. */
static int fail_verb(const char *verb, const struct kq_child_end *end, struct kq_error *error)
{
	const char *const argv[] = { "git", verb, NULL };
	const struct kq_child child = { .argv = argv };

	return kq_child_fail(&child, end, error);
}

/* The person's own git, but not one that a hook or an alias points at another repository. */
const char *const kq_git_users_env[] = {
	"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY",
	"GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE", "GIT_PREFIX",
	NULL,
};

static int ask_users_git(const char *dir, const char *const *argv, struct kq_child_end *ret_end,
			 struct kq_error *error)
{
	const struct kq_child child = { .argv = argv, .env = kq_git_users_env, .dir = dir };

	return kq_child_run(&child, ret_end, error);
}

/* git has refused a repository of another owner, by what it knows without the person's settings. */
static bool is_refused_owner(const struct kq_child_end *end)
{
	return end->status == 128 && end->err.bytes &&
	       (memmem(end->err.p, end->err.bytes, "dubious ownership", 17) ||
		memmem(end->err.p, end->err.bytes, "unsafe repository", 17));
}

/* safe.directory is the person's, wherever git reads it from: so git is asked. */
static int check_owner(const char *dir, struct kq_error *error)
{
	static const char *const argv[] = { "git", "rev-parse", "--git-dir", NULL };
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	int rc = ask_users_git(dir, argv, &end, error);

	if (rc || !end.status)
		return rc;
	return kq_fail(error, -EACCES,
		       "%s: belongs to somebody else, and git does not trust it: git config "
		       "--global --add safe.directory DIR, with its full path",
		       dir ? dir : ".");
}

int kq_git_person(struct ks_buf *name, struct ks_buf *address, struct kq_error *error)
{
	static const char *const argv[] = { "git", "var", "GIT_AUTHOR_IDENT", NULL };
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	struct ks_span ident, line;
	const u8 *open, *close;
	int rc = ask_users_git(NULL, argv, &end, error);

	if (rc)
		return rc;
	ident = ks_buf_span(&end.out);
	if (end.status || !ks_span_line(&ident, &line))
		return fail_verb("var", &end, error);
	open = memchr(line.p, '<', line.bytes);
	close = memrchr(line.p, '>', line.bytes);
	if (!open || !close || close < open)
		return fail_verb("var", &end, error);
	ks_put(name, ks_span_trim(kq_head(line, (size_t)(open - line.p))));
	ks_put(address, kq_head(kq_tail(line, (size_t)(open - line.p) + 1),
				(size_t)(close - open) - 1));
	return name->err || address->err ? kq_no_memory(error) : 0;
}

static int run_trusting(const char *dir, const char *const *args, const struct kq_child *more,
			bool trusting, struct kq_child_end *ret_end, struct kq_error *error)
{
	const char *argv[KS_ARRAY_SIZE(always) + 2 + MAX_ARGS + 1];
	struct kq_child child = *more;
	size_t nr = KS_ARRAY_SIZE(always);

	memcpy(argv, always, sizeof(always));
	if (trusting) {
		argv[nr++] = "-c";
		argv[nr++] = "safe.directory=*";
	}
	for (; *args; args++) {
		if (nr == KS_ARRAY_SIZE(argv) - 1)
			return kq_fail(error, -EINVAL, "git: too many arguments");
		argv[nr++] = *args;
	}
	argv[nr] = NULL;
	child.argv = argv;
	child.env = env;
	child.dir = dir;
	return kq_child_run(&child, ret_end, error);
}

static int run_git(const char *dir, const char *const *args, const struct kq_child *more, bool must,
		   struct kq_child_end *ret_end, struct kq_error *error)
{
	int rc = run_trusting(dir, args, more, false, ret_end, error);

	if (!rc && is_refused_owner(ret_end)) {
		kq_child_end_done(ret_end);
		*ret_end = (struct kq_child_end){ 0 };
		rc = check_owner(dir, error);
		if (!rc)
			rc = run_trusting(dir, args, more, true, ret_end, error);
	}
	if (rc || !must || !ret_end->status)
		return rc;
	rc = fail_verb(args[0], ret_end, error);
	kq_child_end_done(ret_end);
	return rc;
}

int kq_git(const char *dir, const char *const *args, struct ks_span in,
	   struct kq_child_end *ret_end, struct kq_error *error)
{
	const struct kq_child child = { .in = in };

	return run_git(dir, args, &child, false, ret_end, error);
}

int kq_git_must(const char *dir, const char *const *args, struct ks_span in,
		struct kq_child_end *ret_end, struct kq_error *error)
{
	const struct kq_child child = { .in = in };

	return run_git(dir, args, &child, true, ret_end, error);
}

/* struct pair - the directory that git diff compares two files in; it cannot read /dev/fd */
struct pair {
	char dir[PATH_MAX];
	char old[NAME_MAX + 3];
	char new[NAME_MAX + 3];
};

static void remove_one(const char *dir, const char *name)
{
	char path[PATH_MAX + NAME_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) < (int)sizeof(path))
		unlink(path);
}

static void pair_done(struct pair *pair)
{
	if (!pair->dir[0])
		return;
	remove_one(pair->dir, pair->old);
	remove_one(pair->dir, pair->new);
	remove_one(pair->dir, "attributes");
	rmdir(pair->dir);
}

static int write_one(const char *dir, const char *name, struct ks_span content,
		     struct kq_error *error)
{
	__cleanup(ks_close_fd) int fd = -1;
	char path[PATH_MAX + NAME_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	while (fd >= 0 && content.bytes) {
		ssize_t n = write(fd, content.p, content.bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || !ks_span_sub(content, (u64)n, content.bytes - (size_t)n, &content))
			break;
	}
	if (fd < 0 || content.bytes)
		return kq_fail(error, -errno, "%s: %s", path, strerror(errno));
	return 0;
}

static int pair_make(struct pair *pair, struct ks_span old, struct ks_span new, const char *name,
		     struct kq_error *error)
{
	const char *base = strrchr(name, '/'), *tmp = getenv("TMPDIR");
	int rc;

	base = base ? base + 1 : name;
	snprintf(pair->old, sizeof(pair->old), "a-%.*s", NAME_MAX - 2, base);
	snprintf(pair->new, sizeof(pair->new), "b-%.*s", NAME_MAX - 2, base);
	if (snprintf(pair->dir, sizeof(pair->dir), "%s/kq-diff.XXXXXX",
		     tmp && tmp[0] ? tmp : "/tmp") >= (int)sizeof(pair->dir) ||
	    !mkdtemp(pair->dir)) {
		pair->dir[0] = '\0';
		return kq_fail(error, -errno, "cannot make a directory in TMPDIR: %s",
			       strerror(errno));
	}
	rc = write_one(pair->dir, pair->old, old, error);
	if (!rc)
		rc = write_one(pair->dir, pair->new, new, error);
	return rc ? rc : write_one(pair->dir, "attributes", ks_span_str(attributes), error);
}

/* The lines before the first @@ name our temporary files. */
static void keep_hunks(struct ks_span out, struct ks_buf *ret_hunks)
{
	struct ks_span rest = out, line;

	while (!kq_starts(rest, "@@ ") && ks_span_line(&rest, &line))
		;
	ks_put(ret_hunks, rest);
}

static int diff_contents(struct ks_span old, struct ks_span new, const char *name,
			 const char *const how[3], struct ks_buf *ret_hunks, struct kq_error *error)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	__cleanup(pair_done) struct pair pair = { .dir = "" };
	static const struct kq_child nothing = { 0 };
	const char *args[] = {
		/* Our own attributes; no repository, not even one around TMPDIR. */
		"--git-dir=/dev/null", "-c", "core.attributesFile=attributes", "diff", "--no-index",
		"--no-color", "--no-ext-diff", "--no-textconv", "--text", "--no-renames",
		"--inter-hunk-context=0", how[0], how[1], how[2], "--", pair.old, pair.new,
		NULL,
	};
	int rc;

	if (ks_span_eq(old, new))
		return 0;
	rc = pair_make(&pair, old, new, name, error);
	if (!rc)
		rc = run_git(pair.dir, args, &nothing, false, &end, error);
	if (rc)
		return rc;
	if (end.status != 1)
		return fail_verb("diff", &end, error);
	keep_hunks(ks_buf_span(&end.out), ret_hunks);
	return kq_buf_check(ret_hunks, error);
}

int kq_git_diff(struct ks_span old, struct ks_span new, const char *name, unsigned int context,
		struct ks_buf *ret_hunks, struct kq_error *error)
{
	char width[32];
	const char *const how[] = { "--diff-algorithm=myers", "--indent-heuristic", width };

	snprintf(width, sizeof(width), "--unified=%u", context);
	return diff_contents(old, new, name, how, ret_hunks, error);
}

int kq_git_diff_as_rebase(struct ks_span old, struct ks_span new, struct ks_buf *ret_hunks,
			  struct kq_error *error)
{
	static const char *const how[] = {
		"--diff-algorithm=histogram", "--no-indent-heuristic", "--unified=1",
	};

	return diff_contents(old, new, "f", how, ret_hunks, error);
}

int kq_git_mailinfo(struct ks_span mail, bool scissors, struct kq_child_end *ret_end,
		    struct kq_error *error)
{
	const struct kq_child child = { .in = mail, .nr_files = 2, .writes = true };
	const char *args[] = {
		"--git-dir=/dev/null", "mailinfo", "--encoding=UTF-8",
		scissors ? "--scissors" : "--no-scissors", "/dev/fd/3", "/dev/fd/4", NULL,
	};
	int rc = run_git(NULL, args, &child, false, ret_end, error);

	if (rc || !ret_end->status)
		return rc;
	rc = fail_verb("mailinfo", ret_end, error);
	kq_child_end_done(ret_end);
	return rc;
}

/* git's own test: a NUL within the first 8000 bytes. */
static bool is_binary(struct ks_span content)
{
	struct ks_span start = kq_head(content, 8000);

	return start.bytes && memchr(start.p, 0, start.bytes);
}

int kq_git_merge(const struct kq_merge *merge, bool marked, struct ks_buf *ret_content,
		 bool *ret_clean, struct kq_error *error)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	const struct kq_child child = {
		.file = { merge->ours, merge->base, merge->theirs }, .nr_files = 3,
	};
	const char *args[] = {
		/* No repository around us: its configuration would count. */
		"--git-dir=/dev/null", "merge-file", "-p", "-q",
		marked ? "--diff3" : "--marker-size=7",
		"-L", merge->ours_label, "-L", merge->base_label, "-L", merge->theirs_label,
		"/dev/fd/3", "/dev/fd/4", "/dev/fd/5", NULL,
	};
	int rc;

	if (is_binary(merge->base) || is_binary(merge->ours) || is_binary(merge->theirs))
		return kq_fail(error, -EOPNOTSUPP, "git merge-file: binary contents");
	rc = run_git(NULL, args, &child, false, &end, error);
	if (rc)
		return rc;
	/* The exit code is the number of conflicts, at most 127. */
	if (end.status > 127)
		return fail_verb("merge-file", &end, error);
	ks_buf_move(ret_content, &end.out);
	*ret_clean = !end.status;
	return 0;
}
