// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Symbols of Kconfig files, and what two releases differ in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "symbols/survey.h"

static const char drivers[] = "menu \"Things\"\n"
			      "\n"
			      "config THING\n"
			      "\ttristate \"A thing\" if EXPERT\n"
			      "\tdepends on PCI && !UML\n"
			      "\tdepends on NET\n"
			      "\thelp\n"
			      "\t  What it does.\n"
			      "\n"
			      "\t  config NOT_A_SYMBOL\n"
			      "\t    is still help.\n"
			      "\n"
			      "config QUIET\n"
			      "\tdef_bool y\n"
			      "\n"
			      "if THING\n"
			      "  menuconfig INNER\n"
			      "\tbool 'Inner \"part\"'\n"
			      "\thelp\n"
			      "endif\n"
			      "endmenu\n";

static void changes_done(struct kq_changes *changes)
{
	free(changes->change);
}

static void add(struct kq_symbols *symbols, const char *path, const char *text)
{
	struct kq_error error = { 0 };
	struct ks_buf buf = { 0 };

	ks_put_str(&buf, text);
	assert_int_equal(0, kq_symbols_add(symbols, ks_span_str(path), &buf, &error));
	kq_symbols_sort(symbols);
}

static const struct kq_symbol *find(const struct kq_symbols *symbols, const char *name)
{
	return kq_symbols_find(symbols, ks_span_str(name), "x86_64");
}

static void assert_text(const char *want, struct ks_span have)
{
	assert_int_equal(strlen(want), have.bytes);
	assert_memory_equal(want, have.p, have.bytes);
}

static void a_block_has_type_prompt_and_help(void **state)
{
	__cleanup(kq_symbols_done) struct kq_symbols symbols = { 0 };
	const struct kq_symbol *thing, *inner;

	(void)state;
	add(&symbols, "drivers/Kconfig", drivers);
	assert_int_equal(3, symbols.nr);
	thing = find(&symbols, "THING");
	assert_non_null(thing);
	assert_text("tristate", thing->type);
	assert_text("A thing", thing->prompt);
	assert_text("PCI && !UML", thing->depends);
	assert_int_equal(3, thing->line);
	assert_text("\t  What it does.\n\n\t  config NOT_A_SYMBOL\n\t    is still help.\n\n", thing->help);
	assert_text("bool", find(&symbols, "QUIET")->type);
	assert_int_equal(0, find(&symbols, "QUIET")->prompt.bytes);
	inner = find(&symbols, "INNER");
	assert_text("Inner \"part\"", inner->prompt);
	assert_int_equal(0, inner->help.bytes);
	assert_null(find(&symbols, "NOT_A_SYMBOL"));
}

static void only_the_own_architecture_counts(void **state)
{
	__cleanup(kq_symbols_done) struct kq_symbols symbols = { 0 };

	(void)state;
	add(&symbols, "arch/arm64/Kconfig", "config FOREIGN\n\tbool \"x\"\n");
	add(&symbols, "arch/x86/Kconfig", "config OWN\n\tbool \"x\"\nconfig BOTH\n\tdef_bool y\n");
	add(&symbols, "arch/Kconfig", "config SHARED\n\tbool\n");
	add(&symbols, "init/Kconfig", "config BOTH\n\tbool \"asked here\"\n");
	assert_null(find(&symbols, "FOREIGN"));
	assert_non_null(kq_symbols_find(&symbols, ks_span_str("FOREIGN"), "arm64"));
	assert_non_null(find(&symbols, "OWN"));
	assert_non_null(find(&symbols, "SHARED"));
	assert_string_equal("init/Kconfig", find(&symbols, "BOTH")->path);
	assert_true(kq_is_kconfig(ks_span_str("Kconfig")));
	assert_true(kq_is_kconfig(ks_span_str("lib/Kconfig.debug")));
	assert_false(kq_is_kconfig(ks_span_str("scripts/kconfig/lexer.l")));
}

/* Each row: the two releases, and "CHANGE NAME" of every change, joined by ", ". */
static const struct {
	const char *old;
	const char *onto;
	const char *changes;
} releases[] = {
	{ "config A\n\tbool \"a\"\n", "config A\n\tbool \"a\"\n", "" },
	{ "", "config A\n\tbool \"a\"\n", "new A" },
	{ "config A\n\tbool \"a\"\n", "", "removed A" },
	{ "config A\n\tbool \"a\"\n", "config B\n\tbool \"a\"\n", "renamed B" },
	/* Another question, another type, or two that ask the same: nobody knows. */
	{ "config A\n\tbool \"a\"\n", "config B\n\tbool \"b\"\n", "new B, removed A" },
	{ "config A\n\tbool \"a\"\n", "config B\n\ttristate \"a\"\n", "new B, removed A" },
	{ "config A\n\tbool \"a\"\n", "config B\n\tbool \"a\"\nconfig C\n\tbool \"a\"\n",
	  "new B, new C, removed A" },
	{ "config A\n\tbool \"a\"\nconfig D\n\tbool \"a\"\n", "config B\n\tbool \"a\"\n",
	  "new B, removed A, removed D" },
	{ "config A\n\tbool\n", "config B\n\tbool\n", "new B, removed A" },
	/* A second block of a name is not a second symbol. */
	{ "config A\n\tbool \"a\"\n", "config A\n\tbool \"a\"\nconfig A\n\tdefault y\n", "" },
};

static void two_releases_are_compared(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(releases); i++) {
		__cleanup(kq_symbols_done) struct kq_symbols old = { 0 };
		__cleanup(kq_symbols_done) struct kq_symbols onto = { 0 };
		__cleanup(changes_done) struct kq_changes changes = { 0 };
		struct kq_error error = { 0 };
		char text[256] = "";

		add(&old, "Kconfig", releases[i].old);
		add(&onto, "Kconfig", releases[i].onto);
		assert_int_equal(0, kq_changes_find(&old, &onto, "x86_64", &changes, &error));
		for (k = 0; k < changes.nr; k++) {
			const struct kq_change_of *c = &changes.change[k];
			const struct kq_symbol *symbol = c->onto ? c->onto : c->old;

			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s %.*s",
				 k ? ", " : "", kq_change_name(c->change), KQ_FMT(symbol->name));
		}
		assert_string_equal(releases[i].changes, text);
	}
}

/* Each cut and each flipped byte of a file: no reading past its end. */
static void damaged_files_are_read_as_far_as_they_go(void **state)
{
	size_t cut;

	(void)state;
	for (cut = 0; cut < sizeof(drivers); cut++) {
		__cleanup(kq_symbols_done) struct kq_symbols symbols = { 0 };
		struct kq_error error = { 0 };
		struct ks_buf buf = { 0 };

		ks_put(&buf, (struct ks_span){ (const u8 *)drivers, cut });
		if (cut)
			buf.p[cut / 2] = (u8)(cut * 7);
		assert_int_equal(0, kq_symbols_add(&symbols, ks_span_str("K"), &buf, &error));
		kq_symbols_sort(&symbols);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_has_type_prompt_and_help),
		cmocka_unit_test(only_the_own_architecture_counts),
		cmocka_unit_test(two_releases_are_compared),
		cmocka_unit_test(damaged_files_are_read_as_far_as_they_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
