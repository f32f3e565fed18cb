/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Would this kernel load that module? The rules of Linux 6.18, and of this fork's patches.
 */
#ifndef KS_KERNEL_RULES_H
#define KS_KERNEL_RULES_H

#include "fmt/compress.h"
#include "kernel/cms.h"

/* The state that a running kernel is in when it is asked to load a module. */
enum ks_kmode {
	KS_KMODE_PERMISSIVE,  /* neither of the two below */
	KS_KMODE_LOCKDOWN,    /* locked down, module.sig_enforce off */
	KS_KMODE_SIG_ENFORCE, /* module.sig_enforce=1 or CONFIG_MODULE_SIG_FORCE */
	KS_KMODE_NR,
};

/**
 * struct ks_kverdict - what the kernel does with one module
 * @sig_err: what the check of the signature returns: 0; -ENODATA for an unsigned module
 * @sig_log: the line that it logs, "" if none
 * @load: what finit_module() returns in each state, and the line that is logged in addition
 *
 * After a good signature comes the form of the module, and whether it was built for this kernel. That
 * the symbols it needs are there, in the version it needs, is not asked.
 */
struct ks_kverdict {
	int sig_err;
	struct ks_kernel_log sig_log;
	struct {
		int err;
		struct ks_kernel_log log;
	} load[KS_KMODE_NR];
};

struct ks_kernel_image;

/**
 * struct ks_kernel_opts - where a kernel's rules come from
 * @version: "6.18" or NULL
 * @image: file of the kernel; NULL for none
 * @unpacked: the kernel, if it is unpacked already, and its lists are found; NULL for none
 * @trust: certificates that it trusts beside its own; may be NULL
 * @revoked: those that it refuses; may be NULL
 */
struct ks_kernel_opts {
	const char *version;
	const char *image;
	const struct ks_kernel_image *unpacked;
	const struct ks_certs *trust;
	const struct ks_certs *revoked;
};

/* The series whose rules these are. */
#define KS_KERNEL_SERIES "6.18"

/** ks_kernel_is_of_series() - is a release ("6.18.15", "6.18.0-rc1") one of KS_KERNEL_SERIES? */
bool ks_kernel_is_of_series(const char *release);

/**
 * ks_kernel_load() - get the keyring and the configuration
 * @ret_kernel: ks_kernel_done(), also after a failure
 *
 * Without a kernel image, or without a configuration inside, the rules are those of mainline with
 * every algorithm built in.
 *
 * Return: 0; -EOPNOTSUPP for an unknown version or a kernel without CONFIG_MODULE_SIG; what reading
 * them said.
 */
int __must_check ks_kernel_load(const struct ks_kernel_opts *opts, struct ks_kernel *ret_kernel,
				struct ks_diag *diag);

/**
 * ks_kernel_load_form() - what a kernel asks of its modules
 * @vmlinux: the kernel, unpacked
 * @config: its configuration, empty if it does not carry one
 */
void ks_kernel_load_form(struct ks_span vmlinux, struct ks_span config,
			 struct ks_kmodules *ret_modules);

/**
 * ks_kernel_check_form() - fill in what follows in each state in which the signature was no obstacle
 * @content: module without its signature
 *
 * Return: 0; -EOPNOTSUPP if the kernel would leave the file without a check, so that what it does
 * cannot be told.
 */
int __must_check ks_kernel_check_form(const struct ks_kmodules *modules, struct ks_span content,
				      struct ks_kverdict *verdict, struct ks_diag *diag);

/**
 * ks_kernel_check_stream() - refuse what the kernel's own decoder does not unpack
 * @file: compressed, and found to be one whole stream
 *
 * A kernel whose configuration says that it does not unpack this kind leaves it to kmod, which has
 * the libraries of the system.
 */
void ks_kernel_check_stream(const struct ks_kmodules *modules, enum ks_compression kind,
			    struct ks_span file, struct ks_kverdict *verdict);

/**
 * ks_kernel_verdict() - as finit_module() of one module
 * @file: the module, not compressed
 *
 * Return: 0 with @ret_verdict; -EOPNOTSUPP, -EIO or -ENOMEM if it cannot be told.
 */
int __must_check ks_kernel_verdict(const struct ks_kernel *kernel, struct ks_span file,
				 struct ks_kverdict *ret_verdict, struct ks_diag *diag);

/**
 * ks_kernel_verdict_of_file() - ks_kernel_verdict() of a file that may be compressed
 *
 * Return: as ks_kernel_verdict(); what unpacking said.
 */
int __must_check ks_kernel_verdict_of_file(const struct ks_kernel *kernel, struct ks_span file,
					 struct ks_kverdict *ret_verdict, struct ks_diag *diag);

/**
 * ks_kverdict_why() - the reason in words, for a module that does not load when it is enforced
 * Return: static text.
 */
const char *ks_kverdict_why(const struct ks_kverdict *verdict);

#endif
