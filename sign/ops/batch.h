/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One piece of work over many modules, in threads, with a result for each file.
 */
#ifndef KS_OPS_BATCH_H
#define KS_OPS_BATCH_H

#include "ops/commit.h"
#include "ops/module.h"

/** enum ks_module_action - what happened to a file */
enum ks_module_action {
	KS_MODULE_NOTHING, /* it failed; the diag says why */
	KS_MODULE_SIGNED,
	KS_MODULE_KEPT,	    /* the signature that was there */
	KS_MODULE_REPLACED, /* another one by ours */
	KS_MODULE_STRIPPED,
	KS_MODULE_SHOWN,
};

/**
 * struct ks_module_result - what is known of one file afterwards
 * @new_name: owned; NULL unless the compression and so the name changed
 * @before: the file as it was
 * @after: the file as it is
 * @signed_bytes: what the signature covers
 * @cms_bytes: length of the CMS message
 * @info: who signed; all zero if @details was not asked for, or the file is unsigned
 */
struct ks_module_result {
	enum ks_module_action action;
	char *new_name;
	struct ks_module_file before;
	struct ks_module_file after;
	u64 signed_bytes;
	u64 cms_bytes;
	struct ks_cms_info info;
};

/* Compression of the new file: that of the old one. Other values are of enum ks_compression. */
#define KS_COMPRESS_KEEP (-1)

/**
 * struct ks_module_work - what to do
 * @what: KS_MODULE_SIGNED, KS_MODULE_STRIPPED or KS_MODULE_SHOWN
 * @signer: for signing
 * @mode: of --signed
 * @compress: KS_COMPRESS_KEEP or a kind
 * @in_place: change the end of the file itself; with KS_COMPRESS_KEEP only
 * @details: fill @info and the digests of the results
 */
struct ks_module_work {
	enum ks_module_action what;
	const struct ks_signer *signer;
	enum ks_if_signed mode;
	int compress;
	bool in_place;
	bool details;
};

/**
 * ks_module_work_run() - do it
 * @paths: files; with @in_place the names of one inode are made one
 * @nr_jobs: threads
 * @progress: as in struct ks_batch; may be NULL
 * @ret_result: array of @paths->nr_paths, all zero; ks_module_results_done() frees what is in it
 * @ret_diag: array of as many, all zero: the failures
 *
 * Memory: each thread has at most one module (and when compressed, its compressed bytes) at a time.
 *
 * Return: 0 even if files failed; -ENOMEM or what starting a thread said.
 */
int __must_check ks_module_work_run(const struct ks_module_work *work, struct ks_paths *paths,
				    unsigned int nr_jobs,
				    void (*progress)(size_t nr_done, size_t nr_paths),
				    struct ks_module_result *ret_result, struct ks_diag *ret_diag,
				    struct ks_diag *diag);

/** ks_module_results_done() - free what the results own */
void ks_module_results_done(struct ks_module_result *result, size_t nr_results);

#endif
