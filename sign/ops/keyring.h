/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The keyring: a manifest says which certificates there are, what their bytes are, and what each is
 * for; from it come the lists that the kernel embeds, and those that firmware enrols.
 *
 * A manifest is text, one certificate per line, '#' starts a comment:
 *
 *   <name>  <SHA-256 of the DER, hex>  <purpose>[,<purpose>]
 *
 * <name>.pem is the certificate's file in the directory of certificates.
 */
#ifndef KS_OPS_KEYRING_H
#define KS_OPS_KEYRING_H

#include "crypto/cert.h"

/* What a certificate is for; a certificate may have several. */
enum ks_purpose {
	KS_PURPOSE_BUILTIN = 0x1, /* the kernel's .builtin_trusted_keys */
	KS_PURPOSE_DB = 0x2,	  /* firmware: may sign what boots */
	KS_PURPOSE_KEK = 0x4,	  /* firmware: may change db and dbx */
	KS_PURPOSE_REVOKED = 0x8, /* kernel's .blacklist and firmware's dbx */
};

#define KS_KEYRING_NAME_BYTES 64

/** ks_purpose_name() - the word of a manifest for one purpose */
const char *ks_purpose_name(unsigned int purpose);

/**
 * struct ks_keyring_entry - one certificate
 * @name: of the manifest, or the file's path when there is no manifest
 * @purposes: KS_PURPOSE_*; 0 when unknown
 * @twice: an earlier entry has the same certificate
 * @fingerprint: SHA-256 of the DER
 */
struct ks_keyring_entry {
	char name[KS_KEYRING_NAME_BYTES];
	unsigned int purposes;
	bool twice;
	struct ks_digest fingerprint;
	struct ks_cert cert;
};

/**
 * struct ks_keyring - zero-initialised is empty
 * @says: purposes that what was loaded can tell: all of a manifest, the two lists of a kernel, none of
 *        a file of certificates
 * @keep_twice: set by who judges a keyring: a certificate that is there already is not refused
 */
struct ks_keyring {
	struct ks_keyring_entry *entry;
	size_t nr_entries;
	unsigned int says;
	bool keep_twice;
};

#define KS_PURPOSES_OF_KERNEL (KS_PURPOSE_BUILTIN | KS_PURPOSE_REVOKED)
#define KS_PURPOSES_OF_FIRMWARE (KS_PURPOSE_DB | KS_PURPOSE_KEK | KS_PURPOSE_REVOKED)

/**
 * ks_keyring_load() - read a manifest and every certificate in it, and compare the fingerprints
 * @certs_dir: directory of the certificates; NULL for "certs" beside the manifest
 * @ret_keyring: owned by the caller, ks_keyring_done()
 *
 * Return: 0; -EKEYREJECTED if a certificate is not the one of the manifest (both hashes are named);
 * -EBADMSG for a bad line, a duplicate, or a file in @certs_dir that is not listed.
 */
int __must_check ks_keyring_load(const char *manifest, const char *certs_dir,
				 struct ks_keyring *ret_keyring, struct ks_diag *diag);

/** ks_keyring_is_manifest() - is the first line of a text that says anything one of a manifest? */
bool ks_keyring_is_manifest(struct ks_span file);

/**
 * ks_keyring_add_cert() - add one certificate
 * @name: copied, its end if it is long
 * @purposes: what it is for
 * Return: 0; -EEXIST for a certificate that is there already; -E2BIG; -ENOMEM.
 */
int __must_check ks_keyring_add_cert(struct ks_keyring *keyring, const char *name,
				     unsigned int purposes, const struct ks_cert *cert,
				     struct ks_diag *diag);

/**
 * ks_keyring_load_any() - the certificates of any file that holds some
 * @path: certificates, a kernel, a variable store, signature lists or a manifest: the content tells
 *        which it is
 * @cert_dir: as ks_keyring_load(), for a manifest
 *
 * Of a kernel, trusted certificates get KS_PURPOSE_BUILTIN, revoked ones KS_PURPOSE_REVOKED, one that
 * is both has both. Of a variable store, those of PK and KEK get KS_PURPOSE_KEK, those of db and dbx
 * KS_PURPOSE_DB and KS_PURPOSE_REVOKED. Signature lists alone do not say what they are for.
 *
 * Return: 0; -EBADMSG if a list holds what is not a certificate, behind which the kernel drops all;
 * what ks_kernel_image_load(), ks_keyring_load() or ks_keyring_add_file() said.
 */
int __must_check ks_keyring_load_any(const char *path, const char *cert_dir,
				     struct ks_keyring *keyring, struct ks_diag *diag);

struct ks_kernel_image;

/** ks_keyring_add_kernel() - the certificates of a kernel that is loaded; @name: of each entry */
int __must_check ks_keyring_add_kernel(struct ks_keyring *keyring, const char *name,
				       const struct ks_kernel_image *image, struct ks_diag *diag);

/**
 * ks_keyring_add_list() - the certificates of one list of a kernel
 * Return: 0; -EBADMSG where it is broken, behind which the kernel drops all.
 */
int __must_check ks_keyring_add_list(struct ks_keyring *keyring, const char *name,
				     unsigned int purpose, struct ks_span list,
				     struct ks_diag *diag);

/**
 * ks_keyring_kernel_name() - what the kernel calls a certificate in /proc/keys
 * @text: "<name>: <key identifier, or serial number, in hex>"; "" if the kernel does not read it
 * Return: 0; -ENOMEM.
 */
int __must_check ks_keyring_kernel_name(const struct ks_cert *cert, char *text, size_t text_bytes,
					struct ks_diag *diag);

/**
 * ks_keyring_add_file() - add the certificates of a PEM bundle
 * @purposes: what they are for
 * Return: 0; -EEXIST for a certificate that is there already.
 */
int __must_check ks_keyring_add_file(struct ks_keyring *keyring, const char *path,
				     unsigned int purposes, struct ks_diag *diag);

/** ks_keyring_done() - accepts an empty one */
void ks_keyring_done(struct ks_keyring *keyring);

/** ks_keyring_find() - the entry with a certificate of that fingerprint; NULL if there is none */
const struct ks_keyring_entry *ks_keyring_find(const struct ks_keyring *keyring,
					       const struct ks_digest *fingerprint);

/** ks_keyring_select() - add the certificates for @purpose to @certs */
int __must_check ks_keyring_select(const struct ks_keyring *keyring, enum ks_purpose purpose,
				   struct ks_certs *certs, struct ks_diag *diag);

/**
 * ks_keyring_check() - may this keyring be embedded into a kernel?
 * @now: seconds since the epoch
 * @allow_dev_keys: development certificates are fine
 *
 * Judges certificates for KS_PURPOSE_BUILTIN (form, validity, no development mark) and
 * KS_PURPOSE_REVOKED (form).
 *
 * Return: 0; -EOPNOTSUPP, -EKEYEXPIRED, or -EKEYREJECTED for a development certificate.
 */
int __must_check ks_keyring_check(const struct ks_keyring *keyring, u64 now, bool allow_dev_keys,
				  struct ks_diag *diag);

/**
 * ks_keyring_publish() - write trusted.pem and revoked.pem into a directory
 * @output_dir: made if it is not there
 *
 * A file whose content is right already is not touched, so that make sees no change. Without
 * revoked certificates revoked.pem is empty; the kernel's extract-cert fails on an empty file, so
 * CONFIG_SYSTEM_REVOCATION_KEYS has to be "" then.
 */
int __must_check ks_keyring_publish(const struct ks_keyring *keyring, const char *output_dir,
				    struct ks_diag *diag);

/**
 * ks_keyring_dev_keys() - make the development keys that are not there yet
 * @output_dir: made with mode 0700 if it is not there
 * @now: start of validity, seconds since the epoch
 * @ret_nr_made: number of new pairs
 *
 * module, uki, pcr, PK and KEK, each as .key (0600) and .pem. The key is written first, so that a key
 * without its certificate is what an interrupted run leaves; such a pair is made again. A pair that
 * is complete is never touched. Only one process at a time makes keys in a directory.
 *
 * Return: 0; -ENOKEY for a certificate whose key is gone; what the system said.
 */
int __must_check ks_keyring_dev_keys(const char *output_dir, u64 now, size_t *ret_nr_made,
				     struct ks_diag *diag);

#endif
