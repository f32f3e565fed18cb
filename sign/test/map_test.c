// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/file.h"

static int nr_unmapped;

/* The file itself, so that what it asks of the system can be watched. */
#define munmap(p, bytes) (nr_unmapped++, munmap(p, bytes))
#include "base/map.c"

static char path[] = "/tmp/kseal-map-XXXXXX";

static void put(const char *text)
{
	struct ks_span part = ks_span_str(text);

	assert_int_equal(0, ks_file_publish(path, &part, 1, 0600, NULL));
}

static void a_mapped_file_is_what_is_in_it(void **state)
{
	struct ks_map map = { 0 };
	(void)state;

	ks_map_close(&map);
	assert_int_equal(0, nr_unmapped);
	put("text");
	assert_int_equal(0, ks_map_open(path, 4, &map, NULL));
	assert_true(ks_span_eq(ks_map_span(&map), ks_span_str("text")));
	ks_map_close(&map);
	ks_map_close(&map);
	assert_int_equal(1, nr_unmapped);
	assert_int_equal(0, ks_map_span(&map).bytes);
}

static void descriptor_0_is_as_good_as_any(void **state)
{
	struct ks_map map = { 0 };
	int in = dup(0);
	(void)state;

	put("text");
	close(0);
	assert_int_equal(0, ks_map_open(path, 4, &map, NULL));
	assert_int_equal(4, ks_map_span(&map).bytes);
	assert_int_equal(0, dup2(in, 0));
	close(in);
	ks_map_close(&map);
}

static void what_is_too_large_or_no_file_is_refused(void **state)
{
	struct ks_diag diag = { 0 };
	struct ks_map map = { 0 };
	(void)state;

	put("text");
	assert_int_equal(-E2BIG, ks_map_open(path, 3, &map, &diag));
	assert_string_equal(path, diag.file);
	assert_int_equal(-EINVAL, ks_map_open("/tmp", 4, &map, NULL));
	assert_int_equal(-ENOENT, ks_map_open("/tmp/kseal-map-none", 4, &map, NULL));
	assert_int_equal(0, ks_map_span(&map).bytes);
}

static void an_empty_file_is_an_empty_span(void **state)
{
	struct ks_map map = { (u8 *)path, 5 };
	(void)state;

	put("");
	assert_int_equal(0, ks_map_open(path, 0, &map, NULL));
	assert_int_equal(0, ks_map_span(&map).bytes);
	ks_map_close(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mapped_file_is_what_is_in_it),
		cmocka_unit_test(descriptor_0_is_as_good_as_any),
		cmocka_unit_test(what_is_too_large_or_no_file_is_refused),
		cmocka_unit_test(an_empty_file_is_an_empty_span),
	};
	int fd = mkstemp(path), rc;

	if (fd < 0)
		return 1;
	close(fd);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return rc;
}
