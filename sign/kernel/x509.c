// SPDX-License-Identifier: LGPL-2.1-or-later
#include "kernel/x509.h"

#include <errno.h>
#include <string.h>

#include "base/der.h"

#define TAG_BOOLEAN 0x01
#define TAG_UTC_TIME 0x17
#define TAG_GENERALIZED_TIME 0x18

/**
 * struct x509_parser - struct x509_parse_context
 * @last_oid: of the last identifier that was met anywhere
 * @params: parameters of the public key's algorithm, with their header
 * @akid: the authority key identifier extension
 * @parts: of the name that is being read
 */
struct x509_parser {
	struct ks_ber b;
	struct ks_kx509 *cert;
	enum ks_koid last_oid;
	enum ks_koid sig_algo;
	enum ks_koid key_algo;
	bool has_subject;
	bool has_key;
	struct ks_span key;
	struct ks_span params;
	struct ks_span akid;
	bool has_akid;
	struct ks_kx509_name parts;
};

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

static void refuse(struct x509_parser *p, int err, const char *what)
{
	if (!p->b.err && p->cert)
		p->cert->objection = what;
	ks_ber_fail(&p->b, err);
}

static void note_oid(struct x509_parser *p)
{
	ks_ber_leaf(&p->b, KS_DER_OID);
	if (!p->b.err)
		p->last_oid = ks_koid_of(p->b.value);
}

/* AttributeValueAssertion and the text of those three that the kernel makes a name of. */
static void name_part(struct x509_parser *p)
{
	ks_ber_open(&p->b, KS_DER_SEQUENCE);
	note_oid(p);
	ks_ber_any(&p->b);
	if (p->last_oid == KS_KOID_COMMON_NAME)
		p->parts.cn = p->b.value;
	else if (p->last_oid == KS_KOID_ORGANIZATION)
		p->parts.o = p->b.value;
	else if (p->last_oid == KS_KOID_EMAIL)
		p->parts.email = p->b.value;
	ks_ber_close(&p->b);
}

static void read_name(struct x509_parser *p)
{
	ks_ber_open(&p->b, KS_DER_SEQUENCE);
	do {
		ks_ber_open(&p->b, KS_DER_SET);
		do {
			name_part(p);
		} while (ks_ber_more(&p->b));
		ks_ber_close(&p->b);
	} while (ks_ber_more(&p->b));
	ks_ber_close(&p->b);
}

void ks_kx509_read_name(struct ks_ber *b)
{
	struct x509_parser p = { .b = *b };

	read_name(&p);
	*b = p.b;
}

/* The kernel keeps the length in a byte. */
static struct ks_span cut_to_u8(struct ks_span s)
{
	s.bytes &= 0xff;
	return s;
}

static size_t put_text(char *text, size_t used, const void *bytes, size_t nr_bytes)
{
	memcpy(&text[used], bytes, nr_bytes);
	return used + nr_bytes;
}

static bool starts_alike(struct ks_span a, struct ks_span b, size_t n)
{
	return a.bytes >= n && b.bytes >= n && !memcmp(a.p, b.p, n);
}

void ks_kx509_name_text(struct ks_kx509_name *parts, char *text)
{
	struct ks_span cn = cut_to_u8(parts->cn), o = cut_to_u8(parts->o),
		       email = cut_to_u8(parts->email);
	struct ks_span one = cn.bytes ? cn : o.bytes ? o : email;
	size_t used = 0;

	/* "O: CN", unless the CN starts with the O, or with seven characters of it. */
	if (cn.bytes && o.bytes && !starts_alike(cn, o, o.bytes) && !starts_alike(cn, o, 7)) {
		used = put_text(text, used, o.p, o.bytes);
		used = put_text(text, used, ": ", 2);
	}
	if (one.bytes)
		used = put_text(text, used, one.p, one.bytes);
	text[used] = '\0';
	*parts = (struct ks_kx509_name){ 0 };
}

static void note_name(struct x509_parser *p)
{
	if (!p->b.err)
		ks_kx509_name_text(&p->parts, p->cert->subject_text);
}

/* Two digits at @idx; at least 100 when they are not digits. */
static unsigned int two_digits(struct ks_span s, size_t idx)
{
	unsigned int tens = (unsigned int)s.p[idx] - '0', ones = (unsigned int)s.p[idx + 1] - '0';

	return tens > 9 || ones > 9 ? 100 : tens * 10 + ones;
}

static unsigned int days_of(unsigned int year, unsigned int month)
{
	static const u8 days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return month == 2 && leap ? 29 : days[month - 1];
}

static int64_t leap_days_before(unsigned int year)
{
	return (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400;
}

/* mktime64() */
static int64_t seconds_of(unsigned int year, const unsigned int field[5])
{
	int64_t days = 365 * ((int64_t)year - 1970) + leap_days_before(year) - leap_days_before(1970) +
		       field[1] - 1;
	unsigned int month;

	for (month = 1; month < field[0]; month++)
		days += days_of(year, month);
	return ((days * 24 + field[2]) * 60 + field[3]) * 60 + field[4];
}

bool ks_kx509_time_of(u8 tag, struct ks_span value, int64_t *ret_time)
{
	unsigned int year, century, field[5], i;
	size_t at = tag == TAG_UTC_TIME ? 2 : 4;

	if (!(tag == TAG_UTC_TIME && value.bytes == 13) &&
	    !(tag == TAG_GENERALIZED_TIME && value.bytes == 15))
		return false;
	year = two_digits(value, at - 2);
	century = 20;
	if (tag == TAG_GENERALIZED_TIME)
		century = two_digits(value, 0);
	else if (year >= 50)
		century = 19;
	if (year > 99 || century > 99)
		return false;
	year += century * 100;
	if (tag == TAG_GENERALIZED_TIME && year >= 1950 && year <= 2049)
		return false;
	/* Month, day, hour, minute, second. */
	for (i = 0; i < 5; i++) {
		field[i] = two_digits(value, at + 2 * i);
		if (field[i] > 99)
			return false;
	}
	if (value.p[value.bytes - 1] != 'Z' || year < 1970 || field[0] < 1 || field[0] > 12)
		return false;
	if (field[1] < 1 || field[1] > days_of(year, field[0]) || field[2] > 24 || field[3] > 59 ||
	    field[4] > 60)
		return false;
	*ret_time = seconds_of(year, field);
	return true;
}

static void one_time(struct x509_parser *p, int64_t *ret_time)
{
	if (ks_ber_next_is(&p->b, TAG_UTC_TIME))
		ks_ber_leaf(&p->b, TAG_UTC_TIME);
	else
		ks_ber_leaf(&p->b, TAG_GENERALIZED_TIME);
	if (!p->b.err && !ks_kx509_time_of(p->b.tag, p->b.value, ret_time))
		refuse(p, -EBADMSG,
				"date, which is before 1970, or before 2050 as GeneralizedTime, or none");
}

static void validity(struct x509_parser *p)
{
	ks_ber_open(&p->b, KS_DER_SEQUENCE);
	one_time(p, &p->cert->valid_from);
	/* A single time is that of the end as well. */
	if (ks_ber_none_left(&p->b))
		p->cert->valid_to = p->cert->valid_from;
	else
		one_time(p, &p->cert->valid_to);
	ks_ber_close(&p->b);
}

static void subject_key_id(struct x509_parser *p, struct ks_span v)
{
	struct ks_kx509 *cert = p->cert;

	if (cert->skid.set || v.bytes < 3 || v.p[0] != KS_DER_OCTET_STRING ||
	    v.p[1] != v.bytes - 2 || !ks_span_sub(v, 2, v.bytes - 2, &cert->skid.first))
		refuse(p, -EBADMSG,
				"subjectKeyIdentifier, of which there may be one of 1 to 128 bytes");
	else
		cert->skid.set = true;
}

static void key_usage(struct x509_parser *p, struct ks_span v)
{
	if (v.bytes < 4 || v.p[0] != KS_DER_BIT_STRING || v.p[2] >= 8)
		refuse(p, -EBADMSG, "keyUsage");
}

/* Either empty, or CA:TRUE first. That a key is not a CA's is noted but never asked for modules. */
static void basic_constraints(struct x509_parser *p, struct ks_span v)
{
	if (v.bytes < 2 || v.p[0] != KS_DER_SEQUENCE || v.p[1] != v.bytes - 2)
		refuse(p, -EBADMSG, "basicConstraints");
	else if (v.p[1] && !(v.bytes >= 5 && v.p[2] == TAG_BOOLEAN && v.p[3] == 1 && v.p[4] == 0xff))
		refuse(p, -EBADMSG, "basicConstraints, which say CA:FALSE in full");
}

static void extension(struct x509_parser *p)
{
	ks_ber_open(&p->b, KS_DER_SEQUENCE);
	note_oid(p);
	if (ks_ber_next_is(&p->b, TAG_BOOLEAN))
		ks_ber_leaf(&p->b, TAG_BOOLEAN);
	ks_ber_leaf(&p->b, KS_DER_OCTET_STRING);
	if (!p->b.err) {
		if (p->last_oid == KS_KOID_SUBJECT_KEY_ID)
			subject_key_id(p, p->b.value);
		else if (p->last_oid == KS_KOID_KEY_USAGE)
			key_usage(p, p->b.value);
		else if (p->last_oid == KS_KOID_BASIC_CONSTRAINTS)
			basic_constraints(p, p->b.value);
		else if (p->last_oid == KS_KOID_AUTHORITY_KEY_ID)
			p->akid = p->b.value, p->has_akid = true;
	}
	ks_ber_close(&p->b);
}

static void extensions(struct x509_parser *p)
{
	ks_ber_open(&p->b, KS_DER_CONS(3));
	ks_ber_open(&p->b, KS_DER_SEQUENCE);
	do {
		extension(p);
	} while (ks_ber_more(&p->b));
	ks_ber_close(&p->b);
	ks_ber_close(&p->b);
}

/* An element of an explicit tag around anything. */
static void wrapped_any(struct ks_ber *b, u8 tag)
{
	ks_ber_open(b, tag);
	ks_ber_any(b);
	ks_ber_close(b);
}

/* One GeneralName. Return: the directory's name, empty for any other kind. */
static struct ks_span general_name(struct x509_parser *p)
{
	struct ks_ber *b = &p->b;
	struct ks_span name = { 0 };

	if (ks_ber_next_is(b, KS_DER_CONS(0))) {
		ks_ber_open(b, KS_DER_CONS(0));
		ks_ber_leaf(b, KS_DER_OID);
		wrapped_any(b, KS_DER_CONS(0));
		ks_ber_close(b);
	} else if (ks_ber_next_is(b, KS_DER_CONS(3))) {
		wrapped_any(b, KS_DER_CONS(3));
	} else if (ks_ber_next_is(b, KS_DER_CONS(4))) {
		ks_ber_open(b, KS_DER_CONS(4));
		read_name(p);
		name = b->value;
		ks_ber_close(b);
	} else if (ks_ber_next_is(b, KS_DER_CONS(5))) {
		ks_ber_open(b, KS_DER_CONS(5));
		if (ks_ber_next_is(b, KS_DER_CONS(0)))
			wrapped_any(b, KS_DER_CONS(0));
		wrapped_any(b, KS_DER_CONS(1));
		ks_ber_close(b);
	} else if (ks_ber_next_is(b, KS_DER_PRIM(1)) || ks_ber_next_is(b, KS_DER_PRIM(2)) ||
		   ks_ber_next_is(b, KS_DER_PRIM(6)) || ks_ber_next_is(b, KS_DER_PRIM(7)) ||
		   ks_ber_next_is(b, KS_DER_PRIM(8))) {
		ks_ber_any(b);
	} else {
		ks_ber_fail(b, -EBADMSG);
	}
	return name;
}

static int authority_key_id(struct x509_parser *p)
{
	struct ks_kid *auth_id = p->cert->auth_id;
	struct ks_span issuer = { 0 }, name;
	struct ks_ber *b = &p->b;

	ks_ber_init(b, p->akid);
	ks_ber_open(b, KS_DER_SEQUENCE);
	if (ks_ber_next_is(b, KS_DER_PRIM(0))) {
		ks_ber_leaf(b, KS_DER_PRIM(0));
		auth_id[1] = (struct ks_kid){ .set = !b->err, .first = b->value };
	}
	if (ks_ber_next_is(b, KS_DER_CONS(1))) {
		ks_ber_open(b, KS_DER_CONS(1));
		/* Empty only if its length says so. */
		if (!ks_ber_none_left(b))
			do {
				name = general_name(p);
				if (name.bytes)
					issuer = name;
			} while (ks_ber_more(b));
		ks_ber_close(b);
	}
	if (ks_ber_next_is(b, KS_DER_PRIM(2))) {
		ks_ber_leaf(b, KS_DER_PRIM(2));
		if (!b->err && issuer.bytes)
			auth_id[0] = (struct ks_kid){ true, b->value, issuer };
	}
	ks_ber_close(b);
	return b->err;
}

static void algorithm_id(struct x509_parser *p)
{
	ks_ber_open(&p->b, KS_DER_SEQUENCE);
	note_oid(p);
	if (!ks_ber_at_end(&p->b)) {
		ks_ber_any(&p->b);
		/* Of the three algorithms of a certificate the public key's counts. */
		if (p->has_subject && !p->has_key)
			p->params = ks_ber_whole(&p->b);
	}
	ks_ber_close(&p->b);
}

/* x509_note_sig_algo() */
static void note_sig_algo(struct x509_parser *p)
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
		refuse(p, -ENOPKG, "signature algorithm");
	}
}

/* The BIT STRING that was read, without its count of unused bits, which must be 0. */
static struct ks_span whole_bits(struct x509_parser *p)
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
static void public_key(struct x509_parser *p)
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
		refuse(p, rc, "public key algorithm");
	p->key = whole_bits(p);
	p->has_key = true;
	ks_ber_close(&p->b);
}

static void tbs_certificate(struct x509_parser *p)
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
	read_name(p);
	cert->issuer = b->value;
	note_name(p);
	validity(p);
	read_name(p);
	cert->subject = b->value;
	p->has_subject = true;
	note_name(p);
	public_key(p);
	if (ks_ber_next_is(b, KS_DER_PRIM(1)))
		ks_ber_leaf(b, KS_DER_PRIM(1));
	if (ks_ber_next_is(b, KS_DER_PRIM(2)))
		ks_ber_leaf(b, KS_DER_PRIM(2));
	if (ks_ber_next_is(b, KS_DER_CONS(3)))
		extensions(p);
	ks_ber_close(b);
	cert->tbs = ks_ber_whole(b);
}

static void certificate(struct x509_parser *p)
{
	ks_ber_open(&p->b, KS_DER_SEQUENCE);
	tbs_certificate(p);
	algorithm_id(p);
	ks_ber_leaf(&p->b, KS_DER_BIT_STRING);
	if (p->last_oid != p->sig_algo)
		refuse(p, -EINVAL, "signature algorithm, named twice and not the same");
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
	struct x509_parser p = { .cert = ret_cert };
	int rc;

	*ret_cert = (struct ks_kx509){ 0 };
	ks_ber_init(&p.b, der);
	certificate(&p);
	rc = p.b.err;
	if (!rc && p.has_akid) {
		rc = authority_key_id(&p);
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
