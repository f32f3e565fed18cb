// SPDX-License-Identifier: LGPL-2.1-or-later
/* The records of scripts/stage: KEY=VALUE lines in <folder>/stages/<name>. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "report.h"

/* What one record says; empty when there is no such line. */
struct record {
	char status[16];
	char seconds[16];
	char exit_code[16];
};

static void copy_value(struct ks_span line, const char *key, char *value, size_t value_bytes)
{
	size_t key_bytes = strlen(key);
	struct ks_span head, rest;

	if (!ks_span_sub(line, 0, key_bytes, &head) || !ks_span_eq(head, ks_span_str(key)) ||
	    !ks_span_sub(line, key_bytes, line.bytes - key_bytes, &rest) ||
	    rest.bytes >= value_bytes)
		return;
	if (rest.bytes)
		memcpy(value, rest.p, rest.bytes);
	value[rest.bytes] = '\0';
}

static bool load_record(const struct report_opts *opts, const char *name, struct record *record)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	struct ks_span text, line;
	char path[4096];

	if (snprintf(path, sizeof(path), "%s/stages/%s", opts->folder, name) >= (int)sizeof(path) ||
	    ks_file_load(path, KS_MAX_TEXT_BYTES, &content, NULL))
		return false;
	text = ks_buf_span(&content);
	while (ks_span_line(&text, &line)) {
		copy_value(line, "STATUS=", record->status, sizeof(record->status));
		copy_value(line, "SECONDS=", record->seconds, sizeof(record->seconds));
		copy_value(line, "EXIT=", record->exit_code, sizeof(record->exit_code));
	}
	return record->status[0];
}

static struct json_object *stage_row(const char *name, const struct record *record,
				     const char *status)
{
	struct json_object *row = json_object_new_object();

	json_object_object_add(row, "name", json_object_new_string(name));
	json_object_object_add(row, "status", json_object_new_string(status));
	json_object_object_add(row, "seconds", json_object_new_int64(atoll(record->seconds)));
	json_object_object_add(row, "exit", json_object_new_int64(atoll(record->exit_code)));
	return row;
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
			status = record.status;
		if (strcmp(status, "ok")) {
			sum->failed += !broken;
			broken = true;
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
