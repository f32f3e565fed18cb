// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/shown.h"
#include "cmd/keyring_entry.h"
#include "cmd/verbs.h"
#include "ops/keyring_diff.h"

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

static void print_delta(const struct ks_keyring_delta *delta)
{
	static const char *const marks[] = { "- ", "+ ", "! ", "  " };
	char old[40], new[40];

	if (delta->change != KS_KEYRING_CHANGED) {
		ks_keyring_entry_print(marks[delta->change], delta->new ? delta->new : delta->old,
				       delta->new_purposes | delta->old_purposes);
		return;
	}
	ks_purposes_format(delta->old_purposes, old, sizeof(old));
	ks_purposes_format(delta->new_purposes, new, sizeof(new));
	printf("%s%s -> ", marks[delta->change], old);
	ks_keyring_entry_print("", delta->new, delta->new_purposes);
}

static void print_lines(const struct ks_keyring_deltas *deltas)
{
	size_t i;

	for (i = 0; i < deltas->nr_deltas; i++)
		print_delta(&deltas->delta[i]);
	printf("%zu new, %zu gone, %zu changed, %zu the same\n", deltas->nr[KS_KEYRING_NEW],
	       deltas->nr[KS_KEYRING_GONE], deltas->nr[KS_KEYRING_CHANGED],
	       deltas->nr[KS_KEYRING_SAME]);
}

static void print_json(const struct ks_keyring_deltas *deltas, char **files)
{
	__cleanup(ks_json_free) struct json_object *json = json_object_new_object();
	struct json_object *array, *row;
	size_t i;

	ks_json_str(json, "schema", "kseal/keyring-diff/1");
	ks_json_str(json, "from", files[0]);
	ks_json_str(json, "to", files[1]);
	for (i = 0; i <= KS_KEYRING_SAME; i++)
		ks_json_int(json, ks_keyring_change_name((enum ks_keyring_change)i), deltas->nr[i]);
	array = ks_json_array(json, "certificates");
	for (i = 0; i < deltas->nr_deltas; i++) {
		const struct ks_keyring_delta *delta = &deltas->delta[i];

		row = ks_json_row(array);
		ks_json_str(row, "change", ks_keyring_change_name(delta->change));
		ks_keyring_entry_json(row, delta->new ? delta->new : delta->old);
		ks_purposes_json(row, "old_purposes", delta->old_purposes);
		ks_purposes_json(row, "new_purposes", delta->new_purposes);
	}
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
		print_lines(&deltas);
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
