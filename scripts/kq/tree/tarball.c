// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tree/tarball.h"

#include <locale.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/buf.h"
#include "text/file.h"
#include "text/text.h"
#include "tree/manifest.h"

/* 6.18 unpacks to 1.5 GB. */
#define MAX_TAR_BYTES (16ULL << 30)
#define READ_BYTES    (1U << 20)
/* The end mark: two blocks of zeros. */
#define END_BYTES 1024

/* struct tar - one pass; @top is the one directory that all is in, @top_bytes without its slash */
struct tar {
	struct archive *archive;
	const char *name;
	const struct kq_visitor *visitor;
	struct kq_error *error;
	char top[256];
	size_t top_bytes;
	u64 bytes;
	size_t nr;
	struct ks_buf content;
};

static void tar_done(struct tar *tar)
{
	archive_read_free(tar->archive);
	ks_buf_done(&tar->content);
}

static int damaged(const struct tar *tar)
{
	const char *why = archive_error_string(tar->archive);

	return kq_fail(tar->error, -EBADMSG, "%s: damaged, or not a tarball: %s", tar->name,
		       why ? why : "unknown error");
}

static int refuse_entry(const struct tar *tar, const char *path, const char *what)
{
	return kq_fail(tar->error, KQ_REFUSED, "%s: %.160s: %s, refused", tar->name, path, what);
}

static int open_tar(struct tar *tar, int fd)
{
	struct archive *a = tar->archive = archive_read_new();

	if (!a)
		return kq_no_memory(tar->error);
	/* ARCHIVE_WARN says that libarchive would run a program out of PATH: refused, as an error is. */
	if (archive_read_support_format_tar(a) || archive_read_support_filter_gzip(a) ||
	    archive_read_support_filter_bzip2(a) || archive_read_support_filter_xz(a) ||
	    archive_read_support_filter_zstd(a))
		return kq_fail(tar->error, -EOPNOTSUPP,
			       "libarchive was built without tar, xz, gzip, bzip2 or zstd");
	if (archive_read_open_fd(a, fd, READ_BYTES))
		return damaged(tar);
	return 0;
}

/*
 * Cut the top directory off.
 * Return: true with *ret_path NULL for the top directory itself.
 */
static bool below_top(struct tar *tar, const char *whole, const char **ret_path)
{
	size_t n = strcspn(whole, "/");

	if (!tar->top_bytes && n < sizeof(tar->top)) {
		memcpy(tar->top, whole, n);
		tar->top_bytes = n;
	}
	if (n != tar->top_bytes || memcmp(tar->top, whole, n))
		return false;
	*ret_path = whole[n] ? whole + n + 1 : NULL;
	return true;
}

/* Where would it lead? Its directory is below the top; every ".." goes one up. */
static bool link_leaves(const char *path, const char *target)
{
	int depth = 0;

	if (!*target || *target == '/')
		return true;
	for (; (path = strchr(path, '/')); path++)
		depth++;
	while (*target) {
		size_t n = strcspn(target, "/");

		if (n == 2 && !strncmp(target, "..", 2))
			depth--;
		else if (n && !(n == 1 && *target == '.'))
			depth++;
		if (depth < 0)
			return true;
		target += n + (target[n] == '/');
	}
	return false;
}

static int read_content(struct tar *tar, const char *path, struct archive_entry *entry)
{
	u64 size = (u64)archive_entry_size(entry);
	la_ssize_t n = 0;
	u8 *room;

	ks_buf_clear(&tar->content);
	if (!size)
		return 0;
	room = ks_put_room(&tar->content, size);
	if (room)
		n = archive_read_data(tar->archive, room, size);
	if (n < 0)
		return damaged(tar);
	ks_put_done(&tar->content, (u64)n);
	if (kq_buf_check(&tar->content, tar->error))
		return tar->error->err;
	return (u64)n == size ? 0 : refuse_entry(tar, path, "ends before its claimed size");
}

/* A plain file or a link, its path checked. */
static int take_file(struct tar *tar, const char *path, struct archive_entry *entry)
{
	const char *target = archive_entry_symlink(entry);
	u32 mode = archive_entry_perm(entry) & 0100 ? KQ_MODE_EXECUTABLE : KQ_MODE_FILE;
	struct ks_span content;
	int rc;

	if (archive_entry_filetype(entry) == AE_IFLNK) {
		if (!target || link_leaves(path, target))
			return refuse_entry(tar, path, "a link out of the tree");
		mode = KQ_MODE_LINK;
	}
	if (!tar->visitor->wants(tar->visitor->arg, path))
		return 0;
	rc = mode == KQ_MODE_LINK ? 0 : read_content(tar, path, entry);
	if (rc)
		return rc;
	content = mode == KQ_MODE_LINK ? ks_span_str(target) : ks_buf_span(&tar->content);
	return tar->visitor->take(tar->visitor->arg, mode, path, content, tar->error);
}

/* Of what the header claims, before any memory is taken for it. */
static int check_size(struct tar *tar, const char *path, struct archive_entry *entry)
{
	u64 size = (u64)archive_entry_size(entry);

	if (size > KQ_MAX_FILE_BYTES)
		return kq_fail(tar->error, -E2BIG,
			       "%s: %.160s: claims %lld bytes, the limit is %llu", tar->name, path,
			       (long long)size, KQ_MAX_FILE_BYTES);
	tar->bytes += size;
	if (tar->bytes > MAX_TAR_BYTES)
		return kq_fail(tar->error, -E2BIG, "%s: unpacks to more than %llu bytes", tar->name,
			       MAX_TAR_BYTES);
	return 0;
}

static int visit_entry(struct tar *tar, struct archive_entry *entry)
{
	const char *whole = archive_entry_pathname(entry), *path;
	unsigned int type = archive_entry_filetype(entry);
	struct ks_span safe = ks_span_str(whole ? whole : "");

	if (++tar->nr > 2 * KQ_MAX_TREE_FILES)
		return kq_fail(tar->error, -E2BIG, "%s: more than %u entries", tar->name,
			       2 * KQ_MAX_TREE_FILES);
	if (type == AE_IFDIR && ks_span_ends_with(safe, ks_span_str("/")))
		safe.bytes--;
	if (!whole || !kq_path_is_safe(safe))
		return refuse_entry(tar, whole ? whole : "?",
				    "leaves the tree or is not a plain path");
	if (!below_top(tar, whole, &path))
		return refuse_entry(tar, whole,
				    "is not in the same top directory as the entries before");
	if (archive_entry_hardlink(entry))
		return refuse_entry(tar, whole, "a hard link");
	if (type == AE_IFDIR)
		return 0;
	if (type != AE_IFREG && type != AE_IFLNK)
		return refuse_entry(tar, whole, "is not a file, directory or symbolic link");
	if (!path)
		return refuse_entry(tar, whole, "is not in a top directory");
	return check_size(tar, whole, entry) ? tar->error->err : take_file(tar, path, entry);
}

/* libarchive takes the end of the file for the end of the tar; compressed ones have a checksum. */
static int check_end(const struct tar *tar, int fd)
{
	u8 end[END_BYTES];
	struct stat st;

	if (archive_filter_code(tar->archive, 0) != ARCHIVE_FILTER_NONE)
		return 0;
	if (fstat(fd, &st) || pread(fd, end, sizeof(end), st.st_size - END_BYTES) != END_BYTES ||
	    !ks_span_is_zero((struct ks_span){ end, sizeof(end) }))
		return kq_fail(tar->error, -EBADMSG, "%s: damaged, or not a tarball: no end mark",
			       tar->name);
	return 0;
}

static int read_tar(struct tar *tar, int fd)
{
	struct archive_entry *entry;
	int rc = open_tar(tar, fd), end;

	if (rc)
		return rc;
	while (!(end = archive_read_next_header(tar->archive, &entry))) {
		rc = visit_entry(tar, entry);
		if (rc)
			return rc == KQ_ENOUGH ? 0 : rc;
	}
	/* A warning is about something that would be read differently elsewhere. */
	return end == ARCHIVE_EOF ? check_end(tar, fd) : damaged(tar);
}

int kq_tarball_read(int fd, const char *name, const struct kq_visitor *visitor,
		    struct kq_error *error)
{
	__cleanup(tar_done) struct tar tar = { .name = name, .visitor = visitor, .error = error };
	locale_t utf8, before = (locale_t)0;
	int rc;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return kq_fail(error, -errno, "%s: %s", name, strerror(errno));
	/* libarchive converts names to the thread's charset, and refuses what that has not. */
	utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (utf8)
		before = uselocale(utf8);
	rc = read_tar(&tar, fd);
	if (utf8) {
		uselocale(before);
		freelocale(utf8);
	}
	return rc;
}
