// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

static int fail(const struct ks_output *output, struct ks_diag *diag)
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

int ks_output_begin(const char *path, struct ks_output *ret_output, struct ks_diag *diag)
{
	__cleanup(ks_free_str) char *target = realpath(path, NULL);
	struct ks_output output = { .path = target ? target : strdup(path) };

	if (!output.path || asprintf(&output.aside, "%s.XXXXXX", output.path) < 0) {
		if (!target)
			free(output.path);
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	}
	target = NULL;
	output.fd = mkostemp(output.aside, O_CLOEXEC);
	if (output.fd < 0) {
		int rc = ks_fail_sys(diag, "cannot write", path);

		ks_free_str(&output.aside);
		ks_free_str(&output.path);
		return rc;
	}
	*ret_output = output;
	return 0;
}

int ks_output_write(struct ks_output *output, struct ks_span bytes, struct ks_diag *diag)
{
	u64 start = output->bytes;

	while (bytes.bytes) {
		ssize_t n = write(output->fd, bytes.p, bytes.bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(output, diag);
		output->bytes += (u64)n;
		if (!ks_span_sub(bytes, (u64)n, bytes.bytes - (size_t)n, &bytes))
			return ks_fail(diag, -EIO, KS_NO_OFF, "system wrote more than there was");
	}
	/* Only a hint: what it cannot do, fsync() does. */
	(void)sync_file_range(output->fd, (off_t)start, (off_t)(output->bytes - start),
			      SYNC_FILE_RANGE_WRITE);
	return 0;
}

int ks_output_patch(struct ks_output *output, u64 off, struct ks_span bytes, struct ks_diag *diag)
{
	u64 end;

	if (__builtin_add_overflow(off, bytes.bytes, &end) || end > output->bytes)
		return ks_fail(diag, -EINVAL, off, "patch outside of what was written");
	while (bytes.bytes) {
		ssize_t n = pwrite(output->fd, bytes.p, bytes.bytes, (off_t)off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(output, diag);
		off += (u64)n;
		if (!ks_span_sub(bytes, (u64)n, bytes.bytes - (size_t)n, &bytes))
			return ks_fail(diag, -EIO, KS_NO_OFF, "system wrote more than there was");
	}
	return 0;
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

int ks_output_publish(struct ks_output *output, mode_t mode, struct ks_diag *diag)
{
	int rc = 0;

	if (copy_attributes(output, mode) || fsync(output->fd) ||
	    rename(output->aside, output->path)) {
		rc = fail(output, diag);
		ks_output_done(output);
		return rc;
	}
	if (sync_folder(output->path))
		rc = fail(output, diag);
	ks_close_fd(&output->fd);
	ks_free_str(&output->aside);
	ks_output_done(output);
	return rc;
}
