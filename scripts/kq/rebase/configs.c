// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rebase/configs.h"

#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "text/file.h"
#include "text/text.h"

/* Below the toolkit's directory, as linux/PIN is. */
#define SKUS	  "configs/sku"
#define DECISIONS "configs/decisions"
#define STAGED	  "decisions"

int kq_configs_survey(const struct kq_plan *plan, const struct kq_base base[2],
		      struct kq_survey *ret_survey, struct kq_error *error)
{
	struct kq_surveyed_release side[2] = {
		{ base[0].source, base[0].files },
		{ base[1].source, base[1].files },
	};
	__cleanup(kq_skus_done) struct kq_skus skus = { 0 };
	int rc = kq_skus_load(SKUS, &skus, error);

	return rc ? rc : kq_survey_make(side, &skus, basename(plan->queue), ret_survey, error);
}

int kq_configs_stage(const struct kq_plan *plan, const struct kq_survey *survey,
		     const char *release, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf lines = { 0 };
	struct kq_path path;
	int rc = kq_plan_path(plan, STAGED, &path, error);

	if (rc)
		return rc;
	kq_survey_lines(survey, release, &lines);
	return kq_file_publish(path.s, &lines, 0644, error);
}

int kq_configs_publish(const struct kq_plan *plan, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf lines = { 0 };
	struct ks_diag diag = { 0 };
	struct kq_path path;
	int rc = kq_plan_path(plan, STAGED, &path, error);

	if (rc)
		return rc;
	rc = ks_file_load(path.s, KS_MAX_TEXT_BYTES, &lines, &diag);
	if (rc == -ENOENT)
		return 0;
	return rc ? kq_fail_diag(error, &diag) :
		    kq_decisions_append(DECISIONS, ks_buf_span(&lines), error);
}

static void put_symbol(struct json_object *to, const struct kq_surveyed *row)
{
	const struct kq_symbol *symbol = row->of.onto ? row->of.onto : row->of.old;

	kq_json_str(to, "change", kq_change_name(row->of.change));
	kq_json_text(to, "symbol", symbol->name);
	if (row->of.change == KQ_SYMBOL_RENAMED)
		kq_json_text(to, "was", row->of.old->name);
	kq_json_str(to, "file", symbol->path);
	kq_json_int(to, "line", symbol->line);
	kq_json_text(to, "type", symbol->type);
	kq_json_text(to, "prompt", symbol->prompt);
	kq_json_text(to, "depends", symbol->depends);
	kq_json_text(to, "help", symbol->help);
	kq_json_text(to, "skus", ks_buf_span(&row->skus));
	kq_json_bool(to, "decide", kq_surveyed_is_asked(row));
}

void kq_configs_report(const struct kq_survey *survey, struct json_object *report)
{
	struct json_object *to = kq_json_object(report, "config"), *symbols;
	size_t i;

	kq_json_bool(to, "compared", survey->compared);
	symbols = kq_json_array(to, "symbols");
	for (i = 0; i < survey->nr; i++)
		put_symbol(kq_json_row(symbols), &survey->row[i]);
}

static void put_all(struct ks_buf *out, const char *const *words)
{
	for (; *words; words++)
		ks_put_str(out, *words);
}

static void put_line(struct ks_buf *out, struct json_object *symbol)
{
	const char *was = kq_json_get(symbol, "was"), *prompt = kq_json_get(symbol, "prompt");
	struct ks_span help = ks_span_str(kq_json_get(symbol, "help")), line;

	put_all(out, (const char *const[]){
			     "\n### ", kq_json_get(symbol, "symbol"), ": ",
			     kq_json_get(symbol, "change"), *was ? ", was " : "", was, "\n\n",
			     kq_json_get(symbol, "skus"), "; `", kq_json_get(symbol, "file"), "`, ",
			     kq_json_get(symbol, "type"), *prompt ? ": " : "", prompt, "\n", NULL });
	if (*kq_json_get(symbol, "depends"))
		put_all(out, (const char *const[]){ "\nDepends on `",
						    kq_json_get(symbol, "depends"), "`\n", NULL });
	if (!*prompt)
		ks_put_str(out, "\nKconfig asks nobody for it.\n");
	if (help.bytes)
		ks_put_str(out, "\n");
	while (ks_span_line(&help, &line)) {
		line = ks_span_trim(line);
		ks_put_str(out, line.bytes ? "    " : "");
		ks_put(out, line);
		ks_put_str(out, "\n");
	}
}

void kq_configs_markdown(struct json_object *report, struct ks_buf *out)
{
	struct json_object *config = NULL, *symbols = NULL, *compared = NULL;
	size_t i, nr;

	if (!json_object_object_get_ex(report, "config", &config) ||
	    !json_object_object_get_ex(config, "symbols", &symbols))
		return;
	json_object_object_get_ex(config, "compared", &compared);
	nr = json_object_array_length(symbols);
	ks_put_str(out, "\n## Config symbols\n");
	if (!json_object_get_boolean(compared))
		ks_put_str(out, "\nNot compared: a directory has no list of its files.\n");
	else if (!nr)
		ks_put_str(out, "\nNone came, went or was renamed.\n");
	for (i = 0; i < nr; i++)
		put_line(out, json_object_array_get_idx(symbols, i));
}
