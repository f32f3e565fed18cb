// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Many modules: find them, and run one job over them with some threads.
 */
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
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

/* @path becomes the list's own; NULL is one that there was no memory for. */
static int add_path(struct ks_paths *paths, char *path, struct ks_diag *diag)
{
	char **more = NULL;

	if (path && paths->nr_paths == KS_MAX_MODULES) {
		free(path);
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "over 65536 modules");
	}
	if (path)
		more = realloc(paths->path, (paths->nr_paths + 1) * sizeof(*more));
	if (!more) {
		free(path);
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	}
	paths->path = more;
	paths->path[paths->nr_paths++] = path;
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

/* The kind of a file, DT_UNKNOWN if it cannot be told. Most file systems say it without a stat(). */
static unsigned char kind_of(const char *path, unsigned char told)
{
	struct stat st;

	return told != DT_UNKNOWN || lstat(path, &st) ? told : (unsigned char)IFTODT(st.st_mode);
}

/* What a walk has found, and the folders that it has still to look into. */
struct walk {
	struct ks_paths *paths;
	struct ks_paths folders;
	bool *has_links;
};

static int note_entry(struct walk *w, const char *folder, const struct dirent *entry,
		      struct ks_diag *diag)
{
	size_t folder_bytes = strlen(folder);
	const char *slash = folder[folder_bytes - 1] == '/' ? "" : "/";
	unsigned char kind;
	char *path;

	if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
		return 0;
	if (asprintf(&path, "%s%s%s", folder, slash, entry->d_name) < 0)
		path = NULL;
	kind = path ? kind_of(path, entry->d_type) : DT_UNKNOWN;
	*w->has_links |= kind == DT_LNK;
	if (kind == DT_DIR)
		return add_path(&w->folders, path, diag);
	/* Where nothing can be told, its job cannot open it either, and says so. */
	if (!path || kind == DT_UNKNOWN || is_module_name(entry->d_name))
		return add_path(w->paths, path, diag);
	free(path);
	return 0;
}

static int read_folder(struct walk *w, const char *folder, struct ks_diag *diag)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int rc = 0;

	/* Its job cannot open it either, and says so. */
	if (!dir)
		return add_path(w->paths, strdup(folder), diag);
	errno = 0;
	while (!rc && (entry = readdir(dir))) {
		rc = note_entry(w, folder, entry, diag);
		errno = 0;
	}
	if (!rc && errno)
		rc = ks_fail_sys(diag, "cannot read", folder);
	closedir(dir);
	return rc;
}

/* By name in each folder, and what is in a folder stands where its name would. */
static int by_tree(const void *a, const void *b)
{
	const u8 *x = *(const u8 *const *)a, *y = *(const u8 *const *)b;
	int from, to;

	while (*x && *x == *y) {
		x++;
		y++;
	}
	from = !*x ? -1 : *x == '/' ? 0 : *x;
	to = !*y ? -1 : *y == '/' ? 0 : *y;
	return from - to;
}

/* An argument may be a link, and have any name; links inside are signed through their target. */
static int walk(const char *root, struct ks_paths *paths, bool *has_links, struct ks_diag *diag)
{
	struct walk w = { .paths = paths, .has_links = has_links };
	size_t nr_before = paths->nr_paths;
	struct stat st;
	int rc;

	if (stat(root, &st) || !S_ISDIR(st.st_mode))
		return add_path(paths, strdup(root), diag);
	rc = add_path(&w.folders, strdup(root), diag);
	while (!rc && w.folders.nr_paths) {
		__cleanup(ks_free_str) char *folder = w.folders.path[--w.folders.nr_paths];

		rc = read_folder(&w, folder, diag);
	}
	ks_paths_done(&w.folders);
	if (!rc && paths->nr_paths > nr_before)
		qsort(&paths->path[nr_before], paths->nr_paths - nr_before, sizeof(char *), by_tree);
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
