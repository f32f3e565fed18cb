// SPDX-License-Identifier: LGPL-2.1-or-later
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

static int check_header(Elf *elf, struct ks_diag *diag)
{
	GElf_Ehdr ehdr;

	if (!gelf_getehdr(elf, &ehdr))
		return fail_elf(diag, "ELF header does not parse");
	if (ehdr.e_ident[EI_CLASS] != ELFCLASS64 || ehdr.e_ident[EI_DATA] != ELFDATA2LSB)
		return ks_fail(diag, -EOPNOTSUPP, EI_CLASS, "module is not 64-bit little-endian");
	if (ehdr.e_machine != EM_X86_64 && ehdr.e_machine != EM_AARCH64)
		return ks_fail(diag, -EOPNOTSUPP, 18, "module is neither for x86-64 nor arm64");
	if (ehdr.e_type != ET_REL)
		return ks_fail(diag, -EBADMSG, 16, "ELF file is not relocatable, so not a module");
	return 0;
}

static u64 later(u64 a, u64 b)
{
	return a > b ? a : b;
}

/*
 * A module ends where its last section or its section table does. What stands behind is half a
 * signature, or one that was stacked: signing it would seal the rubbish in.
 */
static int check_end(u64 end_off, size_t file_bytes, struct ks_diag *diag)
{
	if (end_off == file_bytes)
		return 0;
	return ks_fail(diag, -EBADMSG, end_off,
		       "bytes behind the module that are no signature (a broken one?), cut them off");
}

/* Every module has .modinfo (MODULE_LICENSE is required); an object file that is none has not. */
static int find_modinfo(Elf *elf, size_t file_bytes, u64 *ret_end, struct ks_diag *diag)
{
	Elf_Scn *scn = NULL;
	size_t names_idx;
	GElf_Ehdr ehdr;
	GElf_Shdr shdr;
	bool found = false;
	const char *name;
	u64 end;

	if (!gelf_getehdr(elf, &ehdr))
		return fail_elf(diag, "ELF header does not parse");
	end = ehdr.e_shoff + (u64)ehdr.e_shnum * ehdr.e_shentsize;
	if (elf_getshdrstrndx(elf, &names_idx))
		return fail_elf(diag, "ELF section names do not parse");
	while ((scn = elf_nextscn(elf, scn))) {
		if (!gelf_getshdr(scn, &shdr))
			return fail_elf(diag, "ELF section header does not parse");
		if (shdr.sh_type != SHT_NOBITS &&
		    (shdr.sh_offset > file_bytes || shdr.sh_size > file_bytes - shdr.sh_offset))
			return ks_fail(diag, -EBADMSG, shdr.sh_offset,
				       "ELF section past the end, the kernel refuses it");
		if (shdr.sh_type != SHT_NOBITS)
			end = later(end, shdr.sh_offset + shdr.sh_size);
		name = elf_strptr(elf, names_idx, shdr.sh_name);
		if (!name)
			return fail_elf(diag, "ELF section name does not parse");
		found |= !strcmp(name, ".modinfo");
	}
	if (!found)
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, "no .modinfo section, so not a module");
	*ret_end = end;
	return 0;
}

static int check_form(struct ks_span file, u64 *ret_end, struct ks_diag *diag)
{
	__cleanup(end_elf) Elf *elf = NULL;
	int rc;

	if (elf_version(EV_CURRENT) == EV_NONE)
		return fail_elf(diag, "libelf is too old");
	/* libelf takes a char *, but with elf_memory() and no update it only reads. */
	elf = elf_memory((char *)(uintptr_t)file.p, file.bytes);
	if (!elf || elf_kind(elf) != ELF_K_ELF)
		return ks_fail(diag, -EBADMSG, 0, "not an ELF file");
	rc = check_header(elf, diag);
	return rc ? rc : find_modinfo(elf, file.bytes, ret_end, diag);
}

int ks_elf_check_loadable(struct ks_span file, struct ks_diag *diag)
{
	u64 end;

	return check_form(file, &end, diag);
}

int ks_elf_check_module(struct ks_span file, struct ks_diag *diag)
{
	u64 end;
	int rc = check_form(file, &end, diag);

	return rc ? rc : check_end(end, file.bytes, diag);
}
