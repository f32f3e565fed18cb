/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pkcs11: URIs (RFC 7512), parsed and matched by p11-kit against what libp11 found.
 */
#ifndef KS_KEY_P11_URI_H
#define KS_KEY_P11_URI_H

#include <libp11.h>

#include "base/buf.h"
#include "base/diag.h"
#include "key/pass.h"

/** struct ks_p11_uri - a parsed URI, owned; ks_p11_uri_done() */
struct ks_p11_uri {
	struct p11_kit_uri *parsed;
};

/**
 * ks_p11_uri_parse() - read a URI that names a private key, or a certificate
 *
 * A URI with a PIN in it is refused: it stands in the arguments, which every process can read. So
 * are unknown attributes, since they would name less than the caller meant.
 *
 * Return: 0; -EINVAL with what to change; no message repeats the URI.
 */
int __must_check ks_p11_uri_parse(const char *text, bool is_cert, struct ks_p11_uri *ret_uri,
				  struct ks_diag *diag);

/** ks_p11_uri_module() - the module to load: module-path, else PKCS11_MODULE_PATH, else p11-kit's
 */
const char *ks_p11_uri_module(const struct ks_p11_uri *uri);

/** ks_p11_uri_fits_slot() - module, slot and token are what the URI names */
bool ks_p11_uri_fits_slot(const struct ks_p11_uri *uri, const PKCS11_CTX *ctx, PKCS11_SLOT *slot);

/**
 * ks_p11_uri_fits() - label and id of a key or certificate on that token are what the URI names
 * @label: may be NULL
 */
bool ks_p11_uri_fits(const struct ks_p11_uri *uri, const char *label, struct ks_span id);

/**
 * ks_p11_uri_pin() - the PIN: pin-source's file, else @pass
 * @token: the token's label, for a prompt
 * @ret_pin: ends with a NUL that @bytes does not count; ks_buf_done() wipes it
 *
 * Return: 0; -EACCES with what to do; -EINVAL if pin-source is not a file.
 */
int __must_check ks_p11_uri_pin(const struct ks_p11_uri *uri, const struct ks_pass_source *pass,
				const char *token, struct ks_buf *ret_pin, struct ks_diag *diag);

/** ks_p11_uri_done() - accepts an empty one */
void ks_p11_uri_done(struct ks_p11_uri *uri);

#endif
