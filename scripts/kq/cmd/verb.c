// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cmd/verb.h"

#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "rebase/report.h"

/*
 * struct row - one option of the whole program; a verb takes it if it names the letter
 * @arg: what it takes; NULL for a flag, whose value is its own name
 * @place: of its value in struct kq_options
 */
static const struct row {
	char letter;
	const char *name;
	const char *arg;
	size_t place;
	const char *help;
} rows[] = {
#define PLACE(member) offsetof(struct kq_options, member)
	{ 'q', "queue", "DIR", PLACE(queue), "the queue's directory (patches/6.18)" },
	{ 't', "tree", "TREE", PLACE(tree), "a pristine kernel tree" },
	{ 's', "sku", "SKU", PLACE(selection.sku), "with the patches of this SKU" },
	{ 'a', "arch", "ARCH", PLACE(selection.arch), "with the patches of this architecture" },
	{ 'b', "build", ".CONFIG", PLACE(build), "compile what every patch touches" },
	{ 'o', "on", "SOURCE", PLACE(on), "the release that a rebase would go to" },
	{ 'j', "json", NULL, PLACE(json), "for programs" },
	{ 'g', "git", "DIR", PLACE(git), "a git repository (.); of a branch, [REPO:]BRANCH" },
	{ 'T', "to", "SOURCE", PLACE(to), "the release to rebase onto" },
	{ 'F', "from", "SOURCE", PLACE(from), "the release that the queue is on (base.lock)" },
	{ 'A', "reason", "REASON", PLACE(reason), "why the patch is given up, one line" },
	{ 'S', "state", "DIR", PLACE(state), "where a conflict or an edit waits (.kq)" },
	{ 'r', "records", "DIR", PLACE(records),
	  "CVE records of the kernel's numbering authority" },
	{ 'V', "openvex", NULL, PLACE(openvex), "an OpenVEX document" },
	{ 'p', "product", "PURL", PLACE(product), "package URL that OpenVEX speaks of" },
	{ 'u', "author", "TEXT", PLACE(author),
	  "who made it: 'Name <address>' of a diff, or whoever makes the OpenVEX document" },
	{ 'f', "forget", NULL, PLACE(forget), "take them back: they are asked again" },
	{ 'l', "all", NULL, PLACE(all), "all patches, as without a name" },
	{ 'B', "before", "PATCH", PLACE(before), "in front of this patch" },
	{ 'N', "after", "PATCH", PLACE(after), "behind this patch" },
	{ 'n', "undo", NULL, PLACE(undo), "take the last rebase back" },
	{ 'w', "write", NULL, PLACE(write), "write it instead of comparing it" },
	{ 'U', "subject", "TEXT", PLACE(subject), "subject of a diff that is not a mail" },
	{ '3', "3way", NULL, PLACE(three_way), "merge what does not apply (also -3)" },
	{ 'c', "scissors", NULL, PLACE(scissors), "leave out what is above a scissors line" },
};

const char *kq_state_of(const struct kq_options *options)
{
	return options->state ? options->state : ".kq";
}

static const char **value_of(struct kq_options *o, const struct row *row)
{
	return (const char **)((char *)o + row->place);
}

static const struct row *row_of(char letter)
{
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(rows); i++)
		if (rows[i].letter == letter)
			return &rows[i];
	return NULL;
}

void kq_usage_print(const struct kq_verb *verb, FILE *out)
{
	const char *c;

	fprintf(out, "kq %s", verb->name);
	for (c = verb->options; *c; c++) {
		bool required = strchr(verb->required, *c);

		const struct row *row = row_of(*c);

		fprintf(out, " %s--%s%s%s%s", required ? "" : "[", row->name, row->arg ? " " : "",
			row->arg ? row->arg : "", required ? "" : "]");
	}
	if (verb->operands)
		fprintf(out, " %s", verb->operands);
}

void kq_help_print(const struct kq_verb *verb)
{
	const char *c;

	printf("usage: ");
	kq_usage_print(verb, stdout);
	printf("\n%s\n", verb->what);
	if (verb->more)
		printf("%s", verb->more);
	for (c = verb->options; *c; c++) {
		const struct row *row = row_of(*c);

		printf("  --%-7s %-7s %s\n", row->name, row->arg ? row->arg : "", row->help);
	}
}

static int refuse(const struct kq_verb *verb, const char *what, const char *which)
{
	fprintf(stderr, "kq: %s%s%s; usage: ", what, which ? " " : "", which ? which : "");
	kq_usage_print(verb, stderr);
	fputc('\n', stderr);
	return -EINVAL;
}

static int set_value(const struct kq_verb *verb, const struct row *row, struct kq_options *o)
{
	const char **value = value_of(o, row);
	const char *given = row->arg ? optarg : row->name;

	if (*value)
		return refuse(verb, "given twice: --", row->name);
	if (!*given || (strchr("sap", row->letter) && strpbrk(given, " \t\n")))
		return refuse(verb, "empty value or blank in --", row->name);
	*value = given;
	return 0;
}

static int check_options(const struct kq_verb *verb, const struct kq_options *o)
{
	const char *c;

	for (c = verb->required; *c; c++)
		if (!*value_of((struct kq_options *)o, row_of(*c)))
			return refuse(verb, "missing option:", row_of(*c)->name);
	if (o->nr_operands < verb->min_operands)
		return refuse(verb, "missing:", verb->operands);
	if (o->nr_operands > verb->max_operands)
		return refuse(verb, "unknown operand:", o->operand[verb->max_operands]);
	return 0;
}

int kq_options_read(const struct kq_verb *verb, int argc, char **argv,
		    struct kq_options *ret_options)
{
	struct option table[KS_ARRAY_SIZE(rows) + 3] = { 0 };
	struct kq_options o = { 0 };
	size_t i;
	int c;

	for (i = 0; i < KS_ARRAY_SIZE(rows); i++)
		table[i] = (struct option){ rows[i].name,
					    rows[i].arg ? required_argument : no_argument, NULL,
					    rows[i].letter };
	table[i++] = (struct option){ "help", no_argument, NULL, 'h' };
	/* As --reason was called; scripts may know it. */
	table[i] = (struct option){ "accept", required_argument, NULL, 'A' };
	opterr = 0;
	while ((c = getopt_long(argc, argv, "h3", table, NULL)) != -1) {
		if (c == 'h')
			return KQ_OPTIONS_HELP;
		if (c == '?' || !strchr(verb->options, c))
			return refuse(verb, "unknown option, or no value:", argv[optind - 1]);
		if (set_value(verb, row_of((char)c), &o))
			return -EINVAL;
	}
	o.operand = argv + optind;
	o.nr_operands = (size_t)(argc - optind);
	if (check_options(verb, &o))
		return -EINVAL;
	if (!o.queue)
		o.queue = "patches/6.18";
	*ret_options = o;
	return 0;
}

int kq_complain(const struct kq_error *error)
{
	fprintf(stderr, "kq: %s\n", error->line);
	return error->err == KQ_REFUSED ? KQ_EXIT_NO : KQ_EXIT_FAILED;
}

/* An empty buffer has no address, which fwrite() must not see. */
void kq_print(const struct ks_buf *text)
{
	if (text->bytes)
		fwrite(text->p, 1, text->bytes, stdout);
}

void kq_put_shown(FILE *out, struct ks_span text)
{
	__cleanup(ks_buf_done) struct ks_buf shown = { 0 };

	kq_report_escape(text, &shown);
	if (shown.bytes)
		fwrite(shown.p, 1, shown.bytes, out);
}

bool kq_today(u32 *ret_today)
{
	struct tm tm;
	time_t now;
	u64 seconds;

	if (ks_clock_build_time(&seconds, NULL)) {
		fprintf(stderr, "kq: SOURCE_DATE_EPOCH: want seconds since 1970\n");
		return false;
	}
	now = (time_t)seconds;
	if (!gmtime_r(&now, &tm))
		return false;
	*ret_today =
		(u32)(tm.tm_year + 1900) * 10000 + (u32)(tm.tm_mon + 1) * 100 + (u32)tm.tm_mday;
	return true;
}

void kq_print_json(struct json_object *json)
{
	printf("%s\n", json_object_to_json_string_ext(
			       json, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
}
