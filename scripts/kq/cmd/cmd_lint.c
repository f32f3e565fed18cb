// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "check/lint.h"
#include "cmd/verb.h"

/* Builds that pin their clock get the same verdict tomorrow. */
static bool read_today(u32 *ret_today)
{
	struct tm tm;
	time_t now;
	u64 seconds;

	if (ks_clock_build_time(&seconds, NULL))
		return false;
	now = (time_t)seconds;
	if (!gmtime_r(&now, &tm))
		return false;
	*ret_today =
		(u32)(tm.tm_year + 1900) * 10000 + (u32)(tm.tm_mon + 1) * 100 + (u32)tm.tm_mday;
	return true;
}

static int run(const struct kq_options *o)
{
	__cleanup(kq_findings_done) struct kq_findings findings = { 0 };
	struct kq_fault fault = { 0 };

	if (!read_today(&findings.today)) {
		fprintf(stderr, "kq: SOURCE_DATE_EPOCH: want seconds since 1970\n");
		return KQ_EXIT_USAGE;
	}
	if (kq_lint_queue(o->queue, &o->selection, o->tree, &findings, &fault))
		return kq_complain(&fault);
	kq_print(&findings.text);
	if (!findings.nr)
		printf("%s: clean\n", o->queue);
	return findings.nr ? KQ_EXIT_NO : KQ_EXIT_DONE;
}

const struct kq_verb kq_verb_lint = {
	.name = "lint",
	.options = "qtsa",
	.required = "",
	.what = "check series, headers and hunks; with --tree also that they fit",
	.more = "exit: 0 clean, 1 could not tell, 2 usage, 3 findings\n",
	.run = run,
};
