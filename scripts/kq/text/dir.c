// SPDX-License-Identifier: LGPL-2.1-or-later
#include "text/dir.h"

#include <fcntl.h>
#include <ftw.h>
#include <fts.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "text/text.h"

/* A queue, its resolutions, and the directories that they stand in. */
#define MAX_FILES (2U * KQ_MAX_PATCHES)

static int fail_at(struct kq_error *error, const char *path, const char *what)
{
	return kq_fail(error, errno ? -errno : -EIO, "%s: cannot %s: %s", path, what,
		       strerror(errno));
}

int kq_dir_make(const char *path, struct kq_error *error)
{
	struct kq_path part;
	char *c;
	int rc = kq_path(&part, error, "%s", path);

	for (c = part.s + 1; !rc && *part.s; c++) {
		bool last = !*c;

		if (*c != '/' && !last)
			continue;
		*c = '\0';
		if (mkdir(part.s, 0777) && errno != EEXIST)
			rc = fail_at(error, part.s, "make this directory");
		if (last)
			break;
		*c = '/';
	}
	return rc;
}

int kq_dir_make_above(const char *path, struct kq_error *error)
{
	struct kq_path above;
	char *slash;
	int rc = kq_path(&above, error, "%s", path);

	slash = rc ? NULL : strrchr(above.s, '/');
	if (!slash)
		return rc;
	*slash = '\0';
	return kq_dir_make(above.s, error);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

int kq_dir_remove(const char *path, struct kq_error *error)
{
	errno = 0;
	if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) && errno != ENOENT)
		return fail_at(error, path, "remove this directory");
	return 0;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static void fts_done(FTS **fts)
{
	if (*fts)
		fts_close(*fts);
}

/*
 * struct walk - a visit with directories, before their files (@enter) and after (@leave)
 * @wanted: others are neither visited nor counted, whatever they are; NULL: all are
 * @max: more are refused
 */
struct walk {
	bool (*wanted)(const char *name);
	size_t max;
	kq_dir_visit enter;
	kq_dir_visit visit;
	kq_dir_visit leave;
	void *arg;
};

/* A hidden directory is a repository's, or somebody's cache: it is not looked into. */
static bool is_wanted(const struct walk *walk, FTS *fts, FTSENT *entry)
{
	if (entry->fts_info == FTS_D && entry->fts_level > 0 && entry->fts_name[0] == '.')
		fts_set(fts, entry, FTS_SKIP);
	return entry->fts_info != FTS_D && entry->fts_info != FTS_DP &&
	       walk->wanted(entry->fts_name);
}

static int walk_dir(const char *path, const struct walk *walk, struct kq_error *error)
{
	char *roots[] = { (char *)path, NULL };
	__cleanup(fts_done) FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	FTSENT *entry;
	size_t nr = 0;
	int rc = 0;

	if (!fts)
		return fail_at(error, path, "read this directory");
	for (errno = 0; !rc && (entry = fts_read(fts)); errno = 0) {
		kq_dir_visit visit = entry->fts_info == FTS_D	 ? walk->enter
				     : entry->fts_info == FTS_DP ? walk->leave
								 : walk->visit;
		const char *name = entry->fts_path + strlen(path);

		if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_NS) {
			errno = entry->fts_errno;
			return fail_at(error, entry->fts_path, "read this");
		}
		if (walk->wanted && !is_wanted(walk, fts, entry))
			continue;
		if (entry->fts_info != FTS_D && entry->fts_info != FTS_DP &&
		    entry->fts_info != FTS_F)
			return kq_fail(error, -EINVAL, "%s: is neither a file nor a directory",
				       entry->fts_path);
		if (++nr > walk->max)
			return kq_fail(error, -E2BIG, "%s: more than %zu files", path, walk->max);
		if (visit)
			rc = visit(walk->arg, *name == '/' ? name + 1 : name, error);
	}
	if (!rc && errno)
		rc = fail_at(error, path, "read this directory");
	return rc;
}

int kq_dir_walk(const char *path, kq_dir_visit visit, void *arg, struct kq_error *error)
{
	return walk_dir(path, &(struct walk){ .max = MAX_FILES, .visit = visit, .arg = arg },
			error);
}

int kq_dir_find(const char *path, bool (*wanted)(const char *name), size_t max, kq_dir_visit visit,
		void *arg, struct kq_error *error)
{
	return walk_dir(path,
			&(struct walk){ .wanted = wanted, .max = max, .visit = visit, .arg = arg },
			error);
}

/* struct copy - from one directory into another */
struct copy {
	const char *from;
	const char *to;
};

static int copy_file(void *arg, const char *name, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	const struct copy *copy = arg;
	struct ks_diag diag = { 0 };
	struct kq_path from, to;
	struct ks_span all;
	struct stat st;
	int rc = kq_path(&from, error, "%s/%s", copy->from, name);

	if (!rc)
		rc = kq_path(&to, error, "%s/%s", copy->to, name);
	if (rc)
		return rc;
	if (stat(from.s, &st))
		return fail_at(error, from.s, "read this");
	if (ks_file_load(from.s, KQ_MAX_FILE_BYTES, &content, &diag))
		return kq_fail_diag(error, &diag);
	all = ks_buf_span(&content);
	if (ks_file_publish(to.s, &all, 1, st.st_mode & 0777, &diag))
		return kq_fail_diag(error, &diag);
	/* Publishing goes by the umask. */
	return chmod(to.s, st.st_mode & 0777) ? fail_at(error, to.s, "set its mode") : 0;
}

static int copy_dir(void *arg, const char *name, struct kq_error *error)
{
	const struct copy *copy = arg;
	struct kq_path from, to;
	struct stat st;
	int rc = kq_path(&from, error, "%s/%s", copy->from, name);

	if (!rc)
		rc = kq_path(&to, error, *name ? "%s/%s" : "%s%s", copy->to, name);
	if (rc)
		return rc;
	if (stat(from.s, &st))
		return fail_at(error, from.s, "read this");
	if (mkdir(to.s, 0777) || chmod(to.s, st.st_mode & 0777))
		return fail_at(error, to.s, "make this directory");
	return 0;
}

int kq_dir_copy(const char *from, const char *to, struct kq_error *error)
{
	struct copy copy = { from, to };

	return walk_dir(
		from,
		&(struct walk){
			.max = MAX_FILES, .enter = copy_dir, .visit = copy_file, .arg = &copy },
		error);
}

static int sync_dir(void *arg, const char *name, struct kq_error *error)
{
	__cleanup(ks_close_fd) int fd = -1;
	struct kq_path path;
	int rc = kq_path(&path, error, "%s/%s", (const char *)arg, name);

	if (rc)
		return rc;
	fd = open(path.s, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || fsync(fd) ? fail_at(error, path.s, "write this directory") : 0;
}

int kq_dir_sync(const char *path, struct kq_error *error)
{
	return walk_dir(path,
			&(struct walk){ .max = MAX_FILES, .leave = sync_dir, .arg = (char *)path },
			error);
}

static int sync_above(const char *path, struct kq_error *error)
{
	struct kq_path above;
	char *slash;
	int rc = kq_path(&above, error, "%s", path);

	if (rc)
		return rc;
	slash = strrchr(above.s, '/');
	if (slash)
		*slash = '\0';
	return sync_dir(slash ? (*above.s ? above.s : (char *)"/") : (char *)".", "", error);
}

int kq_dir_swap(const char *path, const char *with, const char *aside, struct kq_error *error)
{
	if (!renameat2(AT_FDCWD, path, AT_FDCWD, with, RENAME_EXCHANGE))
		return sync_above(path, error);
	if (errno != EINVAL && errno != ENOSYS)
		return fail_at(error, path, "exchange this directory");
	if (rename(path, aside))
		return fail_at(error, path, "rename this directory");
	if (rename(with, path) || rename(aside, with))
		return fail_at(error, with, "rename this directory");
	return sync_above(path, error);
}

int kq_dir_unswap(const char *path, const char *aside, struct kq_error *error)
{
	struct stat st;

	if (!lstat(path, &st) || lstat(aside, &st))
		return 0;
	return rename(aside, path) ? fail_at(error, aside, "rename this directory") : 0;
}
