/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_CRYPTO_CMS_INFO_H
#define KS_CRYPTO_CMS_INFO_H

#include "crypto/cms.h"

/**
 * struct ks_cms_info - who signed, in words
 * @issuer: of the signer's certificate, RFC 2253; "" if the message names a key identifier instead
 * @serial: lower-case hex; "" as @issuer
 * @key_id: subject key identifier, lower-case hex; "" if not known
 * @hash: "sha512"; cut if it is not one of ours
 * @sig_alg: OpenSSL's name, "rsaEncryption", "ecdsa-with-SHA384"
 * @nr_signers: the fields are of the first one
 */
struct ks_cms_info {
	char issuer[256];
	char serial[64];
	char key_id[64];
	char hash[16];
	char sig_alg[32];
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

/** ks_cms_signer_key_id() - the certificate's subject key identifier in hex; "" if it has none */
void ks_cms_signer_key_id(const struct ks_signer *signer, char *text, size_t text_bytes);

#endif
