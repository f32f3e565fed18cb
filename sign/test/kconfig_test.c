// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "fmt/kconfig.h"

static void assert_value(const struct ks_kconfig *config, const char *symbol, const char *value)
{
	const struct ks_kconfig_entry *entry = ks_kconfig_find(config, ks_span_str(symbol));

	assert_non_null(entry);
	assert_true(ks_span_eq(entry->symbol, ks_span_str(symbol)));
	assert_true(ks_span_eq(entry->value, ks_span_str(value)));
}

static void symbols_are_found_whatever_their_order(void **state)
{
	/* What it was before does not count. */
	struct ks_kconfig config = { .nr = 7 };

	(void)state;
	assert_int_equal(0, ks_kconfig_parse(ks_span_str("# comment\n\nCONFIG_B=y\n# CONFIG_C is not set\nCONFIG_A=m\n"
							 "CONFIG_D=\"a b\"\nCONFIG_E=\"\"\nCONFIG_F=0x10\n"
							 "CONFIG_G=\"a \\\"b\\\"\"\n# CONFIG_H is set\n# CONFIG_\n"
							 "CONFIG_AB=-1"),
					     &config, NULL));
	assert_int_equal(8, config.nr);
	assert_value(&config, "A", "m");
	assert_value(&config, "AB", "-1");
	assert_value(&config, "B", "y");
	assert_value(&config, "C", "n");
	assert_value(&config, "D", "a b");
	assert_value(&config, "E", "");
	assert_value(&config, "F", "0x10");
	assert_value(&config, "G", "a \\\"b\\\"");
	assert_null(ks_kconfig_find(&config, ks_span_str("H")));
	assert_null(ks_kconfig_find(&config, ks_span_str("")));
	ks_kconfig_done(&config);
	assert_null(config.entry);
	assert_int_equal(0, config.nr);
}

static void what_is_no_configuration_is_refused_where_it_begins(void **state)
{
	static const struct {
		const char *text;
		u64 off;
		const char *what;
	} rows[] = {
		{ "", 0, "no configuration, it has no line CONFIG_SYMBOL=VALUE" },
		{ "# CONFIG\n", 0, "no configuration, it has no line CONFIG_SYMBOL=VALUE" },
		{ "CONFIG_A=y\nA=y\n", 11, "line of the configuration is neither CONFIG_SYMBOL=VALUE nor a comment" },
		{ "CONFIG_A=y\n CONFIG_B=y\n", 11, "line of the configuration is neither CONFIG_SYMBOL=VALUE nor a comment" },
		{ "CONFIG_=y\n", 0, "line of the configuration is neither CONFIG_SYMBOL=VALUE nor a comment" },
		{ "CONFIG_A y\n", 0, "line of the configuration is neither CONFIG_SYMBOL=VALUE nor a comment" },
		{ "CONFIG_A=\"x\n", 0, "string of the configuration has no end" },
		{ "CONFIG_A=\"\n", 0, "string of the configuration has no end" },
		{ "CONFIG_A=\n", 0, "symbol of the configuration has no value" },
		{ "CONFIG_A=y\nCONFIG_B=y\n# CONFIG_A is not set\n", 31, "configuration names a symbol twice" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(rows); i++) {
		__cleanup(ks_kconfig_done) struct ks_kconfig config = { 0 };
		struct ks_diag diag = { 0 };

		assert_int_equal(-EBADMSG, ks_kconfig_parse(ks_span_str(rows[i].text), &config, &diag));
		assert_string_equal(rows[i].what, diag.what);
		assert_int_equal(rows[i].off, diag.off);
	}
}

static void more_symbols_than_a_kernel_has_are_refused(void **state)
{
	__cleanup(ks_kconfig_done) struct ks_kconfig config = { 0 }, more = { 0 };
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct ks_diag diag = { 0 };
	char line[32];
	size_t i;

	(void)state;
	for (i = 0; i < KS_MAX_KCONFIG_SYMBOLS; i++) {
		snprintf(line, sizeof(line), "CONFIG_%zu=y\n", i);
		ks_put_str(&text, line);
	}
	assert_int_equal(0, ks_kconfig_parse(ks_buf_span(&text), &config, NULL));
	assert_int_equal(KS_MAX_KCONFIG_SYMBOLS, config.nr);
	assert_value(&config, "65535", "y");
	ks_put_str(&text, "CONFIG_X=y\n");
	assert_int_equal(-E2BIG, ks_kconfig_parse(ks_buf_span(&text), &more, &diag));
	assert_string_equal("configuration has more than 65536 symbols", diag.what);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(symbols_are_found_whatever_their_order),
		cmocka_unit_test(what_is_no_configuration_is_refused_where_it_begins),
		cmocka_unit_test(more_symbols_than_a_kernel_has_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
