// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * configs/resolved: what the requests of each SKU come to, under review. NAME.config has a root's configuration in
 * full; NAME.diff what is another value than in the configuration of the base:
 *
 *   -CONFIG_X=y
 *   +CONFIG_X=m
 *   +# CONFIG_X is not set
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/limits.h"
#include "kconfig-check.h"
#include "request.h"
#include "sku.h"

#define RESOLVED KC_CONFIGS "/resolved"
#define HEAD	 "# SPDX-" "License-Identifier: LGPL-2.1-or-later\n"

/* Symbols of a difference that its message names. */
#define MAX_NAMED 8U

/* A configuration: of several entries for a symbol the last one counts. */
struct config {
	struct kc_list list;
	struct kc_request **sorted;
};

/* All that one run owns. */
struct run {
	struct kc_sku sku;
	struct config ours;
	struct config base;
	struct config kept;
	char *paths[KC_MAX_SKU_DEPTH];
	struct ks_buf text;
	struct ks_buf changes;
	size_t nr_changes;
};

static void config_done(struct config *config)
{
	free(config->sorted);
	kc_list_done(&config->list);
}

static void run_done(struct run *run)
{
	size_t i;

	config_done(&run->ours);
	config_done(&run->base);
	config_done(&run->kept);
	for (i = 0; i < KC_MAX_SKU_DEPTH; i++)
		free(run->paths[i]);
	ks_buf_done(&run->text);
	ks_buf_done(&run->changes);
	kc_sku_done(&run->sku);
}

/* Only the version of a tool, which another machine may have in another one. */
static bool is_version(struct ks_span symbol)
{
	static const char *const names[] = { "CC_VERSION_TEXT", "GCC_VERSION",	 "CLANG_VERSION",
					     "AS_VERSION",	"LD_VERSION",	 "LLD_VERSION",
					     "PAHOLE_VERSION",	"RUSTC_VERSION", "RUSTC_LLVM_VERSION",
					     "RUSTC_VERSION_TEXT", "BINDGEN_VERSION_TEXT" };
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(names); i++)
		if (ks_span_eq(symbol, ks_span_str(names[i])))
			return true;
	return false;
}

/* A difference as requests, line for line: "-" is n until a "+" follows. */
static int read_diff(struct kc_list *list, const char *path, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf diff = { 0 }, text = { 0 };
	struct ks_span rest, line, symbol;
	u32 line_nr = 0;
	int rc = ks_file_load(path, KS_MAX_TEXT_BYTES, &diff, diag);

	ks_diag_in(diag, path);
	rest = ks_buf_span(&diff);
	while (!rc && ks_span_line(&rest, &line)) {
		line_nr++;
		if (ks_text_cut(&line, "+")) {
			ks_put(&text, line);
		} else if (ks_text_cut(&line, "-CONFIG_") && ks_text_symbol(&line, &symbol)) {
			kc_put_setting(&text, symbol, ks_span_str("n"));
			continue;
		} else if (line.bytes && line.p[0] != '#') {
			return ks_text_fail(diag, -EBADMSG, path, line_nr,
					    "neither \"-CONFIG_X=value\" nor \"+\" and a line of a configuration");
		}
		ks_put_str(&text, "\n");
	}
	if (!rc)
		rc = ks_buf_ok(&text, diag);
	return rc ? rc : kc_list_parse(list, &text, path, diag);
}

/* What is committed for the SKU of file @first of the chain: its root in full, and the differences on top. */
static int load_kept(struct run *run, size_t first, struct config *config, struct ks_diag *diag)
{
	size_t i = run->sku.nr_files;
	int rc = kc_list_load(&config->list, run->paths[--i], diag);

	while (!rc && i-- > first)
		rc = read_diff(&config->list, run->paths[i], diag);
	return rc ? rc : kc_list_sorted(&config->list, &config->sorted, diag);
}

static int name_files(struct run *run, struct ks_diag *diag)
{
	size_t i;

	for (i = 0; i < run->sku.nr_files; i++)
		if (asprintf(&run->paths[i], RESOLVED "/%s.%s", run->sku.file[i].name,
			     i + 1 == run->sku.nr_files ? "config" : "diff") < 0) {
			run->paths[i] = NULL;
			return ks_fail(diag, -ENOMEM, KS_NO_OFF, "no memory for a file's name");
		}
	for (i = 1; i < run->sku.nr_files; i++)
		if (access(run->paths[i], F_OK))
			return ks_fail_detail(diag, -ENOENT, "is not there, and this SKU is a difference to it; make config-update",
					      run->paths[i]);
	return 0;
}

/* All but the lines that tell versions; the release is in a comment. */
static void put_root(struct run *run)
{
	struct ks_span text = ks_buf_span(&run->ours.list.texts[0]), line, rest, symbol;

	ks_put_str(&run->text, HEAD);
	while (ks_span_line(&text, &line)) {
		rest = line;
		if (ks_text_cut(&rest, "# Linux/") ||
		    (ks_text_cut(&rest, "CONFIG_") && ks_text_symbol(&rest, &symbol) && is_version(symbol)))
			continue;
		ks_put(&run->text, line);
		ks_put_str(&run->text, "\n");
	}
}

/* Take the entries of @symbol at @at. Return: the last one, which counts; NULL without any. */
static const struct kc_request *take(const struct config *config, size_t *at, struct ks_span symbol)
{
	const struct kc_request *last = NULL;

	while (*at < config->list.nr_req && ks_span_eq(config->sorted[*at]->symbol, symbol))
		last = config->sorted[(*at)++];
	return last;
}

static struct ks_span value_of(const struct kc_request *req)
{
	return req ? req->value : ks_span_str("n");
}

/*
 * Call @fn with each symbol that has another value in @b than in @a, in order, and its entries, NULL where there
 * is none. A symbol that is not there is off, as one that is not set.
 */
static void compare(struct run *run, const struct config *a, const struct config *b,
		    void (*fn)(struct run *run, const struct kc_request *old, const struct kc_request *new))
{
	size_t i = 0, j = 0;

	while (i < a->list.nr_req || j < b->list.nr_req) {
		const struct kc_request *old = i < a->list.nr_req ? a->sorted[i] : NULL;
		const struct kc_request *new = j < b->list.nr_req ? b->sorted[j] : NULL;
		struct ks_span symbol =
			new && (!old || ks_span_cmp(new->symbol, old->symbol) < 0) ? new->symbol : old->symbol;

		old = take(a, &i, symbol);
		new = take(b, &j, symbol);
		if (!is_version(symbol) && !ks_span_eq(value_of(old), value_of(new)))
			fn(run, old, new);
	}
}

static void put_difference(struct run *run, const struct kc_request *old, const struct kc_request *new)
{
	if (!ks_span_eq(value_of(old), ks_span_str("n"))) {
		ks_put_str(&run->text, "-");
		kc_put_setting(&run->text, old->symbol, old->value);
	}
	if (new) {
		ks_put_str(&run->text, "+");
		kc_put_setting(&run->text, new->symbol, new->value);
	}
}

static void put_change(struct run *run, const struct kc_request *old, const struct kc_request *new)
{
	if (run->nr_changes++ >= MAX_NAMED)
		return;
	ks_put_str(&run->changes, run->nr_changes > 1 ? ", CONFIG_" : "CONFIG_");
	ks_put(&run->changes, old ? old->symbol : new->symbol);
	ks_put_str(&run->changes, " ");
	ks_put(&run->changes, value_of(old));
	ks_put_str(&run->changes, " -> ");
	ks_put(&run->changes, value_of(new));
}

static int load(struct run *run, const struct kc_args *args, struct ks_diag *diag)
{
	int rc = kc_sku_load(KC_SKUS, args->option[KC_SKU], &run->sku, diag);

	if (!rc)
		rc = name_files(run, diag);
	if (!rc)
		rc = kc_list_load(&run->ours.list, args->option[KC_CONFIG], diag);
	if (!rc)
		rc = kc_list_sorted(&run->ours.list, &run->ours.sorted, diag);
	if (!rc && run->sku.nr_files > 1)
		rc = load_kept(run, 1, &run->base, diag);
	return rc;
}

/*
 * Say what is another in the committed file than in @run->text: a value in a root's, since which symbols "is not set"
 * stands for depends on the machine too (headers for GCC's plugins); any text in a difference, which has no more
 * lines than it needs. Return: 0; KC_NO; an errno.
 */
static int judge(struct run *run, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf kept = { 0 };
	const char *path = run->paths[0], *sku = run->sku.file[0].name;
	int rc;

	if (access(path, F_OK)) {
		fprintf(stderr, "kconfig-check: %s: is not there; make config-update SKU=%s, read and commit it\n", path, sku);
		return KC_NO;
	}
	rc = ks_file_load(path, KS_MAX_TEXT_BYTES, &kept, diag);
	ks_diag_in(diag, path);
	if (rc || ks_span_eq(ks_buf_span(&kept), ks_buf_span(&run->text)))
		return rc;
	rc = load_kept(run, 0, &run->kept, diag);
	if (rc)
		return rc;
	compare(run, &run->kept, &run->ours, put_change);
	rc = ks_buf_ok(&run->changes, diag);
	if (rc)
		return rc;
	if (!run->nr_changes && run->sku.nr_files == 1)
		return 0;
	fprintf(stderr, "kconfig-check: %s: is not what the fragments come to now: ", path);
	if (!run->nr_changes)
		fputs("a line that changes nothing, or another order", stderr);
	fprintf(stderr, "%.*s", KS_FMT(ks_buf_span(&run->changes)));
	if (run->nr_changes > MAX_NAMED)
		fprintf(stderr, " and %zu more", run->nr_changes - MAX_NAMED);
	fprintf(stderr, "; make config-update SKU=%s, read the difference and commit it\n", sku);
	return KC_NO;
}

int kc_resolved(const struct kc_args *args, struct ks_diag *diag)
{
	__cleanup(run_done) struct run run = { 0 };
	struct ks_span content;
	int rc = load(&run, args, diag);

	if (rc)
		return rc;
	if (run.sku.nr_files > 1) {
		ks_put_str(&run.text, HEAD);
		compare(&run, &run.base, &run.ours, put_difference);
	} else {
		put_root(&run);
	}
	rc = ks_buf_ok(&run.text, diag);
	content = ks_buf_span(&run.text);
	if (!rc)
		rc = ks_file_publish(args->option[KC_OUTPUT], &content, 1, 0644, diag);
	return rc ? rc : judge(&run, diag);
}
