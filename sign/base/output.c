// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attrs.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/io.h"

static int fail_output(const struct ks_output *output, int rc, struct ks_diag *diag)
{
	errno = -rc;
	return ks_fail_sys(diag, "cannot write", output->place.path);
}

static int fail_kind(const struct ks_output *output, const char *what, struct ks_diag *diag)
{
	ks_fail(diag, -EINVAL, KS_NO_OFF, what);
	ks_diag_in(diag, output->place.path);
	return -EINVAL;
}

void ks_output_done(struct ks_output *output)
{
	if (output->place.path) {
		ks_draft_done(&output->place, &output->draft);
		ks_close_fd(&output->old_fd);
	}
	ks_place_close(&output->place);
}

/* A pipe or a terminal gets the content when it is complete; until then memory has it. */
static int begin_stream(struct ks_output *output, struct ks_diag *diag)
{
	output->draft.fd = memfd_create("kseal", MFD_CLOEXEC);
	return output->draft.fd < 0 ? fail_output(output, -errno, diag) : 0;
}

/* By the descriptor that was looked at: under the name there may be something else by now. */
static int open_stream(struct ks_output *output, int fd, struct ks_diag *diag)
{
	char proc[64];

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	output->place.stream_fd = open(proc, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	return output->place.stream_fd < 0 ? fail_output(output, -errno, diag) :
					     begin_stream(output, diag);
}

/* The file that is there keeps its mode, owner and labels, unless another user may have put it there. */
static int begin_file(struct ks_output *output, mode_t mode, struct ks_diag *diag)
{
	int rc;

	if (output->place.own) {
		output->old_fd = openat(output->place.dir_fd, output->place.name,
					O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (output->old_fd < 0 && errno != ENOENT)
			return fail_output(output, -errno, diag);
		/* Its mode is only given at the end; until then nobody else may read it. */
		if (output->old_fd >= 0)
			mode &= S_IRWXU;
	}
	rc = ks_draft_open(&output->place, mode, 0, &output->draft);
	return rc ? fail_output(output, rc, diag) : 0;
}

/* What is there now, and what does that mean for what is written? */
static int begin(struct ks_output *output, mode_t mode, struct ks_diag *diag)
{
	__cleanup(ks_close_fd) int fd = -1;
	struct stat st;

	if (output->place.stream_fd >= 0)
		return begin_stream(output, diag);
	fd = openat(output->place.dir_fd, output->place.name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return begin_file(output, mode, diag);
	if (fd < 0 || fstat(fd, &st))
		return fail_output(output, -errno, diag);
	if (S_ISREG(st.st_mode) || S_ISLNK(st.st_mode))
		return begin_file(output, mode, diag);
	if (S_ISDIR(st.st_mode))
		return fail_output(output, -EISDIR, diag);
	if (!S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode))
		return fail_kind(output, "cannot write to a block device or a socket, name a file", diag);
	if (!output->place.own && st.st_uid != geteuid())
		return fail_kind(output, "a pipe or device of another user, name a file or remove it",
				 diag);
	return open_stream(output, fd, diag);
}

int ks_output_begin(const char *path, mode_t mode, struct ks_output *ret_output,
		    struct ks_diag *diag)
{
	__cleanup(ks_output_done) struct ks_output output = { .draft = { .fd = -1 }, .old_fd = -1 };
	int rc = ks_place_open(path, &output.place, diag);

	if (!rc)
		rc = begin(&output, mode, diag);
	if (rc)
		return rc;
	*ret_output = output;
	output = (struct ks_output){ 0 };
	return 0;
}

int ks_output_write(struct ks_output *output, struct ks_span bytes, struct ks_diag *diag)
{
	u64 off = output->draft.bytes;
	int rc = ks_draft_write(&output->draft, output->place.path, bytes, diag);

	/* Only a hint, so that publishing waits less: what it cannot do, fsync() does. */
	if (!rc)
		(void)sync_file_range(output->draft.fd, (off_t)off, (off_t)bytes.bytes,
				      SYNC_FILE_RANGE_WRITE);
	return rc;
}

int ks_output_patch(struct ks_output *output, u64 off, struct ks_span bytes, struct ks_diag *diag)
{
	u64 end;

	if (__builtin_add_overflow(off, bytes.bytes, &end) || end > output->draft.bytes)
		return ks_fail(diag, -EINVAL, off, "patch outside of what was written");
	return ks_io_pwrite(output->draft.fd, output->place.path, off, bytes, diag);
}

static int publish_stream(const struct ks_output *output, struct ks_diag *diag)
{
	u8 part[65536];
	off_t off = 0;
	ssize_t n;
	int rc;

	while ((n = pread(output->draft.fd, part, sizeof(part), off)) > 0) {
		rc = ks_io_write(output->place.stream_fd, output->place.path,
				 (struct ks_span){ part, (size_t)n }, diag);
		if (rc)
			return rc;
		off += n;
	}
	return n ? fail_output(output, -errno, diag) : 0;
}

/* Last, as writing drops capabilities. */
static int keep_attributes(const struct ks_output *output, struct ks_diag *diag)
{
	struct stat st;
	int rc;

	if (output->old_fd < 0)
		return 0;
	if (fstat(output->old_fd, &st))
		return fail_output(output, -errno, diag);
	rc = ks_attrs_copy(output->old_fd, &st, output->draft.fd, KS_ATTRS_OF_OTHER_CONTENT, diag);
	if (rc)
		ks_diag_in(diag, output->place.path);
	return rc;
}

/* Without a temporary name, if the name is free: so a kill leaves nothing. */
static int take_name(struct ks_output *output)
{
	int rc = output->old_fd < 0 ? ks_draft_appear(&output->place, &output->draft, output->place.name) :
				      -EEXIST;

	return rc ? ks_draft_replace(&output->place, &output->draft) : 0;
}

static int publish_file(struct ks_output *output, bool sync, struct ks_diag *diag)
{
	int rc = keep_attributes(output, diag);

	if (rc)
		return rc;
	rc = sync ? ks_draft_sync(&output->draft) : 0;
	if (!rc)
		rc = take_name(output);
	/* The rename itself is only safe on disk once the directory is. */
	if (!rc && sync)
		rc = ks_place_sync(&output->place);
	return rc ? fail_output(output, rc, diag) : 0;
}

int ks_output_publish(struct ks_output *output, bool sync, struct ks_diag *diag)
{
	int rc = output->place.stream_fd >= 0 ? publish_stream(output, diag) :
						publish_file(output, sync, diag);

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
	return rc ? rc : ks_output_publish(&output, true, diag);
}
