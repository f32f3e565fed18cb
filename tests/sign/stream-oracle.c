// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * stream-oracle FILE...: what module_decompress() makes of gzip and xz streams: "0" or the errno of
 * each file, a line per file. Compiled with the kernel's own decoders and the functions around them
 * (streams.inc) by tests/sign/module-kernel.bats, which makes stream-kernel.h known to all of them.
 */
#include <stdio.h>

#include "stream-kernel.h"

#include <linux/xz.h>
#include <linux/zlib.h>

/* A page is where the output goes; what it holds is not asked. */
struct load_info {
	int nr_pages;
};

struct page {
	char bytes[PAGE_SIZE];
};

static struct page *module_get_next_page(struct load_info *info)
{
	static struct page page;

	info->nr_pages++;
	return &page;
}

#define kmap_local_page(page) ((void *)(page)->bytes)
#define kunmap_local(p) ((void)(p))

#include <streams.inc>

static long unpack(const unsigned char *in, size_t bytes)
{
	struct load_info info = { 0 };

	return bytes && in[0] == 0x1f ? module_gzip_decompress(&info, in, bytes) :
					module_xz_decompress(&info, in, bytes);
}

int main(int argc, char **argv)
{
	static unsigned char in[64 << 20];
	int i;

	xz_crc32_init();
	for (i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "r");
		size_t bytes = f ? fread(in, 1, sizeof(in), f) : 0;
		long rc = unpack(in, bytes);

		if (!f)
			return 1;
		fclose(f);
		printf("%ld\n", rc < 0 ? -rc : 0);
	}
	return 0;
}
