/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A forbidden-signature database, asked as EDK2's DxeImageVerificationLib asks it.
 */
#ifndef KS_OPS_DBX_H
#define KS_OPS_DBX_H

#include "crypto/chain.h"
#include "fmt/esl.h"

/** struct ks_dbx - owned; zero-initialised forbids nothing */
struct ks_dbx {
	struct ks_buf file;
	struct ks_esl_view lists;
	struct ks_certs certs;
};

/**
 * ks_dbx_load() - read a file as ks_esl_parse_file()
 * @ret_dbx: ks_dbx_done()
 * Return: 0; -EBADMSG, also for an X.509 entry that is not a certificate, and for a file without an
 * entry; what the file system said.
 */
int __must_check ks_dbx_load(const char *path, struct ks_dbx *ret_dbx, struct ks_diag *diag);

/** ks_dbx_done() - accepts an empty one */
void ks_dbx_done(struct ks_dbx *dbx);

/** ks_dbx_has_image() - is this digest of an image, by an algorithm of ks_cms_authcode_alg(), listed? */
bool ks_dbx_has_image(const struct ks_dbx *dbx, const char *alg, const struct ks_digest *digest);

/**
 * ks_dbx_has_tbs() - is the digest of the to-be-signed part of this certificate listed?
 *
 * The time of revocation behind such a digest is not judged: firmware lets a signature with an older
 * time stamp pass, but nothing that kseal signs carries one.
 */
int __must_check ks_dbx_has_tbs(const struct ks_dbx *dbx, const struct ks_cert *cert,
				bool *ret_found, struct ks_diag *diag);

#endif
