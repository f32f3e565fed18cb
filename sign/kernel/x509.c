// SPDX-License-Identifier: LGPL-2.1-or-later
#include "kernel/x509.h"

#include <errno.h>

#include "base/der.h"
#include "kernel/x509_internal.h"

static u8 kid_byte(const struct ks_kid *id, size_t i)
{
	return i < id->first.bytes ? id->first.p[i] : id->second.p[i - id->first.bytes];
}

bool ks_kid_same(const struct ks_kid *a, const struct ks_kid *b)
{
	size_t bytes = a->first.bytes + a->second.bytes, i;

	if (!a->set || !b->set || bytes != b->first.bytes + b->second.bytes)
		return false;
	for (i = 0; i < bytes; i++)
		if (kid_byte(a, i) != kid_byte(b, i))
			return false;
	return true;
}

void ks_kx509_object(struct ks_kx509_parser *p, int err, const char *objection)
{
	if (!p->b.err && p->cert)
		p->cert->objection = objection;
	ks_ber_fail(&p->b, err);
}

void ks_kx509_note_oid(struct ks_kx509_parser *p)
{
	ks_ber_leaf(&p->b, KS_DER_OID);
	if (!p->b.err)
		p->last_oid = ks_koid_of(p->b.value);
}

static void algorithm_id(struct ks_kx509_parser *p)
{
	ks_ber_open(&p->b, KS_DER_SEQUENCE);
	ks_kx509_note_oid(p);
	if (!ks_ber_at_end(&p->b)) {
		ks_ber_any(&p->b);
		/* Of the three algorithms of a certificate the public key's counts. */
		if (p->has_subject && !p->has_key)
			p->params = ks_ber_whole(&p->b);
	}
	ks_ber_close(&p->b);
}

/* x509_note_sig_algo() */
static void note_sig_algo(struct ks_kx509_parser *p)
{
	struct ks_ksig *sig = &p->cert->sig;
	enum ks_koid oid = p->last_oid;

	if (p->b.err)
		return;
	p->sig_algo = oid;
	if (oid >= KS_KOID_RSA_SHA1 && oid <= KS_KOID_RSA_SHA3_512) {
		sig->kind = KS_KSIG_RSA;
		sig->digest_id = KS_KDIGEST_SHA1 + (oid - KS_KOID_RSA_SHA1);
	} else if (oid >= KS_KOID_ECDSA_SHA1 && oid <= KS_KOID_ECDSA_SHA3_512) {
		sig->kind = KS_KSIG_ECDSA;
		sig->digest_id = KS_KDIGEST_SHA1 + (oid - KS_KOID_ECDSA_SHA1);
	} else if (oid == KS_KOID_GOST_SIG256 || oid == KS_KOID_GOST_SIG512) {
		sig->kind = KS_KSIG_ECRDSA;
		sig->digest_id = oid == KS_KOID_GOST_SIG256 ? KS_KDIGEST_STREEBOG256 :
							      KS_KDIGEST_STREEBOG512;
	} else {
		ks_kx509_object(p, -ENOPKG, "signature algorithm");
	}
}

/* The BIT STRING that was read, without its count of unused bits, which must be 0. */
static struct ks_span whole_bits(struct ks_kx509_parser *p)
{
	struct ks_span bits = { 0 };

	if (!p->b.err && (!p->b.value.bytes || p->b.value.p[0] ||
			  !ks_span_sub(p->b.value, 1, p->b.value.bytes - 1, &bits)))
		ks_ber_fail(&p->b, -EBADMSG);
	return bits;
}

/* The curve of an EC key: parse_OID() of the parameters. */
static int curve_of(struct ks_span params, enum ks_kpkey *ret_kind)
{
	struct ks_span oid;

	if (params.bytes < 3 || params.p[0] != KS_DER_OID || params.p[1] != params.bytes - 2 ||
	    !ks_span_sub(params, 2, params.bytes - 2, &oid))
		return -EBADMSG;
	switch (ks_koid_of(oid)) {
	case KS_KOID_P192:
		*ret_kind = KS_KPKEY_P192;
		return 0;
	case KS_KOID_P256:
		*ret_kind = KS_KPKEY_P256;
		return 0;
	case KS_KOID_P384:
		*ret_kind = KS_KPKEY_P384;
		return 0;
	case KS_KOID_P521:
		*ret_kind = KS_KPKEY_P521;
		return 0;
	default:
		return -ENOPKG;
	}
}

/* x509_extract_key_data(): the algorithm is judged before the bits are looked at. */
static void public_key(struct ks_kx509_parser *p)
{
	int rc = 0;

	ks_ber_open(&p->b, KS_DER_SEQUENCE);
	algorithm_id(p);
	ks_ber_leaf(&p->b, KS_DER_BIT_STRING);
	if (p->last_oid == KS_KOID_RSA)
		p->cert->pub.kind = KS_KPKEY_RSA;
	else if (p->last_oid == KS_KOID_GOST_KEY)
		p->cert->pub.kind = KS_KPKEY_ECRDSA;
	else if (p->last_oid == KS_KOID_EC_KEY)
		rc = curve_of(p->params, &p->cert->pub.kind);
	else
		rc = -ENOPKG;
	if (rc)
		ks_kx509_object(p, rc, "public key algorithm");
	p->key = whole_bits(p);
	p->has_key = true;
	ks_ber_close(&p->b);
}

static void tbs_certificate(struct ks_kx509_parser *p)
{
	struct ks_ber *b = &p->b;
	struct ks_kx509 *cert = p->cert;

	ks_ber_open(b, KS_DER_SEQUENCE);
	if (ks_ber_next_is(b, KS_DER_CONS(0))) {
		ks_ber_open(b, KS_DER_CONS(0));
		ks_ber_leaf(b, KS_DER_INTEGER);
		ks_ber_close(b);
	}
	ks_ber_leaf(b, KS_DER_INTEGER);
	cert->serial = b->value;
	algorithm_id(p);
	note_sig_algo(p);
	ks_kx509_name(p);
	cert->issuer = b->value;
	ks_kx509_name_text(p, cert->subject_text);
	ks_kx509_validity(p);
	ks_kx509_name(p);
	cert->subject = b->value;
	p->has_subject = true;
	ks_kx509_name_text(p, cert->subject_text);
	public_key(p);
	if (ks_ber_next_is(b, KS_DER_PRIM(1)))
		ks_ber_leaf(b, KS_DER_PRIM(1));
	if (ks_ber_next_is(b, KS_DER_PRIM(2)))
		ks_ber_leaf(b, KS_DER_PRIM(2));
	if (ks_ber_next_is(b, KS_DER_CONS(3)))
		ks_kx509_extensions(p);
	ks_ber_close(b);
	cert->tbs = ks_ber_whole(b);
}

static void certificate(struct ks_kx509_parser *p)
{
	ks_ber_open(&p->b, KS_DER_SEQUENCE);
	tbs_certificate(p);
	algorithm_id(p);
	ks_ber_leaf(&p->b, KS_DER_BIT_STRING);
	if (p->last_oid != p->sig_algo)
		ks_kx509_object(p, -EINVAL, "signature algorithm, named twice and not the same");
	p->cert->sig.s = whole_bits(p);
	ks_ber_close(&p->b);
}

/* x509_get_sig_params() */
static int digest_tbs(const struct ks_kcrypto *crypto, const struct ks_khashes *revoked,
		      struct ks_kx509 *cert)
{
	size_t i;
	int rc = ks_kcrypto_digest(crypto, cert->sig.digest_id, cert->tbs, &cert->sig.digest);

	if (rc == -ENOPKG) {
		cert->unsupported_sig = true;
		return 0;
	}
	for (i = 0; !rc && revoked && i < revoked->nr_hashes; i++)
		if (ks_span_eq(ks_digest_span(&revoked->hash[i]), ks_digest_span(&cert->sig.digest)))
			cert->blacklisted = true;
	return rc;
}

/* x509_check_for_self_signed() */
static int check_self_signed(const struct ks_kcrypto *crypto, struct ks_kx509 *cert)
{
	bool has_both = cert->auth_id[0].set && cert->auth_id[1].set;
	bool skid_same, id_same;
	int rc;

	if (!ks_span_eq(cert->subject, cert->issuer))
		return 0;
	if (cert->auth_id[0].set || cert->auth_id[1].set) {
		skid_same = ks_kid_same(&cert->skid, &cert->auth_id[1]);
		id_same = ks_kid_same(&cert->id, &cert->auth_id[0]);
		if (!skid_same && !id_same)
			return 0;
		if (skid_same != id_same && has_both)
			return -EKEYREJECTED;
	}
	if (cert->unsupported_sig)
		return 0;
	rc = ks_kpub_verify(crypto, &cert->pub, &cert->sig);
	if (rc == -ENOPKG) {
		cert->unsupported_sig = true;
		return 0;
	}
	cert->self_signed = !rc;
	return rc;
}

int ks_kx509_parse(const struct ks_kcrypto *crypto, const struct ks_khashes *revoked,
		   struct ks_span der, struct ks_kx509 *ret_cert)
{
	struct ks_kx509_parser p = { .cert = ret_cert };
	int rc;

	*ret_cert = (struct ks_kx509){ 0 };
	ks_ber_init(&p.b, der);
	certificate(&p);
	rc = p.b.err;
	if (!rc && p.has_akid) {
		rc = ks_kx509_akid(&p);
		if (rc)
			ret_cert->objection = "authorityKeyIdentifier";
	}
	if (!rc)
		rc = ks_kpub_init(ret_cert->pub.kind, p.key, &ret_cert->pub);
	if (!rc)
		rc = digest_tbs(crypto, revoked, ret_cert);
	if (rc)
		return rc;
	ret_cert->id = (struct ks_kid){ true, ret_cert->serial, ret_cert->issuer };
	rc = check_self_signed(crypto, ret_cert);
	if (rc)
		ret_cert->objection = "signature by its own key";
	return rc;
}

void ks_kx509_done(struct ks_kx509 *cert)
{
	ks_kpub_done(&cert->pub);
}
