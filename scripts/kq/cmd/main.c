// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * kq: the patch queue. The only file that prints or exits.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "check/lint.h"
#include "engine/apply_queue.h"

enum {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_NO = 3,
};

/* struct options - all verbs share them; a verb's usage says which it takes */
struct options {
	const char *queue;
	const char *tree;
	struct kq_selection selection;
	const char *operand;
};

static int fail(const struct kq_fault *fault)
{
	fprintf(stderr, "kq: %s\n", fault->line);
	return fault->err == KQ_REFUSED ? EXIT_NO : EXIT_FAILED;
}

/* A full pipe or disk must not look like success. */
static int finish(int status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	fprintf(stderr, "kq: standard output: cannot write\n");
	return EXIT_FAILED;
}

/* An empty buffer has no address, which fwrite() must not see. */
static void print(const struct ks_buf *text)
{
	if (text->bytes)
		fwrite(text->p, 1, text->bytes, stdout);
}

static int cmd_apply(const struct options *o)
{
	__cleanup(kq_result_done) struct kq_result result = { 0 };
	struct kq_fault fault = { 0 };

	if (kq_apply_queue(o->queue, &o->selection, o->operand, &result, &fault))
		return fail(&fault);
	print(&result.notes);
	printf("%s: %zu patch%s applied, %zu file%s changed\n", o->operand, result.nr_patches,
	       result.nr_patches == 1 ? "" : "es", result.nr_files,
	       result.nr_files == 1 ? "" : "s");
	return finish(EXIT_DONE);
}

/* Builds that pin their clock get the same verdict tomorrow. */
static bool read_today(u32 *ret_today)
{
	struct tm tm;
	time_t now;
	u64 seconds;

	if (ks_clock_build_time(&seconds, NULL))
		return false;
	now = (time_t)seconds;
	if (!gmtime_r(&now, &tm))
		return false;
	*ret_today = (u32)(tm.tm_year + 1900) * 10000 + (u32)(tm.tm_mon + 1) * 100 + (u32)tm.tm_mday;
	return true;
}

static int cmd_lint(const struct options *o)
{
	__cleanup(kq_findings_done) struct kq_findings findings = { 0 };
	struct kq_fault fault = { 0 };

	if (!read_today(&findings.today)) {
		fprintf(stderr, "kq: SOURCE_DATE_EPOCH: want seconds since 1970\n");
		return EXIT_USAGE;
	}
	if (kq_lint_queue(o->queue, &o->selection, o->tree, &findings, &fault))
		return fail(&fault);
	print(&findings.text);
	if (!findings.nr)
		printf("%s: clean\n", o->queue);
	return finish(findings.nr ? EXIT_NO : EXIT_DONE);
}

static const struct verb {
	const char *name;
	int (*run)(const struct options *o);
	bool takes_tree_operand;
	const char *usage;
	const char *what;
} verbs[] = {
	{ "apply", cmd_apply, true, "apply --queue DIR [--sku SKU] [--arch ARCH] TREE",
	  "apply the queue to a pristine tree: exact, once, all or nothing" },
	{ "lint", cmd_lint, false, "lint --queue DIR [--tree TREE] [--sku SKU] [--arch ARCH]",
	  "check series, headers and hunks; with --tree also that they fit" },
};

static void print_help(FILE *out)
{
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(verbs); i++)
		fprintf(out, "%s kq %s\n          %s\n", i ? "      " : "usage:", verbs[i].usage,
			verbs[i].what);
	fprintf(out, "exit: 0 done, 1 could not tell, 2 usage, 3 no\n");
}

static int usage(const struct verb *verb, const char *what, const char *which)
{
	fprintf(stderr, "kq: %s%s%s; usage: kq %s\n", what, which ? " " : "", which ? which : "",
		verb->usage);
	return EXIT_USAGE;
}

static int read_options(const struct verb *verb, int argc, char **argv, struct options *o)
{
	static const struct option table[] = {
		{ "queue", required_argument, NULL, 'q' },
		{ "tree", required_argument, NULL, 't' },
		{ "sku", required_argument, NULL, 's' },
		{ "arch", required_argument, NULL, 'a' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int c, idx = 0;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "h", table, &idx)) != -1) {
		const char **value = c == 'q' ? &o->queue :
				     c == 't' ? &o->tree :
				     c == 's' ? &o->selection.sku :
				     c == 'a' ? &o->selection.arch :
						NULL;

		if (c == 'h')
			return -1;
		if (!value || (c == 't' && verb->takes_tree_operand))
			return usage(verb, "unknown option, or no value:", argv[optind - 1]);
		if (*value)
			return usage(verb, "given twice: --", table[idx].name);
		if (!*optarg || ((c == 's' || c == 'a') && strpbrk(optarg, " \t\n")))
			return usage(verb, "empty value or blank in --", table[idx].name);
		*value = optarg;
	}
	if (!o->queue)
		return usage(verb, "--queue is missing", NULL);
	if (argc - optind != verb->takes_tree_operand)
		return usage(verb, verb->takes_tree_operand ? "want one TREE" : "unknown operand", NULL);
	o->operand = argv[optind];
	return 0;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	size_t i;
	int rc;

	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		print_help(stdout);
		return finish(EXIT_DONE);
	}
	for (i = 0; argc > 1 && i < KS_ARRAY_SIZE(verbs); i++) {
		if (strcmp(argv[1], verbs[i].name))
			continue;
		rc = read_options(&verbs[i], argc - 1, argv + 1, &o);
		if (rc < 0) {
			print_help(stdout);
			return finish(EXIT_DONE);
		}
		return rc ? rc : verbs[i].run(&o);
	}
	fprintf(stderr, "kq: unknown command%s%s\n", argc > 1 ? ": " : "", argc > 1 ? argv[1] : "");
	print_help(stderr);
	return EXIT_USAGE;
}
