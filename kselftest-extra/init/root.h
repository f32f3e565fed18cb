/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KSEAL_ROOT_H
#define KSEAL_ROOT_H

/* What the initrd leaves for the program that goes on with the report. */
#define FRAME_STATE "/run/kseal/frame"

/* Load the modules of /modules, in the order of their names. */
void load_modules(void);

/* Mount the devices that the program "verity" opened, and become their init. Return: only on failure. */
int enter_root(void);

#endif
