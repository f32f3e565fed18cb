/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The signature that is appended to a kernel module.
 * Source: include/linux/module_signature.h, kernel/module_signature.c of Linux 6.18.
 */
#ifndef KS_FMT_MODSIG_H
#define KS_FMT_MODSIG_H

#include "base/buf.h"

/**
 * struct ks_modsig_view - a module cut at its signature, borrowed
 * @content: what is signed: everything before the signature
 * @cms: DER of the CMS message; empty when the module is unsigned
 */
struct ks_modsig_view {
	struct ks_span content;
	struct ks_span cms;
};

/**
 * ks_modsig_parse() - find the signature at the end of a module
 * @file: whole file; borrowed by @ret_view
 *
 * Only the last trailer counts, as in the kernel. The rules are the kernel's mod_check_sig(), and
 * the padding must be zero.
 *
 * Return: 0; -ENODATA if there is no trailer (@ret_view->content is then the whole file);
 * -EBADMSG if the trailer contradicts the format; -EOPNOTSUPP if it is not of type PKCS#7.
 */
int __must_check ks_modsig_parse(struct ks_span file, struct ks_modsig_view *ret_view,
				 struct ks_diag *diag);

#define KS_MODSIG_TRAILER_BYTES 12U
#define KS_MODSIG_PKCS7 2

/**
 * struct ks_modsig_trailer - struct module_signature as it stands, not judged
 * @rest_is_zero: all the fields that have no meaning for PKCS#7
 */
struct ks_modsig_trailer {
	u8 id_type;
	bool rest_is_zero;
	u32 sig_bytes;
};

/**
 * ks_modsig_has_marker() - does the file end with the marker, and something before it?
 * @ret_body: the file without the marker; written on success only
 */
bool ks_modsig_has_marker(struct ks_span file, struct ks_span *ret_body);

/** ks_modsig_trailer() - the trailer at the end of @body. Return: false if that is too short. */
bool ks_modsig_trailer(struct ks_span body, struct ks_modsig_trailer *ret_trailer);

/** ks_modsig_build() - append @cms and its trailer to @out, which holds the content already */
void ks_modsig_build(struct ks_span cms, struct ks_buf *out);

#endif
