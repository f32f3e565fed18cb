/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What firmware says of a signed image, signature by signature.
 * Source: EDK2 DxeImageVerificationLib up to the releases of 2026; UEFI 2.11, 32.5.3.3.
 */
#ifndef KS_OPS_PE_VERIFY_H
#define KS_OPS_PE_VERIFY_H

#include "ops/dbx.h"

/** enum ks_pe_revoked - what a dbx has of a signature's chain */
enum ks_pe_revoked {
	KS_PE_NOT_REVOKED,
	KS_PE_CERT_REVOKED, /* the signer's certificate */
	KS_PE_CA_REVOKED,   /* one that issued it */
};

/**
 * struct ks_pe_signature - one WIN_CERTIFICATE
 * @chain: the signer's certificate and its issuers, as far as they are embedded, trusted or
 *         revoked; empty if the signer's is not embedded
 * @alg: digest of the image that it signs, NULL if that could not be read
 * @matches: that digest is this image's
 * @intact: the signer's key made it
 * @trusted: its chain ends in a trusted certificate
 * @revoked: set when a dbx was given
 * @fault: why it is not intact or does not match; err is 0 if it is and does
 */
struct ks_pe_signature {
	struct ks_certs chain;
	const char *alg;
	bool matches;
	bool intact;
	bool trusted;
	enum ks_pe_revoked revoked;
	struct ks_diag fault;
};

/**
 * struct ks_pe_report - an image and its signatures
 * @view: borrows the file
 * @sha256: Authenticode digest
 * @image_revoked: its digest is in the dbx
 */
struct ks_pe_report {
	struct ks_pe_view view;
	struct ks_digest sha256;
	bool image_revoked;
	struct ks_pe_signature signature[KS_MAX_PE_CERTS];
	size_t nr_signatures;
};

/** struct ks_pe_db - what firmware holds; NULL for what is not given */
struct ks_pe_db {
	const struct ks_certs *trust;
	const struct ks_dbx *dbx;
};

/**
 * ks_pe_inspect() - read everything that there is to say
 * @in: whole file, borrowed by @ret_report
 * @ret_report: ks_pe_report_done(), also after a failure
 * Return: 0, also for signatures that do not hold; what ks_pe_parse() and ks_pe_certs() said.
 */
int __must_check ks_pe_inspect(const struct ks_pe_db *db, struct ks_span in,
			       struct ks_pe_report *ret_report, struct ks_diag *diag);

/** ks_pe_report_done() - free and empty */
void ks_pe_report_done(struct ks_pe_report *report);

/**
 * ks_pe_verdict() - would firmware start it?
 *
 * An image whose digest is in dbx is refused. So is one with a revoked signature, even beside a good
 * one: EDK2 stops at the first that dbx forbids (edk2#12107; UEFI's own text and edk2-staging#557
 * would go on to the next). Stricter than firmware, a signature that does not hold refuses the image
 * too: something changed it after signing.
 *
 * Return: 0 if a signature is trusted; -ENODATA without signatures; -ENOKEY if all hold and none is
 * trusted; -EKEYREJECTED if the image or a signature is revoked, or one does not hold.
 */
int __must_check ks_pe_verdict(const struct ks_pe_report *report, struct ks_diag *diag);

#endif
