/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * CMS SignedData (RFC 5652) in the two shapes that the boot chain knows:
 *  - module: detached id-data, no certificates, no signed attributes (scripts/sign-file.c)
 *  - Authenticode: SpcIndirectDataContent inside, signed attributes, the signer's certificate
 */
#ifndef KS_CRYPTO_CMS_H
#define KS_CRYPTO_CMS_H

#include "base/buf.h"
#include "crypto/signer.h"

/**
 * ks_cms_module_build() - signature of a module as the kernel's scripts/sign-file makes it
 * @signer: may have no key
 * @ret_cms: DER of the ContentInfo, owned by the caller; byte-identical to sign-file for RSA
 * @sig: raw signature of the content's digest; who got it from outside calls ks_signer_check() first
 *
 * Return: 0; -ENOMEM.
 */
int __must_check ks_cms_module_build(const struct ks_signer *signer, struct ks_span sig,
				     struct ks_buf *ret_cms, struct ks_diag *diag);

/**
 * ks_cms_sign_authcode() - Authenticode signature of an image digest
 * @content: SpcIndirectDataContent, a DER SEQUENCE (fmt/authcode.h)
 * @chain: certificates to embed beside the signer's; may be NULL or empty
 * @ret_cms: DER of the ContentInfo, owned by the caller
 *
 * Return: 0; -EBADMSG if @content is no SEQUENCE; -EINVAL if a certificate is there twice; what
 * ks_signer_sign() said.
 */
int __must_check ks_cms_sign_authcode(const struct ks_signer *signer, struct ks_span content,
				      const struct ks_certs *chain, struct ks_buf *ret_cms,
				      struct ks_diag *diag);

/**
 * ks_cms_authcode_attrs() - the signed attributes of an image digest
 * @signer: may have no key; its time becomes signingTime
 * @ret_attrs: DER of the SET, whose digest is what the key signs; owned by the caller
 *
 * Return: 0; -EBADMSG; -ENOMEM.
 */
int __must_check ks_cms_authcode_attrs(const struct ks_signer *signer, struct ks_span content,
				       struct ks_buf *ret_attrs, struct ks_diag *diag);

/**
 * ks_cms_authcode_build() - the message around a raw signature that was made elsewhere
 * @signer: may have no key
 * @attrs: what ks_cms_authcode_attrs() gave
 * @sig: raw signature of the digest of @attrs; who got it from outside calls ks_signer_check() first
 *
 * Return: 0; -EKEYREJECTED if @attrs is not of @content; -EBADMSG; -EINVAL as
 * ks_cms_sign_authcode().
 */
int __must_check ks_cms_authcode_build(const struct ks_signer *signer, struct ks_span content,
				       const struct ks_certs *chain, struct ks_span attrs,
				       struct ks_span sig, struct ks_buf *ret_cms,
				       struct ks_diag *diag);

/**
 * ks_cms_authcode_content() - the signed SpcIndirectDataContent of a signature
 * @ret_content: DER SEQUENCE, borrows @cms
 * Return: 0; -EBADMSG.
 */
int __must_check ks_cms_authcode_content(struct ks_span cms, struct ks_span *ret_content,
					 struct ks_diag *diag);

/**
 * ks_cms_verify_authcode() - check signature, signed attributes and chain
 * @trust: any certificate of the chain may be in it, as in UEFI's db; validity in time is not
 *         judged, as firmware does not
 *
 * Return: 0; -EBADMSG; -ENOKEY if no chain ends in @trust; -EKEYREJECTED if the signature is wrong.
 */
int __must_check ks_cms_verify_authcode(struct ks_span cms, const struct ks_certs *trust,
					struct ks_diag *diag);

#endif
