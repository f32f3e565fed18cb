// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the kernel's init/initramfs.c unpacks and what it stops at. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "kernel/initrd.h"

/* One entry of newc; @name with its NUL. */
static void put_entry(struct ks_buf *out, const char *magic, u32 mode, u32 sum, struct ks_span name,
		      struct ks_span content)
{
	char header[111];

	snprintf(header, sizeof(header), "%s%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x",
		 magic, 1, mode, 0, 0, 1, 0, content.bytes, 0, 0, 0, 0, name.bytes, sum);
	ks_put_str(out, header);
	ks_put(out, name);
	ks_put_align(out, 4);
	ks_put(out, content);
	ks_put_align(out, 4);
}

#define WITH_NUL(text) ((struct ks_span){ (const u8 *)(text), sizeof(text) })

static void initrds_are_read_as_the_kernel_reads_them(void **state)
{
	const u32 file = 0100644;
	const struct ks_span name = WITH_NUL("init"), none = { 0 };
	static const struct {
		const char *before;
		size_t before_bytes;
		const char *behind;
		size_t behind_bytes;
		int err;
	} cases[] = {
		{ "", 0, "", 0, 0 },
		{ "\0\0\0\0", 4, "", 0, 0 },
		{ "\0\0\0", 3, "", 0, -EBADMSG },
		{ "", 0, "\0\0\0\0\0", 5, 0 },
		{ "", 0, "\x1f\x8b", 2, 0 },
		{ "", 0, "\0\0\0\0\x1f\x8b", 6, 0 },
		{ "", 0, "\0\0\0\x1f\x8b", 5, -EBADMSG },
		{ "\0\x1f\x8b", 3, "", 0, 0 },
		{ "", 0, "text", 4, -EBADMSG },
		{ "", 0, "070701", 6, -EBADMSG },
		{ "text", 4, "", 0, -EBADMSG },
	};
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(cases); i++) {
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };

		ks_put(&b, (struct ks_span){ (const u8 *)cases[i].before, cases[i].before_bytes });
		put_entry(&b, "070701", file, 0, name, ks_span_str("content"));
		put_entry(&b, "070702", file, 'x', name, ks_span_str("x"));
		put_entry(&b, "070701", 0, 0, WITH_NUL("TRAILER!!!"), none);
		ks_put(&b, (struct ks_span){ (const u8 *)cases[i].behind, cases[i].behind_bytes });
		assert_int_equal(0, ks_buf_ok(&b, NULL));
		if (ks_kernel_check_initrd(ks_buf_span(&b), NULL) != cases[i].err)
			fail_msg("case %zu", i);
	}
	assert_int_equal(-EBADMSG, ks_kernel_check_initrd(none, NULL));
}

static void an_entry_of_an_initrd_that_is_broken_is_refused(void **state)
{
	const struct ks_span name = WITH_NUL("init");
	static const struct {
		const char *magic;
		u32 mode, sum, off;
		char byte;
		int err;
	} cases[] = {
		{ "070701", 0100644, 0, 0, '0', 0 },
		{ "070701", 0100644, 7, 0, '0', 0 },
		{ "070702", 0100644, 7, 0, '0', -EBADMSG },
		{ "070701", 0120777, 7, 0, '0', 0 },
		{ "070701", 0040755, 0, 0, '0', -EBADMSG },
		{ "070707", 0100644, 0, 0, '0', -EBADMSG },
		{ "070703", 0100644, 0, 0, '0', -EBADMSG },
		/* the name's length: no hex, 0, past the end; and its NUL */
		{ "070701", 0100644, 0, 94, 'g', -EBADMSG },
		{ "070701", 0100644, 0, 101, '0', -EBADMSG },
		{ "070701", 0100644, 0, 94, '1', -EBADMSG },
		{ "070701", 0100644, 0, 114, 'x', -EBADMSG },
		/* the content's length */
		{ "070701", 0100644, 0, 54, 'f', -EBADMSG },
		{ "070701", 0100644, 0, 61, 'A', -EBADMSG },
		{ "070701", 0100644, 0, 61, '8', 0 },
		{ "070701", 0100644, 0, 61, '9', -EBADMSG },
	};
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(cases); i++) {
		__cleanup(ks_buf_done) struct ks_buf b = { 0 };

		put_entry(&b, cases[i].magic, cases[i].mode, cases[i].sum, name,
			  ks_span_str("content"));
		ks_buf_patch(&b, cases[i].off,
			     (struct ks_span){ (const u8 *)&cases[i].byte, 1 });
		assert_int_equal(0, ks_buf_ok(&b, NULL));
		if (ks_kernel_check_initrd(ks_buf_span(&b), NULL) != cases[i].err)
			fail_msg("case %zu", i);
	}
}

static void every_compression_of_the_kernel_is_an_initrd(void **state)
{
	static const char *const good[] = { "\x1f\x8b", "\x1f\x9e", "BZh9", "\x5d", "\3757zXZ",
					    "\x89LZO\0\x0d", "\x02\x21\x4c\x18", "\x28\xb5\x2f\xfd" };
	static const char *const bad[] = { "", "07070", "070703", "\x1f", "PK", "ELF",
					   "\x04\x22\x4d\x18" };
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(good); i++) {
		/* Some magics have a NUL inside or at their end. */
		struct ks_span s = { (const u8 *)good[i], i == 5 ? 6 : strlen(good[i]) + 1 };

		if (ks_kernel_check_initrd(s, NULL))
			fail_msg("%zu", i);
	}
	for (i = 0; i < KS_ARRAY_SIZE(bad); i++)
		if (!ks_kernel_check_initrd(ks_span_str(bad[i]), NULL))
			fail_msg("%s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(initrds_are_read_as_the_kernel_reads_them),
		cmocka_unit_test(an_entry_of_an_initrd_that_is_broken_is_refused),
		cmocka_unit_test(every_compression_of_the_kernel_is_an_initrd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
