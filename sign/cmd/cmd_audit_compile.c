// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>

#include "base/file.h"
#include "base/shown.h"
#include "cmd/audit_opts.h"
#include "ops/audit_compile.h"

static const char *opt_output;

static void print(const struct ks_audit_input *input, const struct ks_audit_compiled *compiled)
{
	const size_t *nr_of = input->audit.nr_of;
	__cleanup(ks_json_free) struct json_object *json = NULL;

	if (!ks_audit_opts.json) {
		printf("%s: %zu rules with %zu probes, %zu needed, %zu excepted\n", ks_shown(opt_output),
		       compiled->nr_rules, compiled->nr_probes, nr_of[KS_AUDIT_NEEDED], nr_of[KS_AUDIT_EXCEPTED]);
		return;
	}
	json = ks_json_new("kseal/audit-compile/1");
	ks_json_name(json, "file", input->audited.path);
	ks_json_name(json, "output", opt_output);
	ks_json_int(json, "nr_rules", compiled->nr_rules);
	ks_json_int(json, "nr_probes", compiled->nr_probes);
	ks_json_int(json, "nr_needed", nr_of[KS_AUDIT_NEEDED]);
	ks_json_int(json, "nr_excepted", nr_of[KS_AUDIT_EXCEPTED]);
	ks_json_print(json);
}

static int run_compile(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(ks_audit_input_done) struct ks_audit_input *input = ks_audit_input_new(diag);
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct ks_audit_compiled compiled;
	struct ks_span part;
	int rc = input ? ks_audit_check_output(diag) : -ENOMEM;

	(void)nr_args;
	rc = rc ? rc : ks_audit_load_rules(input, diag);
	rc = rc ? rc : ks_audit_load_config(input, args[0], diag);
	if (rc)
		return rc;
	input->audited.subject.level = KS_POLICY_CONFIG | KS_POLICY_RUNTIME;
	rc = ks_audit_judge(input, diag);
	if (!rc) {
		rc = ks_audit_compile(&input->policy, &input->audited.subject, &input->audit, &text, &compiled, diag);
		ks_diag_in(diag, args[0]);
	}
	part = ks_buf_span(&text);
	rc = rc ? rc : ks_file_publish(opt_output, &part, 1, 0644, diag);
	if (!rc)
		print(input, &compiled);
	return rc;
}

static const struct ks_opt compile_opts[] = {
	KS_AUDIT_RULES_OPTS(true),
	KS_AUDIT_RELEASE_OPT,
	{ .name = "--json", .help = "as JSON", .ret_flag = &ks_audit_opts.json },
	{ .name = "--output",
	  .arg = "OUT",
	  .help = "where the rules go",
	  .required = true,
	  .form = KS_OPT_NOT_EMPTY,
	  .ret_value = &opt_output },
	{ 0 },
};

const struct ks_verb ks_verb_audit_compile = {
	.noun = "audit",
	.verb = "compile",
	.args = "FILE",
	.max_args = 1,
	.help = "write the rules that a kernel of this .config is held against while it runs",
	.opts = compile_opts,
	.run = run_compile,
};
