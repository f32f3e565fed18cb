// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cmd/key_opts.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/shown.h"

/*
 * Up to a newline or to @stop, which is kept. Byte by byte, so that the next line of a descriptor
 * stays there for the next key.
 */
static int read_line(int fd, int stop, struct ks_buf *secret, struct ks_diag *diag)
{
	u8 c = 0;
	ssize_t n = 0;

	while (secret->bytes <= KS_MAX_SECRET_BYTES) {
		n = read(fd, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || c == '\n')
			break;
		ks_put_u8(secret, c);
		if (c == stop)
			break;
	}
	explicit_bzero(&c, sizeof(c));
	if (n < 0)
		return ks_fail_sys(diag, "cannot read the passphrase", NULL);
	if (secret->bytes && secret->p[secret->bytes - 1] == '\r')
		secret->bytes--;
	return ks_buf_ok(secret, diag);
}

static int from_fd(const char *text, struct ks_buf *secret, struct ks_diag *diag)
{
	char *end = NULL;
	long fd;

	errno = 0;
	fd = strtol(text, &end, 10);
	if (errno || end == text || *end || fd < 0 || fd > 1 << 20)
		return ks_fail_detail(diag, -EINVAL, "--passphrase-fd takes a descriptor's number",
				      text);
	return read_line((int)fd, '\n', secret, diag);
}

static int from_file(const char *path, struct ks_buf *secret, struct ks_diag *diag)
{
	__cleanup(ks_close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;
	int rc;

	if (fd < 0 || fstat(fd, &st))
		return ks_fail_sys(diag, "cannot open the passphrase", path);
	rc = S_ISREG(st.st_mode) ? ks_file_check_secret(st.st_mode, ks_cmd_key.group_may_read, diag) : 0;
	if (!rc)
		rc = read_line(fd, '\n', secret, diag);
	ks_diag_in(diag, path);
	return rc;
}

/*
 * The echo is off before the prompt shows. No signal may leave the terminal like that, so they wait;
 * the interrupt key ends the line instead.
 */
static int ask(int tty, const struct termios *before, const char *what, struct ks_buf *secret,
	       struct ks_diag *diag)
{
	struct termios quiet = *before;
	u8 interrupt = before->c_cc[VINTR];
	int rc;

	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL | ISIG);
	quiet.c_cc[VEOL] = interrupt;
	if (tcsetattr(tty, TCSAFLUSH, &quiet))
		return ks_fail_sys(diag, "cannot turn the echo off", NULL);
	dprintf(tty, "kseal: passphrase or PIN of %s: ", ks_shown(what));
	rc = read_line(tty, interrupt, secret, diag);
	dprintf(tty, "\n");
	tcsetattr(tty, TCSAFLUSH, before);
	if (!rc && secret->bytes && secret->p[secret->bytes - 1] == interrupt)
		rc = ks_fail(diag, -EACCES, KS_NO_OFF, "interrupted, no passphrase was given");
	return rc;
}

static int from_terminal(const char *what, struct ks_buf *secret, struct ks_diag *diag)
{
	__cleanup(ks_close_fd) int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	struct termios before;
	sigset_t all, old;
	int rc;

	if (tty < 0)
		return ks_fail_detail(diag, -EACCES,
				      "a passphrase is wanted and there is no terminal, use "
				      "--passphrase-file or --passphrase-fd",
				      what);
	if (tcgetattr(tty, &before))
		return ks_fail_sys(diag, "cannot turn the echo off", NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	rc = ask(tty, &before, what, secret, diag);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return rc;
}

/**
 * read_passphrase() - one line with a secret
 * @fd_text: number of a descriptor, whose next line is taken; NULL: none
 * @path: a file, whose first line is taken; NULL: none
 * @what: what the secret opens, for the prompt
 * @ret_secret: gets the line without its newline
 *
 * With neither, the terminal is asked (/dev/tty, without echo), if there is one. Never argv and
 * never the environment: other processes can read both.
 *
 * Return: 0; -EACCES with what to do; -EINVAL for both or for no number.
 */
static int read_passphrase(const char *fd_text, const char *path, const char *what,
		       struct ks_buf *ret_secret, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf secret = { 0 };
	int rc;

	if (fd_text && path)
		return ks_fail(diag, -EINVAL, KS_NO_OFF,
			       "--passphrase-fd and --passphrase-file exclude each other");
	if (fd_text)
		rc = from_fd(fd_text, &secret, diag);
	else
		rc = path ? from_file(path, &secret, diag) : from_terminal(what, &secret, diag);
	if (!rc)
		ks_buf_move(ret_secret, &secret);
	return rc;
}

struct ks_cmd_key ks_cmd_key;

static int get_passphrase(void *context, const char *what, struct ks_buf *ret_secret,
			  struct ks_diag *diag)
{
	const struct ks_cmd_key *key = context;

	return read_passphrase(key->pass_fd, key->pass_path, what, ret_secret, diag);
}

const struct ks_pass_source *ks_cmd_pass(void)
{
	static struct ks_pass_source source = { .get = get_passphrase, .context = &ks_cmd_key };

	source.group_may_read = ks_cmd_key.group_may_read;
	return &source;
}

int ks_cmd_signer_open(unsigned int use, const char *hash, struct ks_signer *ret_signer, struct ks_diag *diag)
{
	const struct ks_signer_opts opts = {
		.key_uri = ks_cmd_key.uri,
		.cert_path = ks_cmd_key.cert_path,
		.hash = hash,
		.use = use,
		.pass = ks_cmd_pass(),
		.allow_expired = ks_cmd_key.allow_expired,
	};

	return ks_signer_open(&opts, ret_signer, diag);
}
