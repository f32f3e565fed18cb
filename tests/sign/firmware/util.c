// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "images.h"

void die(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fputc('\n', stderr);
	exit(1);
}

struct bytes bytes_new(size_t n)
{
	struct bytes b = { calloc(1, n + 1), n };

	if (!b.p)
		die("out of memory");
	return b;
}

struct bytes copy_of(const void *p, size_t n)
{
	struct bytes b = bytes_new(n);

	if (n)
		memcpy(b.p, p, n);
	return b;
}

/* An empty part that is not the end has a pointer. */
struct bytes join(struct bytes first, ...)
{
	struct bytes all = copy_of(first.p, first.n), part;
	va_list list;

	va_start(list, first);
	for (part = va_arg(list, struct bytes); part.p; part = va_arg(list, struct bytes)) {
		all.p = realloc(all.p, all.n + part.n + 1);
		if (!all.p)
			die("out of memory");
		if (part.n)
			memcpy(all.p + all.n, part.p, part.n);
		all.n += part.n;
	}
	va_end(list);
	return all;
}

void put_le(uint8_t *at, unsigned int size, uint64_t value)
{
	for (; size; size--, value >>= 8)
		*at++ = (uint8_t)value;
}

uint64_t get_le(const uint8_t *at, unsigned int size)
{
	uint64_t value = 0;

	while (size--)
		value = value << 8 | at[size];
	return value;
}

struct bytes digest(const EVP_MD *md, struct bytes data)
{
	struct bytes d = bytes_new((size_t)EVP_MD_get_size(md));

	if (!EVP_Digest(data.p, data.n, d.p, NULL, md, NULL))
		die("no digest");
	return d;
}

void write_file(const char *directory, const char *name, const char *suffix, struct bytes content)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s%s", directory, name, suffix);
	f = fopen(path, "wb");
	if (!f || fwrite(content.p, 1, content.n, f) != content.n || fclose(f))
		die("%s: %s", path, strerror(errno));
}
