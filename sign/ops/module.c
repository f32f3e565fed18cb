// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/module.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "kernel/decompress.h"
#include "kernel/elf.h"

/* What a name says of the content. */
static const struct {
	enum ks_compression kind;
	const char *suffix;
} suffixes[] = {
	{ KS_COMPRESS_GZIP, ".gz" },
	{ KS_COMPRESS_XZ, ".xz" },
	{ KS_COMPRESS_ZSTD, ".zst" },
};

static bool ends_with(const char *name, const char *tail)
{
	return ks_span_ends_with(ks_span_str(name), ks_span_str(tail));
}

static enum ks_compression kind_of_name(const char *name)
{
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(suffixes); i++)
		if (ends_with(name, suffixes[i].suffix))
			return suffixes[i].kind;
	return KS_COMPRESS_NONE;
}

static const char *suffix_of(enum ks_compression kind)
{
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(suffixes); i++)
		if (suffixes[i].kind == kind)
			return suffixes[i].suffix;
	return "";
}

/* The name of the same module under another compression; the caller frees. */
static char *rename_for(const char *name, enum ks_compression kind)
{
	size_t stem_bytes = strlen(name) - strlen(suffix_of(kind_of_name(name)));
	char *renamed;

	return asprintf(&renamed, "%.*s%s", (int)stem_bytes, name, suffix_of(kind)) < 0 ? NULL :
											 renamed;
}

void ks_module_close(struct ks_module *m)
{
	ks_target_close(&m->target);
	m->view = (struct ks_modsig_view){ 0 };
}

void ks_module_done(struct ks_module *m)
{
	ks_module_close(m);
	ks_buf_done(&m->file);
	ks_buf_done(&m->unpacked);
}

static int unpack_file(struct ks_module *m, struct ks_span *ret_plain, struct ks_diag *diag)
{
	*ret_plain = ks_buf_span(&m->file);
	m->kind = kind_of_name(m->target.place.name);
	ks_buf_done(&m->unpacked);
	if (m->kind == KS_COMPRESS_NONE && ks_compression_of(*ret_plain) == KS_COMPRESS_NONE)
		return 0;
	if (ks_compression_of(*ret_plain) != m->kind)
		return ks_fail(diag, -EBADMSG, 0,
			       "content is not compressed as the name says, rename the file");
	if (ks_module_unpack(m->kind, *ret_plain, &m->unpacked, diag))
		return diag->err;
	*ret_plain = ks_buf_span(&m->unpacked);
	return 0;
}

static int read_module(struct ks_module *m, struct ks_diag *diag)
{
	struct ks_diag unsigned_diag = { 0 };
	struct ks_span plain = { 0 };
	int rc = ks_target_read(&m->target, KS_MAX_MODULE_BYTES, &m->file, diag);

	if (!rc)
		rc = unpack_file(m, &plain, diag);
	if (rc)
		return rc;
	rc = ks_modsig_parse(plain, &m->view, &unsigned_diag);
	if (!rc || rc == -ENODATA)
		return 0;
	*diag = unsigned_diag;
	return rc;
}

int ks_module_open(struct ks_module *m, const char *path, enum ks_target_use use,
		   struct ks_diag *diag)
{
	int rc;

	ks_module_close(m);
	rc = ks_target_open(path, use, &m->target, diag);
	if (!rc)
		rc = read_module(m, diag);
	if (rc)
		ks_module_close(m);
	ks_diag_in(diag, path);
	return rc;
}

/* The signature that is kept must be readable: the marker at the end of the file alone proves nothing. */
static int check_kept(const struct ks_module *m, struct ks_diag *diag)
{
	struct ks_cms_info info;
	int rc = ks_cms_module_info(m->view.cms, &info, diag);

	return rc ? rc : KS_MODULE_KEEP;
}

int ks_module_signable(const struct ks_module *m, enum ks_if_signed mode, struct ks_diag *diag)
{
	struct ks_modsig_view inner;
	bool is_signed = m->view.cms.bytes != 0;
	int rc;

	if (is_signed && mode == KS_IF_SIGNED_REFUSE)
		return ks_fail(diag, -EEXIST, m->view.content.bytes,
			       "module is signed already, use --signed keep or replace");
	if (is_signed && ks_modsig_parse(m->view.content, &inner, NULL) != -ENODATA)
		return ks_fail(diag, -EBADMSG, m->view.content.bytes,
			       "module has a second signature under the first, strip it");
	rc = ks_elf_check_module(m->view.content, diag);
	if (rc)
		return rc;
	return is_signed && mode == KS_IF_SIGNED_KEEP ? check_kept(m, diag) : 0;
}

/* Compressed bytes are unpacked once more: what is published must be what was signed. */
static int pack(struct ks_span content, struct ks_span tail, enum ks_compression kind,
		struct ks_buf *packed, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf plain = { 0 }, back = { 0 };
	int rc;

	ks_put_room(&plain, content.bytes + tail.bytes);
	ks_put(&plain, content);
	ks_put(&plain, tail);
	rc = ks_buf_ok(&plain, diag);
	if (!rc)
		rc = ks_compress(kind, ks_buf_span(&plain), packed, diag);
	if (!rc)
		rc = ks_decompress(kind, ks_buf_span(packed), plain.bytes, &back, diag);
	if (!rc && !ks_span_eq(ks_buf_span(&plain), ks_buf_span(&back)))
		rc = ks_fail(diag, -EIO, KS_NO_OFF, "what was compressed does not unpack again");
	return rc;
}

/* The last bytes of what was written are read back. */
#define READ_BACK_BYTES 4096U

static int write_parts(struct ks_aside *aside, const struct ks_span *parts, size_t nr_parts,
		       struct ks_diag *diag)
{
	struct ks_span last = parts[nr_parts - 1];
	int rc = 0;
	size_t i;

	for (i = 0; i < nr_parts && !rc; i++)
		rc = ks_aside_write(aside, parts[i], diag);
	if (!rc && last.bytes > READ_BACK_BYTES &&
	    !ks_span_sub(last, last.bytes - READ_BACK_BYTES, READ_BACK_BYTES, &last))
		rc = -EINVAL;
	if (!rc)
		rc = ks_aside_check_tail(aside, last, diag);
	/* Last, as reading changes the access time. */
	return rc ? rc : ks_aside_keep(aside, diag);
}

/* The module must not be there under another suffix too: which one kmod loads is not defined. */
static int check_alone(const struct ks_module *m, struct ks_diag *diag)
{
	static const enum ks_compression all[] = { KS_COMPRESS_NONE, KS_COMPRESS_GZIP, KS_COMPRESS_XZ,
						   KS_COMPRESS_ZSTD };
	size_t i;
	int rc = 0;

	for (i = 0; i < KS_ARRAY_SIZE(all) && !rc; i++) {
		__cleanup(ks_free_str) char *name = rename_for(m->target.place.name, all[i]);

		if (!name)
			return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
		if (all[i] != m->kind)
			rc = ks_target_has_sibling(&m->target, name, diag);
	}
	return rc;
}

int ks_module_write(struct ks_module *m, struct ks_span tail, enum ks_compression kind, bool sha256,
		    struct ks_module_file *ret_file, struct ks_aside *ret_aside,
		    struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf packed = { 0 };
	__cleanup(ks_free_str) char *renamed = NULL;
	__cleanup(ks_aside_done) struct ks_aside aside = KS_ASIDE_NONE;
	struct ks_span parts[] = { m->view.content, tail };
	struct ks_module_file file = { 0 };
	size_t nr_parts = tail.bytes ? 2 : 1;
	int rc = 0;

	if (kind != m->kind) {
		rc = check_alone(m, diag);
		renamed = rename_for(m->target.place.name, kind);
		if (!rc && !renamed)
			rc = ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	}
	if (!rc && kind != KS_COMPRESS_NONE) {
		rc = pack(m->view.content, tail, kind, &packed, diag);
		parts[0] = ks_buf_span(&packed);
		nr_parts = 1;
	}
	if (!rc && sha256)
		rc = ks_sha256_spans(parts, nr_parts, &file.sha256, diag);
	if (!rc)
		rc = ks_aside_begin(&m->target, renamed, &aside, diag);
	if (!rc)
		rc = write_parts(&aside, parts, nr_parts, diag);
	if (rc)
		return rc;
	file.bytes = aside.draft.bytes;
	*ret_file = file;
	*ret_aside = aside;
	aside = KS_ASIDE_NONE;
	return 0;
}

int ks_module_verify(const struct ks_kernel *kernel, struct ks_slurp_pool *pool, const char *path,
		     struct ks_kverdict *ret_verdict, struct ks_diag *diag)
{
	struct ks_slurp memory = ks_slurp_get(pool);
	struct ks_span file;
	int rc = ks_slurp_file(&memory, path, KS_MAX_MODULE_BYTES, &file, diag);

	if (!rc)
		rc = ks_kernel_verdict_of_file(kernel, file, ret_verdict, diag);
	ks_slurp_put(pool, memory);
	ks_diag_in(diag, path);
	return rc;
}
