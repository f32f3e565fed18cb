// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/screen.h"
#include "cmd/verbs.h"
#include "ops/extract.h"

static const char *opt_output;

/* What is no text steers a terminal. */
static int put_stdout(struct ks_span content, struct ks_diag *diag)
{
	if (isatty(STDOUT_FILENO) && content.bytes && memchr(content.p, 0, content.bytes))
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "stdout is a terminal, give a file with --output");
	if (content.bytes && fwrite(content.p, 1, content.bytes, stdout) != content.bytes)
		return ks_fail_sys(diag, "cannot write", "stdout");
	return 0;
}

static int run_extract(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	struct ks_span part;
	int rc;

	if (nr_args != 2) {
		ks_fail(diag, -EINVAL, KS_NO_OFF, "a file and the name of a part are wanted");
		return KS_EXIT_USAGE;
	}
	if (!opt_output && ks_screen_is_quiet()) {
		ks_fail(diag, -EINVAL, KS_NO_OFF, "--quiet leaves nothing of it, give a file with --output");
		return KS_EXIT_USAGE;
	}
	rc = ks_extract(args[0], args[1], &content, diag);
	if (rc)
		return rc;
	part = ks_buf_span(&content);
	return opt_output ? ks_file_publish(opt_output, &part, 1, 0644, diag) : put_stdout(part, diag);
}

const struct ks_verb ks_verb_extract = {
	.verb = "extract",
	.args = "FILE PART",
	.max_args = 2,
	.help = "cut one part out of a file: a section, a signature, the kernel, its configuration or keys",
	.opts = (const struct ks_opt[]){ { "--output", "OUT", "file that gets it; default: stdout",
					   .ret_value = &opt_output },
					 { 0 } },
	.run = run_extract,
};
