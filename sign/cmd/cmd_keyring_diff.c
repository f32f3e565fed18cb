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

static void print_json(const struct ks_keyring_deltas *deltas, char **files)
{
	__cleanup(ks_json_free) struct json_object *json = json_object_new_object();

	ks_json_str(json, "schema", "kseal/keyring-diff/1");
	ks_json_str(json, "from", files[0]);
	ks_json_str(json, "to", files[1]);
	ks_keyring_deltas_json(json, deltas);
	ks_json_print(json);
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
	if (rc)
		return rc;
	if (opt_json)
		print_json(&deltas, args);
	else
		ks_keyring_deltas_print(&deltas);
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
