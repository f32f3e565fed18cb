// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * First elf_validity_cache_copy() and what it calls: each function here is one of the kernel's, and stands
 * in its order, since which of two errors is named decides the line of log. Then what load_module()
 * refuses once it has believed the headers: layout_and_allocate(), setup_modinfo(), simplify_symbols()
 * and apply_relocations(). The last two trust the numbers in the file; where one points outside, what the
 * kernel does cannot be foreseen.
 */
#include "kernel/elf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "fmt/elf.h"

#define SELF ".gnu.linkonce.this_module"
#define NO_NAME "(missing .modinfo section or name field)"
#define MODULE_NAME_OFF 24U
#define MODULE_NAME_BYTES 56U
/* struct module is ____cacheline_aligned; no 64-bit machine here has lines of less. */
#define CACHELINE_BYTES 64U

static bool __attribute__((format(printf, 5, 6)))
refuse(struct ks_elf_no *no, int err, u64 off, const char *why, const char *log, ...)
{
	va_list args;

	*no = (struct ks_elf_no){ .err = err, .why = why, .off = off };
	va_start(args, log);
	vsnprintf(no->log, sizeof(no->log), log, args);
	va_end(args);
	return false;
}

static bool unchecked(struct ks_elf_no *no, u64 off, const char *why)
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
		return refuse(no, -ENOEXEC, 0, "not an ELF file",
				     "Invalid ELF header len %zu", file.bytes);
	if (memcmp(file.p, ELFMAG, SELFMAG) != 0)
		return refuse(no, -ENOEXEC, 0, "not an ELF file",
				     "Invalid ELF header magic: != %s", ELFMAG);
	if (h->e_type != ET_REL)
		return refuse(no, -ENOEXEC, 16,
				     "ELF file is not relocatable, so not a module",
				     "Invalid ELF header type: %u != %u", h->e_type, ET_REL);
	if (want->machine ? h->e_machine != want->machine :
			    h->e_machine != EM_X86_64 && h->e_machine != EM_AARCH64)
		return refuse(no, -ENOEXEC, 18,
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
		return refuse(no, -ENOEXEC, 58, "ELF section headers of another size than 64",
				     "Invalid ELF section header size");
	m->nr_sections = h->e_shnum;
	if (h->e_shoff >= file.bytes ||
	    !ks_span_sub(file, h->e_shoff, (u64)h->e_shnum * sizeof(s), &m->sections))
		return refuse(no, -ENOEXEC, 40, "ELF section table past the end",
				     "Invalid ELF section header overflow");
	m->sections_off = h->e_shoff;
	m->end_off = h->e_shoff + m->sections.bytes;
	/* Even of an empty table the kernel reads the first entry. */
	if (!m->nr_sections && file.bytes - h->e_shoff < sizeof(s))
		return unchecked(no, 40, "the kernel reads an ELF section past the end");
	s = ks_elf_section(part_of(file, h->e_shoff, sizeof(s)), 0);
	if (s.sh_type != SHT_NULL || s.sh_size || s.sh_addr)
		return refuse(no, -ENOEXEC, h->e_shoff, "ELF section 0 is not empty",
				     "ELF Spec violation: section 0 type(%d)!=SH_NULL or non-zero len or addr",
				     (int)s.sh_type);
	for (i = 1; i < m->nr_sections; i++) {
		s = ks_elf_section(m->sections, i);
		if (s.sh_type == SHT_NULL || s.sh_type == SHT_NOBITS)
			continue;
		if (s.sh_offset > file.bytes || s.sh_size > file.bytes - s.sh_offset)
			return refuse(no, -ENOEXEC, s.sh_offset,
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
		return refuse(no, -ENOEXEC, 62, "ELF section names are in no section",
				     "Invalid ELF section name index: %d || e_shstrndx (%d) >= e_shnum (%d)",
				     h->e_shstrndx, h->e_shstrndx, m->nr_sections);
	s = ks_elf_section(m->sections, h->e_shstrndx);
	if (!s.sh_size)
		return refuse(no, -ENOEXEC, s.sh_offset, "ELF section names are empty",
				     "empty section name table");
	/* Of a section without content the kernel has not looked where it is. */
	if (!ks_span_sub(file, s.sh_offset, s.sh_size, &m->names))
		return unchecked(no, s.sh_offset,
					"the kernel reads ELF section names past the end");
	if (m->names.p[m->names.bytes - 1])
		return refuse(no, -ENOEXEC, s.sh_offset, "ELF section names do not end with NUL",
				     "ELF Spec violation: section name table isn't null terminated");
	for (i = 0; i < m->nr_sections; i++) {
		s = ks_elf_section(m->sections, i);
		if (s.sh_type != SHT_NULL && s.sh_name >= m->names.bytes)
			return refuse(no, -ENOEXEC, s.sh_offset, "ELF section name past the end",
					     "Invalid ELF section name in module (section %u type %u)", i,
					     s.sh_type);
	}
	/* find_any_unique_sec() reads also the names of sections without a type. */
	for (i = 1; i < m->nr_sections; i++)
		if (ks_elf_section(m->sections, i).sh_name >= m->names.bytes)
			return unchecked(no, KS_NO_OFF,
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
		return refuse(no, -ENOEXEC, KS_NO_OFF, "more than one .modinfo section",
				     "Only one .modinfo section must exist.");
	s = ks_elf_section(m->sections, m->modinfo_idx);
	/* get_modinfo() looks at the first text before it looks at the size, without .modinfo as well. */
	if (nr ? !s.sh_size : s.sh_offset != 0)
		return unchecked(no, s.sh_offset, "the kernel reads a text behind an empty .modinfo");
	if (!nr)
		return true;
	if (!ks_span_sub(m->file, s.sh_offset, s.sh_size, &m->modinfo))
		return unchecked(no, s.sh_offset, "the kernel reads .modinfo past the end");
	/* get_modinfo() takes its last text to end with NUL, and skips what stands before it. */
	if (m->modinfo.bytes && m->modinfo.p[m->modinfo.bytes - 1])
		return unchecked(no, s.sh_offset + s.sh_size,
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
		return refuse(no, -ENOEXEC, KS_NO_OFF,
				     idx ? "more than one " SELF " section" :
					   "no " SELF " section, so modpost has not made it a module",
				     "module %s: Exactly one " SELF " section must exist.", name);
	s = ks_elf_section(m->sections, idx);
	if (s.sh_type == SHT_NOBITS)
		return refuse(no, -ENOEXEC, KS_NO_OFF, SELF " has no content",
				     "module %s: " SELF " section must have a size set", name);
	if (!(s.sh_flags & SHF_ALLOC))
		return refuse(no, -ENOEXEC, s.sh_offset, SELF " is not allocated",
				     "module %s: " SELF " must occupy memory during process execution",
				     name);
	if (want->struct_bytes ? s.sh_size != want->struct_bytes :
				 !s.sh_size || s.sh_size % CACHELINE_BYTES)
		return refuse(no, -ENOEXEC, s.sh_offset,
				     want->struct_bytes ? "struct module is of another size than the kernel's" :
							  "struct module is of a size that no kernel's has",
				     "module %s: " SELF " section size must match the kernel's built struct "
				     "module size at run time", name);
	/* A section without a type was not looked at. */
	if (!ks_span_sub(m->file, s.sh_offset, s.sh_size, &m->self))
		return unchecked(no, s.sh_offset, "the kernel reads " SELF " past the end");
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
		return refuse(no, -ENOEXEC, KS_NO_OFF,
				     nr ? "module has more than one symbol table" :
					  "module has no symbol table (stripped?), use strip --strip-debug",
				     "%s: module has no symbols (stripped?)", name ? name : NO_NAME);
	if (symbols.sh_link == SHN_UNDEF || symbols.sh_link >= m->nr_sections)
		return refuse(no, -ENOEXEC, KS_NO_OFF, "symbol names are in no section",
				     "Invalid ELF sh_link!=SHN_UNDEF(%d) or (sh_link(%d) >= hdr->e_shnum(%d)",
				     (int)symbols.sh_link, (int)symbols.sh_link, m->nr_sections);
	if (!ks_span_sub(m->file, symbols.sh_offset, symbols.sh_size, &m->symbols))
		return unchecked(no, symbols.sh_offset, "the kernel reads symbols past the end");
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
		return refuse(no, -ENOEXEC, KS_NO_OFF,
				     "__version_ext_crcs and __version_ext_names are not both there",
				     "extended version crc+name presence does not match");
	if (!m->crcs_idx)
		return true;
	crcs = ks_elf_section(m->sections, m->crcs_idx);
	names = ks_elf_section(m->sections, m->crc_names_idx);
	if (!ks_span_sub(m->file, names.sh_offset, names.sh_size, &left))
		return unchecked(no, names.sh_offset,
					"the kernel reads __version_ext_names past the end");
	for (nr = crcs.sh_size / 4; nr; nr--) {
		const u8 *end = left.bytes ? memchr(left.p, '\0', left.bytes) : NULL;

		if (!end)
			return refuse(no, -ENOEXEC, names.sh_offset,
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
		return refuse(no, -ENOEXEC, s.sh_offset, "symbol names are empty",
				     "empty symbol string table");
	if (!ks_span_sub(m->file, s.sh_offset, s.sh_size, &m->strings))
		return unchecked(no, s.sh_offset, "the kernel reads symbol names past the end");
	if (m->strings.p[0])
		return refuse(no, -ENOEXEC, s.sh_offset, "symbol names do not start with NUL",
				     "symbol string table missing leading NUL");
	if (m->strings.p[m->strings.bytes - 1])
		return refuse(no, -ENOEXEC, s.sh_offset, "symbol names do not end with NUL",
				     "symbol string table isn't NUL terminated");
	ks_cursor_init(&c, m->symbols, 0);
	for (i = 0; i < m->symbols.bytes / sizeof(Elf64_Sym); i++) {
		if (ks_get_le32(&c) >= m->strings.bytes)
			return refuse(no, -ENOEXEC, s.sh_offset, "symbol name past the end",
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

static const char *modinfo_next(const struct ks_elf_module *module, const char *tag, u64 *off)
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

	return modinfo_next(module, tag, &off);
}

void ks_elf_module_name(const struct ks_elf_module *module, char name[57])
{
	struct ks_span field = part_of(module->self, MODULE_NAME_OFF, MODULE_NAME_BYTES);

	memset(name, 0, MODULE_NAME_BYTES + 1);
	if (field.bytes)
		memcpy(name, field.p, strnlen((const char *)field.p, field.bytes));
}

#define SHN_LIVEPATCH 0xff20
#define SHF_RELA_LIVEPATCH 0x00100000U

/* Of the kernel's asm/elf.h; glibc's R_AARCH64_NONE is 0, which the kernel takes as well. */
#define KERNEL_R_AARCH64_NONE 256U

/* struct Elf64_Rela and Elf64_Sym, read */
struct rela {
	u64 off;
	u32 type;
	u32 sym;
	u64 addend;
};

struct sym {
	u32 name;
	u16 section;
};

/* A set of small numbers as bits; NULL is empty, and stays so. */
static bool is_in(const u8 *set, u64 n)
{
	return set && (set[n / 8] & 1U << n % 8);
}

static void add_to_set(u8 *set, u64 n)
{
	if (set)
		set[n / 8] = (u8)(set[n / 8] | 1U << n % 8);
}

static void free_set(u8 **set)
{
	free(*set);
}

/*
 * struct target - the section that a table of relocations is for
 * @written: its bytes that a relocation has written
 */
struct target {
	Elf64_Shdr section;
	u8 *written;
};

static bool read_sym(const struct ks_elf_module *m, u64 idx, struct sym *ret_sym)
{
	struct ks_span part;
	struct ks_cursor c;

	if (idx >= m->symbols.bytes / sizeof(Elf64_Sym) ||
	    !ks_span_sub(m->symbols, idx * sizeof(Elf64_Sym), sizeof(Elf64_Sym), &part))
		return false;
	ks_cursor_init(&c, part, 0);
	ret_sym->name = ks_get_le32(&c);
	ks_cursor_skip(&c, 2);
	ret_sym->section = ks_get_le16(&c);
	return true;
}

static struct rela read_rela(struct ks_cursor *c)
{
	struct rela r = { .off = ks_get_le64(c) };

	r.type = ks_get_le32(c);
	r.sym = ks_get_le32(c);
	r.addend = ks_get_le64(c);
	return r;
}

/* module_frob_arch_sections() of arm64 */
static bool check_plts(const struct ks_elf_module *m, const char *name, struct ks_elf_no *no)
{
	bool core = false, init = false;
	u32 i;

	if (m->machine != EM_AARCH64)
		return true;
	for (i = 1; i < m->nr_sections; i++) {
		Elf64_Shdr s = ks_elf_section(m->sections, i);
		const char *text = ks_elf_text(m->names, s.sh_name);

		core |= text && !strcmp(text, ".plt");
		init |= text && !strcmp(text, ".init.plt");
		if (s.sh_type == SHT_RELA && s.sh_info >= m->nr_sections)
			return unchecked(no, s.sh_offset,
						"relocations of a section that is not there");
	}
	if (core && init)
		return true;
	return refuse(no, -ENOEXEC, KS_NO_OFF,
			     "no .plt or .init.plt section, so not linked as a module for arm64",
			     "%s: module PLT section(s) missing", name);
}

/* module_enforce_rwx_sections() */
static bool check_rwx(const struct ks_elf_module *m, const char *name, struct ks_elf_no *no)
{
	u32 i;

	for (i = 0; i < m->nr_sections; i++) {
		Elf64_Shdr s = ks_elf_section(m->sections, i);
		const char *text = ks_elf_text(m->names, s.sh_name);

		if ((s.sh_flags & SHF_WRITE) && (s.sh_flags & SHF_EXECINSTR))
			return refuse(no, -ENOEXEC, s.sh_offset,
					     "section is writable and executable",
					     "%s: section %s (index %u) has invalid WRITE|EXEC flags",
					     name, text ? text : "", i);
	}
	return true;
}

/* rewrite_section_headers() has changed the table: what lies under it is not what was read. */
static bool check_overlap(const struct ks_elf_module *m, struct ks_elf_no *no)
{
	u64 end = m->sections_off + m->sections.bytes;
	u32 i;

	for (i = 1; i < m->nr_sections; i++) {
		Elf64_Shdr s = ks_elf_section(m->sections, i);
		struct ks_span content;

		/* Without a type it was not looked at, and move_module() copies it all the same. */
		if (s.sh_type == SHT_NULL && (s.sh_flags & SHF_ALLOC) &&
		    !ks_span_sub(m->file, s.sh_offset, s.sh_size, &content))
			return unchecked(no, s.sh_offset, "the kernel loads a section past the end");
		if (s.sh_type != SHT_NULL && s.sh_type != SHT_NOBITS && s.sh_size && s.sh_offset < end &&
		    s.sh_offset + s.sh_size > m->sections_off)
			return unchecked(no, s.sh_offset, "section lies over the section table");
	}
	return true;
}

/* setup_modinfo() */
static bool check_namespaces(const struct ks_elf_module *m, const char *name, struct ks_elf_no *no)
{
	const char *value;
	u64 off = 0;

	while ((value = modinfo_next(m, "import_ns", &off)))
		if (!strncmp(value, "module:", 7))
			return refuse(no, -EPERM, KS_NO_OFF,
					     "module imports a namespace that no module may",
					     "%s: module tries to import module namespace: %s", name,
					     value);
	return true;
}

/* simplify_symbols(), but for the kernel's and other modules' */
static bool check_symbols(const struct ks_elf_module *m, const char *name, struct ks_elf_no *no)
{
	bool common = false;
	struct sym sym;
	u64 i;

	for (i = 1; read_sym(m, i, &sym); i++) {
		const char *text = ks_elf_text(m->strings, sym.name);

		if (sym.section == SHN_COMMON)
			common |= !text || strncmp(text, "__gnu_lto", 9) != 0;
		else if (sym.section != SHN_ABS && sym.section != SHN_LIVEPATCH &&
			 sym.section >= m->nr_sections)
			return unchecked(no, KS_NO_OFF,
						"symbol in a section that is not there, which the kernel reads");
	}
	return !common || refuse(no, -ENOEXEC, KS_NO_OFF,
					"module has common symbols, compile it with -fno-common",
					"%s: please compile with -fno-common", name);
}

/* Bytes that a relocation writes. Return: 0: nothing; -1: the kernel does not know it. */
static int bytes_of_x86(u32 type)
{
	switch (type) {
	case R_X86_64_NONE:
		return 0;
	case R_X86_64_64:
	case R_X86_64_PC64:
		return 8;
	case R_X86_64_32:
	case R_X86_64_32S:
	case R_X86_64_PC32:
	case R_X86_64_PLT32:
		return 4;
	default:
		return -1;
	}
}

static int bytes_of_arm64(u32 type)
{
	switch (type) {
	case 0:
	case KERNEL_R_AARCH64_NONE:
		return 0;
	case R_AARCH64_ABS64:
	case R_AARCH64_PREL64:
		return 8;
	case R_AARCH64_ABS16:
	case R_AARCH64_PREL16:
		return 2;
	case R_AARCH64_LDST128_ABS_LO12_NC:
		return 4;
	default:
		return (type >= R_AARCH64_ABS32 && type <= R_AARCH64_CONDBR19) ||
				       (type >= R_AARCH64_JUMP26 && type <= R_AARCH64_MOVW_PREL_G3) ?
			       4 :
			       -1;
	}
}

/* Modules live in the last 2 GiB of the addresses: 32 bits without a sign never hold one. */
static bool overflows(const struct ks_elf_module *m, const struct rela *r, const struct sym *sym)
{
	return r->type == R_X86_64_32 && sym->section != SHN_UNDEF && sym->section < m->nr_sections &&
	       sym->section != m->percpu_idx && r->addend + (1ULL << 31) < 1ULL << 32;
}

/* Is there nothing yet where the relocation writes? The kernel of x86 wants to know. */
static bool is_clear(const struct ks_elf_module *m, const struct target *t, u64 off, u64 bytes)
{
	struct ks_span place, section;
	u64 i;

	for (i = 0; i < bytes; i++)
		if (is_in(t->written, off + i))
			return false;
	if (t->section.sh_type == SHT_NOBITS)
		return true;
	return ks_span_sub(m->file, t->section.sh_offset, t->section.sh_size, &section) &&
	       ks_span_sub(section, off, bytes, &place) && ks_span_is_zero(place);
}

/* One relocation of __write_relocate_add() or of arm64's apply_relocate_add() */
static bool check_rela(const struct ks_elf_module *m, const struct target *t, const struct rela *r,
		       const char *name, struct ks_elf_no *no)
{
	bool x86 = m->machine == EM_X86_64;
	int bytes = x86 ? bytes_of_x86(r->type) : bytes_of_arm64(r->type), i;
	struct sym sym;

	if (!read_sym(m, r->sym, &sym))
		return unchecked(no, KS_NO_OFF,
					"relocation by a symbol that is not there, which the kernel reads");
	if (!bytes)
		return true;
	if (bytes < 0)
		return refuse(no, -ENOEXEC, KS_NO_OFF,
				     "relocation of a type that the kernel does not know, link it as a module",
				     x86 ? "%s: Unknown rela relocation: %u" :
					   "module %s: unsupported RELA relocation: %u",
				     name, r->type);
	if (r->off > t->section.sh_size || (u64)bytes > t->section.sh_size - r->off)
		return unchecked(no, t->section.sh_offset,
					"relocation outside of its section, where the kernel writes");
	if (!x86)
		return true;
	if (overflows(m, r, &sym))
		return refuse(no, -ENOEXEC, KS_NO_OFF,
				     "relocation overflows, compile it as kbuild does: -mcmodel=kernel",
				     "`%s' likely not compiled with -mcmodel=kernel", name);
	if (!is_clear(m, t, r->off, (u64)bytes))
		return refuse(no, -ENOEXEC, t->section.sh_offset,
				     "place of a relocation is not zero",
				     "x86/modules: Invalid relocation target, existing value is nonzero for type %u",
				     r->type);
	for (i = 0; i < bytes; i++)
		add_to_set(t->written, r->off + (u64)i);
	return true;
}

static bool check_table(const struct ks_elf_module *m, const Elf64_Shdr *s, const Elf64_Shdr *section,
			const char *name, struct ks_elf_no *no)
{
	__cleanup(free_set) u8 *written = NULL;
	struct target t = { .section = *section };
	struct ks_span table;
	struct ks_cursor c;
	struct rela r;
	u64 i;

	if (!ks_span_sub(m->file, s->sh_offset, s->sh_size, &table))
		return unchecked(no, s->sh_offset, "the kernel reads relocations past the end");
	/* A section without content in the file may have any size; nothing relocates it. */
	if (m->machine == EM_X86_64 && section->sh_size <= m->file.bytes) {
		written = calloc(section->sh_size / 8 + 1, 1);
		if (!written)
			return unchecked(no, KS_NO_OFF, "out of memory");
		t.written = written;
	}
	ks_cursor_init(&c, table, s->sh_offset);
	for (i = 0; i < s->sh_size / sizeof(Elf64_Rela); i++) {
		r = read_rela(&c);
		if (!check_rela(m, &t, &r, name, no))
			return false;
	}
	return true;
}

/* Is it loaded, once rewrite_section_headers() and layout_and_allocate() have taken some out? */
static bool is_relocated(const struct ks_elf_module *m, u32 idx, const Elf64_Shdr *s)
{
	/* layout_symtab() has the symbols loaded. */
	if (idx && (idx == m->percpu_idx || idx == m->symbols_idx || idx == m->strings_idx))
		return true;
	return idx && idx != m->modinfo_idx && idx != m->versions_idx && idx != m->crcs_idx &&
	       idx != m->crc_names_idx && (s->sh_flags & SHF_ALLOC);
}

/* apply_relocations() */
static bool check_relocations(const struct ks_elf_module *m, const char *name, struct ks_elf_no *no)
{
	u8 seen[(UINT16_MAX + 1) / 8] = { 0 };
	u32 i;

	for (i = 1; i < m->nr_sections; i++) {
		Elf64_Shdr s = ks_elf_section(m->sections, i);
		Elf64_Shdr target = ks_elf_section(m->sections, s.sh_info);

		if (s.sh_info >= m->nr_sections || !is_relocated(m, s.sh_info, &target) ||
		    (s.sh_flags & SHF_RELA_LIVEPATCH))
			continue;
		if (s.sh_type == SHT_REL)
			return refuse(no, -ENOEXEC, s.sh_offset,
					     "relocations without addends (SHT_REL)",
					     "module %s: REL relocation unsupported", name);
		if (s.sh_type != SHT_RELA)
			continue;
		/* simplify_symbols() has written to it. */
		if (s.sh_info == m->symbols_idx)
			return unchecked(no, s.sh_offset, "relocations of the symbol table");
		if (is_in(seen, s.sh_info))
			return unchecked(no, s.sh_offset, "two tables of relocations for one section");
		add_to_set(seen, s.sh_info);
		if (!check_table(m, &s, &target, name, no))
			return false;
	}
	return true;
}

bool ks_elf_module_place(const struct ks_elf_module *module, struct ks_elf_no *ret_no)
{
	char name[57];

	ks_elf_module_name(module, name);
	return check_plts(module, name, ret_no) && check_rwx(module, name, ret_no) &&
	       check_overlap(module, ret_no) && check_namespaces(module, name, ret_no) && check_symbols(module, name, ret_no) &&
	       check_relocations(module, name, ret_no);
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
			       "bytes behind the module that are not a signature (a broken one?), cut them off");
	return 0;
}
