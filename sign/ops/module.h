/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Recipes for kernel modules: one file, and one job over many files in parallel.
 */
#ifndef KS_OPS_MODULE_H
#define KS_OPS_MODULE_H

#include "base/slurp.h"
#include "base/target.h"
#include "crypto/cms.h"
#include "fmt/compress.h"
#include "fmt/modsig.h"
#include "kernel/rules.h"
#include "ops/if_signed.h"

/**
 * struct ks_module - a module out of its file; all zero: not open
 * @target: the file, open and locked
 * @file: its bytes; the room is used again for the next module
 * @unpacked: decompressed, empty if the file is not compressed
 * @kind: compression of the file
 * @view: cut at the last signature, borrows @file or @unpacked
 */
struct ks_module {
	struct ks_target target;
	struct ks_buf file;
	struct ks_buf unpacked;
	enum ks_compression kind;
	struct ks_modsig_view view;
};

/**
 * ks_module_open() - lock, read and decompress a file, and cut it at its signature
 * @m: all zero, or used before: what it held is closed
 * @path: .ko, .ko.gz, .ko.xz, .ko.zst, or another name for what is not compressed. A name that says
 *        another compression than the content has is refused: loaders go by one or the other.
 * @use: what for; it is not locked if only read
 *
 * Return: 0, also if it is unsigned: @m->view.cms is empty then; -EBADMSG; -E2BIG; what the system
 * said.
 */
int __must_check ks_module_open(struct ks_module *m, const char *path, enum ks_target_use use,
				struct ks_diag *diag);

/** ks_module_close() - unlock the file; the buffers stay for the next one */
void ks_module_close(struct ks_module *m);

/** ks_module_done() - close and free */
void ks_module_done(struct ks_module *m);

/* What ks_module_signable() says of a module that has a signature to keep. */
#define KS_MODULE_KEEP 1

/**
 * ks_module_signable() - may this module be signed?
 *
 * The kernel would take it for a module, nothing stands behind its last section but one signature,
 * and @mode allows for that one.
 *
 * Return: 0; KS_MODULE_KEEP if it has a well-formed signature and @mode is KS_IF_SIGNED_KEEP;
 * -EEXIST if it is signed and @mode is KS_IF_SIGNED_REFUSE; -EBADMSG; -EOPNOTSUPP.
 */
int __must_check ks_module_signable(const struct ks_module *m, enum ks_if_signed mode,
				    struct ks_diag *diag);

/**
 * struct ks_module_file - a file with a module, as it is on disk
 * @bytes: length
 * @sha256: empty when nobody asked for it
 */
struct ks_module_file {
	u64 bytes;
	struct ks_digest sha256;
};

/**
 * ks_module_write() - the module's content with another signature, beside its file
 * @m: its target moves into @ret_aside
 * @tail: what stands behind the content: a signature with its trailer; empty: none
 * @kind: compression of the new file, whose name follows it
 * @sha256: also compute the digest of the new file
 * @ret_file: what the new file is
 * @ret_aside: complete, read back and ready to be published; owned by the caller
 */
int __must_check ks_module_write(struct ks_module *m, struct ks_span tail, enum ks_compression kind,
				 bool sha256, struct ks_module_file *ret_file,
				 struct ks_aside *ret_aside, struct ks_diag *diag);

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
 * @arg: files as they are; directories are walked for .ko, .ko.gz, .ko.xz and .ko.zst, sorted by name
 * @ret_paths: owned by the caller, ks_paths_done()
 *
 * What cannot be read is in the list too, so that its job says why. A file that is reached twice,
 * through links or as an argument, is there once.
 *
 * Return: 0; -E2BIG above KS_MAX_MODULES; -ENOMEM.
 */
int __must_check ks_modules_find(char **arg, int nr_args, struct ks_paths *ret_paths,
				 struct ks_diag *diag);

/**
 * ks_files_find() - the same of all files, whatever their names
 *
 * In directories, links to directories are not followed, and what is neither a file nor a link to one is
 * passed over.
 */
int __must_check ks_files_find(char **arg, int nr_args, struct ks_paths *ret_paths, struct ks_diag *diag);

/** ks_is_module_name() - ends in .ko, .ko.gz, .ko.xz or .ko.zst */
bool ks_is_module_name(struct ks_span name);

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

/**
 * ks_module_verify() - what the kernel does with a module in a file, which may be compressed
 * @pool: memory to read into
 *
 * Return: as ks_kernel_verdict_of_file(); what reading said.
 */
int __must_check ks_module_verify(const struct ks_kernel *kernel, struct ks_slurp_pool *pool,
				  const char *path, struct ks_kverdict *ret_verdict,
				  struct ks_diag *diag);

#endif
