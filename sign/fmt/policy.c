// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fmt/policy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"

void ks_policy_done(struct ks_policy *policy)
{
	size_t i;

	for (i = 0; i < policy->nr_files; i++) {
		ks_buf_done(&policy->text[i]);
		free(policy->path[i]);
	}
	free(policy->rule);
	free(policy->effect);
	free(policy->probe);
	memset(policy, 0, sizeof(*policy));
}

static int init(struct ks_policy *policy, struct ks_diag *diag)
{
	if (!policy->rule)
		policy->rule = calloc(KS_MAX_POLICY_RULES, sizeof(*policy->rule));
	if (!policy->effect)
		policy->effect = calloc(KS_MAX_POLICY_NOTES, sizeof(*policy->effect));
	if (!policy->probe)
		policy->probe = calloc(KS_MAX_POLICY_NOTES, sizeof(*policy->probe));
	return policy->rule && policy->effect && policy->probe ? 0 : ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
}

/* One file of the chain of includes. */
struct chain {
	const struct chain *from;
	const char *path;
	u32 line;
};

static int load(struct ks_policy *policy, char *path, const struct chain *from, struct ks_diag *diag);

/* NAME.policy beside the file that includes it. */
static int include(struct ks_policy *policy, const struct chain *here, struct ks_span name, struct ks_diag *diag)
{
	const char *slash = strrchr(here->path, '/');
	const struct chain *up;
	unsigned int depth = 0;
	char *path;

	if (asprintf(&path, "%.*s%.*s.policy", slash ? (int)(slash - here->path + 1) : 0, here->path, KS_FMT(name)) < 0)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	for (up = here; up; up = up->from, depth++) {
		if (strcmp(up->path, path))
			continue;
		free(path);
		return ks_text_fail(diag, -EBADMSG, here->path, here->line, "this include leads back to its own file");
	}
	if (depth == KS_MAX_POLICY_DEPTH) {
		free(path);
		return ks_text_fail(diag, -E2BIG, here->path, here->line, "more than 8 includes inside of each other");
	}
	return load(policy, path, here, diag);
}

static int load_lines(struct ks_policy *policy, struct chain *here, struct ks_span text, struct ks_diag *diag)
{
	struct ks_span line, name;
	int rc = 0;

	while (!rc && ks_span_line(&text, &line)) {
		here->line++;
		rc = ks_policy_line(policy, here->path, here->line, line, &name, diag);
		if (!rc && name.bytes)
			rc = include(policy, here, name, diag);
	}
	return rc;
}

/* Takes @path over. */
static int load(struct ks_policy *policy, char *path, const struct chain *from, struct ks_diag *diag)
{
	struct chain here = { from, path, 0 };
	struct ks_buf *text;
	size_t i;
	int rc;

	for (i = 0; i < policy->nr_files; i++) {
		if (strcmp(policy->path[i], path))
			continue;
		free(path);
		return 0;
	}
	if (policy->nr_files == KS_MAX_POLICY_FILES) {
		free(path);
		return from ? ks_text_fail(diag, -E2BIG, from->path, from->line, "more than 64 policies") :
			      ks_fail(diag, -E2BIG, KS_NO_OFF, "more than 64 policies");
	}
	text = &policy->text[policy->nr_files];
	policy->path[policy->nr_files++] = path;
	rc = ks_file_load(path, KS_MAX_TEXT_BYTES, text, from ? NULL : diag);
	if (rc && from)
		return ks_text_fail_word(diag, rc, from->path, from->line, "cannot read what is included here", path);
	ks_diag_in(diag, path);
	return rc ? rc : load_lines(policy, &here, ks_buf_span(text), diag);
}

int ks_policy_load(const char *path, struct ks_policy *policy, struct ks_diag *diag)
{
	char *copy;
	int rc = init(policy, diag);

	if (rc)
		return rc;
	copy = strdup(path);
	return copy ? load(policy, copy, NULL, diag) : ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
}
