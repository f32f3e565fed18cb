// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "base/shown.h"
#include "cmd/audit_delta.h"
#include "cmd/audit_opts.h"
#include "cmd/keyring_entry.h"
#include "cmd/sheet.h"

static const struct ks_opt diff_opts[] = {
	KS_AUDIT_RULES_OPTS(false),
	{ .name = "--json", .help = "as JSON", .ret_flag = &ks_audit_opts.json },
	{ 0 },
};

/**
 * struct side - one of the two
 * @fault: why its certificates cannot be told; err is 0 otherwise
 */
struct side {
	struct ks_audit_input *input;
	bool is_image;
	struct ks_keyring keyring;
	struct ks_diag fault;
	struct json_object *json;
};

static void side_done(struct side *side)
{
	ks_json_free(&side->json);
	ks_keyring_done(&side->keyring);
	ks_audit_input_done(&side->input);
}

static int is_kernel(const char *path, bool *ret_kernel, struct ks_diag *diag)
{
	__cleanup(ks_map_close) struct ks_map map = { 0 };
	int rc = ks_map_open(path, KS_MAX_IMAGE_BYTES, &map, diag);

	if (!rc)
		*ret_kernel = ks_kernel_image_probe(ks_map_span(&map));
	ks_diag_in(diag, path);
	return rc;
}

static int load(const char *path, struct side *side, struct ks_diag *diag)
{
	int rc;

	side->input = ks_audit_input_new(diag);
	rc = side->input ? ks_audit_load_rules(side->input, diag) : -ENOMEM;
	rc = rc ? rc : is_kernel(path, &side->is_image, diag);
	if (rc)
		return rc;
	if (!side->is_image)
		return ks_audited_config(path, &side->input->audited, diag);
	rc = ks_audited_image(path, NULL, &side->input->audited, diag);
	rc = rc ? rc : ks_audited_lines(&side->input->audited, NULL, NULL, 0, diag);
	if (!rc)
		(void)!ks_keyring_load_any(path, NULL, &side->keyring, &side->fault);
	return rc;
}

/* Exceptions are whoever's audit it is to judge: here they only excuse. */
static int judge(struct side *side, unsigned int level, struct ks_diag *diag)
{
	struct ks_audit_input *input = side->input;
	struct ks_audit_subject *subject = &input->audited.subject;
	int rc;

	subject->level = level;
	subject->sku = ks_span_str(ks_audit_opts.sku ? ks_audit_opts.sku : "");
	rc = ks_audit_rules(&input->policy, &input->needs, &input->exceptions, subject, &input->audit, diag);
	if (!rc)
		side->json = ks_audit_json(input, side->is_image ? "image" : "config");
	return rc;
}

static void add_symbol(struct json_object *rows, struct ks_span symbol, const struct ks_kconfig_entry *old,
		       const struct ks_kconfig_entry *new)
{
	const struct ks_span off = ks_span_str("n");
	struct ks_span was = old ? old->value : off, is = new ? new->value : off;
	struct json_object *row;

	if (ks_span_eq(was, is))
		return;
	row = ks_json_row(rows);
	ks_json_text(row, "symbol", symbol);
	ks_json_text(row, "old", was);
	ks_json_text(row, "new", is);
}

/* Both are sorted; what is not set and what is not there are the same. */
static void add_symbols(struct json_object *json, const struct ks_kconfig *old, const struct ks_kconfig *new)
{
	struct json_object *rows = ks_json_array(json, "symbols");
	size_t i = 0, k = 0;

	while (i < old->nr || k < new->nr) {
		const struct ks_kconfig_entry *a = i < old->nr ? &old->entry[i] : NULL;
		const struct ks_kconfig_entry *b = k < new->nr ? &new->entry[k] : NULL;
		int order = a && b ? ks_span_cmp(a->symbol, b->symbol) : a ? -1 : 1;

		add_symbol(rows, order <= 0 ? a->symbol : b->symbol, order <= 0 ? a : NULL, order >= 0 ? b : NULL);
		i += order <= 0;
		k += order >= 0;
	}
}

static struct json_object *line_of(struct json_object *json, struct json_object *like)
{
	struct json_object *lines, *line;
	size_t i, nr;

	lines = ks_audit_rows(json, "command_lines", &nr);
	for (i = 0; i < nr; i++) {
		line = json_object_array_get_idx(lines, i);
		if (ks_audit_is(line, "who", ks_audit_text_at(like, "who")) &&
		    ks_audit_is(line, "profile", ks_audit_text_at(like, "profile")))
			return line;
	}
	return NULL;
}

static void add_line(struct json_object *rows, struct json_object *like, struct json_object *old,
		     struct json_object *new)
{
	struct json_object *row;

	if (old && new && ks_audit_is(old, "text", ks_audit_text_at(new, "text")))
		return;
	row = ks_json_row(rows);
	ks_json_str(row, "who", ks_audit_text_at(like, "who"));
	json_object_object_add(row, "profile", json_object_get(ks_audit_at(like, "profile")));
	ks_json_str(row, "old", old ? ks_audit_text_at(old, "text") : NULL);
	ks_json_str(row, "new", new ? ks_audit_text_at(new, "text") : NULL);
}

static void add_lines(struct json_object *json, struct json_object *old, struct json_object *new)
{
	struct json_object *rows = ks_json_array(json, "command_lines"), *lines, *line;
	size_t i, nr;

	lines = ks_audit_rows(old, "command_lines", &nr);
	for (i = 0; i < nr; i++) {
		line = json_object_array_get_idx(lines, i);
		add_line(rows, line, line, line_of(new, line));
	}
	lines = ks_audit_rows(new, "command_lines", &nr);
	for (i = 0; i < nr; i++) {
		line = json_object_array_get_idx(lines, i);
		if (!line_of(old, line))
			add_line(rows, line, NULL, line);
	}
}

static size_t count(struct json_object *json, const char *list)
{
	size_t nr;

	(void)ks_audit_rows(json, list, &nr);
	return nr;
}

static void print_rows(struct json_object *json, const char *list, const char *key)
{
	struct json_object *rows, *row;
	size_t i, nr;

	rows = ks_audit_rows(json, list, &nr);
	for (i = 0; i < nr; i++) {
		row = json_object_array_get_idx(rows, i);
		printf("  %s", ks_audit_text_at(row, key));
		if (*ks_audit_text_at(row, "profile"))
			printf(" of profile %s", ks_audit_text_at(row, "profile"));
		printf(": %s -> %s\n", ks_audit_at(row, "old") ? ks_audit_text_at(row, "old") : "none",
		       ks_audit_at(row, "new") ? ks_audit_text_at(row, "new") : "none");
	}
}

static void print_rules(struct json_object *json)
{
	struct json_object *rows, *row, *old, *new;
	size_t i, nr;

	rows = ks_audit_rows(json, "rules", &nr);
	for (i = 0; i < nr; i++) {
		row = json_object_array_get_idx(rows, i);
		old = ks_audit_at(row, "old");
		new = ks_audit_at(row, "new");
		printf("  %s, wanted %s: %s %s -> %s %s\n", ks_audit_text_at(row, "rule"), ks_audit_text_at(row, "want"),
		       old ? ks_audit_text_at(old, "verdict") : "no rule", old ? ks_audit_effective(old) : "",
		       new ? ks_audit_text_at(new, "verdict") : "no rule", new ? ks_audit_effective(new) : "");
	}
}

static void print_text(struct json_object *json, const struct ks_keyring_deltas *deltas)
{
	printf("rules with another verdict or value: %zu\n", count(json, "rules"));
	print_rules(json);
	printf("symbols: %zu\n", count(json, "symbols"));
	print_rows(json, "symbols", "symbol");
	if (ks_audit_at(json, "certificates")) {
		printf("certificates:\n");
		ks_keyring_deltas_print(deltas);
	}
	printf("command lines: %zu\n", count(json, "command_lines"));
	print_rows(json, "command_lines", "who");
}

/* The reason why the certificates of one cannot be told; NULL if they can. */
static const struct ks_diag *fault_of(const struct side *from, const struct side *to)
{
	if (from->fault.err)
		return &from->fault;
	return to->fault.err ? &to->fault : NULL;
}

static int add_certificates(struct json_object *json, const struct side *from, const struct side *to,
			    struct ks_keyring_deltas *deltas, struct ks_diag *diag)
{
	const struct ks_diag none = { 0 }, *fault = fault_of(from, to);
	int rc;

	ks_json_errors(json, fault ? fault : &none);
	if (fault || !from->is_image || !to->is_image) {
		ks_json_str(json, "certificates", NULL);
		return 0;
	}
	rc = ks_keyring_diff(&from->keyring, &to->keyring, deltas, diag);
	return rc ? rc : ks_keyring_deltas_json(ks_json_object(json, "certificates"), deltas, diag);
}

static int compare(const struct side *from, const struct side *to, struct ks_diag *diag)
{
	__cleanup(ks_json_free) struct json_object *json = ks_json_new("kseal/audit-diff/1");
	__cleanup(ks_keyring_deltas_done) struct ks_keyring_deltas deltas = { 0 };
	const struct ks_diag *fault = fault_of(from, to);
	bool differs;
	int rc;

	ks_json_name(json, "from", from->input->audited.path);
	ks_json_name(json, "to", to->input->audited.path);
	ks_audit_deltas_json(from->json, to->json, ks_json_array(json, "rules"));
	add_symbols(json, &from->input->audited.config, &to->input->audited.config);
	rc = add_certificates(json, from, to, &deltas, diag);
	if (rc)
		return rc;
	add_lines(json, from->json, to->json);
	if (ks_audit_opts.json)
		ks_json_print(json);
	else
		print_text(json, &deltas);
	differs = count(json, "rules") || count(json, "symbols") || count(json, "command_lines") ||
		  deltas.nr[KS_KEYRING_SAME] != deltas.nr_deltas;
	if (!differs && fault)
		*diag = *fault;
	return differs ? KS_EXIT_NO : fault ? fault->err : KS_EXIT_YES;
}

static int run_diff(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(side_done) struct side from = { 0 };
	__cleanup(side_done) struct side to = { 0 };
	unsigned int level;
	int rc;

	if (nr_args != 2) {
		ks_fail(diag, -EINVAL, KS_NO_OFF, "audit diff compares two files, FROM and TO");
		return KS_EXIT_USAGE;
	}
	rc = load(args[0], &from, diag);
	rc = rc ? rc : load(args[1], &to, diag);
	level = from.is_image || to.is_image ? KS_POLICY_ARTIFACT : KS_POLICY_CONFIG;
	rc = rc ? rc : judge(&from, level, diag);
	rc = rc ? rc : judge(&to, level, diag);
	return rc ? rc : compare(&from, &to, diag);
}

const struct ks_verb ks_verb_audit_diff = {
	.noun = "audit",
	.verb = "diff",
	.args = "FROM TO",
	.max_args = 2,
	.help = "what differs between two configurations or kernels, of a policy first",
	.opts = diff_opts,
	.run = run_diff,
};
