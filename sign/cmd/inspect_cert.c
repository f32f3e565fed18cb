// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>

#include "cmd/inspect.h"

static int show_cert(struct ks_sheet *sheet, struct json_object *row, const struct ks_inspect_opts *opts,
		     const struct ks_cert *cert, struct ks_diag *diag)
{
	struct ks_diag no = { 0 };
	char name[700];
	int rc = ks_sheet_cert(sheet, "certificate", row, cert, opts->now, diag)
			 ?: ks_keyring_kernel_name(cert, name, sizeof(name), diag);

	if (rc)
		return rc;
	ks_json_str(row, "kernel_name", name[0] ? name : NULL);
	rc = ks_cert_check_embed(cert, &no);
	if (rc == -ENOMEM)
		return ks_fail(diag, rc, KS_NO_OFF, "out of memory");
	ks_json_str(row, "not_embeddable", rc ? no.what : NULL);
	ks_sheet_row(sheet, "  kernel", "%s", rc ? no.what : "would load it from its built-in list");
	return 0;
}

int ks_inspect_certs(struct ks_sheet *sheet, const struct ks_inspect_opts *opts, struct ks_span file,
		     struct ks_diag *diag)
{
	__cleanup(ks_certs_done) struct ks_certs certs = { 0 };
	struct json_object *array = ks_json_array(sheet->json, "certificates");
	size_t i;
	int rc = ks_certs_parse(file, &certs, diag);

	for (i = 0; i < certs.nr_certs && !rc; i++)
		rc = show_cert(sheet, ks_json_row(array), opts, &certs.cert[i], diag);
	return rc;
}

int ks_inspect_manifest(struct ks_sheet *sheet, const struct ks_inspect_opts *opts, const char *path,
			struct ks_diag *diag)
{
	__cleanup(ks_keyring_done) struct ks_keyring keyring = { 0 };
	struct json_object *array = ks_json_array(sheet->json, "certificates");
	int rc = ks_keyring_load(path, NULL, &keyring, diag);

	return rc ? rc : ks_inspect_keyring(sheet, opts, &keyring, array, diag);
}
