/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What firmware says of a signed image, signature by signature.
 * Source: EDK2 DxeImageVerificationLib up to the releases of 2026; UEFI 2.11, 32.5.3.3.
 */
#ifndef KS_OPS_PE_VERIFY_H
#define KS_OPS_PE_VERIFY_H

#include "fmt/pe.h"
#include "fmt/sbat.h"
#include "ops/dbx.h"

/** enum ks_pe_revoked - what a dbx has of a signature; all but the last refuse the image */
enum ks_pe_revoked {
	KS_PE_NOT_REVOKED,
	KS_PE_CERT_REVOKED,  /* the signer's certificate, itself or by digest */
	KS_PE_CA_REVOKED,    /* one that its chain verifies to */
	KS_PE_NO_SIGNER,     /* nothing, but the signer cannot be looked up: EDK2 refuses */
	KS_PE_TRUST_REVOKED, /* the trusted certificate, by digest: this signature does not count */
};

/** ks_pe_revoked_word(), ks_pe_revoked_text() - for a program, "ca"; for a person, "CA REVOKED by dbx" */
const char *ks_pe_revoked_word(enum ks_pe_revoked revoked);
const char *ks_pe_revoked_text(enum ks_pe_revoked revoked);

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
 * struct ks_pe_sbat - a component of .sbat, held against the level that shim has
 * @has_least: the level asks for a generation of it
 * @least: that generation; an image with a lower one does not start
 */
struct ks_pe_sbat {
	struct ks_sbat_entry entry;
	bool has_least;
	u32 least;
};

/* .sbat has at most KS_MAX_SBAT_BYTES, a line at least "a,1,,,,\n". */
#define KS_PE_MAX_SBAT (KS_MAX_SBAT_BYTES / 8)

/**
 * struct ks_pe_report - an image and its signatures
 * @view: borrows the file
 * @file_sha256: what sha256sum says
 * @sha256: Authenticode digest
 * @has_sbat: there is a .sbat section that can be read
 * @has_level: shim's level was given
 * @sbat: borrows the file
 * @sbat_error: why shim does not start it; err is 0 if the level does not forbid it, or none was given
 * @image_revoked: its digest, by the algorithm of a signature, is in the dbx
 * @no_rsa: a trusted certificate has no RSA key: SetVariable() takes it into no db, so it is not trust
 */
struct ks_pe_report {
	struct ks_pe_view view;
	struct ks_digest file_sha256;
	struct ks_digest sha256;
	bool has_sbat;
	bool has_level;
	struct ks_pe_sbat sbat[KS_PE_MAX_SBAT];
	size_t nr_sbat;
	struct ks_diag sbat_error;
	bool image_revoked;
	bool no_rsa;
	struct ks_pe_signature signature[KS_MAX_PE_CERTS];
	size_t nr_signatures;
};

/**
 * struct ks_pe_db - what firmware holds; NULL for what is not given
 * @sbat_level: what shim's SbatLevel holds, checked by ks_sbat_check_level()
 */
struct ks_pe_db {
	const struct ks_certs *trust;
	const struct ks_dbx *dbx;
	const struct ks_span *sbat_level;
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

/**
 * ks_pe_decider() - the signature that ks_pe_verdict() is about
 * Return: its index; KS_PE_NO_DECIDER if none decides: no signature, the image itself is in dbx, SBAT, or
 * nothing is wrong with any of them and none is trusted.
 */
#define KS_PE_NO_DECIDER SIZE_MAX
size_t ks_pe_decider(const struct ks_pe_report *report);

/** ks_pe_report_done() - free and empty */
void ks_pe_report_done(struct ks_pe_report *report);

/**
 * ks_pe_verdict() - would firmware start it?
 *
 * One signature that is of the image and verifies to a trusted certificate is enough; others that do
 * not hold are left aside. An image whose digest is in dbx is refused. So is one with a revoked
 * signature, even beside a good one: EDK2 stops at the first that dbx forbids (edk2#12107; UEFI's own
 * text and edk2-staging#557 would go on to the next). What firmware starts, shim does not if @sbat_error
 * says so.
 *
 * Return: 0 if a signature is trusted; -ENODATA without signatures; -ENOKEY if all hold and none is
 * trusted; -EKEYREJECTED if the image or a signature is revoked, also by SBAT, or none is trusted and one does
 * not hold.
 */
int __must_check ks_pe_verdict(const struct ks_pe_report *report, struct ks_diag *diag);

#endif
