/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the cms*.c files share. OpenSSL's types stay inside of them.
 */
#ifndef KS_CRYPTO_CMS_INTERNAL_H
#define KS_CRYPTO_CMS_INTERNAL_H

#include <openssl/cms.h>

#include "base/der.h"
#include "crypto/cms.h"

void ks_bio_free(BIO **bio);

/**
 * struct ks_cms_parts - what differs between messages
 * @type: contents of the content type's OID
 * @content: DER inside of [0]; empty: detached
 * @certs: DER of the certificates with their tag; empty: none
 * @attrs: contents of the SET of signed attributes; empty: none
 * @sig: raw signature
 */
struct ks_cms_parts {
	const struct ks_signer *signer;
	struct ks_span type;
	struct ks_span content;
	struct ks_span certs;
	struct ks_span attrs;
	struct ks_span sig;
};

/** ks_cms_build() - ContentInfo with SignedData of one signer. Return: 0; -ENOMEM. */
int __must_check ks_cms_build(const struct ks_cms_parts *parts, struct ks_buf *ret_cms,
			      struct ks_diag *diag);

/** ks_cms_put_set_of() - append a SET OF in DER's order; @elements gets sorted */
void ks_cms_put_set_of(struct ks_buf *out, u8 tag, struct ks_span *elements, size_t nr_elements);

#endif
