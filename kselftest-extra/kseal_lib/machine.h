/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between the boards that the tests run on (scripts/vm/arch.c): serial ports.
 */
#ifndef KSEAL_MACHINE_H
#define KSEAL_MACHINE_H

#if defined(__aarch64__)
/* The board's only port is a PL011; the other one is on PCI, and the first that its driver has. */
#define CONSOLE_PORT "ttyAMA0"
#define RESULTS_PORT "ttyS0"
#else
#define CONSOLE_PORT "ttyS0"
#define RESULTS_PORT "ttyS1"
#endif

#endif
