// SPDX-License-Identifier: LGPL-2.1-or-later
#include "text/child.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/file.h"

#define MAX_ERR_BYTES 4096U
/* Above the numbers that the child gets, so that no dup2() overwrites a source. */
#define FIRST_FREE_FD 16

/* struct pipes - our ends and the child's; -1 is none */
struct pipes {
	int in;
	int file[KQ_CHILD_FILES];
	int out_read;
	int out_write;
	int err;
};

static void pipes_done(struct pipes *p)
{
	size_t i;

	ks_close_fd(&p->in);
	for (i = 0; i < KQ_CHILD_FILES; i++)
		ks_close_fd(&p->file[i]);
	ks_close_fd(&p->out_read);
	ks_close_fd(&p->out_write);
	ks_close_fd(&p->err);
}

void kq_child_end_done(struct kq_child_end *end)
{
	size_t i;

	ks_buf_done(&end->out);
	ks_buf_done(&end->err);
	for (i = 0; i < KQ_CHILD_FILES; i++)
		ks_buf_done(&end->file[i]);
}

static int fail_sys(const struct kq_child *child, int err, struct kq_error *error)
{
	return kq_fail(error, -err, "%s: %s", child->argv[0], strerror(err));
}

/* Moves *@fd out of the way of the numbers that the child gets. */
static int move_up(const struct kq_child *child, int *fd, struct kq_error *error)
{
	int moved = fcntl(*fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD);

	if (moved < 0)
		return fail_sys(child, errno, error);
	ks_close_fd(fd);
	*fd = moved;
	return 0;
}

/* A file without a name: the child may open it anew, seek in it and ask for its size. */
static int make_file(const struct kq_child *child, struct ks_span content, int *ret_fd,
		     struct kq_error *error)
{
	*ret_fd = memfd_create("kq", MFD_CLOEXEC);
	if (*ret_fd < 0)
		return fail_sys(child, errno, error);
	while (content.bytes) {
		ssize_t n = write(*ret_fd, content.p, content.bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || !ks_span_sub(content, (u64)n, content.bytes - (size_t)n, &content))
			return fail_sys(child, errno, error);
	}
	if (lseek(*ret_fd, 0, SEEK_SET) < 0)
		return fail_sys(child, errno, error);
	return move_up(child, ret_fd, error);
}

static int make_pipes(const struct kq_child *child, struct pipes *p, struct kq_error *error)
{
	int ends[2];
	size_t i;
	int rc = make_file(child, child->in, &p->in, error);

	for (i = 0; i < child->nr_files && !rc; i++)
		rc = make_file(child, child->file[i], &p->file[i], error);
	if (!rc)
		rc = make_file(child, (struct ks_span){ 0 }, &p->err, error);
	if (rc)
		return rc;
	if (pipe2(ends, O_CLOEXEC))
		return fail_sys(child, errno, error);
	p->out_read = ends[0];
	p->out_write = ends[1];
	return move_up(child, &p->out_write, error);
}

/* @entry is "NAME=value"; @name is "NAME=other", "NAME" or "NA*". */
static bool is_named(const char *entry, const char *name)
{
	size_t n = strcspn(name, "=*");

	return !strncmp(entry, name, n) && (name[n] == '*' || entry[n] == '=' || !entry[n]);
}

/* Ours, without the names in child->env, then those of them that have a value. */
static int make_env(const struct kq_child *child, const char ***ret_env, struct kq_error *error)
{
	size_t nr_ours = 0, nr_own = 0, nr = 0, i, k;
	const char **env;

	while (environ[nr_ours])
		nr_ours++;
	while (child->env && child->env[nr_own])
		nr_own++;
	env = calloc(nr_ours + nr_own + 1, sizeof(*env));
	if (!env)
		return kq_no_memory(error);
	for (i = 0; i < nr_ours; i++) {
		for (k = 0; k < nr_own && !is_named(environ[i], child->env[k]); k++)
			;
		if (k == nr_own)
			env[nr++] = environ[i];
	}
	for (k = 0; k < nr_own; k++)
		if (strchr(child->env[k], '='))
			env[nr++] = child->env[k];
	*ret_env = env;
	return 0;
}

static int set_actions(const struct kq_child *child, const struct pipes *p,
		       posix_spawn_file_actions_t *actions)
{
	size_t i;
	int rc = 0;

	if (!child->terminal) {
		rc = posix_spawn_file_actions_adddup2(actions, p->in, STDIN_FILENO);
		if (!rc)
			rc = posix_spawn_file_actions_adddup2(actions, p->out_write, STDOUT_FILENO);
		if (!rc && !child->loud)
			rc = posix_spawn_file_actions_adddup2(actions, p->err, STDERR_FILENO);
	}
	for (i = 0; i < child->nr_files && !rc; i++)
		rc = posix_spawn_file_actions_adddup2(actions, p->file[i],
						      STDERR_FILENO + 1 + (int)i);
	if (!rc && child->dir)
		rc = posix_spawn_file_actions_addchdir_np(actions, child->dir);
	return rc;
}

static void free_env(const char ***env)
{
	free(*env);
}

static int start_child(const struct kq_child *child, const struct pipes *p, pid_t *ret_pid,
		       struct kq_error *error)
{
	__cleanup(free_env) const char **env = NULL;
	posix_spawn_file_actions_t actions;
	int rc = make_env(child, &env, error);

	if (rc)
		return rc;
	rc = posix_spawn_file_actions_init(&actions);
	if (rc)
		return fail_sys(child, rc, error);
	rc = set_actions(child, p, &actions);
	if (!rc)
		rc = posix_spawnp(ret_pid, child->argv[0], &actions, NULL,
				  (char *const *)(uintptr_t)child->argv,
				  (char *const *)(uintptr_t)env);
	posix_spawn_file_actions_destroy(&actions);
	/* A directory that is missing is reported as a program that is missing. */
	if (rc && child->dir && access(child->dir, X_OK))
		return kq_fail(error, -errno, "%s: cannot run %s there: %s", child->dir,
			       child->argv[0], strerror(errno));
	return rc ? fail_sys(child, rc, error) : 0;
}

static int read_all(const struct kq_child *child, int fd, struct ks_buf *out,
		    struct kq_error *error)
{
	u64 max = child->max_out_bytes ? child->max_out_bytes : KQ_CHILD_MAX_BYTES;
	struct ks_diag diag = { 0 };
	int rc = ks_file_read(fd, child->argv[0], 0, max, out, &diag);

	if (rc == -E2BIG)
		return kq_fail(error, rc, "%s: prints more than %llu bytes", child->argv[0],
			       (unsigned long long)max);
	return rc ? kq_fail_diag(error, &diag) : 0;
}

/* Only the first part: it becomes a message. */
static void read_err(int fd, struct ks_buf *err)
{
	u8 *room = ks_put_room(err, MAX_ERR_BYTES);
	ssize_t n = room ? pread(fd, room, MAX_ERR_BYTES, 0) : 0;

	ks_put_done(err, n > 0 ? (u64)n : 0);
}

static int end_of(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 128;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int kq_child_run(const struct kq_child *child, struct kq_child_end *ret_end, struct kq_error *error)
{
	__cleanup(pipes_done) struct pipes p = { -1, { -1, -1, -1 }, -1, -1, -1 };
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	size_t i;
	pid_t pid;
	int rc;

	if (child->nr_files > KQ_CHILD_FILES)
		return kq_fail(error, -EINVAL, "%s: too many files", child->argv[0]);
	rc = make_pipes(child, &p, error);
	if (!rc)
		rc = start_child(child, &p, &pid, error);
	if (rc)
		return rc;
	ks_close_fd(&p.out_write);
	if (!child->terminal)
		rc = read_all(child, p.out_read, &end.out, error);
	if (rc)
		kill(pid, SIGKILL);
	end.status = end_of(pid);
	for (i = 0; i < child->nr_files && child->writes && !rc; i++)
		rc = read_all(child, p.file[i], &end.file[i], error);
	if (rc)
		return rc;
	read_err(p.err, &end.err);
	*ret_end = end;
	end = (struct kq_child_end){ 0 };
	return 0;
}

int kq_child_fail(const struct kq_child *child, const struct kq_child_end *end,
		  struct kq_error *error)
{
	struct ks_span said = ks_buf_span(&end->err), line = { 0 };

	ks_span_line(&said, &line);
	return kq_fail(error, -EIO, "%s %s: exit %d: %.*s", child->argv[0],
		       child->argv[1] ? child->argv[1] : "", end->status,
		       (int)(line.bytes < 400 ? line.bytes : 400),
		       line.bytes ? (const char *)line.p : "no message");
}
