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
 * struct ks_dbx_opts - how Microsoft's JSON is read
 * @arch, @certs: as ks_dbx_json_parse()
 */
struct ks_dbx_opts {
	const char *arch;
	const struct ks_certs *certs;
};

/**
 * ks_dbx_load() - read a file as ks_efi_parse_lists(), Microsoft's JSON, or the dbx of a variable store
 * @opts: NULL: images of all machines, no certificates
 * @ret_dbx: ks_dbx_done()
 * Return: 0; -EBADMSG, also for an X.509 entry that is not a certificate, and for a file without an
 * entry; as ks_dbx_json_parse(); what the file system said.
 */
int __must_check ks_dbx_load(const char *path, const struct ks_dbx_opts *opts,
			     struct ks_dbx *ret_dbx, struct ks_diag *diag);

/** ks_dbx_take() - the same of a variable's content; @lists: copied. Return: 0; -EBADMSG; -E2BIG; -ENOMEM. */
int __must_check ks_dbx_take(struct ks_span lists, struct ks_dbx *ret_dbx, struct ks_diag *diag);

/**
 * struct ks_dbx_counts - what there is
 * @nr_left_out: entries that an output has no place for
 */
struct ks_dbx_counts {
	size_t nr_images, nr_certs, nr_cert_digests, nr_svns, nr_left_out;
};

/**
 * ks_dbx_put_hash_list() - append what CONFIG_SYSTEM_BLACKLIST_HASH_LIST takes
 *
 * One string after the other with commas between them: "bin:" and the digest of an image, "tbs:" and
 * that of the to-be-signed part of a certificate, in lower case (certs/Kconfig of Linux 6.18).
 * Certificates and SVNs have no place there.
 *
 * Return: 0; -ENODATA if nothing of it has; -ENOMEM.
 */
int __must_check ks_dbx_put_hash_list(const struct ks_esl_view *lists, struct ks_buf *out,
				      struct ks_dbx_counts *ret_counts, struct ks_diag *diag);

/**
 * ks_dbx_put_revocation_keys() - append what CONFIG_SYSTEM_REVOCATION_KEYS takes: certificates in PEM
 * Return: 0; -ENODATA if there are none; -EBADMSG; -ENOMEM.
 */
int __must_check ks_dbx_put_revocation_keys(const struct ks_esl_view *lists, struct ks_buf *out,
					    struct ks_dbx_counts *ret_counts, struct ks_diag *diag);

/** ks_dbx_count() - all entries of all lists */
void ks_dbx_count(const struct ks_esl_view *lists, struct ks_dbx_counts *ret_counts);

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
