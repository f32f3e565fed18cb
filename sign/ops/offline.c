// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The manifest of offline signing in memory.
 */
#include "ops/offline_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

void ks_offline_entry_done(struct ks_offline_entry *entry)
{
	free(entry->path);
	free(entry->output);
	free(entry->phases);
	ks_buf_done(&entry->attrs);
	*entry = (struct ks_offline_entry){ 0 };
}

void ks_offline_done(struct ks_offline *manifest)
{
	size_t i;

	for (i = 0; i < manifest->nr_entries; i++)
		ks_offline_entry_done(&manifest->entry[i]);
	free(manifest->entry);
	ks_certs_done(&manifest->certs);
	*manifest = (struct ks_offline){ 0 };
}

void ks_offline_errors_done(struct ks_offline_errors *errors)
{
	free(errors->diag);
	*errors = (struct ks_offline_errors){ 0 };
}

const char *ks_offline_kind_name(enum ks_offline_kind kind)
{
	static const char *const names[] = {
		[KS_OFFLINE_MODULE] = "module",
		[KS_OFFLINE_PE] = "pe",
		[KS_OFFLINE_PCR] = "pcr",
		[KS_OFFLINE_AUTH] = "auth",
	};

	return (size_t)kind < KS_ARRAY_SIZE(names) ? names[kind] : NULL;
}

void ks_offline_id(const struct ks_offline *manifest, size_t idx, char id[KS_OFFLINE_ID_BYTES])
{
	snprintf(id, KS_OFFLINE_ID_BYTES, "%s-%zu", ks_offline_kind_name(manifest->entry[idx].kind),
		 idx + 1);
}

int ks_offline_push(struct ks_offline *manifest, const struct ks_offline_entry *entry,
		    struct ks_diag *diag)
{
	struct ks_offline_entry *grown;
	size_t nr = manifest->nr_entries;

	if (nr == KS_MAX_OFFLINE_ENTRIES)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "over 65536 files in one manifest");
	/* Grows at every power of two. */
	if (!(nr & (nr - 1))) {
		grown = reallocarray(manifest->entry, nr ? 2 * nr : 1, sizeof(*grown));
		if (!grown)
			return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
		manifest->entry = grown;
	}
	manifest->entry[manifest->nr_entries++] = *entry;
	return 0;
}

int ks_offline_cert(struct ks_offline *manifest, const struct ks_cert *cert, size_t *ret_idx,
		    struct ks_diag *diag)
{
	char sha256[KS_OFFLINE_SHA256_BYTES];
	struct ks_digest digest = { 0 };
	size_t i, nr = manifest->certs.nr_certs;
	int rc = ks_cert_fingerprint(cert, &digest, diag);

	if (rc)
		return rc;
	ks_hex(ks_digest_span(&digest), sha256, sizeof(sha256));
	for (i = 0; i < nr; i++)
		if (!strcmp(manifest->cert_sha256[i], sha256))
			break;
	if (i == nr)
		rc = ks_certs_push(&manifest->certs, cert, diag);
	if (rc)
		return rc;
	memcpy(manifest->cert_sha256[i], sha256, sizeof(sha256));
	*ret_idx = i;
	return 0;
}

int ks_offline_add_error(struct ks_offline_errors *errors, const struct ks_diag *error,
		     struct ks_diag *diag)
{
	struct ks_diag *grown =
		reallocarray(errors->diag, errors->nr_diags + 1, sizeof(*errors->diag));

	if (!grown)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	errors->diag = grown;
	errors->diag[errors->nr_diags++] = *error;
	return 0;
}

int ks_offline_add_entry_error(const struct ks_offline *manifest, size_t idx, const struct ks_diag *error,
		    struct ks_offline_errors *errors, struct ks_diag *diag)
{
	char id[KS_OFFLINE_ID_BYTES], name[KS_MAX_PATH_BYTES + KS_OFFLINE_ID_BYTES + 4];
	struct ks_diag named = *error;

	ks_offline_id(manifest, idx, id);
	snprintf(name, sizeof(name), "%s (%s)", manifest->entry[idx].path, id);
	named.file[0] = '\0';
	ks_diag_in(&named, name);
	return ks_offline_add_error(errors, &named, diag);
}

bool ks_offline_same_job(const struct ks_offline *manifest, size_t a, size_t b)
{
	const struct ks_offline_entry *x = &manifest->entry[a], *y = &manifest->entry[b];

	return x->kind == KS_OFFLINE_PCR && y->kind == KS_OFFLINE_PCR &&
	       !strcmp(x->path, y->path) && !strcmp(x->output, y->output) &&
	       x->cert_idx == y->cert_idx;
}
