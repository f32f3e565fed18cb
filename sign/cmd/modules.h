/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the module verbs share: one job over many files, and what is said of it.
 */
#ifndef KS_CMD_MODULES_H
#define KS_CMD_MODULES_H

#include "cmd/opts.h"
#include "ops/module.h"

/**
 * struct ks_modules_job - what a verb does to each module
 * @job: called once per file, from several threads
 * @context: passed to @job
 * @done: past participle for the summary, "signed"
 * @nr_jobs: text of --jobs, NULL for one thread per processor
 */
struct ks_modules_job {
	int (*job)(const void *context, const char *path, struct ks_diag *diag);
	const void *context;
	const char *done;
	const char *nr_jobs;
};

/**
 * ks_modules_run() - run a job over files and the modules of folders
 *
 * Names every file that failed on stderr, in the order of the arguments, then sums up on stdout.
 *
 * Return: 0; -EKEYREJECTED if all failures are a clear "no" (unsigned, changed, or not trusted);
 * -EIO if another one is among them; what finding the files said.
 */
int __must_check ks_modules_run(const struct ks_modules_job *run, char **args, int nr_args,
				struct ks_diag *diag);

/** ks_parse_jobs() - the number of --jobs; one per processor for NULL. Return: 0; -EINVAL. */
int __must_check ks_parse_jobs(const char *text, unsigned int *ret_jobs, struct ks_diag *diag);

/** ks_progress() - what shows progress on a terminal; NULL when stderr is none */
void (*ks_progress(void))(size_t nr_done, size_t nr_paths);

/* The row of --jobs. */
#define KS_OPT_JOBS(value) \
	{ "--jobs", "N", "threads, 1 to 64; default: one per processor", .ret_value = &(value) }

#endif
