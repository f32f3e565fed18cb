// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * elf_validity_cache_copy() and what it calls. Each function here is one of the kernel's, and stands
 * in its order: which of two faults is named decides the line of log.
 */
#include "kernel/elf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cursor.h"
#include "kernel/elf_internal.h"

#define SELF ".gnu.linkonce.this_module"
#define NO_NAME "(missing .modinfo section or name field)"
#define MODULE_NAME_OFF 24U
#define MODULE_NAME_BYTES 56U
/* struct module is ____cacheline_aligned; no 64-bit machine here has lines of less. */
#define CACHELINE_BYTES 64U

bool ks_elf_refuse(struct ks_elf_no *no, int err, u64 off, const char *why, const char *log, ...)
{
	va_list args;

	*no = (struct ks_elf_no){ .err = err, .why = why, .off = off };
	va_start(args, log);
	vsnprintf(no->log, sizeof(no->log), log, args);
	va_end(args);
	return false;
}

bool ks_elf_unchecked(struct ks_elf_no *no, u64 off, const char *why)
{
	*no = (struct ks_elf_no){ .err = -EOPNOTSUPP, .why = why, .off = off };
	return false;
}

static struct ks_span part_of(struct ks_span s, u64 off, u64 n)
{
	struct ks_span part = { 0 };

	return ks_span_sub(s, off, n, &part) ? part : (struct ks_span){ 0 };
}

static bool check_ehdr(struct ks_span file, const Elf64_Ehdr *h, const struct ks_elf_want *want,
		       struct ks_elf_no *no)
{
	if (file.bytes < sizeof(*h))
		return ks_elf_refuse(no, -ENOEXEC, 0, "not an ELF file",
				     "Invalid ELF header len %zu", file.bytes);
	if (memcmp(file.p, ELFMAG, SELFMAG) != 0)
		return ks_elf_refuse(no, -ENOEXEC, 0, "not an ELF file",
				     "Invalid ELF header magic: != %s", ELFMAG);
	if (h->e_type != ET_REL)
		return ks_elf_refuse(no, -ENOEXEC, 16,
				     "ELF file is not relocatable, so not a module",
				     "Invalid ELF header type: %u != %u", h->e_type, ET_REL);
	if (want->machine ? h->e_machine != want->machine :
			    h->e_machine != EM_X86_64 && h->e_machine != EM_AARCH64)
		return ks_elf_refuse(no, -ENOEXEC, 18,
				     want->machine ? "module is for another machine than the kernel" :
						     "module is neither for x86-64 nor arm64",
				     "Invalid architecture in ELF header: %u", h->e_machine);
	return true;
}

static bool check_sections(struct ks_span file, const Elf64_Ehdr *h, struct ks_elf_module *m,
			   struct ks_elf_no *no)
{
	Elf64_Shdr s;
	u32 i;

	if (h->e_shentsize != sizeof(s))
		return ks_elf_refuse(no, -ENOEXEC, 58, "ELF section headers of another size than 64",
				     "Invalid ELF section header size");
	m->nr_sections = h->e_shnum;
	if (h->e_shoff >= file.bytes ||
	    !ks_span_sub(file, h->e_shoff, (u64)h->e_shnum * sizeof(s), &m->sections))
		return ks_elf_refuse(no, -ENOEXEC, 40, "ELF section table past the end",
				     "Invalid ELF section header overflow");
	m->sections_off = h->e_shoff;
	m->end_off = h->e_shoff + m->sections.bytes;
	/* Even of an empty table the kernel reads the first entry. */
	if (!m->nr_sections && file.bytes - h->e_shoff < sizeof(s))
		return ks_elf_unchecked(no, 40, "the kernel reads an ELF section past the end");
	s = ks_elf_section(part_of(file, h->e_shoff, sizeof(s)), 0);
	if (s.sh_type != SHT_NULL || s.sh_size || s.sh_addr)
		return ks_elf_refuse(no, -ENOEXEC, h->e_shoff, "ELF section 0 is not empty",
				     "ELF Spec violation: section 0 type(%d)!=SH_NULL or non-zero len or addr",
				     (int)s.sh_type);
	for (i = 1; i < m->nr_sections; i++) {
		s = ks_elf_section(m->sections, i);
		if (s.sh_type == SHT_NULL || s.sh_type == SHT_NOBITS)
			continue;
		if (s.sh_offset > file.bytes || s.sh_size > file.bytes - s.sh_offset)
			return ks_elf_refuse(no, -ENOEXEC, s.sh_offset,
					     "ELF section past the end, the kernel refuses it",
					     "Invalid ELF section in module (section %u type %u)", i,
					     s.sh_type);
		if (s.sh_offset + s.sh_size > m->end_off)
			m->end_off = s.sh_offset + s.sh_size;
	}
	return true;
}

static bool check_names(struct ks_span file, const Elf64_Ehdr *h, struct ks_elf_module *m,
			struct ks_elf_no *no)
{
	Elf64_Shdr s;
	u32 i;

	if (h->e_shstrndx == SHN_UNDEF || h->e_shstrndx >= m->nr_sections)
		return ks_elf_refuse(no, -ENOEXEC, 62, "ELF section names are in no section",
				     "Invalid ELF section name index: %d || e_shstrndx (%d) >= e_shnum (%d)",
				     h->e_shstrndx, h->e_shstrndx, m->nr_sections);
	s = ks_elf_section(m->sections, h->e_shstrndx);
	if (!s.sh_size)
		return ks_elf_refuse(no, -ENOEXEC, s.sh_offset, "ELF section names are empty",
				     "empty section name table");
	/* Of a section without content the kernel has not looked where it is. */
	if (!ks_span_sub(file, s.sh_offset, s.sh_size, &m->names))
		return ks_elf_unchecked(no, s.sh_offset,
					"the kernel reads ELF section names past the end");
	if (m->names.p[m->names.bytes - 1])
		return ks_elf_refuse(no, -ENOEXEC, s.sh_offset, "ELF section names do not end with NUL",
				     "ELF Spec violation: section name table isn't null terminated");
	for (i = 0; i < m->nr_sections; i++) {
		s = ks_elf_section(m->sections, i);
		if (s.sh_type != SHT_NULL && s.sh_name >= m->names.bytes)
			return ks_elf_refuse(no, -ENOEXEC, s.sh_offset, "ELF section name past the end",
					     "Invalid ELF section name in module (section %u type %u)", i,
					     s.sh_type);
	}
	/* find_any_unique_sec() reads also the names of sections without a type. */
	for (i = 1; i < m->nr_sections; i++)
		if (ks_elf_section(m->sections, i).sh_name >= m->names.bytes)
			return ks_elf_unchecked(no, KS_NO_OFF,
						"the kernel reads an ELF section name past the end");
	return true;
}

/* find_any_unique_sec(). Return: how many have the name; @ret_idx is the last of them. */
static u32 count_sections(const struct ks_elf_module *m, const char *name, u32 *ret_idx)
{
	u32 i, nr = 0;

	*ret_idx = 0;
	for (i = 1; i < m->nr_sections; i++) {
		const char *text = ks_elf_text(m->names, ks_elf_section(m->sections, i).sh_name);

		if (text && !strcmp(text, name)) {
			*ret_idx = i;
			nr++;
		}
	}
	return nr;
}

/* find_sec(): the first that is allocated; 0: none. */
static u32 find_section(const struct ks_elf_module *m, const char *name)
{
	u32 i;

	for (i = 1; i < m->nr_sections; i++) {
		Elf64_Shdr s = ks_elf_section(m->sections, i);
		const char *text = ks_elf_text(m->names, s.sh_name);

		if ((s.sh_flags & SHF_ALLOC) && text && !strcmp(text, name))
			return i;
	}
	return 0;
}

static bool find_modinfo(struct ks_elf_module *m, struct ks_elf_no *no)
{
	u32 nr = count_sections(m, ".modinfo", &m->modinfo_idx);
	Elf64_Shdr s;

	if (nr > 1)
		return ks_elf_refuse(no, -ENOEXEC, KS_NO_OFF, "more than one .modinfo section",
				     "Only one .modinfo section must exist.");
	s = ks_elf_section(m->sections, m->modinfo_idx);
	/* get_modinfo() looks at the first text before it looks at the size, without .modinfo as well. */
	if (nr ? !s.sh_size : s.sh_offset != 0)
		return ks_elf_unchecked(no, s.sh_offset, "the kernel reads a text behind an empty .modinfo");
	if (!nr)
		return true;
	if (!ks_span_sub(m->file, s.sh_offset, s.sh_size, &m->modinfo))
		return ks_elf_unchecked(no, s.sh_offset, "the kernel reads .modinfo past the end");
	/* get_modinfo() takes its last text to end with NUL, and skips what stands before it. */
	if (m->modinfo.bytes && m->modinfo.p[m->modinfo.bytes - 1])
		return ks_elf_unchecked(no, s.sh_offset + s.sh_size,
					".modinfo does not end with NUL, the kernel reads on behind it");
	return true;
}

static bool find_self(struct ks_elf_module *m, const struct ks_elf_want *want, struct ks_elf_no *no)
{
	const char *name = ks_elf_modinfo(m, "name");
	Elf64_Shdr s;
	u32 idx;

	name = name ? name : NO_NAME;
	if (count_sections(m, SELF, &idx) != 1)
		return ks_elf_refuse(no, -ENOEXEC, KS_NO_OFF,
				     idx ? "more than one " SELF " section" :
					   "no " SELF " section, so modpost has not made it a module",
				     "module %s: Exactly one " SELF " section must exist.", name);
	s = ks_elf_section(m->sections, idx);
	if (s.sh_type == SHT_NOBITS)
		return ks_elf_refuse(no, -ENOEXEC, KS_NO_OFF, SELF " has no content",
				     "module %s: " SELF " section must have a size set", name);
	if (!(s.sh_flags & SHF_ALLOC))
		return ks_elf_refuse(no, -ENOEXEC, s.sh_offset, SELF " is not allocated",
				     "module %s: " SELF " must occupy memory during process execution",
				     name);
	if (want->struct_bytes ? s.sh_size != want->struct_bytes :
				 !s.sh_size || s.sh_size % CACHELINE_BYTES)
		return ks_elf_refuse(no, -ENOEXEC, s.sh_offset,
				     want->struct_bytes ? "struct module is of another size than the kernel's" :
							  "struct module is of a size that no kernel's has",
				     "module %s: " SELF " section size must match the kernel's built struct "
				     "module size at run time", name);
	/* A section without a type was not looked at. */
	if (!ks_span_sub(m->file, s.sh_offset, s.sh_size, &m->self))
		return ks_elf_unchecked(no, s.sh_offset, "the kernel reads " SELF " past the end");
	return true;
}

static bool find_symbols(struct ks_elf_module *m, struct ks_elf_no *no)
{
	const char *name = ks_elf_modinfo(m, "name");
	Elf64_Shdr s, symbols = { 0 };
	u32 i, nr = 0;

	for (i = 1; i < m->nr_sections; i++) {
		s = ks_elf_section(m->sections, i);
		if (s.sh_type == SHT_SYMTAB) {
			symbols = s;
			m->symbols_idx = i;
			nr++;
		}
	}
	if (nr != 1)
		return ks_elf_refuse(no, -ENOEXEC, KS_NO_OFF,
				     nr ? "module has more than one symbol table" :
					  "module has no symbol table (stripped?), use strip --strip-debug",
				     "%s: module has no symbols (stripped?)", name ? name : NO_NAME);
	if (symbols.sh_link == SHN_UNDEF || symbols.sh_link >= m->nr_sections)
		return ks_elf_refuse(no, -ENOEXEC, KS_NO_OFF, "symbol names are in no section",
				     "Invalid ELF sh_link!=SHN_UNDEF(%d) or (sh_link(%d) >= hdr->e_shnum(%d)",
				     (int)symbols.sh_link, (int)symbols.sh_link, m->nr_sections);
	if (!ks_span_sub(m->file, symbols.sh_offset, symbols.sh_size, &m->symbols))
		return ks_elf_unchecked(no, symbols.sh_offset, "the kernel reads symbols past the end");
	m->strings_idx = symbols.sh_link;
	return true;
}

static bool find_versions(struct ks_elf_module *m, struct ks_elf_no *no)
{
	Elf64_Shdr crcs, names;
	struct ks_span left;
	u64 nr;

	m->crcs_idx = find_section(m, "__version_ext_crcs");
	m->crc_names_idx = find_section(m, "__version_ext_names");
	m->versions_idx = find_section(m, "__versions");
	m->percpu_idx = find_section(m, ".data..percpu");
	if (!m->crcs_idx != !m->crc_names_idx)
		return ks_elf_refuse(no, -ENOEXEC, KS_NO_OFF,
				     "__version_ext_crcs and __version_ext_names are not both there",
				     "extended version crc+name presence does not match");
	if (!m->crcs_idx)
		return true;
	crcs = ks_elf_section(m->sections, m->crcs_idx);
	names = ks_elf_section(m->sections, m->crc_names_idx);
	if (!ks_span_sub(m->file, names.sh_offset, names.sh_size, &left))
		return ks_elf_unchecked(no, names.sh_offset,
					"the kernel reads __version_ext_names past the end");
	for (nr = crcs.sh_size / 4; nr; nr--) {
		const u8 *end = left.bytes ? memchr(left.p, '\0', left.bytes) : NULL;

		if (!end)
			return ks_elf_refuse(no, -ENOEXEC, names.sh_offset,
					     "less names in __version_ext_names than in __version_ext_crcs",
					     "more extended version crcs than names");
		left = part_of(left, (u64)(end - left.p) + 1, left.bytes - (u64)(end - left.p) - 1);
	}
	return true;
}

static bool check_strings(struct ks_elf_module *m, struct ks_elf_no *no)
{
	Elf64_Shdr s = ks_elf_section(m->sections, m->strings_idx);
	struct ks_cursor c;
	u64 i;

	if (!s.sh_size)
		return ks_elf_refuse(no, -ENOEXEC, s.sh_offset, "symbol names are empty",
				     "empty symbol string table");
	if (!ks_span_sub(m->file, s.sh_offset, s.sh_size, &m->strings))
		return ks_elf_unchecked(no, s.sh_offset, "the kernel reads symbol names past the end");
	if (m->strings.p[0])
		return ks_elf_refuse(no, -ENOEXEC, s.sh_offset, "symbol names do not start with NUL",
				     "symbol string table missing leading NUL");
	if (m->strings.p[m->strings.bytes - 1])
		return ks_elf_refuse(no, -ENOEXEC, s.sh_offset, "symbol names do not end with NUL",
				     "symbol string table isn't NUL terminated");
	ks_cursor_init(&c, m->symbols, 0);
	for (i = 0; i < m->symbols.bytes / sizeof(Elf64_Sym); i++) {
		if (ks_get_le32(&c) >= m->strings.bytes)
			return ks_elf_refuse(no, -ENOEXEC, s.sh_offset, "symbol name past the end",
					     "symbol name out of bounds in string table");
		ks_cursor_skip(&c, sizeof(Elf64_Sym) - 4);
	}
	return true;
}

bool ks_elf_module_parse(struct ks_span file, const struct ks_elf_want *want,
			 struct ks_elf_module *ret_module, struct ks_elf_no *ret_no)
{
	struct ks_elf_module m = { .file = file };
	Elf64_Ehdr h = ks_elf_header(file);

	m.machine = h.e_machine;
	if (!check_ehdr(file, &h, want, ret_no) || !check_sections(file, &h, &m, ret_no) ||
	    !check_names(file, &h, &m, ret_no) || !find_modinfo(&m, ret_no) ||
	    !find_self(&m, want, ret_no) || !find_symbols(&m, ret_no) ||
	    !find_versions(&m, ret_no) || !check_strings(&m, ret_no))
		return false;
	*ret_module = m;
	return true;
}

const char *ks_elf_modinfo_next(const struct ks_elf_module *module, const char *tag, u64 *off)
{
	size_t tag_bytes = strlen(tag);
	const char *text;

	/* Texts with any number of NULs between them. */
	while ((text = ks_elf_text(module->modinfo, *off))) {
		*off += strlen(text) + 1;
		if (!strncmp(text, tag, tag_bytes) && text[tag_bytes] == '=')
			return text + tag_bytes + 1;
	}
	return NULL;
}

const char *ks_elf_modinfo(const struct ks_elf_module *module, const char *tag)
{
	u64 off = 0;

	return ks_elf_modinfo_next(module, tag, &off);
}

void ks_elf_module_name(const struct ks_elf_module *module, char name[57])
{
	struct ks_span field = part_of(module->self, MODULE_NAME_OFF, MODULE_NAME_BYTES);

	memset(name, 0, MODULE_NAME_BYTES + 1);
	if (field.bytes)
		memcpy(name, field.p, strnlen((const char *)field.p, field.bytes));
}

static int fail_no(struct ks_diag *diag, const struct ks_elf_no *no)
{
	return ks_fail(diag, -EBADMSG, no->off, no->why);
}

int ks_elf_check_module(struct ks_span file, struct ks_diag *diag)
{
	static const struct ks_elf_want any;
	struct ks_elf_module m;
	struct ks_elf_no no;

	/* The kernel looks at neither; all else that reads modules does. */
	if (file.bytes > EI_DATA && !memcmp(file.p, ELFMAG, SELFMAG) &&
	    (file.p[EI_CLASS] != ELFCLASS64 || file.p[EI_DATA] != ELFDATA2LSB))
		return ks_fail(diag, -EOPNOTSUPP, EI_CLASS, "module is not 64-bit little-endian");
	if (!ks_elf_module_parse(file, &any, &m, &no))
		return fail_no(diag, &no);
	if (!m.modinfo_idx)
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, "no .modinfo section, so not a module");
	if (!ks_elf_module_place(&m, &no))
		return fail_no(diag, &no);
	/*
	 * A module ends where its last section or its section table does. What stands behind is half
	 * a signature, or one that was stacked: signing it would seal the rubbish in.
	 */
	if (m.end_off != file.bytes)
		return ks_fail(diag, -EBADMSG, m.end_off,
			       "bytes behind the module that are no signature (a broken one?), cut them off");
	return 0;
}
