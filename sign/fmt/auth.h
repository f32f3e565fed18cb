/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * EFI_VARIABLE_AUTHENTICATION_2 (UEFI 2.10, 8.2.2): an update of a variable, as SetVariable() takes it
 * and as .auth files and Microsoft's DBXUpdate.bin have it:
 *
 *   +-----------+ 0
 *   | EFI_TIME  | 16 bytes
 *   +-----------+ 16  WIN_CERTIFICATE_UEFI_GUID
 *   | dwLength  | u32, from here to the end of the signature
 *   | revision  | u16, 0x0200
 *   | type      | u16, 0x0ef1
 *   | CertType  | GUID of PKCS#7
 *   +-----------+ 40
 *   | signature | SignedData of PKCS#7 1.5, detached, without a ContentInfo around it
 *   +-----------+ 16 + dwLength
 *   | payload   | the new content; signature lists for PK, KEK, db, dbx
 *   +-----------+
 *
 * Neither the name of the variable nor its attributes are in there, but they are signed:
 *
 *   name in UTF-16 without its NUL | vendor GUID | attributes, u32 | EFI_TIME | payload
 */
#ifndef KS_FMT_AUTH_H
#define KS_FMT_AUTH_H

#include "base/efi_time.h"
#include "base/guid.h"

/* What is before the signature. */
#define KS_AUTH_HEADER_BYTES 40

/**
 * struct ks_auth_view - an update, borrowed
 * @time: not judged
 * @revision, @type, @cert_type: of the certificate; not judged either
 * @cms: the signature, at KS_AUTH_HEADER_BYTES
 * @payload: may be empty: that deletes the variable
 * @payload_off: its offset in the file
 */
struct ks_auth_view {
	u8 time[KS_EFI_TIME_BYTES];
	u16 revision;
	u16 type;
	struct ks_guid cert_type;
	struct ks_span cms;
	struct ks_span payload;
	u64 payload_off;
};

/** ks_auth_is() - does the file begin like an update? */
bool ks_auth_is(struct ks_span file);

/**
 * ks_auth_parse() - take an update apart, with the bounds that SetVariable() checks
 * @ret_view: borrows @file
 * Return: 0; -EBADMSG.
 */
int __must_check ks_auth_parse(struct ks_span file, struct ks_auth_view *ret_view,
			       struct ks_diag *diag);

/**
 * ks_auth_check() - type and time of an update, which SetVariable() looks at before the signature
 * Return: 0; -EKEYREJECTED.
 */
int __must_check ks_auth_check(const struct ks_auth_view *view, struct ks_diag *diag);

/** ks_auth_build() - the reverse of ks_auth_parse(). Return: 0; -E2BIG; -ENOMEM. */
int __must_check ks_auth_build(const u8 time[KS_EFI_TIME_BYTES], struct ks_span cms,
			       struct ks_span payload, struct ks_buf *ret_file,
			       struct ks_diag *diag);

/**
 * struct ks_auth_signed - what an update's signature is of, borrowed
 * @name: UTF-16LE without its NUL
 */
struct ks_auth_signed {
	struct ks_span name;
	struct ks_guid vendor;
	u32 attributes;
	u8 time[KS_EFI_TIME_BYTES];
	struct ks_span payload;
};

/** ks_auth_put_signed() - append the bytes that are signed */
void ks_auth_put_signed(struct ks_buf *out, const struct ks_auth_signed *what);

/**
 * ks_auth_parse_signed() - the reverse, which needs the name to know where it ends
 * @name, @vendor: what the file must begin with
 * @ret_what: borrows @file
 * Return: 0; -EBADMSG; -EKEYREJECTED if it is for another variable.
 */
int __must_check ks_auth_parse_signed(struct ks_span file, struct ks_span name,
				      const struct ks_guid *vendor, struct ks_auth_signed *ret_what,
				      struct ks_diag *diag);

#endif
