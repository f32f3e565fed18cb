// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * CVE records: releases in their order, and what the ranges of a record say of one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cve/record.h"
#include "text/text.h"

#define RECORD "CVE-2026-1234.json"

static struct kq_order order(const char *text)
{
	struct kq_order out;

	assert_true(kq_order_read(ks_span_str(text), &out));
	return out;
}

static void releases_have_an_order(void **state)
{
	static const char *const sorted[] = { "0",	  "2.6.32",    "2.6.32.71", "6.9",
					      "6.18-rc1", "6.18-rc10", "6.18",	    "6.18.1",
					      "6.18.15",  "6.19-rc1",  "6.19",	    "7.0" };
	size_t i, k;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(sorted); i++) {
		for (k = 0; k < KS_ARRAY_SIZE(sorted); k++) {
			struct kq_order a = order(sorted[i]), b = order(sorted[k]);
			int compared = kq_order_compare(&a, &b);

			assert_int_equal(i < k ? -1 : i > k, compared);
		}
	}
}

static void what_is_no_release_is_refused(void **state)
{
	static const char *const bad[] = {
		"",	    "6.",    ".6",	  "6..1",	   "v6.18", "6.18-rc",
		"6.18-foo", "6.18 ", "1.2.3.4.5", "6.99999999999", "6.*",   "*"
	};
	struct kq_order out;
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(bad); i++)
		assert_false(kq_order_read(ks_span_str(bad[i]), &out));
}

static void a_pattern_ends_with_its_series(void **state)
{
	static const struct {
		const char *release;
		const char *pattern;
		bool within;
	} rows[] = {
		{ "6.18.15", "6.18.*", true },	{ "6.18.15", "*", true },
		{ "6.18.15", "6.12.*", false }, { "6.12.60", "6.18.*", true },
		{ "6.18.15", "6.18.15", true }, { "6.18.15", "6.18.14", false },
		{ "6.18.15", "six", false },	{ "6.18.15", "6.*", true },
		{ "6.1.2", "6.18.*", true },	{ "6.18.15", "6.1.*", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(rows); i++) {
		struct kq_order release = order(rows[i].release);

		assert_int_equal(rows[i].within,
				 kq_order_within(&release, ks_span_str(rows[i].pattern)));
	}
}

static void write_record(const char *entries)
{
	FILE *f = fopen(RECORD, "w");

	assert_non_null(f);
	fprintf(f,
		"{\"cveMetadata\":{\"cveId\":\"CVE-2026-1234\",\"state\":\"PUBLISHED\"},"
		"\"containers\":{\"cna\":{\"affected\":[%s]}}}",
		entries);
	assert_int_equal(0, fclose(f));
}

/* Of 6.18.15. */
static void says(enum kq_record_says want, const char *release, const char *entries)
{
	__cleanup(kq_record_done) struct kq_record record = { 0 };
	const struct kq_order base = order("6.18.15");
	struct kq_error error = { 0 };

	write_record(entries);
	assert_int_equal(0, kq_record_load(RECORD, &base, &record, &error));
	assert_int_equal(want, record.says);
	assert_string_equal(release, record.release);
}

#define ENTRY(status, ranges)                                                     \
	"{\"vendor\":\"Linux\",\"product\":\"Linux\",\"defaultStatus\":\"" status \
	"\",\"versions\":[" ranges "]}"
#define RANGE(from, key, to, status, type)                                      \
	"{\"version\":\"" from "\",\"" key "\":\"" to "\",\"status\":\"" status \
	"\",\"versionType\":\"" type "\"}"
#define GIT                                                           \
	RANGE("0123456789012345678901234567890123456789", "lessThan", \
	      "1123456789012345678901234567890123456789", "affected", "git")
#define BEFORE(to)	RANGE("0", "lessThan", to, "unaffected", "semver")
#define FIXED(from, to) RANGE(from, "lessThanOrEqual", to, "unaffected", "semver")
#define BAD(from, to)	RANGE(from, "lessThan", to, "affected", "semver")

static void the_first_range_that_fits_decides(void **state)
{
	(void)state;
	says(KQ_RECORD_AFFECTED, "", ENTRY("affected", BEFORE("6.1")));
	says(KQ_RECORD_AFFECTED, "6.18.16", ENTRY("affected", FIXED("6.18.16", "6.18.*")));
	says(KQ_RECORD_FIXED, "6.18.15", ENTRY("affected", FIXED("6.18.15", "6.18.*")));
	says(KQ_RECORD_FIXED, "6.17", ENTRY("affected", FIXED("6.17", "*")));
	says(KQ_RECORD_LATER, "6.19", ENTRY("affected", BEFORE("6.19")));
	says(KQ_RECORD_AFFECTED, "", ENTRY("unaffected", BAD("6.18", "6.18.16")));
	says(KQ_RECORD_OUTSIDE, "", ENTRY("unaffected", BAD("6.18", "6.18.15")));
	says(KQ_RECORD_OUTSIDE, "", ENTRY("unaffected", BAD("6.18.16", "6.19")));
	says(KQ_RECORD_AFFECTED, "", ENTRY("unaffected", BAD("6.18", "*")));
	says(KQ_RECORD_AFFECTED, "", ENTRY("unaffected", BAD("6.1", "7") "," FIXED("6.18.1", "*")));
}

static void any_part_that_says_affected_outweighs_the_others(void **state)
{
	(void)state;
	says(KQ_RECORD_AFFECTED, "", ENTRY("unaffected", GIT) "," ENTRY("affected", BEFORE("6.1")));
	says(KQ_RECORD_AFFECTED, "",
	     ENTRY("affected", FIXED("6.18.1", "6.18.*")) "," ENTRY("unaffected", BAD("6.1", "7")));
	says(KQ_RECORD_FIXED, "6.18.1",
	     ENTRY("unaffected", BAD("6.1", "6.2")) "," ENTRY("affected", FIXED("6.18.1", "*")));
}

static void doubt_never_says_that_all_is_well(void **state)
{
	(void)state;
	says(KQ_RECORD_UNCLEAR, "", ENTRY("unaffected", GIT));
	says(KQ_RECORD_AFFECTED, "", ENTRY("affected", GIT));
	says(KQ_RECORD_AFFECTED, "", ENTRY("unknown", FIXED("6.1", "6.1.*")));
	says(KQ_RECORD_AFFECTED, "", ENTRY("unaffected", BAD("six", "7")));
	says(KQ_RECORD_AFFECTED, "", ENTRY("unaffected", BAD("6.1", "seven")));
	says(KQ_RECORD_AFFECTED, "", ENTRY("affected", FIXED("6.1", "seven")));
	says(KQ_RECORD_OTHER, "", "{\"vendor\":\"Other\",\"product\":\"Linux\"}");
	says(KQ_RECORD_OTHER, "", "1,[],null,{\"vendor\":7}");
	says(KQ_RECORD_AFFECTED, "", "{\"vendor\":\"Linux\",\"product\":\"Linux\",\"versions\":7}");
}

static void what_is_no_record_is_refused(void **state)
{
	static const char *const bad[] = { "",
					   "[]",
					   "{}",
					   "{\"cveMetadata\":7}",
					   "{\"cveMetadata\":{\"cveId\":\"CVE-2026-12345\"}}",
					   "{\"cveMetadata\":{\"cveId\":\"CVE-2026-123\"}}" };
	const struct kq_order base = order("6.18.15");
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(bad); i++) {
		struct kq_record record = { 0 };
		struct kq_error error = { 0 };
		FILE *f = fopen(RECORD, "w");

		assert_non_null(f);
		fputs(bad[i], f);
		assert_int_equal(0, fclose(f));
		assert_int_equal(-EBADMSG, kq_record_load(RECORD, &base, &record, &error));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(releases_have_an_order),
		cmocka_unit_test(what_is_no_release_is_refused),
		cmocka_unit_test(a_pattern_ends_with_its_series),
		cmocka_unit_test(the_first_range_that_fits_decides),
		cmocka_unit_test(any_part_that_says_affected_outweighs_the_others),
		cmocka_unit_test(doubt_never_says_that_all_is_well),
		cmocka_unit_test(what_is_no_record_is_refused),
	};
	char dir[] = "/tmp/cve_test.XXXXXX";
	int rc;

	if (!mkdtemp(dir) || chdir(dir))
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	if (unlink(RECORD) || rmdir(dir))
		return 1;
	return rc;
}
