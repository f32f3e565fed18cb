// SPDX-License-Identifier: LGPL-2.1-or-later
#include "kernel/oid.h"

#include <string.h>

#define RSADSI "\x2a\x86\x48\x86\xf7\x0d\x01"
#define X962 "\x2a\x86\x48\xce\x3d"
#define NIST "\x60\x86\x48\x01\x65\x03\x04"
#define GOST "\x2a\x85\x03\x07\x01\x01"
#define MICROSOFT "\x2b\x06\x01\x04\x01\x82\x37\x02\x01"

#define ROW(id, text) { KS_KOID_##id, sizeof(text) - 1, text }

static const struct {
	enum ks_koid id;
	u8 bytes;
	char der[12];
} oids[] = {
	ROW(SIGNED_DATA, RSADSI "\x07\x02"),
	ROW(DATA, RSADSI "\x07\x01"),
	ROW(MS_INDIRECT_DATA, MICROSOFT "\x04"),
	ROW(CONTENT_TYPE, RSADSI "\x09\x03"),
	ROW(MESSAGE_DIGEST, RSADSI "\x09\x04"),
	ROW(SIGNING_TIME, RSADSI "\x09\x05"),
	ROW(SMIME_CAPABILITIES, RSADSI "\x09\x0f"),
	ROW(MS_OPUS_INFO, MICROSOFT "\x0c"),
	ROW(MS_STATEMENT_TYPE, MICROSOFT "\x0b"),
	ROW(COMMON_NAME, "\x55\x04\x03"),
	ROW(ORGANIZATION, "\x55\x04\x0a"),
	ROW(EMAIL, RSADSI "\x09\x01"),
	ROW(SUBJECT_KEY_ID, "\x55\x1d\x0e"),
	ROW(KEY_USAGE, "\x55\x1d\x0f"),
	ROW(BASIC_CONSTRAINTS, "\x55\x1d\x13"),
	ROW(AUTHORITY_KEY_ID, "\x55\x1d\x23"),
	ROW(RSA, RSADSI "\x01\x01"),
	ROW(EC_KEY, X962 "\x02\x01"),
	ROW(P192, X962 "\x03\x01\x01"),
	ROW(P256, X962 "\x03\x01\x07"),
	ROW(P384, "\x2b\x81\x04\x00\x22"),
	ROW(P521, "\x2b\x81\x04\x00\x23"),
	ROW(GOST_KEY, GOST "\x01\x01"),
	ROW(GOST_KEY, GOST "\x01\x02"),
	ROW(SHA1, "\x2b\x0e\x03\x02\x1a"),
	ROW(SHA224, NIST "\x02\x04"),
	ROW(SHA256, NIST "\x02\x01"),
	ROW(SHA384, NIST "\x02\x02"),
	ROW(SHA512, NIST "\x02\x03"),
	ROW(SHA3_256, NIST "\x02\x08"),
	ROW(SHA3_384, NIST "\x02\x09"),
	ROW(SHA3_512, NIST "\x02\x0a"),
	ROW(SM3, "\x2a\x81\x1c\xcf\x55\x01\x83\x11"),
	ROW(STREEBOG256, GOST "\x02\x02"),
	ROW(STREEBOG512, GOST "\x02\x03"),
	ROW(RSA_SHA1, RSADSI "\x01\x05"),
	ROW(RSA_SHA224, RSADSI "\x01\x0e"),
	ROW(RSA_SHA256, RSADSI "\x01\x0b"),
	ROW(RSA_SHA384, RSADSI "\x01\x0c"),
	ROW(RSA_SHA512, RSADSI "\x01\x0d"),
	ROW(RSA_SHA3_256, NIST "\x03\x0e"),
	ROW(RSA_SHA3_384, NIST "\x03\x0f"),
	ROW(RSA_SHA3_512, NIST "\x03\x10"),
	ROW(ECDSA_SHA1, X962 "\x04\x01"),
	ROW(ECDSA_SHA224, X962 "\x04\x03\x01"),
	ROW(ECDSA_SHA256, X962 "\x04\x03\x02"),
	ROW(ECDSA_SHA384, X962 "\x04\x03\x03"),
	ROW(ECDSA_SHA512, X962 "\x04\x03\x04"),
	ROW(ECDSA_SHA3_256, NIST "\x03\x0a"),
	ROW(ECDSA_SHA3_384, NIST "\x03\x0b"),
	ROW(ECDSA_SHA3_512, NIST "\x03\x0c"),
	ROW(GOST_SIG256, GOST "\x03\x02"),
	ROW(GOST_SIG512, GOST "\x03\x03"),
};

enum ks_koid ks_koid_of(struct ks_span value)
{
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(oids); i++)
		if (oids[i].bytes == value.bytes && !memcmp(oids[i].der, value.p, value.bytes))
			return oids[i].id;
	return KS_KOID_NONE;
}

struct ks_span ks_koid_der(enum ks_koid id)
{
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(oids); i++)
		if (oids[i].id == id)
			return (struct ks_span){ (const u8 *)oids[i].der, oids[i].bytes };
	return (struct ks_span){ 0 };
}
