// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Names, times and extensions of certificates, as Linux 6.18 reads them.
 */
#include <errno.h>
#include <string.h>

#include "base/der.h"
#include "kernel/x509_internal.h"

#define TAG_BOOLEAN 0x01
#define TAG_UTC_TIME 0x17
#define TAG_GENERALIZED_TIME 0x18

/* AttributeValueAssertion and the text of those three that the kernel makes a name of. */
static void name_part(struct ks_kx509_parser *p)
{
	ks_ber_open(&p->b, KS_DER_SEQUENCE);
	ks_kx509_note_oid(p);
	ks_ber_any(&p->b);
	if (p->last_oid == KS_KOID_COMMON_NAME)
		p->cn = p->b.value;
	else if (p->last_oid == KS_KOID_ORGANIZATION)
		p->o = p->b.value;
	else if (p->last_oid == KS_KOID_EMAIL)
		p->email = p->b.value;
	ks_ber_close(&p->b);
}

void ks_kx509_name(struct ks_kx509_parser *p)
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

void ks_kx509_name_text(struct ks_kx509_parser *p, char *text)
{
	struct ks_span cn = cut_to_u8(p->cn), o = cut_to_u8(p->o), email = cut_to_u8(p->email);
	struct ks_span one = cn.bytes ? cn : o.bytes ? o : email;
	size_t used = 0;

	if (p->b.err)
		return;
	/* "O: CN", unless the CN starts with the O, or with seven characters of it. */
	if (cn.bytes && o.bytes && !starts_alike(cn, o, o.bytes) && !starts_alike(cn, o, 7)) {
		used = put_text(text, used, o.p, o.bytes);
		used = put_text(text, used, ": ", 2);
	}
	if (one.bytes)
		used = put_text(text, used, one.p, one.bytes);
	text[used] = '\0';
	p->cn = p->o = p->email = (struct ks_span){ 0 };
}

/* Two digits at @idx; at least 100 when they are no digits. */
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

static void one_time(struct ks_kx509_parser *p, int64_t *ret_time)
{
	if (ks_ber_next_is(&p->b, TAG_UTC_TIME))
		ks_ber_leaf(&p->b, TAG_UTC_TIME);
	else
		ks_ber_leaf(&p->b, TAG_GENERALIZED_TIME);
	if (!p->b.err && !ks_kx509_time_of(p->b.tag, p->b.value, ret_time))
		ks_kx509_object(p, -EBADMSG,
				"date, which is before 1970, or before 2050 as GeneralizedTime, or none");
}

void ks_kx509_validity(struct ks_kx509_parser *p)
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

static void subject_key_id(struct ks_kx509_parser *p, struct ks_span v)
{
	struct ks_kx509 *cert = p->cert;

	if (cert->skid.set || v.bytes < 3 || v.p[0] != KS_DER_OCTET_STRING ||
	    v.p[1] != v.bytes - 2 || !ks_span_sub(v, 2, v.bytes - 2, &cert->skid.first))
		ks_kx509_object(p, -EBADMSG,
				"subjectKeyIdentifier, of which there may be one of 1 to 128 bytes");
	else
		cert->skid.set = true;
}

static void key_usage(struct ks_kx509_parser *p, struct ks_span v)
{
	if (v.bytes < 4 || v.p[0] != KS_DER_BIT_STRING || v.p[2] >= 8)
		ks_kx509_object(p, -EBADMSG, "keyUsage");
}

/* Either empty, or CA:TRUE first. That a key is no CA's is noted but never asked for modules. */
static void basic_constraints(struct ks_kx509_parser *p, struct ks_span v)
{
	if (v.bytes < 2 || v.p[0] != KS_DER_SEQUENCE || v.p[1] != v.bytes - 2)
		ks_kx509_object(p, -EBADMSG, "basicConstraints");
	else if (v.p[1] && !(v.bytes >= 5 && v.p[2] == TAG_BOOLEAN && v.p[3] == 1 && v.p[4] == 0xff))
		ks_kx509_object(p, -EBADMSG, "basicConstraints, which say CA:FALSE in full");
}

static void extension(struct ks_kx509_parser *p)
{
	ks_ber_open(&p->b, KS_DER_SEQUENCE);
	ks_kx509_note_oid(p);
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

void ks_kx509_extensions(struct ks_kx509_parser *p)
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
static struct ks_span general_name(struct ks_kx509_parser *p)
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
		ks_kx509_name(p);
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

int ks_kx509_akid(struct ks_kx509_parser *p)
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
