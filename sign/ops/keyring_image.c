// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Keyrings out of built kernels, and what a kernel calls its certificates.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "fmt/certlist.h"
#include "kernel/image.h"
#include "kernel/rules.h"
#include "ops/keyring.h"

/* A certificate may be in both lists, as a kernel that was built to refuse it has it. */
static int add_der(struct ks_keyring *keyring, const char *path, unsigned int purpose,
		   struct ks_span der, struct ks_diag *diag)
{
	__cleanup(ks_cert_done) struct ks_cert cert = { 0 };
	struct ks_digest fingerprint;
	size_t i;
	int rc = ks_cert_parse(der, &cert, diag);

	if (!rc)
		rc = ks_cert_fingerprint(&cert, &fingerprint, diag);
	if (rc)
		return rc;
	for (i = 0; i < keyring->nr_entries; i++) {
		struct ks_keyring_entry *entry = &keyring->entry[i];

		if (!ks_span_eq(ks_digest_span(&entry->fingerprint), ks_digest_span(&fingerprint)) ||
		    (entry->purposes & purpose))
			continue;
		entry->purposes |= purpose;
		return 0;
	}
	return ks_keyring_add_cert(keyring, path, purpose, &cert, diag);
}

static int add_list(struct ks_keyring *keyring, const char *path, unsigned int purpose,
		    struct ks_span list, struct ks_diag *diag)
{
	struct ks_span der;
	int more, rc = 0;

	while (!rc && (more = ks_certlist_next(&list, &der)) != 0)
		rc = more < 0 ? ks_fail(diag, more, KS_NO_OFF,
					"embedded list is broken, the kernel drops the rest of it") :
				add_der(keyring, path, purpose, der, diag);
	return rc;
}

static int add_image(struct ks_keyring *keyring, const char *path, struct ks_diag *diag)
{
	__cleanup(ks_kernel_image_done) struct ks_kernel_image image = { 0 };
	int rc = ks_kernel_image_load(path, &image, diag);

	if (!rc)
		rc = add_list(keyring, path, KS_PURPOSE_BUILTIN, image.trusted, diag);
	if (!rc)
		rc = add_list(keyring, path, KS_PURPOSE_REVOKED, image.revoked, diag);
	ks_diag_in(diag, path);
	return rc;
}

int ks_keyring_load_any(const char *path, const char *cert_dir, struct ks_keyring *keyring,
			struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	bool is_cert;
	int rc = ks_file_load(path, KS_MAX_TEXT_BYTES, &text, NULL);

	if (rc == -E2BIG || (!rc && ks_kernel_image_probe(ks_buf_span(&text))))
		return add_image(keyring, path, diag);
	if (rc)
		return ks_file_load(path, KS_MAX_TEXT_BYTES, &text, diag);
	is_cert =
		text.bytes && (text.p[0] == 0x30 || memmem(text.p, text.bytes, "-----BEGIN ", 11));
	return is_cert ? ks_keyring_add_file(keyring, path, 0, diag)
		       : ks_keyring_load(path, cert_dir, keyring, diag);
}

int ks_keyring_kernel_name(const struct ks_cert *cert, char *text, size_t text_bytes,
			   struct ks_diag *diag)
{
	__cleanup(ks_kernel_done) struct ks_kernel kernel = { 0 };
	__cleanup(ks_buf_done) struct ks_buf der = { 0 };
	struct ks_kernel_opts opts = { 0 };
	int rc = ks_kernel_load(&opts, &kernel, diag);

	text[0] = '\0';
	if (!rc)
		rc = ks_cert_der(cert, &der, diag);
	if (!rc)
		rc = ks_kring_add(&kernel, &kernel.trusted, ks_buf_span(&der), diag);
	if (!rc && !kernel.trusted.key[0].err)
		snprintf(text, text_bytes, "%s", kernel.trusted.key[0].text);
	return rc;
}
