/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Certificates as Linux 6.18 reads them: crypto/asymmetric_keys/x509_cert_parser.c, x509.asn1,
 * x509_akid.asn1 and x509_public_key.c. Errors are the kernel's.
 */
#ifndef KS_KERNEL_X509_H
#define KS_KERNEL_X509_H

#include "base/ber.h"
#include "kernel/oid.h"
#include "kernel/pkey.h"

#define KS_KX509_NAME_BYTES 520U

/** struct ks_kid - struct asymmetric_key_id: two borrowed pieces that count as one */
struct ks_kid {
	bool set;
	struct ks_span first;
	struct ks_span second;
};

/** ks_kid_same() - both are set and have the same bytes */
bool ks_kid_same(const struct ks_kid *a, const struct ks_kid *b);

/**
 * struct ks_kx509 - one certificate, borrowing its DER
 * @tbs: what is signed
 * @issuer: contents of the issuer's name
 * @subject: contents of the subject's name
 * @subject_text: what the kernel calls the subject
 * @id: serial number and issuer
 * @skid: subject key identifier
 * @auth_id: authority: [0] issuer and serial number, [1] key identifier
 * @pub: its public key, owned
 * @sig: its own signature
 * @valid_from, @valid_to: seconds since the epoch
 * @objection: after a failure: what of it the kernel does not take, static text; NULL for its form
 * @unsupported_sig: the kernel cannot check that signature
 * @self_signed: the signature is by its own key, and good
 * @blacklisted: revoked by the hash of @tbs
 * @signer: within one message: the certificate that signed this one
 * @seen: pkcs7_verify.c's and pkcs7_trust.c's own mark
 * @verified: pkcs7_trust.c's own mark
 */
struct ks_kx509 {
	struct ks_span tbs;
	struct ks_span serial;
	struct ks_span issuer;
	struct ks_span subject;
	char subject_text[KS_KX509_NAME_BYTES];
	struct ks_kid id;
	struct ks_kid skid;
	struct ks_kid auth_id[2];
	struct ks_kpub pub;
	struct ks_ksig sig;
	const char *objection;
	int64_t valid_from;
	int64_t valid_to;
	bool unsupported_sig;
	bool self_signed;
	bool blacklisted;
	struct ks_kx509 *signer;
	bool seen;
	bool verified;
};

/** struct ks_khashes - owned SHA digests of certificates' signed parts that are revoked */
struct ks_khashes {
	struct ks_digest *hash;
	size_t nr_hashes;
};

/**
 * ks_kx509_parse() - as x509_cert_parse()
 * @revoked: "tbs:" hashes of the kernel's blacklist; may be NULL
 * @der: borrowed by @ret_cert; more may follow the certificate, as in the kernel
 * @ret_cert: ks_kx509_done() also after a failure
 *
 * Return: 0; the kernel's -EBADMSG, -ENOPKG, -EINVAL, -EKEYREJECTED, -ENOENT, -EMSGSIZE;
 * -EOPNOTSUPP or -ENOMEM when it cannot be predicted.
 */
int __must_check ks_kx509_parse(const struct ks_kcrypto *crypto, const struct ks_khashes *revoked,
				struct ks_span der, struct ks_kx509 *ret_cert);
void ks_kx509_done(struct ks_kx509 *cert);

/** struct ks_kx509_name - the parts of a name that the kernel shows, borrowed; empty where there is none */
struct ks_kx509_name {
	struct ks_span cn;
	struct ks_span o;
	struct ks_span email;
};

/**
 * ks_kx509_name_text() - x509_fabricate_name()
 * @parts: empty afterwards, so that those of one name do not get into the next
 * @text: KS_KX509_NAME_BYTES
 */
void ks_kx509_name_text(struct ks_kx509_name *parts, char *text);

/** ks_kx509_read_name() - read a Name; its contents are then the reader's value */
void ks_kx509_read_name(struct ks_ber *b);

/** ks_kx509_time_of() - x509_decode_time() of an element. Return: false if it is not a time. */
bool ks_kx509_time_of(u8 tag, struct ks_span value, int64_t *ret_time);

#endif
