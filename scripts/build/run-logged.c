// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * run-logged --log FILE [--total N] [--every SECONDS] -- COMMAND...
 *
 * Runs a long command of kbuild. All of its output goes to FILE. On a terminal one line shows how
 * many objects are done, elsewhere a line does so every 60 seconds. When the command fails, the
 * lines that say why and the name of FILE are shown. Exit: the command's own status, 128 + signal.
 *
 * The command gets a process group of its own, to which INT, TERM and HUP are passed on, so that
 * nothing of it is left behind.
 */
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

#define MAX_REASONS 30
#define LINE_BYTES 1024

struct run {
	const char *log_path;
	long total;
	long every_s;
	int log_fd;
	bool terminal;
	time_t started;
	time_t said;
	long done;
	char line[LINE_BYTES];
	size_t line_bytes;
	char *reasons[MAX_REASONS];
	size_t nr_reasons;
};

static volatile sig_atomic_t got_signal;

static void on_signal(int signal_nr)
{
	got_signal = signal_nr;
}

static int complain(const char *what, const char *file)
{
	fprintf(stderr, "run-logged: %s: %s: %s\n", file, what, strerror(errno));
	return 1;
}

/* kbuild's short lines: "  CC      a.o", "  AS [M]  b.o". What links or packs is not an object. */
static bool is_object(const char *line)
{
	return !strncmp(line, "  CC ", 5) || !strncmp(line, "  AS ", 5);
}

static bool is_reason(const char *line)
{
	return strstr(line, " error: ") || strstr(line, "fatal error:") || strstr(line, "*** ") ||
	       strstr(line, "undefined reference") || strstr(line, "No space left on device");
}

static void show_progress(struct run *run)
{
	time_t now = time(NULL);
	long spent = (long)(now - run->started);
	char share[32] = "";

	if (now - run->said < (run->terminal ? 1 : run->every_s))
		return;
	run->said = now;
	/* The total is what the SKU file expects; a changed config may have more. */
	if (run->total >= run->done && run->total > 0)
		snprintf(share, sizeof(share), " of %ld (%ld%%)", run->total,
			 run->done * 100 / run->total);
	fprintf(stderr, "%s%ld%s objects, %ld:%02ld min%s", run->terminal ? "\r\033[K  " : "  ",
		run->done, share, spent / 60, spent % 60, run->terminal ? "" : "\n");
}

static void end_line(struct run *run)
{
	run->line[run->line_bytes] = '\0';
	run->line_bytes = 0;
	if (is_object(run->line))
		run->done++;
	else if (run->nr_reasons < MAX_REASONS && is_reason(run->line))
		run->reasons[run->nr_reasons++] = strdup(run->line);
}

static void take_output(struct run *run, const char *text, size_t bytes)
{
	size_t i;

	for (i = 0; i < bytes; i++) {
		if (text[i] == '\n')
			end_line(run);
		else if (run->line_bytes < LINE_BYTES - 1)
			run->line[run->line_bytes++] = text[i] == '\0' ? ' ' : text[i];
	}
}

static int write_log(struct run *run, const char *text, size_t bytes)
{
	while (bytes) {
		ssize_t n = write(run->log_fd, text, bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		text += n;
		bytes -= (size_t)n;
	}
	return 0;
}

/* One block of output. Return: bytes read, 0 at the end, -1 when there is nothing now. */
static ssize_t pump(struct run *run, int from)
{
	char block[16384];
	ssize_t n = read(from, block, sizeof(block));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? -1 : 0;
	take_output(run, block, (size_t)n);
	if (write_log(run, block, (size_t)n) && !got_signal) {
		complain("cannot write, free some space", run->log_path);
		got_signal = SIGTERM;
	}
	return n;
}

/* Until the command is gone: a background process that holds the pipe open must not hold us. */
static int follow(struct run *run, pid_t child, int from)
{
	struct pollfd ready = { .fd = from, .events = POLLIN };
	int status, passed_on = 0;

	for (;;) {
		if (got_signal && got_signal != passed_on) {
			passed_on = got_signal;
			kill(-child, passed_on);
		}
		if (poll(&ready, 1, 500) > 0 && !pump(run, from))
			ready.fd = -1;
		show_progress(run);
		if (waitpid(child, &status, WNOHANG) == child)
			break;
	}
	while (pump(run, from) > 0)
		continue;
	if (run->line_bytes)
		end_line(run);
	if (passed_on)
		return 128 + passed_on;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void become(char **command, int to)
{
	int null_fd = open("/dev/null", O_RDONLY);

	setpgid(0, 0);
	if (null_fd < 0 || dup2(null_fd, 0) < 0 || dup2(to, 1) < 0 || dup2(to, 2) < 0)
		_exit(126);
	execvp(command[0], command);
	fprintf(stderr, "run-logged: %s: *** cannot run: %s\n", command[0], strerror(errno));
	_exit(127);
}

static int run_command(struct run *run, char **command)
{
	struct sigaction action = { .sa_handler = on_signal };
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) || fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0)
		return complain("cannot make a pipe", command[0]);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	child = fork();
	if (child < 0)
		return complain("cannot fork", command[0]);
	if (!child)
		become(command, ends[1]);
	/* Here as well, so that a signal cannot come before the child has done it. */
	setpgid(child, child);
	close(ends[1]);
	return follow(run, child, ends[0]);
}

static void show_failure(const struct run *run, int status)
{
	size_t i;

	for (i = 0; i < run->nr_reasons; i++)
		fprintf(stderr, "%s\n", run->reasons[i] ? run->reasons[i] : "(no memory)");
	if (status == 128 + SIGINT || status == 128 + SIGTERM || status == 128 + SIGHUP)
		fprintf(stderr, "run-logged: %s: interrupted\n", run->log_path);
	else
		fprintf(stderr, "run-logged: %s: the command failed with status %d, all of its output is there\n",
			run->log_path, status);
}

static int usage(void)
{
	fputs("usage: run-logged --log FILE [--total N] [--every SECONDS] -- COMMAND...\n", stderr);
	return 2;
}

static bool to_number(const char *text, long *ret_number)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(text, &end, 10);
	if (errno || end == text || *end || number < 0)
		return false;
	*ret_number = number;
	return true;
}

int main(int argc, char **argv)
{
	struct run run = { .every_s = 60, .terminal = isatty(STDERR_FILENO) };
	size_t j;
	int i, status;

	for (i = 1; i + 1 < argc && strcmp(argv[i], "--"); i += 2) {
		if (!strcmp(argv[i], "--log"))
			run.log_path = argv[i + 1];
		else if ((strcmp(argv[i], "--total") || !to_number(argv[i + 1], &run.total)) &&
			 (strcmp(argv[i], "--every") || !to_number(argv[i + 1], &run.every_s)))
			return usage();
	}
	if (i + 1 >= argc || strcmp(argv[i], "--") || !run.log_path)
		return usage();
	run.log_fd = open(run.log_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (run.log_fd < 0)
		return complain("cannot open", run.log_path);
	run.started = run.said = time(NULL);
	status = run_command(&run, argv + i + 1);
	if (run.terminal)
		fputs("\r\033[K", stderr);
	if (status)
		show_failure(&run, status);
	if (close(run.log_fd))
		status = complain("cannot write", run.log_path);
	for (j = 0; j < run.nr_reasons; j++)
		free(run.reasons[j]);
	return status;
}
