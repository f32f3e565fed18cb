// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cmd/modules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cli/screen.h"

static u64 milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (u64)now.tv_sec * 1000 + (u64)now.tv_nsec / 1000000;
}

/* What is counted, when the job began, and when its line was drawn. The batch calls from one thread at a time. */
static struct {
	const char *what;
	u64 began_ms;
	u64 drawn_ms;
} progress;

/* What is done within a second needs no line; when all is done the line goes. */
static void show_progress(size_t nr_done, size_t nr_paths)
{
	u64 now = milliseconds();

	if (nr_done == nr_paths) {
		if (progress.drawn_ms)
			fputs("\r\033[K", stderr);
		progress.drawn_ms = 0;
	} else if (now - progress.began_ms >= 1000 && now - progress.drawn_ms >= 100) {
		fprintf(stderr, "\r%zu of %zu %s\033[K", nr_done, nr_paths, progress.what);
		progress.drawn_ms = now;
	}
}

void (*ks_progress(const char *what))(size_t, size_t)
{
	if (!ks_screen_can_redraw())
		return NULL;
	progress.what = what;
	progress.began_ms = milliseconds();
	return show_progress;
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

/* Name what failed, in the order of the arguments. */
static int complain_all(const struct ks_paths *paths, const struct ks_diag *diags, size_t *ret_failed)
{
	int verdict = 0;
	size_t i;

	for (i = 0; i < paths->nr_paths; i++) {
		if (!diags[i].err)
			continue;
		ks_complain(&diags[i]);
		++*ret_failed;
		if (!is_clear_no(diags[i].err))
			verdict = -EIO;
		else if (!verdict)
			verdict = -EKEYREJECTED;
	}
	return verdict;
}

static int report(const struct ks_modules_job *job, const struct ks_modules_done *done,
		  struct ks_diag *diag)
{
	size_t nr_failed = 0;
	int verdict, rc;

	rc = job->report ? job->report(job, done, diag) : 0;
	verdict = complain_all(done->paths, done->diag, &nr_failed);
	if (job->done)
		printf("%zu of %zu modules %s\n", done->paths->nr_paths - nr_failed,
		       done->paths->nr_paths, job->done);
	return rc ? rc : verdict;
}

int ks_modules_run(const struct ks_modules_job *job, char **args, int nr_args,
		    struct ks_diag *diag)
{
	struct ks_paths paths = { 0 };
	struct ks_modules_done done = { .paths = &paths };
	unsigned int nr_jobs;
	int rc = ks_parse_jobs(job->nr_jobs, &nr_jobs, diag);

	if (!rc)
		rc = ks_modules_find(args, nr_args, &paths, diag);
	if (rc)
		return rc;
	done.diag = calloc(paths.nr_paths + 1, sizeof(*done.diag));
	done.result = calloc(paths.nr_paths + 1, sizeof(*done.result));
	if (!paths.nr_paths)
		rc = ks_fail_detail(diag, -ENOENT, "no module there", args[0]);
	else if (!done.diag || !done.result)
		rc = ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	if (!rc)
		rc = ks_module_work_run(job->work, &paths, nr_jobs, ks_progress("modules"), done.result,
					done.diag, diag);
	if (!rc)
		rc = report(job, &done, diag);
	if (done.result)
		ks_module_results_done(done.result, paths.nr_paths);
	free(done.diag);
	free(done.result);
	ks_paths_done(&paths);
	return rc;
}
