/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The lists of certificates in a kernel: DER after DER, then the list's length.
 * Sources: certs/system_certificates.S, certs/revocation_certificates.S and
 * crypto/asymmetric_keys/x509_loader.c of Linux 6.18.
 */
#ifndef KS_FMT_CERTLIST_H
#define KS_FMT_CERTLIST_H

#include "base/diag.h"
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

/** ks_certlist_size() - the 64-bit number at @off. Return: false past the end. */
bool ks_certlist_size(struct ks_span image, u64 off, u64 *ret_bytes);

#endif
