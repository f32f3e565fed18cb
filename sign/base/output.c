// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/io.h"

static int fail_output(const struct ks_output *output, struct ks_diag *diag)
{
	return ks_fail_sys(diag, "cannot write", output->path);
}

void ks_output_done(struct ks_output *output)
{
	if (output->aside) {
		unlink(output->aside);
		ks_close_fd(&output->fd);
	}
	ks_free_str(&output->aside);
	ks_free_str(&output->path);
	*output = (struct ks_output){ 0 };
}

/* What a replaced file keeps. A new file gets @mode less the umask. */
static int copy_attributes(const struct ks_output *output, mode_t mode)
{
	struct stat st;

	if (stat(output->path, &st)) {
		mode_t mask = umask(0);

		umask(mask);
		return fchmod(output->fd, mode & ~mask);
	}
	if ((st.st_uid != geteuid() || st.st_gid != getegid()) &&
	    fchown(output->fd, st.st_uid, st.st_gid))
		return -1;
	return fchmod(output->fd, st.st_mode & 07777);
}

static int open_aside(struct ks_output *output)
{
	if (asprintf(&output->aside, "%s.XXXXXX", output->path) < 0) {
		output->aside = NULL;
		errno = ENOMEM;
		return -1;
	}
	output->fd = mkostemp(output->aside, O_CLOEXEC);
	if (output->fd < 0)
		ks_free_str(&output->aside);
	return output->fd < 0 ? -1 : 0;
}

int ks_output_begin(const char *path, mode_t mode, struct ks_output *ret_output,
		    struct ks_diag *diag)
{
	__cleanup(ks_output_done) struct ks_output output = { .path = realpath(path, NULL) };

	if (!output.path)
		output.path = strdup(path);
	if (!output.path || open_aside(&output) || copy_attributes(&output, mode))
		return ks_fail_sys(diag, "cannot write", path);
	*ret_output = output;
	output = (struct ks_output){ 0 };
	return 0;
}

int ks_output_write(struct ks_output *output, struct ks_span bytes, struct ks_diag *diag)
{
	int rc = ks_io_write(output->fd, output->path, bytes, diag);

	if (rc)
		return rc;
	/* Only a hint: what it cannot do, fsync() does. */
	(void)sync_file_range(output->fd, (off_t)output->bytes, (off_t)bytes.bytes,
			      SYNC_FILE_RANGE_WRITE);
	output->bytes += bytes.bytes;
	return 0;
}

int ks_output_patch(struct ks_output *output, u64 off, struct ks_span bytes, struct ks_diag *diag)
{
	u64 end;

	if (__builtin_add_overflow(off, bytes.bytes, &end) || end > output->bytes)
		return ks_fail(diag, -EINVAL, off, "patch outside of what was written");
	return ks_io_pwrite(output->fd, output->path, off, bytes, diag);
}

/* The rename itself is only safe on disk once the folder is. */
static int sync_folder(const char *path)
{
	__cleanup(ks_free_str) char *copy = strdup(path);
	__cleanup(ks_close_fd) int fd = -1;

	if (!copy)
		return -1;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	/* Some file systems cannot sync a folder, and say EINVAL. */
	return fsync(fd) && errno != EINVAL ? -1 : 0;
}

int ks_output_publish(struct ks_output *output, struct ks_diag *diag)
{
	int rc = 0;

	if (fsync(output->fd) || rename(output->aside, output->path)) {
		rc = fail_output(output, diag);
		ks_output_done(output);
		return rc;
	}
	if (sync_folder(output->path))
		rc = fail_output(output, diag);
	ks_close_fd(&output->fd);
	ks_free_str(&output->aside);
	ks_output_done(output);
	return rc;
}

int ks_file_publish(const char *path, const struct ks_span *parts, size_t nr_parts, mode_t mode,
		    struct ks_diag *diag)
{
	__cleanup(ks_output_done) struct ks_output output = { 0 };
	int rc = ks_output_begin(path, mode, &output, diag);
	size_t i;

	for (i = 0; i < nr_parts && !rc; i++)
		rc = ks_output_write(&output, parts[i], diag);
	return rc ? rc : ks_output_publish(&output, diag);
}
