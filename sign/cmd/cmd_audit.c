// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/audit.h"
#include "cmd/modules.h"
#include "cmd/verbs.h"

static struct ks_values opt_policies, opt_needs, opt_addons;
static const char *opt_exceptions, *opt_sku, *opt_config, *opt_release, *opt_loader;
static bool opt_json, opt_all;

/* clang-format off */
#define POLICY_OPTS \
	{ .name = "--policy", .arg = "FILE", .help = "rules; may be repeated", .required = true, \
	  .form = KS_OPT_NOT_EMPTY, .ret_values = &opt_policies }, \
	{ .name = "--need", .arg = "FILE", .help = "somebody's need, which a rule may contradict; may be repeated", \
	  .form = KS_OPT_NOT_EMPTY, .ret_values = &opt_needs }, \
	{ .name = "--exceptions", .arg = "FILE", .help = "rules that may fail, until a day", \
	  .form = KS_OPT_NOT_EMPTY, .ret_value = &opt_exceptions }, \
	{ .name = "--sku", .arg = "NAME", .help = "whose exceptions count", .form = KS_OPT_WORD, .ret_value = &opt_sku }, \
	{ .name = "--all", .help = "show the rules that hold, too", .ret_flag = &opt_all }, \
	{ .name = "--json", .help = "as JSON", .ret_flag = &opt_json }
/* clang-format on */

static const struct ks_opt config_opts[] = {
	POLICY_OPTS,
	{ .name = "--release",
	  .arg = "RELEASE",
	  .help = "of the kernel, 6.18 (default: what the file says)",
	  .form = KS_OPT_WORD,
	  .ret_value = &opt_release },
	{ 0 },
};

static const struct ks_opt image_opts[] = {
	POLICY_OPTS,
	{ .name = "--config",
	  .arg = "FILE",
	  .help = "the kernel's .config, if it has none inside",
	  .form = KS_OPT_NOT_EMPTY,
	  .ret_value = &opt_config },
	{ .name = "--addon",
	  .arg = "FILE",
	  .help = "addon of the unified kernel image; may be repeated, in the order of their names",
	  .form = KS_OPT_NOT_EMPTY,
	  .ret_values = &opt_addons },
	{ .name = "--loader-cmdline",
	  .arg = "TEXT",
	  .help = "command line of a boot loader, which nobody signed",
	  .ret_value = &opt_loader },
	KS_ARTIFACT_OPTS,
	{ 0 },
};

static const struct ks_opt release_opts[] = {
	POLICY_OPTS,
	{ .name = "--config",
	  .arg = "FILE",
	  .help = "the kernel's .config, if it has none inside",
	  .form = KS_OPT_NOT_EMPTY,
	  .ret_value = &opt_config },
	KS_ARTIFACT_OPTS,
	KS_OPT_JOBS(ks_artifact_values.jobs),
	{ 0 },
};

static void input_done(struct ks_audit_input **input)
{
	ks_audit_done(&(*input)->audit);
	ks_artifact_input_done(&(*input)->artifact);
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

/* What is audited. */
enum what { OF_CONFIG, OF_IMAGE, OF_RELEASE };

static int load_image(struct ks_audit_input *input, const char *path, struct ks_diag *diag)
{
	struct ks_audited *audited = &input->audited;
	size_t i;
	int rc = ks_audited_image(path, opt_config, audited, diag);

	for (i = 0; !rc && i < opt_addons.nr_values; i++) {
		rc = ks_audited_addon(audited, opt_addons.value[i], diag);
		if (!rc)
			input->artifact.addon[i] = opt_addons.value[i];
	}
	if (!rc && opt_loader)
		rc = ks_audited_loader(audited, opt_loader, diag);
	return rc;
}

static int load(struct ks_audit_input *input, enum what what, const char *path, struct ks_diag *diag)
{
	if (what == OF_CONFIG)
		return ks_audited_config(path, &input->audited, diag);
	return what == OF_IMAGE ? load_image(input, path, diag) :
				  ks_artifact_load_release(&input->artifact, &input->audited, path, opt_config, diag);
}

static int judge(struct ks_audit_input *input, struct ks_diag *diag)
{
	int rc = ks_clock_build_time(&input->now, diag);

	input->audited.subject.sku = ks_span_str(opt_sku ? opt_sku : "");
	rc = rc ? rc :
		  ks_audit_rules(&input->policy, &input->needs, &input->exceptions, &input->audited.subject,
				 &input->audit, diag);
	if (rc || !input->audited.subject.config)
		return rc;
	return ks_audit_exceptions(&input->policy, &input->exceptions, &input->audited.subject, &input->audit,
				   input->now, diag);
}

static int report(const struct ks_audit_input *input, enum what what, struct ks_diag *diag)
{
	static const char *const words[] = { "config", "image", "release" };
	const struct ks_artifact *artifact = &input->artifact.artifact;
	__cleanup(ks_json_free) struct json_object *json = NULL;
	int rc = ks_audit_json(input, words[what], &json, diag);

	if (rc)
		return rc;
	if (opt_json)
		ks_json_print(json);
	else
		ks_audit_text(json, opt_all);
	if (input->audit.nr_of[KS_AUDIT_FAIL] || artifact->findings.nr_fatal)
		return KS_EXIT_NO;
	return input->audit.nr_of[KS_AUDIT_UNKNOWN] || artifact->cannot_tell ? KS_EXIT_FAILED : KS_EXIT_YES;
}

static int run(const char *path, enum what what, struct ks_diag *diag)
{
	__cleanup(input_done) struct ks_audit_input *input = calloc(1, sizeof(*input));
	int rc;

	if (!input)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	rc = load_rules(input, diag);
	rc = rc ? rc : load(input, what, path, diag);
	if (!rc && opt_release && !ks_policy_take_release(ks_span_str(opt_release), &input->audited.subject.release)) {
		ks_fail_detail(diag, -EINVAL, "--release wants MAJOR.MINOR", opt_release);
		return KS_EXIT_USAGE;
	}
	if (!rc && opt_release)
		input->audited.release = ks_span_str(opt_release);
	rc = rc ? rc : judge(input, diag);
	input->has_artifact = what != OF_CONFIG;
	if (!rc && input->has_artifact)
		rc = ks_artifact_run(&input->artifact, &input->audited, what == OF_RELEASE, input->now, diag);
	return rc ? rc : report(input, what, diag);
}

static int run_config(int nr_args, char **args, struct ks_diag *diag)
{
	(void)nr_args;
	return run(args[0], OF_CONFIG, diag);
}

static int run_image(int nr_args, char **args, struct ks_diag *diag)
{
	(void)nr_args;
	return run(args[0], OF_IMAGE, diag);
}

static int run_release(int nr_args, char **args, struct ks_diag *diag)
{
	(void)nr_args;
	return run(args[0], OF_RELEASE, diag);
}

const struct ks_verb ks_verb_audit_config = {
	.noun = "audit",
	.verb = "config",
	.args = "FILE",
	.max_args = 1,
	.help = "does a .config hold the rules of a policy?",
	.opts = config_opts,
	.run = run_config,
};

const struct ks_verb ks_verb_audit_image = {
	.noun = "audit",
	.verb = "image",
	.args = "FILE",
	.max_args = 1,
	.help = "what does a signed kernel enforce, with its command line and addons?",
	.opts = image_opts,
	.run = run_image,
};

const struct ks_verb ks_verb_audit_release = {
	.noun = "audit",
	.verb = "release",
	.args = "DIR",
	.max_args = 1,
	.help = "image, addons, modules and keyring of a release: what do they enforce together?",
	.opts = release_opts,
	.run = run_release,
};
