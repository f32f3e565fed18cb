// SPDX-License-Identifier: LGPL-2.1-or-later
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/shown.h"
#include "cmd/keyring_entry.h"
#include "cmd/verbs.h"
#include "ops/keyring_insert.h"

static const char *opt_keyring, *opt_certs, *opt_output;
static bool opt_json;

static const struct ks_opt embed_opts[] = {
	{ .name = "--keyring",
	  .arg = "FILE",
	  .help = "certificates: a manifest, PEM, or any file that holds some",
	  .required = true,
	  .ret_value = &opt_keyring },
	{ .name = "--certs",
	  .arg = "DIR",
	  .help = "those of a manifest (default: certs/ beside it)",
	  .ret_value = &opt_certs },
	{ .name = "--output",
	  .arg = "FILE",
	  .help = "the kernel with them",
	  .required = true,
	  .ret_value = &opt_output },
	{ .name = "--json", .help = "as JSON", .ret_flag = &opt_json },
	{ 0 },
};

static void print_lines(const struct ks_keyring_inserted *inserted,
			const struct ks_keyring_deltas *deltas)
{
	ks_keyring_deltas_print(deltas);
	printf("%s: %" PRIu64 " of %" PRIu64 " bytes for certificates are used", ks_shown(opt_output),
	       inserted->used_bytes, inserted->reserve_bytes);
	if (inserted->payload_bytes)
		printf(", %" PRIu64 " of %" PRIu64 " for the compressed kernel",
		       inserted->payload_used_bytes, inserted->payload_bytes);
	putchar('\n');
}

static int print_json(const struct ks_keyring_inserted *inserted, const struct ks_keyring_deltas *deltas,
		      const char *in, struct ks_diag *diag)
{
	__cleanup(ks_json_free) struct json_object *json = ks_json_new("kseal/keyring-embed/1");
	int rc;

	ks_json_name(json, "file", in);
	ks_json_name(json, "output", opt_output);
	ks_json_int(json, "reserve_bytes", inserted->reserve_bytes);
	ks_json_int(json, "used_bytes", inserted->used_bytes);
	if (inserted->payload_bytes) {
		ks_json_int(json, "payload_bytes", inserted->payload_bytes);
		ks_json_int(json, "payload_used_bytes", inserted->payload_used_bytes);
	}
	rc = ks_keyring_deltas_json(json, deltas, diag);
	if (!rc)
		ks_json_print(json);
	return rc;
}

static int run_embed(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(ks_keyring_done) struct ks_keyring wanted = { 0 };
	__cleanup(ks_keyring_inserted_done) struct ks_keyring_inserted inserted = { 0 };
	__cleanup(ks_keyring_deltas_done) struct ks_keyring_deltas deltas = { 0 };
	int rc = ks_keyring_load_any(opt_keyring, opt_certs, &wanted, diag);

	(void)nr_args;
	if (!rc)
		rc = ks_keyring_insert(&wanted, ks_clock_now(), args[0], opt_output, &inserted, diag);
	if (!rc)
		rc = ks_keyring_diff(&inserted.before, &inserted.after, &deltas, diag);
	if (rc)
		return rc;
	if (opt_json)
		return print_json(&inserted, &deltas, args[0], diag);
	print_lines(&inserted, &deltas);
	return 0;
}

const struct ks_verb ks_verb_keyring_embed = {
	.noun = "keyring",
	.verb = "embed",
	.args = "IN",
	.max_args = 1,
	.help = "put certificates into a vmlinux or bzImage that is built",
	.opts = embed_opts,
	.run = run_embed,
};
