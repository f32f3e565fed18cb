// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cmd/modules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void show_progress(size_t nr_done, size_t nr_paths)
{
	if (nr_done % 16 == 0 || nr_done == nr_paths)
		fprintf(stderr, "\r%zu/%zu modules%s", nr_done, nr_paths,
			nr_done == nr_paths ? "\n" : "");
}

void (*ks_progress(void))(size_t, size_t)
{
	return isatty(STDERR_FILENO) ? show_progress : NULL;
}

int ks_parse_jobs(const char *text, unsigned int *ret_jobs, struct ks_diag *diag)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned long value = online > 0 ? (unsigned long)online : 1;
	char *end = NULL;

	if (text) {
		errno = 0;
		value = strtoul(text, &end, 10);
		if (errno || *end || end == text || value < 1 || value > 64)
			return ks_fail_detail(diag, -EINVAL, "--jobs takes 1 to 64", text);
	}
	*ret_jobs = (unsigned int)value;
	return 0;
}

/* Unsigned, changed, or signed by somebody who is not trusted: the kernel would not load it. */
static bool is_clear_no(int err)
{
	return err == -ENODATA || err == -EKEYREJECTED || err == -ENOKEY;
}

int ks_modules_run(const struct ks_modules_job *run, char **args, int nr_args,
		   struct ks_diag *diag)
{
	struct ks_paths paths = { 0 };
	struct ks_batch batch = { .paths = &paths, .job = run->job, .context = run->context };
	size_t i, nr_failed = 0;
	int rc, verdict = 0;

	rc = ks_parse_jobs(run->nr_jobs, &batch.nr_jobs, diag);
	if (!rc)
		rc = ks_modules_find(args, nr_args, &paths, diag);
	if (rc)
		return rc;
	if (!paths.nr_paths)
		rc = ks_fail_detail(diag, -ENOENT, "no module there", args[0]);
	batch.ret_diag = calloc(paths.nr_paths ? paths.nr_paths : 1, sizeof(*batch.ret_diag));
	if (!rc && !batch.ret_diag)
		rc = ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	if (!rc) {
		batch.progress = ks_progress();
		nr_failed = ks_batch_run(&batch);
	}
	for (i = 0; !rc && i < paths.nr_paths; i++) {
		int err = batch.ret_diag[i].err;

		if (!err)
			continue;
		ks_complain(&batch.ret_diag[i]);
		if (!is_clear_no(err))
			verdict = -EIO;
		else if (!verdict)
			verdict = -EKEYREJECTED;
	}
	if (!rc)
		printf("%zu of %zu modules %s\n", paths.nr_paths - nr_failed, paths.nr_paths, run->done);
	free(batch.ret_diag);
	ks_paths_done(&paths);
	return rc ? rc : verdict;
}
