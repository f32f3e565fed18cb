/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A forbidden-signature database, asked as EDK2's DxeImageVerificationLib asks it.
 */
#ifndef KS_OPS_DBX_H
#define KS_OPS_DBX_H

#include "crypto/chain.h"
#include "fmt/esl.h"
#include "fmt/pe.h"

/** struct ks_dbx - owned; zero-initialised forbids nothing */
struct ks_dbx {
	struct ks_buf file;
	struct ks_esl_view lists;
	struct ks_certs certs;
};

/**
 * ks_dbx_load() - read a file as ks_esl_parse_file()
 * @ret_dbx: ks_dbx_done()
 * Return: 0; -EBADMSG, also for an X.509 entry that is no certificate, and for a file without an
 * entry; what the file system said.
 */
int __must_check ks_dbx_load(const char *path, struct ks_dbx *ret_dbx, struct ks_diag *diag);

/** ks_dbx_done() - accepts an empty one */
void ks_dbx_done(struct ks_dbx *dbx);

/**
 * ks_dbx_has_image() - is the digest of this image forbidden?
 *
 * By its SHA-256, SHA-384 or SHA-512, of the image as it is and padded to 8 bytes: lists were made
 * both ways.
 */
int __must_check ks_dbx_has_image(const struct ks_dbx *dbx, const struct ks_pe_view *view,
				  bool *ret_found, struct ks_diag *diag);

/**
 * ks_dbx_has_cert() - is this certificate forbidden?
 *
 * As a certificate or by the digest of its to-be-signed part. The time of revocation behind such a
 * digest is not judged: firmware lets a signature with an older time stamp pass, but nothing that
 * kseal signs carries one.
 */
int __must_check ks_dbx_has_cert(const struct ks_dbx *dbx, const struct ks_cert *cert,
				 bool *ret_found, struct ks_diag *diag);

#endif
