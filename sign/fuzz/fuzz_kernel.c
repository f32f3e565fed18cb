// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: as fuzz_rules.c, the signature of a module and the certificates in a kernel.
 *
 * Valid input: see kernel/compare.h.
 *
 * Law: kseal says what the kernel's own sources say, compiled beside it: which certificates are kept and
 * why not, whether the signature is good and the module loads, and with which errno not.
 */
#include <stdio.h>

#include "fuzz/fuzz.h"
#include "fuzz/kernel/compare.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static bool booted;
	struct kernel_result result;
	struct kernel_case c;

	if (!booted)
		kernel_side_boot();
	booted = true;
	if (!kernel_case_cut((struct ks_span){ data, size }, &c))
		return 0;
	kernel_compare(&c, &result);
	if (result.different[0])
		fprintf(stderr, "%s\n", result.different);
	KS_LAW(!result.different[0]);
	return 0;
}
