// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/fuzz.h"

#include <stdio.h>

void ks_fuzz_law(bool truth, const char *law, const char *file, int line)
{
	if (truth)
		return;
	fprintf(stderr, "%s:%d: broken law: %s\n", file, line, law);
	abort();
}

bool ks_fuzz_inside(struct ks_span whole, struct ks_span part)
{
	uintptr_t start = (uintptr_t)whole.p, at = (uintptr_t)part.p;

	if (!part.bytes)
		return true;
	return at >= start && at - start <= whole.bytes && part.bytes <= whole.bytes - (at - start);
}

u64 ks_fuzz_off(struct ks_span whole, struct ks_span part)
{
	return (u64)((uintptr_t)part.p - (uintptr_t)whole.p);
}
