// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * CMS messages after pkcs7.asn1 and pkcs7_parser.c of Linux 6.18.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/der.h"
#include "kernel/cms_internal.h"

#define END_MARK_BYTES 2U

void ks_kernel_say(struct ks_ksaid *said, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(said->text, sizeof(said->text), format, args);
	va_end(args);
}

/* The grammar's own objection, with the line that the kernel logs. */
void ks_kcms_object(struct ks_kcms_parser *p, int err, const char *line)
{
	if (p->b.err)
		return;
	ks_ber_fail(&p->b, err);
	ks_kernel_say(p->said, "%s", line);
}

void ks_kcms_note_oid(struct ks_kcms_parser *p)
{
	ks_ber_leaf(&p->b, KS_DER_OID);
	if (!p->b.err)
		p->last_oid = ks_koid_of(p->b.value);
}

void ks_kcms_algorithm_id(struct ks_kcms_parser *p)
{
	ks_ber_open(&p->b, KS_DER_SEQUENCE);
	ks_kcms_note_oid(p);
	if (!ks_ber_at_end(&p->b))
		ks_ber_any(&p->b);
	ks_ber_close(&p->b);
}

/* A version of one byte. */
u8 ks_kcms_version(struct ks_kcms_parser *p, const char *line)
{
	ks_ber_leaf(&p->b, KS_DER_INTEGER);
	if (p->b.err)
		return 0;
	if (p->b.value.bytes == 1 && (p->b.value.p[0] == 1 || p->b.value.p[0] == 3))
		return p->b.value.p[0];
	ks_kcms_object(p, -EINVAL, line);
	return 0;
}

/* SET OF or SEQUENCE OF, by either tag. Return: false if neither follows. */
bool ks_kcms_open_list(struct ks_kcms_parser *p, u8 set_tag, u8 sequence_tag)
{
	if (ks_ber_next_is(&p->b, set_tag))
		ks_ber_open(&p->b, set_tag);
	else if (ks_ber_next_is(&p->b, sequence_tag))
		ks_ber_open(&p->b, sequence_tag);
	else
		return false;
	return true;
}

static void digest_algorithms(struct ks_kcms_parser *p)
{
	if (!ks_kcms_open_list(p, KS_DER_SET, KS_DER_SEQUENCE))
		ks_ber_fail(&p->b, -EBADMSG);
	do {
		ks_kcms_algorithm_id(p);
	} while (ks_ber_more(&p->b));
	ks_ber_close(&p->b);
}

static void content_info(struct ks_kcms_parser *p)
{
	ks_ber_open(&p->b, KS_DER_SEQUENCE);
	ks_kcms_note_oid(p);
	if (ks_ber_next_is(&p->b, KS_DER_CONS(0))) {
		ks_ber_open(&p->b, KS_DER_CONS(0));
		ks_ber_any(&p->b);
		p->cms->has_data = true;
		ks_ber_close(&p->b);
	}
	ks_ber_close(&p->b);
	if (p->last_oid != KS_KOID_DATA && p->last_oid != KS_KOID_MS_INDIRECT_DATA)
		ks_kcms_object(p, -EINVAL, "PKCS7: Unsupported data type");
	p->cms->data_type = p->last_oid;
}

/*
 * pkcs7_extract_cert() adds an end mark to a certificate of indefinite length that is counted already,
 * and so reads two bytes more than there are.
 */
static struct ks_span certificate_bytes(const struct ks_kcms_parser *p)
{
	struct ks_span der = ks_ber_whole(&p->b);
	size_t start = p->b.value_off - p->b.header_bytes;

	if (der.bytes < 2 || der.p[1] != 0x80 ||
	    !ks_span_sub(ks_buf_span(&p->cms->der), start, der.bytes + END_MARK_BYTES, &der))
		return der;
	return der;
}

/* pkcs7_extract_cert(); a certificate of a revocation list is parsed and then forgotten. */
static void one_certificate(struct ks_kcms_parser *p, bool keep)
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

static void certificates(struct ks_kcms_parser *p)
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
static void revocation_lists(struct ks_kcms_parser *p)
{
	if (!ks_kcms_open_list(p, KS_DER_CONS(1), KS_DER_CONS(3)))
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

static void signed_data(struct ks_kcms_parser *p)
{
	ks_ber_open(&p->b, KS_DER_SEQUENCE);
	p->version = ks_kcms_version(p, "PKCS7: Unsupported SignedData version");
	digest_algorithms(p);
	content_info(p);
	certificates(p);
	revocation_lists(p);
	/* The kernel misses no signer here, but check_attrs() does. */
	if (!ks_ber_none_left(&p->b)) {
		if (!ks_kcms_open_list(p, KS_DER_SET, KS_DER_SEQUENCE))
			ks_ber_fail(&p->b, -EBADMSG);
		do {
			ks_kcms_signer_info(p);
		} while (ks_ber_more(&p->b));
		ks_ber_close(&p->b);
	}
	ks_ber_close(&p->b);
}

/* pkcs7_check_authattrs() */
static void check_attrs(struct ks_kcms_parser *p)
{
	const struct ks_kcms *cms = p->cms;
	bool same = cms->nr_signers > 0;
	size_t i;

	for (i = 1; i < cms->nr_signers; i++)
		same &= cms->signer[i].has_attrs == cms->signer[0].has_attrs;
	if (!same)
		ks_kcms_object(p, -EINVAL, "PKCS7: Inconsistently supplied authAttrs");
}

int ks_kcms_parse(const struct ks_kernel *kernel, struct ks_span der, struct ks_kcms *ret_cms,
		  struct ks_ksaid *said)
{
	struct ks_kcms_parser p = { .kernel = kernel, .cms = ret_cms, .said = said };

	*ret_cms = (struct ks_kcms){ 0 };
	/* Behind the signature in a module are two bytes that must be zero, see certificate_bytes(). */
	ks_put(&ret_cms->der, der);
	ks_put_fill(&ret_cms->der, 0, END_MARK_BYTES);
	if (ks_buf_ok(&ret_cms->der, NULL) || !ks_span_sub(ks_buf_span(&ret_cms->der), 0, der.bytes, &der))
		return -ENOMEM;
	ks_ber_init(&p.b, der);
	ks_ber_open(&p.b, KS_DER_SEQUENCE);
	ks_kcms_note_oid(&p);
	if (p.last_oid != KS_KOID_SIGNED_DATA)
		ks_kcms_object(&p, -EINVAL, "PKCS7: Only support pkcs7_signedData type");
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
