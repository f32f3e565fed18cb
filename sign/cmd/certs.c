// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cmd/certs.h"

#include "cmd/key_opts.h"
#include "ops/keyring_audit.h"

int ks_load_certs(const struct ks_values *paths, struct ks_certs *certs, struct ks_diag *diag)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < paths->nr_values && !rc; i++)
		rc = ks_certs_append(certs, paths->value[i], diag);
	return rc;
}

int ks_load_chain(const struct ks_signer *signer, const struct ks_values *paths, struct ks_certs *chain,
		  struct ks_diag *diag)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < signer->chain.nr_certs && !rc; i++)
		rc = ks_certs_push(chain, &signer->chain.cert[i], diag);
	return rc ? rc : ks_load_certs(paths, chain, diag);
}

int ks_load_trust(const struct ks_values *paths, unsigned int purpose, struct ks_certs *certs,
		  struct ks_diag *diag)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < paths->nr_values && !rc; i++)
		rc = ks_trust_load(paths->value[i], purpose, ks_cmd_pass(), certs, diag);
	return rc;
}

int ks_db_load(const struct ks_values *trust, const char *dbx, const char *sbat_level,
	       struct ks_db_files *ret_files, struct ks_diag *diag)
{
	struct ks_pe_db *db = &ret_files->db;
	int rc = ks_load_trust(trust, KS_PURPOSE_DB, &ret_files->trust, diag);

	if (!rc && dbx)
		rc = ks_dbx_load(dbx, NULL, &ret_files->dbx, diag);
	if (!rc && sbat_level)
		rc = ks_sbat_level_load(sbat_level, &ret_files->level, diag);
	ret_files->level_span = ks_buf_span(&ret_files->level);
	db->trust = trust->nr_values ? &ret_files->trust : NULL;
	db->dbx = dbx ? &ret_files->dbx : NULL;
	db->sbat_level = sbat_level ? &ret_files->level_span : NULL;
	return rc;
}

void ks_db_files_done(struct ks_db_files *files)
{
	ks_certs_done(&files->trust);
	ks_dbx_done(&files->dbx);
	ks_buf_done(&files->level);
	*files = (struct ks_db_files){ 0 };
}

int ks_cert_json(struct json_object *to, const struct ks_cert *cert, u64 now, struct ks_diag *diag)
{
	static const struct {
		const char *key;
		void (*get)(const struct ks_cert *cert, char *text, size_t text_bytes);
	} texts[] = {
		{ "name", ks_cert_name },
		{ "issuer", ks_cert_issuer },
		{ "subject_dn", ks_cert_subject_dn },
		{ "issuer_dn", ks_cert_issuer_dn },
		{ "serial", ks_cert_serial },
		{ "not_before", ks_cert_not_before },
		{ "not_after", ks_cert_not_after },
	};
	struct ks_cert_traits traits = ks_cert_traits_of(cert);
	struct ks_digest fingerprint;
	char text[512];
	size_t i;
	int rc = ks_cert_fingerprint(cert, &fingerprint, diag);

	if (rc)
		return rc;
	for (i = 0; i < KS_ARRAY_SIZE(texts); i++) {
		texts[i].get(cert, text, sizeof(text));
		ks_json_str(to, texts[i].key, text);
	}
	ks_json_bool(to, "expired", traits.to <= (int64_t)now);
	ks_json_hex(to, "sha256", ks_digest_span(&fingerprint));
	ks_json_str(to, "key", traits.key);
	ks_json_bool(to, "ca", traits.is_ca);
	ks_json_bool(to, "dev", ks_cert_is_dev(cert));
	return 0;
}

int ks_certs_json(struct json_object *to, const char *key, const struct ks_certs *certs, u64 now,
		  struct ks_diag *diag)
{
	struct json_object *array = ks_json_array(to, key);
	size_t i;
	int rc = 0;

	for (i = 0; i < certs->nr_certs && !rc; i++)
		rc = ks_cert_json(ks_json_row(array), &certs->cert[i], now, diag);
	return rc;
}
