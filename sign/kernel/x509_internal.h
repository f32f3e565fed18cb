/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_KERNEL_X509_INTERNAL_H
#define KS_KERNEL_X509_INTERNAL_H

#include "base/ber.h"
#include "kernel/x509.h"

/**
 * struct ks_kx509_parser - struct x509_parse_context
 * @last_oid: of the last identifier that was met anywhere
 * @params: parameters of the public key's algorithm, with their header
 * @akid: the authority key identifier extension
 * @cn, @o, @email: parts of the name that is being read
 */
struct ks_kx509_parser {
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
	struct ks_span cn;
	struct ks_span o;
	struct ks_span email;
};

/** ks_kx509_object() - fail, and say with what; only the first objection counts */
void ks_kx509_object(struct ks_kx509_parser *p, int err, const char *objection);

/** ks_kx509_note_oid() - read an OBJECT IDENTIFIER */
void ks_kx509_note_oid(struct ks_kx509_parser *p);

/** ks_kx509_name() - read a Name; its contents are then the reader's value */
void ks_kx509_name(struct ks_kx509_parser *p);

/** ks_kx509_name_text() - x509_fabricate_name() of what was read, which is forgotten then */
void ks_kx509_name_text(struct ks_kx509_parser *p, char *text);

/** ks_kx509_validity() - read a Validity */
void ks_kx509_validity(struct ks_kx509_parser *p);

/** ks_kx509_time_of() - x509_decode_time() of an element. Return: false if it is none. */
bool ks_kx509_time_of(u8 tag, struct ks_span value, int64_t *ret_time);

/** ks_kx509_extensions() - read the [3] of a TBSCertificate */
void ks_kx509_extensions(struct ks_kx509_parser *p);

/** ks_kx509_akid() - read the authority key identifier. Return: 0 or the kernel's errno. */
int ks_kx509_akid(struct ks_kx509_parser *p);

#endif
