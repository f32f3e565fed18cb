// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Many modules: find them, run one job over them with some threads, and what signing, stripping and
 * showing are as such jobs.
 */
#include "ops/batch.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "kernel/decompress.h"
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

bool ks_is_module_name(struct ks_span name)
{
	static const char *const tails[] = { ".ko", ".ko.gz", ".ko.xz", ".ko.zst" };
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(tails); i++)
		if (ks_span_ends_with(name, ks_span_str(tails[i])))
			return true;
	return false;
}

/* The kind of a file, DT_UNKNOWN if it cannot be told. Most file systems say it without a stat(). */
static unsigned char kind_of(const char *path, unsigned char told)
{
	struct stat st;

	return told != DT_UNKNOWN || lstat(path, &st) ? told : (unsigned char)IFTODT(st.st_mode);
}

/*
 * What a walk has found, and the directories that it has still to look into. @all_files: not modules only,
 * but then no pipes and devices either, and of links those to files.
 */
struct walk {
	struct ks_paths *paths;
	struct ks_paths directories;
	bool *has_links;
	bool all_files;
};

static bool is_wanted(const struct walk *w, const char *path, const char *name, unsigned char kind)
{
	struct stat st;

	/* Where nothing can be told, its job cannot open it either, and says so. */
	if (kind == DT_UNKNOWN)
		return true;
	if (!w->all_files)
		return ks_is_module_name(ks_span_str(name));
	return kind == DT_REG || (kind == DT_LNK && !stat(path, &st) && S_ISREG(st.st_mode));
}

static int note_entry(struct walk *w, const char *directory, const struct dirent *entry,
		      struct ks_diag *diag)
{
	size_t directory_bytes = strlen(directory);
	const char *slash = directory[directory_bytes - 1] == '/' ? "" : "/";
	unsigned char kind;
	char *path;

	if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
		return 0;
	if (asprintf(&path, "%s%s%s", directory, slash, entry->d_name) < 0)
		path = NULL;
	kind = path ? kind_of(path, entry->d_type) : DT_UNKNOWN;
	*w->has_links |= kind == DT_LNK;
	if (kind == DT_DIR)
		return add_path(&w->directories, path, diag);
	if (!path || is_wanted(w, path, entry->d_name, kind))
		return add_path(w->paths, path, diag);
	free(path);
	return 0;
}

static int read_directory(struct walk *w, const char *directory, struct ks_diag *diag)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;
	int rc = 0;

	/* Its job cannot open it either, and says so. */
	if (!dir)
		return add_path(w->paths, strdup(directory), diag);
	errno = 0;
	while (!rc && (entry = readdir(dir))) {
		rc = note_entry(w, directory, entry, diag);
		errno = 0;
	}
	if (!rc && errno)
		rc = ks_fail_sys(diag, "cannot read", directory);
	closedir(dir);
	return rc;
}

/* By name in each directory, and what is in a directory stands where its name would. */
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
static int walk_directory(const char *root, struct ks_paths *paths, bool all_files, bool *has_links,
			  struct ks_diag *diag)
{
	struct walk w = { .paths = paths, .has_links = has_links, .all_files = all_files };
	size_t nr_before = paths->nr_paths;
	struct stat st;
	int rc;

	if (stat(root, &st) || !S_ISDIR(st.st_mode))
		return add_path(paths, strdup(root), diag);
	rc = add_path(&w.directories, strdup(root), diag);
	while (!rc && w.directories.nr_paths) {
		__cleanup(ks_free_str) char *directory = w.directories.path[--w.directories.nr_paths];

		rc = read_directory(&w, directory, diag);
	}
	ks_paths_done(&w.directories);
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

static bool is_same_path(const struct identity *a, const struct identity *b)
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
		if (is_same_path(&id[i - 1], &id[i])) {
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

/* One path for each inode that has several names. */
static void make_inodes_unique(struct ks_paths *paths)
{
	make_unique(paths, true);
}

static int find_files(char **arg, int nr_args, bool all_files, struct ks_paths *ret_paths, struct ks_diag *diag)
{
	struct ks_paths paths = { 0 };
	bool has_links = nr_args > 1;
	int i, rc = 0;

	for (i = 0; i < nr_args && !rc; i++)
		rc = walk_directory(arg[i], &paths, all_files, &has_links, diag);
	if (rc) {
		ks_paths_done(&paths);
		return rc;
	}
	if (has_links)
		make_unique(&paths, false);
	*ret_paths = paths;
	return 0;
}

int ks_modules_find(char **arg, int nr_args, struct ks_paths *ret_paths, struct ks_diag *diag)
{
	return find_files(arg, nr_args, false, ret_paths, diag);
}

int ks_files_find(char **arg, int nr_args, struct ks_paths *ret_paths, struct ks_diag *diag)
{
	return find_files(arg, nr_args, true, ret_paths, diag);
}

/* What the threads share: the next file, how many are done, how many failed. */
struct pool {
	const struct ks_batch *batch;
	pthread_mutex_t lock;
	size_t next_idx;
	size_t nr_done;
	size_t nr_failed;
};

static void *run_jobs(void *arg)
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
	while (nr_threads < wanted && !pthread_create(&thread[nr_threads], NULL, run_jobs, &pool))
		nr_threads++;
	/* This thread works too, so that a system without room for threads still gets done. */
	run_jobs(&pool);
	for (i = 0; i < nr_threads; i++)
		pthread_join(thread[i], NULL);
	return pool.nr_failed;
}

/* A free module with its buffers, so that a thread does not allocate for each file. */
struct slot {
	struct ks_module module;
	struct slot *next;
};

/* What the threads share; each writes to the result of its own file. */
struct run {
	const struct ks_module_work *work;
	struct ks_module_result *result;
	struct ks_diag *diags;
	struct ks_commits *commits;
	pthread_mutex_t *lock;
	struct slot **free_slots;
};

/* One file's way through. */
struct item {
	const struct run *run;
	const struct ks_module_work *work;
	struct ks_module *m;
	struct ks_module_result *result;
	const char *path;
};

static struct slot *get_slot(const struct run *run)
{
	struct slot *slot;

	pthread_mutex_lock(run->lock);
	slot = *run->free_slots;
	if (slot)
		*run->free_slots = slot->next;
	pthread_mutex_unlock(run->lock);
	return slot ? slot : calloc(1, sizeof(*slot));
}

static void put_slot(const struct run *run, struct slot *slot)
{
	ks_module_close(&slot->module);
	pthread_mutex_lock(run->lock);
	slot->next = *run->free_slots;
	*run->free_slots = slot;
	pthread_mutex_unlock(run->lock);
}

static int note_info(const struct item *item, struct ks_span cms, struct ks_diag *diag)
{
	struct ks_module_result *r = item->result;

	r->signed_bytes = item->m->view.content.bytes;
	r->cms_bytes = cms.bytes;
	if (!item->work->details || !cms.bytes)
		return 0;
	return ks_cms_module_info(cms, &r->info, diag);
}

/* The signature of the content, checked against the certificate before it is used. */
static int make_cms(const struct ks_signer *signer, struct ks_span content, struct ks_buf *ret_cms,
		    struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf sig = { 0 };
	struct ks_digest digest;
	int rc = ks_digest_spans(signer->md, &content, 1, &digest, diag);

	if (!rc)
		rc = ks_signer_sign(signer, ks_digest_span(&digest), &sig, diag);
	/* What comes from elsewhere ks_signer_sign() has checked. */
	if (!rc && !ks_key_is_remote(&signer->key))
		rc = ks_signer_check(signer, ks_digest_span(&digest), ks_buf_span(&sig), diag);
	return rc ? rc : ks_cms_module_build(signer, ks_buf_span(&sig), ret_cms, diag);
}

static int replace_in_place(const struct item *item, struct ks_span tail, struct ks_diag *diag)
{
	struct ks_span file = ks_buf_span(&item->m->file), content = item->m->view.content, old_tail;
	struct ks_module_file *after = &item->result->after;
	int rc;

	if (!ks_span_sub(file, content.bytes, file.bytes - content.bytes, &old_tail))
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "signature past the end");
	rc = ks_target_patch_tail(&item->m->target, content.bytes, tail, old_tail, diag);
	after->bytes = content.bytes + tail.bytes;
	if (!rc && item->work->details)
		rc = ks_sha256_spans((struct ks_span[]){ content, tail }, 2, &after->sha256, diag);
	return rc;
}

/* Put the content with @tail where it belongs. */
static int replace_file(const struct item *item, struct ks_span tail, enum ks_compression kind,
		  struct ks_diag *diag)
{
	struct ks_aside aside = KS_ASIDE_NONE;
	int rc;

	if (item->work->in_place)
		return replace_in_place(item, tail, diag);
	rc = ks_module_write(item->m, tail, kind, item->work->details, &item->result->after, &aside, diag);
	if (rc)
		return rc;
	if (aside.new_name) {
		item->result->new_name = strdup(aside.new_name);
		if (!item->result->new_name) {
			ks_aside_done(&aside);
			return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
		}
	}
	ks_commits_add(item->run->commits, &aside, diag);
	return 0;
}

static enum ks_compression wanted_kind(const struct item *item)
{
	return item->work->compress == KS_COMPRESS_KEEP ? item->m->kind :
							(enum ks_compression)item->work->compress;
}

/*
 * The signature stays; only the compression may change. It does also where the kernel itself could
 * not unpack what is there.
 */
static int keep_signature(const struct item *item, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf tail = { 0 };
	enum ks_compression kind = wanted_kind(item);
	int rc = note_info(item, item->m->view.cms, diag);

	if (rc)
		return rc;
	item->result->action = KS_MODULE_KEPT;
	item->result->after = item->result->before;
	if (kind == item->m->kind && !ks_kernel_unpacks(kind, ks_buf_span(&item->m->file), NULL))
		return 0;
	ks_modsig_build(item->m->view.cms, &tail);
	rc = ks_buf_ok(&tail, diag);
	return rc ? rc : replace_file(item, ks_buf_span(&tail), kind, diag);
}

static int sign_module(const struct item *item, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf cms = { 0 }, tail = { 0 };
	enum ks_compression kind = wanted_kind(item);
	bool was_signed = item->m->view.cms.bytes != 0;
	int rc;

	if (item->work->in_place && item->m->kind != KS_COMPRESS_NONE)
		return ks_fail(diag, -EOPNOTSUPP, KS_NO_OFF,
			       "a compressed module cannot be signed in place, leave --in-place out");
	rc = ks_module_signable(item->m, item->work->mode, diag);
	if (rc == KS_MODULE_KEEP)
		return keep_signature(item, diag);
	if (!rc)
		rc = make_cms(item->work->signer, item->m->view.content, &cms, diag);
	if (!rc)
		rc = note_info(item, ks_buf_span(&cms), diag);
	if (rc)
		return rc;
	ks_modsig_build(ks_buf_span(&cms), &tail);
	item->result->action = was_signed ? KS_MODULE_REPLACED : KS_MODULE_SIGNED;
	rc = ks_buf_ok(&tail, diag);
	return rc ? rc : replace_file(item, ks_buf_span(&tail), kind, diag);
}

/* All of them, should there be several. */
static int strip_module(const struct item *item, struct ks_diag *diag)
{
	struct ks_modsig_view *view = &item->m->view, inner;
	int rc;

	if (!view->cms.bytes)
		return ks_fail(diag, -ENODATA, KS_NO_OFF, "module is not signed");
	while (!(rc = ks_modsig_parse(view->content, &inner, NULL)))
		*view = inner;
	if (rc != -ENODATA)
		return ks_fail(diag, -EBADMSG, view->content.bytes,
			       "module has a broken signature under the last one, make it anew");
	item->result->action = KS_MODULE_STRIPPED;
	return replace_file(item, (struct ks_span){ 0 }, item->m->kind, diag);
}

static int show_module(const struct item *item, struct ks_diag *diag)
{
	int rc;

	if (!item->m->view.cms.bytes)
		return ks_fail(diag, -ENODATA, KS_NO_OFF, "module is not signed");
	rc = note_info(item, item->m->view.cms, diag);
	item->result->action = KS_MODULE_SHOWN;
	item->result->after = item->result->before;
	return rc;
}

static int run_item(const struct item *item, struct ks_diag *diag)
{
	struct ks_module_file *before = &item->result->before;
	struct ks_span file;
	enum ks_target_use use = item->work->what == KS_MODULE_SHOWN ? KS_TARGET_READ :
				 item->work->in_place ? KS_TARGET_IN_PLACE : KS_TARGET_REPLACE;
	int rc = ks_module_open(item->m, item->path, use, diag);

	if (rc)
		return rc;
	file = ks_buf_span(&item->m->file);
	before->bytes = file.bytes;
	if (item->work->details)
		rc = ks_sha256(file, &before->sha256, diag);
	if (rc)
		return rc;
	switch (item->work->what) {
	case KS_MODULE_SIGNED:
		return sign_module(item, diag);
	case KS_MODULE_STRIPPED:
		return strip_module(item, diag);
	case KS_MODULE_SHOWN:
		return show_module(item, diag);
	default:
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "no such work");
	}
}

static int run_file(const void *context, const char *path, struct ks_diag *diag)
{
	const struct run *run = context;
	struct slot *slot = get_slot(run);
	/* Every file has a diag of its own, in the order of the files. */
	struct item item = { run, run->work, NULL, &run->result[diag - run->diags], path };
	int rc;

	if (!slot)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	item.m = &slot->module;
	rc = run_item(&item, diag);
	put_slot(run, slot);
	/* Once the file is handed over, @diag belongs to the thread that publishes item. */
	if (rc)
		ks_diag_in(diag, path);
	return rc;
}

void ks_module_results_done(struct ks_module_result *result, size_t nr_results)
{
	size_t i;

	for (i = 0; i < nr_results; i++) {
		free(result[i].new_name);
		result[i].new_name = NULL;
	}
}

static void free_slots(struct slot *slot)
{
	while (slot) {
		struct slot *next = slot->next;

		ks_module_done(&slot->module);
		free(slot);
		slot = next;
	}
}

int ks_module_work_run(const struct ks_module_work *work, struct ks_paths *paths,
		       unsigned int nr_jobs, void (*progress)(size_t nr_done, size_t nr_paths),
		       struct ks_module_result *ret_result, struct ks_diag *ret_diag,
		       struct ks_diag *diag)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	struct slot *slots = NULL;
	struct run run = { .work = work, .result = ret_result, .diags = ret_diag, .lock = &lock,
			   .free_slots = &slots };
	struct ks_batch batch = { .paths = paths, .nr_jobs = nr_jobs, .job = run_file,
				  .context = &run, .progress = progress, .ret_diag = ret_diag };
	size_t i;
	int rc = 0;

	if (work->in_place)
		make_inodes_unique(paths);
	if (!work->in_place && work->what != KS_MODULE_SHOWN)
		rc = ks_commits_open(nr_jobs, &run.commits, diag);
	if (rc)
		return rc;
	ks_batch_run(&batch);
	ks_commits_close(run.commits);
	free_slots(slots);
	for (i = 0; i < paths->nr_paths; i++)
		if (ret_diag[i].err)
			ret_result[i].action = KS_MODULE_NOTHING;
	return 0;
}
