/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Is this a module, and one for this kernel? What load_module() asks after the signature.
 */
#ifndef KS_KERNEL_FORM_H
#define KS_KERNEL_FORM_H

#include "fmt/compress.h"
#include "kernel/rules.h"

/**
 * ks_kernel_form_load() - what a kernel asks of its modules
 * @vmlinux: the kernel, unpacked
 * @config: its configuration, empty if it does not carry one
 */
void ks_kernel_form_load(struct ks_span vmlinux, struct ks_span config,
			 struct ks_kmodules *ret_modules);

/**
 * ks_kernel_judge_form() - fill in what follows in each state in which the signature was no obstacle
 * @content: module without its signature
 *
 * Return: 0; -EOPNOTSUPP if the kernel would leave the file without a check, so that what it does
 * cannot be told.
 */
int __must_check ks_kernel_judge_form(const struct ks_kmodules *modules, struct ks_span content,
				      struct ks_kverdict *verdict, struct ks_diag *diag);

/**
 * ks_kernel_judge_stream() - refuse what the kernel's own decoder does not unpack
 * @file: compressed, and found to be one whole stream
 *
 * A kernel whose configuration says that it does not unpack this kind leaves it to kmod, which has
 * the libraries of the system.
 */
void ks_kernel_judge_stream(const struct ks_kmodules *modules, enum ks_compression kind,
			    struct ks_span file, struct ks_kverdict *verdict);

#endif
