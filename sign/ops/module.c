// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/module.h"

#include <errno.h>

#include "base/file.h"
#include "base/limits.h"
#include "fmt/elf.h"
#include "fmt/modsig.h"

/* Load a module and cut it; @view borrows @file. Return: -ENODATA with @view set if unsigned. */
static int load(const char *path, struct ks_buf *file, struct ks_modsig_view *view,
		struct ks_diag *diag)
{
	int rc = ks_file_load(path, KS_MAX_MODULE_BYTES, file, diag);

	return rc ? rc : ks_modsig_parse(ks_buf_span(file), view, diag);
}

static int sign_content(const struct ks_signer *signer, const char *path, struct ks_span content,
			struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf cms = { 0 }, trailer = { 0 };
	struct ks_modsig_view inner;
	int rc;

	if (ks_modsig_parse(content, &inner, NULL) != -ENODATA)
		return ks_fail(diag, -EBADMSG, content.bytes,
			       "module has a second signature under the first, strip both");
	rc = ks_elf_check_module(content, diag);
	if (!rc)
		rc = ks_cms_sign_module(signer, content, &cms, diag);
	if (rc)
		return rc;
	ks_modsig_build(ks_buf_span(&cms), &trailer);
	rc = ks_buf_ok(&trailer, diag);
	if (rc)
		return rc;
	return ks_file_publish(path, (struct ks_span[]){ content, ks_buf_span(&trailer) }, 2, 0644,
			       diag);
}

int ks_module_sign(const struct ks_signer *signer, enum ks_if_signed mode, const char *path,
		   struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf file = { 0 };
	struct ks_modsig_view view = { 0 };
	struct ks_diag unsigned_diag = { 0 };
	int rc;

	rc = load(path, &file, &view, &unsigned_diag);
	if (rc == -ENODATA)
		rc = 0;
	else if (rc)
		*diag = unsigned_diag;
	if (!rc && view.cms.bytes) {
		if (mode == KS_IF_SIGNED_KEEP)
			return 0;
		if (mode == KS_IF_SIGNED_REFUSE)
			rc = ks_fail(diag, -EEXIST, view.content.bytes,
				     "module is signed already, use --signed keep or replace");
	}
	if (!rc)
		rc = sign_content(signer, path, view.content, diag);
	ks_diag_in(diag, path);
	return rc;
}

int ks_module_verify(const struct ks_certs *trust, const char *path, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf file = { 0 };
	struct ks_modsig_view view = { 0 };
	int rc;

	rc = load(path, &file, &view, diag);
	if (!rc)
		rc = ks_cms_verify_module(view.cms, view.content, trust, diag);
	ks_diag_in(diag, path);
	return rc;
}

int ks_module_strip(const char *path, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf file = { 0 };
	struct ks_modsig_view view = { 0 };
	int rc;

	rc = load(path, &file, &view, diag);
	if (!rc)
		rc = ks_file_publish(path, &view.content, 1, 0644, diag);
	ks_diag_in(diag, path);
	return rc;
}

int ks_module_sizes(const char *path, u64 *ret_content_bytes, u64 *ret_cms_bytes,
		    struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf file = { 0 };
	struct ks_modsig_view view = { 0 };
	int rc;

	rc = load(path, &file, &view, diag);
	ks_diag_in(diag, path);
	if (rc)
		return rc;
	*ret_content_bytes = view.content.bytes;
	*ret_cms_bytes = view.cms.bytes;
	return 0;
}
