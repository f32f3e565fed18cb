// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Many modules: find them, and run one job over them with some threads.
 */
#include <errno.h>
#include <fts.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "ops/module.h"

void ks_paths_done(struct ks_paths *paths)
{
	size_t i;

	for (i = 0; i < paths->nr_paths; i++)
		free(paths->path[i]);
	free(paths->path);
	*paths = (struct ks_paths){ 0 };
}

static int add_path(struct ks_paths *paths, const char *path, struct ks_diag *diag)
{
	char **more;

	if (paths->nr_paths == KS_MAX_MODULES)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "over 65536 modules");
	more = realloc(paths->path, (paths->nr_paths + 1) * sizeof(*more));
	if (!more)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	paths->path = more;
	paths->path[paths->nr_paths] = strdup(path);
	if (!paths->path[paths->nr_paths])
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	paths->nr_paths++;
	return 0;
}

static bool ends_with(const char *name, const char *tail)
{
	return ks_span_ends_with(ks_span_str(name), ks_span_str(tail));
}

static int visit(const FTSENT *entry, struct ks_paths *paths, struct ks_diag *diag)
{
	switch (entry->fts_info) {
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		errno = entry->fts_errno;
		return ks_fail_sys(diag, "cannot read", entry->fts_path);
	case FTS_F:
	case FTS_SL:
		if (ends_with(entry->fts_name, ".ko.xz") || ends_with(entry->fts_name, ".ko.zst") ||
		    ends_with(entry->fts_name, ".ko.gz"))
			return ks_fail_detail(diag, -EOPNOTSUPP,
					      "compressed module would stay unsigned, decompress it",
					      entry->fts_path);
		return ends_with(entry->fts_name, ".ko") ? add_path(paths, entry->fts_path, diag) :
							   0;
	default:
		return 0;
	}
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* FTS_COMFOLLOW: an argument may be a link; links inside are signed through their target. */
static int walk(char *root, struct ks_paths *paths, struct ks_diag *diag)
{
	char *roots[] = { root, NULL };
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
	FTSENT *entry;
	int rc = 0;

	if (!fts)
		return ks_fail_sys(diag, "cannot read", root);
	while (!rc && (entry = fts_read(fts))) {
		/* A file that was named is taken whatever its name is. */
		if (entry->fts_level == 0 && entry->fts_info == FTS_F)
			rc = add_path(paths, entry->fts_path, diag);
		else
			rc = visit(entry, paths, diag);
	}
	fts_close(fts);
	return rc;
}

int ks_modules_find(char **arg, int nr_args, struct ks_paths *ret_paths, struct ks_diag *diag)
{
	struct ks_paths paths = { 0 };
	int i, rc = 0;

	for (i = 0; i < nr_args && !rc; i++)
		rc = walk(arg[i], &paths, diag);
	if (rc) {
		ks_paths_done(&paths);
		return rc;
	}
	*ret_paths = paths;
	return 0;
}

/* What the threads share: the next file, how many are done, how many failed. */
struct pool {
	const struct ks_batch *batch;
	pthread_mutex_t lock;
	size_t next_idx;
	size_t nr_done;
	size_t nr_failed;
};

static void *work(void *arg)
{
	struct pool *pool = arg;
	const struct ks_batch *batch = pool->batch;
	int rc;

	pthread_mutex_lock(&pool->lock);
	while (pool->next_idx < batch->paths->nr_paths) {
		size_t idx = pool->next_idx++;

		pthread_mutex_unlock(&pool->lock);
		rc = batch->job(batch->context, batch->paths->path[idx], &batch->ret_diag[idx]);
		pthread_mutex_lock(&pool->lock);
		pool->nr_failed += rc != 0;
		pool->nr_done++;
		if (batch->progress)
			batch->progress(pool->nr_done, batch->paths->nr_paths);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

size_t ks_batch_run(const struct ks_batch *batch)
{
	struct pool pool = { .batch = batch, .lock = PTHREAD_MUTEX_INITIALIZER };
	pthread_t thread[64];
	unsigned int i, nr_threads = 0, wanted = batch->nr_jobs ? batch->nr_jobs - 1 : 0;

	if (wanted > KS_ARRAY_SIZE(thread))
		wanted = KS_ARRAY_SIZE(thread);
	while (nr_threads < wanted && !pthread_create(&thread[nr_threads], NULL, work, &pool))
		nr_threads++;
	/* This thread works too, so that a system without room for threads still gets done. */
	work(&pool);
	for (i = 0; i < nr_threads; i++)
		pthread_join(thread[i], NULL);
	return pool.nr_failed;
}
