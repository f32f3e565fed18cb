/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What differs between the machines of two architectures: all else in machine.c is the same for both.
 */
#ifndef VM_ARCH_H
#define VM_ARCH_H

#include "base/types.h"

/**
 * struct vm_arch - one architecture, by the kernel's name of it
 * @machine: its name in uname(2), where it can differ
 * @qemu: the program
 * @code: firmware, Debian's with Secure Boot
 * @no_code: what is wrong if it is not there
 * @boot_file: what the firmware starts on a disk that no boot entry names
 * @console: parameter of the kernel for the first serial port
 * @devices: options of QEMU for the board, ended by NULL
 * @results: device of the chardev "results"; NULL: the second "-serial"
 * @tpm: device of the tpmdev "tpm"
 */
struct vm_arch {
	const char *name;
	const char *machine;
	const char *qemu;
	const char *code;
	const char *no_code;
	const char *boot_file;
	const char *console;
	const char *const *devices;
	const char *results;
	const char *tpm;
};

/** vm_arch_find() - by name; NULL: it is not known */
const struct vm_arch *vm_arch_find(const char *name);

/** vm_arch_is_hosts() - does this machine run its programs, so that KVM can help? */
bool vm_arch_is_hosts(const struct vm_arch *arch);

#endif
