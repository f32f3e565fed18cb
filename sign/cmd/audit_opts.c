// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cmd/audit_opts.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "cmd/audit_page.h"

struct ks_audit_opts ks_audit_opts;

struct ks_audit_input *ks_audit_input_new(struct ks_diag *diag)
{
	struct ks_audit_input *input = calloc(1, sizeof(*input));

	if (!input)
		ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	return input;
}

void ks_audit_input_done(struct ks_audit_input **input)
{
	if (!*input)
		return;
	ks_audit_done(&(*input)->audit);
	ks_artifact_input_done(&(*input)->artifact);
	ks_audited_done(&(*input)->audited);
	ks_exceptions_done(&(*input)->exceptions);
	ks_needs_done(&(*input)->needs);
	ks_policy_done(&(*input)->policy);
	free(*input);
	*input = NULL;
}

int ks_audit_load_rules(struct ks_audit_input *input, struct ks_diag *diag)
{
	const struct ks_audit_opts *opts = &ks_audit_opts;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < opts->policies.nr_values; i++)
		rc = ks_policy_load(opts->policies.value[i], &input->policy, diag);
	rc = rc ? rc : ks_policy_check(&input->policy, diag);
	for (i = 0; !rc && i < opts->needs.nr_values; i++)
		rc = ks_needs_add(&input->needs, opts->needs.value[i], diag);
	if (!rc && opts->exceptions)
		rc = ks_exceptions_load(opts->exceptions, &input->exceptions, diag);
	return rc ? rc : ks_audit_exception_skus(&input->exceptions, diag);
}

int ks_audit_load_config(struct ks_audit_input *input, const char *path, struct ks_diag *diag)
{
	struct ks_audited *audited = &input->audited;
	const char *release = ks_audit_opts.release;
	int rc = ks_audited_config(path, audited, diag);

	if (rc || !release)
		return rc;
	if (!ks_policy_take_release(ks_span_str(release), &audited->subject.release)) {
		ks_fail_detail(diag, -EINVAL, "--release wants MAJOR.MINOR", release);
		return KS_EXIT_USAGE;
	}
	audited->release = ks_span_str(release);
	return 0;
}

int ks_audit_judge(struct ks_audit_input *input, struct ks_diag *diag)
{
	int rc = ks_clock_build_time(&input->now, diag);

	input->audited.subject.sku = ks_span_str(ks_audit_opts.sku ? ks_audit_opts.sku : "");
	rc = rc ? rc :
		  ks_audit_rules(&input->policy, &input->needs, &input->exceptions, &input->audited.subject,
				 &input->audit, diag);
	return rc ? rc :
		    ks_audit_exceptions(&input->policy, &input->exceptions, &input->audited.subject, &input->audit,
					input->now, diag);
}

int ks_audit_check_output(struct ks_diag *diag)
{
	const struct ks_audit_opts *opts = &ks_audit_opts;

	if (opts->json + opts->sarif + opts->tap + opts->all > 1) {
		ks_fail(diag, -EINVAL, KS_NO_OFF, "of --all, --json, --sarif and --tap only one can be shown at a time");
		return KS_EXIT_USAGE;
	}
	if (opts->exceptions && !opts->sku) {
		ks_fail(diag, -EINVAL, KS_NO_OFF, "--exceptions are those of a SKU, name it with --sku");
		return KS_EXIT_USAGE;
	}
	return 0;
}

int ks_audit_print(struct json_object *json, struct ks_diag *diag)
{
	const struct ks_audit_opts *opts = &ks_audit_opts;
	const struct ks_audit_page page = { .document = &json, .nr_documents = 1 };
	int rc = opts->html ? ks_audit_page_write(&page, opts->html, diag) : 0;

	if (rc)
		return rc;
	if (opts->json) {
		ks_json_print(json);
	} else if (opts->sarif) {
		__cleanup(ks_json_free) struct json_object *sarif = ks_audit_sarif(json);

		ks_json_print(sarif);
	} else if (opts->tap) {
		ks_audit_tap(json);
	} else {
		ks_audit_text(json, opts->all);
	}
	return 0;
}
