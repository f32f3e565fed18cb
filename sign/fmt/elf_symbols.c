// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The symbols of a vmlinux: the only user of libelf.
 */
#include "fmt/elf.h"

#include <errno.h>
#include <gelf.h>
#include <libelf.h>
#include <string.h>

static void end_elf(Elf **elf)
{
	elf_end(*elf);
}

static int fail_elf(struct ks_diag *diag, const char *what)
{
	const char *reason = elf_errmsg(-1);

	return ks_fail_detail(diag, -EBADMSG, what, reason ? reason : "truncated");
}

/* The symbol's place in the file, inside of a section that has one. */
static int place(Elf *elf, u64 file_bytes, const GElf_Sym *sym, struct ks_elf_symbol *symbol,
		 struct ks_diag *diag)
{
	Elf_Scn *scn = elf_getscn(elf, sym->st_shndx);
	GElf_Shdr shdr;
	u64 inside;

	if (symbol->found)
		return ks_fail_detail(diag, -EBADMSG, "symbol is there twice", symbol->name);
	if (!scn || !gelf_getshdr(scn, &shdr) || shdr.sh_type == SHT_NOBITS ||
	    sym->st_value < shdr.sh_addr)
		return ks_fail_detail(diag, -EBADMSG, "symbol has no place in the file",
				      symbol->name);
	inside = sym->st_value - shdr.sh_addr;
	/* A list without content may stand at the end of its section. */
	if (inside > shdr.sh_size || shdr.sh_offset > file_bytes ||
	    shdr.sh_size > file_bytes - shdr.sh_offset)
		return ks_fail_detail(diag, -EBADMSG, "symbol lies outside of its section",
				      symbol->name);
	symbol->off = shdr.sh_offset + inside;
	symbol->bytes = sym->st_size;
	symbol->found = true;
	return 0;
}

/*
 * Not with elf_strptr(): where a table does not end with a NUL, that looks for the last one in it, all
 * the way from the end, for each name.
 */
static bool has_name(struct ks_span names, u64 off, const char *name)
{
	struct ks_span have, want = { (const u8 *)name, strlen(name) + 1 };

	return ks_span_sub(names, off, want.bytes, &have) && ks_span_eq(have, want);
}

static int visit(Elf *elf, u64 file_bytes, const GElf_Sym *sym, struct ks_span names,
		 struct ks_elf_symbol *symbols, size_t nr_symbols, struct ks_diag *diag)
{
	size_t i;

	if (sym->st_shndx == SHN_UNDEF || sym->st_shndx >= SHN_LORESERVE)
		return 0;
	for (i = 0; i < nr_symbols; i++)
		if (has_name(names, sym->st_name, symbols[i].name))
			return place(elf, file_bytes, sym, &symbols[i], diag);
	return 0;
}

static int find_names(Elf *elf, struct ks_span file, u32 idx, struct ks_span *ret_names,
		      struct ks_diag *diag)
{
	Elf_Scn *scn = elf_getscn(elf, idx);
	GElf_Shdr shdr;

	if (!scn || !gelf_getshdr(scn, &shdr) || shdr.sh_type != SHT_STRTAB ||
	    !ks_span_sub(file, shdr.sh_offset, shdr.sh_size, ret_names))
		return ks_fail(diag, -EBADMSG, KS_NO_OFF,
			       "ELF symbol table has no names inside of the file");
	return 0;
}

static int scan(Elf *elf, struct ks_span file, Elf_Scn *scn, const GElf_Shdr *shdr,
		struct ks_elf_symbol *symbols, size_t nr_symbols, struct ks_diag *diag)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	struct ks_span names;
	GElf_Sym sym;
	int i, n, rc;

	if (!data || !shdr->sh_entsize || shdr->sh_size / shdr->sh_entsize > INT32_MAX)
		return fail_elf(diag, "ELF symbol table does not parse");
	n = (int)(shdr->sh_size / shdr->sh_entsize);
	rc = find_names(elf, file, shdr->sh_link, &names, diag);
	for (i = 0; !rc && i < n; i++) {
		if (!gelf_getsym(data, i, &sym))
			return fail_elf(diag, "ELF symbol does not parse");
		if (sym.st_name >= names.bytes && sym.st_name)
			return ks_fail(diag, -EBADMSG, KS_NO_OFF,
				       "ELF symbol has its name outside of the names");
		rc = visit(elf, file.bytes, &sym, names, symbols, nr_symbols, diag);
	}
	return rc;
}

int ks_elf_find_symbols(struct ks_span file, struct ks_elf_symbol *symbols, size_t nr_symbols,
			struct ks_diag *diag)
{
	__cleanup(end_elf) Elf *elf = NULL;
	struct ks_span table;
	Elf_Scn *scn = NULL;
	GElf_Ehdr ehdr;
	GElf_Shdr shdr;

	if (elf_version(EV_CURRENT) == EV_NONE)
		return fail_elf(diag, "libelf is too old");
	/* libelf takes a char *, but with elf_memory() and no update it only reads. */
	elf = elf_memory((char *)(uintptr_t)file.p, file.bytes);
	if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &ehdr))
		return fail_elf(diag, "ELF header does not parse");
	if (ehdr.e_ident[EI_CLASS] != ELFCLASS64 || ehdr.e_ident[EI_DATA] != ELFDATA2LSB)
		return ks_fail(diag, -EOPNOTSUPP, EI_CLASS, "kernel is not 64-bit little-endian");
	/* libelf takes a table past the end for none. */
	if (ehdr.e_shoff > file.bytes)
		return ks_fail(diag, -EBADMSG, ehdr.e_shoff, "ELF section table is behind the end of the file");
	if (!ks_span_sub(file, ehdr.e_shoff, (u64)ehdr.e_shnum * ehdr.e_shentsize, &table))
		return ks_fail_range(diag, ehdr.e_shoff, "ELF section table",
				     (u64)ehdr.e_shnum * ehdr.e_shentsize,
				     file.bytes - ehdr.e_shoff);
	while ((scn = elf_nextscn(elf, scn))) {
		if (!gelf_getshdr(scn, &shdr))
			return fail_elf(diag, "ELF section header does not parse");
		if (shdr.sh_type == SHT_SYMTAB)
			return scan(elf, file, scn, &shdr, symbols, nr_symbols, diag);
	}
	return ks_fail(diag, -ENODATA, KS_NO_OFF, "kernel has no symbol table");
}
