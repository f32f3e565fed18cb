/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the VM's tests need of the kernel: the file "config" beside their sources, a config fragment as
 * the kernel's own selftests have one. A line in it says whose the next requests are:
 *
 *   # needed by PROGRAM... PROGRAM:CASE...
 *
 * up to the next such line. Requests above the first are needed by all programs of the directory. What
 * a CASE needs may be missing if the SKU's list of skips ("PROGRAM CASE reason") has that case.
 */
#ifndef KCONFIG_TESTS_H
#define KCONFIG_TESTS_H

#include "facts.h"
#include "kconfig-check.h"
#include "request.h"

/**
 * kc_tests_check() - does a resolved configuration have what the tests of a SKU need?
 * @args: @tests and @skips
 * @sorted: the resolved configuration, kc_list_sorted()
 * @nr: its entries
 * @facts: why a symbol has not the value that it needs
 * @ret_nr_errors: how many lines were printed, one for each symbol with another value and for each
 *	word of @args->tests that is not the path of a test
 *
 * Return: 0; -EBADMSG for a "needed by" that names nothing, or what is not a program of the directory;
 * -E2BIG over a cap; -ENOMEM; what the file system said.
 */
int __must_check kc_tests_check(const struct kc_args *args, struct kc_request *const *sorted, size_t nr,
				const struct kc_facts *facts, size_t *ret_nr_errors, struct ks_diag *diag);

/** kc_tests_put_asked() - put what the tests need as lines "SYMBOL VALUE", for kernel/resolve.c */
int __must_check kc_tests_put_asked(const char *tests, struct ks_buf *out, struct ks_diag *diag);

#endif
