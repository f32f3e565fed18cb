/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_KERNEL_CMS_INTERNAL_H
#define KS_KERNEL_CMS_INTERNAL_H

#include "base/ber.h"
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

/**
 * struct ks_kcms_parser - struct pkcs7_parse_context
 * @issuer, @serial, @skid: of the last signer that had one; a later one inherits them
 * @attrs: which attributes of the signer came, a bit each
 * @signing_time: of the signer, if that attribute came
 */
struct ks_kcms_parser {
	struct ks_ber b;
	const struct ks_kernel *kernel;
	struct ks_kcms *cms;
	struct ks_ksaid *said;
	enum ks_koid last_oid;
	u8 version;
	bool expect_skid;
	struct ks_span issuer;
	struct ks_span serial;
	struct ks_span skid;
	unsigned int attrs;
	int64_t signing_time;
};

/** ks_kcms_object() - the grammar's own objection, with the line that the kernel logs */
void ks_kcms_object(struct ks_kcms_parser *p, int err, const char *line);

/** ks_kcms_note_oid() - read an OBJECT IDENTIFIER */
void ks_kcms_note_oid(struct ks_kcms_parser *p);

/** ks_kcms_algorithm_id() - read an AlgorithmIdentifier and note which */
void ks_kcms_algorithm_id(struct ks_kcms_parser *p);

/** ks_kcms_version() - read a version, 1 or 3; @line is the kernel's for any other */
u8 ks_kcms_version(struct ks_kcms_parser *p, const char *line);

/** ks_kcms_open_list() - SET OF or SEQUENCE OF, by either tag; false if neither follows */
bool ks_kcms_open_list(struct ks_kcms_parser *p, u8 set_tag, u8 sequence_tag);

/** ks_kcms_signer_info() - read one SignerInfo into the message */
void ks_kcms_signer_info(struct ks_kcms_parser *p);

/** ks_kcms_parse() - as pkcs7_parse_message(); @ret_cms is freed by the caller in any case */
int __must_check ks_kcms_parse(const struct ks_kernel *kernel, struct ks_span der,
			       struct ks_kcms *ret_cms, struct ks_ksaid *said);
void ks_kcms_done(struct ks_kcms *cms);

/** ks_kcms_verify() - as pkcs7_verify() for a module */
int __must_check ks_kcms_verify(const struct ks_kernel *kernel, struct ks_kcms *cms,
				struct ks_span content, struct ks_ksaid *said);

/** ks_kcms_trust() - as pkcs7_validate_trust() */
int __must_check ks_kcms_trust(const struct ks_kernel *kernel, const struct ks_kring *ring,
			       struct ks_kcms *cms);

#endif
