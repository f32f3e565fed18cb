// SPDX-License-Identifier: LGPL-2.1-or-later
/* Lines of a policy: what each says, how each is wrong, and what only all of them together show. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "fmt/policy.h"

#define is(span, text) assert_true(ks_span_eq((span), ks_span_str(text)))

/* Lines into @policy, with room for 8 records of each kind. Return: of the first that fails. */
static int read_lines(struct ks_policy *policy, const char *text, struct ks_diag *diag)
{
	struct ks_span rest = ks_span_str(text), line, name;
	u32 nr = 0;
	int rc = 0;

	if (!policy->rule) {
		policy->rule = calloc(8, sizeof(*policy->rule));
		policy->effect = calloc(8, sizeof(*policy->effect));
		policy->probe = calloc(8, sizeof(*policy->probe));
	}
	while (!rc && ks_span_line(&rest, &line))
		rc = ks_policy_line(policy, "p", ++nr, line, &name, diag);
	return rc;
}

static struct ks_policy_want want_of(const char *text)
{
	struct ks_policy_want want;
	struct ks_span line = ks_span_str(text);

	assert_null(ks_policy_take_want(&line, &want));
	is(ks_span_trim(line), "rest");
	return want;
}

static bool met(const char *text, const char *value)
{
	struct ks_policy_want want = want_of(text);

	return ks_policy_is_met(&want, value, ks_span_str(value ? value : "n"));
}

static void each_value_is_met_by_what_it_says(void **state)
{
	static const struct {
		const char *want;
		const char *good[4];
		const char *bad[5]; /* "-": not there */
	} rows[] = {
		{ "y rest", { "y" }, { "n", "m", "", "-" } },
		{ "m rest", { "m" }, { "y", "n", "-" } },
		{ "n rest", { "n", "-" }, { "y", "m", "0", "" } },
		{ "m|y rest", { "m", "y" }, { "n", "-", "m|y" } },
		{ "absent rest", { "-" }, { "n", "y" } },
		{ "16 rest", { "16", "0x10" }, { "17", "-", "0x", "16 " } },
		{ "0x1F rest", { "31", "0x1f" }, { "0x1e", "1F", "-" } },
		{ "0xA rest", { "10", "0xa", "0xA" }, { "0xb", "a" } },
		{ "0xa rest", { "10" }, { "0x" } },
		{ ">=65536 rest", { "65536", "0x10000", "18446744073709551615" }, { "65535", "18446744073709551616", "y", "-" } },
		{ "<=0x10 rest", { "16", "0" }, { "17", "-", "", "n" } },
		{ "\"10\" rest", { "10" }, { "0", "0xa", "-" } },
		{ "\"\" rest", { "" }, { "n", "-" } },
		{ "\"a b\" rest", { "a b" }, { "a", "-" } },
		{ "\"a\"\trest", { "a" }, { "n" } },
		{ "\t \"q\" rest", { "q" }, { "\"q\"" } },
		{ "contains a,b rest", { "b,a", "x,a,y,b" }, { "a", "ab", "a;b", "-" } },
		{ "one-of y,m rest", { "y", "m" }, { "n", "-", "y,m" } },
		{ "one-of n,m rest", { "n", "-", "m" }, { "y" } },
		{ "\t 5 rest", { "5" }, { "\x15" } },
	};
	size_t i, k;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(rows); i++) {
		for (k = 0; k < 4 && rows[i].good[k]; k++)
			assert_true(met(rows[i].want, strcmp(rows[i].good[k], "-") ? rows[i].good[k] : NULL));
		for (k = 0; k < 5 && rows[i].bad[k]; k++)
			assert_false(met(rows[i].want, strcmp(rows[i].bad[k], "-") ? rows[i].bad[k] : NULL));
	}
}

static void what_is_no_value_is_said(void **state)
{
	static const char wrong[] = "no value, write y, n, m|y, absent, NUMBER, >=NUMBER, <=NUMBER, \"TEXT\", "
				    "contains A,B or one-of A,B";
	static const struct {
		const char *text;
		const char *what;
	} rows[] = {
		{ "", wrong },
		{ "  ", wrong },
		{ "yes", wrong },
		{ ">=", wrong },
		{ ">=x", wrong },
		{ "=5", wrong },
		{ "-1", wrong },
		{ "0x", wrong },
		{ "0xg", wrong },
		{ "1a", wrong },
		{ "18446744073709551616", wrong },
		{ "\"", "the \"text\" has no end" },
		{ "\"a", "the \"text\" has no end" },
		{ "\"a\"b", "no blank behind the \"text\"" },
		{ "\"a\"b ", "no blank behind the \"text\"" },
		{ "contains", "a list with commas is missing, write \"contains A,B\" or \"one-of A,B\"" },
		{ "one-of ", "a list with commas is missing, write \"contains A,B\" or \"one-of A,B\"" },
		{ "contains ,a", "the list has an empty item" },
		{ "contains a,", "the list has an empty item" },
		{ "one-of a,,b", "the list has an empty item" },
	};
	struct ks_policy_want want;
	struct ks_span line;
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(rows); i++) {
		line = ks_span_str(rows[i].text);
		assert_string_equal(rows[i].what, ks_policy_take_want(&line, &want));
	}
}

static void a_rule_has_all_that_its_line_says(void **state)
{
	__cleanup(ks_policy_done) struct ks_policy policy = { 0 };
	const struct ks_policy_rule *rule;

	(void)state;
	assert_int_equal(0, read_lines(&policy,
				       "# comment\n\nsource us our own\n"
				       "A y us,them config,runtime,artifact since=6.1 until=6.12 was=B arch=x86_64,arm64 in words, since=1\n"
				       "C=m requires LSM contains ipe us artifact  why not \n"
				       "C=\"x\" requires D=>=5 us config both ways\n",
				       NULL));
	assert_int_equal(3, policy.nr_rules);
	rule = &policy.rule[0];
	is(rule->symbol, "A");
	is(rule->was, "B");
	is(rule->sources, "us,them");
	is(rule->arches, "x86_64,arm64");
	is(rule->why, "in words, since=1");
	assert_int_equal(7, rule->levels);
	assert_int_equal(6, rule->since.major);
	assert_int_equal(1, rule->since.minor);
	assert_int_equal(6, rule->until.major);
	assert_int_equal(12, rule->until.minor);
	assert_int_equal(4, rule->line);
	assert_string_equal("p", rule->path);
	assert_int_equal(0, rule->if_symbol.bytes);
	rule = &policy.rule[1];
	is(rule->if_symbol, "C");
	is(rule->if_want.text, "m");
	is(rule->symbol, "LSM");
	assert_int_equal(KS_POLICY_CONTAINS, rule->want.op);
	is(rule->want.text, "ipe");
	is(rule->why, "why not");
	assert_int_equal(KS_POLICY_ARTIFACT, rule->levels);
	rule = &policy.rule[2];
	is(rule->symbol, "D");
	assert_int_equal(KS_POLICY_AT_LEAST, rule->want.op);
	assert_int_equal(5, rule->want.number);
	is(rule->want.text, "5");
	assert_true(rule->if_want.is_quoted);
	assert_int_equal(1, policy.nr_sources);
	is(policy.source[0].document, "our own");
}

static void effects_and_probes_are_read(void **state)
{
	__cleanup(ks_policy_done) struct ks_policy policy = { 0 };

	(void)state;
	assert_int_equal(0, read_lines(&policy,
				       "effect a=0|off A n\neffect b B y\neffect c= C \"x\"\neffect d=* D *\n"
				       "probe A sysctl kernel.x >= 1\nprobe B lsm yama\nprobe C dmesg some words\n",
				       NULL));
	assert_int_equal(4, policy.nr_effects);
	is(policy.effect[0].name, "a");
	is(policy.effect[0].value, "0|off");
	is(policy.effect[0].symbol, "A");
	is(policy.effect[0].result, "n");
	assert_true(policy.effect[0].has_value);
	assert_false(policy.effect[1].has_value);
	assert_true(policy.effect[2].has_value && !policy.effect[2].value.bytes);
	is(policy.effect[2].result, "x");
	is(policy.effect[3].result, "*");
	assert_int_equal(3, policy.nr_probes);
	is(policy.probe[0].name, "sysctl");
	is(policy.probe[0].value, "kernel.x >= 1");
	is(policy.probe[2].value, "some words");
	assert_int_equal(3, policy.effect[2].line);
	assert_int_equal(5, policy.probe[0].line);
}

static void probes_of_each_kind_have_so_many_words_at_least(void **state)
{
	__cleanup(ks_policy_done) struct ks_policy policy = { 0 };

	(void)state;
	assert_int_equal(0, read_lines(&policy,
				       "source us-x.1 we\nsource b they\nsource b they\nsource us-x.1 we\n"
				       "probe A sysctl x = 1\nprobe A file /x lacks 1\nprobe A param m/n != 1\n"
				       "probe A cpu x begins M\nprobe A path /x\nprobe A nopath /x\nprobe A dmesg x\n"
				       "A y b config since=6.9 until=9.19 why\n",
				       NULL));
	assert_int_equal(2, policy.nr_sources);
	assert_int_equal(7, policy.nr_probes);
	assert_true(policy.probe[6].has_value);
}

static void a_wrong_line_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *line;
		const char *what;
	} rows[] = {
		{ "A y us config why\r", "control byte in the line (CR?), write plain text" },
		{ "include", "include wants the name of one policy beside this file, without \".policy\"" },
		{ "include a b", "include wants the name of one policy beside this file, without \".policy\"" },
		{ "include ../a", "include wants the name of one policy beside this file, without \".policy\"" },
		{ "include .a", "include wants the name of one policy beside this file, without \".policy\"" },
		{ "source", "source wants a word and the document that it stands for" },
		{ "source a,b c", "source wants a word and the document that it stands for" },
		{ "source a ", "source without a document: who asks for it, of when, and where to read it?" },
		{ "source us another", "source is declared already, as another document" },
		{ "effect", "effect wants PARAMETER[=VALUE] SYMBOL VALUE" },
		{ "effect =1 A n", "effect without the name of a parameter" },
		{ "effect a A n n", "effect wants one value at its end: y, n, a number, \"text\", or * for the parameter's" },
		{ "effect a A >=1", "effect wants one value at its end: y, n, a number, \"text\", or * for the parameter's" },
		{ "effect a A", "effect wants one value at its end: y, n, a number, \"text\", or * for the parameter's" },
		{ "effect a A-", "no record, write SYMBOL VALUE SOURCES LEVELS REASON, include, source, effect or probe" },
		{ "probe A sysctl x >=", "no probe, write sysctl|file|param|cpu NAME OP VALUE, lsm NAME, path|nopath PATH or dmesg TEXT" },
		{ "probe A sysctl x is 1", "no probe, write sysctl|file|param|cpu NAME OP VALUE, lsm NAME, path|nopath PATH or dmesg TEXT" },
		{ "probe A eyes x", "no probe, write sysctl|file|param|cpu NAME OP VALUE, lsm NAME, path|nopath PATH or dmesg TEXT" },
		{ "-A y us config why", "no record, write SYMBOL VALUE SOURCES LEVELS REASON, include, source, effect or probe" },
		{ "CONFIG_A y us config why", "symbols are written without CONFIG_" },
		{ "A y us", "rule without sources and levels, write SYMBOL VALUE SOURCES LEVELS REASON" },
		{ "A y us confi why", "levels are config, artifact and runtime, with commas between them" },
		{ "A y us config,config why", "levels are config, artifact and runtime, with commas between them" },
		{ "A y us config, why", "levels are config, artifact and runtime, with commas between them" },
		{ "A y us config", "rule without a reason" },
		{ "A y us config since=6.1", "rule without a reason" },
		{ "A y us config since=6 why", "since= wants a release, since=6.17" },
		{ "A y us config since=6.1.2 why", "since= wants a release, since=6.17" },
		{ "A y us config since=6.1x why", "since= wants a release, since=6.17" },
		{ "A y us config until=0.1 why", "until= wants a release, until=6.16" },
		{ "A y us config until=6. why", "until= wants a release, until=6.16" },
		{ "A y us config until=6.1 until=6.1 why", "attribute is there twice" },
		{ "A y us config was=a-b why", "was= wants the name of a symbol, without CONFIG_" },
		{ "A y us config was=B was=C why", "attribute is there twice" },
		{ "A y us config arch= why", "arch= wants x86_64, arm64, or both with a comma between them" },
		{ "A y us config arch=x86_64,arm64,arm64 why", "arch= wants x86_64, arm64, or both with a comma between them" },
		{ "A y us config arch=riscv why", "arch= wants x86_64, arm64, or both with a comma between them" },
		{ "A y us config arch=arm64 arch=arm64 why", "attribute is there twice" },
		{ "A=yes requires B y us config why", "no record, write SYMBOL VALUE SOURCES LEVELS REASON, include, source, effect or probe" },
		{ "source a we\nsource a they", "source is declared already, as another document" },
		{ "probe A path", "no probe, write sysctl|file|param|cpu NAME OP VALUE, lsm NAME, path|nopath PATH or dmesg TEXT" },
		{ "A=y B y us config why", "SYMBOL=VALUE without \"requires\"; a plain rule is SYMBOL VALUE SOURCES LEVELS REASON" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(rows); i++) {
		__cleanup(ks_policy_done) struct ks_policy policy = { 0 };
		struct ks_diag diag = { 0 };
		char text[256];

		snprintf(text, sizeof(text), "source us we\n%s\n", rows[i].line);
		assert_int_equal(-EBADMSG, read_lines(&policy, text, &diag));
		assert_string_equal(rows[i].what, diag.what);
		assert_string_equal(strchr(rows[i].line, '\n') ? "p:3" : "p:2", diag.file);
	}
}

static void a_line_has_a_thousand_bytes_at_most(void **state)
{
	__cleanup(ks_policy_done) struct ks_policy policy = { 0 };
	struct ks_diag diag = { 0 };
	char text[1100];

	(void)state;
	snprintf(text, sizeof(text), "A y us config %0*d", 986, 0);
	assert_int_equal(0, read_lines(&policy, text, NULL));
	snprintf(text, sizeof(text), "A y us config %0*d", 987, 0);
	assert_int_equal(-E2BIG, read_lines(&policy, text, &diag));
	assert_string_equal("line of more than 1000 bytes", diag.what);
}

static void releases_are_compared_as_numbers(void **state)
{
	static const struct {
		const char *text;
		u16 major, minor;
	} good[] = { { "6.18", 6, 18 }, { "6.18.15-x", 6, 18 }, { "10.0+", 10, 0 }, { "1.0", 1, 0 }, { "9999.9999", 9999, 9999 } };
	static const char *const bad[] = { "", "6", "6.", ".1", "x6.1", "0.1", "6-1", "12345.1" };
	const struct ks_policy_rule rule = { .since = { 6, 9 }, .until = { 6, 12 }, .arches = ks_span_str("x86_64") };
	const struct ks_policy_rule newer = { .since = { 6, 9 }, .arches = ks_span_str("x86_64,arm64") };
	const struct ks_span any = { 0 }, ours = ks_span_str("x86_64");
	struct ks_policy_release release;
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(good); i++) {
		assert_true(ks_policy_take_release(ks_span_str(good[i].text), &release));
		assert_int_equal(good[i].major, release.major);
		assert_int_equal(good[i].minor, release.minor);
	}
	for (i = 0; i < KS_ARRAY_SIZE(bad); i++)
		assert_false(ks_policy_take_release(ks_span_str(bad[i]), &release));
	assert_true(ks_policy_is_for(&rule, (struct ks_policy_release){ 6, 9 }, ours));
	assert_true(ks_policy_is_for(&rule, (struct ks_policy_release){ 6, 12 }, any));
	assert_true(ks_policy_is_for(&rule, (struct ks_policy_release){ 0, 0 }, any));
	assert_false(ks_policy_is_for(&rule, (struct ks_policy_release){ 6, 8 }, ours));
	assert_false(ks_policy_is_for(&rule, (struct ks_policy_release){ 6, 13 }, ours));
	assert_false(ks_policy_is_for(&rule, (struct ks_policy_release){ 7, 9 }, ours));
	assert_false(ks_policy_is_for(&rule, (struct ks_policy_release){ 5, 10 }, ours));
	assert_false(ks_policy_is_for(&rule, (struct ks_policy_release){ 6, 9 }, ks_span_str("arm64")));
	assert_true(ks_policy_is_for(&newer, (struct ks_policy_release){ 7, 0 }, ks_span_str("arm64")));
	assert_true(ks_policy_is_for(&newer, (struct ks_policy_release){ 6, 9 }, ours));
}

static void what_only_all_lines_show(void **state)
{
	static const struct {
		const char *text;
		const char *what; /* NULL: it is right */
		const char *place;
	} rows[] = {
		{ "A y us config a\nB y us config b\n", NULL, NULL },
		{ "A y us config a\nB y us config b\nA y us config a\n", "has a rule for the same releases already", "p:4" },
		{ "A y us config a\nA n us config a\n", "contradicts the rule for the same releases", "p:3" },
		{ "A y us config until=6.1 a\nA n us config since=6.2 a\n", NULL, NULL },
		{ "A y us config until=6.2 a\nA n us config since=6.2 a\n", "contradicts the rule for the same releases", "p:3" },
		{ "A y us config since=6.2 a\nA n us config until=6.2 a\n", "contradicts the rule for the same releases", "p:3" },
		{ "A y us config arch=x86_64 a\nA n us config arch=arm64 a\n", NULL, NULL },
		{ "A y us config arch=x86_64 a\nA n us config arch=arm64,x86_64 a\n", "contradicts the rule for the same releases", "p:3" },
		{ "A y us config arch=x86_64 a\nA n us config a\n", "contradicts the rule for the same releases", "p:3" },
		{ "A y us config a\nB=y requires A n us config a\nB=m requires A n us config a\n", NULL, NULL },
		{ "B=y requires A y us config a\nB=y requires A n us config a\n", "contradicts the rule for the same releases", "p:3" },
		{ "A y us config until=5.20 a\nA n us config since=6.1 a\n", NULL, NULL },
		{ "A y us config since=6.2 a\nA n us config until=6.1 a\n", NULL, NULL },
		{ "A y us config a\nA m us config a\n", "contradicts the rule for the same releases", "p:3" },
		{ "A y us config a\nB y us config b\nB y us config b\n", "has a rule for the same releases already", "p:4" },
		{ "source it they\nA y us,it config a\n", NULL, NULL },
		{ "A y us runtime a\nB y us config b\nprobe B lsm b\nprobe A lsm a\n", NULL, NULL },
		{ "A y us config a\neffect x A n\neffect x B n\n", "is about a symbol that no rule has", "p:4" },
		{ "A y us config a\nB y us config b\nC y us config c\nD y us config d\nE y us config e\nF y us config f\neffect x F n\n", NULL, NULL },
		{ "A y us,it config a\n", "names a source that no line \"source WORD DOCUMENT\" declares", "p:2" },
		{ "A y us runtime a\n", "level runtime without a line \"probe SYMBOL ...\": nobody could tell", "p:2" },
		{ "A y us runtime a\nprobe A lsm a\n", NULL, NULL },
		{ "A y us config since=6.2 until=6.1 a\n", "until= is before since=", "p:2" },
		{ "A y us config since=6.2 until=6.2 a\n", NULL, NULL },
		{ "A y us config a\nC y us config c\neffect x A n\neffect x C n\n", NULL, NULL },
		{ "A y us config a\nC y us config c\neffect x B n\n", "is about a symbol that no rule has", "p:4" },
		{ "A y us config a\nprobe D lsm a\n", "is about a symbol that no rule has", "p:3" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(rows); i++) {
		__cleanup(ks_policy_done) struct ks_policy policy = { 0 };
		struct ks_diag diag = { 0 };
		char text[512];

		snprintf(text, sizeof(text), "source us we\n%s", rows[i].text);
		assert_int_equal(0, read_lines(&policy, text, NULL));
		assert_int_equal(rows[i].what ? -EBADMSG : 0, ks_policy_check(&policy, &diag));
		if (!rows[i].what)
			continue;
		/* Who else is meant. */
		if (!strncmp(rows[i].what, "contradicts", 11))
			assert_string_equal("A, at p:2", diag.detail);
		if (!strncmp(rows[i].what, "names", 5))
			assert_string_equal("it", diag.detail);
		assert_string_equal(rows[i].what, diag.what);
		assert_string_equal(rows[i].place, diag.file);
	}
}

static void put_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(0, fclose(file));
}

static void includes_are_read_once_and_not_in_a_circle_or_too_deep(void **state)
{
	__cleanup(ks_policy_done) struct ks_policy policy = { 0 }, circle = { 0 }, deep = { 0 }, many = { 0 };
	char dir[] = "/tmp/kseal-test-XXXXXX", path[64], text[64];
	struct ks_diag diag = { 0 };
	size_t i;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(0, chdir(dir));
	put_file("a.policy", "source us we\ninclude b\ninclude c\nA y us config a\n");
	put_file("b.policy", "include c\nB y us config b\n");
	put_file("c.policy", "C y us config c\n");
	assert_int_equal(0, ks_policy_load("a.policy", &policy, NULL));
	assert_int_equal(0, ks_policy_load("c.policy", &policy, NULL));
	assert_int_equal(0, ks_policy_load("a.policy", &policy, NULL));
	assert_int_equal(3, policy.nr_files);
	assert_int_equal(3, policy.nr_rules);
	is(policy.rule[0].symbol, "C");
	assert_string_equal("b.policy", policy.path[1]);
	ks_policy_done(&policy);
	assert_null(policy.rule);
	assert_int_equal(0, policy.nr_files);
	assert_int_equal(0, ks_policy_load("./a.policy", &policy, NULL));
	assert_string_equal("./b.policy", policy.path[1]);
	put_file("c.policy", "C y us config c\ninclude a\n");
	assert_int_equal(-EBADMSG, ks_policy_load("a.policy", &circle, &diag));
	assert_string_equal("this include leads back to its own file", diag.what);
	assert_string_equal("c.policy:2", diag.file);
	/* 1 is read by 0 and so on: 8 includes inside of each other, and then one more. */
	for (i = 0; i < 9; i++) {
		snprintf(path, sizeof(path), "%zu.policy", i);
		snprintf(text, sizeof(text), i == 8 ? "# end\n" : "include %zu\n", i + 1);
		put_file(path, text);
	}
	diag = (struct ks_diag){ 0 };
	assert_int_equal(-E2BIG, ks_policy_load("0.policy", &deep, &diag));
	assert_string_equal("more than 8 includes inside of each other", diag.what);
	assert_string_equal("7.policy:1", diag.file);
	assert_int_equal(0, ks_policy_load("1.policy", &deep, NULL));
	for (i = 0; i <= KS_MAX_POLICY_FILES; i++) {
		snprintf(path, sizeof(path), "%zu.policy", i);
		put_file(path, "# nothing\n");
		diag = (struct ks_diag){ 0 };
		assert_int_equal(i < KS_MAX_POLICY_FILES ? 0 : -E2BIG, ks_policy_load(path, &many, &diag));
		unlink(path);
	}
	assert_string_equal("more than 64 policies", diag.what);
	unlink("a.policy");
	unlink("b.policy");
	unlink("c.policy");
	assert_int_equal(0, rmdir(dir));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_value_is_met_by_what_it_says),
		cmocka_unit_test(what_is_no_value_is_said),
		cmocka_unit_test(a_rule_has_all_that_its_line_says),
		cmocka_unit_test(effects_and_probes_are_read),
		cmocka_unit_test(probes_of_each_kind_have_so_many_words_at_least),
		cmocka_unit_test(a_wrong_line_is_refused_with_its_place),
		cmocka_unit_test(a_line_has_a_thousand_bytes_at_most),
		cmocka_unit_test(releases_are_compared_as_numbers),
		cmocka_unit_test(what_only_all_lines_show),
		cmocka_unit_test(includes_are_read_once_and_not_in_a_circle_or_too_deep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
