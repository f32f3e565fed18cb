// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fd:N: a key that the process above holds, behind a socket that this one inherited; agent.h has what is
 * said over it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "key/sigalg.h"
#include "key/source.h"

/* A signature takes milliseconds; a busy machine with many before it, seconds. */
#define ANSWER_MS 60000

struct inherited {
	int fd;
};

static int parse_fd(const char *text, int *ret_fd, struct ks_diag *diag)
{
	char *end = NULL;
	long fd;

	errno = 0;
	fd = strtol(text, &end, 10);
	if (errno || end == text || *end || fd < 0 || fd > 1 << 20)
		return ks_fail_detail(diag, -EINVAL, "fd: takes the number of a descriptor", text);
	*ret_fd = (int)fd;
	return 0;
}

static bool is_agent(int fd)
{
	int domain = 0, type = 0;
	socklen_t n = sizeof(domain), m = sizeof(type);

	return !getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &n) && domain == AF_UNIX &&
	       !getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &m) && type == SOCK_SEQPACKET;
}

static int open_fd(const char *uri, const struct ks_pass_source *pass, struct ks_key *ret_key,
		   struct ks_diag *diag)
{
	struct inherited *state;
	int fd = -1, rc = parse_fd(uri + strlen(ks_key_source_fd.scheme), &fd, diag);

	(void)pass;
	if (rc)
		return rc;
	if (!is_agent(fd))
		return ks_fail(diag, -ENOKEY, KS_NO_OFF,
			       "no key behind this descriptor: it is that of kseal keyring ephemeral, and has to "
			       "reach this process open");
	state = malloc(sizeof(*state));
	if (!state)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	/* Programs that we run have no use for it. */
	state->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (state->fd < 0) {
		free(state);
		return ks_fail_sys(diag, "cannot use the descriptor of the key", NULL);
	}
	ret_key->state = state;
	return 0;
}

static void close_fd(struct ks_key *key)
{
	struct inherited *state = key->state;

	if (state)
		close(state->fd);
	free(state);
	key->state = NULL;
}

/* @reply: goes along, and is closed here */
static bool send_request(int fd, u8 row, struct ks_span digest, int reply)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec part[2] = { { &row, 1 }, { (void *)(uintptr_t)digest.p, digest.bytes } };
	struct msghdr message = { .msg_iov = part,
				  .msg_iovlen = 2,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	ssize_t n;

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &reply, sizeof(int));
	do
		n = sendmsg(fd, &message, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	close(reply);
	return n == (ssize_t)(1 + digest.bytes);
}

static int sign_fd(const struct ks_key *key, const EVP_MD *md, struct ks_span digest,
		   struct ks_buf *ret_sig, struct ks_diag *diag)
{
	const struct inherited *state = key->state;
	const struct ks_hash *hash = ks_hash_of(md);
	u8 sig[KS_MAX_RAW_SIG_BYTES];
	struct pollfd wait = { .events = POLLIN };
	__cleanup(ks_close_fd) int answer = -1;
	ssize_t n = 0;
	int ends[2];

	if (!hash)
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "digest that no key signs");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return ks_fail_sys(diag, "cannot make a socket", NULL);
	answer = wait.fd = ends[0];
	if (!send_request(state->fd, (u8)(hash - ks_hashes), digest, ends[1]))
		return ks_fail(diag, -EACCES, KS_NO_OFF,
			       "the key is gone: the command of kseal keyring ephemeral has ended");
	if (poll(&wait, 1, ANSWER_MS) > 0)
		n = recv(answer, sig, sizeof(sig), 0);
	if (n <= 0)
		return ks_fail(diag, -EACCES, KS_NO_OFF,
			       "the key did not sign: the command of kseal keyring ephemeral has ended, or it "
			       "does not sign with this digest");
	ks_put(ret_sig, (struct ks_span){ sig, (size_t)n });
	return ks_buf_ok(ret_sig, diag);
}

const struct ks_key_source ks_key_source_fd = {
	.scheme = "fd:",
	.remote = true,
	.open = open_fd,
	.sign = sign_fd,
	.close = close_fd,
};
