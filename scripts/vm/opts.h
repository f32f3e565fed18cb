/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VM_OPTS_H
#define VM_OPTS_H

#include "arch.h"
#include "cli/opts.h"

#define VM_MAX_WORDS 8U
#define VM_MAX_DISKS 4U
/* init's line buffer is 4096 bytes, "SET name value\n" included. */
#define VM_MAX_SETTING_BYTES 3900U

/** struct vm_opts - the values of all options; a verb's row says which of them it takes */
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
	const char *fails;
	const char *log_dir;
	const char *json;
	const char *accel;
	const struct vm_arch *arch;
	const char *cases;
	bool tpm;
	bool crash;
	unsigned int timeout_s;
	unsigned int probe_s;
	unsigned int nr_kexecs;
	unsigned int memory_mib;
	/* "serial=file", read-only */
	struct ks_values disks;
	/* "name=value", for the guest */
	struct ks_values settings;
	struct ks_values says;
	struct ks_values lacks;
	struct ks_values addons;
	const char *ends;
};

/* What the tables of main.c fill in; numbers come as text. */
extern struct vm_opts vm_opts;
extern struct vm_opts_text {
	const char *arch;
	const char *timeout;
	const char *probe;
	const char *kexecs;
	const char *memory;
} vm_opts_text;

/**
 * vm_opts_finish() - check vm_opts and fill in numbers and defaults
 *
 * Return: 0; KS_EXIT_USAGE with the reason in @diag.
 */
int __must_check vm_opts_finish(struct ks_diag *diag);

#endif
