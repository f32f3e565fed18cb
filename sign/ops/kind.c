// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/kind.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

#include "crypto/cert.h"
#include "fmt/arm64_image.h"
#include "fmt/auth.h"
#include "fmt/bzimage.h"
#include "fmt/compress.h"
#include "fmt/elf.h"
#include "fmt/pe.h"
#include "fmt/varstore.h"
#include "fmt/zboot.h"
#include "kernel/initrd.h"
#include "ops/efi_key.h"
#include "ops/keyring.h"
#include "ops/uki_sections.h"

static const struct {
	const char *word;
	const char *name;
} kinds[KS_KIND_NR] = {
	[KS_KIND_UNKNOWN] = { "unknown", "unknown" },
	[KS_KIND_COMPRESSED] = { "compressed", "compressed file" },
	[KS_KIND_MODULE] = { "module", "kernel module" },
	[KS_KIND_KERNEL] = { "kernel", "kernel" },
	[KS_KIND_UKI] = { "uki", "unified kernel image" },
	[KS_KIND_ADDON] = { "addon", "addon of unified kernel images" },
	[KS_KIND_PE] = { "pe", "EFI image" },
	[KS_KIND_CERTS] = { "certificates", "certificates" },
	[KS_KIND_LISTS] = { "signature_lists", "EFI signature lists" },
	[KS_KIND_STORE] = { "variable_store", "EFI variable store" },
	[KS_KIND_UPDATE] = { "update", "update of an EFI variable" },
	[KS_KIND_MANIFEST] = { "keyring", "keyring manifest" },
};

const char *ks_kind_word(enum ks_kind kind)
{
	return kinds[kind].word;
}

const char *ks_kind_name(enum ks_kind kind)
{
	return kinds[kind].name;
}

static bool is_mz(struct ks_span file)
{
	struct ks_span head;

	return ks_span_sub(file, 0, 2, &head) && ks_span_eq(head, ks_span_str("MZ"));
}

bool ks_kind_is_pe(enum ks_kind kind, struct ks_span file)
{
	return kind == KS_KIND_UKI || kind == KS_KIND_ADDON || kind == KS_KIND_PE ||
	       (kind == KS_KIND_KERNEL && is_mz(file));
}

int ks_kind_check_unpacked(struct ks_span file, struct ks_diag *diag)
{
	const char *name = ks_kernel_compression(file, 0);
	struct ks_span head;

	/* `lz4` without -l, which no kernel reads. */
	if (ks_span_sub(file, 0, 4, &head) && ks_span_eq(head, ks_span_str("\x04\x22\x4d\x18")))
		name = "lz4";
	return name ? ks_fail_detail(diag, -EOPNOTSUPP, "file is compressed as a whole, decompress it first", name) : 0;
}

int ks_kind_parse_pe(struct ks_span file, struct ks_pe_view *ret_view, struct ks_diag *diag)
{
	int rc = ks_kind_check_unpacked(file, diag);

	return rc ? rc : ks_pe_parse(file, ret_view, diag);
}

static enum ks_kind kind_of_pe(struct ks_span file)
{
	struct ks_pe_view view;

	if (ks_pe_read(file, &view, NULL))
		return KS_KIND_PE;
	if (ks_uki_is_addon(&view))
		return KS_KIND_ADDON;
	return ks_pe_find(&view, ".linux") ? KS_KIND_UKI : KS_KIND_PE;
}

static bool is_certs(struct ks_span file)
{
	__cleanup(ks_cert_done) struct ks_cert cert = { 0 };
	struct ks_span head;

	if (ks_span_sub(file, 0, 2, &head) && head.p[0] == 0x30)
		return !ks_cert_parse(file, &cert, NULL);
	return file.bytes <= KS_MAX_TEXT_BYTES && !memchr(file.p, 0, file.bytes) &&
	       memmem(file.p, file.bytes, "-----BEGIN CERTIFICATE", 22);
}

/* Random bytes have no sizes that fit, but zeros have: a list of a type that somebody knows is asked for. */
static bool is_lists(struct ks_span file)
{
	struct ks_esl_view view;

	return file.bytes <= KS_MAX_VARSTORE_BYTES && !ks_efi_parse_lists(file, &view, NULL) &&
	       view.nr_lists && ks_esl_type_of(&view.list[0].type);
}

enum ks_kind ks_kind_of(struct ks_span file)
{
	enum ks_compression kind;

	if (!file.bytes)
		return KS_KIND_UNKNOWN;
	if (ks_elf_probe(file))
		return ks_elf_header(file).e_type == ET_REL ? KS_KIND_MODULE : KS_KIND_KERNEL;
	if (ks_bzimage_probe(file) || ks_arm64_image_probe(file) || ks_zboot_probe(file))
		return KS_KIND_KERNEL;
	if (is_mz(file))
		return kind_of_pe(file);
	kind = ks_compression_of(file);
	/* Two zeros behind 0x5d are many a file's start. */
	if (kind != KS_COMPRESS_NONE && kind != KS_COMPRESS_LZMA)
		return KS_KIND_COMPRESSED;
	if (ks_varstore_probe(file))
		return KS_KIND_STORE;
	if (ks_auth_is(file))
		return KS_KIND_UPDATE;
	if (is_certs(file))
		return KS_KIND_CERTS;
	if (is_lists(file))
		return KS_KIND_LISTS;
	return ks_keyring_is_manifest(file) ? KS_KIND_MANIFEST : KS_KIND_UNKNOWN;
}
