// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/keyring_ephemeral.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/environ.h"
#include "base/file.h"
#include "crypto/keygen.h"
#include "key/agent.h"
#include "key/secret.h"
#include "key/sigalg.h"

/* Above what shells and make use for themselves, so that no script's redirection hits it. */
#define FIRST_FD 200

static int publish(const struct ks_cert *cert, const char *path, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf pem = { 0 };
	struct ks_span part;
	int rc = ks_cert_pem(cert, &pem, diag);

	part = ks_buf_span(&pem);
	return rc ? rc : ks_file_publish(path, &part, 1, 0644, diag);
}

/* As system(3): the keys of the terminal end the command, which then tells us. */
static void ignore_terminal(sigset_t *ret_ours, struct sigaction before[2])
{
	static const int terminal[] = { SIGINT, SIGQUIT };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	size_t i;

	sigemptyset(ret_ours);
	for (i = 0; i < KS_ARRAY_SIZE(terminal); i++) {
		sigaction(terminal[i], &ignore, &before[i]);
		if (before[i].sa_handler != SIG_IGN)
			sigaddset(ret_ours, terminal[i]);
	}
}

static void heed_terminal(const struct sigaction before[2])
{
	sigaction(SIGINT, &before[0], NULL);
	sigaction(SIGQUIT, &before[1], NULL);
}

/* posix_spawn() copies no memory: no child ever has the key's. */
static int start(char **command, int fd, const sigset_t *defaults, pid_t *ret_pid)
{
	char variable[48];
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	char **env;
	int rc;

	snprintf(variable, sizeof(variable), KS_EPHEMERAL_VARIABLE "=fd:%d", fd);
	env = ks_environ_with(variable);
	if (!env)
		return ENOMEM;
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigdefault(&attr, defaults);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	posix_spawn_file_actions_init(&actions);
	/* Onto itself: that takes the close-on-exec flag off, in the child alone. */
	rc = posix_spawn_file_actions_adddup2(&actions, fd, fd);
	if (!rc)
		rc = posix_spawnp(ret_pid, command[0], &actions, &attr, command, env);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	free(env);
	return rc;
}

static int wait_for(pid_t pid, struct ks_diag *diag)
{
	char text[32];
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return ks_fail_sys(diag, "cannot learn how the command ended", NULL);
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	snprintf(text, sizeof(text), WIFEXITED(status) ? "exit %d" : "signal %d",
		 WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	return ks_fail_detail(diag, -EIO, "the command failed, and the key is gone", text);
}

static int run(const struct ks_agent *agent, char **command, struct ks_diag *diag)
{
	__cleanup(ks_close_fd) int fd = fcntl(ks_agent_fd(agent), F_DUPFD_CLOEXEC, FIRST_FD);
	struct sigaction before[2];
	sigset_t ours;
	pid_t pid = -1;
	int rc;

	if (fd < 0)
		return ks_fail_sys(diag, "cannot hand a socket to the command", NULL);
	ignore_terminal(&ours, before);
	errno = start(command, fd, &ours, &pid);
	rc = errno ? ks_fail_sys(diag, "cannot run the command", command[0]) : wait_for(pid, diag);
	heed_terminal(before);
	return rc;
}

int ks_keyring_ephemeral(const char *cert_path, char **command, u64 now, struct ks_diag *diag)
{
	__cleanup(ks_cert_done) struct ks_cert cert = { 0 };
	__cleanup(ks_key_close) struct ks_key key = { 0 };
	long nr_processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct ks_agent *agent = NULL;
	int rc = ks_secret_guard(diag);

	if (!rc)
		rc = ks_keygen_ephemeral("kseal ephemeral module signing key", now, &key, &cert, diag);
	if (!rc)
		rc = publish(&cert, cert_path, diag);
	if (!rc)
		rc = ks_agent_start(&key, KS_SIGN_MODULE, nr_processors > 1 ? (unsigned int)nr_processors : 1,
				    &agent, diag);
	if (!rc)
		rc = run(agent, command, diag);
	ks_agent_stop(agent);
	return rc;
}
