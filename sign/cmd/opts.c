// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cmd/opts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/shown.h"
#include "cmd/nearest.h"

static int usage_error(const struct ks_verb *verb, const char *what, const char *name)
{
	fprintf(stderr, "kseal: %s %s; try 'kseal help %s %s'\n", ks_shown(name), what, verb->noun,
		verb->verb);
	return -EINVAL;
}

/* Named without "=VALUE": it may be a secret that belongs to no command line. */
static int unknown_option(const struct ks_verb *verb, const char *word, size_t name_bytes)
{
	char name[64];
	struct ks_nearest near = { .word = name };
	const struct ks_opt *opt;

	snprintf(name, sizeof(name), "%.*s", (int)name_bytes, word);
	for (opt = verb->opts; opt->name; opt++)
		ks_nearest_offer(&near, opt->name);
	if (!near.best)
		return usage_error(verb, "is not an option of this verb", name);
	fprintf(stderr, "kseal: %s is not an option of this verb, did you mean %s?\n",
		ks_shown(name), near.best);
	return -EINVAL;
}

static const struct ks_opt *find_opt(const struct ks_verb *verb, const char *word, size_t name_bytes)
{
	const struct ks_opt *opt;

	for (opt = verb->opts; opt->name; opt++)
		if (strlen(opt->name) == name_bytes && !memcmp(opt->name, word, name_bytes))
			return opt;
	return NULL;
}

static int store(const struct ks_verb *verb, const struct ks_opt *opt, const char *value)
{
	if (opt->ret_value) {
		if (*opt->ret_value)
			return usage_error(verb, "can only be given once", opt->name);
		*opt->ret_value = value;
		return 0;
	}
	if (opt->ret_values->nr_values == KS_MAX_OPT_VALUES)
		return usage_error(verb, "is given too often", opt->name);
	opt->ret_values->value[opt->ret_values->nr_values++] = value;
	return 0;
}

/* One option at @argv[0]; consumes one or two words. */
static int parse_one(const struct ks_verb *verb, int argc, char **argv, int *ret_used)
{
	const char *equals = strchr(argv[0], '=');
	size_t name_bytes = equals ? (size_t)(equals - argv[0]) : strlen(argv[0]);
	const struct ks_opt *opt = find_opt(verb, argv[0], name_bytes);

	*ret_used = 1;
	if (!strcmp(argv[0], "--help"))
		return KS_OPTS_HELP;
	if (!opt)
		return unknown_option(verb, argv[0], name_bytes);
	if (opt->ret_flag) {
		if (equals)
			return usage_error(verb, "takes no value", opt->name);
		*opt->ret_flag = true;
		return 0;
	}
	if (equals)
		return store(verb, opt, equals + 1);
	if (argc < 2)
		return usage_error(verb, "needs a value", opt->name);
	*ret_used = 2;
	return store(verb, opt, argv[1]);
}

static int check_given(const struct ks_verb *verb, int nr_args)
{
	const struct ks_opt *opt;

	for (opt = verb->opts; opt->name; opt++) {
		bool given = (opt->ret_value && *opt->ret_value) ||
			     (opt->ret_values && opt->ret_values->nr_values) ||
			     (opt->ret_flag && *opt->ret_flag);
		char what[128];

		snprintf(what, sizeof(what), "is required (%s)", opt->help);
		if (opt->required && !given)
			return usage_error(verb, what, opt->name);
	}
	if (!verb->args && nr_args)
		return usage_error(verb, "was not expected", "an argument");
	if (verb->args && !nr_args)
		return usage_error(verb, "is missing", verb->args);
	if (verb->max_args && nr_args > verb->max_args)
		return usage_error(verb, "was given too often", verb->args);
	return 0;
}

int ks_opts_parse(const struct ks_verb *verb, int argc, char **argv, int *ret_nr_args)
{
	bool only_args = false;
	int i = 0, nr_args = 0, used, rc;

	while (i < argc) {
		if (!only_args && !strcmp(argv[i], "--")) {
			only_args = true;
			i++;
		} else if (!only_args && argv[i][0] == '-' && argv[i][1]) {
			rc = parse_one(verb, argc - i, argv + i, &used);
			if (rc)
				return rc;
			i += used;
		} else {
			argv[nr_args++] = argv[i++];
		}
	}
	*ret_nr_args = nr_args;
	return check_given(verb, nr_args);
}

void ks_complain(const struct ks_diag *diag)
{
	char line[1024];

	ks_diag_format(diag, line, sizeof(line));
	fprintf(stderr, "kseal: %s\n", line);
}
