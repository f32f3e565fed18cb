/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The virtual machine: q35 with SMM, so that only the firmware writes its variable store; OVMF
 * built for Secure Boot; a TPM; a disk with the UKI; two serial ports; no network.
 *
 * Everything that it writes lies in the log directory, which is also its working directory.
 */
#ifndef VM_MACHINE_H
#define VM_MACHINE_H

#include <sys/types.h>

#include "base/diag.h"
#include "opts.h"

#define VM_CONSOLE_FILE "ttyS0.log"
#define VM_RESULTS_FILE "ttyS1.log"
#define VM_QEMU_LOG	"qemu.log"
/* What efi/judge.c writes to the debug port. */
#define VM_ANSWERS_FILE "answers.log"
/* What a crash kernel writes its dump to. */
#define VM_CRASH_DISK "crash.img"

struct vm_machine {
	pid_t qemu;
	pid_t swtpm;
	int results_fd;
};

/**
 * vm_media_prepare() - fill the log directory: a copy of the variable store, the disk, an empty TPM
 *
 * The store is copied because the firmware writes to it; the next run must begin as this one did.
 */
int __must_check vm_media_prepare(const struct vm_opts *opts, struct ks_diag *diag);

/** vm_media_restart() - the same for another boot, with the disk left as it is */
int __must_check vm_media_restart(const struct vm_opts *opts, struct ks_diag *diag);

/** vm_media_add() - copy the log directory's file @name into the root of the disk */
int __must_check vm_media_add(const struct vm_opts *opts, const char *name, struct ks_diag *diag);

/**
 * vm_log_first_line() - the first line of a file in the log directory: why a program failed
 *
 * Return: printable text for free(), "" when there is none.
 */
char *vm_log_first_line(const struct vm_opts *opts, const char *name);

/**
 * vm_machine_start() - with "kvm" or "tcg" and as many processors
 *
 * With more than one the firmware itself takes seconds more: each change of a variable is a
 * rendezvous of all of them.
 *
 * Return: 0; the caller stops it in every case.
 */
int __must_check vm_machine_start(struct vm_machine *machine, const struct vm_opts *opts,
				  const char *accel, const char *nr_cpus, struct ks_diag *diag);
void vm_machine_stop(struct vm_machine *machine);

#endif
