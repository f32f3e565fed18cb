// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fmt/elf.h"

#include <string.h>

#include "base/cursor.h"

static struct ks_span part_of(struct ks_span s, u64 off, u64 n)
{
	struct ks_span part = { 0 };

	return ks_span_sub(s, off, n, &part) ? part : (struct ks_span){ 0 };
}

bool ks_elf_probe(struct ks_span file)
{
	return file.bytes >= SELFMAG && !memcmp(file.p, ELFMAG, SELFMAG);
}

u16 ks_elf_machine(struct ks_span file)
{
	if (file.bytes < sizeof(Elf64_Ehdr) || !ks_elf_probe(file))
		return 0;
	return ks_elf_header(file).e_machine;
}

Elf64_Ehdr ks_elf_header(struct ks_span file)
{
	struct ks_cursor c;
	Elf64_Ehdr h;

	ks_cursor_init(&c, part_of(file, 0, sizeof(h)), 0);
	ks_cursor_skip(&c, EI_NIDENT);
	memset(&h, 0, sizeof(h));
	h.e_type = ks_get_le16(&c);
	h.e_machine = ks_get_le16(&c);
	h.e_version = ks_get_le32(&c);
	h.e_entry = ks_get_le64(&c);
	h.e_phoff = ks_get_le64(&c);
	h.e_shoff = ks_get_le64(&c);
	h.e_flags = ks_get_le32(&c);
	h.e_ehsize = ks_get_le16(&c);
	h.e_phentsize = ks_get_le16(&c);
	h.e_phnum = ks_get_le16(&c);
	h.e_shentsize = ks_get_le16(&c);
	h.e_shnum = ks_get_le16(&c);
	h.e_shstrndx = ks_get_le16(&c);
	return h;
}

Elf64_Shdr ks_elf_section(struct ks_span sections, u32 idx)
{
	struct ks_cursor c;
	Elf64_Shdr s;

	ks_cursor_init(&c, part_of(sections, (u64)idx * sizeof(s), sizeof(s)), 0);
	s.sh_name = ks_get_le32(&c);
	s.sh_type = ks_get_le32(&c);
	s.sh_flags = ks_get_le64(&c);
	s.sh_addr = ks_get_le64(&c);
	s.sh_offset = ks_get_le64(&c);
	s.sh_size = ks_get_le64(&c);
	s.sh_link = ks_get_le32(&c);
	s.sh_info = ks_get_le32(&c);
	s.sh_addralign = ks_get_le64(&c);
	s.sh_entsize = ks_get_le64(&c);
	return s;
}

const char *ks_elf_text(struct ks_span table, u64 off)
{
	struct ks_span rest;

	if (off >= table.bytes || table.p[table.bytes - 1] ||
	    !ks_span_sub(table, off, table.bytes - off, &rest))
		return NULL;
	return (const char *)rest.p;
}
