/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The files of a release, as `make` leaves them in out/SKU.
 */
#ifndef KS_OPS_AUDIT_RELEASE_H
#define KS_OPS_AUDIT_RELEASE_H

#include "base/diag.h"
#include "base/limits.h"
#include "base/span.h"

/* What belongs to a release; names of its directory, and of two below it. */
#define KS_RELEASE_MAX_FILES 1024U

enum ks_release_state {
	KS_RELEASE_FOUND,
	KS_RELEASE_MISSING,
	KS_RELEASE_STRAY, /* belongs to nothing */
	KS_RELEASE_WORK,  /* what the build keeps beside it */
};

/** ks_release_state_name() - "found", "missing", "stray", "work" */
const char *ks_release_state_name(enum ks_release_state state);

/**
 * struct ks_release_file - one name
 * @path: owned
 * @name: the same below the release's directory, borrows @path
 * @role: static: "image", "addon", "kexec", "modules", "keyring", "enroll", "config"; NULL for none
 */
struct ks_release_file {
	char *path;
	const char *name;
	const char *role;
	enum ks_release_state state;
};

/** struct ks_release - owned; zero-initialised is empty */
struct ks_release {
	const char *dir;
	struct ks_release_file *file;
	size_t nr_files;
};

void ks_release_done(struct ks_release *release);

/**
 * ks_release_find() - look through a directory
 * @dir: must outlive @ret_release
 * @ret_release: zeroed; ks_release_done(), also after a failure. In the order of names.
 *
 * Return: 0; -ENOENT without linux.efi; -E2BIG; -ENOMEM; what the file system said.
 */
int __must_check ks_release_find(const char *dir, struct ks_release *ret_release, struct ks_diag *diag);

/**
 * ks_release_find_modules() - the directories of modules/lib/modules
 * @kernel: release of the kernel, the one that belongs to it
 * @wants: the kernel loads modules, so that a directory has to be there
 * Return: 0; -E2BIG; -ENOMEM; what the file system said.
 */
int __must_check ks_release_find_modules(struct ks_release *release, struct ks_span kernel, bool wants,
					 struct ks_diag *diag);

/** ks_release_has() - a file by its name; false if it is not there */
bool ks_release_has(const struct ks_release *release, const char *name);

/** ks_release_path() - with the directory before it. Return: false if it has no room. */
bool ks_release_path(const struct ks_release *release, const char *name, char path[KS_MAX_PATH_BYTES]);

#endif
