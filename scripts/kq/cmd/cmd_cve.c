// SPDX-License-Identifier: LGPL-2.1-or-later
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/verb.h"
#include "cve/output.h"
#include "cve/state.h"
#include "text/json.h"
#include "text/text.h"

/* The numbers on the command line; all without one. */
static bool wanted(const void *arg, const struct kq_cve *cve)
{
	const struct kq_options *o = arg;
	size_t i;

	for (i = 0; i < o->nr_operands; i++)
		if (!strcmp(o->operand[i], cve->id))
			return true;
	return !o->nr_operands;
}

static bool usage_is_good(const struct kq_options *o)
{
	size_t i;

	if (o->json && o->openvex) {
		fprintf(stderr, "kq: --json and --openvex exclude each other\n");
		return false;
	}
	for (i = 0; i < o->nr_operands; i++) {
		if (kq_is_cve(ks_span_str(o->operand[i])))
			continue;
		fprintf(stderr, "kq: %s: want a CVE number, CVE-YYYY-NNNN\n", o->operand[i]);
		return false;
	}
	return true;
}

static void print_findings(const struct ks_buf *findings, const char *before, FILE *out)
{
	struct ks_span text = ks_buf_span(findings), line;

	while (ks_span_line(&text, &line))
		fprintf(out, "%s%.*s\n", before, (int)line.bytes, (const char *)line.p);
}

/* One line: state, evidence; then one for each finding. */
static void print_row(const struct kq_cve *cve)
{
	struct ks_span text = ks_buf_span(&cve->evidence), line;
	const char *between = "; ";

	printf("%s: %s", cve->id, kq_cve_state_name(cve->state));
	while (ks_span_line(&text, &line))
		printf("%s%.*s", between, (int)line.bytes, (const char *)line.p);
	printf("\n");
	print_findings(&cve->findings, "    finding: ", stdout);
	print_findings(&cve->asked, "    finding: ", stdout);
}

/* Ours, of this release; with the SKU and architecture that were asked for. */
static int default_product(const struct kq_options *o, const struct kq_cves *cves,
			   struct kq_path *ret_product, struct kq_error *error)
{
	const char *arch = o->selection.arch, *sku = o->selection.sku;

	if (!cves->has_base)
		return kq_fail(error, -ENOENT,
			       "%s/" KQ_LOCK_NAME ": is not there; say --product, or make it with "
			       "kq lock --write",
			       o->queue);
	return kq_path(ret_product, error, "pkg:generic/kseal/linux@%s%s%s%s%s%s",
		       cves->lock.release, arch || sku ? "?" : "", arch ? "arch=" : "",
		       arch ? arch : "", sku ? (arch ? "&sku=" : "sku=") : "", sku ? sku : "");
}

static int print_openvex(const struct kq_options *o, const struct kq_cves *cves,
			 struct kq_error *error)
{
	__cleanup(kq_json_done) struct json_object *json = NULL;
	struct kq_cve_output output = { .cves = cves, .wanted = wanted, .arg = o };
	struct kq_path product;
	struct ks_diag diag = { 0 };
	int rc = o->product ? 0 : default_product(o, cves, &product, error);

	output.product = o->product ? o->product : product.s;
	output.author = o->author ? o->author : "kseal";
	if (!rc && ks_clock_build_time(&output.time, &diag))
		rc = kq_fail_diag(error, &diag);
	if (!rc)
		rc = kq_cves_openvex(&output, &json, error);
	if (!rc)
		kq_print_json(json);
	return rc;
}

/* struct sum - of the rows that were asked for */
struct sum {
	size_t rows;
	size_t unfixed;
	size_t findings;
};

static struct sum sum_up(const struct kq_options *o, const struct kq_cves *cves)
{
	struct sum sum = { .findings = cves->findings.bytes };
	size_t i;

	for (i = 0; i < cves->nr; i++) {
		if (!wanted(o, &cves->cve[i]))
			continue;
		sum.rows++;
		sum.unfixed += cves->cve[i].state == KQ_CVE_UNFIXED;
		sum.findings += cves->cve[i].findings.bytes + cves->cve[i].asked.bytes;
	}
	return sum;
}

/* What is not known is not "not affected". */
static bool print_unknown(const struct kq_options *o, const struct kq_cves *cves, FILE *out)
{
	bool unknown = false;
	size_t i;

	for (i = 0; i < o->nr_operands; i++) {
		if (kq_cves_find(cves, o->operand[i]))
			continue;
		fprintf(out, "%s: not known here\n", o->operand[i]);
		unknown = true;
	}
	return unknown;
}

static int show_cves(const struct kq_options *o, const struct kq_cves *cves, struct kq_error *error)
{
	const struct sum sum = sum_up(o, cves);
	FILE *text = o->json || o->openvex ? stderr : stdout;
	bool unknown = print_unknown(o, cves, text);
	size_t i;
	int rc = 0;

	if (o->openvex && sum.rows) {
		rc = print_openvex(o, cves, error);
	} else if (o->json) {
		struct json_object *json = kq_cves_json(
			&(struct kq_cve_output){ .cves = cves, .wanted = wanted, .arg = o });

		kq_print_json(json);
		json_object_put(json);
	}
	for (i = 0; text == stdout && i < cves->nr; i++)
		if (wanted(o, &cves->cve[i]))
			print_row(&cves->cve[i]);
	if (!o->json)
		print_findings(&cves->findings, "finding: ", text);
	if (!sum.rows && !unknown)
		fprintf(text, "no CVE is known here\n");
	if (rc)
		return kq_complain(error);
	return unknown || sum.unfixed || sum.findings ? KS_EXIT_NO : KS_EXIT_YES;
}

static int open_tree(const struct kq_options *o, const struct kq_cves *cves,
		     struct kq_release **ret_tree, struct kq_error *error)
{
	const struct kq_want nothing = { 0 };
	int rc = o->tree ? kq_release_open(o->tree, &nothing, ret_tree, error) : 0;

	if (!rc && *ret_tree && cves->has_base && strcmp((*ret_tree)->name, cves->lock.release))
		rc = kq_fail(error, KQ_REFUSED, "%s: is %s, the queue is on %s", o->tree,
			     (*ret_tree)->name, cves->lock.release);
	return rc;
}

static int run_cve(int nr_args, char **args, struct ks_diag *diag)
{
	const struct kq_options *o = kq_options_with(nr_args, args);
	__cleanup(kq_release_close) struct kq_release *tree = NULL;
	__cleanup(kq_cves_done) struct kq_cves cves = { 0 };
	struct kq_cve_ask ask = {
		.queue = o->queue, .records = o->records, .git = o->git, .selection = &o->selection
	};
	struct kq_error error = { 0 };
	int rc;

	(void)diag;
	if (!usage_is_good(o) || !kq_today(&ask.today))
		return KS_EXIT_USAGE;
	rc = kq_cves_load(&ask, &cves, &error);
	if (!rc)
		rc = open_tree(o, &cves, &tree, &error);
	ask.tree = tree;
	if (!rc)
		rc = kq_cves_decide(&ask, &cves, &error);
	return rc ? kq_complain(&error) : show_cves(o, &cves, &error);
}

const struct ks_verb kq_verb_cve = {
	.verb = "cve",
	.args = "[CVE-YYYY-NNNN...]",
	.help = "each known CVE: fixed, not-affected, wontfix or unfixed, and why\n"
		"out of the patches' CVE trailers, QUEUE/cve/CVE-... and records of --records\n"
		"exit: 0 nothing unfixed and no finding, 1 could not tell, 2 usage, 3 otherwise",
	.opts = (const struct ks_opt[]){
		KQ_OPT_QUEUE, KQ_OPT_RECORDS, KQ_OPT_SKU, KQ_OPT_ARCH, KQ_OPT_TREE, KQ_OPT_GIT,
		KQ_OPT_JSON, KQ_OPT_OPENVEX, KQ_OPT_PRODUCT, KQ_OPT_AUTHOR, { 0 }
	},
	.run = run_cve,
};
