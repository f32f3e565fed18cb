/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Microsoft's dbx as JSON: dbx_info_msft_*.json of github.com/microsoft/secureboot_objects.
 *
 *   { "images": { "x64": [ { "authenticodeHash", "hashType": "SHA256", ... } ], "arm64": ... },
 *     "certificates": [ { "value", "subjectName", "thumbprint", ... } ],
 *     "svns": [ { "value", "version", "filename", "guid", ... } ] }
 *
 * A certificate is only named there, by the SHA-1 of its DER. An SVN is the least version of a boot
 * program of Windows that starts: an entry of dbx like a digest, with an owner of its own, which matches
 * no image and which firmware leaves to that program.
 */
#ifndef KS_OPS_DBX_JSON_H
#define KS_OPS_DBX_JSON_H

#include "crypto/cert.h"
#include "fmt/esl.h"

/* Owner of the entries that Microsoft enrols, and of its SVNs. */
extern const struct ks_guid ks_dbx_owner_microsoft, ks_dbx_owner_svn;

/* For an option. */
#define KS_DBX_ARCH_OPTION "x64|ia32|arm64|arm"

/** ks_dbx_is_json() - does the file begin like JSON? */
bool ks_dbx_is_json(struct ks_span file);

/**
 * ks_dbx_json_parse() - signature lists of such a file: images, certificates, SVNs
 * @arch: of the images, one of KS_DBX_ARCH_OPTION; NULL: of all
 * @certs: where to look for the certificates that it names
 * @lists: appended to
 *
 * Return: 0; -EBADMSG for what is not such JSON; -ENOKEY with the name of a certificate that is not in
 * @certs: without it the lists would forbid less; -E2BIG; -ENOMEM.
 */
int __must_check ks_dbx_json_parse(struct ks_span file, const char *arch,
				   const struct ks_certs *certs, struct ks_buf *lists,
				   struct ks_diag *diag);

/**
 * ks_dbx_json_build() - the reverse; what Microsoft knows beside it (files, dates) stays empty
 * @arch: under which the images are
 * Return: 0; -EOPNOTSUPP for an entry that the form has no place for; -ENOMEM.
 */
int __must_check ks_dbx_json_build(const struct ks_esl_view *lists, const char *arch,
				   struct ks_buf *out, struct ks_diag *diag);

#endif
