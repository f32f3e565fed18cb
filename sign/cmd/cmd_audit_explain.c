// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cmd/audit_opts.h"
#include "cmd/sheet.h"

static const struct ks_opt explain_opts[] = {
	{ .name = "--policy",
	  .arg = "FILE",
	  .help = "rules; may be repeated",
	  .required = true,
	  .form = KS_OPT_NOT_EMPTY,
	  .ret_values = &ks_audit_opts.policies },
	{ .name = "--need",
	  .arg = "FILE",
	  .help = "somebody's need, which a rule may contradict; may be repeated",
	  .form = KS_OPT_NOT_EMPTY,
	  .ret_values = &ks_audit_opts.needs },
	{ .name = "--exceptions",
	  .arg = "FILE",
	  .help = "rules that may fail, until a day",
	  .form = KS_OPT_NOT_EMPTY,
	  .ret_value = &ks_audit_opts.exceptions },
	{ .name = "--json", .help = "as JSON", .ret_flag = &ks_audit_opts.json },
	{ 0 },
};

/* The documents that the words of a rule stand for. */
static void add_documents(struct json_object *to, const struct ks_policy *policy, struct ks_span words)
{
	struct json_object *array = ks_json_array(to, "documents");
	struct ks_span word;
	size_t i;

	while (ks_text_item(&words, &word))
		for (i = 0; i < policy->nr_sources; i++)
			if (ks_span_eq(policy->source[i].word, word))
				ks_audit_source_json(array, &policy->source[i]);
}

/* "SYMBOL", "CONFIG_SYMBOL", or the name of a rule, which begins with the symbol. */
static size_t add_rules(struct json_object *json, const struct ks_policy *policy, const char *what,
			struct ks_span *symbol)
{
	struct json_object *array = ks_json_array(json, "rules"), *row;
	size_t i, nr = 0;

	for (i = 0; i < policy->nr_rules; i++) {
		__cleanup(ks_json_free) struct json_object *rule = ks_json_new(NULL);

		ks_audit_rule_json(rule, &policy->rule[i]);
		if (!ks_span_eq(policy->rule[i].symbol, *symbol) && !ks_audit_is(rule, "rule", what))
			continue;
		*symbol = policy->rule[i].symbol;
		row = ks_json_row(array);
		ks_audit_rule_json(row, &policy->rule[i]);
		add_documents(row, policy, policy->rule[i].sources);
		nr++;
	}
	return nr;
}

static void add_notes(struct json_object *json, const char *key, const struct ks_policy_note *note, size_t nr,
		      struct ks_span symbol)
{
	struct json_object *array = ks_json_array(json, key), *row;
	size_t i;

	for (i = 0; i < nr; i++) {
		if (!ks_span_eq(note[i].symbol, symbol))
			continue;
		row = ks_json_row(array);
		ks_json_text(row, "name", note[i].name);
		if (note[i].has_value)
			ks_json_text(row, "value", note[i].value);
		else
			ks_json_str(row, "value", NULL);
		if (note[i].result.bytes)
			ks_json_text(row, "result", note[i].result);
		else
			ks_json_str(row, "result", NULL);
		ks_audit_place_json(row, note[i].path, note[i].line);
	}
}

/* "A|B>=1" */
static void add_terms(struct json_object *to, const struct ks_need *need)
{
	static const char *const ops[] = { [KS_NEED_ON] = "", [KS_NEED_EQUAL] = "=", [KS_NEED_AT_LEAST] = ">=" };
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	size_t i;

	for (i = 0; i < need->nr_terms; i++) {
		ks_put_str(&text, i ? "|" : "");
		ks_put(&text, need->term[i].symbol);
		ks_put_str(&text, ops[need->term[i].op]);
		ks_put(&text, need->term[i].value);
	}
	ks_json_text(to, "asks", ks_buf_span(&text));
}

static bool is_against(const struct ks_policy *policy, const struct ks_need_term *term)
{
	size_t i;

	for (i = 0; i < policy->nr_rules; i++)
		if (ks_span_eq(policy->rule[i].symbol, term->symbol) && !ks_audit_agree(&policy->rule[i].want, term))
			return true;
	return false;
}

static size_t add_needs(struct json_object *json, const struct ks_policy *policy, const struct ks_needs *needs,
			struct ks_span symbol)
{
	struct json_object *array = ks_json_array(json, "needs"), *row;
	size_t i, k, nr = 0;

	for (i = 0; i < needs->nr; i++) {
		const struct ks_need *need = &needs->need[i];

		for (k = 0; k < need->nr_terms && !ks_span_eq(need->term[k].symbol, symbol); k++)
			;
		if (k == need->nr_terms)
			continue;
		row = ks_json_row(array);
		ks_audit_need_name_json(row, need);
		add_terms(row, need);
		/* Where there is another way to meet it, the rule may hold as well. */
		ks_json_bool(row, "contradicts", need->nr_terms == 1 && is_against(policy, &need->term[k]));
		nr++;
	}
	return nr;
}

static size_t add_exceptions(struct json_object *json, const struct ks_exceptions *exceptions, struct ks_span symbol)
{
	struct json_object *array = ks_json_array(json, "exceptions"), *row;
	size_t i, nr = 0;

	for (i = 0; i < exceptions->nr; i++) {
		if (!ks_span_eq(exceptions->exception[i].symbol, symbol))
			continue;
		row = ks_json_row(array);
		ks_json_text(row, "skus", exceptions->exception[i].skus);
		ks_audit_exception_json(row, exceptions->path, &exceptions->exception[i]);
		nr++;
	}
	return nr;
}

static void print_words(struct json_object *row, const char *key)
{
	struct json_object *words;
	size_t i, nr;

	words = ks_audit_rows(row, key, &nr);
	for (i = 0; i < nr; i++)
		printf("%s%s", i ? ", " : "", json_object_get_string(json_object_array_get_idx(words, i)));
	putchar('\n');
}

static void print_rule(struct json_object *rule)
{
	struct json_object *rows, *row;
	size_t i, nr;

	printf("%s: has to be %s (%s)\n  why     %s\n  levels  ", ks_audit_text_at(rule, "rule"),
	       ks_audit_text_at(rule, "want"), ks_audit_text_at(rule, "place"), ks_audit_text_at(rule, "why"));
	print_words(rule, "levels");
	if (ks_audit_at(rule, "was"))
		printf("  was     %s before it was renamed\n", ks_audit_text_at(rule, "was"));
	rows = ks_audit_rows(rule, "documents", &nr);
	for (i = 0; i < nr; i++) {
		row = json_object_array_get_idx(rows, i);
		printf("  source  %s: %s\n", ks_audit_text_at(row, "word"), ks_audit_text_at(row, "document"));
	}
}

static void print_effect(struct json_object *row)
{
	printf("effect  %s%s%s makes it %s (%s)\n", ks_audit_text_at(row, "name"), ks_audit_at(row, "value") ? "=" : "",
	       ks_audit_text_at(row, "value"),
	       ks_audit_is(row, "result", "*") ? "the parameter's value" : ks_audit_text_at(row, "result"),
	       ks_audit_text_at(row, "place"));
}

static void print_probe(struct json_object *row)
{
	printf("probe   %s %s (%s)\n", ks_audit_text_at(row, "name"), ks_audit_text_at(row, "value"),
	       ks_audit_text_at(row, "place"));
}

static void print_need(struct json_object *row)
{
	printf("need    %s asks for %s%s (%s)\n", ks_audit_text_at(row, "name"), ks_audit_text_at(row, "asks"),
	       json_object_get_boolean(ks_audit_at(row, "contradicts")) ? ", which the rule contradicts" : "",
	       ks_audit_text_at(row, "place"));
}

static void print_exception(struct json_object *row)
{
	printf("except  %s until %s, %s: %s (%s)\n", ks_audit_text_at(row, "skus"), ks_audit_text_at(row, "until"),
	       ks_audit_text_at(row, "owner"), ks_audit_text_at(row, "why"), ks_audit_text_at(row, "place"));
}

static void print_text(struct json_object *json)
{
	static const struct {
		const char *list;
		void (*print)(struct json_object *row);
	} parts[] = {
		{ "rules", print_rule },   { "effects", print_effect },	      { "probes", print_probe },
		{ "needs", print_need },   { "exceptions", print_exception },
	};
	struct json_object *rows;
	size_t i, n, nr;

	for (n = 0; n < KS_ARRAY_SIZE(parts); n++) {
		rows = ks_audit_rows(json, parts[n].list, &nr);
		for (i = 0; i < nr; i++)
			parts[n].print(json_object_array_get_idx(rows, i));
	}
}

static int run_explain(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(ks_audit_input_done) struct ks_audit_input *input = ks_audit_input_new(diag);
	__cleanup(ks_json_free) struct json_object *json = NULL;
	struct ks_span symbol = ks_span_str(args[0]);
	size_t nr;
	int rc = input ? ks_audit_load_rules(input, diag) : -ENOMEM;

	(void)nr_args;
	if (rc)
		return rc;
	(void)ks_text_cut(&symbol, "CONFIG_");
	json = ks_json_new("kseal/audit-explain/1");
	nr = add_rules(json, &input->policy, args[0], &symbol);
	ks_json_text(json, "symbol", symbol);
	add_notes(json, "effects", input->policy.effect, input->policy.nr_effects, symbol);
	add_notes(json, "probes", input->policy.probe, input->policy.nr_probes, symbol);
	nr += add_needs(json, &input->policy, &input->needs, symbol);
	nr += add_exceptions(json, &input->exceptions, symbol);
	if (!nr)
		return ks_fail_detail(diag, -ENODATA, "no rule, need or exception of what was given is about it", args[0]);
	if (ks_audit_opts.json)
		ks_json_print(json);
	else
		print_text(json);
	return 0;
}

const struct ks_verb ks_verb_audit_explain = {
	.noun = "audit",
	.verb = "explain",
	.args = "RULE",
	.max_args = 1,
	.help = "what a rule or a symbol is: why, who asks for it, who needs otherwise",
	.opts = explain_opts,
	.run = run_explain,
};
