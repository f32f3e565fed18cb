/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KSEAL_IMA_H
#define KSEAL_IMA_H

/* A rule, or the absolute path of a file with rules, is written to it; the rules in force are read. */
#define POLICY "/sys/kernel/security/ima/policy"

#endif
