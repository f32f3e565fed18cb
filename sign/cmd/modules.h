/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the module verbs share: one job over many files, and what is said of it.
 */
#ifndef KS_CMD_MODULES_H
#define KS_CMD_MODULES_H

#include "cmd/verbs.h"
#include "ops/batch.h"

/**
 * struct ks_modules_done - files and what became of them, in the order of the arguments
 */
struct ks_modules_done {
	struct ks_paths *paths;
	struct ks_module_result *result;
	struct ks_diag *diag;
};

/**
 * struct ks_modules_job - sign, strip or show
 * @work: what is done
 * @done: past participle for the summary, "signed"; NULL: no summary
 * @nr_jobs: text of --jobs, NULL for one thread per processor
 * @report: called once at the end, also if files failed; may be NULL
 * @context: for @report
 */
struct ks_modules_job {
	const struct ks_module_work *work;
	const char *done;
	const char *nr_jobs;
	int (*report)(const struct ks_modules_job *job, const struct ks_modules_done *done,
		      struct ks_diag *diag);
	const void *context;
};

/**
 * ks_modules_run() - do it, report, name every file that failed on stderr, sum up on stdout
 *
 * Return: 0; -EKEYREJECTED if all failures are a clear "no" (unsigned); -EIO if another one is among
 * them; what @report or finding the files said.
 */
int __must_check ks_modules_run(const struct ks_modules_job *job, char **args, int nr_args,
				struct ks_diag *diag);

/** ks_parse_jobs() - the number of --jobs; one per processor for NULL. Return: 0; -EINVAL. */
int __must_check ks_parse_jobs(const char *text, unsigned int *ret_jobs, struct ks_diag *diag);

/**
 * ks_progress() - what shows progress on a terminal; NULL when stderr is not one
 * @what: of which there are some, "modules"; it stays
 */
void (*ks_progress(const char *what))(size_t nr_done, size_t nr_paths);

/* The row of --jobs. */
#define KS_OPT_JOBS(value) \
	{ "--jobs", "N", "threads, 1 to 64; default: one per processor", .ret_value = &(value) }

#endif
