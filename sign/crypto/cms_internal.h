/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What cms.c and cms_authcode.c share. OpenSSL's types stay inside of these two files.
 */
#ifndef KS_CRYPTO_CMS_INTERNAL_H
#define KS_CRYPTO_CMS_INTERNAL_H

#include <openssl/cms.h>

#include "crypto/cms.h"

void ks_cms_free(CMS_ContentInfo **cms);
void ks_bio_free(BIO **bio);
void ks_cms_free_stack(STACK_OF(X509) **stack);

/** ks_cms_span_bio() - a BIO that reads borrowed bytes. Return: 0; -E2BIG; -ENOMEM. */
int __must_check ks_cms_span_bio(struct ks_span in, BIO **ret_bio, struct ks_diag *diag);

/** ks_cms_to_der() - append the encoding of @cms. Return: 0; -EIO; -ENOMEM. */
int __must_check ks_cms_to_der(CMS_ContentInfo *cms, struct ks_buf *ret_der, struct ks_diag *diag);

/** ks_cms_from_der() - decode exactly one message. Return: 0; -EBADMSG; -E2BIG. */
int __must_check ks_cms_from_der(struct ks_span der, CMS_ContentInfo **ret_cms,
				 struct ks_diag *diag);

/** ks_cms_stack() - borrowed certificates as OpenSSL's stack. Return: 0; -ENOMEM. */
int __must_check ks_cms_stack(const struct ks_certs *certs, STACK_OF(X509) **ret_stack,
			      struct ks_diag *diag);

#endif
