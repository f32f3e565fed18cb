// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/inspect.h"

#include <errno.h>

#include "base/limits.h"

const char *ks_compression_name(enum ks_compression kind)
{
	static const char *const names[] = {
		[KS_COMPRESS_GZIP] = "gzip",
		[KS_COMPRESS_XZ] = "xz",
		[KS_COMPRESS_ZSTD] = "zstd",
		[KS_COMPRESS_LZMA] = "lzma",
		[KS_COMPRESS_LZ4] = "lz4",
	};

	return kind < KS_ARRAY_SIZE(names) ? names[kind] : "another";
}

void ks_inspect_close(struct ks_inspected *file)
{
	ks_buf_done(&file->unpacked);
}

int ks_inspect_open(struct ks_span file, struct ks_inspected *ret_file, struct ks_diag *diag)
{
	enum ks_kind inner;
	int rc = ks_sha256(file, &ret_file->sha256, diag);

	ret_file->file = ret_file->content = file;
	ret_file->kind = ks_kind_of(file);
	if (rc || ret_file->kind != KS_KIND_COMPRESSED)
		return rc;
	ret_file->compression = ks_compression_of(file);
	rc = ks_decompress(ret_file->compression, file, KS_MAX_MODULE_BYTES, &ret_file->unpacked, diag);
	if (rc)
		return rc;
	inner = ks_kind_of(ks_buf_span(&ret_file->unpacked));
	if (inner == KS_KIND_MODULE || inner == KS_KIND_KERNEL) {
		ret_file->kind = inner;
		ret_file->content = ks_buf_span(&ret_file->unpacked);
	}
	return 0;
}

/* "" says as little as nothing. */
static const char *text_of(const struct ks_elf_module *module, const char *tag)
{
	const char *text = ks_elf_modinfo(module, tag);

	return text && *text ? text : NULL;
}

void ks_module_facts_of(struct ks_span content, struct ks_module_facts *ret_facts)
{
	const struct ks_elf_want any = { 0 };
	struct ks_module_facts f = { 0 };
	struct ks_elf_module module;
	int rc = ks_modsig_parse(content, &f.view, &f.fault);

	if (!rc)
		rc = ks_cms_module_info(f.view.cms, &f.info, &f.fault);
	else
		f.view.content = content;
	if (rc == -ENODATA)
		f.fault = (struct ks_diag){ 0 };
	if (ks_elf_module_parse(f.view.content, &any, &module, &f.no)) {
		f.name = text_of(&module, "name");
		f.vermagic = text_of(&module, "vermagic");
		f.version = text_of(&module, "version");
		f.license = text_of(&module, "license");
		f.depends = text_of(&module, "depends");
	}
	*ret_facts = f;
}
