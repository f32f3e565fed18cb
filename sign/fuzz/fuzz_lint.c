// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: whoever can hand an image to `kseal pe lint`, which is asked about images
 * that are broken and so reads further than all other verbs.
 *
 * Valid input: as for fuzz_pe.c, and every image that some loader would refuse.
 *
 * Laws: what ks_pe_parse() refuses has a fatal finding; the number of fatal findings is that of those
 * marked so; an image without one passes ks_pe_lint_fatal(), one with one does not.
 */
#include <errno.h>

#include "fuzz/fuzz.h"
#include "ops/pe_lint.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct ks_pe_view view;
	__cleanup(ks_findings_done) struct ks_findings findings = { 0 };
	struct ks_span in = { data, size };
	size_t i, nr_fatal = 0;

	KS_LAW(!ks_pe_lint(in, &findings, NULL));
	for (i = 0; i < findings.nr_findings; i++)
		nr_fatal += findings.finding[i].fatal;
	KS_LAW(nr_fatal == findings.nr_fatal);
	if (ks_pe_parse(in, &view, NULL)) {
		KS_LAW(nr_fatal);
		return 0;
	}
	KS_LAW(!nr_fatal == !ks_pe_lint_fatal(&view, NULL));
	return 0;
}
