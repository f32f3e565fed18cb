// SPDX-License-Identifier: GPL-2.0-only
#include "run.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Output of a test, cut into lines. */
struct line_buf {
	char text[FRAME_MAX_PAYLOAD - 2];
	size_t bytes;
};

static unsigned long tainted(void)
{
	unsigned long value = 0;
	FILE *f = fopen("/proc/sys/kernel/tainted", "re");

	if (!f)
		return 0;
	if (fscanf(f, "%lu", &value) != 1)
		value = 0;
	fclose(f);
	return value;
}

/*
 * A test writes to a pipe and never to a file: two programs that append through "/dev/stdout"
 * overwrite each other there.
 */
static void become_test(const char *name, int out_fd)
{
	char path[128];
	char *argv[] = { path, NULL };
	int null_fd = open("/dev/null", O_RDONLY);

	snprintf(path, sizeof(path), "/kselftest/%s", name);
	setsid();
	if (null_fd >= 0)
		dup2(null_fd, STDIN_FILENO);
	dup2(out_fd, STDOUT_FILENO);
	dup2(out_fd, STDERR_FILENO);
	execv(path, argv);
	dprintf(STDERR_FILENO, "# cannot run %s: %s\n", path, strerror(errno));
	_exit(127);
}

static void flush_line(struct frame_port *port, struct line_buf *buf)
{
	frame_send(port, "L %.*s", (int)buf->bytes, buf->text);
	buf->bytes = 0;
}

static void split_lines(struct frame_port *port, struct line_buf *buf, const char *text,
			size_t bytes)
{
	size_t i;

	for (i = 0; i < bytes; i++) {
		if (text[i] == '\n') {
			flush_line(port, buf);
			continue;
		}
		/* A NUL would end the frame's payload early. */
		buf->text[buf->bytes++] = text[i] ? text[i] : '?';
		if (buf->bytes == sizeof(buf->text))
			flush_line(port, buf);
	}
}

/* Relay what is there. Return: false at the end of the output. */
static bool relay(struct frame_port *port, struct line_buf *buf, int fd, int wait_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char block[4096];
	ssize_t n;

	if (poll(&p, 1, wait_ms) <= 0)
		return true;
	n = read(fd, block, sizeof(block));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (n <= 0)
		return false;
	split_lines(port, buf, block, (size_t)n);
	return true;
}

static time_t now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

/* Out of /proc/PID/stat, since /proc/PID/children is an option of the kernel. The name may have any byte. */
static pid_t parent_of(pid_t pid)
{
	char path[32], text[512], *name_end;
	int parent = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return -1;
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	name_end = strrchr(text, ')');
	if (!name_end || sscanf(name_end + 1, " %*c %d", &parent) != 1)
		return -1;
	return parent;
}

/* Below PID 1, what a program left behind was adopted by this one (PR_SET_CHILD_SUBREAPER in init.c). */
static bool kill_children(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	bool any = false;
	pid_t pid;

	while (proc && (entry = readdir(proc))) {
		pid = (pid_t)strtol(entry->d_name, NULL, 10);
		if (pid <= 0 || parent_of(pid) != getpid())
			continue;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		any = true;
	}
	if (proc)
		closedir(proc);
	return any;
}

/*
 * The harness puts each case into a process group of its own, so killing the program's group is not
 * enough; PID 1 may say "everybody". Killed or adopted processes are all reaped here.
 */
static void kill_all(void)
{
	if (getpid() != 1) {
		while (kill_children())
			;
		return;
	}
	kill(-1, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

/* Return: true when the program ended by itself; its wait status is in @ret_status. */
static bool wait_test(struct frame_port *port, struct line_buf *buf, pid_t pid, int fd, int limit_s,
		      int *ret_status)
{
	time_t end = now_s() + limit_s;
	bool more = true;

	for (;;) {
		pid_t got;

		if (more)
			more = relay(port, buf, fd, 100);
		else
			poll(NULL, 0, 50);
		/* Adopted orphans are reaped too; only the program itself ends the wait. */
		while ((got = waitpid(-1, ret_status, WNOHANG)) > 0)
			if (got == pid)
				return true;
		if (now_s() >= end)
			return false;
	}
}

static void send_end(struct frame_port *port, const char *name, bool ended, int status, int limit_s)
{
	if (!ended)
		frame_send(port, "X %s timeout %d", name, limit_s);
	else if (WIFSIGNALED(status))
		frame_send(port, "X %s signal %d", name, WTERMSIG(status));
	else
		frame_send(port, "X %s exit %d", name, WEXITSTATUS(status));
}

void run_test(struct frame_port *port, const char *name, int limit_s)
{
	unsigned long before = tainted();
	struct line_buf buf = { .bytes = 0 };
	int status = 0, fds[2];
	bool ended;
	pid_t pid;

	frame_send(port, "T %s", name);
	if (pipe2(fds, O_CLOEXEC) || (pid = fork()) < 0) {
		frame_send(port, "L # cannot start: %s", strerror(errno));
		frame_send(port, "X %s exit 127", name);
		return;
	}
	if (!pid)
		become_test(name, fds[1]);
	close(fds[1]);
	ended = wait_test(port, &buf, pid, fds[0], limit_s, &status);
	kill_all();
	while (relay(port, &buf, fds[0], 1000))
		;
	close(fds[0]);
	if (buf.bytes)
		flush_line(port, &buf);
	frame_send(port, "D %s %lu %lu", name, before, tainted());
	send_end(port, name, ended, status, limit_s);
}
