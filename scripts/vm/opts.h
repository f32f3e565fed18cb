/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VM_OPTS_H
#define VM_OPTS_H

#include "base/types.h"

#define VM_MAX_SETTINGS 32U
#define VM_MAX_WORDS	8U
/* init's line buffer is 4096 bytes, "SET name value\n" included. */
#define VM_MAX_SETTING_BYTES 3900U

struct vm_setting {
	const char *name;
	const char *value;
};

struct vm_opts {
	const char *uki;
	const char *vars;
	const char *code;
	const char *kernel;
	const char *qemu;
	const char *swtpm;
	const char *mode;
	const char *tests;
	const char *plan;
	const char *skips;
	const char *log_dir;
	const char *json;
	const char *accel;
	const char *cases;
	bool tpm;
	unsigned int timeout_s;
	unsigned int probe_s;
	unsigned int nr_kexecs;
	struct vm_setting settings[VM_MAX_SETTINGS];
	size_t nr_settings;
	const char *says[VM_MAX_WORDS];
	size_t nr_says;
	const char *lacks[VM_MAX_WORDS];
	size_t nr_lacks;
	const char *ends;
};

/**
 * vm_opts_parse() - options of all verbs, defaults filled in
 *
 * Return: true; false after one line on stderr.
 */
bool vm_opts_parse(int argc, char **argv, struct vm_opts *ret_opts);

#endif
