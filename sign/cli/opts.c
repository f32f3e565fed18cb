// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/opts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/shown.h"
#include "cli/help.h"
#include "cli/nearest.h"
#include "cli/screen.h"

/* What ks_opts_parse() reads for, given to all that it calls. */
struct parse {
	const struct ks_program *program;
	const struct ks_verb *verb;
};

static int usage_error(const struct parse *p, const char *what, const char *name)
{
	fprintf(stderr, "%s: %s %s; try '%s help %s'\n", p->program->name, ks_shown(name), what,
		p->program->name, ks_verb_name(p->verb));
	return -EINVAL;
}

/* Named without "=VALUE": it may be a secret that belongs to no command line. */
static int unknown_option(const struct parse *p, const char *word, size_t name_bytes)
{
	char name[64];
	struct ks_nearest near = { .word = name };
	const struct ks_opt *opt;

	snprintf(name, sizeof(name), "%.*s", (int)name_bytes, word);
	for (opt = p->verb->opts; opt->name; opt++)
		ks_nearest_offer(&near, opt->name);
	if (!near.best)
		return usage_error(p, "is not an option of this verb", name);
	fprintf(stderr, "%s: %s is not an option of this verb, did you mean %s?\n",
		p->program->name, ks_shown(name), near.best);
	return -EINVAL;
}

static bool is_named(const char *name, const char *word, size_t name_bytes)
{
	return name && strlen(name) == name_bytes && !memcmp(name, word, name_bytes);
}

static const struct ks_opt *find_option(const struct ks_verb *verb, const char *word,
					size_t name_bytes)
{
	const struct ks_opt *opt;

	for (opt = verb->opts; opt->name; opt++)
		if (is_named(opt->name, word, name_bytes) || is_named(opt->also, word, name_bytes))
			return opt;
	return NULL;
}

static int store(const struct parse *p, const struct ks_opt *opt, const char *value)
{
	if (opt->form != KS_OPT_ANY && !*value)
		return usage_error(p, "has an empty value", opt->name);
	if (opt->form == KS_OPT_WORD && strpbrk(value, " \t\n"))
		return usage_error(p, "has a value with blanks", opt->name);
	if (opt->ret_value) {
		if (*opt->ret_value)
			return usage_error(p, "can only be given once", opt->name);
		*opt->ret_value = value;
		return 0;
	}
	if (opt->ret_values->nr_values == KS_MAX_OPT_VALUES)
		return usage_error(p, "is given too often", opt->name);
	opt->ret_values->value[opt->ret_values->nr_values++] = value;
	return 0;
}

/* One option at @argv[0]; consumes one or two words. */
static int parse_one(const struct parse *p, int argc, char **argv, int *ret_used)
{
	const char *equals = strchr(argv[0], '=');
	size_t name_bytes = equals ? (size_t)(equals - argv[0]) : strlen(argv[0]);
	const struct ks_opt *opt = find_option(p->verb, argv[0], name_bytes);

	*ret_used = opt ? 0 : ks_screen_option(p->program, argv);
	if (*ret_used)
		return *ret_used < 0 ? *ret_used : 0;
	*ret_used = 1;
	if (!strcmp(argv[0], "--help") || !strcmp(argv[0], "-h"))
		return KS_OPTS_HELP;
	if (!opt)
		return unknown_option(p, argv[0], name_bytes);
	if (opt->ret_flag) {
		if (equals)
			return usage_error(p, "takes no value", opt->name);
		if (*opt->ret_flag)
			return usage_error(p, "can only be given once", opt->name);
		*opt->ret_flag = true;
		return 0;
	}
	if (equals)
		return store(p, opt, equals + 1);
	if (argc < 2)
		return usage_error(p, "needs a value", opt->name);
	*ret_used = 2;
	return store(p, opt, argv[1]);
}

static int check_given(const struct parse *p, int nr_args)
{
	const struct ks_verb *verb = p->verb;
	const struct ks_opt *opt;

	for (opt = verb->opts; opt->name; opt++) {
		bool given = (opt->ret_value && *opt->ret_value) ||
			     (opt->ret_values && opt->ret_values->nr_values) ||
			     (opt->ret_flag && *opt->ret_flag);
		char what[128];

		snprintf(what, sizeof(what), "is required (%s)", opt->help);
		if (opt->required && !given)
			return usage_error(p, what, opt->name);
	}
	if (!verb->args && nr_args)
		return usage_error(p, "was not expected", "an argument");
	if (verb->args && verb->args[0] != '[' && !nr_args)
		return usage_error(p, "is missing", verb->args);
	if (verb->max_args && nr_args > verb->max_args)
		return usage_error(p, "was given too often", verb->args);
	return 0;
}

int ks_opts_parse(const struct ks_program *program, const struct ks_verb *verb, int argc,
		  char **argv, int *ret_nr_args)
{
	const struct parse p = { program, verb };
	bool only_args = false;
	int i = 0, nr_args = 0, used, rc;

	while (i < argc) {
		if (!only_args && !strcmp(argv[i], "--")) {
			only_args = true;
			i++;
		} else if (!only_args && argv[i][0] == '-' && argv[i][1]) {
			rc = parse_one(&p, argc - i, argv + i, &used);
			if (rc)
				return rc;
			i += used;
		} else {
			argv[nr_args++] = argv[i++];
		}
	}
	argv[nr_args] = NULL;
	*ret_nr_args = nr_args;
	return check_given(&p, nr_args);
}
