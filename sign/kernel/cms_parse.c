// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * CMS messages after pkcs7.asn1 and pkcs7_parser.c of Linux 6.18.
 */
#include "kernel/cms_internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/ber.h"
#include "base/der.h"

#define END_MARK_BYTES 2U

enum {
	HAS_CONTENT_TYPE = 0x01,
	HAS_SIGNING_TIME = 0x02,
	HAS_MESSAGE_DIGEST = 0x04,
	HAS_SMIME_CAPS = 0x08,
	HAS_OPUS_INFO = 0x10,
	HAS_STATEMENT_TYPE = 0x20,
};

/**
 * struct cms_parser - struct pkcs7_parse_context
 * @issuer, @serial, @skid: of the last signer that had one; a later one inherits them
 * @attrs: which attributes of the signer came, a bit each
 * @signing_time: of the signer, if that attribute came
 */
struct cms_parser {
	struct ks_ber b;
	const struct ks_kernel *kernel;
	struct ks_kcms *cms;
	struct ks_kernel_log *log;
	enum ks_koid last_oid;
	u8 version;
	bool expect_skid;
	struct ks_span issuer;
	struct ks_span serial;
	struct ks_span skid;
	unsigned int attrs;
	int64_t signing_time;
};

void ks_kernel_log_set(struct ks_kernel_log *log, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(log->text, sizeof(log->text), format, args);
	va_end(args);
}

/* What the grammar refuses, with the line that the kernel logs. */
static void refuse(struct cms_parser *p, int err, const char *line)
{
	if (p->b.err)
		return;
	ks_ber_fail(&p->b, err);
	ks_kernel_log_set(p->log, "%s", line);
}

static void note_oid(struct cms_parser *p)
{
	ks_ber_leaf(&p->b, KS_DER_OID);
	if (!p->b.err)
		p->last_oid = ks_koid_of(p->b.value);
}

static void algorithm_id(struct cms_parser *p)
{
	ks_ber_open(&p->b, KS_DER_SEQUENCE);
	note_oid(p);
	if (!ks_ber_at_end(&p->b))
		ks_ber_any(&p->b);
	ks_ber_close(&p->b);
}

/* A version of one byte. */
static u8 read_version(struct cms_parser *p, const char *line)
{
	ks_ber_leaf(&p->b, KS_DER_INTEGER);
	if (p->b.err)
		return 0;
	if (p->b.value.bytes == 1 && (p->b.value.p[0] == 1 || p->b.value.p[0] == 3))
		return p->b.value.p[0];
	refuse(p, -EINVAL, line);
	return 0;
}

/* SET OF or SEQUENCE OF, by either tag. Return: false if neither follows. */
static bool open_list(struct cms_parser *p, u8 set_tag, u8 sequence_tag)
{
	if (ks_ber_next_is(&p->b, set_tag))
		ks_ber_open(&p->b, set_tag);
	else if (ks_ber_next_is(&p->b, sequence_tag))
		ks_ber_open(&p->b, sequence_tag);
	else
		return false;
	return true;
}

/* IssuerAndSerialNumber; the parts of the name have no meaning here. */
static void issuer_and_serial(struct cms_parser *p)
{
	ks_ber_open(&p->b, KS_DER_SEQUENCE);
	ks_kx509_read_name(&p->b);
	if (!p->b.err)
		p->issuer = p->b.value;
	ks_ber_leaf(&p->b, KS_DER_INTEGER);
	if (!p->b.err)
		p->serial = p->b.value;
	ks_ber_close(&p->b);
}

static void signer_id(struct cms_parser *p)
{
	if (ks_ber_next_is(&p->b, KS_DER_SEQUENCE)) {
		issuer_and_serial(p);
		return;
	}
	ks_ber_leaf(&p->b, KS_DER_PRIM(0));
	if (!p->b.err)
		p->skid = p->b.value;
}

/* Each at most once and with one value, and those of Authenticode only there. */
static void note_once(struct cms_parser *p, unsigned int which, bool authenticode, const char *line)
{
	if (p->attrs & which)
		refuse(p, -EKEYREJECTED, "PKCS7: Repeated/multivalue AuthAttrs not permitted");
	p->attrs |= which;
	if (authenticode && p->cms->data_type != KS_KOID_MS_INDIRECT_DATA)
		refuse(p, -EKEYREJECTED, line);
}

/* pkcs7_sig_note_authenticated_attr() */
static void attr_value(struct cms_parser *p)
{
	ks_ber_any(&p->b);
	if (p->b.err)
		return;
	switch (p->last_oid) {
	case KS_KOID_CONTENT_TYPE:
		note_once(p, HAS_CONTENT_TYPE, false, "");
		if (ks_koid_of(p->b.value) != p->cms->data_type)
			refuse(p, -EBADMSG, "PKCS7: Mismatch between global data type");
		break;
	case KS_KOID_SIGNING_TIME:
		note_once(p, HAS_SIGNING_TIME, false, "");
		if (!ks_kx509_time_of(p->b.tag, p->b.value, &p->signing_time))
			ks_ber_fail(&p->b, -EBADMSG);
		break;
	case KS_KOID_MESSAGE_DIGEST:
		note_once(p, HAS_MESSAGE_DIGEST, false, "");
		if (p->b.tag != KS_DER_OCTET_STRING)
			ks_ber_fail(&p->b, -EBADMSG);
		break;
	case KS_KOID_SMIME_CAPABILITIES:
		note_once(p, HAS_SMIME_CAPS, true,
			  "PKCS7: S/MIME Caps only allowed with Authenticode");
		break;
	case KS_KOID_MS_OPUS_INFO:
		note_once(p, HAS_OPUS_INFO, true,
			  "PKCS7: Authenticode AuthAttrs only allowed with Authenticode");
		break;
	case KS_KOID_MS_STATEMENT_TYPE:
		note_once(p, HAS_STATEMENT_TYPE, true,
			  "PKCS7: Authenticode AuthAttrs only allowed with Authenticode");
		break;
	default:
		break;
	}
}

static void attributes(struct cms_parser *p)
{
	do {
		ks_ber_open(&p->b, KS_DER_SEQUENCE);
		note_oid(p);
		ks_ber_open(&p->b, KS_DER_SET);
		do {
			attr_value(p);
		} while (ks_ber_more(&p->b));
		ks_ber_close(&p->b);
		ks_ber_close(&p->b);
	} while (ks_ber_more(&p->b));
}

static void signed_attributes(struct cms_parser *p, struct ks_kcms_signer *signer)
{
	p->attrs = 0;
	if (ks_ber_next_is(&p->b, KS_DER_CONS(0))) {
		ks_ber_open(&p->b, KS_DER_CONS(0));
		attributes(p);
		ks_ber_close(&p->b);
		if (!(p->attrs & HAS_CONTENT_TYPE) || !(p->attrs & HAS_MESSAGE_DIGEST))
			refuse(p, -EBADMSG, "PKCS7: Missing required AuthAttr");
		signer->has_attrs = true;
	} else if (ks_ber_next_is(&p->b, KS_DER_CONS(2))) {
		/* Read, but the kernel only notes what was in them, not that they were there. */
		ks_ber_open(&p->b, KS_DER_CONS(2));
		ks_ber_open(&p->b, KS_DER_SEQUENCE);
		attributes(p);
		ks_ber_close(&p->b);
		ks_ber_close(&p->b);
	}
	signer->has_time = p->attrs & HAS_SIGNING_TIME;
	signer->signing_time = p->signing_time;
}

static void unsigned_attributes(struct cms_parser *p)
{
	if (!open_list(p, KS_DER_CONS(1), KS_DER_CONS(3)))
		return;
	do {
		ks_ber_open(&p->b, KS_DER_SEQUENCE);
		ks_ber_leaf(&p->b, KS_DER_OID);
		ks_ber_open(&p->b, KS_DER_SET);
		do {
			ks_ber_any(&p->b);
		} while (ks_ber_more(&p->b));
		ks_ber_close(&p->b);
		ks_ber_close(&p->b);
	} while (ks_ber_more(&p->b));
	ks_ber_close(&p->b);
}

/* pkcs7_sig_note_digest_algo() and pkcs7_sig_note_pkey_algo() */
static void note_digest(struct cms_parser *p, struct ks_kcms_signer *signer)
{
	if (p->last_oid >= KS_KOID_SHA1 && p->last_oid <= KS_KOID_STREEBOG512)
		signer->sig.digest_id = KS_KDIGEST_SHA1 + (p->last_oid - KS_KOID_SHA1);
	else
		refuse(p, -ENOPKG, "Unsupported digest algo: ");
}

static void note_pkey(struct cms_parser *p, struct ks_kcms_signer *signer)
{
	if (p->last_oid == KS_KOID_RSA)
		signer->sig.kind = KS_KSIG_RSA;
	else if (p->last_oid >= KS_KOID_ECDSA_SHA1 && p->last_oid <= KS_KOID_ECDSA_SHA3_512)
		signer->sig.kind = KS_KSIG_ECDSA;
	else if (p->last_oid == KS_KOID_GOST_KEY)
		signer->sig.kind = KS_KSIG_ECRDSA;
	else
		refuse(p, -ENOPKG, "Unsupported pkey algo: ");
}

static void push_signer(struct cms_parser *p, struct ks_kcms_signer *signer)
{
	struct ks_kcms *cms = p->cms;
	struct ks_kcms_signer *grown;

	if (cms->data_type == KS_KOID_MS_INDIRECT_DATA && !signer->has_attrs)
		refuse(p, -EBADMSG, "PKCS7: Authenticode requires AuthAttrs");
	if (p->b.err)
		return;
	signer->idx = (unsigned int)cms->nr_signers + 1;
	if (p->expect_skid)
		signer->id = (struct ks_kid){ .set = true, .first = p->skid };
	else
		signer->id = (struct ks_kid){ true, p->serial, p->issuer };
	grown = reallocarray(cms->signer, cms->nr_signers + 1, sizeof(*grown));
	if (!grown) {
		ks_ber_fail(&p->b, -ENOMEM);
		return;
	}
	cms->signer = grown;
	grown[cms->nr_signers++] = *signer;
}

static void signer_info(struct cms_parser *p)
{
	struct ks_kcms_signer signer = { .sig.digest_id = KS_KDIGEST_NONE };
	u8 version;

	ks_ber_open(&p->b, KS_DER_SEQUENCE);
	version = read_version(p, "PKCS7: Unsupported SignerInfo version");
	if ((version == 1) != (p->version == 1))
		refuse(p, -EBADMSG, "PKCS7: SignedData-SignerInfo version mismatch");
	p->expect_skid = version == 3;
	signer_id(p);
	algorithm_id(p);
	note_digest(p, &signer);
	signed_attributes(p, &signer);
	algorithm_id(p);
	note_pkey(p, &signer);
	ks_ber_leaf(&p->b, KS_DER_OCTET_STRING);
	signer.sig.s = p->b.value;
	unsigned_attributes(p);
	ks_ber_close(&p->b);
	push_signer(p, &signer);
}

static void digest_algorithms(struct cms_parser *p)
{
	if (!open_list(p, KS_DER_SET, KS_DER_SEQUENCE))
		ks_ber_fail(&p->b, -EBADMSG);
	do {
		algorithm_id(p);
	} while (ks_ber_more(&p->b));
	ks_ber_close(&p->b);
}

static void content_info(struct cms_parser *p)
{
	ks_ber_open(&p->b, KS_DER_SEQUENCE);
	note_oid(p);
	if (ks_ber_next_is(&p->b, KS_DER_CONS(0))) {
		ks_ber_open(&p->b, KS_DER_CONS(0));
		ks_ber_any(&p->b);
		p->cms->has_data = true;
		ks_ber_close(&p->b);
	}
	ks_ber_close(&p->b);
	if (p->last_oid != KS_KOID_DATA && p->last_oid != KS_KOID_MS_INDIRECT_DATA)
		refuse(p, -EINVAL, "PKCS7: Unsupported data type");
	p->cms->data_type = p->last_oid;
}

/*
 * pkcs7_extract_cert() adds an end mark to a certificate of indefinite length that is counted already,
 * and so reads two bytes more than there are.
 */
static struct ks_span certificate_bytes(const struct cms_parser *p)
{
	struct ks_span der = ks_ber_whole(&p->b);
	size_t start = p->b.value_off - p->b.header_bytes;

	if (der.bytes < 2 || der.p[1] != 0x80 ||
	    !ks_span_sub(ks_buf_span(&p->cms->der), start, der.bytes + END_MARK_BYTES, &der))
		return der;
	return der;
}

/* pkcs7_extract_cert(); a certificate of a revocation list is parsed and then forgotten. */
static void one_certificate(struct cms_parser *p, bool keep)
{
	struct ks_kx509 *grown, cert = { 0 };
	int rc;

	ks_ber_any(&p->b);
	if (!p->b.err && p->b.tag != KS_DER_SEQUENCE)
		ks_ber_fail(&p->b, -EBADMSG);
	if (p->b.err)
		return;
	rc = ks_kx509_parse(&p->kernel->crypto, &p->kernel->revoked_tbs, certificate_bytes(p), &cert);
	if (rc || !keep) {
		ks_kx509_done(&cert);
		if (rc)
			ks_ber_fail(&p->b, rc);
		return;
	}
	grown = reallocarray(p->cms->cert, p->cms->nr_certs + 1, sizeof(*grown));
	if (!grown) {
		ks_kx509_done(&cert);
		ks_ber_fail(&p->b, -ENOMEM);
		return;
	}
	p->cms->cert = grown;
	grown[p->cms->nr_certs++] = cert;
}

static void certificates(struct cms_parser *p)
{
	/* As a SET it may be empty if its length says so, as a SEQUENCE not. */
	if (ks_ber_next_is(&p->b, KS_DER_CONS(0))) {
		ks_ber_open(&p->b, KS_DER_CONS(0));
		if (!ks_ber_none_left(&p->b))
			do {
				one_certificate(p, true);
			} while (ks_ber_more(&p->b));
		ks_ber_close(&p->b);
	} else if (ks_ber_next_is(&p->b, KS_DER_CONS(2))) {
		ks_ber_open(&p->b, KS_DER_CONS(2));
		do {
			one_certificate(p, true);
		} while (ks_ber_more(&p->b));
		ks_ber_close(&p->b);
	}
}

/* The kernel takes the members of a revocation list for certificates, so no real list passes. */
static void revocation_lists(struct cms_parser *p)
{
	if (!open_list(p, KS_DER_CONS(1), KS_DER_CONS(3)))
		return;
	do {
		ks_ber_open(&p->b, KS_DER_SEQUENCE);
		do {
			one_certificate(p, false);
		} while (ks_ber_more(&p->b));
		ks_ber_close(&p->b);
	} while (ks_ber_more(&p->b));
	ks_ber_close(&p->b);
}

static void signed_data(struct cms_parser *p)
{
	ks_ber_open(&p->b, KS_DER_SEQUENCE);
	p->version = read_version(p, "PKCS7: Unsupported SignedData version");
	digest_algorithms(p);
	content_info(p);
	certificates(p);
	revocation_lists(p);
	/* The kernel misses no signer here, but check_attrs() does. */
	if (!ks_ber_none_left(&p->b)) {
		if (!open_list(p, KS_DER_SET, KS_DER_SEQUENCE))
			ks_ber_fail(&p->b, -EBADMSG);
		do {
			signer_info(p);
		} while (ks_ber_more(&p->b));
		ks_ber_close(&p->b);
	}
	ks_ber_close(&p->b);
}

/* pkcs7_check_authattrs() */
static void check_attrs(struct cms_parser *p)
{
	const struct ks_kcms *cms = p->cms;
	bool same = cms->nr_signers > 0;
	size_t i;

	for (i = 1; i < cms->nr_signers; i++)
		same &= cms->signer[i].has_attrs == cms->signer[0].has_attrs;
	if (!same)
		refuse(p, -EINVAL, "PKCS7: Inconsistently supplied authAttrs");
}

int ks_kcms_parse(const struct ks_kernel *kernel, struct ks_span der, struct ks_kcms *ret_cms,
		  struct ks_kernel_log *log)
{
	struct cms_parser p = { .kernel = kernel, .cms = ret_cms, .log = log };

	*ret_cms = (struct ks_kcms){ 0 };
	/* Behind the signature in a module are two bytes that must be zero, see certificate_bytes(). */
	ks_put(&ret_cms->der, der);
	ks_put_fill(&ret_cms->der, 0, END_MARK_BYTES);
	if (ks_buf_ok(&ret_cms->der, NULL) || !ks_span_sub(ks_buf_span(&ret_cms->der), 0, der.bytes, &der))
		return -ENOMEM;
	ks_ber_init(&p.b, der);
	ks_ber_open(&p.b, KS_DER_SEQUENCE);
	note_oid(&p);
	if (p.last_oid != KS_KOID_SIGNED_DATA)
		refuse(&p, -EINVAL, "PKCS7: Only support pkcs7_signedData type");
	if (ks_ber_next_is(&p.b, KS_DER_CONS(0))) {
		ks_ber_open(&p.b, KS_DER_CONS(0));
		signed_data(&p);
		ks_ber_close(&p.b);
	}
	ks_ber_close(&p.b);
	check_attrs(&p);
	return p.b.err;
}

void ks_kcms_done(struct ks_kcms *cms)
{
	size_t i;

	for (i = 0; i < cms->nr_certs; i++)
		ks_kx509_done(&cms->cert[i]);
	free(cms->cert);
	free(cms->signer);
	ks_buf_done(&cms->der);
	*cms = (struct ks_kcms){ 0 };
}
