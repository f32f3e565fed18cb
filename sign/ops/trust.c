// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/trust.h"

#include <errno.h>
#include <string.h>

#include <openssl/x509.h>

#include "base/file.h"
#include "base/limits.h"
#include "crypto/chain.h"
#include "fmt/sbat.h"
#include "fmt/varstore.h"
#include "key/certs.h"
#include "kernel/image.h"
#include "ops/efi.h"

/* What stands for trust, in a file that says what its certificates are for. */
static bool is_wanted(const struct ks_keyring *keyring, const struct ks_keyring_entry *entry,
		      unsigned int purpose)
{
	const unsigned int trust = KS_PURPOSE_BUILTIN | KS_PURPOSE_DB;

	if (!keyring->says)
		return true;
	if (purpose == KS_PURPOSE_REVOKED)
		return entry->purposes & KS_PURPOSE_REVOKED;
	if (entry->purposes & KS_PURPOSE_REVOKED)
		return false;
	return entry->purposes & (keyring->says & purpose ? purpose : trust);
}

/* All of its certificates: it says of none what it is for. */
static int add_p12(struct ks_span der, const char *path, const struct ks_pass_source *pass,
		   struct ks_certs *certs, struct ks_diag *diag)
{
	__cleanup(ks_certs_done) struct ks_certs found = { 0 };
	STACK_OF(X509) *stack = NULL;
	size_t i;
	int rc = ks_p12_certs(der, path, pass, &stack, diag);

	if (rc)
		return rc;
	rc = ks_certs_take(&found, stack, diag);
	sk_X509_pop_free(stack, X509_free);
	for (i = 0; i < found.nr_certs && !rc; i++)
		if (!ks_certs_have(certs, &found.cert[i]))
			rc = ks_certs_push(certs, &found.cert[i], diag);
	return rc;
}

static int add_keyring(const char *path, unsigned int purpose, struct ks_certs *certs, struct ks_diag *diag)
{
	__cleanup(ks_keyring_done) struct ks_keyring keyring = { .keep_twice = true };
	bool found = false;
	size_t i;
	int rc = ks_keyring_load_any(path, NULL, &keyring, diag);

	for (i = 0; !rc && i < keyring.nr_entries; i++) {
		if (!is_wanted(&keyring, &keyring.entry[i], purpose))
			continue;
		found = true;
		if (!ks_certs_have(certs, &keyring.entry[i].cert))
			rc = ks_certs_push(certs, &keyring.entry[i].cert, diag);
	}
	if (!rc && !found)
		rc = ks_fail(diag, -ENOKEY, KS_NO_OFF,
			     purpose == KS_PURPOSE_REVOKED ? "no certificate in it is revoked" :
							     "no certificate in it is for trust");
	ks_diag_in(diag, path);
	return rc;
}

int ks_trust_load(const char *path, unsigned int purpose, const struct ks_pass_source *pass,
		  struct ks_certs *certs, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf file = { 0 };

	/* What cannot be read, or is larger, is another's to refuse. */
	if (!ks_file_load(path, KS_MAX_TEXT_BYTES, &file, NULL) && ks_p12_is(ks_buf_span(&file)))
		return add_p12(ks_buf_span(&file), path, pass, certs, diag);
	return add_keyring(path, purpose, certs, diag);
}

bool ks_trust_is_kernel(const char *path)
{
	__cleanup(ks_buf_done) struct ks_buf file = { 0 };
	int rc = ks_file_load(path, KS_MAX_VARSTORE_BYTES, &file, NULL);

	/* Too large for anything else; what cannot be read at all says why when it is loaded. */
	return rc == -E2BIG || (!rc && ks_kernel_image_probe(ks_buf_span(&file)));
}

static int level_of_store(struct ks_span file, struct ks_span *ret_level, struct ks_diag *diag)
{
	struct ks_varstore_iter iter = { 0 };
	struct ks_varstore_view view;
	struct ks_var var;
	u64 data_off;
	int rc = ks_varstore_parse(file, &view, diag);

	while (!rc && ks_varstore_next(&view, &iter, &var, &data_off)) {
		if (!ks_efi_is_sbat_level(&var))
			continue;
		*ret_level = var.data;
		return 0;
	}
	return rc ? rc : ks_fail(diag, -ENOKEY, KS_NO_OFF, "variable store has no SbatLevel");
}

int ks_sbat_level_load(const char *path, struct ks_buf *ret_level, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf file = { 0 };
	struct ks_span level = { 0 }, behind;
	int rc = ks_file_load(path, KS_MAX_VARSTORE_BYTES, &file, diag);

	if (!rc && ks_varstore_probe(ks_buf_span(&file))) {
		rc = level_of_store(ks_buf_span(&file), &level, diag);
	} else if (!rc) {
		level = ks_buf_span(&file);
		if (ks_span_sub(level, 4, level.bytes - 4, &behind) && !ks_sbat_check_level(behind, NULL))
			level = behind;
	}
	if (!rc)
		rc = ks_sbat_check_level(level, diag);
	ks_put(ret_level, level);
	ks_diag_in(diag, path);
	return rc ? rc : ks_buf_ok(ret_level, diag);
}
