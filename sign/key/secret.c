// SPDX-License-Identifier: LGPL-2.1-or-later
#include "key/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/io.h"

int ks_secret_load(const char *path, u64 max_bytes, const struct ks_pass_source *pass,
		   struct ks_buf *ret_content, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	struct stat st;
	__cleanup(ks_close_fd) int fd = ks_io_open(path, O_RDONLY, &st, diag);
	int rc;

	if (fd < 0)
		return fd;
	rc = ks_file_check_secret(st.st_mode, pass && pass->group_may_read, diag);
	if (!rc)
		rc = ks_file_read(fd, path, (u64)st.st_size, max_bytes, &content, diag);
	if (rc) {
		ks_diag_in(diag, path);
		return rc;
	}
	ks_buf_move(ret_content, &content);
	return 0;
}

int ks_secret_guard(struct ks_diag *diag)
{
	struct rlimit core = { 0 };

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return ks_fail_sys(diag, "cannot turn core dumps off", NULL);
	/*
	 * A signing program that we run is dumpable again. Of a limit of 0 a core_pattern that pipes
	 * takes no notice; with 1 the kernel starts no pipe, and no dump to a file fits.
	 */
	if (getrlimit(RLIMIT_CORE, &core))
		return ks_fail_sys(diag, "cannot turn core dumps off", NULL);
	core.rlim_cur = core.rlim_max < 1 ? core.rlim_max : 1;
	core.rlim_max = core.rlim_cur;
	return setrlimit(RLIMIT_CORE, &core) ?
		       ks_fail_sys(diag, "cannot turn core dumps off", NULL) : 0;
}
