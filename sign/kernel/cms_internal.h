/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_KERNEL_CMS_INTERNAL_H
#define KS_KERNEL_CMS_INTERNAL_H

#include "kernel/cms.h"

/**
 * struct ks_kcms_signer - struct pkcs7_signed_info
 * @idx: counted from 1, as in the kernel's messages
 * @id: auth_ids[0]
 * @has_attrs: signed attributes
 * @has_time: a signingTime, be it in the attributes that the kernel forgets
 * @cert: the signer's certificate in the message, NULL if it is not there
 */
struct ks_kcms_signer {
	unsigned int idx;
	struct ks_ksig sig;
	struct ks_kid id;
	bool has_attrs;
	bool has_time;
	int64_t signing_time;
	bool blacklisted;
	bool unsupported;
	struct ks_kx509 *cert;
};

/**
 * struct ks_kcms - struct pkcs7_message
 * @der: owned copy, and the two bytes behind it that the kernel may read
 * @cert: owned array; fixed in place once the message is parsed
 * @has_data: the content is inside
 */
struct ks_kcms {
	struct ks_buf der;
	enum ks_koid data_type;
	bool has_data;
	struct ks_kx509 *cert;
	size_t nr_certs;
	struct ks_kcms_signer *signer;
	size_t nr_signers;
};

/** ks_kcms_parse() - as pkcs7_parse_message(); @ret_cms is freed by the caller in any case */
int __must_check ks_kcms_parse(const struct ks_kernel *kernel, struct ks_span der,
			       struct ks_kcms *ret_cms, struct ks_kernel_log *log);
void ks_kcms_done(struct ks_kcms *cms);

/** ks_kcms_verify() - as pkcs7_verify() for a module */
int __must_check ks_kcms_verify(const struct ks_kernel *kernel, struct ks_kcms *cms,
				struct ks_span content, struct ks_kernel_log *log);

/** ks_kcms_trust() - as pkcs7_validate_trust() */
int __must_check ks_kcms_trust(const struct ks_kernel *kernel, const struct ks_kring *ring,
			       struct ks_kcms *cms);

#endif
