// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include <string.h>

#include "base/shown.h"
#include "cli/screen.h"
#include "cmd/audit_artifact.h"

static struct json_object *at(struct json_object *json, const char *key)
{
	return json_object_object_get(json, key);
}

static const char *text_at(struct json_object *json, const char *key)
{
	const char *text = at(json, key) ? json_object_get_string(at(json, key)) : NULL;

	return text ? text : "";
}

static bool is_at(struct json_object *json, const char *key)
{
	return json_object_get_boolean(at(json, key));
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
	const char *dbx = text_at(key, "dbx");

	printf("  %s\n    ", ks_shown(text_at(key, "name")));
	print_list(at(key, "signs"), "nothing");
	printf("\n    %s%s, %s%s, until %s%s%s%s%s\n", text_at(key, "keyring"), is_at(key, "of_build") ? ", made by the build" : "",
	       text_at(key, "key"), is_at(key, "weak") ? " (WEAK)" : "", text_at(key, "not_after"),
	       is_at(key, "expired") ? " (EXPIRED)" : "", is_at(key, "loaded") ? "" : ", NOT LOADED",
	       is_at(key, "revoked") ? ", REVOKED by the kernel" : "",
	       *dbx && strcmp(dbx, "clear") != 0 ? ", REVOKED by dbx" : "");
}

static void print_signers(struct json_object *signers)
{
	struct json_object *keys = at(signers, "keys"), *rings = at(signers, "keyrings"), *ring;
	size_t i;

	if (!signers)
		return;
	printf("Who can sign:\n");
	for (i = 0; i < json_object_array_length(keys); i++)
		print_key(json_object_array_get_idx(keys, i));
	for (i = 0; i < json_object_array_length(rings); i++) {
		ring = json_object_array_get_idx(rings, i);
		if (!is_at(ring, "there") || !strcmp(text_at(ring, "name"), "db") ||
		    !strcmp(text_at(ring, "name"), ".builtin_trusted_keys"))
			continue;
		printf("  keys of %s, from %s\n    ", text_at(ring, "name"), text_at(ring, "from"));
		print_list(at(ring, "signs"), "nothing");
		putchar('\n');
	}
	if (is_at(signers, "closed_set"))
		printf("  these modules are a closed set%s%s\n", at(signers, "closed_when") ? " " : "",
		       text_at(signers, "closed_when"));
}

static void print_pcr(struct json_object *pcr)
{
	struct json_object *errors = at(pcr, "errors");

	if (json_object_array_length(errors)) {
		printf("  PCR %-2s cannot be predicted: %s\n", text_at(pcr, "pcr"),
		       ks_shown(text_at(json_object_array_get_idx(errors, 0), "text")));
		return;
	}
	printf("  %s:%s=%s", text_at(pcr, "pcr"), text_at(pcr, "bank"), text_at(pcr, "value"));
	if (at(pcr, "phase"))
		printf(" @%s %s", text_at(pcr, "profile"), *text_at(pcr, "phase") ? text_at(pcr, "phase") : "-");
	putchar('\n');
}

static void print_modules(struct json_object *modules)
{
	struct json_object *counts = at(modules, "counts");
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
	printf("%s%zu missing\n", comma, json_object_array_length(at(modules, "missing")));
}

static void print_finding(struct json_object *f, bool fatal)
{
	if (fatal != !strcmp(text_at(f, "severity"), "fatal"))
		return;
	printf("%s %s: %s%s%s\n",
	       fatal ? ks_painted(stdout, KS_PAINT_BAD, "fatal ") : ks_painted(stdout, KS_PAINT_DOUBT, "advice"),
	       text_at(f, "rule"), text_at(f, "what"), at(f, "detail") ? ": " : "", ks_shown(text_at(f, "detail")));
}

void ks_artifact_text(struct json_object *json)
{
	struct json_object *pcrs = at(json, "pcrs"), *findings = at(json, "findings");
	size_t i;

	if (!findings)
		return;
	print_signers(at(json, "signers"));
	printf("A TPM will hold, if firmware starts the image itself:\n");
	for (i = 0; i < json_object_array_length(pcrs); i++)
		print_pcr(json_object_array_get_idx(pcrs, i));
	print_modules(at(json, "modules"));
	for (i = 0; i < json_object_array_length(findings); i++)
		print_finding(json_object_array_get_idx(findings, i), true);
	for (i = 0; i < json_object_array_length(findings); i++)
		print_finding(json_object_array_get_idx(findings, i), false);
}
