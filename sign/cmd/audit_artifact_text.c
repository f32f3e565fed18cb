// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include <string.h>

#include "base/shown.h"
#include "cli/screen.h"
#include "cmd/audit.h"

static bool is_at(struct json_object *json, const char *key)
{
	return json_object_get_boolean(ks_audit_at(json, key));
}

static void print_list(struct json_object *array, const char *empty)
{
	size_t i, nr = json_object_array_length(array);

	for (i = 0; i < nr; i++)
		printf("%s%s", i ? ", " : "", json_object_get_string(json_object_array_get_idx(array, i)));
	if (!nr)
		fputs(empty, stdout);
}

static void print_key(struct json_object *key)
{
	const char *dbx = ks_audit_text_at(key, "dbx");

	printf("  %s\n    ", ks_shown(ks_audit_text_at(key, "name")));
	print_list(ks_audit_at(key, "signs"), "nothing");
	printf("\n    %s%s, %s%s, until %s%s%s%s%s\n", ks_audit_text_at(key, "keyring"),
	       is_at(key, "of_build") ? ", made by the build" : "",
	       ks_audit_text_at(key, "key"), is_at(key, "weak") ? " (WEAK)" : "", ks_audit_text_at(key, "not_after"),
	       is_at(key, "expired") ? " (EXPIRED)" : "", is_at(key, "loaded") ? "" : ", NOT LOADED",
	       is_at(key, "revoked") ? ", REVOKED by the kernel" : "",
	       *dbx && strcmp(dbx, "clear") != 0 ? ", REVOKED by dbx" : "");
}

static void print_signers(struct json_object *signers)
{
	struct json_object *keys = ks_audit_at(signers, "keys"), *rings = ks_audit_at(signers, "keyrings"), *ring;
	size_t i;

	if (!signers)
		return;
	printf("Who can sign:\n");
	for (i = 0; i < json_object_array_length(keys); i++)
		print_key(json_object_array_get_idx(keys, i));
	for (i = 0; i < json_object_array_length(rings); i++) {
		ring = json_object_array_get_idx(rings, i);
		if (!is_at(ring, "there") || !strcmp(ks_audit_text_at(ring, "name"), "db") ||
		    !strcmp(ks_audit_text_at(ring, "name"), ".builtin_trusted_keys"))
			continue;
		printf("  keys of %s, from %s\n    ", ks_audit_text_at(ring, "name"), ks_audit_text_at(ring, "from"));
		print_list(ks_audit_at(ring, "signs"), "nothing");
		putchar('\n');
	}
	if (is_at(signers, "closed_set"))
		printf("  these modules are a closed set%s%s\n", ks_audit_at(signers, "closed_when") ? " " : "",
		       ks_audit_text_at(signers, "closed_when"));
}

static void print_pcr(struct json_object *pcr)
{
	struct json_object *errors = ks_audit_at(pcr, "errors");

	if (json_object_array_length(errors)) {
		printf("  PCR %-2s cannot be predicted: %s\n", ks_audit_text_at(pcr, "pcr"),
		       ks_shown(ks_audit_text_at(json_object_array_get_idx(errors, 0), "text")));
		return;
	}
	printf("  %s:%s=%s", ks_audit_text_at(pcr, "pcr"), ks_audit_text_at(pcr, "bank"),
	       ks_audit_text_at(pcr, "value"));
	if (ks_audit_at(pcr, "phase"))
		printf(" @%s %s", ks_audit_text_at(pcr, "profile"),
		       *ks_audit_text_at(pcr, "phase") ? ks_audit_text_at(pcr, "phase") : "-");
	putchar('\n');
}

static void print_modules(struct json_object *modules)
{
	struct json_object *counts = ks_audit_at(modules, "counts");
	const char *comma = "";

	if (!modules)
		return;
	printf("Modules: ");
	json_object_object_foreach(counts, state, count) {
		if (!json_object_get_int64(count))
			continue;
		printf("%s%s %s", comma, json_object_get_string(count), state);
		comma = ", ";
	}
	printf("%s%zu missing\n", comma, json_object_array_length(ks_audit_at(modules, "missing")));
}

static void print_finding(struct json_object *f, bool fatal)
{
	if (fatal != !strcmp(ks_audit_text_at(f, "severity"), "fatal"))
		return;
	printf("%s %s: %s%s%s\n",
	       fatal ? ks_painted(stdout, KS_PAINT_BAD, "fatal ") : ks_painted(stdout, KS_PAINT_DOUBT, "advice"),
	       ks_audit_text_at(f, "rule"), ks_audit_text_at(f, "what"), ks_audit_at(f, "detail") ? ": " : "",
	       ks_shown(ks_audit_text_at(f, "detail")));
}

void ks_artifact_text(struct json_object *json)
{
	struct json_object *pcrs = ks_audit_at(json, "pcrs"), *findings = ks_audit_at(json, "findings");
	size_t i;

	if (!findings)
		return;
	print_signers(ks_audit_at(json, "signers"));
	printf("A TPM will hold, if firmware starts the image itself:\n");
	for (i = 0; i < json_object_array_length(pcrs); i++)
		print_pcr(json_object_array_get_idx(pcrs, i));
	print_modules(ks_audit_at(json, "modules"));
	for (i = 0; i < json_object_array_length(findings); i++)
		print_finding(json_object_array_get_idx(findings, i), true);
	for (i = 0; i < json_object_array_length(findings); i++)
		print_finding(json_object_array_get_idx(findings, i), false);
}
