// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What the kernel's decoders lack beside those of the system's libraries.
 * Source: lib/xz/xz_dec_stream.c and Kconfig, kernel/module/decompress.c of Linux 6.18.
 */
#include <errno.h>
#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "fmt/modsig.h"
#include "kernel/decompress.h"

#define FHCRC 0x02U
#define FEXTRA 0x04U
#define FCOMMENT 0x10U
#define GZIP_FLAGS_OFF 3U

static int check_gzip(struct ks_span in, struct ks_diag *diag)
{
	if (in.bytes > GZIP_FLAGS_OFF && !(in.p[GZIP_FLAGS_OFF] & (FHCRC | FEXTRA | FCOMMENT)))
		return 0;
	return ks_fail(diag, -EINVAL, GZIP_FLAGS_OFF,
		       "gzip header has fields that no kernel reads, compress with gzip -n");
}

/* The filter in front of LZMA2; the kernel has dropped that of IA-64. */
static bool is_bcj(const lzma_filter *f)
{
	/* LZMA_FILTER_ARM64 and LZMA_FILTER_RISCV, which older liblzma do not name. */
	return (f->id == LZMA_FILTER_X86 || f->id == LZMA_FILTER_POWERPC || f->id == LZMA_FILTER_ARM ||
		f->id == LZMA_FILTER_ARMTHUMB || f->id == LZMA_FILTER_SPARC || f->id == 0x0a ||
		f->id == 0x0b) &&
	       !f->options;
}

static bool are_known(const lzma_filter *f)
{
	if (f[0].id == LZMA_FILTER_LZMA2)
		return f[1].id == LZMA_VLI_UNKNOWN;
	return is_bcj(&f[0]) && f[1].id == LZMA_FILTER_LZMA2 && f[2].id == LZMA_VLI_UNKNOWN;
}

static int check_block(struct ks_span in, const lzma_index_iter *iter, struct ks_diag *diag)
{
	lzma_filter filters[LZMA_FILTERS_MAX + 1];
	lzma_block block = { .version = 1, .check = iter->stream.flags->check, .filters = filters };
	struct ks_span head;
	lzma_ret status;
	bool known;
	size_t i;

	if (!ks_span_sub(in, iter->block.compressed_file_offset, 1, &head))
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "xz index is broken");
	block.header_size = lzma_block_header_size_decode(head.p[0]);
	if (!ks_span_sub(in, iter->block.compressed_file_offset, block.header_size, &head))
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "xz index is broken");
	status = lzma_block_header_decode(&block, NULL, head.p);
	if (status == LZMA_MEM_ERROR)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	if (status != LZMA_OK)
		return ks_fail(diag, -EINVAL, iter->block.compressed_file_offset, "xz block is broken");
	known = are_known(filters);
	for (i = 0; filters[i].id != LZMA_VLI_UNKNOWN; i++)
		free(filters[i].options);
	return known ? 0 :
		       ks_fail(diag, -EINVAL, iter->block.compressed_file_offset,
			       "xz filter that the kernel's own decoder lacks, compress with xz --check=crc32 --lzma2=");
}

static void end_index(lzma_index **index)
{
	lzma_index_end(*index, NULL);
}

static int read_index(struct ks_span in, lzma_stream_flags *flags, lzma_index **ret_index,
		      struct ks_diag *diag)
{
	struct ks_span footer, bytes;
	uint64_t memory = 1ULL << 28;
	size_t pos = 0;
	lzma_ret status = LZMA_FORMAT_ERROR;

	if (in.bytes >= 2 * LZMA_STREAM_HEADER_SIZE &&
	    ks_span_sub(in, in.bytes - LZMA_STREAM_HEADER_SIZE, LZMA_STREAM_HEADER_SIZE, &footer))
		status = lzma_stream_footer_decode(flags, footer.p);
	if (status == LZMA_OK && (flags->backward_size > in.bytes - LZMA_STREAM_HEADER_SIZE ||
				  !ks_span_sub(in, in.bytes - LZMA_STREAM_HEADER_SIZE - flags->backward_size,
					       flags->backward_size, &bytes)))
		status = LZMA_FORMAT_ERROR;
	if (status == LZMA_OK)
		status = lzma_index_buffer_decode(ret_index, &memory, NULL, bytes.p, &pos, bytes.bytes);
	if (status == LZMA_MEM_ERROR || status == LZMA_MEMLIMIT_ERROR)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	return status == LZMA_OK ? 0 : ks_fail(diag, -EINVAL, KS_NO_OFF, "xz index is broken");
}

static int check_xz(struct ks_span in, struct ks_diag *diag)
{
	__cleanup(end_index) lzma_index *index = NULL;
	lzma_stream_flags flags = { 0 };
	lzma_index_iter iter;
	int rc = read_index(in, &flags, &index, diag);

	if (rc)
		return rc;
	if (flags.check != LZMA_CHECK_NONE && flags.check != LZMA_CHECK_CRC32)
		return ks_fail(diag, -EINVAL, KS_NO_OFF,
			       flags.check == LZMA_CHECK_CRC64 ?
				       "xz check is CRC64, a kernel that unpacks modules itself knows CRC32 alone, "
				       "compress with xz --check=crc32" :
				       "xz check is not CRC32, the only one of a kernel that unpacks modules itself, "
				       "compress with xz --check=crc32");
	if (lzma_index_stream_flags(index, &flags) != LZMA_OK)
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "xz index is broken");
	lzma_index_iter_init(&iter, index);
	while (!rc && !lzma_index_iter_next(&iter, LZMA_INDEX_ITER_BLOCK))
		rc = check_block(in, &iter, diag);
	return rc;
}

int ks_kernel_unpacks(enum ks_compression kind, struct ks_span in, struct ks_diag *diag)
{
	switch (kind) {
	case KS_COMPRESS_GZIP:
		return check_gzip(in, diag);
	case KS_COMPRESS_XZ:
		return check_xz(in, diag);
	default:
		/* lib/zstd is the library itself, with the same limit of 128 MiB for a window. */
		return 0;
	}
}

/* sign-file takes any bytes: what it appends to a compressed module is behind the stream, where no kernel looks. */
static int fail_signed_outside(u64 stream_bytes, struct ks_diag *diag)
{
	char cut[64];

	snprintf(cut, sizeof(cut), "truncate -s %llu", (unsigned long long)stream_bytes);
	return ks_fail_detail(diag, -EBADMSG,
			      "signed after it was compressed, where no kernel looks for a signature: cut that off "
			      "and sign it with kseal, which signs what is inside",
			      cut);
}

int ks_module_unpack(enum ks_compression kind, struct ks_span file, struct ks_buf *ret_content,
		     struct ks_diag *diag)
{
	struct ks_diag broken = { 0 };
	struct ks_modsig_trailer trailer;
	struct ks_span body;
	int rc = ks_decompress(kind, file, KS_MAX_MODULE_BYTES, ret_content, &broken);

	if (rc == -EBADMSG && ks_modsig_has_marker(file, &body) &&
	    ks_modsig_trailer(body, &trailer) &&
	    trailer.sig_bytes < body.bytes - KS_MODSIG_TRAILER_BYTES)
		return fail_signed_outside(body.bytes - KS_MODSIG_TRAILER_BYTES - trailer.sig_bytes,
					   diag);
	if (rc && diag)
		*diag = broken;
	return rc;
}
