// SPDX-License-Identifier: LGPL-2.1-or-later
#include "key/agent.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/span.h"
#include "key/sigalg.h"

#define MAX_THREADS	  64U
#define MAX_REQUEST_BYTES (1 + EVP_MAX_MD_SIZE)

/* @ours, @theirs: both ends. Ours are two, so that the end of the command is no end of the requests. */
struct ks_agent {
	const struct ks_key *key;
	unsigned int use;
	int ours;
	int theirs;
	atomic_bool stops;
	pthread_t thread[MAX_THREADS];
	unsigned int nr_threads;
};

/* Return: bytes of the request; -1. @ret_reply: -1 for none */
static ssize_t receive(int fd, u8 *request, size_t room_bytes, int *ret_reply)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec part = { request, room_bytes };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	const struct cmsghdr *header = n < 0 ? NULL : CMSG_FIRSTHDR(&message);

	*ret_reply = -1;
	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
	    header->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(ret_reply, CMSG_DATA(header), sizeof(int));
	return n > 0 && message.msg_flags & MSG_TRUNC ? -1 : n;
}

/* The signature of a request; empty for one that is none. */
static void sign(const struct ks_agent *agent, struct ks_span request, struct ks_buf *sig)
{
	struct ks_span row, digest;
	const EVP_MD *md;

	if (!ks_span_sub(request, 0, 1, &row) || !ks_span_sub(request, 1, request.bytes - 1, &digest))
		return;
	if (row.p[0] >= KS_NR_HASHES || !(ks_hashes[row.p[0]].takes & agent->use))
		return;
	md = EVP_get_digestbynid(ks_hashes[row.p[0]].nid);
	if (md && ks_key_sign(agent->key, md, digest, sig, NULL))
		ks_buf_done(sig);
}

static void *serve(void *data)
{
	struct ks_agent *agent = data;
	u8 request[MAX_REQUEST_BYTES];

	while (!atomic_load(&agent->stops)) {
		__cleanup(ks_buf_done) struct ks_buf sig = { 0 };
		int reply;
		ssize_t n = receive(agent->ours, request, sizeof(request), &reply);

		if (n > 0 && reply >= 0)
			sign(agent, (struct ks_span){ request, (size_t)n }, &sig);
		/* One that does not read, or is no socket, is not waited for. */
		if (sig.bytes)
			(void)!send(reply, sig.p, sig.bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (reply >= 0)
			close(reply);
	}
	return NULL;
}

int ks_agent_start(const struct ks_key *key, unsigned int use, unsigned int nr_threads,
		   struct ks_agent **ret_agent, struct ks_diag *diag)
{
	struct ks_agent *agent = calloc(1, sizeof(*agent));
	int ends[2], err;

	if (!agent)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) {
		free(agent);
		return ks_fail_sys(diag, "cannot make a socket", NULL);
	}
	agent->key = key;
	agent->use = use;
	agent->ours = ends[0];
	agent->theirs = ends[1];
	while (agent->nr_threads < nr_threads && agent->nr_threads < MAX_THREADS) {
		err = pthread_create(&agent->thread[agent->nr_threads], NULL, serve, agent);
		if (err) {
			ks_agent_stop(agent);
			errno = err;
			return ks_fail_sys(diag, "cannot start a thread", NULL);
		}
		agent->nr_threads++;
	}
	*ret_agent = agent;
	return 0;
}

int ks_agent_fd(const struct ks_agent *agent)
{
	return agent->theirs;
}

void ks_agent_stop(struct ks_agent *agent)
{
	if (!agent)
		return;
	atomic_store(&agent->stops, true);
	shutdown(agent->ours, SHUT_RDWR);
	while (agent->nr_threads)
		pthread_join(agent->thread[--agent->nr_threads], NULL);
	close(agent->ours);
	close(agent->theirs);
	free(agent);
}
