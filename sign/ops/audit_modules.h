/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The modules of a release, held against the kernel that is to load them and against what depmod wrote of them.
 */
#ifndef KS_OPS_AUDIT_MODULES_H
#define KS_OPS_AUDIT_MODULES_H

#include "kernel/image.h"
#include "ops/module.h"

enum ks_module_state {
	KS_MODULE_LOADS,
	KS_MODULE_UNSIGNED,
	KS_MODULE_FOREIGN,  /* by a key that the kernel does not have */
	KS_MODULE_STALE,    /* built for another kernel */
	KS_MODULE_REFUSED,  /* for another reason */
	KS_MODULE_UNJUDGED, /* could not be told */
	KS_NR_MODULE_STATES,
};

/** ks_module_state_name() - "loads", "unsigned", "foreign", "stale", "refused", "unjudged" */
const char *ks_module_state_name(enum ks_module_state state);

/**
 * struct ks_audit_module - one file
 * @name: below the directory of the release, borrowed
 * @why: why it does not load, static or in @fault; NULL if it does
 * @log: what the kernel says then; "" for nothing
 * @is_listed: modules.dep has a line for it
 * @is_builtin: modules.builtin says that it is inside of the kernel
 */
struct ks_audit_module {
	struct ks_span name;
	enum ks_module_state state;
	struct ks_kverdict verdict;
	struct ks_diag fault;
	bool is_listed;
	bool is_builtin;
};

/** struct ks_missing_module - a file that is named and not there; @by: who names it, static */
struct ks_missing_module {
	struct ks_span name;
	const char *by;
};

/**
 * struct ks_audit_modules - of a release; owned, zero-initialised is empty
 * @dir: with the release's name at its end, "modules/lib/modules/6.18.15"
 * @module: by name
 * @missing: by who names them, then by name
 * @has_dep: there is a modules.dep
 * @fault: why modules cannot be judged; err is 0 otherwise
 */
struct ks_audit_modules {
	char dir[KS_MAX_PATH_BYTES];
	struct ks_paths paths;
	struct ks_audit_module *module;
	size_t nr_modules;
	size_t nr_of[KS_NR_MODULE_STATES];
	struct ks_missing_module *missing;
	size_t nr_missing;
	bool has_dep;
	struct ks_buf dep, order, builtin;
	struct ks_diag fault;
};

void ks_audit_modules_done(struct ks_audit_modules *modules);

/**
 * ks_audit_modules_lists() - what modules.dep, modules.order and modules.builtin say of the files
 * @modules: with @module, which is sorted, and the texts; gets @missing and the flags of each module
 * Return: 0; -ENOMEM.
 */
int __must_check ks_audit_modules_lists(struct ks_audit_modules *modules, struct ks_diag *diag);

/**
 * ks_audit_modules_run() - verify all of them, and look for those that are missing
 * @image: the kernel, with its lists; NULL if it cannot be read, and @ret_modules->fault says why
 * @ret_modules: with @dir, and that; ks_audit_modules_done(), also after a failure
 * @nr_jobs: threads
 * @progress: as in struct ks_batch; may be NULL
 *
 * Return: 0, whatever there is to say of them; -E2BIG; -ENOMEM; what the file system said.
 */
int __must_check ks_audit_modules_run(const struct ks_kernel_image *image, unsigned int nr_jobs,
				      void (*progress)(size_t nr_done, size_t nr_paths),
				      struct ks_audit_modules *ret_modules, struct ks_diag *diag);

#endif
