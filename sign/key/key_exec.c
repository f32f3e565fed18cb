// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * exec:COMMAND: a program that signs. Digest in on its standard input, raw signature out on its
 * standard output, once per signature; its standard error is ours.
 *
 * There is no shell: COMMAND is cut at its blanks into a program, found in PATH unless its name has
 * a slash, and its arguments. Nothing is quoted or expanded; who needs more writes a script.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/cleanup.h"
#include "base/environ.h"
#include "base/limits.h"
#include "key/sigalg.h"
#include "key/source.h"

/* Words of a command, and what its variable may ask for. */
#define MAX_WORDS	64
#define DEFAULT_SECONDS 60U
#define MAX_SECONDS	3600U

/* @words: the command, cut in place; @arg: its words, ended by NULL. */
struct command {
	char *words;
	char *arg[MAX_WORDS + 1];
	unsigned int seconds;
};

static int parse_seconds(unsigned int *ret_seconds, struct ks_diag *diag)
{
	const char *text = secure_getenv("KSEAL_EXEC_TIMEOUT");
	unsigned long value = DEFAULT_SECONDS;
	char *end = NULL;

	if (text) {
		errno = 0;
		value = strtoul(text, &end, 10);
		if (errno || end == text || *end || value < 1 || value > MAX_SECONDS)
			return ks_fail_detail(diag, -EINVAL,
					      "KSEAL_EXEC_TIMEOUT takes 1 to 3600 seconds", text);
	}
	*ret_seconds = (unsigned int)value;
	return 0;
}

static int parse_words(struct command *command, struct ks_diag *diag)
{
	char *rest = NULL, *word = strtok_r(command->words, " \t", &rest);
	size_t nr = 0;

	for (; word; word = strtok_r(NULL, " \t", &rest)) {
		if (nr == MAX_WORDS)
			return ks_fail(diag, -E2BIG, KS_NO_OFF,
				       "signing command has over 64 words");
		command->arg[nr++] = word;
	}
	command->arg[nr] = NULL;
	if (!nr)
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "exec: needs a command behind it");
	/* One in PATH is found, or not, when it is run. */
	if (strchr(command->arg[0], '/') && access(command->arg[0], X_OK))
		return ks_fail_sys(diag, "cannot run the signing command", command->arg[0]);
	return 0;
}

static void close_exec(struct ks_key *key)
{
	struct command *command = key->state;

	if (command)
		free(command->words);
	free(command);
	key->state = NULL;
}

static int open_exec(const char *uri, const struct ks_pass_source *pass, struct ks_key *ret_key,
		     struct ks_diag *diag)
{
	struct command *command = calloc(1, sizeof(*command));
	struct ks_key key = { .state = command };
	int rc;

	(void)pass;
	if (command)
		command->words = strdup(uri + strlen(ks_key_source_exec.scheme));
	if (!command || !command->words)
		rc = ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	else
		rc = parse_words(command, diag) ?: parse_seconds(&command->seconds, diag);
	if (rc)
		close_exec(&key);
	else
		*ret_key = key;
	return rc;
}

static u64 now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (u64)t.tv_sec * 1000 + (u64)t.tv_nsec / 1000000;
}

/* A digest fits into a pipe, so writing it before the command runs cannot block. */
static int fill_pipe(struct ks_span digest, int *ret_fd, struct ks_diag *diag)
{
	int fd[2];
	ssize_t n;

	if (pipe2(fd, O_CLOEXEC))
		return ks_fail_sys(diag, "cannot make a pipe", NULL);
	n = write(fd[1], digest.p, digest.bytes);
	close(fd[1]);
	*ret_fd = fd[0];
	return n == (ssize_t)digest.bytes ? 0 : ks_fail_sys(diag, "cannot fill a pipe", NULL);
}

/* The descriptors of other threads' commands, and of passphrases, are not the command's business.
 */
static int start(const struct command *command, char **env, int in, int out, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	int rc = posix_spawn_file_actions_init(&actions);

	if (rc)
		return rc;
	rc = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	if (!rc)
		rc = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	if (!rc)
		rc = posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	if (!rc)
		rc = posix_spawnp(ret_pid, command->arg[0], &actions, NULL, command->arg, env);
	posix_spawn_file_actions_destroy(&actions);
	return rc;
}

/* Up to the end of its output, or until it is too much or too late. */
static int read_answer(int fd, u64 deadline_ms, struct ks_buf *sig, struct ks_diag *diag)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	u8 block[256];
	ssize_t n;
	u64 now;

	for (;;) {
		now = now_ms();
		if (now >= deadline_ms)
			return ks_fail(diag, -EIO, KS_NO_OFF,
				       "signing command took too long, raise KSEAL_EXEC_TIMEOUT");
		if (poll(&wait, 1, (int)(deadline_ms - now)) <= 0)
			continue;
		n = read(fd, block, sizeof(block));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ks_fail_sys(diag, "cannot read from the signing command", NULL);
		if (!n)
			return ks_buf_ok(sig, diag);
		ks_put(sig, (struct ks_span){ block, (size_t)n });
		if (sig->bytes > KS_MAX_RAW_SIG_BYTES)
			return ks_fail(diag, -EIO, KS_NO_OFF,
				       "signing command answers with more than a signature");
	}
}

/* @rc: what reading said; a command that failed itself is the better reason. */
static int finish(pid_t pid, u64 deadline_ms, int rc, struct ks_diag *diag)
{
	struct timespec pause = { .tv_nsec = 50 * 1000 };
	char text[32];
	int status = 0;
	pid_t done;

	if (rc)
		kill(pid, SIGKILL);
	while (!(done = waitpid(pid, &status, rc ? 0 : WNOHANG)) || (done < 0 && errno == EINTR)) {
		if (!rc && now_ms() >= deadline_ms) {
			rc = ks_fail(diag, -EIO, KS_NO_OFF,
				     "signing command does not end, raise KSEAL_EXEC_TIMEOUT");
			kill(pid, SIGKILL);
		}
		nanosleep(&pause, NULL);
		if (pause.tv_nsec < 10 * 1000 * 1000)
			pause.tv_nsec *= 2;
	}
	if (rc)
		return rc;
	if (done < 0)
		return ks_fail_sys(diag, "cannot learn how the signing command ended", NULL);
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	snprintf(text, sizeof(text), WIFEXITED(status) ? "exit %d" : "signal %d",
		 WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	return ks_fail_detail(diag, -EACCES, "signing command failed, see what it said", text);
}

static const char *hash_name(const EVP_MD *md)
{
	const struct ks_hash *hash = ks_hash_of(md);

	return hash ? hash->name : EVP_MD_get0_name(md);
}

static int sign_exec(const struct ks_key *key, const EVP_MD *md, struct ks_span digest,
		     struct ks_buf *ret_sig, struct ks_diag *diag)
{
	const struct command *command = key->state;
	u64 deadline_ms = now_ms() + command->seconds * 1000ULL;
	__cleanup(ks_close_fd) int in = -1;
	int out[2], err, rc = fill_pipe(digest, &in, diag);
	char hash[64], **env;
	pid_t pid = -1;

	if (!rc && pipe2(out, O_CLOEXEC))
		rc = ks_fail_sys(diag, "cannot make a pipe", NULL);
	if (rc)
		return rc;
	snprintf(hash, sizeof(hash), "KSEAL_HASH=%s", hash_name(md));
	env = ks_environ_with(hash);
	err = env ? start(command, env, in, out[1], &pid) : ENOMEM;
	close(out[1]);
	free(env);
	errno = err;
	if (err)
		rc = ks_fail_sys(diag, "cannot run the signing command", NULL);
	if (!rc)
		rc = finish(pid, deadline_ms, read_answer(out[0], deadline_ms, ret_sig, diag),
			    diag);
	close(out[0]);
	if (!rc && !ret_sig->bytes)
		rc = ks_fail(diag, -EIO, KS_NO_OFF, "signing command answered nothing");
	return rc;
}

const struct ks_key_source ks_key_source_exec = {
	.scheme = "exec:",
	.remote = true,
	.open = open_exec,
	.sign = sign_exec,
	.close = close_exec,
};
