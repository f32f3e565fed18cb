// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/shown.h"
#include "cmd/json.h"
#include "cmd/keyring_entry.h"
#include "cmd/verbs.h"
#include "ops/keyring.h"

static const char *opt_manifest, *opt_certs, *opt_output;
static struct ks_values opt_add;
static bool opt_release, opt_allow_dev_keys, opt_json;

static const struct ks_opt build_opts[] = {
	{ .name = "--manifest",
	  .arg = "FILE",
	  .help = "names, fingerprints and purposes",
	  .required = true,
	  .ret_value = &opt_manifest },
	{ .name = "--certs",
	  .arg = "DIR",
	  .help = "certificates (default: certs/ beside it)",
	  .ret_value = &opt_certs },
	{ .name = "--add",
	  .arg = "PEM",
	  .help = "one more certificate that the kernel trusts",
	  .ret_values = &opt_add },
	{ .name = "--output",
	  .arg = "DIR",
	  .help = "gets trusted.pem and revoked.pem",
	  .required = true,
	  .ret_value = &opt_output },
	{ .name = "--release",
	  .help = "refuse development certificates",
	  .ret_flag = &opt_release },
	{ .name = "--allow-dev-keys",
	  .help = "take them even with --release",
	  .ret_flag = &opt_allow_dev_keys },
	{ 0 },
};

static const struct ks_opt show_opts[] = {
	{ .name = "--json", .help = "as JSON", .ret_flag = &opt_json },
	{ .name = "--certs",
	  .arg = "DIR",
	  .help = "certificates (default: certs/ beside it)",
	  .ret_value = &opt_certs },
	{ 0 },
};

static const struct ks_opt dev_keys_opts[] = {
	{ .name = "--output",
	  .arg = "DIR",
	  .help = "gets module, uki, pcr, PK and KEK, .key and .pem",
	  .required = true,
	  .ret_value = &opt_output },
	{ 0 },
};

static int add_certificate(struct json_object *to, const struct ks_keyring_entry *entry, u64 now,
			   struct ks_diag *diag)
{
	struct json_object *row = ks_json_row(to);
	char kernel_name[700];
	int rc = ks_keyring_entry_json(row, entry, now, diag);

	if (!rc)
		rc = ks_keyring_kernel_name(&entry->cert, kernel_name, sizeof(kernel_name), diag);
	if (rc)
		return rc;
	ks_purposes_json(row, "purposes", entry->purposes);
	ks_json_str(row, "kernel_name", kernel_name[0] ? kernel_name : NULL);
	return 0;
}

static int run_build(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(ks_keyring_done) struct ks_keyring keyring = { 0 };
	size_t i;
	int rc = ks_keyring_load(opt_manifest, opt_certs, &keyring, diag);

	(void)nr_args;
	(void)args;
	for (i = 0; !rc && i < opt_add.nr_values; i++)
		rc = ks_keyring_add_file(&keyring, opt_add.value[i], KS_PURPOSE_BUILTIN, diag);
	if (!rc)
		rc = ks_keyring_check(&keyring, ks_clock_now(), !opt_release || opt_allow_dev_keys,
				      diag);
	if (!rc)
		rc = ks_keyring_publish(&keyring, opt_output, diag);
	for (i = 0; !rc && i < keyring.nr_entries; i++) {
		unsigned int embedded =
			keyring.entry[i].purposes & (KS_PURPOSE_BUILTIN | KS_PURPOSE_REVOKED);

		if (embedded)
			ks_keyring_entry_print("", &keyring.entry[i], embedded);
	}
	return rc;
}

/* @files: NULL for lines */
static int show_file(const char *file, struct json_object *files, struct ks_diag *diag)
{
	__cleanup(ks_keyring_done) struct ks_keyring keyring = { 0 };
	struct json_object *row, *certificates = NULL;
	u64 now = ks_clock_now();
	size_t i;
	int rc = ks_keyring_load_any(file, opt_certs, &keyring, diag);

	if (files) {
		row = ks_json_row(files);
		ks_json_name(row, "file", file);
		certificates = ks_json_array(row, "certificates");
	}
	for (i = 0; i < keyring.nr_entries && !rc; i++) {
		if (files)
			rc = add_certificate(certificates, &keyring.entry[i], now, diag);
		else
			ks_keyring_entry_print("", &keyring.entry[i], keyring.entry[i].purposes);
	}
	return rc;
}

static int run_show(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(ks_json_free) struct json_object *json = NULL;
	struct json_object *files = NULL;
	int i, rc = 0;

	if (opt_json) {
		json = ks_json_new("kseal/keyring-show/1");
		files = ks_json_array(json, "files");
	}
	for (i = 0; !rc && i < nr_args; i++)
		rc = show_file(args[i], files, diag);
	if (!rc && json)
		ks_json_print(json);
	return rc;
}

static int run_dev_keys(int nr_args, char **args, struct ks_diag *diag)
{
	size_t nr_made = 0;
	int rc = ks_keyring_dev_keys(opt_output, ks_clock_now(), &nr_made, diag);

	(void)nr_args;
	(void)args;
	if (!rc && nr_made)
		printf("%s: %zu new key pairs, DEV KEYS: good for tests, not for a release\n",
		       ks_shown(opt_output), nr_made);
	return rc;
}

const struct ks_verb ks_verb_keyring_build = {
	.noun = "keyring",
	.verb = "build",
	.help = "check a keyring's certificates and write what the kernel embeds",
	.opts = build_opts,
	.run = run_build,
};

const struct ks_verb ks_verb_keyring_show = {
	.noun = "keyring",
	.verb = "show",
	.args = "FILE...",
	.help = "list the certificates of a kernel, a manifest or any file that holds some",
	.opts = show_opts,
	.run = run_show,
};

const struct ks_verb ks_verb_keyring_dev_keys = {
	.noun = "keyring",
	.verb = "dev-keys",
	.help = "make the development keys that are missing",
	.opts = dev_keys_opts,
	.run = run_dev_keys,
};
