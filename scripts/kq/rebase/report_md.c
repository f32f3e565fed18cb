// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "rebase/configs.h"
#include "rebase/report.h"

__attribute__((format(printf, 2, 3))) static void put(struct ks_buf *out, const char *format, ...)
{
	char line[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	ks_put_str(out, line);
}

static struct json_object *get(struct json_object *from, const char *key)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(from, key, &value);
	return value;
}

static bool is_set(struct json_object *from, const char *key)
{
	return json_object_get_boolean(get(from, key));
}

static size_t length(struct json_object *array)
{
	return array ? json_object_array_length(array) : 0;
}

/* An indented block: no text can end it before its time. */
static void put_block(struct ks_buf *out, const char *text)
{
	struct ks_span rest = ks_span_str(text), line;

	ks_put_str(out, "\n");
	while (ks_span_line(&rest, &line)) {
		ks_put_str(out, "    ");
		ks_put(out, line);
		ks_put_str(out, "\n");
	}
	ks_put_str(out, "\n");
}

/* struct summary - the hunks of a patch */
struct summary {
	size_t nr;
	size_t nr_offsets;
	int64_t least;
	int64_t most;
};

static void add_hunk(struct summary *sum, struct json_object *hunk)
{
	int64_t offset = kq_json_get_int(hunk, "offset");

	sum->nr++;
	if (!offset)
		return;
	if (!sum->nr_offsets++)
		sum->least = sum->most = offset;
	if (offset < sum->least)
		sum->least = offset;
	if (offset > sum->most)
		sum->most = offset;
}

void kq_report_line(struct json_object *patch, struct ks_buf *out)
{
	struct json_object *files = get(patch, "files"), *hunks;
	struct summary sum = { 0 };
	size_t i, k;

	for (i = 0; i < length(files); i++) {
		hunks = get(json_object_array_get_idx(files, i), "hunks");
		for (k = 0; k < length(hunks); k++)
			add_hunk(&sum, json_object_array_get_idx(hunks, k));
	}
	if (*kq_json_get(patch, "evidence")) {
		put(out, "%.900s", kq_json_get(patch, "evidence"));
		return;
	}
	if (!length(files))
		return;
	put(out, "%zu file%s, %zu hunk%s", length(files), length(files) == 1 ? "" : "s", sum.nr,
	    sum.nr == 1 ? "" : "s");
	if (sum.nr_offsets && sum.least == sum.most)
		put(out, ", %zu moved by %+lld", sum.nr_offsets, (long long)sum.least);
	else if (sum.nr_offsets)
		put(out, ", %zu moved by %+lld..%+lld", sum.nr_offsets, (long long)sum.least,
		    (long long)sum.most);
}

void kq_report_totals(struct json_object *report, bool zeros, struct ks_buf *out)
{
	static const char *const names[] = { "in",	"kept",	     "partial",	   "merged",
					     "dropped", "conflicts", "not_judged", "other_sku" };
	struct json_object *totals = get(report, "totals");
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(names); i++) {
		long long nr = (long long)kq_json_get_int(totals, names[i]);

		if (nr || zeros || !i)
			put(out, "%s%lld %s", i ? ", " : "", nr, names[i]);
	}
}

static void put_table(struct ks_buf *out, struct json_object *patches)
{
	size_t i;

	put(out, "\n| patch | SKUs | outcome | |\n|---|---|---|---|\n");
	for (i = 0; i < length(patches); i++) {
		struct json_object *patch = json_object_array_get_idx(patches, i);
		const char *arch = kq_json_get(patch, "arch");

		put(out, "| %s | %s%s%s | %s | ", kq_json_get(patch, "name"),
		    kq_json_get(patch, "sku"), *arch ? " on " : "", arch,
		    kq_json_get(patch, "outcome"));
		kq_report_line(patch, out);
		put(out, " |\n");
	}
}

static void put_hunk(struct ks_buf *out, struct json_object *hunk)
{
	put(out, "  - hunk %lld, line %lld: %s", (long long)kq_json_get_int(hunk, "nr"),
	    (long long)kq_json_get_int(hunk, "old_line"), kq_json_get(hunk, "verdict"));
	if (get(hunk, "new_line"))
		put(out, " at line %lld", (long long)kq_json_get_int(hunk, "new_line"));
	if (*kq_json_get(hunk, "witness"))
		put(out, " (%s)", kq_json_get(hunk, "witness"));
	if (is_set(hunk, "moved"))
		put(out, "; **not where the old lines went**");
	if (is_set(hunk, "twin"))
		put(out, "; **the new base has the same change elsewhere in the file**");
	put(out, "\n");
}

static void put_look(struct ks_buf *out, struct json_object *patch)
{
	struct json_object *files = get(patch, "files");
	size_t i, k;

	put(out, "\n### %s: %s\n\n", kq_json_get(patch, "name"), kq_json_get(patch, "outcome"));
	for (i = 0; i < length(files); i++) {
		struct json_object *file = json_object_array_get_idx(files, i);
		struct json_object *hunks = get(file, "hunks");

		put(out, "- `%.500s`: %s%s", kq_json_get(file, "path"),
		    kq_json_get(file, "outcome"),
		    is_set(file, "resolved") ? ", by a stored resolution" : "");
		if (*kq_json_get(file, "trouble"))
			put(out, ", %s", kq_json_get(file, "trouble"));
		if (*kq_json_get(file, "renamed"))
			put(out, ", now `%.500s`", kq_json_get(file, "renamed"));
		if (*kq_json_get(file, "reason"))
			put(out, ": %.900s", kq_json_get(file, "reason"));
		put(out, "\n");
		for (k = 0; k < length(hunks); k++)
			put_hunk(out, json_object_array_get_idx(hunks, k));
	}
	if (*kq_json_get(patch, "interdiff")) {
		put(out, "\nThe patch before and after:\n");
		put_block(out, kq_json_get(patch, "interdiff"));
	}
}

static void put_conflict(struct ks_buf *out, struct json_object *conflict)
{
	struct json_object *files = get(conflict, "files");
	size_t i;

	if (!conflict)
		return;
	put(out, "\n## Conflict: %s (for %s)\n", kq_json_get(conflict, "patch"),
	    kq_json_get(conflict, "for"));
	for (i = 0; i < length(files); i++) {
		struct json_object *file = json_object_array_get_idx(files, i);

		put(out, "\n`%.500s`: %s\n", kq_json_get(file, "path"),
		    kq_json_get(file, "trouble"));
		if (*kq_json_get(file, "cause")) {
			put(out, "\nWhat the new base changed there:\n");
			put_block(out, kq_json_get(file, "cause"));
		}
	}
	put(out, "\nTo be resolved in `%.500s`.\n", kq_json_get(conflict, "tree"));
}

void kq_report_markdown(struct json_object *report, struct ks_buf *out)
{
	struct json_object *patches = get(report, "patches");
	bool heading = false;
	size_t i;

	put(out, "# %.300s: %.200s to %.200s\n\nState: %s. SKUs: %.100s.\n\n",
	    kq_json_get(report, "queue"), kq_json_get(report, "from"), kq_json_get(report, "to"),
	    kq_json_get(report, "state"), kq_json_get(report, "sku"));
	kq_report_totals(report, true, out);
	put(out, "\n");
	put_table(out, patches);
	put_conflict(out, get(report, "conflict"));
	for (i = 0; i < length(patches); i++) {
		struct json_object *patch = json_object_array_get_idx(patches, i);

		if (!is_set(patch, "look"))
			continue;
		if (!heading)
			put(out, "\n## To look at by eye\n");
		heading = true;
		put_look(out, patch);
	}
	kq_configs_markdown(report, out);
}
