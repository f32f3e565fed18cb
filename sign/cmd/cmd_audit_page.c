// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "cmd/audit_page.h"
#include "cmd/verbs.h"

static const char *opt_output;
static struct ks_values opt_before;

static const struct ks_opt page_opts[] = {
	{ .name = "--output",
	  .arg = "FILE",
	  .help = "the page",
	  .required = true,
	  .form = KS_OPT_NOT_EMPTY,
	  .ret_value = &opt_output },
	{ .name = "--before",
	  .arg = "FILE",
	  .help = "an earlier audit of one of them, to show what changed; may be repeated",
	  .form = KS_OPT_NOT_EMPTY,
	  .ret_values = &opt_before },
	{ 0 },
};

/* What a page reads of a document. */
struct key {
	const char *name;
	enum json_type type;
	bool may_be_null;
};

static int check_keys(struct json_object *json, const struct key *key, const char *where, struct ks_diag *diag)
{
	char detail[96];

	for (; key->name; key++) {
		struct json_object *value = ks_audit_at(json, key->name);

		if (value ? json_object_is_type(value, key->type) : key->may_be_null)
			continue;
		snprintf(detail, sizeof(detail), "%s%s", where, key->name);
		return ks_fail_detail(diag, -EBADMSG, "audit lacks a key, or it has another type", detail);
	}
	return 0;
}

static int check_rows(struct json_object *json, const char *list, const struct key *keys, struct ks_diag *diag)
{
	struct json_object *rows;
	char where[64];
	size_t i, nr;
	int rc = 0;

	rows = ks_audit_rows(json, list, &nr);
	for (i = 0; !rc && i < nr; i++) {
		snprintf(where, sizeof(where), "%s[%zu].", list, i);
		rc = check_keys(json_object_array_get_idx(rows, i), keys, where, diag);
	}
	return rc;
}

static int load_document(const char *path, struct json_object **ret_json, struct ks_diag *diag)
{
	static const struct key top[] = {
		{ "what", json_type_string, false },	{ "file", json_type_string, false },
		{ "sku", json_type_string, true },	{ "kernel", json_type_object, false },
		{ "counts", json_type_object, false },	{ "command_lines", json_type_array, false },
		{ "sources", json_type_array, false },	{ "rules", json_type_array, false },
		{ 0 },
	};
	static const struct key source[] = { { "word", json_type_string, false },
					     { "document", json_type_string, false },
					     { 0 } };
	static const struct key rule[] = {
		{ "rule", json_type_string, false },	{ "symbol", json_type_string, false },
		{ "want", json_type_string, false },	{ "verdict", json_type_string, false },
		{ "effective", json_type_string, true }, { "sources", json_type_array, false },
		{ "why", json_type_string, false },	{ "place", json_type_string, false },
		{ 0 },
	};
	int rc = ks_json_load(path, "kseal/audit/1", ret_json, diag);

	rc = rc ? rc : check_keys(*ret_json, top, "", diag);
	rc = rc ? rc : check_rows(*ret_json, "sources", source, diag);
	rc = rc ? rc : check_rows(*ret_json, "rules", rule, diag);
	ks_diag_in(diag, path);
	return rc;
}

static int run_page(int nr_args, char **args, struct ks_diag *diag)
{
	struct json_object *documents[KS_MAX_PAGE_DOCUMENTS] = { 0 }, *before[KS_MAX_OPT_VALUES] = { 0 };
	const struct ks_audit_page page = { documents, (size_t)nr_args, before, opt_before.nr_values };
	size_t i;
	int rc = 0;

	if (page.nr_documents > KS_MAX_PAGE_DOCUMENTS)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "more than 64 audits on one page");
	for (i = 0; !rc && i < page.nr_documents; i++)
		rc = load_document(args[i], &documents[i], diag);
	for (i = 0; !rc && i < page.nr_before; i++)
		rc = load_document(opt_before.value[i], &before[i], diag);
	rc = rc ? rc : ks_audit_page_write(&page, opt_output, diag);
	for (i = 0; i < KS_MAX_PAGE_DOCUMENTS; i++)
		ks_json_free(&documents[i]);
	for (i = 0; i < KS_MAX_OPT_VALUES; i++)
		ks_json_free(&before[i]);
	return rc;
}

const struct ks_verb ks_verb_audit_page = {
	.noun = "audit",
	.verb = "page",
	.args = "AUDIT...",
	.help = "one HTML page of several audits, and of what changed since earlier ones",
	.opts = page_opts,
	.run = run_page,
};
