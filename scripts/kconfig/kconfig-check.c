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
	"usage: kconfig-check sku NAME\n"
	"       kconfig-check merge --output FILE FRAGMENT...\n"
	"       kconfig-check ask --output FILE --sku NAME [--tests \"DIR/TEST.c...\"] FRAGMENT...\n"
	"       kconfig-check verify --config FILE --facts FILE [--tests \"DIR/TEST.c...\" [--skips FILE]]\n"
	"                            FRAGMENT...\n"
	"       kconfig-check resolved --config FILE --sku NAME --output FILE\n"
	"       kconfig-check needs --config FILE --facts FILE --sku NAME [--checks DIR] FRAGMENT...\n"
	"exit: 0 yes, 1 could not read, 2 usage, 3 a clear \"no\" (conflict, lost request,\n"
	"      missing symbol of a test, need that is not met, configs/resolved out of date)\n";

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

#define BIT(option) (1U << (option))

/* A verb, how many words it takes, the options that it cannot do without, and those that it takes besides. */
static const struct {
	const char *name;
	size_t nr_words;
	unsigned int needs;
	unsigned int takes;
	int (*run)(const struct kc_args *args, struct ks_diag *diag);
} verbs[] = {
	{ "sku", 1, 0, 0, kc_sku },
	{ "merge", SIZE_MAX, BIT(KC_OUTPUT), 0, kc_merge },
	{ "ask", SIZE_MAX, BIT(KC_OUTPUT) | BIT(KC_SKU), BIT(KC_TESTS), kc_ask },
	{ "verify", SIZE_MAX, BIT(KC_CONFIG) | BIT(KC_FACTS), BIT(KC_TESTS) | BIT(KC_SKIPS), kc_verify },
	{ "resolved", 0, BIT(KC_CONFIG) | BIT(KC_SKU) | BIT(KC_OUTPUT), 0, kc_resolved },
	{ "needs", SIZE_MAX, BIT(KC_CONFIG) | BIT(KC_FACTS) | BIT(KC_SKU), BIT(KC_CHECKS), kc_needs },
};

static bool parse_options(int argc, char **argv, struct kc_args *args)
{
	static const struct option options[KC_NR_OPTIONS + 1] = {
#define OPTION(option, name) [option] = { name, required_argument, NULL, 256 + (option) }
		OPTION(KC_OUTPUT, "output"), OPTION(KC_CONFIG, "config"), OPTION(KC_FACTS, "facts"),
		OPTION(KC_SKU, "sku"), OPTION(KC_TESTS, "tests"),
		OPTION(KC_SKIPS, "skips"), OPTION(KC_CHECKS, "checks"),
#undef OPTION
	};
	bool good = true;
	int opt;

	while (good && (opt = getopt_long(argc, argv, "", options, NULL)) != -1)
		good = opt >= 256 && set_once(&args->option[opt - 256], options[opt - 256].name);
	args->fragments = &argv[optind];
	args->nr_fragments = (size_t)(argc - optind);
	return good;
}

static bool fits(size_t verb, const struct kc_args *args)
{
	unsigned int given = 0;
	size_t i;

	for (i = 0; i < KC_NR_OPTIONS; i++)
		given |= args->option[i] ? BIT(i) : 0;
	return !(verbs[verb].needs & ~given) && !(given & ~verbs[verb].needs & ~verbs[verb].takes) &&
	       args->nr_fragments <= verbs[verb].nr_words && !args->nr_fragments == !verbs[verb].nr_words &&
	       (args->option[KC_TESTS] || !args->option[KC_SKIPS]);
}

static int run_verb(const char *name, const struct kc_args *args)
{
	struct ks_diag diag = { 0 };
	char line[1024];
	size_t i;
	int rc;

	for (i = 0; i < KS_ARRAY_SIZE(verbs); i++)
		if (!strcmp(verbs[i].name, name) && fits(i, args))
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
