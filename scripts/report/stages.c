// SPDX-License-Identifier: LGPL-2.1-or-later
/* The records of scripts/build/stage, which has their form: KEY=VALUE lines in <directory>/stages/<name>. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "report.h"

/* What one record says; empty when there is no such line. Inputs and products are owned by it. */
struct record {
	char status[16];
	char seconds[16];
	char exit_code[16];
	struct json_object *inputs;
	struct json_object *products;
};

static bool has_key(struct ks_span line, const char *key, struct ks_span *ret_value)
{
	size_t key_bytes = strlen(key);
	struct ks_span head;

	return ks_span_sub(line, 0, key_bytes, &head) && ks_span_eq(head, ks_span_str(key)) &&
	       ks_span_sub(line, key_bytes, line.bytes - key_bytes, ret_value);
}

static void copy_value(struct ks_span line, const char *key, char *value, size_t value_bytes)
{
	struct ks_span rest;

	if (!has_key(line, key, &rest) || rest.bytes >= value_bytes)
		return;
	if (rest.bytes)
		memcpy(value, rest.p, rest.bytes);
	value[rest.bytes] = '\0';
}

static struct json_object *text_of(struct ks_span s)
{
	return json_object_new_string_len((const char *)s.p, (int)s.bytes);
}

/* "KEY=kind sha256 name"; "-" is not a hash. A record as a whole has at most KS_MAX_TEXT_BYTES. */
static void add_item(struct json_object *items, struct ks_span line, const char *key)
{
	struct ks_span rest, kind, sha256;
	struct json_object *item;

	if (!has_key(line, key, &rest) || !ks_span_word(&rest, &kind) || !ks_span_word(&rest, &sha256))
		return;
	item = json_object_new_object();
	json_object_object_add(item, "kind", text_of(kind));
	json_object_object_add(item, "sha256", text_of(sha256));
	json_object_object_add(item, "name", text_of(ks_span_trim(rest)));
	json_object_array_add(items, item);
}

static bool load_record(const struct report_opts *opts, const char *name, struct record *record)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	struct ks_span text, line;
	char path[4096];

	if (snprintf(path, sizeof(path), "%s/stages/%s", opts->directory, name) >= (int)sizeof(path) ||
	    ks_file_load(path, KS_MAX_TEXT_BYTES, &content, NULL))
		return false;
	record->inputs = json_object_new_array();
	record->products = json_object_new_array();
	text = ks_buf_span(&content);
	while (ks_span_line(&text, &line)) {
		copy_value(line, "STATUS=", record->status, sizeof(record->status));
		copy_value(line, "SECONDS=", record->seconds, sizeof(record->seconds));
		copy_value(line, "EXIT=", record->exit_code, sizeof(record->exit_code));
		add_item(record->inputs, line, "READ=");
		add_item(record->products, line, "MADE=");
	}
	return record->status[0];
}

/* Takes over the lists of @record. */
static struct json_object *stage_row(const char *name, struct record *record, const char *status)
{
	struct json_object *row = json_object_new_object();

	json_object_object_add(row, "name", json_object_new_string(name));
	json_object_object_add(row, "status", json_object_new_string(status));
	json_object_object_add(row, "seconds", json_object_new_int64(atoll(record->seconds)));
	json_object_object_add(row, "exit", json_object_new_int64(atoll(record->exit_code)));
	if (strcmp(status, "not run")) {
		json_object_object_add(row, "inputs", record->inputs);
		json_object_object_add(row, "products", record->products);
	} else {
		json_object_put(record->inputs);
		json_object_put(record->products);
	}
	return row;
}

static bool is_outdated(const struct report_opts *opts, const char *name)
{
	size_t i;

	for (i = 0; i < opts->nr_outdated; i++)
		if (!strcmp(opts->outdated[i], name))
			return true;
	return false;
}

/* A record of another word than these is not a record of ours. */
static bool is_unfinished(const char *status)
{
	return !strcmp(status, "not run") || !strcmp(status, "interrupted") ||
	       !strcmp(status, "out of date");
}

struct json_object *report_stages(const struct report_opts *opts, struct report_sum *sum)
{
	struct json_object *rows = json_object_new_array();
	bool broken = false;
	size_t i;

	for (i = 0; i < opts->nr_stages; i++) {
		struct record record = { 0 };
		const char *status = "not run";

		/* After a failure a record is one of an earlier build. */
		if (!broken && load_record(opts, opts->stages[i], &record))
			status = is_outdated(opts, opts->stages[i]) ? "out of date" : record.status;
		if (!broken && strcmp(status, "ok")) {
			broken = true;
			if (is_unfinished(status))
				snprintf(sum->unproved, sizeof(sum->unproved), "%s: %s", opts->stages[i],
					 status);
			else
				sum->failed++;
		}
		json_object_array_add(rows, stage_row(opts->stages[i], &record, status));
	}
	return rows;
}

const char *report_stage_status(struct json_object *stages, const char *name)
{
	size_t i;

	for (i = 0; i < json_object_array_length(stages); i++) {
		struct json_object *row = json_object_array_get_idx(stages, i);

		if (!strcmp(report_text(row, "name"), name))
			return report_text(row, "status");
	}
	return "not run";
}
