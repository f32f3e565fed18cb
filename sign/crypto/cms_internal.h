/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the cms*.c files share. OpenSSL's types stay inside of them.
 */
#ifndef KS_CRYPTO_CMS_INTERNAL_H
#define KS_CRYPTO_CMS_INTERNAL_H

#include <openssl/cms.h>
#include <openssl/pkcs7.h>

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
 * @bare: SignedData alone, without the ContentInfo around it
 */
struct ks_cms_parts {
	const struct ks_signer *signer;
	struct ks_span type;
	struct ks_span content;
	struct ks_span certs;
	struct ks_span attrs;
	struct ks_span sig;
	bool bare;
};

/* Contents of the OID id-data. */
extern const struct ks_span ks_cms_id_data;

/** ks_cms_build() - ContentInfo with SignedData of one signer. Return: 0; -ENOMEM. */
int __must_check ks_cms_build(const struct ks_cms_parts *parts, struct ks_buf *ret_cms,
			      struct ks_diag *diag);

/** ks_cms_put_set_of() - append a SET OF in DER's order; @elements gets sorted */
void ks_cms_put_set_of(struct ks_buf *out, u8 tag, struct ks_span *elements, size_t nr_elements);

/** ks_cms_put_certs() - append [0] with the signer's certificate and the chain, none of them twice */
int __must_check ks_cms_put_certs(const struct ks_signer *signer, const struct ks_certs *chain,
				  struct ks_buf *out, struct ks_diag *diag);

void ks_p7_free(PKCS7 **p7);

/** ks_p7_signers_free() - what PKCS7_get0_signers() gives: the certificates stay with the message */
void ks_p7_signers_free(STACK_OF(X509) * *stack);

/**
 * ks_p7_verify() - as EDK2's Pkcs7Verify(), with one trusted certificate
 * @content: what is signed
 * Return: 0; -ENOKEY, -EOPNOTSUPP, -EKEYREJECTED as ks_cms_verify_authcode().
 */
int __must_check ks_p7_verify(PKCS7 *p7, struct ks_span content, const struct ks_cert *anchor,
			      struct ks_diag *diag);

#endif
