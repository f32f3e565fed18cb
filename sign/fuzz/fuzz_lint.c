// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: whoever can hand an image to `kseal pe lint`, which is asked about images
 * that are broken and so reads further than all other verbs.
 *
 * Valid input: as for fuzz_pe.c, and every image that some loader would refuse.
 *
 * Laws: what ks_pe_parse() refuses has a fatal finding; the number of fatal findings is that of those
 * marked so; ks_pe_lint_fatal() refuses an image with one, or with a finding of the rules in which the
 * signer is stricter than the firmware, and passes every other.
 */
#include <errno.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "ops/pe_lint.h"

static bool is_strict(const char *rule)
{
	static const char *const strict[] = { "certificate-table", "trailing-data", "entry-point",
					      "write-execute", "page-alignment" };
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(strict); i++)
		if (!strcmp(rule, strict[i]))
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct ks_pe_view view;
	__cleanup(ks_findings_done) struct ks_findings findings = { 0 };
	struct ks_span in = { data, size };
	size_t i, nr_fatal = 0, nr_strict = 0;

	KS_LAW(!ks_pe_lint(in, &findings, NULL));
	for (i = 0; i < findings.nr_findings; i++) {
		nr_fatal += findings.finding[i].fatal;
		nr_strict += is_strict(findings.finding[i].rule);
	}
	KS_LAW(nr_fatal == findings.nr_fatal);
	if (ks_pe_parse(in, &view, NULL)) {
		KS_LAW(nr_fatal);
		return 0;
	}
	KS_LAW(!(nr_fatal + nr_strict) == !ks_pe_lint_fatal(&view, NULL));
	return 0;
}
