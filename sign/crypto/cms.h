/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * CMS SignedData (RFC 5652) in the three shapes that the boot chain knows:
 *  - module: detached id-data, no certificates, no signed attributes (scripts/sign-file.c)
 *  - Authenticode: SpcIndirectDataContent inside, signed attributes, the signer's certificate
 *  - update of an EFI variable: as a module's, with certificates and without the ContentInfo
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
 * Return: 0; -EBADMSG if @content is not a SEQUENCE; -EINVAL if a certificate is there twice; what
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
 * ks_cms_authcode_alg() - the digest by which firmware hashes the image for a signature
 *
 * EDK2 takes the first OID of digestAlgorithms, from its place in a message of 256 bytes to 64 KiB
 * in DER, and never asks DigestInfo.
 *
 * Return: "sha1", "sha256", "sha384" or "sha512"; NULL for a signature that firmware skips.
 */
const char *ks_cms_authcode_alg(struct ks_span cms);

/**
 * ks_cms_authcode_matches() - is this digest of the image what the signature is of?
 * Return: 0; -EBADMSG if there is no digest that firmware could compare; -EKEYREJECTED.
 */
int __must_check ks_cms_authcode_matches(struct ks_span cms, struct ks_span digest,
					 struct ks_diag *diag);

/**
 * ks_cms_authcode_check_type() - is the signed contentType, if there is one, Authenticode's?
 *
 * Firmware and sbverify do not compare it; RFC 5652 (5.3) and the kernel do.
 *
 * Return: 0; -EBADMSG; -EKEYREJECTED.
 */
int __must_check ks_cms_authcode_check_type(struct ks_span cms, struct ks_diag *diag);

/**
 * ks_cms_authcode_certs() - the certificates in a signature
 * @signers: an empty list; stays empty if one signer's is not embedded: firmware looks nowhere else
 * @embedded: an empty list; the caller frees both, also after a failure
 * Return: 0; -EBADMSG; -E2BIG.
 */
int __must_check ks_cms_authcode_certs(struct ks_span cms, struct ks_certs *signers,
				       struct ks_certs *embedded, struct ks_diag *diag);

/**
 * ks_cms_verify_authcode() - check signature, messageDigest and chain, as PKCS7_verify() does
 * @anchors: each is tried alone, in order; it may be anywhere in the chain, as in UEFI's db;
 *           validity in time is not judged, as firmware does not
 * @ret_idx: which one it was; may be NULL
 *
 * Return: 0; -EBADMSG; -EOPNOTSUPP for a digest that firmware does not know; -ENOKEY if no chain ends
 * in one of @anchors; -EKEYREJECTED if the signature is wrong or its signer's certificate is not
 * embedded.
 */
int __must_check ks_cms_verify_authcode(struct ks_span cms, const struct ks_certs *anchors,
					size_t *ret_idx, struct ks_diag *diag);

/**
 * ks_cms_update_build() - signature of an update of an EFI variable (UEFI 2.10, 8.2.2)
 * @signer: may have no key; its digest is SHA-256, the only one that every firmware takes
 * @chain: certificates to embed beside the signer's; may be NULL or empty
 * @sig: raw signature of the digest of what is signed; who got it from outside calls
 *       ks_signer_check() first
 * @ret_cms: DER of the SignedData, owned by the caller
 *
 * Return: 0; -EINVAL if a certificate is there twice; -ENOMEM.
 */
int __must_check ks_cms_update_build(const struct ks_signer *signer, const struct ks_certs *chain,
				     struct ks_span sig, struct ks_buf *ret_cms,
				     struct ks_diag *diag);

/**
 * ks_cms_update_check() - is the digest one by which firmware takes updates?
 *
 * EDK2 wants an OID at a fixed place. OVMF 2022.11 takes SHA-256 in SignedData alone; 2025.02 takes
 * SHA-384 and SHA-512 too, and a ContentInfo.
 *
 * Return: 0; -EOPNOTSUPP for what only newer firmware takes; -EKEYREJECTED for what none does.
 */
int __must_check ks_cms_update_check(struct ks_span cms, struct ks_diag *diag);

/**
 * ks_cms_update_signer() - the certificate that firmware compares with the platform key
 * @ret_signer: ks_cert_done()
 * Return: 0; -EBADMSG; -EKEYREJECTED if the signer's certificate is not embedded.
 */
int __must_check ks_cms_update_signer(struct ks_span cms, struct ks_cert *ret_signer,
				      struct ks_diag *diag);

/**
 * ks_cms_verify_update() - check signature and chain of an update, as EDK2's Pkcs7Verify()
 * @content: what is signed
 * @anchor: as the anchors of ks_cms_verify_authcode()
 * Return: 0; -EBADMSG; -EOPNOTSUPP; -ENOKEY if no chain ends in @anchor; -EKEYREJECTED.
 */
int __must_check ks_cms_verify_update(struct ks_span cms, struct ks_span content,
				      const struct ks_cert *anchor, struct ks_diag *diag);

/**
 * struct ks_cms_info - who signed, in words
 * @issuer: of the signer's certificate, RFC 2253; "" if the message names a key identifier instead
 * @serial: lower-case hex; "" as @issuer
 * @key_id: subject key identifier, lower-case hex; "" if not known
 * @hash: "sha512"; cut if it is not one of ours
 * @sig_alg: OpenSSL's name, "rsaEncryption", "ecdsa-with-SHA384"
 * @sig_bytes: raw signature; an RSA key has as many
 * @nr_signers: the fields are of the first one
 */
struct ks_cms_info {
	char issuer[256];
	char serial[64];
	char key_id[64];
	char hash[16];
	char sig_alg[32];
	unsigned int sig_bytes;
	unsigned int nr_signers;
};

/**
 * ks_cms_module_info() - read the signature of a module without judging it
 *
 * The message must have the shape that 6.18 takes: SignedData over detached id-data, no signed
 * attributes. Whether the signature is right, and whose, is ks_kernel_verify()'s.
 *
 * Return: 0; -EBADMSG, -E2BIG, -EKEYREJECTED with the reason.
 */
int __must_check ks_cms_module_info(struct ks_span cms, struct ks_cms_info *ret_info,
				    struct ks_diag *diag);

/** ks_cms_info_is_of() - is it this certificate that the signature names? */
bool ks_cms_info_is_of(const struct ks_cms_info *info, const struct ks_cert *cert);

/** ks_cms_signer_key_id() - the certificate's subject key identifier in hex; "" if it has none */
void ks_cms_signer_key_id(const struct ks_signer *signer, char *text, size_t text_bytes);

#endif
