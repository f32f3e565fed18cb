// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * One function per rule, one row per rule. A rule that is not fatal is skipped when signing.
 * Sources: EDK2 BasePeCoffLib and DxeImageVerificationLib; shim pe.c and sbat.c; systemd-stub.
 */
#include "ops/pe_lint_internal.h"

#include <errno.h>
#include <string.h>

#include "fmt/bzimage.h"
#include "fmt/sbat.h"

#define PAGE_BYTES 4096U

/* Offsets of fields that a finding names, relative to the COFF and the optional header. */
#define COFF_FLAGS 18U
#define OPT_ENTRY 16U
#define OPT_SECTION_ALIGN 32U
#define OPT_IMAGE_BYTES 56U
#define OPT_SUBSYSTEM 68U
#define OPT_DLL_FLAGS 70U

/*
 * How a finding weighs: FATAL where something of the boot chain refuses the image or reads it otherwise;
 * STRICT where all of it starts the image, and signing refuses it all the same.
 */
enum weight { ADVICE, STRICT, FATAL };

struct ks_pe_lint_rule {
	const char *name;
	enum weight weight;
	void (*check)(struct ks_pe_lint *l);
};

static void add(struct ks_pe_lint *l, enum weight weight, u64 off, const char *what,
		const char *detail)
{
	const struct ks_finding finding = {
		l->rule->name, weight == FATAL || (weight == STRICT && l->for_signing), off, what, ""
	};

	ks_findings_add(l->out, &finding, detail);
}

void ks_pe_lint_found(struct ks_pe_lint *l, u64 off, const char *what, const char *detail)
{
	add(l, l->rule->weight, off, what, detail);
}

static void found_diag(struct ks_pe_lint *l, const struct ks_diag *diag, u64 base_off, const char *detail)
{
	ks_pe_lint_found(l, diag->off == KS_NO_OFF ? diag->off : base_off + diag->off, diag->what, detail);
}

/* What the loader maps of a section's data. */
static struct ks_span loaded(const struct ks_pe_section *s)
{
	struct ks_span part = s->raw;

	if (s->virtual_bytes && s->virtual_bytes < part.bytes)
		part.bytes = s->virtual_bytes;
	return part;
}

/* The next section after @s (NULL: the first) of that name (NULL: any); NULL behind the last. */
static const struct ks_pe_section *next(const struct ks_pe_lint *l, const struct ks_pe_section *s,
					const char *name)
{
	u32 i = s ? (u32)(s - l->view.section) + 1 : 0;

	for (; i < l->view.nr_sections; i++)
		if (!name || !strcmp(l->view.section[i].name, name))
			return &l->view.section[i];
	return NULL;
}

static void check_file_layout(struct ks_pe_lint *l)
{
	u32 i;

	for (i = 0; i < l->view.nr_sections; i++) {
		struct ks_diag diag = { 0 };

		if (ks_pe_check_raw(&l->view, i, &diag))
			found_diag(l, &diag, 0, l->view.section[i].name);
	}
}

static void check_memory_layout(struct ks_pe_lint *l)
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
			ks_pe_lint_found(l, s->header_off + 12,
			      "section overlaps the headers in memory, shim refuses it", s->name);
	}
}

static void check_table(struct ks_pe_lint *l)
{
	struct ks_span cms[KS_MAX_PE_CERTS];
	struct ks_diag diag = { 0 };
	size_t nr = 0;

	if (ks_pe_check_table(&l->view, &diag) ||
	    ks_pe_firmware_certs(&l->view, cms, &nr, &diag))
		found_diag(l, &diag, 0, NULL);
	/* Firmware looks at neither revision nor padding; a signature is only kept as it is written. */
	else if (ks_pe_certs(&l->view, cms, &nr, &diag))
		add(l, STRICT, diag.off, diag.what, NULL);
}

/* Symbols that the COFF header points to are known; anything else can carry what nobody reads. */
static void check_tail(struct ks_pe_lint *l)
{
	const struct ks_pe_view *v = &l->view;
	u64 off = v->data_end_off;

	if (v->symbols_off >= off && v->symbols_off < off + v->tail.bytes)
		return;
	/* A bzImage is also started without firmware, and then all of it is loaded (6.18: .modinfo). */
	if (!ks_span_is_zero(v->tail) && !ks_bzimage_has_header(v->file))
		ks_pe_lint_found(l, off, "data behind the last section that no section maps, cut it off", NULL);
}

/* 13, EFI ROM, is started by OVMF 2022.11 and 2025.02, and no longer by 2026.08. */
static void check_subsystem(struct ks_pe_lint *l)
{
	if (l->view.subsystem < 10 || l->view.subsystem > 12)
		ks_pe_lint_found(l, l->view.opt_off + OPT_SUBSYSTEM,
				 "Subsystem is no EFI application or driver, firmware does not start it",
				 NULL);
}

static void check_entry(struct ks_pe_lint *l)
{
	const struct ks_pe_section *s = NULL;

	while ((s = next(l, s, NULL)))
		if (l->view.entry_rva >= s->rva && l->view.entry_rva < ks_pe_rva_end(s))
			break;
	/* LoadImage() does not look, but shim wants a section there, and code where memory has rights. */
	if (!s || !(s->flags & KS_PE_SCN_EXECUTE))
		add(l, s ? STRICT : FATAL, l->view.opt_off + OPT_ENTRY,
		    "entry point is in no executable section, link the image again",
		    s ? s->name : NULL);
}

static void check_write_execute(struct ks_pe_lint *l)
{
	const struct ks_pe_section *s = NULL;

	while ((s = next(l, s, NULL)))
		/* shim refuses it in an image that claims NX_COMPAT; nobody else looks. */
		if ((s->flags & KS_PE_SCN_WRITE) && (s->flags & KS_PE_SCN_EXECUTE))
			add(l, l->view.dll_flags & KS_PE_NX_COMPAT ? FATAL : STRICT,
			    s->header_off + 36,
			    "section is writable and executable, drop one of the two flags", s->name);
}

/* Firmware sets page rights where SectionAlignment is a page, and leaves such an image without them. */
static void check_pages(struct ks_pe_lint *l)
{
	const struct ks_pe_section *s = NULL;

	while ((s = next(l, s, NULL)))
		if (l->view.section_align >= PAGE_BYTES && s->rva % PAGE_BYTES)
			ks_pe_lint_found(l, s->header_off + 12,
			      "section does not start at a page as SectionAlignment says, align it",
			      s->name);
}

/* How often each may be there: once, and once more in each .profile; .sbat once at all. */
static void check_duplicates(struct ks_pe_lint *l)
{
	static const char *const single[] = { ".linux", ".osrel",  ".cmdline", ".initrd",
					      ".ucode", ".splash", ".dtb",     ".uname",
					      ".pcrsig", ".pcrpkey", ".sdmagic", ".sbat" };
	const size_t sbat = KS_ARRAY_SIZE(single) - 1;
	bool seen[KS_ARRAY_SIZE(single)] = { false };
	const struct ks_pe_section *s = NULL;
	size_t i;

	while ((s = next(l, s, NULL))) {
		for (i = 0; i < KS_ARRAY_SIZE(single); i++) {
			if (!strcmp(s->name, ".profile") && i != sbat)
				seen[i] = false;
			if (strcmp(s->name, single[i]))
				continue;
			if (seen[i])
				ks_pe_lint_found(l, s->header_off, "section is there twice, remove one",
				      s->name);
			seen[i] = true;
		}
	}
}

static void check_sbat(struct ks_pe_lint *l)
{
	const struct ks_pe_section *s = NULL;

	while ((s = next(l, s, ".sbat"))) {
		struct ks_diag diag = { 0 };

		if (ks_sbat_check(loaded(s), s->raw_off, &diag))
			found_diag(l, &diag, 0, NULL);
	}
}

static void check_kernel(struct ks_pe_lint *l)
{
	const struct ks_pe_section *s = NULL;

	while ((s = next(l, s, ".linux"))) {
		struct ks_diag diag = { 0 };
		struct ks_pe_view kernel;

		if (ks_pe_parse(loaded(s), &kernel, &diag))
			found_diag(l, &diag, s->raw_off, "in .linux");
		else if (kernel.machine != l->view.machine)
			ks_pe_lint_found(l, s->raw_off + kernel.coff_off,
			      "kernel and stub differ in machine, take the kernel's own stub",
			      "in .linux");
	}
}

static void check_kernel_nx(struct ks_pe_lint *l)
{
	const struct ks_pe_section *s = NULL;
	struct ks_pe_view kernel;

	while ((s = next(l, s, ".linux")))
		if ((l->view.dll_flags & KS_PE_NX_COMPAT) &&
		    !ks_pe_parse(loaded(s), &kernel, NULL) &&
		    !(kernel.dll_flags & KS_PE_NX_COMPAT))
			ks_pe_lint_found(l, s->raw_off + kernel.opt_off + OPT_DLL_FLAGS,
			      "image claims NX_COMPAT, its kernel does not, clear the stub's flag",
			      "in .linux");
}

static void check_no_sbat(struct ks_pe_lint *l)
{
	if (!next(l, NULL, ".sbat"))
		ks_pe_lint_found(l, KS_NO_OFF, "no .sbat section, shim does not start it", NULL);
}

static void check_no_nx(struct ks_pe_lint *l)
{
	if (!(l->view.dll_flags & KS_PE_NX_COMPAT))
		ks_pe_lint_found(l, l->view.opt_off + OPT_DLL_FLAGS,
		      "NX_COMPAT is not claimed, firmware that requires it refuses the image", NULL);
}

static void check_nx_pages(struct ks_pe_lint *l)
{
	if ((l->view.dll_flags & KS_PE_NX_COMPAT) && l->view.section_align < PAGE_BYTES)
		ks_pe_lint_found(l, l->view.opt_off + OPT_SECTION_ALIGN,
		      "NX_COMPAT is claimed, but SectionAlignment is below a page", NULL);
}

static void check_section_align(struct ks_pe_lint *l)
{
	if (l->view.section_align < PAGE_BYTES)
		ks_pe_lint_found(l, l->view.opt_off + OPT_SECTION_ALIGN,
		      "SectionAlignment is below a page, firmware cannot protect the sections",
		      NULL);
}

static void check_aligned(struct ks_pe_lint *l)
{
	const struct ks_pe_section *s = NULL;

	while ((s = next(l, s, NULL))) {
		if (l->view.section_align < PAGE_BYTES && s->rva % l->view.section_align)
			ks_pe_lint_found(l, s->header_off + 12,
			      "section address is no multiple of SectionAlignment", s->name);
		if (s->raw_bytes && s->raw_off % l->view.file_align)
			ks_pe_lint_found(l, s->header_off + 20,
			      "section data is not at a multiple of FileAlignment", s->name);
	}
}

static void check_image_bytes(struct ks_pe_lint *l)
{
	const struct ks_pe_section *s = NULL;
	u64 end = 0;

	while ((s = next(l, s, NULL)))
		end = ks_pe_rva_end(s) > end ? ks_pe_rva_end(s) : end;
	if (l->view.image_bytes != ks_align_up(end, l->view.section_align))
		ks_pe_lint_found(l, l->view.opt_off + OPT_IMAGE_BYTES,
		      "SizeOfImage is not the end of the last section, rounded up", NULL);
}

static void check_relocs(struct ks_pe_lint *l)
{
	if (l->view.coff_flags & KS_PE_RELOCS_STRIPPED)
		ks_pe_lint_found(l, l->view.coff_off + COFF_FLAGS,
		      "relocations are stripped, shim refuses the image", NULL);
}

static void check_checksum(struct ks_pe_lint *l)
{
	if (l->view.checksum != ks_pe_checksum(l->view.file, l->view.checksum_off))
		ks_pe_lint_found(l, l->view.checksum_off, "CheckSum is wrong, signing sets it", NULL);
}

static void check_equal_signatures(struct ks_pe_lint *l)
{
	struct ks_span cms[KS_MAX_PE_CERTS];
	size_t i, k, nr = 0;

	if (ks_pe_certs(&l->view, cms, &nr, NULL))
		return;
	for (i = 1; i < nr; i++)
		for (k = 0; k < i; k++)
			if (ks_span_eq(cms[i], cms[k]))
				ks_pe_lint_found(l, l->view.cert_off, "the same signature twice, replace it", NULL);
}

/* The table is checked first: later rules read @tail and @certs, which it sets. */
static const struct ks_pe_lint_rule rules[] = {
	{ "certificate-table", FATAL, check_table },
	{ "file-layout", FATAL, check_file_layout },
	{ "memory-layout", FATAL, check_memory_layout },
	{ "trailing-data", STRICT, check_tail },
	{ "subsystem", FATAL, check_subsystem },
	{ "entry-point", FATAL, check_entry },
	{ "write-execute", FATAL, check_write_execute },
	{ "page-alignment", STRICT, check_pages },
	{ "directory-count", FATAL, ks_pe_lint_dirs },
	{ "base-relocations", FATAL, ks_pe_lint_relocs },
	{ "debug-directory", FATAL, ks_pe_lint_debug },
	{ "resource-directory", FATAL, ks_pe_lint_resources },
	{ "duplicate-section", FATAL, check_duplicates },
	{ "sbat", FATAL, check_sbat },
	{ "kernel", FATAL, check_kernel },
	{ "kernel-nx", FATAL, check_kernel_nx },
	{ "no-sbat", ADVICE, check_no_sbat },
	{ "no-nx", ADVICE, check_no_nx },
	{ "nx-alignment", ADVICE, check_nx_pages },
	{ "section-alignment", ADVICE, check_section_align },
	{ "alignment", ADVICE, check_aligned },
	{ "image-size", ADVICE, check_image_bytes },
	{ "relocations", ADVICE, check_relocs },
	{ "checksum", ADVICE, check_checksum },
	{ "equal-signatures", ADVICE, check_equal_signatures },
	{ "shim-signer", ADVICE, ks_pe_lint_signers },
};

/* What ks_pe_read() refuses has no view to run rules on. */
static const struct ks_pe_lint_rule unreadable = { "headers", FATAL, NULL };

static void run(struct ks_pe_lint *l)
{
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(rules); i++) {
		if (l->for_signing && rules[i].weight == ADVICE)
			continue;
		l->rule = &rules[i];
		rules[i].check(l);
	}
}

int ks_pe_lint(struct ks_span in, struct ks_findings *findings, struct ks_diag *diag)
{
	struct ks_pe_lint l = { .out = findings, .rule = &unreadable };
	struct ks_diag reason = { 0 };

	if (ks_pe_read(in, &l.view, &reason))
		found_diag(&l, &reason, 0, NULL);
	else
		run(&l);
	return ks_findings_ok(findings, diag);
}

int ks_pe_lint_fatal(const struct ks_pe_view *view, struct ks_diag *diag)
{
	__cleanup(ks_findings_done) struct ks_findings findings = { 0 };
	struct ks_pe_lint l = { .view = *view, .out = &findings, .for_signing = true };

	run(&l);
	return ks_findings_ok(&findings, diag) ?: ks_findings_fail(&findings, diag);
}
