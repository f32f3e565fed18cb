// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/clock.h"
#include "cmd/verbs.h"
#include "ops/keyring_ephemeral.h"

static const char *opt_cert;

static int run_ephemeral(int nr_args, char **args, struct ks_diag *diag)
{
	(void)nr_args;
	return ks_keyring_ephemeral(opt_cert, args, ks_clock_now(), diag);
}

const struct ks_verb ks_verb_keyring_ephemeral = {
	.noun = "keyring",
	.verb = "ephemeral",
	.args = "COMMAND...",
	.help = "run a command with a module key that is on no disk and gone when it ends",
	.opts = (const struct ks_opt[]){
		{ "--cert", "OUT", "where to write its certificate (PEM), before the command starts", true,
		  .ret_value = &opt_cert },
		{ 0 } },
	.run = run_ephemeral,
};
