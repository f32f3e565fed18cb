// SPDX-License-Identifier: LGPL-2.1-or-later
#include "check/checkpatch.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "queue/patch.h"
#include "text/child.h"
#include "text/text.h"

#define SCRIPT "scripts/checkpatch.pl"

/*
 * FILE_PATH_CHANGES asks for MAINTAINERS, which a fork does not keep. BAD_SIGN_OFF does not know
 * Review-by:, and lint checks Signed-off-by: itself. UNKNOWN_COMMIT_ID asks a git history, which a
 * release has not, for what Fixes: and the text name.
 */
static const char *const argv[] = {
	"perl", SCRIPT, "--root=.", "--terse", "--no-summary", "--color=never", "--strict",
	"--ignore=FILE_PATH_CHANGES,BAD_SIGN_OFF,UNKNOWN_COMMIT_ID", "-", NULL,
};

static const char *const env[] = { "HOME=/nonexistent", "GIT_*", "LC_ALL=C", NULL };

static bool has_script(const char *tree)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof(path), "%s/" SCRIPT, tree) < PATH_MAX && !access(path, R_OK);
}

static bool is_backport(const struct kq_patch *patch)
{
	struct ks_span status;

	return kq_trailer(patch, "Upstream-status:", 0, &status) && kq_starts(status, "backport ");
}

/* "-:130: ERROR: what"; "-" is standard input. */
static size_t find_lines(const char *file, struct ks_span out, struct kq_findings *findings)
{
	struct ks_span line;
	size_t nr = 0;

	while (ks_span_line(&out, &line)) {
		u32 at;

		if (!kq_take(&line, "-:") || !kq_take_number(&line, &at) || !kq_take(&line, ": "))
			continue;
		kq_find(findings, file, at, "checkpatch: %.*s", KQ_FMT(line));
		nr++;
	}
	return nr;
}

int kq_checkpatch(const char *tree, const char *file, const struct kq_loaded *loaded,
		  struct kq_findings *findings, struct kq_error *error)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	const struct kq_child child = {
		.argv = argv, .env = env, .dir = tree, .in = ks_buf_span(&loaded->text),
	};
	size_t nr;
	int rc;

	if (!has_script(tree) || is_backport(&loaded->patch))
		return 0;
	rc = kq_child_run(&child, &end, error);
	if (rc)
		return rc;
	nr = find_lines(file, ks_buf_span(&end.out), findings);
	return end.status && !nr ? kq_child_fail(&child, &end, error) : 0;
}
