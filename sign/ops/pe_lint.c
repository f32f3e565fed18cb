// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * One function per rule, one row per rule. A rule that is not fatal is skipped when signing.
 * Sources: EDK2 BasePeCoffLib and DxeImageVerificationLib; shim pe.c, verify.c and sbat.c; systemd-stub.
 */
#include "ops/pe_lint.h"

#include <errno.h>
#include <string.h>

#include "base/cursor.h"
#include "crypto/chain.h"
#include "crypto/cms.h"
#include "fmt/bzimage.h"
#include "fmt/sbat.h"
#include "ops/kind.h"
#include "ops/uki_table.h"

#define PAGE_BYTES 4096U

/* Offsets of fields that a finding names, relative to the COFF and the optional header. */
#define COFF_FLAGS 18U
#define OPT_ENTRY 16U
#define OPT_SECTION_ALIGN 32U
#define OPT_IMAGE_BYTES 56U
#define OPT_SUBSYSTEM 68U
#define OPT_DLL_FLAGS 70U

#define DIR_RESOURCE 2U
#define DIR_CERTS 4U
#define DIR_RELOC 5U
#define DIR_DEBUG 6U
#define DEBUG_ENTRY_BYTES 28U
#define DEBUG_CODEVIEW 2U
#define RESOURCE_HEAD_BYTES 16U

#define SIGNER_RULE "shim-signer"

static void found_diag(struct ks_lint *l, const struct ks_diag *diag, u64 base_off, const char *detail)
{
	ks_lint_found(l, diag->off == KS_NO_OFF ? diag->off : base_off + diag->off, diag->what, detail);
}

/* The next section after @s (NULL: the first) of that name (NULL: any); NULL behind the last. */
static const struct ks_pe_section *next_section(const struct ks_lint *l, const struct ks_pe_section *s,
					const char *name)
{
	u32 i = s ? (u32)(s - l->view.section) + 1 : 0;

	for (; i < l->view.nr_sections; i++)
		if (!name || !strcmp(l->view.section[i].name, name))
			return &l->view.section[i];
	return NULL;
}

static void check_file_layout(struct ks_lint *l)
{
	u32 i;

	for (i = 0; i < l->view.nr_sections; i++) {
		struct ks_diag diag = { 0 };

		if (ks_pe_check_raw(&l->view, i, &diag))
			found_diag(l, &diag, 0, l->view.section[i].name);
	}
}

static void check_memory_layout(struct ks_lint *l)
{
	const struct ks_pe_section *s;
	u32 i;

	for (i = 0; i < l->view.nr_sections; i++) {
		struct ks_diag diag = { 0 };

		s = &l->view.section[i];
		if (ks_pe_check_rva(&l->view, i, &diag))
			found_diag(l, &diag, 0, s->name);
		/* shim: "Section is inside image headers" */
		if (!s->raw_bytes && s->rva < l->view.headers_bytes)
			ks_lint_found(l, s->header_off + 12,
			      "section overlaps the headers in memory, shim refuses it", s->name);
	}
}

static void check_table(struct ks_lint *l)
{
	struct ks_span cms[KS_MAX_PE_CERTS];
	struct ks_diag diag = { 0 };
	size_t nr = 0;

	if (ks_pe_check_table(&l->view, &diag) ||
	    ks_pe_firmware_certs(&l->view, cms, &nr, &diag))
		found_diag(l, &diag, 0, NULL);
	/* Firmware looks at neither revision nor padding; a signature is only kept as it is written. */
	else if (ks_pe_certs(&l->view, cms, &nr, &diag))
		ks_lint_add(l, KS_LINT_STRICT, diag.off, diag.what, NULL);
}

/* Symbols that the COFF header points to are known; anything else could carry unchecked data. */
static void check_tail(struct ks_lint *l)
{
	const struct ks_pe_view *v = &l->view;
	u64 off = v->data_end_off;

	if (v->symbols_off >= off && v->symbols_off < off + v->tail.bytes)
		return;
	/* A bzImage is also started without firmware, and then all of it is loaded (6.18: .modinfo). */
	if (!ks_span_is_zero(v->tail) && !ks_bzimage_has_header(v->file))
		ks_lint_found(l, off, "data behind the last section that no section maps, cut it off", NULL);
}

/* 13, EFI ROM, is started by OVMF 2022.11 and 2025.02, and no longer by 2026.08. */
static void check_subsystem(struct ks_lint *l)
{
	if (l->view.subsystem < 10 || l->view.subsystem > 12)
		ks_lint_found(l, l->view.opt_off + OPT_SUBSYSTEM,
				 "Subsystem is not that of an EFI application or driver, firmware does not start it",
				 NULL);
}

static void check_entry(struct ks_lint *l)
{
	const struct ks_pe_section *s = NULL;

	while ((s = next_section(l, s, NULL)))
		if (l->view.entry_rva >= s->rva && l->view.entry_rva < ks_pe_rva_end(s))
			break;
	/* LoadImage() does not look, but shim wants a section there, and code where memory has rights. */
	if (!s || !(s->flags & KS_PE_SCN_EXECUTE))
		ks_lint_add(l, s ? KS_LINT_STRICT : KS_LINT_FATAL, l->view.opt_off + OPT_ENTRY,
		    "entry point is in no executable section, link the image again",
		    s ? s->name : NULL);
}

static void check_write_execute(struct ks_lint *l)
{
	const struct ks_pe_section *s = NULL;

	while ((s = next_section(l, s, NULL)))
		/* shim refuses it in an image that claims NX_COMPAT; nobody else looks. */
		if ((s->flags & KS_PE_SCN_WRITE) && (s->flags & KS_PE_SCN_EXECUTE))
			ks_lint_add(l, l->view.dll_flags & KS_PE_NX_COMPAT ? KS_LINT_FATAL : KS_LINT_STRICT,
			    s->header_off + 36,
			    "section is writable and executable, drop one of the two flags", s->name);
}

/* Firmware sets page rights where SectionAlignment is a page, and leaves such an image without them. */
static void check_pages(struct ks_lint *l)
{
	const struct ks_pe_section *s = NULL;

	while ((s = next_section(l, s, NULL)))
		if (l->view.section_align >= PAGE_BYTES && s->rva % PAGE_BYTES)
			ks_lint_found(l, s->header_off + 12,
			      "section does not start at a page as SectionAlignment says, align it",
			      s->name);
}

static void check_duplicates(struct ks_lint *l)
{
	bool seen[KS_UKI_NR] = { false };
	const struct ks_pe_section *s = NULL;
	size_t i;

	while ((s = next_section(l, s, NULL))) {
		const struct ks_uki_row *row = ks_uki_row_of(s->name);

		if (!row || row->repeat == KS_UKI_PICKED)
			continue;
		for (i = 0; row->repeat == KS_UKI_STARTS_PROFILE && i < KS_UKI_NR; i++)
			seen[i] &= ks_uki_table[i].repeat == KS_UKI_ONCE;
		if (row->repeat == KS_UKI_STARTS_PROFILE)
			continue;
		if (seen[row - ks_uki_table])
			ks_lint_found(l, s->header_off, "section is there twice, remove one",
					 s->name);
		seen[row - ks_uki_table] = true;
	}
}

static void check_sbat(struct ks_lint *l)
{
	const struct ks_pe_section *s = NULL;

	while ((s = next_section(l, s, ".sbat"))) {
		struct ks_diag diag = { 0 };

		if (ks_sbat_check(ks_pe_loaded(s), s->raw_off, &diag))
			found_diag(l, &diag, 0, NULL);
	}
}

static void check_kernel(struct ks_lint *l)
{
	const struct ks_pe_section *s = NULL;

	while ((s = next_section(l, s, ".linux"))) {
		struct ks_diag diag = { 0 };
		struct ks_pe_view kernel;

		if (ks_pe_parse(ks_pe_loaded(s), &kernel, &diag))
			found_diag(l, &diag, s->raw_off, "in .linux");
		else if (kernel.machine != l->view.machine)
			ks_lint_found(l, s->raw_off + kernel.coff_off,
			      "kernel and stub differ in machine, take the kernel's own stub",
			      "in .linux");
	}
}

static void check_kernel_nx(struct ks_lint *l)
{
	const struct ks_pe_section *s = NULL;
	struct ks_pe_view kernel;

	while ((s = next_section(l, s, ".linux")))
		if ((l->view.dll_flags & KS_PE_NX_COMPAT) &&
		    !ks_pe_parse(ks_pe_loaded(s), &kernel, NULL) &&
		    !(kernel.dll_flags & KS_PE_NX_COMPAT))
			ks_lint_found(l, s->raw_off + kernel.opt_off + OPT_DLL_FLAGS,
			      "image claims NX_COMPAT, its kernel does not, clear the stub's flag",
			      "in .linux");
}

static void check_no_sbat(struct ks_lint *l)
{
	if (!next_section(l, NULL, ".sbat"))
		ks_lint_found(l, KS_NO_OFF, "no .sbat section, shim does not start it", NULL);
}

static void check_no_nx(struct ks_lint *l)
{
	if (!(l->view.dll_flags & KS_PE_NX_COMPAT))
		ks_lint_found(l, l->view.opt_off + OPT_DLL_FLAGS,
		      "NX_COMPAT is not claimed, firmware that requires it refuses the image", NULL);
}

static void check_nx_pages(struct ks_lint *l)
{
	if ((l->view.dll_flags & KS_PE_NX_COMPAT) && l->view.section_align < PAGE_BYTES)
		ks_lint_found(l, l->view.opt_off + OPT_SECTION_ALIGN,
		      "NX_COMPAT is claimed, but SectionAlignment is below a page", NULL);
}

static void check_section_align(struct ks_lint *l)
{
	if (l->view.section_align < PAGE_BYTES)
		ks_lint_found(l, l->view.opt_off + OPT_SECTION_ALIGN,
		      "SectionAlignment is below a page, firmware cannot protect the sections",
		      NULL);
}

static void check_aligned(struct ks_lint *l)
{
	const struct ks_pe_section *s = NULL;

	while ((s = next_section(l, s, NULL))) {
		if (l->view.section_align < PAGE_BYTES && s->rva % l->view.section_align)
			ks_lint_found(l, s->header_off + 12,
			      "section address is not a multiple of SectionAlignment", s->name);
		if (s->raw_bytes && s->raw_off % l->view.file_align)
			ks_lint_found(l, s->header_off + 20,
			      "section data is not at a multiple of FileAlignment", s->name);
	}
}

static void check_image_bytes(struct ks_lint *l)
{
	const struct ks_pe_section *s = NULL;
	u64 end = 0;

	while ((s = next_section(l, s, NULL)))
		end = ks_pe_rva_end(s) > end ? ks_pe_rva_end(s) : end;
	if (l->view.image_bytes != ks_align_up(end, l->view.section_align))
		ks_lint_found(l, l->view.opt_off + OPT_IMAGE_BYTES,
		      "SizeOfImage is not the end of the last section, rounded up", NULL);
}

static void check_relocs(struct ks_lint *l)
{
	if (l->view.coff_flags & KS_PE_RELOCS_STRIPPED)
		ks_lint_found(l, l->view.coff_off + COFF_FLAGS,
		      "relocations are stripped, shim refuses the image", NULL);
}

static void check_checksum(struct ks_lint *l)
{
	if (l->view.checksum != ks_pe_checksum(l->view.file, l->view.checksum_off))
		ks_lint_found(l, l->view.checksum_off, "CheckSum is wrong, signing sets it", NULL);
}

static void check_equal_signatures(struct ks_lint *l)
{
	struct ks_span cms[KS_MAX_PE_CERTS];
	size_t i, k, nr = 0;

	if (ks_pe_certs(&l->view, cms, &nr, NULL))
		return;
	for (i = 1; i < nr; i++)
		for (k = 0; k < i; k++)
			if (ks_span_eq(cms[i], cms[k]))
				ks_lint_found(l, l->view.cert_off, "the same signature twice, replace it", NULL);
}

/*
 * What the loader behind the signature refuses, or reads and writes where it should not: EDK2's
 * BasePeCoffLib up to the releases of 2026, asked of OVMF with signed images.
 */

static u64 dir_off(const struct ks_lint *l, u32 idx)
{
	return l->view.cert_dir_off - DIR_CERTS * 8 + idx * 8;
}

/* A directory that is there and not empty. */
static bool has_dir(const struct ks_lint *l, u32 idx)
{
	return l->view.nr_dirs > idx && l->view.dir[idx].bytes;
}

/* @bytes of the loaded image: headers, data of a section, or the zeros behind it. */
static bool read_rva(const struct ks_lint *l, u64 rva, u64 bytes, u8 *to)
{
	const struct ks_pe_view *v = &l->view;
	struct ks_span part;
	u64 i;
	u32 k;

	memset(to, 0, bytes);
	if (rva + bytes > v->image_bytes)
		return false;
	for (i = 0; i < bytes; i++) {
		if (rva + i < v->headers_bytes && ks_span_sub(v->file, rva + i, 1, &part))
			to[i] = part.p[0];
		for (k = 0; k < v->nr_sections; k++)
			if (rva + i >= v->section[k].rva &&
			    ks_span_sub(v->section[k].raw, rva + i - v->section[k].rva, 1, &part))
				to[i] = part.p[0];
	}
	return true;
}

static u32 le32(const u8 *p)
{
	return (u32)p[0] | (u32)p[1] << 8 | (u32)p[2] << 16 | (u32)p[3] << 24;
}

/* NumberOfRvaAndSizes 5 has no directory 5, but EDK2 tests for less than 5 and not for less than 6. */
static void check_dirs(struct ks_lint *l)
{
	if (l->view.nr_dirs == DIR_RELOC)
		ks_lint_found(l, dir_off(l, 0) - 4,
				 "NumberOfRvaAndSizes is 5: firmware reads the section table as "
				 "relocation directory, write 16",
				 NULL);
}

/* How many bytes a fixup changes; 0: none; -1: a type that firmware does not know. */
static int fixup_bytes(u16 entry)
{
	switch (entry >> 12) {
	case 0:
		return 0;
	case 1:
	case 2:
		return 2;
	case 3:
		return 4;
	case 10:
		return 8;
	}
	return -1;
}

/* Return: NULL, or what is wrong with the block at @rva whose entries end at @end. */
static const char *check_block(const struct ks_lint *l, u64 rva, u64 end, u32 page)
{
	u64 at;

	if (page >= l->view.image_bytes)
		return "relocation block is of an address outside of the image, firmware does not load it";
	for (at = rva + 8; at < end; at += 2) {
		u8 raw[2];
		u16 entry;
		int bytes;
		u64 target;

		if (!read_rva(l, at, 2, raw))
			return "relocation block ends outside of the image";
		entry = (u16)(raw[0] | raw[1] << 8);
		target = (u64)page + (entry & 0xfff);
		bytes = fixup_bytes(entry);
		if (bytes < 0)
			return "relocation of a type that firmware does not know";
		if (target >= l->view.image_bytes)
			return "relocation outside of the image, firmware does not load it";
		if (target + (u64)bytes > l->view.image_bytes)
			return "relocation leaves the image: firmware writes into foreign memory";
	}
	return NULL;
}

static void check_base_relocs(struct ks_lint *l)
{
	const u32 dir_rva = l->view.dir[DIR_RELOC].rva, dir_bytes = l->view.dir[DIR_RELOC].bytes;
	u64 rva = dir_rva, end = (u64)dir_rva + dir_bytes;
	const char *what = NULL;

	if (!has_dir(l, DIR_RELOC))
		return;
	if (end > UINT32_MAX)
		what = "relocation directory wraps around, versions of firmware differ on it";
	else if (end > l->view.image_bytes)
		what = "relocation directory leaves the image, firmware does not load it";
	while (!what && rva + 1 < end) {
		u8 head[8];
		u32 bytes;

		if (!read_rva(l, rva, 8, head)) {
			what = "relocation block leaves the image";
			break;
		}
		bytes = le32(head + 4);
		if (bytes < 8)
			what = "relocation block of less than its header, firmware does not load it";
		else if (rva + bytes > end)
			what = "relocation block leaves its directory, firmware does not load it";
		else
			what = check_block(l, rva, rva + bytes, le32(head));
		rva += bytes;
	}
	if (what)
		ks_lint_found(l, dir_off(l, DIR_RELOC), what, NULL);
}

/* CodeView with RVA 0 is read from the file, wherever it points to. */
static const char *check_codeview(const struct ks_lint *l, const u8 *entry)
{
	const u32 bytes = le32(entry + 16), rva = le32(entry + 20), off = le32(entry + 24);
	static const struct {
		const char *magic;
		u32 bytes;
	} kinds[] = { { "NB10", 16 }, { "RSDS", 24 }, { "MTOC", 20 } };
	u8 magic[4] = { 0 };
	struct ks_span part;
	size_t i;

	if (!rva && !off)
		return NULL;
	if (!rva && (u64)off + bytes > l->view.data_end_off)
		return "debug directory points behind the sections: firmware reads what nobody signed";
	if (rva && !read_rva(l, rva, 4, magic))
		return "debug data is outside of the image, firmware does not load it";
	if (!rva && ks_span_sub(l->view.file, off, 4, &part))
		memcpy(magic, part.p, 4);
	for (i = 0; i < KS_ARRAY_SIZE(kinds); i++)
		if (!memcmp(magic, kinds[i].magic, 4) && bytes < kinds[i].bytes)
			return "debug data is shorter than its kind, firmware does not load the image";
	return NULL;
}

static const struct ks_pe_section *section_at(const struct ks_lint *l, u32 rva)
{
	u32 i;

	for (i = 0; i < l->view.nr_sections; i++)
		if (rva >= l->view.section[i].rva &&
		    rva - l->view.section[i].rva < l->view.section[i].virtual_bytes)
			return &l->view.section[i];
	return NULL;
}

static void check_debug(struct ks_lint *l)
{
	const u32 rva = l->view.dir[DIR_DEBUG].rva, bytes = l->view.dir[DIR_DEBUG].bytes;
	const struct ks_pe_section *s = section_at(l, rva);
	const char *what = NULL;
	u64 i, off;

	if (!has_dir(l, DIR_DEBUG) || !s)
		return;
	off = (u64)rva - s->rva + s->raw_off;
	for (i = 0; i < bytes && !what; i += DEBUG_ENTRY_BYTES) {
		struct ks_span entry;

		if (off + i + DEBUG_ENTRY_BYTES > l->view.data_end_off ||
		    !ks_span_sub(l->view.file, off + i, DEBUG_ENTRY_BYTES, &entry)) {
			what = "debug directory leaves the sections: firmware reads what nobody signed";
		} else if (le32(entry.p + 12) == DEBUG_CODEVIEW) {
			what = check_codeview(l, entry.p);
			break;
		}
	}
	if (what)
		ks_lint_found(l, dir_off(l, DIR_DEBUG), what, NULL);
}

/* EDK2 follows the tree to a resource named HII with offsets that it compares with the size alone. */
static void check_resources(struct ks_lint *l)
{
	const u32 rva = l->view.dir[DIR_RESOURCE].rva, bytes = l->view.dir[DIR_RESOURCE].bytes;
	u8 head[RESOURCE_HEAD_BYTES];
	const char *what = NULL;
	u64 nr;

	if (!has_dir(l, DIR_RESOURCE) || rva >= l->view.image_bytes)
		return;
	if ((u64)rva + bytes > l->view.image_bytes || !read_rva(l, rva, RESOURCE_HEAD_BYTES, head)) {
		what = "resource directory leaves the image: firmware reads foreign memory";
	} else {
		nr = (u64)(head[12] | head[13] << 8) + (u64)(head[14] | head[15] << 8);
		if (RESOURCE_HEAD_BYTES + nr * 8 > bytes)
			what = "resource directory has more entries than bytes, firmware does not load it";
	}
	if (what)
		ks_lint_found(l, dir_off(l, DIR_RESOURCE), what, NULL);
}

/*
 * Signatures that firmware takes and shim does not: verify.c of shim, and what shim 16.1 answered under
 * OVMF 2022.11. A usage for modules counts in the certificate that is enrolled, in db or as a MOK, and
 * nowhere else; which one that is the image does not say.
 */

static void add_signer(struct ks_findings *findings, u64 off, const char *what, const struct ks_cert *cert)
{
	const struct ks_finding finding = { SIGNER_RULE, false, off, what, "" };
	char name[64];

	if (cert)
		ks_cert_name(cert, name, sizeof(name));
	ks_findings_add(findings, &finding, cert ? name : NULL);
}

int ks_pe_lint_signer(const struct ks_cert *signer, const struct ks_certs *embedded, u64 off,
		      struct ks_findings *findings, struct ks_diag *diag)
{
	__cleanup(ks_certs_done) struct ks_certs chain = { 0 };
	int rc = ks_cert_chain(signer, embedded ? embedded : &ks_no_certs, &ks_no_certs, &chain,
			       diag);
	size_t i;

	for (i = 0; !rc && i < chain.nr_certs; i++) {
		const struct ks_cert *cert = &chain.cert[i];

		if (!ks_cert_is_rsa(cert))
			add_signer(findings, off, "key is not RSA, shim does not take its signatures", cert);
		if (ks_cert_is_for_modules(cert))
			add_signer(findings, off,
			    "certificate is for signing modules, shim ignores it in db and as a MOK",
			    cert);
	}
	return rc ? rc : ks_findings_ok(findings, diag);
}

static void check_signers(struct ks_lint *l)
{
	struct ks_span cms[KS_MAX_PE_CERTS];
	size_t i, nr = 0;

	if (ks_pe_firmware_certs(&l->view, cms, &nr, NULL))
		return;
	for (i = 0; i < nr; i++) {
		__cleanup(ks_certs_done) struct ks_certs signers = { 0 }, embedded = { 0 };
		const char *alg = ks_cms_authcode_alg(cms[i]);
		const u64 off = (u64)(cms[i].p - l->view.file.p);

		if (alg && strcmp(alg, "sha256"))
			add_signer(l->out, off, "digest is not SHA-256, shim knows no other", NULL);
		/* What cannot be read is pe verify's to tell. */
		if (!ks_cms_authcode_certs(cms[i], &signers, &embedded, NULL) && signers.nr_certs &&
		    ks_pe_lint_signer(&signers.cert[0], &embedded, off, l->out, NULL))
			return;
	}
}

/* The table is checked first: later rules read @tail and @certs, which it sets. */
static const struct ks_lint_rule rules[] = {
	{ "certificate-table", KS_LINT_FATAL, .check = check_table },
	{ "file-layout", KS_LINT_FATAL, .check = check_file_layout },
	{ "memory-layout", KS_LINT_FATAL, .check = check_memory_layout },
	{ "trailing-data", KS_LINT_STRICT, .check = check_tail },
	{ "subsystem", KS_LINT_FATAL, .check = check_subsystem },
	{ "entry-point", KS_LINT_FATAL, .check = check_entry },
	{ "write-execute", KS_LINT_FATAL, .check = check_write_execute },
	{ "page-alignment", KS_LINT_STRICT, .check = check_pages },
	{ "directory-count", KS_LINT_FATAL, .check = check_dirs },
	{ "base-relocations", KS_LINT_FATAL, .check = check_base_relocs },
	{ "debug-directory", KS_LINT_FATAL, .check = check_debug },
	{ "resource-directory", KS_LINT_FATAL, .check = check_resources },
	{ "duplicate-section", KS_LINT_FATAL, .check = check_duplicates },
	{ "sbat", KS_LINT_FATAL, .check = check_sbat },
	{ "kernel", KS_LINT_FATAL, .check = check_kernel },
	{ "kernel-nx", KS_LINT_FATAL, .check = check_kernel_nx },
	{ "no-sbat", KS_LINT_ADVICE, .check = check_no_sbat },
	{ "no-nx", KS_LINT_ADVICE, .check = check_no_nx },
	{ "nx-alignment", KS_LINT_ADVICE, .check = check_nx_pages },
	{ "section-alignment", KS_LINT_ADVICE, .check = check_section_align },
	{ "alignment", KS_LINT_ADVICE, .check = check_aligned },
	{ "image-size", KS_LINT_ADVICE, .check = check_image_bytes },
	{ "relocations", KS_LINT_ADVICE, .check = check_relocs },
	{ "checksum", KS_LINT_ADVICE, .check = check_checksum },
	{ "equal-signatures", KS_LINT_ADVICE, .check = check_equal_signatures },
	{ "shim-signer", KS_LINT_ADVICE, .check = check_signers },
};

/* What ks_pe_read() refuses has no view to run rules on. */
static const struct ks_lint_rule unreadable = { "headers", KS_LINT_FATAL, .check = NULL };

int ks_pe_lint(struct ks_span in, struct ks_findings *findings, struct ks_diag *diag)
{
	struct ks_lint l = { .out = findings, .rule = &unreadable };
	struct ks_diag reason = { 0 };

	if (ks_kind_check_unpacked(in, &reason) || ks_pe_read(in, &l.view, &reason))
		found_diag(&l, &reason, 0, NULL);
	else
		ks_lint_run(&l, rules, KS_ARRAY_SIZE(rules), 1);
	return ks_findings_ok(findings, diag);
}

int ks_pe_lint_fatal(const struct ks_pe_view *view, struct ks_diag *diag)
{
	__cleanup(ks_findings_done) struct ks_findings findings = { 0 };
	struct ks_lint l = { .view = *view, .out = &findings, .for_signing = true };

	ks_lint_run(&l, rules, KS_ARRAY_SIZE(rules), 1);
	return ks_findings_ok(&findings, diag) ?: ks_findings_fail(&findings, diag);
}
