// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/efi_key.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fmt/auth.h"

static const struct ks_guid global_variable =
	KS_GUID(0x8be4df61, 0x93ca, 0x11d2, 0xaa0d, 0x00e098032b8c);
static const struct ks_guid image_security =
	KS_GUID(0xd719b2cb, 0x3d3a, 0x4596, 0xa3bc, 0xdad00e67656f);

const struct ks_guid ks_efi_owner = KS_GUID(0x6338560e, 0x65d1, 0x439d, 0xad68, 0x274b9fc09278);

const struct ks_efi_key ks_efi_keys[KS_EFI_NR_KEYS] = {
	{ "PK", &global_variable, true, false },
	{ "KEK", &global_variable, false, false },
	{ "db", &image_security, false, true },
	{ "dbx", &image_security, false, true },
	{ "dbt", &image_security, false, true },
};

int ks_efi_key_named(const char *name, const struct ks_efi_key **ret_key, struct ks_diag *diag)
{
	size_t i;

	for (i = 0; i < KS_EFI_NR_KEYS; i++)
		if (!strcmp(ks_efi_keys[i].name, name)) {
			*ret_key = &ks_efi_keys[i];
			return 0;
		}
	return ks_fail_detail(diag, -EINVAL, "variable is not one of PK, KEK, db, dbx, dbt", name);
}

const struct ks_efi_key *ks_efi_key_of(const struct ks_var *var)
{
	char name[8];
	size_t i;

	ks_utf16_format(var->name, name, sizeof(name));
	for (i = 0; i < KS_EFI_NR_KEYS; i++)
		if (ks_guid_eq(&var->vendor, ks_efi_keys[i].vendor) && !strcmp(name, ks_efi_keys[i].name))
			return &ks_efi_keys[i];
	return NULL;
}

int ks_efi_key_find(const struct ks_varstore_view *view, const struct ks_efi_key *key,
		    bool *ret_found, struct ks_var *ret_var, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf name = { 0 };
	int rc;

	ks_put_utf16(&name, key->name);
	rc = ks_buf_ok(&name, diag);
	if (!rc)
		*ret_found = ks_varstore_find(view, key->vendor, ks_buf_span(&name), ret_var);
	return rc;
}

int ks_efi_check_rsa(const struct ks_cert *cert, struct ks_diag *diag)
{
	char name[128];

	if (ks_cert_is_rsa(cert))
		return 0;
	ks_cert_name(cert, name, sizeof(name));
	return ks_fail_detail(diag, -EOPNOTSUPP,
			      "firmware enrols certificates with RSA keys alone, use such a one",
			      name);
}

int ks_efi_parse_lists(struct ks_span file, struct ks_esl_view *ret_view, struct ks_diag *diag)
{
	struct ks_diag reason = { 0 };
	struct ks_auth_view update;
	struct ks_span lists;
	int rc;

	if (ks_auth_is(file)) {
		rc = ks_auth_parse(file, &update, diag);
		return rc ? rc : ks_esl_parse(update.payload, update.payload_off, ret_view, diag);
	}
	if (!ks_esl_parse(file, 0, ret_view, &reason))
		return 0;
	if (ks_span_sub(file, 4, file.bytes - 4, &lists) &&
	    !ks_esl_parse(lists, 4, ret_view, NULL))
		return 0;
	return ks_fail(diag, reason.err, reason.off, reason.what);
}

static int check_x509(const struct ks_esl_list_view *list, u32 nr_looked_at, struct ks_diag *diag)
{
	struct ks_span payload;
	struct ks_guid owner;
	u32 i;

	for (i = 0; i < nr_looked_at; i++) {
		__cleanup(ks_cert_done) struct ks_cert cert = { 0 };
		struct ks_diag why = { 0 };
		int rc = ks_esl_sig(list, i, &owner, &payload, diag);

		if (rc)
			return rc;
		if (ks_cert_parse_padded(payload, &cert, NULL))
			return ks_fail(diag, -EKEYREJECTED, list->off,
				       "signature list has something else than a certificate where one "
				       "should be");
		if (ks_efi_check_rsa(&cert, &why))
			return ks_fail_detail(diag, -EKEYREJECTED, why.what, why.detail);
	}
	return 0;
}

int ks_efi_check_lists(const struct ks_efi_key *key, const struct ks_esl_view *view, bool strict,
		       struct ks_diag *diag)
{
	u64 nr_sigs = 0;
	size_t i;
	int rc = ks_esl_check(view, diag);

	for (i = 0; i < view->nr_lists && !rc; i++) {
		const struct ks_esl_list_view *list = &view->list[i];

		nr_sigs += list->nr_sigs;
		if (!ks_guid_eq(&list->type, &ks_esl_type_x509))
			continue;
		/* It would look for the certificate behind the list. */
		if (!list->nr_sigs)
			return ks_fail(diag, -EKEYREJECTED, list->off,
				       "list of certificates has none, leave it out");
		rc = check_x509(list, strict ? list->nr_sigs : 1, diag);
	}
	if (!rc && key->is_pk && nr_sigs > 1)
		rc = ks_fail(diag, -EKEYREJECTED, KS_NO_OFF, "a machine has one platform key only");
	return rc;
}

int ks_efi_put_certs(struct ks_buf *out, const struct ks_guid *owner, const struct ks_certs *certs,
		     struct ks_diag *diag)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < certs->nr_certs; i++) {
		__cleanup(ks_buf_done) struct ks_buf der = { 0 };
		struct ks_span payload;

		rc = ks_cert_der(&certs->cert[i], &der, diag);
		payload = ks_buf_span(&der);
		if (!rc)
			rc = ks_esl_append(out, &ks_esl_type_x509, owner, &payload, 1, diag);
	}
	return rc;
}

int ks_efi_put_digests(struct ks_buf *out, const struct ks_guid *type, const struct ks_guid *owner,
		       struct ks_span digests, struct ks_diag *diag)
{
	size_t each = ks_esl_type_of(type)->payload_bytes, nr = digests.bytes / each, i;
	struct ks_span *payload;
	int rc;

	if (!nr)
		return 0;
	if (nr > KS_MAX_ESL_SIGS || nr * each != digests.bytes)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "too many digests for a signature list");
	payload = calloc(nr, sizeof(*payload));
	if (!payload)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	for (i = 0; i < nr; i++)
		if (!ks_span_sub(digests, i * each, each, &payload[i]))
			break;
	rc = ks_esl_append(out, type, owner, payload, nr, diag);
	free(payload);
	return rc;
}

static int push_certs(const struct ks_esl_list_view *list, struct ks_certs *certs, struct ks_diag *diag)
{
	struct ks_span payload;
	struct ks_guid owner;
	u32 i;
	int rc = 0;

	for (i = 0; i < list->nr_sigs && !rc; i++) {
		__cleanup(ks_cert_done) struct ks_cert cert = { 0 };

		rc = ks_esl_sig(list, i, &owner, &payload, diag);
		if (!rc)
			rc = ks_cert_parse_padded(payload, &cert, diag);
		if (!rc)
			rc = ks_certs_push(certs, &cert, diag);
	}
	return rc;
}

int ks_efi_certs(const struct ks_esl_view *lists, struct ks_certs *certs, struct ks_diag *diag)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < lists->nr_lists; i++)
		if (ks_guid_eq(&lists->list[i].type, &ks_esl_type_x509))
			rc = push_certs(&lists->list[i], certs, diag);
	return rc;
}
