// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/inspect.h"
#include "cmd/keyring_entry.h"
#include "ops/kernel_facts.h"

static const char *yes(bool is, const char *text)
{
	return is ? text : "";
}

static void show_lockdown(struct ks_sheet *sheet, struct json_object *to, const struct ks_kernel_policy *p)
{
	struct json_object *row = ks_json_object(to, "lockdown");

	ks_json_str(row, "at_boot", p->lockdown);
	ks_json_bool(row, "lsm", p->lockdown_lsm);
	ks_json_bool(row, "in_secure_boot", p->lockdown_in_secure_boot);
	ks_json_bool(row, "boot_params", p->boot_params);
	if (!strcmp(p->lockdown, "absent"))
		ks_sheet_row(sheet, "lockdown", "NOT THERE (no CONFIG_SECURITY_LOCKDOWN_LSM)");
	else
		ks_sheet_row(sheet, "lockdown", "%s at boot, %s under Secure Boot%s%s", p->lockdown,
			     p->lockdown_in_secure_boot ? "on" : "no more",
			     yes(p->boot_params, ", where it removes boot parameters that would undo it"),
			     p->lockdown_lsm ? "" : "; its LSM is NOT IN USE");
}

static void show_modules(struct ks_sheet *sheet, struct json_object *to, const struct ks_kernel_policy *p)
{
	struct json_object *row = ks_json_object(to, "modules"), *rings;
	char words[96] = "", least[64] = "";
	unsigned int i;

	ks_json_str(row, "signatures", p->modules);
	ks_json_text(row, "hash", p->module_hash);
	ks_json_int(row, "min_digest_bits", p->min_digest_bits);
	ks_json_int(row, "min_rsa_bits", p->min_rsa_bits);
	rings = ks_json_array(row, "keyrings");
	for (i = 0; i < KS_NR_POLICY_KEYRINGS; i++) {
		if (!(p->keyrings & 1U << i))
			continue;
		json_object_array_add(rings, json_object_new_string(ks_policy_keyring(i)));
		snprintf(words + strlen(words), sizeof(words) - strlen(words), ", %s", ks_policy_keyring(i));
	}
	if (p->min_digest_bits || p->min_rsa_bits)
		snprintf(least, sizeof(least), ", from %u bits of digest and %u of RSA", p->min_digest_bits,
			 p->min_rsa_bits);
	ks_sheet_row(sheet, "modules", "signatures %s%s%.*s%s",
		     !strcmp(p->modules, "checked") ? "checked, enforced if locked down" : p->modules,
		     yes(p->module_hash.bytes, ", its own by "), (int)p->module_hash.bytes,
		     (const char *)p->module_hash.p, least);
	ks_sheet_row(sheet, "keyrings", "builtin%s", words);
}

static void show_kexec(struct ks_sheet *sheet, struct json_object *to, const struct ks_kernel_policy *p)
{
	struct json_object *row = ks_json_object(to, "kexec");

	ks_json_bool(row, "load", p->kexec_load);
	ks_json_str(row, "file", p->kexec_file);
	ks_sheet_row(sheet, "kexec", "kexec_load() %s, kexec_file_load() %s",
		     p->kexec_load ? "there, unchecked unless locked down" : "absent",
		     !strcmp(p->kexec_file, "checked")	  ? "checks signatures, enforced if locked down" :
		     !strcmp(p->kexec_file, "enforced")	  ? "wants signatures" :
		     !strcmp(p->kexec_file, "unchecked") ? "UNCHECKED" :
							    "absent");
}

static int show_config(struct ks_sheet *sheet, struct json_object *to, struct ks_span config,
		       struct ks_diag *diag)
{
	struct ks_kernel_policy policy;
	struct json_object *row;
	struct ks_digest digest;
	int rc;

	if (!config.bytes) {
		ks_json_str(to, "config", NULL);
		ks_sheet_row(sheet, "config", "not in it (no CONFIG_IKCONFIG): lockdown, signature and kexec "
					      "policy cannot be told");
		return 0;
	}
	rc = ks_sha256(config, &digest, diag);
	if (rc)
		return rc;
	row = ks_json_object(to, "config");
	ks_json_int(row, "bytes", config.bytes);
	ks_json_hex(row, "sha256", ks_digest_span(&digest));
	ks_sheet_row(sheet, "config", "in it, %zu bytes", config.bytes);
	policy = ks_kernel_policy_of(config);
	show_lockdown(sheet, to, &policy);
	show_modules(sheet, to, &policy);
	show_kexec(sheet, to, &policy);
	return 0;
}

int ks_inspect_keyring(struct ks_sheet *sheet, const struct ks_inspect_opts *opts,
		       const struct ks_keyring *keyring, struct json_object *array, struct ks_diag *diag)
{
	char words[40];
	size_t i;
	int rc = 0;

	for (i = 0; i < keyring->nr_entries && !rc; i++) {
		const struct ks_keyring_entry *entry = &keyring->entry[i];
		struct json_object *row = ks_json_row(array);

		ks_purposes_json(row, "purposes", entry->purposes);
		ks_purposes_format(entry->purposes, words, sizeof(words));
		rc = ks_sheet_cert_brief(sheet, entry->purposes ? words : "certificate", row, &entry->cert,
					 opts->now, diag);
	}
	return rc;
}

/* The certificates of both lists; which of them is the build's own key is told by its place. */
static int show_keys(struct ks_sheet *sheet, const struct ks_inspect_opts *opts, struct json_object *to,
		     struct ks_kernel_image *image, struct ks_diag *diag)
{
	__cleanup(ks_keyring_done) struct ks_keyring keyring = { .keep_twice = true };
	__cleanup(ks_keyring_done) struct ks_keyring own = { .keep_twice = true };
	struct json_object *keys = ks_json_object(to, "keys");
	struct ks_diag reason = { 0 };
	struct ks_span head;
	int rc = ks_kernel_image_find_lists(image, &reason);

	if (!rc)
		rc = ks_keyring_add_kernel(&keyring, "", image, &reason);
	if (!rc && ks_span_sub(image->trusted, 0, image->module_cert_bytes, &head))
		rc = ks_keyring_add_list(&own, "", KS_PURPOSE_BUILTIN, head, &reason);
	if (rc == -ENOMEM)
		return ks_fail(diag, rc, KS_NO_OFF, "out of memory");
	if (rc) {
		ks_sheet_fault(sheet, keys, "keys", &reason);
		return 0;
	}
	ks_json_errors(keys, &reason);
	ks_json_int(keys, "nr_of_build", own.nr_entries);
	ks_json_int(keys, "reserve_bytes", image->reserve.bytes);
	ks_sheet_row(sheet, "keys", "%zu embedded%s%s", keyring.nr_entries,
		     yes(own.nr_entries, ", the first one is the build's own for modules"),
		     yes(image->reserve.bytes, ", room for more"));
	return ks_inspect_keyring(sheet, opts, &keyring, ks_json_array(keys, "certificates"), diag);
}

int ks_inspect_kernel(struct ks_sheet *sheet, const struct ks_inspect_opts *opts, enum ks_kind kind,
		      struct ks_span file, struct ks_diag *diag)
{
	__cleanup(ks_kernel_image_done) struct ks_kernel_image image = { 0 };
	struct json_object *to = ks_json_object(sheet->json, "kernel");
	struct ks_diag reason = { 0 };
	struct ks_kernel_facts facts;
	int rc = ks_kernel_image_unpack(file, &image, &reason);

	if (rc == -ENOMEM || (rc == -EBADMSG && kind == KS_KIND_KERNEL)) {
		*diag = reason;
		return rc;
	}
	if (rc) {
		ks_sheet_fault(sheet, to, "kernel", &reason);
		return 0;
	}
	facts = ks_kernel_facts_of(file, &image);
	ks_json_errors(to, &reason);
	ks_json_str(to, "format", facts.format);
	ks_json_str(to, "machine", facts.machine);
	ks_json_str(to, "release", NULL);
	if (facts.release.bytes)
		ks_json_text(to, "release", facts.release);
	ks_json_str(to, "compression", facts.compression);
	ks_json_int(to, "unpacked_bytes", image.image.bytes);
	ks_sheet_row(sheet, "kernel", "%s, %s of %s%s%s, %zu bytes unpacked",
		     facts.release.bytes ? ks_json_text_of(to, "release") : "of an unknown release", facts.format, facts.machine,
		     facts.compression ? ", " : "", facts.compression ? facts.compression : "",
		     image.image.bytes);
	rc = show_config(sheet, to, ks_buf_span(&image.config), diag);
	return rc ? rc : show_keys(sheet, opts, to, &image, diag);
}
