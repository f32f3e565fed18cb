// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cmd/findings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/shown.h"
#include "cli/screen.h"
#include "cmd/json.h"

static const char *severity(const struct ks_finding *f)
{
	return f->fatal ? "fatal" : "advice";
}

static void print_json(const struct ks_findings *findings, const char *file, const char *schema)
{
	__cleanup(ks_json_free) struct json_object *json = ks_json_new(schema);
	struct json_object *array, *row;
	size_t i;

	ks_json_name(json, "file", file);
	ks_json_int(json, "fatal", findings->nr_fatal);
	ks_json_int(json, "advice", findings->nr_findings - findings->nr_fatal);
	array = ks_json_array(json, "findings");
	for (i = 0; i < findings->nr_findings; i++) {
		const struct ks_finding *f = &findings->finding[i];

		row = ks_json_row(array);
		ks_json_str(row, "rule", f->rule);
		ks_json_str(row, "severity", severity(f));
		if (f->off == KS_NO_OFF)
			ks_json_str(row, "offset", NULL);
		else
			ks_json_int(row, "offset", f->off);
		ks_json_str(row, "what", f->what);
		ks_json_str(row, "detail", f->detail[0] ? f->detail : NULL);
	}
	ks_json_print(json);
}

static const char *painted_severity(FILE *to, const struct ks_finding *f)
{
	return ks_painted(to, f->fatal ? KS_PAINT_BAD : KS_PAINT_DOUBT, severity(f));
}

static void print_finding(FILE *to, const struct ks_finding *f, const char *file)
{
	fprintf(to, "%s: %s: %s: %s%s%s", ks_shown(file), painted_severity(to, f), f->rule, f->what,
		f->detail[0] ? ": " : "", ks_shown(f->detail));
	if (f->off != KS_NO_OFF)
		fprintf(to, " (offset 0x%" PRIx64 ")", f->off);
	fputc('\n', to);
}

static void print_lines(const struct ks_findings *findings, const char *file)
{
	size_t i;

	for (i = 0; i < findings->nr_findings; i++)
		print_finding(stdout, &findings->finding[i], file);
	printf("%s: %zu fatal, %zu advice\n", ks_shown(file), findings->nr_fatal,
	       findings->nr_findings - findings->nr_fatal);
}

int ks_advise_signer(const struct ks_cert *signer, const struct ks_certs *embedded, const char *file,
		     struct ks_diag *diag)
{
	__cleanup(ks_findings_done) struct ks_findings findings = { 0 };
	int rc = ks_pe_lint_signer(signer, embedded, KS_NO_OFF, &findings, diag);
	size_t i;

	for (i = 0; !rc && i < findings.nr_findings; i++) {
		fputs("kseal: ", stderr);
		print_finding(stderr, &findings.finding[i], file);
	}
	return rc;
}

int ks_findings_print(const struct ks_findings *findings, const char *file, const char *schema,
		      struct ks_diag *diag)
{
	int rc;

	if (schema)
		print_json(findings, file, schema);
	else
		print_lines(findings, file);
	if (!findings->nr_fatal)
		return 0;
	rc = ks_fail(diag, -EKEYREJECTED, KS_NO_OFF, "image has fatal findings, do not sign it");
	ks_diag_in(diag, file);
	return rc;
}
