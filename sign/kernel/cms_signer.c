// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The signers of a CMS message after pkcs7.asn1 and pkcs7_parser.c of Linux 6.18.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/der.h"
#include "kernel/cms_internal.h"
#include "kernel/x509_internal.h"

enum {
	HAS_CONTENT_TYPE = 0x01,
	HAS_SIGNING_TIME = 0x02,
	HAS_MESSAGE_DIGEST = 0x04,
	HAS_SMIME_CAPS = 0x08,
	HAS_OPUS_INFO = 0x10,
	HAS_STATEMENT_TYPE = 0x20,
};

/* IssuerAndSerialNumber; the parts of the name have no meaning here. */
static void issuer_and_serial(struct ks_kcms_parser *p)
{
	struct ks_kx509_parser names = { .b = p->b };

	ks_ber_open(&names.b, KS_DER_SEQUENCE);
	ks_kx509_name(&names);
	if (!names.b.err)
		p->issuer = names.b.value;
	ks_ber_leaf(&names.b, KS_DER_INTEGER);
	if (!names.b.err)
		p->serial = names.b.value;
	ks_ber_close(&names.b);
	p->b = names.b;
}

static void signer_id(struct ks_kcms_parser *p)
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
static void note_once(struct ks_kcms_parser *p, unsigned int which, bool authenticode, const char *line)
{
	if (p->attrs & which)
		ks_kcms_object(p, -EKEYREJECTED, "PKCS7: Repeated/multivalue AuthAttrs not permitted");
	p->attrs |= which;
	if (authenticode && p->cms->data_type != KS_KOID_MS_INDIRECT_DATA)
		ks_kcms_object(p, -EKEYREJECTED, line);
}

/* pkcs7_sig_note_authenticated_attr() */
static void attr_value(struct ks_kcms_parser *p)
{
	ks_ber_any(&p->b);
	if (p->b.err)
		return;
	switch (p->last_oid) {
	case KS_KOID_CONTENT_TYPE:
		note_once(p, HAS_CONTENT_TYPE, false, "");
		if (ks_koid_of(p->b.value) != p->cms->data_type)
			ks_kcms_object(p, -EBADMSG, "PKCS7: Mismatch between global data type");
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

static void attributes(struct ks_kcms_parser *p)
{
	do {
		ks_ber_open(&p->b, KS_DER_SEQUENCE);
		ks_kcms_note_oid(p);
		ks_ber_open(&p->b, KS_DER_SET);
		do {
			attr_value(p);
		} while (ks_ber_more(&p->b));
		ks_ber_close(&p->b);
		ks_ber_close(&p->b);
	} while (ks_ber_more(&p->b));
}

static void signed_attributes(struct ks_kcms_parser *p, struct ks_kcms_signer *signer)
{
	p->attrs = 0;
	if (ks_ber_next_is(&p->b, KS_DER_CONS(0))) {
		ks_ber_open(&p->b, KS_DER_CONS(0));
		attributes(p);
		ks_ber_close(&p->b);
		if (!(p->attrs & HAS_CONTENT_TYPE) || !(p->attrs & HAS_MESSAGE_DIGEST))
			ks_kcms_object(p, -EBADMSG, "PKCS7: Missing required AuthAttr");
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

static void unsigned_attributes(struct ks_kcms_parser *p)
{
	if (!ks_kcms_open_list(p, KS_DER_CONS(1), KS_DER_CONS(3)))
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
static void note_digest(struct ks_kcms_parser *p, struct ks_kcms_signer *signer)
{
	if (p->last_oid >= KS_KOID_SHA1 && p->last_oid <= KS_KOID_STREEBOG512)
		signer->sig.digest_id = KS_KDIGEST_SHA1 + (p->last_oid - KS_KOID_SHA1);
	else
		ks_kcms_object(p, -ENOPKG, "Unsupported digest algo: ");
}

static void note_pkey(struct ks_kcms_parser *p, struct ks_kcms_signer *signer)
{
	if (p->last_oid == KS_KOID_RSA)
		signer->sig.kind = KS_KSIG_RSA;
	else if (p->last_oid >= KS_KOID_ECDSA_SHA1 && p->last_oid <= KS_KOID_ECDSA_SHA3_512)
		signer->sig.kind = KS_KSIG_ECDSA;
	else if (p->last_oid == KS_KOID_GOST_KEY)
		signer->sig.kind = KS_KSIG_ECRDSA;
	else
		ks_kcms_object(p, -ENOPKG, "Unsupported pkey algo: ");
}

static void push_signer(struct ks_kcms_parser *p, struct ks_kcms_signer *signer)
{
	struct ks_kcms *cms = p->cms;
	struct ks_kcms_signer *grown;

	if (cms->data_type == KS_KOID_MS_INDIRECT_DATA && !signer->has_attrs)
		ks_kcms_object(p, -EBADMSG, "PKCS7: Authenticode requires AuthAttrs");
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

void ks_kcms_signer_info(struct ks_kcms_parser *p)
{
	struct ks_kcms_signer signer = { .sig.digest_id = KS_KDIGEST_NONE };
	u8 version;

	ks_ber_open(&p->b, KS_DER_SEQUENCE);
	version = ks_kcms_version(p, "PKCS7: Unsupported SignerInfo version");
	if ((version == 1) != (p->version == 1))
		ks_kcms_object(p, -EBADMSG, "PKCS7: SignedData-SignerInfo version mismatch");
	p->expect_skid = version == 3;
	signer_id(p);
	ks_kcms_algorithm_id(p);
	note_digest(p, &signer);
	signed_attributes(p, &signer);
	ks_kcms_algorithm_id(p);
	note_pkey(p, &signer);
	ks_ber_leaf(&p->b, KS_DER_OCTET_STRING);
	signer.sig.s = p->b.value;
	unsigned_attributes(p);
	ks_ber_close(&p->b);
	push_signer(p, &signer);
}
