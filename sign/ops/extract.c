// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/extract.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/x509.h>

#include "base/ber.h"
#include "base/file.h"
#include "base/limits.h"
#include "crypto/chain.h"
#include "fmt/pe.h"
#include "kernel/image.h"
#include "key/certs.h"
#include "ops/inspect.h"
#include "ops/keyring.h"

/* A name that is cut: "name" or "name:N". */
struct part {
	char name[64];
	bool has_number;
	unsigned long number;
};

static int parse_part(const char *text, struct part *ret, struct ks_diag *diag)
{
	const char *colon = strrchr(text, ':');
	size_t bytes = colon ? (size_t)(colon - text) : strlen(text);
	struct part part = { .has_number = colon };
	char *end;

	if (!bytes || bytes >= sizeof(part.name))
		return ks_fail_detail(diag, -EINVAL, "no part has this name", text);
	memcpy(part.name, text, bytes);
	if (colon) {
		part.number = strtoul(colon + 1, &end, 10);
		if (colon[1] < '0' || colon[1] > '9' || *end || part.number > KS_MAX_PE_SECTIONS)
			return ks_fail_detail(diag, -EINVAL, "what follows the colon is not a number of a part",
					      text);
	}
	*ret = part;
	return 0;
}

/* Without a login, since a certificate is public. */
static int out_of_token(const char *uri, const struct part *part, struct ks_buf *out, struct ks_diag *diag)
{
	__cleanup(ks_certs_done) struct ks_certs certs = { 0 };
	STACK_OF(X509) *stack = NULL;
	size_t i;
	int rc;

	if (strcmp(part->name, "certificates") || part->has_number)
		return ks_fail_detail(diag, -EINVAL, "of a token only certificates can be extracted", part->name);
	rc = ks_token_certs(uri, false, &stack, diag);
	if (rc)
		return rc;
	rc = ks_certs_take(&certs, stack, diag);
	sk_X509_pop_free(stack, X509_free);
	for (i = 0; i < certs.nr_certs && !rc; i++)
		rc = ks_cert_pem(&certs.cert[i], out, diag);
	return rc;
}

static int put(struct ks_span bytes, struct ks_buf *out, struct ks_diag *diag)
{
	ks_put(out, bytes);
	return ks_buf_ok(out, diag);
}

static int out_of_kernel(const struct ks_inspected *file, const struct part *part, struct ks_buf *out,
			 struct ks_diag *diag)
{
	__cleanup(ks_kernel_image_done) struct ks_kernel_image image = { 0 };
	int rc;

	if (file->kind != KS_KIND_KERNEL && file->kind != KS_KIND_UKI)
		return ks_fail_detail(diag, -EINVAL, "file is no kernel and no UKI, and only these have a", part->name);
	rc = ks_kernel_image_unpack(file->content, &image, diag);
	if (rc)
		return rc;
	if (!strcmp(part->name, "payload"))
		return put(image.image, out, diag);
	if (!image.config.bytes)
		return ks_fail(diag, -ENODATA, KS_NO_OFF, "kernel has no configuration in it (CONFIG_IKCONFIG)");
	return put(ks_buf_span(&image.config), out, diag);
}

static int out_of_keyring(const char *path, const struct part *part, struct ks_buf *out, struct ks_diag *diag)
{
	__cleanup(ks_keyring_done) struct ks_keyring keyring = { .keep_twice = true };
	bool revoked = !strcmp(part->name, "revoked");
	size_t i, nr = 0;
	int rc = ks_keyring_load_any(path, NULL, &keyring, diag);

	for (i = 0; i < keyring.nr_entries && !rc; i++) {
		const struct ks_keyring_entry *entry = &keyring.entry[i];
		unsigned int purposes = entry->purposes;

		/* In a kernel one may be in both lists. */
		if (revoked ? !(purposes & KS_PURPOSE_REVOKED) : purposes == KS_PURPOSE_REVOKED)
			continue;
		rc = ks_cert_pem(&entry->cert, out, diag);
		nr++;
	}
	if (!rc && !nr)
		rc = ks_fail(diag, -ENODATA, KS_NO_OFF,
			     revoked ? "no revoked certificate in it" : "no certificate in it");
	return rc;
}

/* The table pads an entry, and firmware takes it so: the message itself says how long it is. */
static struct ks_span trim_padding(struct ks_span cms)
{
	struct ks_ber ber;

	ks_ber_init(&ber, cms);
	ks_ber_any(&ber);
	return ber.err ? cms : ks_ber_whole(&ber);
}

static int fail_which(const char *name, size_t nr, size_t from, struct ks_diag *diag)
{
	char which[192];

	snprintf(which, sizeof(which), "%s:%zu to %s:%zu", name, from, name, from + nr - 1);
	return ks_fail_detail(diag, -EINVAL, "part is there several times, ask for one of", which);
}

static int out_of_table(const struct ks_pe_view *view, const struct part *part, struct ks_buf *out,
			struct ks_diag *diag)
{
	struct ks_span cms[KS_MAX_PE_CERTS];
	size_t nr = 0;
	int rc = ks_pe_certs(view, cms, &nr, diag);

	if (rc)
		return rc;
	if (!nr)
		return ks_fail(diag, -ENODATA, KS_NO_OFF, "image is not signed");
	if (!part->has_number && nr > 1)
		return fail_which(part->name, nr, 1, diag);
	if (part->has_number && (!part->number || part->number > nr))
		return ks_fail_range(diag, KS_NO_OFF, "number of the signature", part->number, nr);
	return put(trim_padding(cms[part->has_number ? part->number - 1 : 0]), out, diag);
}

static int out_of_module(struct ks_span content, struct ks_buf *out, struct ks_diag *diag)
{
	struct ks_modsig_view view;
	int rc = ks_modsig_parse(content, &view, diag);

	return rc ? rc : put(view.cms, out, diag);
}

static int out_of_sections(const struct ks_pe_view *view, const struct part *part, struct ks_buf *out,
			   struct ks_diag *diag)
{
	const struct ks_pe_section *found = NULL;
	size_t nr = 0;
	u32 i;

	for (i = 0; i < view->nr_sections; i++) {
		if (strcmp(view->section[i].name, part->name) != 0)
			continue;
		if (!part->has_number || nr == part->number)
			found = &view->section[i];
		nr++;
	}
	if (!nr)
		return ks_fail_detail(diag, -ENODATA, "image has no such section", part->name);
	if (!part->has_number && nr > 1)
		return fail_which(part->name, nr, 0, diag);
	if (!found)
		return ks_fail_range(diag, KS_NO_OFF, "sections of this name", part->number + 1, nr);
	return put(ks_pe_loaded(found), out, diag);
}

static int out_of_pe(const struct ks_inspected *file, const struct part *part, struct ks_buf *out,
		     struct ks_diag *diag)
{
	struct ks_pe_view view;
	int rc;

	if (!ks_kind_is_pe(file->kind, file->content))
		return ks_fail_detail(diag, -EINVAL, "file is not an EFI image, and only these have a", part->name);
	rc = ks_pe_parse(file->content, &view, diag);
	if (rc)
		return rc;
	return strcmp(part->name, "signature") ? out_of_sections(&view, part, out, diag) :
						 out_of_table(&view, part, out, diag);
}

static int cut(const char *path, const struct ks_inspected *file, const struct part *part, struct ks_buf *out,
	       struct ks_diag *diag)
{
	const char *name = part->name;
	bool is_cert = !strcmp(name, "certificates") || !strcmp(name, "revoked");
	bool is_kernel = !strcmp(name, "payload") || !strcmp(name, "config");

	if (part->has_number && (is_cert || is_kernel))
		return ks_fail_detail(diag, -EINVAL, "part is there once, leave its number out", name);
	if (is_cert)
		return out_of_keyring(path, part, out, diag);
	if (is_kernel)
		return out_of_kernel(file, part, out, diag);
	if (!strcmp(name, "signature") && file->kind == KS_KIND_MODULE)
		return out_of_module(file->content, out, diag);
	return out_of_pe(file, part, out, diag);
}

static int out_of_file(const char *path, const struct part *part, struct ks_buf *out, struct ks_diag *diag)
{
	__cleanup(ks_inspect_close) struct ks_inspected file = { 0 };
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	int rc = ks_file_load(path, KS_MAX_IMAGE_BYTES, &content, diag);

	rc = rc ? rc : ks_inspect_open(ks_buf_span(&content), &file, diag);
	/* What was unpacked is of another kind. */
	if (!rc && (file.kind == KS_KIND_UNKNOWN || file.kind == KS_KIND_COMPRESSED))
		rc = ks_kind_check_unpacked(ks_buf_span(&content), diag);
	return rc ? rc : cut(path, &file, part, out, diag);
}

int ks_extract(const char *path, const char *text, struct ks_buf *ret_content, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	struct part part;
	int rc = parse_part(text, &part, diag);

	if (!rc && ks_token_has(path))
		rc = out_of_token(path, &part, &out, diag);
	else if (!rc)
		rc = out_of_file(path, &part, &out, diag);
	ks_diag_in(diag, path);
	if (!rc)
		ks_buf_move(ret_content, &out);
	return rc;
}
