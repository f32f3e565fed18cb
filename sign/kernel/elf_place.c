// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What load_module() refuses once it has believed the headers: layout_and_allocate(),
 * setup_modinfo(), simplify_symbols() and apply_relocations(). The last two trust the numbers in the
 * file; where one points outside, the kernel does what nobody can foresee.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "kernel/elf_internal.h"

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

/* A set of small numbers; NULL takes none in. */
static bool is_in(const u8 *set, u64 n)
{
	return set && (set[n / 8] & 1U << n % 8);
}

static void take_in(u8 *set, u64 n)
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
			return ks_elf_unchecked(no, s.sh_offset,
						"relocations of a section that is not there");
	}
	if (core && init)
		return true;
	return ks_elf_refuse(no, -ENOEXEC, KS_NO_OFF,
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
			return ks_elf_refuse(no, -ENOEXEC, s.sh_offset,
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
			return ks_elf_unchecked(no, s.sh_offset, "the kernel loads a section past the end");
		if (s.sh_type != SHT_NULL && s.sh_type != SHT_NOBITS && s.sh_size && s.sh_offset < end &&
		    s.sh_offset + s.sh_size > m->sections_off)
			return ks_elf_unchecked(no, s.sh_offset, "section lies over the section table");
	}
	return true;
}

/* setup_modinfo() */
static bool check_namespaces(const struct ks_elf_module *m, const char *name, struct ks_elf_no *no)
{
	const char *value;
	u64 off = 0;

	while ((value = ks_elf_modinfo_next(m, "import_ns", &off)))
		if (!strncmp(value, "module:", 7))
			return ks_elf_refuse(no, -EPERM, KS_NO_OFF,
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
			return ks_elf_unchecked(no, KS_NO_OFF,
						"symbol in a section that is not there, which the kernel reads");
	}
	return !common || ks_elf_refuse(no, -ENOEXEC, KS_NO_OFF,
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
		return ks_elf_unchecked(no, KS_NO_OFF,
					"relocation by a symbol that is not there, which the kernel reads");
	if (!bytes)
		return true;
	if (bytes < 0)
		return ks_elf_refuse(no, -ENOEXEC, KS_NO_OFF,
				     "relocation of a type that the kernel does not know, link it as a module",
				     x86 ? "%s: Unknown rela relocation: %u" :
					   "module %s: unsupported RELA relocation: %u",
				     name, r->type);
	if (r->off > t->section.sh_size || (u64)bytes > t->section.sh_size - r->off)
		return ks_elf_unchecked(no, t->section.sh_offset,
					"relocation outside of its section, where the kernel writes");
	if (!x86)
		return true;
	if (overflows(m, r, &sym))
		return ks_elf_refuse(no, -ENOEXEC, KS_NO_OFF,
				     "relocation overflows, compile it as kbuild does: -mcmodel=kernel",
				     "`%s' likely not compiled with -mcmodel=kernel", name);
	if (!is_clear(m, t, r->off, (u64)bytes))
		return ks_elf_refuse(no, -ENOEXEC, t->section.sh_offset,
				     "place of a relocation is not zero",
				     "x86/modules: Invalid relocation target, existing value is nonzero for type %u",
				     r->type);
	for (i = 0; i < bytes; i++)
		take_in(t->written, r->off + (u64)i);
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
		return ks_elf_unchecked(no, s->sh_offset, "the kernel reads relocations past the end");
	/* Of what is not in the file the size is any number; nobody relocates that. */
	if (m->machine == EM_X86_64 && section->sh_size <= m->file.bytes) {
		written = calloc(section->sh_size / 8 + 1, 1);
		if (!written)
			return ks_elf_unchecked(no, KS_NO_OFF, "out of memory");
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
			return ks_elf_refuse(no, -ENOEXEC, s.sh_offset,
					     "relocations without addends (SHT_REL)",
					     "module %s: REL relocation unsupported", name);
		if (s.sh_type != SHT_RELA)
			continue;
		/* simplify_symbols() has written to it. */
		if (s.sh_info == m->symbols_idx)
			return ks_elf_unchecked(no, s.sh_offset, "relocations of the symbol table");
		if (is_in(seen, s.sh_info))
			return ks_elf_unchecked(no, s.sh_offset, "two tables of relocations for one section");
		take_in(seen, s.sh_info);
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
