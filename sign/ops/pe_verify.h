/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What firmware says of a signed image, signature by signature.
 * Source: EDK2 DxeImageVerificationLib up to the releases of 2026; UEFI 2.11, 32.5.3.3.
 */
#ifndef KS_OPS_PE_VERIFY_H
#define KS_OPS_PE_VERIFY_H

#include "fmt/pe.h"
#include "ops/dbx.h"

/** enum ks_pe_revoked - what a dbx has of a signature; all but the last refuse the image */
enum ks_pe_revoked {
	KS_PE_NOT_REVOKED,
	KS_PE_CERT_REVOKED,  /* the signer's certificate, itself or by digest */
	KS_PE_CA_REVOKED,    /* one that its chain verifies to */
	KS_PE_NO_SIGNER,     /* nothing, but the signer cannot be looked up: EDK2 refuses */
	KS_PE_TRUST_REVOKED, /* the trusted certificate, by digest: this signature does not count */
};

/**
 * struct ks_pe_signature - one WIN_CERTIFICATE
 * @signers: certificates of the signers, empty if one of them is not embedded
 * @chain: the first signer's and its issuers, as far as they are embedded, trusted or revoked
 * @alg: digest of the image that it signs, NULL for a signature that firmware skips
 * @compared: it has a digest that could be compared with the image's
 * @matches: that digest is this image's
 * @checked: what the signer's key made could be checked
 * @intact: the signer's key made it
 * @trusted: its chain ends in a trusted certificate
 * @ecdsa: a key of its chain is not RSA, so that not every firmware takes it
 * @revoked: set when a dbx was given
 * @error: why it does not count; err is 0 if nothing is wrong with it
 */
struct ks_pe_signature {
	struct ks_certs signers;
	struct ks_certs chain;
	const char *alg;
	bool compared;
	bool matches;
	bool checked;
	bool intact;
	bool trusted;
	bool ecdsa;
	enum ks_pe_revoked revoked;
	struct ks_diag error;
};

/**
 * struct ks_pe_report - an image and its signatures
 * @view: borrows the file
 * @sha256: Authenticode digest
 * @image_revoked: its digest, by the algorithm of a signature, is in the dbx
 * @no_rsa: a trusted certificate has no RSA key: SetVariable() takes it into no db, so it is not trust
 */
struct ks_pe_report {
	struct ks_pe_view view;
	struct ks_digest sha256;
	bool image_revoked;
	bool no_rsa;
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
 * Return: 0, also for signatures that do not hold; what ks_pe_parse() and ks_pe_firmware_certs()
 * said.
 */
int __must_check ks_pe_inspect(const struct ks_pe_db *db, struct ks_span in,
			       struct ks_pe_report *ret_report, struct ks_diag *diag);

/** ks_pe_report_done() - free and empty */
void ks_pe_report_done(struct ks_pe_report *report);

/**
 * ks_pe_verdict() - would firmware start it?
 *
 * One signature that is of the image and verifies to a trusted certificate is enough; others that do
 * not hold are left aside. An image whose digest is in dbx is refused. So is one with a revoked
 * signature, even beside a good one: EDK2 stops at the first that dbx forbids (edk2#12107; UEFI's own
 * text and edk2-staging#557 would go on to the next).
 *
 * Return: 0 if a signature is trusted; -ENODATA without signatures; -ENOKEY if all hold and none is
 * trusted; -EKEYREJECTED if the image or a signature is revoked, or none is trusted and one does not
 * hold.
 */
int __must_check ks_pe_verdict(const struct ks_pe_report *report, struct ks_diag *diag);

#endif
