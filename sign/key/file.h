/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Keys in files that are not PEM, and the question for their passphrase. Only key/ includes this.
 */
#ifndef KS_KEY_FILE_H
#define KS_KEY_FILE_H

#include "key/key.h"

/**
 * struct ks_asking - what OpenSSL's callback needs, and what it says back
 * @path: names the file in the question
 * @asked: there was a question
 * @rc: what became of it
 */
struct ks_asking {
	const struct ks_pass_source *pass;
	const char *path;
	struct ks_diag *diag;
	bool asked;
	int rc;
};

/** ks_asking_answer() - a pem_password_cb with a struct ks_asking as its data */
int ks_asking_answer(char *text, int text_bytes, int is_writing, void *data);

/**
 * ks_der_read() - PKCS#8, encrypted or not, or the traditional form of a kind of key
 * Return: owned by the caller; NULL with OpenSSL's reason in its queue, or with that of @asking.
 */
EVP_PKEY *ks_der_read(struct ks_span der, struct ks_asking *asking);

/**
 * ks_p12_read() - the key and the certificates of a PKCS#12 file
 * @ret_pkey, @ret_certs: owned by the caller; NULL if there is none
 *
 * Nobody is asked where the file has no passphrase.
 *
 * Return: 0; -EACCES for a wrong passphrase; -EOPNOTSUPP for the ciphers of old files.
 */
int __must_check ks_p12_read(struct ks_span der, const char *path, const struct ks_pass_source *pass,
			     EVP_PKEY **ret_pkey, STACK_OF(X509) * *ret_certs, struct ks_diag *diag);

#endif
