// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Compression of modules and images. That the bytes are those of the xz and zstd programs, and that
 * these programs and kmod read ours, is in tests/sign/module-compress.bats.
 */
#include <errno.h>
#include <lzma.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "fmt/compress.h"

static const struct {
	const char *name;
	enum ks_compression kind;
} kinds[] = {
	{ "gzip", KS_COMPRESS_GZIP },
	{ "xz", KS_COMPRESS_XZ },
	{ "zstd", KS_COMPRESS_ZSTD },
	{ "lzma", KS_COMPRESS_LZMA },
};

/* Bytes that repeat a little, as code does; the same on every run. */
static void make_text(struct ks_buf *b, size_t bytes)
{
	u64 x = 1;

	while (b->bytes < bytes) {
		x = x * 6364136223846793005ULL + 1442695040888963407ULL;
		ks_put_le32(b, (u32)(x >> 33) & 0xf0f00f0f);
	}
	b->bytes = bytes;
	assert_int_equal(0, ks_buf_ok(b, NULL));
}

/* The old format is only ever read here, so the test writes it. */
static void pack_lzma(struct ks_span in, u32 dict_bytes, struct ks_buf *out)
{
	__cleanup(lzma_end) lzma_stream s = LZMA_STREAM_INIT;
	size_t bound = in.bytes + in.bytes / 8 + 4096;
	lzma_options_lzma options;

	assert_false(lzma_lzma_preset(&options, 1));
	options.dict_size = dict_bytes;
	assert_int_equal(LZMA_OK, lzma_alone_encoder(&s, &options));
	s.next_in = in.p;
	s.avail_in = in.bytes;
	s.next_out = ks_put_room(out, bound);
	s.avail_out = bound;
	assert_int_equal(LZMA_STREAM_END, lzma_code(&s, LZMA_FINISH));
	ks_put_done(out, bound - s.avail_out);
	assert_int_equal(0, ks_buf_ok(out, NULL));
}

static void pack(enum ks_compression kind, struct ks_span in, struct ks_buf *out)
{
	if (kind == KS_COMPRESS_LZMA)
		pack_lzma(in, 1U << 20, out);
	else
		assert_int_equal(0, ks_compress(kind, in, out, NULL));
}

static void content_comes_back_at_every_size(void **state)
{
	static const size_t sizes[] = { 0, 1, 4095, 65536, 262143, 262144, 262145, 3000000 };
	size_t i, k;
	(void)state;

	for (k = 0; k < KS_ARRAY_SIZE(kinds); k++) {
		for (i = 0; i < KS_ARRAY_SIZE(sizes); i++) {
			__cleanup(ks_buf_done) struct ks_buf text = { 0 }, small = { 0 },
							     back = { 0 };
			struct ks_span in;

			make_text(&text, sizes[i]);
			in = ks_buf_span(&text);
			pack(kinds[k].kind, in, &small);
			assert_int_equal(kinds[k].kind, ks_compression_of(ks_buf_span(&small)));
			/* A cap of exactly the content is enough, one byte less is not. */
			assert_int_equal(0, ks_decompress(kinds[k].kind, ks_buf_span(&small),
							  sizes[i], &back, NULL));
			assert_true(ks_span_eq(in, ks_buf_span(&back)));
			if (sizes[i])
				assert_int_equal(-E2BIG,
						 ks_decompress(kinds[k].kind, ks_buf_span(&small),
							       sizes[i] - 1, &back, NULL));
		}
	}
}

static void same_input_gives_the_same_bytes_without_name_or_time(void **state)
{
	static const u8 gzip_head[10] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3 };
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	size_t k;
	(void)state;

	make_text(&text, 100000);
	for (k = 0; k < 3; k++) {
		__cleanup(ks_buf_done) struct ks_buf a = { 0 }, b = { 0 };

		pack(kinds[k].kind, ks_buf_span(&text), &a);
		pack(kinds[k].kind, ks_buf_span(&text), &b);
		assert_true(ks_span_eq(ks_buf_span(&a), ks_buf_span(&b)));
		if (kinds[k].kind == KS_COMPRESS_GZIP)
			assert_memory_equal(gzip_head, a.p, sizeof(gzip_head));
	}
}

static void a_stream_cut_short_anywhere_is_refused(void **state)
{
	size_t k, n;
	(void)state;

	for (k = 0; k < KS_ARRAY_SIZE(kinds); k++) {
		__cleanup(ks_buf_done) struct ks_buf text = { 0 }, small = { 0 }, back = { 0 };

		make_text(&text, 1000);
		pack(kinds[k].kind, ks_buf_span(&text), &small);
		for (n = 0; n < small.bytes; n++) {
			struct ks_diag diag = { 0 };

			if (ks_decompress(kinds[k].kind, (struct ks_span){ small.p, n }, 1 << 20,
					  &back, &diag) != -EBADMSG)
				fail_msg("%s cut to %zu of %zu", kinds[k].name, n, small.bytes);
			assert_non_null(diag.what);
			assert_int_equal(0, back.bytes);
		}
	}
}

static void a_changed_byte_never_changes_the_content(void **state)
{
	size_t k, n;
	(void)state;

	/* The old format has no checksum; all others have one. */
	for (k = 0; k < 3; k++) {
		__cleanup(ks_buf_done) struct ks_buf text = { 0 }, small = { 0 };

		make_text(&text, 600);
		pack(kinds[k].kind, ks_buf_span(&text), &small);
		for (n = 0; n < small.bytes; n++) {
			__cleanup(ks_buf_done) struct ks_buf back = { 0 };

			small.p[n] ^= 0x10;
			/* gzip's header has bytes that say nothing (the time, the system). */
			if (!ks_decompress(kinds[k].kind, ks_buf_span(&small), 1 << 20, &back,
					   NULL))
				assert_true(ks_span_eq(ks_buf_span(&text), ks_buf_span(&back)));
			small.p[n] ^= 0x10;
		}
	}
}

static void bytes_or_a_stream_behind_the_first_are_refused(void **state)
{
	size_t k;
	(void)state;

	for (k = 0; k < KS_ARRAY_SIZE(kinds); k++) {
		__cleanup(ks_buf_done) struct ks_buf text = { 0 }, one = { 0 }, two = { 0 },
						     back = { 0 };
		struct ks_diag diag = { 0 };

		make_text(&text, 1000);
		pack(kinds[k].kind, ks_buf_span(&text), &one);
		ks_put(&two, ks_buf_span(&one));
		ks_put(&two, ks_buf_span(&one));
		assert_int_equal(-EBADMSG, ks_decompress(kinds[k].kind, ks_buf_span(&two), 1 << 20,
							 &back, &diag));
		assert_int_equal(one.bytes, diag.off);
		assert_string_equal(
			"bytes behind the compressed stream, which the kernel would not read",
			diag.what);
		ks_put_u8(&one, 0);
		assert_int_equal(-EBADMSG, ks_decompress(kinds[k].kind, ks_buf_span(&one), 1 << 20,
							 &back, NULL));
	}
}

/* 64 MiB of zeros are a few KiB of any kind: the cap must hold before the memory is taken. */
static void a_bomb_stops_at_the_cap(void **state)
{
	size_t k;
	(void)state;

	for (k = 0; k < KS_ARRAY_SIZE(kinds); k++) {
		__cleanup(ks_buf_done) struct ks_buf zeros = { 0 }, bomb = { 0 }, back = { 0 };
		struct ks_diag diag = { 0 };

		ks_put_fill(&zeros, 0, 64 << 20);
		pack(kinds[k].kind, ks_buf_span(&zeros), &bomb);
		assert_true(bomb.bytes < (1 << 17));
		assert_int_equal(-E2BIG, ks_decompress(kinds[k].kind, ks_buf_span(&bomb), 1 << 20,
						       &back, &diag));
		assert_string_equal("decompressed content is over its limit", diag.what);
		assert_int_equal(
			0, ks_decompress(kinds[k].kind, ks_buf_span(&bomb), 64 << 20, &back, NULL));
		assert_int_equal(zeros.bytes, back.bytes);
	}
}

static void a_dictionary_over_the_limit_is_refused(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 }, small = { 0 }, back = { 0 };
	(void)state;

	make_text(&text, 1000);
	pack_lzma(ks_buf_span(&text), 1U << 27, &small);
	assert_int_equal(
		0, ks_decompress(KS_COMPRESS_LZMA, ks_buf_span(&small), 1 << 20, &back, NULL));
	small.bytes = 0;
	pack_lzma(ks_buf_span(&text), 1U << 28, &small);
	assert_int_equal(
		-E2BIG, ks_decompress(KS_COMPRESS_LZMA, ks_buf_span(&small), 1 << 20, &back, NULL));
}

static void what_is_not_compressed_is_copied_up_to_the_cap(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	struct ks_span elf = ks_span_str("\177ELF");
	(void)state;

	assert_int_equal(KS_COMPRESS_NONE, ks_compression_of(elf));
	assert_int_equal(KS_COMPRESS_NONE, ks_compression_of((struct ks_span){ 0 }));
	assert_int_equal(0, ks_decompress(KS_COMPRESS_NONE, elf, 4, &out, NULL));
	assert_true(ks_span_eq(elf, ks_buf_span(&out)));
	assert_int_equal(-E2BIG, ks_decompress(KS_COMPRESS_NONE, elf, 3, &out, NULL));
}

static void the_old_format_cannot_be_written(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	(void)state;

	assert_int_equal(-EOPNOTSUPP, ks_compress(KS_COMPRESS_LZMA, ks_span_str("x"), &out, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(content_comes_back_at_every_size),
		cmocka_unit_test(same_input_gives_the_same_bytes_without_name_or_time),
		cmocka_unit_test(a_stream_cut_short_anywhere_is_refused),
		cmocka_unit_test(a_changed_byte_never_changes_the_content),
		cmocka_unit_test(bytes_or_a_stream_behind_the_first_are_refused),
		cmocka_unit_test(a_bomb_stops_at_the_cap),
		cmocka_unit_test(a_dictionary_over_the_limit_is_refused),
		cmocka_unit_test(what_is_not_compressed_is_copied_up_to_the_cap),
		cmocka_unit_test(the_old_format_cannot_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
