/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The object identifiers that Linux 6.18's signature parsers act on (include/linux/oid_registry.h).
 */
#ifndef KS_KERNEL_OID_H
#define KS_KERNEL_OID_H

#include "base/span.h"

enum ks_koid {
	KS_KOID_NONE, /* any that nothing depends on */
	KS_KOID_SIGNED_DATA,
	KS_KOID_DATA,
	KS_KOID_MS_INDIRECT_DATA,
	KS_KOID_CONTENT_TYPE,
	KS_KOID_MESSAGE_DIGEST,
	KS_KOID_SIGNING_TIME,
	KS_KOID_SMIME_CAPABILITIES,
	KS_KOID_MS_OPUS_INFO,
	KS_KOID_MS_STATEMENT_TYPE,
	KS_KOID_COMMON_NAME,
	KS_KOID_ORGANIZATION,
	KS_KOID_EMAIL,
	KS_KOID_SUBJECT_KEY_ID,
	KS_KOID_KEY_USAGE,
	KS_KOID_BASIC_CONSTRAINTS,
	KS_KOID_AUTHORITY_KEY_ID,
	KS_KOID_RSA,
	KS_KOID_EC_KEY,
	KS_KOID_P192,
	KS_KOID_P256,
	KS_KOID_P384,
	KS_KOID_P521,
	KS_KOID_GOST_KEY,
	/* Digests, in the order of enum ks_kdigest. */
	KS_KOID_SHA1,
	KS_KOID_SHA224,
	KS_KOID_SHA256,
	KS_KOID_SHA384,
	KS_KOID_SHA512,
	KS_KOID_SHA3_256,
	KS_KOID_SHA3_384,
	KS_KOID_SHA3_512,
	KS_KOID_SM3,
	KS_KOID_STREEBOG256,
	KS_KOID_STREEBOG512,
	/* Signature algorithms, each with its digest, in the order of the digests. */
	KS_KOID_RSA_SHA1,
	KS_KOID_RSA_SHA224,
	KS_KOID_RSA_SHA256,
	KS_KOID_RSA_SHA384,
	KS_KOID_RSA_SHA512,
	KS_KOID_RSA_SHA3_256,
	KS_KOID_RSA_SHA3_384,
	KS_KOID_RSA_SHA3_512,
	KS_KOID_ECDSA_SHA1,
	KS_KOID_ECDSA_SHA224,
	KS_KOID_ECDSA_SHA256,
	KS_KOID_ECDSA_SHA384,
	KS_KOID_ECDSA_SHA512,
	KS_KOID_ECDSA_SHA3_256,
	KS_KOID_ECDSA_SHA3_384,
	KS_KOID_ECDSA_SHA3_512,
	KS_KOID_GOST_SIG256,
	KS_KOID_GOST_SIG512,
};

/** ks_koid_of() - which identifier these contents of an OBJECT IDENTIFIER are */
enum ks_koid ks_koid_of(struct ks_span value);

/** ks_koid_der() - the contents of the OBJECT IDENTIFIER; empty for KS_KOID_NONE */
struct ks_span ks_koid_der(enum ks_koid id);

#endif
