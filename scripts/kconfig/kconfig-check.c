// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * kconfig-check - join config fragments, and prove that every request survived Kconfig
 *
 * The kernel's merge_config.sh and olddefconfig drop what they cannot honour and exit 0. This
 * program compares from the side of the requests and stops the build.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "kconfig-check.h"

static const char usage_text[] =
	"usage: kconfig-check merge --output FILE FRAGMENT...\n"
	"       kconfig-check verify --config FILE --tree DIR [--waivers FILE]\n"
	"                            [--tests \"DIR/TEST.c...\" [--skips FILE]] FRAGMENT...\n"
	"       kconfig-check decide --decisions FILE --sku SKU FRAGMENT...\n"
	"exit: 0 yes, 1 could not read, 2 usage, 3 a clear \"no\" (conflict, lost request, stale waiver,\n"
	"      missing symbol of a test, open decision)\n";

static int usage(void)
{
	fputs(usage_text, stderr);
	return 2;
}

/* An option given twice is a mistake in a build rule; the last one must not win in silence. */
static bool set_once(const char **slot, const char *name)
{
	if (*slot) {
		fprintf(stderr, "kconfig-check: --%s is given twice\n", name);
		return false;
	}
	*slot = optarg;
	return true;
}

static bool parse_options(int argc, char **argv, struct kc_args *args)
{
	static const struct option options[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "config", required_argument, NULL, 'c' },
		{ "tree", required_argument, NULL, 't' },
		{ "waivers", required_argument, NULL, 'w' },
		{ "decisions", required_argument, NULL, 'd' },
		{ "sku", required_argument, NULL, 's' },
		{ "tests", required_argument, NULL, 'T' },
		{ "skips", required_argument, NULL, 'S' },
		{ NULL, 0, NULL, 0 },
	};
	bool good = true;
	int opt;

	while (good && (opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 'o':
			good = set_once(&args->output, "output");
			break;
		case 'c':
			good = set_once(&args->config, "config");
			break;
		case 't':
			good = set_once(&args->tree, "tree");
			break;
		case 'w':
			good = set_once(&args->waivers, "waivers");
			break;
		case 'd':
			good = set_once(&args->decisions, "decisions");
			break;
		case 's':
			good = set_once(&args->sku, "sku");
			break;
		case 'T':
			good = set_once(&args->tests, "tests");
			break;
		case 'S':
			good = set_once(&args->skips, "skips");
			break;
		default:
			good = false;
		}
	}
	args->fragments = &argv[optind];
	args->nr_fragments = (size_t)(argc - optind);
	return good && args->nr_fragments;
}

static bool merge_fits(const struct kc_args *args)
{
	return args->output && !args->config && !args->tree && !args->waivers && !args->decisions &&
	       !args->sku && !args->tests && !args->skips;
}

static bool verify_fits(const struct kc_args *args)
{
	return args->config && args->tree && !args->output && !args->decisions && !args->sku &&
	       (args->tests || !args->skips);
}

static bool decide_fits(const struct kc_args *args)
{
	return args->decisions && args->sku && !args->config && !args->tree && !args->output &&
	       !args->waivers && !args->tests && !args->skips;
}

/* A verb, and whether it got the options that it needs and no others. */
static const struct {
	const char *name;
	bool (*fits)(const struct kc_args *args);
	int (*run)(const struct kc_args *args, struct ks_diag *diag);
} verbs[] = {
	{ "merge", merge_fits, kc_merge },
	{ "verify", verify_fits, kc_verify },
	{ "decide", decide_fits, kc_decide },
};

static int run_verb(const char *name, const struct kc_args *args)
{
	struct ks_diag diag = { 0 };
	char line[1024];
	size_t i;
	int rc;

	for (i = 0; i < KS_ARRAY_SIZE(verbs); i++)
		if (!strcmp(verbs[i].name, name) && verbs[i].fits(args))
			break;
	if (i == KS_ARRAY_SIZE(verbs))
		return usage();
	rc = verbs[i].run(args, &diag);
	if (rc >= 0)
		return rc;
	ks_diag_format(&diag, line, sizeof(line));
	fprintf(stderr, "kconfig-check: %s\n", line);
	return 1;
}

int main(int argc, char **argv)
{
	struct kc_args args = { 0 };

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		fputs(usage_text, stdout);
		return 0;
	}
	if (argc < 2 || !parse_options(argc - 1, &argv[1], &args))
		return usage();
	return run_verb(argv[1], &args);
}
