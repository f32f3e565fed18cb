/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Recipes for kernel modules: one file, and many files in parallel.
 */
#ifndef KS_OPS_MODULE_H
#define KS_OPS_MODULE_H

#include "crypto/cms.h"
#include "ops/if_signed.h"

/**
 * ks_module_sign() - sign one module and replace its file
 * @signer: shared by all threads
 * @path: a .ko file, unsigned, or signed if @mode says what to do
 *
 * Return: 0; -EEXIST for a signed file under KS_IF_SIGNED_REFUSE; -EBADMSG if the kernel would not
 * take the file for a module; what signing or writing said. After a failure the file is unchanged.
 */
int __must_check ks_module_sign(const struct ks_signer *signer, enum ks_if_signed mode,
				const char *path, struct ks_diag *diag);

/**
 * ks_module_verify() - check the signature of one module
 * Return: 0; -ENODATA if unsigned; -ENOKEY, -EKEYREJECTED, -EBADMSG as ks_cms_verify_module().
 */
int __must_check ks_module_verify(const struct ks_certs *trust, const char *path,
				  struct ks_diag *diag);

/** ks_module_strip() - remove the signature. Return: 0; -ENODATA if there is none. */
int __must_check ks_module_strip(const char *path, struct ks_diag *diag);

/**
 * ks_module_sizes() - what is signed and by how much
 * @ret_content_bytes: bytes before the signature
 * @ret_cms_bytes: bytes of the CMS message
 * Return: 0; -ENODATA if unsigned; -EBADMSG.
 */
int __must_check ks_module_sizes(const char *path, u64 *ret_content_bytes, u64 *ret_cms_bytes,
				 struct ks_diag *diag);

/**
 * struct ks_paths - owned list of file names
 */
struct ks_paths {
	char **path;
	size_t nr_paths;
};

void ks_paths_done(struct ks_paths *paths);

/**
 * ks_modules_find() - expand arguments into module files
 * @arg: files as they are; folders are walked for *.ko, sorted by name
 * @ret_paths: owned by the caller, ks_paths_done()
 *
 * Compressed modules (.ko.xz, .ko.zst, .ko.gz) in a folder are refused, not passed over: they would
 * stay unsigned.
 *
 * Return: 0; -EOPNOTSUPP; -E2BIG above KS_MAX_MODULES; what the system said.
 */
int __must_check ks_modules_find(char **arg, int nr_args, struct ks_paths *ret_paths,
				 struct ks_diag *diag);

/**
 * struct ks_batch - one job over many files
 * @paths: files
 * @nr_jobs: threads
 * @job: called once per file, from several threads
 * @context: passed to @job
 * @progress: called from one thread at a time after each file; may be NULL
 * @ret_diag: one per file, in the order of @paths whatever the timing was
 */
struct ks_batch {
	const struct ks_paths *paths;
	unsigned int nr_jobs;
	int (*job)(const void *context, const char *path, struct ks_diag *diag);
	const void *context;
	void (*progress)(size_t nr_done, size_t nr_paths);
	struct ks_diag *ret_diag;
};

/**
 * ks_batch_run() - run all jobs; a failure of one does not stop the others
 * Return: number of files that failed.
 */
size_t ks_batch_run(const struct ks_batch *batch);

#endif
