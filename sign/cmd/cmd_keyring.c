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

static struct json_object *json_entry(const struct ks_keyring_entry *entry, struct ks_diag *diag)
{
	struct json_object *row = json_object_new_object();
	struct json_object *words = json_object_new_array();
	char hex[65], end[16], name[128], kernel_name[700];
	unsigned int bit;

	if (ks_keyring_kernel_name(&entry->cert, kernel_name, sizeof(kernel_name), diag)) {
		json_object_put(words);
		json_object_put(row);
		return NULL;
	}
	ks_hex(ks_digest_span(&entry->fingerprint), hex, sizeof(hex));
	ks_cert_not_after(&entry->cert, end, sizeof(end));
	ks_cert_name(&entry->cert, name, sizeof(name));
	for (bit = KS_PURPOSE_BUILTIN; bit <= KS_PURPOSE_REVOKED; bit <<= 1)
		if (entry->purposes & bit)
			json_object_array_add(words, json_object_new_string(ks_purpose_name(bit)));
	json_object_object_add(row, "name", json_object_new_string(entry->name));
	json_object_object_add(row, "purposes", words);
	json_object_object_add(row, "sha256", json_object_new_string(hex));
	json_object_object_add(row, "notAfter", json_object_new_string(end));
	json_object_object_add(row, "cn", json_object_new_string(name));
	json_object_object_add(row, "kernelName", json_object_new_string(kernel_name));
	json_object_object_add(row, "dev", json_object_new_boolean(ks_cert_is_dev(&entry->cert)));
	return row;
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

static int run_show(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(ks_json_free) struct json_object *json = opt_json ? json_object_new_array() : NULL;
	int i, rc = 0;
	size_t n;

	for (i = 0; !rc && i < nr_args; i++) {
		__cleanup(ks_keyring_done) struct ks_keyring keyring = { 0 };

		rc = ks_keyring_load_any(args[i], opt_certs, &keyring, diag);
		for (n = 0; n < keyring.nr_entries && !rc; n++) {
			struct json_object *row = json ? json_entry(&keyring.entry[n], diag) : NULL;

			if (json)
				rc = row ? json_object_array_add(json, row) : diag->err;
			else
				ks_keyring_entry_print("", &keyring.entry[n], keyring.entry[n].purposes);
		}
	}
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
