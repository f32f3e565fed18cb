// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Keyrings out of built kernels and firmware's variables, and what a kernel calls its certificates.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "fmt/certlist.h"
#include "kernel/image.h"
#include "kernel/rules.h"
#include "ops/efi_key.h"
#include "ops/keyring.h"
#include "ops/kind.h"

/* A certificate may be in both lists, as a kernel that was built to refuse it has it. */
static int add_cert(struct ks_keyring *keyring, const char *path, unsigned int purpose,
		    const struct ks_cert *cert, struct ks_diag *diag)
{
	struct ks_digest fingerprint;
	size_t i;
	int rc = ks_cert_fingerprint(cert, &fingerprint, diag);

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
	return ks_keyring_add_cert(keyring, path, purpose, cert, diag);
}

static int add_der(struct ks_keyring *keyring, const char *path, unsigned int purpose,
		   struct ks_span der, struct ks_diag *diag)
{
	__cleanup(ks_cert_done) struct ks_cert cert = { 0 };
	int rc = ks_cert_parse(der, &cert, diag);

	return rc ? rc : add_cert(keyring, path, purpose, &cert, diag);
}

int ks_keyring_add_list(struct ks_keyring *keyring, const char *path, unsigned int purpose,
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

int ks_keyring_add_kernel(struct ks_keyring *keyring, const char *name,
			  const struct ks_kernel_image *image, struct ks_diag *diag)
{
	int rc = ks_keyring_add_list(keyring, name, KS_PURPOSE_BUILTIN, image->trusted, diag);

	keyring->says = KS_PURPOSES_OF_KERNEL;
	return rc ? rc : ks_keyring_add_list(keyring, name, KS_PURPOSE_REVOKED, image->revoked, diag);
}

static int add_image(struct ks_keyring *keyring, const char *path, struct ks_diag *diag)
{
	__cleanup(ks_kernel_image_done) struct ks_kernel_image image = { 0 };
	int rc = ks_kernel_image_load(path, &image, diag);

	if (!rc)
		rc = ks_keyring_add_kernel(keyring, path, &image, diag);
	ks_diag_in(diag, path);
	return rc;
}

/* A vendor's PK may be his KEK as well. */
static bool is_in_other_variable(const struct ks_keyring *keyring, const char *name,
				 const struct ks_cert *cert)
{
	const struct ks_keyring_entry *entry;
	struct ks_digest fingerprint;

	if (ks_cert_fingerprint(cert, &fingerprint, NULL))
		return false;
	entry = ks_keyring_find(keyring, &fingerprint);
	return entry && !strcmp(name, !strcmp(entry->name, "PK")  ? "KEK" :
				      !strcmp(entry->name, "KEK") ? "PK" :
								    "");
}

/* The certificates of signature lists; what else they hold are hashes. */
static int add_esl(struct ks_keyring *keyring, const char *name, unsigned int purpose,
		   const struct ks_esl_view *view, struct ks_diag *diag)
{
	struct ks_span payload;
	struct ks_guid owner;
	size_t i;
	u32 idx;
	int rc = 0;

	for (i = 0; i < view->nr_lists; i++) {
		const struct ks_esl_list_view *list = &view->list[i];

		if (!ks_guid_eq(&list->type, &ks_esl_type_x509))
			continue;
		for (idx = 0; !rc && idx < list->nr_sigs; idx++) {
			__cleanup(ks_cert_done) struct ks_cert cert = { 0 };

			rc = ks_esl_sig(list, idx, &owner, &payload, diag);
			if (!rc)
				rc = ks_cert_parse_padded(payload, &cert, diag);
			if (!rc && !is_in_other_variable(keyring, name, &cert))
				rc = add_cert(keyring, name, purpose, &cert, diag);
		}
	}
	return rc;
}

static int add_variable(struct ks_keyring *keyring, const struct ks_var *var, u64 data_off,
			struct ks_diag *diag)
{
	static const struct {
		const char *name;
		unsigned int purpose;
	} lists[] = {
		{ "PK", KS_PURPOSE_KEK },
		{ "KEK", KS_PURPOSE_KEK },
		{ "db", KS_PURPOSE_DB },
		{ "dbx", KS_PURPOSE_REVOKED },
	};
	const struct ks_efi_key *key = ks_efi_key_of(var);
	struct ks_esl_view view;
	size_t i;
	int rc;

	for (i = 0; key && i < KS_ARRAY_SIZE(lists); i++) {
		if (strcmp(key->name, lists[i].name) != 0)
			continue;
		rc = ks_esl_parse(var->data, data_off, &view, diag);
		return rc ? rc : add_esl(keyring, key->name, lists[i].purpose, &view, diag);
	}
	return 0;
}

static int add_varstore(struct ks_keyring *keyring, struct ks_span file, struct ks_diag *diag)
{
	struct ks_varstore_iter iter = { 0 };
	struct ks_varstore_view view;
	struct ks_var var;
	u64 data_off;
	int rc = ks_varstore_parse(file, &view, diag);

	while (!rc && ks_varstore_next(&view, &iter, &var, &data_off))
		rc = add_variable(keyring, &var, data_off, diag);
	keyring->says = KS_PURPOSES_OF_FIRMWARE;
	return rc;
}

/* Is it text that people write? Signature lists have zeros in their sizes. */
static bool is_binary(struct ks_span file)
{
	return file.bytes && memchr(file.p, 0, file.bytes);
}

static int add_certs_of(struct ks_keyring *keyring, const char *path, struct ks_span file,
			struct ks_diag *diag)
{
	struct ks_esl_view view;
	int rc;

	if (file.p[0] == 0x30 || memmem(file.p, file.bytes, "-----BEGIN ", 11))
		return ks_keyring_add_file(keyring, path, 0, diag);
	rc = ks_efi_parse_lists(file, &view, diag);
	if (!rc)
		rc = add_esl(keyring, path, 0, &view, diag);
	if (!rc && !keyring->nr_entries)
		rc = ks_fail(diag, -EBADMSG, KS_NO_OFF, "no certificate in it");
	ks_diag_in(diag, path);
	return rc;
}

int ks_keyring_load_any(const char *path, const char *cert_dir, struct ks_keyring *keyring,
			struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf file = { 0 };
	struct ks_span in;
	int rc = ks_file_load(path, KS_MAX_VARSTORE_BYTES, &file, NULL);

	in = ks_buf_span(&file);
	if (rc == -E2BIG || (!rc && ks_kernel_image_probe(in)))
		return add_image(keyring, path, diag);
	if (rc)
		return ks_file_load(path, KS_MAX_VARSTORE_BYTES, &file, diag);
	if (ks_varstore_probe(in)) {
		rc = add_varstore(keyring, in, diag);
		ks_diag_in(diag, path);
		return rc;
	}
	rc = ks_kind_check_unpacked(in, diag);
	ks_diag_in(diag, path);
	if (rc)
		return rc;
	if (is_binary(in) || memmem(in.p, in.bytes, "-----BEGIN ", 11))
		return add_certs_of(keyring, path, in, diag);
	return ks_keyring_load(path, cert_dir, keyring, diag);
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
