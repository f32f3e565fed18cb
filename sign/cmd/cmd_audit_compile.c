// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/shown.h"
#include "cmd/audit.h"
#include "cmd/verbs.h"
#include "ops/audit_compile.h"

static struct ks_values opt_policies, opt_needs;
static const char *opt_exceptions, *opt_sku, *opt_release, *opt_output;
static bool opt_json;

static void input_done(struct ks_audit_input **input)
{
	if (!*input)
		return;
	ks_audit_done(&(*input)->audit);
	ks_audited_done(&(*input)->audited);
	ks_exceptions_done(&(*input)->exceptions);
	ks_needs_done(&(*input)->needs);
	ks_policy_done(&(*input)->policy);
	free(*input);
}

static int load_rules(struct ks_audit_input *input, struct ks_diag *diag)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < opt_policies.nr_values; i++)
		rc = ks_policy_load(opt_policies.value[i], &input->policy, diag);
	rc = rc ? rc : ks_policy_check(&input->policy, diag);
	for (i = 0; !rc && i < opt_needs.nr_values; i++)
		rc = ks_needs_add(&input->needs, opt_needs.value[i], diag);
	if (!rc && opt_exceptions)
		rc = ks_exceptions_load(opt_exceptions, &input->exceptions, diag);
	return rc;
}

static int load_config(struct ks_audited *audited, const char *path, struct ks_diag *diag)
{
	int rc = ks_audited_config(path, audited, diag);

	audited->subject.level = KS_POLICY_CONFIG | KS_POLICY_RUNTIME;
	audited->subject.sku = ks_span_str(opt_sku ? opt_sku : "");
	if (!rc && opt_release && !ks_policy_take_release(ks_span_str(opt_release), &audited->subject.release)) {
		ks_fail_detail(diag, -EINVAL, "--release wants MAJOR.MINOR", opt_release);
		return KS_EXIT_USAGE;
	}
	return rc;
}

static int judge(struct ks_audit_input *input, struct ks_diag *diag)
{
	u64 now;
	int rc = ks_clock_build_time(&now, diag);

	rc = rc ? rc :
		  ks_audit_rules(&input->policy, &input->needs, &input->exceptions, &input->audited.subject,
				 &input->audit, diag);
	return rc ? rc :
		    ks_audit_exceptions(&input->policy, &input->exceptions, &input->audited.subject, &input->audit,
					now, diag);
}

static void print(const struct ks_audit_input *input, const struct ks_audit_compiled *compiled)
{
	const size_t *nr_of = input->audit.nr_of;
	__cleanup(ks_json_free) struct json_object *json = NULL;

	if (!opt_json) {
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
	__cleanup(input_done) struct ks_audit_input *input = calloc(1, sizeof(*input));
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct ks_audit_compiled compiled;
	struct ks_span part;
	int rc;

	(void)nr_args;
	if (!input)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	rc = load_rules(input, diag);
	rc = rc ? rc : load_config(&input->audited, args[0], diag);
	rc = rc ? rc : judge(input, diag);
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

/* clang-format off */
const struct ks_verb ks_verb_audit_compile = {
	.noun = "audit",
	.verb = "compile",
	.args = "FILE",
	.max_args = 1,
	.help = "write the rules that a kernel of this .config is held against while it runs",
	.opts = (const struct ks_opt[]){
		{ .name = "--policy", .arg = "FILE", .help = "rules; may be repeated", .required = true,
		  .form = KS_OPT_NOT_EMPTY, .ret_values = &opt_policies },
		{ .name = "--need", .arg = "FILE", .help = "somebody's need, which a rule may contradict; may be repeated",
		  .form = KS_OPT_NOT_EMPTY, .ret_values = &opt_needs },
		{ .name = "--exceptions", .arg = "FILE", .help = "rules that may fail, until a day",
		  .form = KS_OPT_NOT_EMPTY, .ret_value = &opt_exceptions },
		{ .name = "--sku", .arg = "NAME", .help = "whose exceptions count", .form = KS_OPT_WORD,
		  .ret_value = &opt_sku },
		{ .name = "--release", .arg = "RELEASE", .help = "of the kernel, 6.18 (default: what the file says)",
		  .form = KS_OPT_WORD, .ret_value = &opt_release },
		{ .name = "--json", .help = "as JSON", .ret_flag = &opt_json },
		{ .name = "--output", .arg = "OUT", .help = "where the rules go", .required = true,
		  .form = KS_OPT_NOT_EMPTY, .ret_value = &opt_output },
		{ 0 } },
	.run = run_compile,
};
/* clang-format on */
