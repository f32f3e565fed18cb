/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The lists of certificates in a kernel: DER after DER, then the list's length.
 * Sources: certs/system_certificates.S, certs/revocation_certificates.S and
 * crypto/asymmetric_keys/x509_loader.c of Linux 6.18.
 */
#ifndef KS_FMT_CERTLIST_H
#define KS_FMT_CERTLIST_H

#include "base/diag.h"
#include "base/limits.h"
#include "base/span.h"

/**
 * ks_certlist_next() - cut the next certificate off, by the kernel's rule
 * @list: in: the rest of the list; out: what follows the certificate
 * @ret_der: borrowed; not looked into
 *
 * The length is always taken from bytes 2 and 3, as if the header were "30 82 hh ll". The kernel's
 * check for that header lets any pass that has one of the two bytes.
 *
 * Return: 1; 0 at the end of the list; -EBADMSG where the kernel stops, dropping all later ones.
 */
int __must_check ks_certlist_next(struct ks_span *list, struct ks_span *ret_der);

/**
 * ks_certlist_strict() - cut a certificate off that has the header "30 82 hh ll"
 * Return: true; false if there is none.
 */
bool ks_certlist_strict(struct ks_span *list, struct ks_span *ret_der);

/**
 * struct ks_cert_reserve - the room of CONFIG_SYSTEM_EXTRA_CERTIFICATE, all in offsets of the kernel
 * @list_off: the list of built-in certificates, which the reserve continues
 * @off: system_extra_cert
 * @bytes: how much room there is; 0: the kernel has none
 * @used_off: system_extra_cert_used, le32
 * @used_bytes: what it says: so much of the reserve is part of the list
 * @size_off: system_certificate_list_size, le64, which counts that
 */
struct ks_cert_reserve {
	u64 list_off;
	u64 off;
	u64 bytes;
	u64 used_off;
	u32 used_bytes;
	u64 size_off;
};

/**
 * ks_cert_reserve_parse() - read @used_bytes, and check that all is as system_certificates.S lays it out
 * @reserve: all but @used_bytes is set
 * @ret_list: the list with what is used of the reserve, borrowed
 *
 * Bytes behind those that are used may be anything: the kernel does not read them.
 *
 * Return: false if it is not a list with a reserve.
 */
bool ks_cert_reserve_parse(struct ks_span image, struct ks_cert_reserve *reserve,
			   struct ks_span *ret_list);

/** ks_certlist_size() - the 64-bit number at @off. Return: false past the end. */
bool ks_certlist_size(struct ks_span image, u64 off, u64 *ret_bytes);

#endif
