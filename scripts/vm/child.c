// SPDX-License-Identifier: LGPL-2.1-or-later
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted;

void vm_arg(struct vm_args *args, const char *format, ...)
{
	va_list list;
	int n;

	if (args->nr == VM_MAX_ARGS)
		abort();
	va_start(list, format);
	n = vasprintf(&args->v[args->nr], format, list);
	va_end(list);
	if (n < 0)
		abort();
	args->nr++;
}

void vm_arg_list(struct vm_args *args, const char *const *list)
{
	for (; *list; list++)
		vm_arg(args, "%s", *list);
}

void vm_args_done(struct vm_args *args)
{
	size_t i;

	for (i = 0; i < args->nr; i++)
		free(args->v[i]);
	*args = (struct vm_args){ 0 };
}

/* In the child. The status pipe closes at execvp(); before that it carries the errno. */
static void become(const struct vm_args *args, const struct vm_spawn *how, pid_t parent,
		   int status_fd)
{
	sigset_t none;
	int null_fd, log_fd;
	ssize_t n;
	size_t i;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* The terminal's Ctrl-C goes to this program alone, which then ends its children in order.
	 */
	setpgid(0, 0);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(127);
	if (how->directory && chdir(how->directory))
		goto out_error;
	null_fd = open("/dev/null", O_RDONLY);
	log_fd = open(how->log, O_WRONLY | O_CREAT | O_APPEND, 0644);
	if (null_fd < 0 || log_fd < 0 || dup2(null_fd, 0) < 0 || dup2(log_fd, 1) < 0 ||
	    dup2(log_fd, 2) < 0)
		goto out_error;
	for (i = 0; i < KS_ARRAY_SIZE(how->keep_fds); i++)
		if (how->keep_fds[i] >= 0 && fcntl(how->keep_fds[i], F_SETFD, 0))
			goto out_error;
	execvp(args->v[0], args->v);
out_error:
	n = write(status_fd, &errno, sizeof(errno));
	_exit(n == sizeof(errno) ? 127 : 126);
}

int vm_spawn(const struct vm_args *args, const struct vm_spawn *how, pid_t *ret_pid,
	     struct ks_diag *diag)
{
	pid_t parent = getpid(), pid;
	int fds[2], error = 0;
	ssize_t n;

	if (pipe2(fds, O_CLOEXEC))
		return ks_fail_sys(diag, "cannot make a pipe", NULL);
	pid = fork();
	if (!pid)
		become(args, how, parent, fds[1]);
	close(fds[1]);
	do
		n = pid < 0 ? 0 : read(fds[0], &error, sizeof(error));
	while (n < 0 && errno == EINTR);
	close(fds[0]);
	if (pid > 0 && !n) {
		*ret_pid = pid;
		return 0;
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
	if (error)
		errno = error;
	return ks_fail_sys(diag, "cannot start the program, install it or name another",
			   args->v[0]);
}

int vm_run_tool(const struct vm_args *args, const struct vm_spawn *how, struct ks_diag *diag)
{
	int rc, status = -1;
	pid_t pid;

	rc = vm_spawn(args, how, &pid, diag);
	if (rc)
		return rc;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	ks_fail_detail(diag, -EIO, "the program failed, see its log", how->log);
	ks_diag_in(diag, args->v[0]);
	return -EIO;
}

void vm_kill(pid_t *pid)
{
	if (*pid <= 0)
		return;
	kill(*pid, SIGKILL);
	while (waitpid(*pid, NULL, 0) < 0 && errno == EINTR)
		;
	*pid = 0;
}

bool vm_has_ended(pid_t *pid)
{
	if (*pid > 0 && waitpid(*pid, NULL, WNOHANG) == *pid)
		*pid = 0;
	return *pid <= 0;
}

static void on_signal(int signal)
{
	(void)signal;
	interrupted = 1;
}

void vm_catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

bool vm_interrupted(void)
{
	return interrupted;
}
