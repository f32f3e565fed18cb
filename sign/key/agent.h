/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A key that one process holds and others sign with: over a socket that they inherited, which has no
 * name that anybody else could open.
 *
 * A request is one datagram: a byte, the row of the digest in ks_hashes, and the digest; with it goes a
 * socket (SCM_RIGHTS) to which the raw signature is sent, or nothing before it is closed. So requests
 * of many processes and threads need neither an order nor a connection.
 */
#ifndef KS_KEY_AGENT_H
#define KS_KEY_AGENT_H

#include "key/key.h"

struct ks_agent;

/**
 * ks_agent_start() - serve a key, by threads, until ks_agent_stop()
 * @key: of this process; stays the caller's and must stay open
 * @use: KS_SIGN_*: only digests that are signed for this are taken
 * @nr_threads: at least 1
 * @ret_agent: ks_agent_stop()
 *
 * Return: 0; -ENOMEM; what the system said.
 */
int __must_check ks_agent_start(const struct ks_key *key, unsigned int use, unsigned int nr_threads,
				struct ks_agent **ret_agent, struct ks_diag *diag);

/** ks_agent_fd() - the socket to be inherited, which is close-on-exec here; stays the agent's */
int ks_agent_fd(const struct ks_agent *agent);

/** ks_agent_stop() - whoever has the socket still gets nothing signed any more; accepts NULL */
void ks_agent_stop(struct ks_agent *agent);

#endif
