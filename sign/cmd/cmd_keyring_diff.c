// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>

#include "cmd/keyring_entry.h"
#include "cmd/verbs.h"

static const char *opt_certs;
static bool opt_json;

static const struct ks_opt diff_opts[] = {
	{ .name = "--json", .help = "as JSON", .ret_flag = &opt_json },
	{ .name = "--certs",
	  .arg = "DIR",
	  .help = "certificates of a manifest (default: certs/ beside it)",
	  .ret_value = &opt_certs },
	{ 0 },
};

static int print_json(const struct ks_keyring_deltas *deltas, char **files, struct ks_diag *diag)
{
	__cleanup(ks_json_free) struct json_object *json = ks_json_new("kseal/keyring-diff/1");
	int rc;

	ks_json_name(json, "from", files[0]);
	ks_json_name(json, "to", files[1]);
	rc = ks_keyring_deltas_json(json, deltas, diag);
	if (!rc)
		ks_json_print(json);
	return rc;
}

static int run_diff(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(ks_keyring_done) struct ks_keyring from = { 0 };
	__cleanup(ks_keyring_done) struct ks_keyring to = { 0 };
	__cleanup(ks_keyring_deltas_done) struct ks_keyring_deltas deltas = { 0 };
	int rc;

	if (nr_args != 2) {
		ks_fail(diag, -EINVAL, KS_NO_OFF, "keyring diff compares two files, FROM and TO");
		return KS_EXIT_USAGE;
	}
	rc = ks_keyring_load_any(args[0], opt_certs, &from, diag);
	if (!rc)
		rc = ks_keyring_load_any(args[1], opt_certs, &to, diag);
	if (!rc)
		rc = ks_keyring_diff(&from, &to, &deltas, diag);
	if (!rc && opt_json)
		rc = print_json(&deltas, args, diag);
	else if (!rc)
		ks_keyring_deltas_print(&deltas);
	if (rc)
		return rc;
	return deltas.nr[KS_KEYRING_SAME] == deltas.nr_deltas ? KS_EXIT_YES : KS_EXIT_NO;
}

const struct ks_verb ks_verb_keyring_diff = {
	.noun = "keyring",
	.verb = "diff",
	.args = "FROM TO",
	.max_args = 2,
	.help = "which certificates came, and which went, between two files that hold some",
	.opts = diff_opts,
	.run = run_diff,
};
