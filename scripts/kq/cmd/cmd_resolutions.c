// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdint.h>
#include <stdio.h>

#include "cmd/verb.h"
#include "rebase/answers.h"
#include "text/file.h"

static int run_resolutions(int nr_args, char **args, struct ks_diag *diag)
{
	const struct kq_options *o = kq_options_with(nr_args, args);
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	const char *state = kq_state_of(o);
	struct kq_error error = { 0 };
	int rc;

	(void)diag;
	if (!o->forget != !o->nr_operands) {
		fprintf(stderr, "kq: --forget needs ID, PATCH or FILE, and they need --forget\n");
		return KS_EXIT_USAGE;
	}
	rc = o->forget ? kq_answers_forget(state, o->queue, o->operand, o->nr_operands, &text,
					   &error) :
			 kq_answers_list(state, o->queue, &text, &error);
	if (!rc)
		rc = kq_buf_check(&text, &error);
	kq_put_shown(stdout, ks_buf_span(&text));
	return rc ? kq_complain(&error) : KS_EXIT_YES;
}

const struct ks_verb kq_verb_resolutions = {
	.verb = "resolutions",
	.args = "[ID|PATCH|FILE...]",
	.help = "list what conflicts were resolved to, or take resolutions back\n"
		"pending: given in a rebase that is not through, or was called off; queue: in use\n"
		"exit: 0 done, 1 could not tell, 2 usage, 3 there is no such resolution",
	.opts = (const struct ks_opt[]){
		KQ_OPT_QUEUE, KQ_OPT_STATE, KQ_OPT_FORGET, { 0 }
	},
	.run = run_resolutions,
};
