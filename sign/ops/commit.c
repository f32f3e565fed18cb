// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/commit.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

/*
 * Files per batch: each costs four descriptors, each batch two syncfs(). On 2,800 modules batches
 * of 128 to 512 took the same time, single fsync() calls three times as much.
 */
#define BATCH 256U
#define FDS_PER_FILE 4U
#define FDS_PER_WRITER 8U
#define OTHER_FDS 64U

struct batch {
	struct ks_aside aside[BATCH];
	struct ks_diag *diag[BATCH];
	size_t nr;
};

/* @filling and @writing change places, so that writers go on while the disk works. */
struct ks_commits {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t has_work;
	pthread_cond_t has_room;
	struct batch *filling;
	struct batch *writing;
	size_t room;
	bool closing;
};

/* Both batches are open at once. */
static size_t affordable(unsigned int nr_writers)
{
	struct rlimit limit = { 0 };
	size_t used = OTHER_FDS + (size_t)nr_writers * FDS_PER_WRITER, room;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return 1;
	if (limit.rlim_cur < limit.rlim_max) {
		struct rlimit more = { limit.rlim_max, limit.rlim_max };

		if (!setrlimit(RLIMIT_NOFILE, &more))
			limit = more;
	}
	if (limit.rlim_cur <= used)
		return 1;
	room = ((size_t)limit.rlim_cur - used) / (2 * FDS_PER_FILE);
	return room < 1 ? 1 : room > BATCH ? BATCH : room;
}

/* Collect for a moment: a batch of one costs as much as one of hundreds. */
static void collect(struct ks_commits *c)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += 100 * 1000 * 1000;
	if (until.tv_nsec >= 1000 * 1000 * 1000) {
		until.tv_nsec -= 1000 * 1000 * 1000;
		until.tv_sec++;
	}
	while (c->filling->nr < c->room && !c->closing)
		if (pthread_cond_timedwait(&c->has_work, &c->lock, &until) == ETIMEDOUT)
			return;
}

static void *work(void *arg)
{
	struct ks_commits *c = arg;
	struct batch *batch;

	pthread_mutex_lock(&c->lock);
	for (;;) {
		while (!c->filling->nr && !c->closing)
			pthread_cond_wait(&c->has_work, &c->lock);
		if (!c->filling->nr)
			break;
		collect(c);
		batch = c->filling;
		c->filling = c->writing;
		c->writing = batch;
		pthread_cond_broadcast(&c->has_room);
		pthread_mutex_unlock(&c->lock);
		ks_asides_publish_all(batch->aside, batch->diag, batch->nr);
		batch->nr = 0;
		pthread_mutex_lock(&c->lock);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

static void free_commits(struct ks_commits *c)
{
	free(c->filling);
	free(c->writing);
	free(c);
}

int ks_commits_open(unsigned int nr_writers, struct ks_commits **ret_commits, struct ks_diag *diag)
{
	struct ks_commits *c = calloc(1, sizeof(*c));
	int rc;

	if (!c)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	*c = (struct ks_commits){ .lock = PTHREAD_MUTEX_INITIALIZER,
				  .has_work = PTHREAD_COND_INITIALIZER,
				  .has_room = PTHREAD_COND_INITIALIZER };
	c->filling = calloc(1, sizeof(*c->filling));
	c->writing = calloc(1, sizeof(*c->writing));
	c->room = affordable(nr_writers);
	rc = c->filling && c->writing ? pthread_create(&c->thread, NULL, work, c) : ENOMEM;
	if (rc) {
		free_commits(c);
		errno = rc;
		return ks_fail_sys(diag, "cannot start a thread", NULL);
	}
	*ret_commits = c;
	return 0;
}

void ks_commits_add(struct ks_commits *commits, struct ks_aside *aside, struct ks_diag *diag)
{
	struct batch *batch;

	pthread_mutex_lock(&commits->lock);
	while (commits->filling->nr == commits->room)
		pthread_cond_wait(&commits->has_room, &commits->lock);
	batch = commits->filling;
	batch->aside[batch->nr] = *aside;
	batch->diag[batch->nr++] = diag;
	*aside = KS_ASIDE_NONE;
	if (batch->nr == 1 || batch->nr == commits->room)
		pthread_cond_signal(&commits->has_work);
	pthread_mutex_unlock(&commits->lock);
}

void ks_commits_close(struct ks_commits *commits)
{
	if (!commits)
		return;
	pthread_mutex_lock(&commits->lock);
	commits->closing = true;
	pthread_cond_signal(&commits->has_work);
	pthread_mutex_unlock(&commits->lock);
	pthread_join(commits->thread, NULL);
	free_commits(commits);
}
