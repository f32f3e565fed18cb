// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Many modules: find them, and run one job over them with some threads.
 */
#include <errno.h>
#include <fts.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

static bool is_module_name(const char *name)
{
	static const char *const tails[] = { ".ko", ".ko.gz", ".ko.xz", ".ko.zst" };
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(tails); i++)
		if (ks_span_ends_with(ks_span_str(name), ks_span_str(tails[i])))
			return true;
	return false;
}

static bool wanted(const FTSENT *entry)
{
	switch (entry->fts_info) {
	case FTS_D:
	case FTS_DP:
	case FTS_DOT:
		return false;
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
	case FTS_DC:
		/* Its job cannot open it either, and says so. */
		return true;
	default:
		/* What was named is taken whatever its name is. */
		return entry->fts_level == 0 || is_module_name(entry->fts_name);
	}
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* FTS_COMFOLLOW: an argument may be a link; links inside are signed through their target. */
static int walk(char *root, struct ks_paths *paths, bool *has_links, struct ks_diag *diag)
{
	char *roots[] = { root, NULL };
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
	FTSENT *entry;
	int rc = 0;

	if (!fts)
		return ks_fail_sys(diag, "cannot read", root);
	while (!rc && (entry = fts_read(fts))) {
		*has_links |= entry->fts_info == FTS_SL;
		if (wanted(entry))
			rc = add_path(paths, entry->fts_path, diag);
	}
	fts_close(fts);
	return rc;
}

/* What makes two paths the same file: the resolved path, or the inode. */
struct identity {
	char *resolved;
	struct stat st;
	size_t idx;
};

static int by_identity(const void *a, const void *b)
{
	const struct identity *x = a, *y = b;
	int order = x->resolved && y->resolved ? strcmp(x->resolved, y->resolved) : 0;

	if (!order && x->st.st_dev != y->st.st_dev)
		order = x->st.st_dev < y->st.st_dev ? -1 : 1;
	if (!order && x->st.st_ino != y->st.st_ino)
		order = x->st.st_ino < y->st.st_ino ? -1 : 1;
	if (!order)
		return x->idx < y->idx ? -1 : 1;
	return order;
}

static bool same(const struct identity *a, const struct identity *b)
{
	if (a->resolved && b->resolved)
		return !strcmp(a->resolved, b->resolved);
	return a->st.st_ino && a->st.st_ino == b->st.st_ino && a->st.st_dev == b->st.st_dev;
}

/* Of several paths of one file the first one stays. Without memory all stay, which is safe too. */
static void make_unique(struct ks_paths *paths, bool by_inode)
{
	struct identity *id = calloc(paths->nr_paths + 1, sizeof(*id));
	size_t i, nr = 0;

	if (!id)
		return;
	for (i = 0; i < paths->nr_paths; i++) {
		id[i].idx = i;
		if (!by_inode)
			id[i].resolved = realpath(paths->path[i], NULL);
		if (!id[i].resolved && stat(paths->path[i], &id[i].st))
			id[i].st = (struct stat){ .st_dev = i + 1 };
	}
	qsort(id, paths->nr_paths, sizeof(*id), by_identity);
	for (i = 1; i < paths->nr_paths; i++) {
		if (same(&id[i - 1], &id[i])) {
			free(paths->path[id[i].idx]);
			paths->path[id[i].idx] = NULL;
		}
	}
	for (i = 0; i < paths->nr_paths; i++) {
		free(id[i].resolved);
		if (paths->path[i])
			paths->path[nr++] = paths->path[i];
	}
	paths->nr_paths = nr;
	free(id);
}

void ks_paths_unique_inodes(struct ks_paths *paths)
{
	make_unique(paths, true);
}

int ks_modules_find(char **arg, int nr_args, struct ks_paths *ret_paths, struct ks_diag *diag)
{
	struct ks_paths paths = { 0 };
	bool has_links = nr_args > 1;
	int i, rc = 0;

	for (i = 0; i < nr_args && !rc; i++)
		rc = walk(arg[i], &paths, &has_links, diag);
	if (rc) {
		ks_paths_done(&paths);
		return rc;
	}
	if (has_links)
		make_unique(&paths, false);
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
