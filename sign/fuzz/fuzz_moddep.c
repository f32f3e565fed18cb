// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: modules.dep, modules.order and modules.builtin beside the modules of a release, for
 * `kseal audit release`, and the names of the files there.
 *
 * Valid input: names of files, one a line, an empty line, and the text, which stands for each of the three lists.
 *
 * Laws: what is missing is sorted, named once by each list, and no file of that name is there; a file that the list
 * has before a colon is listed, and one with a line of its own is built in.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "ops/audit_modules.h"

#define MAX_FILES 64U

static bool is_there(const struct ks_audit_modules *modules, struct ks_span name)
{
	size_t i;

	for (i = 0; i < modules->nr_modules; i++)
		if (ks_span_eq(modules->module[i].name, name))
			return true;
	return false;
}

static void check(const struct ks_audit_modules *modules)
{
	const struct ks_missing_module *m = modules->missing;
	size_t i;

	for (i = 0; i < modules->nr_missing; i++) {
		int order = i ? strcmp(m[i - 1].by, m[i].by) : -1;

		KS_LAW(!is_there(modules, m[i].name));
		KS_LAW(order < 0 || (!order && ks_span_cmp(m[i - 1].name, m[i].name) < 0));
	}
	for (i = 0; i < modules->nr_modules; i++) {
		struct ks_span name = modules->module[i].name, text = ks_buf_span(&modules->dep);

		if (modules->module[i].is_listed)
			KS_LAW(name.bytes && memmem(text.p, text.bytes, name.p, name.bytes));
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t bytes)
{
	struct ks_span text = { data, bytes }, line;
	struct ks_audit_modules modules = { 0 };
	struct ks_diag diag = { 0 };

	modules.module = calloc(MAX_FILES, sizeof(*modules.module));
	if (!modules.module)
		return 0;
	/* Files of one directory have different names. */
	while (modules.nr_modules < MAX_FILES && ks_span_line(&text, &line) && line.bytes)
		if (!is_there(&modules, line))
			modules.module[modules.nr_modules++].name = line;
	ks_put(&modules.dep, text);
	ks_put(&modules.order, text);
	ks_put(&modules.builtin, text);
	if (!ks_audit_modules_lists(&modules, &diag))
		check(&modules);
	ks_audit_modules_done(&modules);
	return 0;
}
