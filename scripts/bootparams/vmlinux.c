// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The tables that a kernel looks its parameters up in, read from the vmlinux that was built:
 *
 *	__setup_start ... __setup_end		struct obs_kernel_param, 24 bytes: name at 0, early at 16
 *	__start___param ... __stop___param	struct kernel_param, 40 bytes: name at 0
 *
 * Pointers are addresses of the link; a position-independent kernel (arm64) keeps them in its
 * relocations, and is refused.
 */
#include "guard.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SETUP_BYTES 24
#define PARAM_BYTES 40

struct image {
	const unsigned char *bytes;
	uint64_t nr_bytes;
	const Elf64_Shdr *sections;
	unsigned int nr_sections;
};

static bool inside(const struct image *image, uint64_t off, uint64_t nr)
{
	return off <= image->nr_bytes && nr <= image->nr_bytes - off;
}

static bool parse_image(struct image *image)
{
	const Elf64_Ehdr *header = (const void *)image->bytes;

	if (!inside(image, 0, sizeof(*header)) || memcmp(header->e_ident, ELFMAG, SELFMAG) ||
	    header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
	    header->e_type != ET_EXEC)
		return false;
	if (header->e_shoff % 8 || !inside(image, header->e_shoff, header->e_shnum * sizeof(Elf64_Shdr)))
		return false;
	image->sections = (const void *)(image->bytes + header->e_shoff);
	image->nr_sections = header->e_shnum;
	return true;
}

/* Return: @nr bytes at a virtual address, or NULL. */
static const unsigned char *at(const struct image *image, uint64_t address, uint64_t nr, uint64_t *ret_room)
{
	for (unsigned int i = 0; i < image->nr_sections; i++) {
		const Elf64_Shdr *section = &image->sections[i];
		uint64_t off = address - section->sh_addr;

		if (!(section->sh_flags & SHF_ALLOC) || section->sh_type == SHT_NOBITS || address < section->sh_addr ||
		    off >= section->sh_size || nr > section->sh_size - off ||
		    !inside(image, section->sh_offset, section->sh_size))
			continue;
		if (ret_room)
			*ret_room = section->sh_size - off;
		return image->bytes + section->sh_offset + off;
	}
	return NULL;
}

static uint64_t le64(const unsigned char *p)
{
	uint64_t value;

	memcpy(&value, p, sizeof(value));
	return value;
}

/* Return: the address of a symbol, or 0. */
static uint64_t symbol(const struct image *image, const char *name)
{
	for (unsigned int i = 0; i < image->nr_sections; i++) {
		const Elf64_Shdr *table = &image->sections[i], *names;
		const Elf64_Sym *symbols;
		uint64_t nr = strlen(name) + 1;

		if (table->sh_type != SHT_SYMTAB || table->sh_link >= image->nr_sections || table->sh_offset % 8 ||
		    !inside(image, table->sh_offset, table->sh_size))
			continue;
		names = &image->sections[table->sh_link];
		symbols = (const void *)(image->bytes + table->sh_offset);
		if (!inside(image, names->sh_offset, names->sh_size))
			continue;
		for (uint64_t s = 0; s < table->sh_size / sizeof(*symbols); s++)
			if (symbols[s].st_name < names->sh_size && nr <= names->sh_size - symbols[s].st_name &&
			    !memcmp(image->bytes + names->sh_offset + symbols[s].st_name, name, nr))
				return symbols[s].st_value;
	}
	return 0;
}

static bool print_table(const struct image *image, const char *kind, const char *from, const char *to, unsigned int bytes)
{
	uint64_t start = symbol(image, from), end = symbol(image, to), room;
	const unsigned char *entry, *name;

	if (!start || end <= start || (end - start) % bytes)
		return false;
	for (; start < end; start += bytes) {
		entry = at(image, start, bytes, NULL);
		name = entry ? at(image, le64(entry), 1, &room) : NULL;
		if (!name || !memchr(name, '\0', room))
			return false;
		if (bytes == SETUP_BYTES && entry[16])
			printf("early %s\n", (const char *)name);
		else
			printf("%s %s\n", kind, (const char *)name);
	}
	return true;
}

int print_tables(const char *path)
{
	struct image image = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *map;
	bool ok;

	if (fd < 0 || fstat(fd, &st)) {
		fprintf(stderr, "boot-guard: %s: %s\n", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return 1;
	}
	map = mmap(NULL, st.st_size ? (size_t)st.st_size : 1, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (map == MAP_FAILED) {
		fprintf(stderr, "boot-guard: %s: %s\n", path, strerror(errno));
		return 1;
	}
	image.bytes = map;
	image.nr_bytes = (uint64_t)st.st_size;
	ok = parse_image(&image) && print_table(&image, "setup", "__setup_start", "__setup_end", SETUP_BYTES) &&
	     print_table(&image, "param", "__start___param", "__stop___param", PARAM_BYTES);
	if (!ok)
		fprintf(stderr, "boot-guard: %s: no parameter tables that could be read; give the x86 vmlinux of the build\n",
			path);
	munmap(map, st.st_size ? (size_t)st.st_size : 1);
	return ok ? 0 : 1;
}
