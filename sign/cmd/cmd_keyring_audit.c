// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/shown.h"
#include "cli/screen.h"
#include "cmd/keyring_entry.h"
#include "cmd/verbs.h"
#include "ops/keyring_audit.h"

static const char *opt_at, *opt_certs;
static bool opt_json;

static const struct ks_opt audit_opts[] = {
	{ .name = "--at",
	  .arg = "DATE",
	  .help = "YYYY-MM-DD (default: today)",
	  .form = KS_OPT_NOT_EMPTY,
	  .ret_value = &opt_at },
	{ .name = "--certs",
	  .arg = "DIR",
	  .help = "certificates of a manifest (default: certs/ beside it)",
	  .ret_value = &opt_certs },
	{ .name = "--json", .help = "as JSON", .ret_flag = &opt_json },
	{ 0 },
};

static const char *painted_severity(const struct ks_keyring_finding *f)
{
	return f->fatal ? ks_painted(stdout, KS_PAINT_BAD, "fatal") :
			  ks_painted(stdout, KS_PAINT_DOUBT, "advice");
}

static void print_lines(const char *file, const char *date, const struct ks_keyring *keyring,
			const struct ks_keyring_audit *audit)
{
	size_t i, n = 0;

	for (i = 0; i < keyring->nr_entries; i++) {
		ks_keyring_entry_print("", &keyring->entry[i], keyring->entry[i].purposes);
		for (; n < audit->nr_findings && audit->finding[n].entry == i; n++) {
			const struct ks_keyring_finding *f = &audit->finding[n];

			printf("  %s: %s: %s%s%s\n", painted_severity(f), f->rule, f->what,
			       f->detail[0] ? ": " : "", ks_shown(f->detail));
		}
	}
	printf("%s: on %s: %zu certificates, %zu fatal, %zu advice\n", ks_shown(file), date,
	       keyring->nr_entries, audit->nr_fatal, audit->nr_findings - audit->nr_fatal);
}

static void add_finding(struct json_object *findings, const struct ks_keyring_finding *f)
{
	struct json_object *row = ks_json_row(findings);

	ks_json_str(row, "rule", f->rule);
	ks_json_str(row, "severity", f->fatal ? "fatal" : "advice");
	ks_json_str(row, "what", f->what);
	ks_json_str(row, "detail", f->detail[0] ? f->detail : NULL);
}

static int add_json(struct json_object *files, const char *file, u64 at, const struct ks_keyring *keyring,
		    const struct ks_keyring_audit *audit, struct ks_diag *diag)
{
	struct json_object *of_file = ks_json_row(files), *certs, *row, *findings;
	size_t i, n = 0;
	int rc = 0;

	ks_json_name(of_file, "file", file);
	ks_json_int(of_file, "fatal", audit->nr_fatal);
	ks_json_int(of_file, "advice", audit->nr_findings - audit->nr_fatal);
	certs = ks_json_array(of_file, "certificates");
	for (i = 0; i < keyring->nr_entries && !rc; i++) {
		row = ks_json_row(certs);
		rc = ks_keyring_entry_json(row, &keyring->entry[i], at, diag);
		ks_purposes_json(row, "purposes", keyring->entry[i].purposes);
		findings = ks_json_array(row, "findings");
		for (; n < audit->nr_findings && audit->finding[n].entry == i; n++)
			add_finding(findings, &audit->finding[n]);
	}
	return rc;
}

static int audit_file(const char *file, u64 at, const char *date, struct json_object *files,
		      size_t *nr_fatal, struct ks_diag *diag)
{
	__cleanup(ks_keyring_done) struct ks_keyring keyring = { .keep_twice = true };
	__cleanup(ks_keyring_audit_done) struct ks_keyring_audit audit = { 0 };
	int rc = ks_keyring_load_any(file, opt_certs, &keyring, diag);

	if (!rc)
		rc = ks_keyring_audit(&keyring, at, &audit, diag);
	if (rc)
		return rc;
	*nr_fatal += audit.nr_fatal;
	if (files)
		return add_json(files, file, at, &keyring, &audit, diag);
	print_lines(file, date, &keyring, &audit);
	return 0;
}

static int run_audit(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(ks_json_free) struct json_object *json = NULL;
	struct json_object *files = NULL;
	u64 at = ks_clock_now();
	size_t nr_fatal = 0;
	char date[16];
	time_t day;
	struct tm tm;
	int i, rc = 0;

	if (opt_at && !ks_clock_day(ks_span_str(opt_at), &at)) {
		ks_fail_detail(diag, -EINVAL, "--at wants a day as YYYY-MM-DD", opt_at);
		return KS_EXIT_USAGE;
	}
	day = (time_t)at;
	strftime(date, sizeof(date), "%Y-%m-%d", gmtime_r(&day, &tm));
	if (opt_json) {
		json = ks_json_new("kseal/keyring-audit/1");
		ks_json_str(json, "at", date);
		files = ks_json_array(json, "files");
	}
	for (i = 0; !rc && i < nr_args; i++)
		rc = audit_file(args[i], at, date, files, &nr_fatal, diag);
	if (rc)
		return rc;
	if (json)
		ks_json_print(json);
	return nr_fatal ? KS_EXIT_NO : KS_EXIT_YES;
}

const struct ks_verb ks_verb_keyring_audit = {
	.noun = "keyring",
	.verb = "audit",
	.args = "FILE...",
	.help = "what expires and what fails then, and which certificates nobody should trust",
	.opts = audit_opts,
	.run = run_audit,
};
