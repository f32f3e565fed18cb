// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/audit_opts.h"
#include "cmd/modules.h"

static const struct ks_opt config_opts[] = {
	KS_AUDIT_RULES_OPTS(true),
	KS_AUDIT_OUTPUT_OPTS,
	KS_AUDIT_RELEASE_OPT,
	{ 0 },
};

static const struct ks_opt image_opts[] = {
	KS_AUDIT_RULES_OPTS(true),
	KS_AUDIT_OUTPUT_OPTS,
	KS_AUDIT_IMAGE_OPTS,
	KS_ARTIFACT_OPTS,
	{ 0 },
};

static const struct ks_opt release_opts[] = {
	KS_AUDIT_RULES_OPTS(true),
	KS_AUDIT_OUTPUT_OPTS,
	KS_AUDIT_CONFIG_OPT,
	KS_ARTIFACT_OPTS,
	KS_OPT_JOBS(ks_artifact_values.jobs),
	{ 0 },
};

static int load_image(struct ks_audit_input *input, const char *path, struct ks_diag *diag)
{
	const struct ks_values *addons = &ks_audit_opts.addons;
	int rc = ks_audited_image(path, ks_audit_opts.config, &input->audited, diag);

	rc = rc ? rc :
		  ks_audited_lines(&input->audited, ks_audit_opts.loader, addons->value, addons->nr_values, diag);
	memcpy(input->artifact.addon, addons->value, addons->nr_values * sizeof(addons->value[0]));
	input->has_artifact = true;
	return rc;
}

static int load_release(struct ks_audit_input *input, const char *path, struct ks_diag *diag)
{
	input->has_artifact = true;
	input->is_release = true;
	return ks_artifact_load_release(&input->artifact, &input->audited, path, ks_audit_opts.config, diag);
}

static int exit_code(const struct ks_audit_input *input)
{
	const struct ks_artifact *artifact = &input->artifact.artifact;

	if (input->audit.nr_of[KS_AUDIT_FAIL] || artifact->findings.nr_fatal)
		return KS_EXIT_NO;
	return input->audit.nr_of[KS_AUDIT_UNKNOWN] || artifact->cannot_tell ? KS_EXIT_FAILED : KS_EXIT_YES;
}

static int run(const char *what, int (*load)(struct ks_audit_input *, const char *, struct ks_diag *),
	       const char *path, struct ks_diag *diag)
{
	__cleanup(ks_audit_input_done) struct ks_audit_input *input = ks_audit_input_new(diag);
	__cleanup(ks_json_free) struct json_object *json = NULL;
	int rc = input ? ks_audit_check_output(diag) : -ENOMEM;

	rc = rc ? rc : ks_audit_load_rules(input, diag);
	rc = rc ? rc : load(input, path, diag);
	rc = rc ? rc : ks_audit_judge(input, diag);
	if (!rc && input->has_artifact)
		rc = ks_artifact_run(&input->artifact, &input->audited, input->is_release, input->now, diag);
	if (rc)
		return rc;
	json = ks_audit_json(input, what);
	rc = input->has_artifact ? ks_artifact_json(json, &input->artifact.artifact, input->now, diag) : 0;
	rc = rc ? rc : ks_audit_print(json, diag);
	return rc ? rc : exit_code(input);
}

static int run_config(int nr_args, char **args, struct ks_diag *diag)
{
	(void)nr_args;
	return run("config", ks_audit_load_config, args[0], diag);
}

static int run_image(int nr_args, char **args, struct ks_diag *diag)
{
	(void)nr_args;
	return run("image", load_image, args[0], diag);
}

static int run_release(int nr_args, char **args, struct ks_diag *diag)
{
	(void)nr_args;
	return run("release", load_release, args[0], diag);
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
