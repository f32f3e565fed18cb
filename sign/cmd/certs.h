/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_CMD_CERTS_H
#define KS_CMD_CERTS_H

#include "cmd/json.h"
#include "cmd/verbs.h"
#include "ops/dbx.h"
#include "ops/pe_verify.h"
#include "ops/signer.h"
#include "ops/trust.h"

/**
 * ks_load_certs() - the certificates of an option that may be given several times
 * @certs: appended to; the caller frees it, also after a failure
 * Return: 0; what ks_certs_append() said of the first file that failed.
 */
int __must_check ks_load_certs(const struct ks_values *paths, struct ks_certs *certs,
			       struct ks_diag *diag);

/**
 * ks_load_trust() - ks_trust_load() of an option that may be given several times
 * @certs: as ks_load_certs()
 *
 * Passphrases of PKCS#12 files come from where ks_cmd_pass() says.
 */
int __must_check ks_load_trust(const struct ks_values *paths, unsigned int purpose, struct ks_certs *certs,
			       struct ks_diag *diag);

/**
 * struct ks_db_files - what firmware holds, as --trust, --dbx and --sbat-level say
 * @db: borrows the rest; NULL in it for an option that was not given
 */
struct ks_db_files {
	struct ks_pe_db db;
	struct ks_certs trust;
	struct ks_dbx dbx;
	struct ks_buf level;
	struct ks_span level_span;
};

/**
 * ks_db_load() - read what the options name
 * @dbx, @sbat_level: NULL if not given
 * @ret_files: empty, and where it will stay; ks_db_files_done(), also after a failure
 * Return: 0; what ks_load_trust(), ks_dbx_load() and ks_sbat_level_load() said.
 */
int __must_check ks_db_load(const struct ks_values *trust, const char *dbx, const char *sbat_level,
			    struct ks_db_files *ret_files, struct ks_diag *diag);

/** ks_db_files_done() - free and empty */
void ks_db_files_done(struct ks_db_files *files);

/**
 * ks_cert_json() - add what every document says of a certificate: $defs/certificate of
 * docs/schema/common.json
 * @to: the certificate's object, or one that says more of it
 * @now: seconds since the epoch, for "expired"
 * Return: 0; what ks_cert_fingerprint() said.
 */
int __must_check ks_cert_json(struct json_object *to, const struct ks_cert *cert, u64 now,
			      struct ks_diag *diag);

/** ks_certs_json() - an array of them, under a key */
int __must_check ks_certs_json(struct json_object *to, const char *key, const struct ks_certs *certs,
			       u64 now, struct ks_diag *diag);

/**
 * ks_load_chain() - what to embed beside a signer's certificate
 * @paths: of an option for more of it
 * @chain: an empty list; the caller frees it, also after a failure
 * Return: 0; what ks_certs_append() said of the first file that failed.
 */
int __must_check ks_load_chain(const struct ks_signer *signer, const struct ks_values *paths,
			       struct ks_certs *chain, struct ks_diag *diag);

#endif
