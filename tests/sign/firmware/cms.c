// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A PKCS#7 message by hand: OpenSSL makes only good ones.
 */
#include <openssl/objects.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "images.h"

static struct bytes tlv(uint8_t tag, struct bytes content)
{
	uint8_t head[6] = { tag };
	size_t n = content.n, used = 2, i, octets = 0;

	if (n < 0x80) {
		head[1] = (uint8_t)n;
	} else {
		for (i = n; i; i >>= 8)
			octets++;
		head[1] = (uint8_t)(0x80 | octets);
		for (i = octets; i; i--)
			head[used++] = (uint8_t)(n >> 8 * (i - 1));
	}
	return join(copy_of(head, used), content, END);
}

#define SEQ(...) tlv(0x30, join(__VA_ARGS__, END))
#define SET(...) tlv(0x31, join(__VA_ARGS__, END))

static struct bytes oid(const char *name)
{
	ASN1_OBJECT *object = OBJ_txt2obj(name, 0);
	unsigned char *der = NULL;
	int n = object ? i2d_ASN1_OBJECT(object, &der) : 0;

	if (n <= 0)
		die("%s: no object identifier", name);
	return copy_of(der, (size_t)n);
}

static struct bytes number(unsigned int value)
{
	uint8_t v = (uint8_t)value;

	return tlv(0x02, copy_of(&v, 1));
}

static struct bytes octets(struct bytes value)
{
	return tlv(0x04, value);
}

static struct bytes algorithm(const char *name, bool no_null)
{
	return no_null ? SEQ(oid(name)) : SEQ(oid(name), tlv(0x05, bytes_new(0)));
}

static const char *either(const char *name, const char *other)
{
	return name ? name : other;
}

static const EVP_MD *md_of(const char *name)
{
	const EVP_MD *md = EVP_get_digestbyname(name);

	if (!md)
		die("%s: no digest", name);
	return md;
}

static const char *image_md(const struct cms *cms) { return either(cms->image_md, "sha256"); }
static const char *sign_md(const struct cms *cms) { return either(cms->sign_md, image_md(cms)); }

#define INDIRECT_DATA "1.3.6.1.4.1.311.2.1.4"
#define PE_IMAGE_DATA "1.3.6.1.4.1.311.2.1.15"
#define OPUS_INFO     "1.3.6.1.4.1.311.2.1.12"

/* The value of SpcIndirectDataContent, which is what messageDigest covers: without tag and length. */
static struct bytes content_value(const struct cms *cms, struct bytes image)
{
	struct bytes file = tlv(0xa0, tlv(0xa2, tlv(0x80, bytes_new(0))));
	uint8_t none = 0;
	struct bytes data = SEQ(oid(PE_IMAGE_DATA), SEQ(tlv(0x03, copy_of(&none, 1)), file));
	struct bytes d = image_digest(image, md_of(image_md(cms)));

	if (cms->long_md)
		d = join(d, bytes_new(1), END);
	return join(data, SEQ(algorithm(either(cms->info_md, image_md(cms)), false), octets(d)), END);
}

static struct bytes attribute(const char *type, struct bytes value)
{
	return SEQ(oid(type), SET(value));
}

static struct bytes attributes(const struct cms *cms, struct bytes content)
{
	struct bytes all = bytes_new(0);
	struct bytes d = digest(md_of(sign_md(cms)), content);

	if (cms->wrong_md_attr)
		d.p[0] ^= 1;
	if (!cms->no_type_attr)
		all = join(all,
			   attribute("contentType",
				     oid(either(cms->attr_content, either(cms->content, INDIRECT_DATA)))),
			   END);
	if (cms->opus)
		all = join(all, attribute(OPUS_INFO, tlv(0x30, bytes_new(0))), END);
	if (!cms->no_md_attr)
		all = join(all, attribute("messageDigest", octets(d)), END);
	return all;
}

static struct bytes raw_sign(const struct cms *cms, const struct identity *who, struct bytes data)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *key_ctx;
	struct bytes sig = bytes_new(2048);

	if (!ctx || !EVP_DigestSignInit(ctx, &key_ctx, md_of(sign_md(cms)), NULL, who->key) ||
	    (cms->pss && EVP_PKEY_CTX_set_rsa_padding(key_ctx, RSA_PKCS1_PSS_PADDING) <= 0) ||
	    !EVP_DigestSign(ctx, sig.p, &sig.n, data.p, data.n))
		die("%s: cannot sign", cms->name);
	if (cms->corrupt)
		sig.p[7] ^= 1;
	return sig;
}

static struct bytes signer_id(const struct cms *cms, const struct identity *who)
{
	const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(who->cert);
	ASN1_INTEGER *serial = ASN1_INTEGER_dup(X509_get0_serialNumber(who->cert));
	unsigned char *name = NULL, *nr = NULL;
	int name_bytes = i2d_X509_NAME(X509_get_issuer_name(who->cert), &name), nr_bytes;

	if (cms->wrong_serial)
		ASN1_INTEGER_set_int64(serial, 77);
	nr_bytes = i2d_ASN1_INTEGER(serial, &nr);
	if (cms->by_key_id)
		return tlv(0x80, copy_of(ASN1_STRING_get0_data(id), (size_t)ASN1_STRING_length(id)));
	return SEQ(copy_of(name, (size_t)name_bytes), copy_of(nr, (size_t)nr_bytes));
}

static struct bytes signer_info(const struct cms *cms, const struct identity *who,
				struct bytes content)
{
	struct bytes attrs = attributes(cms, content), end = bytes_new(0);
	const char *md = either(cms->info_alg_md, sign_md(cms));
	bool ec = EVP_PKEY_get_base_id(who->key) == EVP_PKEY_EC;
	struct bytes alg = ec ? algorithm("ecdsa-with-SHA256", true) : algorithm("rsaEncryption", false);
	struct bytes signature;

	if (cms->pss)
		alg = algorithm("rsassaPss", true);
	if (cms->no_attrs)
		attrs = bytes_new(0), signature = raw_sign(cms, who, content);
	else
		signature = raw_sign(cms, who, tlv(0x31, attrs));
	if (!cms->no_attrs)
		attrs = tlv(0xa0, attrs);
	if (cms->pad)
		end = tlv(0xa1, attribute("1.3.6.1.4.1.99999.1", octets(bytes_new(cms->pad))));
	return SEQ(number(cms->signer_version ? cms->signer_version : cms->by_key_id ? 3 : 1),
		   signer_id(cms, who), algorithm(md, cms->no_null), attrs, alg, octets(signature),
		   end);
}

static struct bytes certificates(const struct cms *cms)
{
	struct bytes all = bytes_new(0);
	size_t i;

	if (cms->no_certs)
		return all;
	for (i = 0; i < 5 && cms->certs[i]; i++)
		all = join(all, identity(cms->certs[i])->der, END);
	if (!i)
		all = identity(either(cms->signer, "self"))->der;
	return tlv(0xa0, all);
}

static struct bytes digest_algorithms(const struct cms *cms)
{
	struct bytes all = bytes_new(0);

	if (!cms->set_empty)
		all = algorithm(either(cms->set_md, image_md(cms)), cms->no_null);
	if (cms->set_md2)
		all = join(all, algorithm(cms->set_md2, cms->no_null), END);
	return tlv(0x31, all);
}

static struct bytes signer_infos(const struct cms *cms, struct bytes content)
{
	struct bytes first, second;

	if (cms->no_signer)
		return tlv(0x31, bytes_new(0));
	first = signer_info(cms, identity(either(cms->signer, "self")), content);
	if (!cms->second)
		return SET(first);
	second = signer_info(cms, identity(cms->second), content);
	return cms->second_first ? SET(second, first) : SET(first, second);
}

struct bytes cms_sign(const struct cms *cms, struct bytes image)
{
	struct bytes value = content_value(cms, image), crl = bytes_new(0), inner, all;
	uint8_t open[2] = { 0x30, 0x80 };

	if (cms->crl)
		crl = tlv(0xa1, bytes_new(0));
	inner = join(number(cms->version ? cms->version : 1), digest_algorithms(cms),
		     SEQ(oid(either(cms->content, INDIRECT_DATA)), tlv(0xa0, tlv(0x30, value))),
		     certificates(cms), crl, signer_infos(cms, value), END);
	if (cms->bare)
		return tlv(0x30, inner);
	if (cms->indefinite)
		return join(copy_of(open, 2), oid("pkcs7-signedData"), tlv(0xa0, tlv(0x30, inner)),
			    bytes_new(2), END);
	all = SEQ(oid(cms->wrong_type ? "pkcs7-data" : "pkcs7-signedData"), tlv(0xa0, tlv(0x30, inner)));
	return all;
}
