/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KSEAL_NEXT_KERNEL_H
#define KSEAL_NEXT_KERNEL_H

/* How many kexecs, or crashes, lie behind this kernel? The ones below say it on the command line. */
unsigned int kexecs_so_far(void);

/*
 * Go into the next kernel as a hostile root would: a signed one, with a command line of his own and
 * with the files of this initrd. Return: -1 with the reason on standard error.
 */
int start_next_kernel(void);

/*
 * The same out of the userland: write what systemd's part of this program needs for it, the script
 * RESTART and an initrd. Return: 0; -1 with the reason on standard error.
 */
int write_restart(void);

#define RESTART "/run/kseal/restart"

/*
 * Crash as an administrator would, to see whether a dump comes of it, into the signed kernel that ships
 * for that. Return: -1 with the reason on standard error.
 */
int crash_into_next_kernel(void);

#endif
