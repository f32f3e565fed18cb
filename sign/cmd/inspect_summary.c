// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cmd/inspect_summary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/shown.h"

/* More modules than this are summed up. */
#define MAX_SHEETS 16U

/* Modules of one signer: the first of them, and how many. */
struct group {
	const struct ks_cms_info *signer;
	size_t first;
	size_t nr;
};

struct summary {
	struct group *group;
	size_t nr_groups;
	size_t nr_modules;
	size_t nr_unknown;
};

static void summary_done(struct summary *summary)
{
	free(summary->group);
}

static int by_signer(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	int order = strcmp(x->signer->issuer, y->signer->issuer)
			    ?: strcmp(x->signer->serial, y->signer->serial)
			    ?: strcmp(x->signer->key_id, y->signer->key_id)
			    ?: strcmp(x->signer->hash, y->signer->hash)
			    ?: strcmp(x->signer->sig_alg, y->signer->sig_alg);

	return order ? order : x->first < y->first ? -1 : 1;
}

static bool is_same_signer(const struct group *a, const struct group *b)
{
	struct group x = *a, y = *b;

	x.first = y.first = 0;
	return by_signer(&x, &y) == 1 && by_signer(&y, &x) == 1;
}

static int by_number(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->nr != y->nr)
		return x->nr > y->nr ? -1 : 1;
	return x->first < y->first ? -1 : 1;
}

static int sum_up(const struct ks_inspect_results *results, struct summary *ret, struct ks_diag *diag)
{
	size_t i, nr = results->paths->nr_paths;
	struct summary s = { .group = calloc(nr + 1, sizeof(*s.group)) };

	if (!s.group)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	for (i = 0; i < nr; i++) {
		const struct ks_inspect_result *r = &results->result[i];

		if (r->kind == KS_KIND_MODULE)
			s.group[s.nr_modules++] = (struct group){ &r->signer, i, 1 };
		else if (r->kind == KS_KIND_UNKNOWN && !results->diag[i].err)
			s.nr_unknown++;
	}
	qsort(s.group, s.nr_modules, sizeof(*s.group), by_signer);
	for (i = 0; i < s.nr_modules; i++) {
		if (s.nr_groups && is_same_signer(&s.group[s.nr_groups - 1], &s.group[i]))
			s.group[s.nr_groups - 1].nr++;
		else
			s.group[s.nr_groups++] = s.group[i];
	}
	qsort(s.group, s.nr_groups, sizeof(*s.group), by_number);
	*ret = s;
	return 0;
}

static void print_group(struct ks_sheet *sheet, const struct group *group, const char *first)
{
	const struct ks_cms_info *signer = group->signer;
	char count[24];

	snprintf(count, sizeof(count), "%zu", group->nr);
	if (!signer->nr_signers)
		ks_sheet_row(sheet, count, "without a signature that can be read");
	else if (signer->key_id[0])
		ks_sheet_row(sheet, count, "by the key with identifier %s", signer->key_id);
	else
		ks_sheet_row(sheet, count, "by a certificate of %s, serial %s", signer->issuer, signer->serial);
	if (signer->nr_signers)
		ks_sheet_row(sheet, "", "%s with %s, %u bytes", signer->sig_alg, signer->hash, signer->sig_bytes);
	ks_sheet_row(sheet, "", "%s%s", group->nr > 1 ? "the first is " : "", first);
}

static int print_summary(const struct ks_inspect_results *results, const struct summary *s, struct ks_diag *diag)
{
	__cleanup(ks_sheet_done) struct ks_sheet sheet = { 0 };
	size_t i;
	int rc = ks_sheet_begin(&sheet, diag);

	if (rc)
		return rc;
	for (i = 0; i < s->nr_groups; i++)
		print_group(&sheet, &s->group[i], results->paths->path[s->group[i].first]);
	rc = ks_sheet_end(&sheet, diag);
	if (!rc)
		printf("%zu kernel modules:\n%s", s->nr_modules, sheet.text);
	return rc;
}

int ks_inspect_print_text(const struct ks_inspect_results *results, struct ks_diag *diag)
{
	__cleanup(summary_done) struct summary s = { 0 };
	const char *blank = "";
	size_t i;
	int rc = sum_up(results, &s, diag);

	if (rc)
		return rc;
	for (i = 0; i < results->paths->nr_paths; i++) {
		const struct ks_inspect_result *r = &results->result[i];

		if (r->kind == KS_KIND_UNKNOWN || (r->kind == KS_KIND_MODULE && s.nr_modules > MAX_SHEETS))
			continue;
		printf("%s%s", blank, r->sheet.text);
		blank = "\n";
	}
	if (s.nr_modules > MAX_SHEETS) {
		fputs(blank, stdout);
		rc = print_summary(results, &s, diag);
		blank = "\n";
	}
	if (s.nr_unknown)
		printf("%s%zu files of other kinds\n", blank, s.nr_unknown);
	return rc;
}

static void put_summary(struct json_object *to, const struct ks_inspect_results *results, const struct summary *s)
{
	struct json_object *signers, *row;
	size_t i;

	ks_json_int(to, "nr_modules", s->nr_modules);
	ks_json_int(to, "nr_other_files", s->nr_unknown);
	signers = ks_json_array(to, "signers");
	for (i = 0; i < s->nr_groups; i++) {
		const struct ks_cms_info *signer = s->group[i].signer;

		row = ks_json_row(signers);
		ks_json_int(row, "nr_modules", s->group[i].nr);
		ks_json_name(row, "first", results->paths->path[s->group[i].first]);
		ks_json_str(row, "signer", NULL);
		if (!signer->nr_signers)
			continue;
		ks_sheet_signer_json(row, signer);
		ks_json_str(row, "hash", signer->hash);
		ks_json_str(row, "algorithm", signer->sig_alg);
	}
}

int ks_inspect_print_json(struct ks_inspect_results *results, struct ks_diag *diag)
{
	__cleanup(ks_json_free) struct json_object *json = ks_json_new("kseal/inspect/1");
	__cleanup(summary_done) struct summary s = { 0 };
	struct json_object *files, *row;
	size_t i;
	int rc = sum_up(results, &s, diag);

	if (rc)
		return rc;
	files = ks_json_array(json, "files");
	put_summary(ks_json_object(json, "summary"), results, &s);
	for (i = 0; i < results->paths->nr_paths; i++) {
		struct ks_inspect_result *r = &results->result[i];

		if (results->diag[i].err) {
			row = ks_json_row(files);
			ks_json_name(row, "file", results->paths->path[i]);
			ks_json_str(row, "kind", NULL);
			ks_json_errors(row, &results->diag[i]);
		} else if (r->kind != KS_KIND_UNKNOWN) {
			ks_json_errors(r->sheet.json, &results->diag[i]);
			json_object_array_add(files, r->sheet.json);
			r->sheet.json = NULL;
		}
	}
	ks_json_print(json);
	return 0;
}
