/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The variables that hold keys of Secure Boot: which there are, what they hold, who may change them.
 */
#ifndef KS_OPS_EFI_KEY_H
#define KS_OPS_EFI_KEY_H

#include "crypto/cert.h"
#include "fmt/esl.h"
#include "fmt/varstore.h"

/* What they all have; an update that appends has KS_VAR_APPEND too. */
#define KS_EFI_KEY_ATTRIBUTES \
	(KS_VAR_NON_VOLATILE | KS_VAR_BOOT_SERVICE | KS_VAR_RUNTIME | KS_VAR_TIME_AUTH)

/**
 * struct ks_efi_key - a variable of signature lists (UEFI 2.10, 32.3)
 * @is_pk: holds one certificate, which signs its own updates
 * @by_kek: KEK may sign its updates too, not only PK
 */
struct ks_efi_key {
	const char *name;
	const struct ks_guid *vendor;
	bool is_pk;
	bool by_kek;
};

#define KS_EFI_NR_KEYS 5U
extern const struct ks_efi_key ks_efi_keys[KS_EFI_NR_KEYS];

/* Their names, for an option. */
#define KS_EFI_KEY_OPTION "PK|KEK|db|dbx|dbt"

/** ks_efi_key_named() - Return: 0; -EINVAL for another name. */
int __must_check ks_efi_key_named(const char *name, const struct ks_efi_key **ret_key,
				  struct ks_diag *diag);

/** ks_efi_key_of() - the row of a variable of a store; NULL for any other */
const struct ks_efi_key *ks_efi_key_of(const struct ks_var *var);

/** ks_efi_key_find() - ks_varstore_find() of one of them */
int __must_check ks_efi_key_find(const struct ks_varstore_view *view, const struct ks_efi_key *key,
				 bool *ret_found, struct ks_var *ret_var, struct ks_diag *diag);

/**
 * ks_efi_parse_lists() - ks_esl_parse() of a file as systems and vendors give it
 * @file: the lists alone; behind the 4 bytes of attributes of efivarfs; or behind the time and
 *        signature of an update (.auth, EFI_VARIABLE_AUTHENTICATION_2), which is not verified
 */
int __must_check ks_efi_parse_lists(struct ks_span file, struct ks_esl_view *ret_view,
				    struct ks_diag *diag);

/** ks_efi_certs() - append the certificates of lists, in their order. Return: 0; -EBADMSG; -E2BIG; -ENOMEM. */
int __must_check ks_efi_certs(const struct ks_esl_view *lists, struct ks_certs *certs, struct ks_diag *diag);

/* SignatureOwner of what kseal enrols; made at random. */
extern const struct ks_guid ks_efi_owner;

/**
 * ks_efi_check_rsa() - has the certificate an RSA key?
 *
 * SetVariable() answers INVALID_PARAMETER to any other; a store that has one cannot be changed again.
 *
 * Return: 0; -EOPNOTSUPP.
 */
int __must_check ks_efi_check_rsa(const struct ks_cert *cert, struct ks_diag *diag);

/**
 * ks_efi_check_lists() - would SetVariable() take these lists as the content of @key?
 * @strict: look at every certificate; EDK2 looks at the first one of a list
 * Return: 0; -EKEYREJECTED.
 */
int __must_check ks_efi_check_lists(const struct ks_efi_key *key, const struct ks_esl_view *view,
				    bool strict, struct ks_diag *diag);

/** ks_efi_put_certs() - append one X.509 list for each certificate: a list holds one length only */
int __must_check ks_efi_put_certs(struct ks_buf *out, const struct ks_guid *owner,
				  const struct ks_certs *certs, struct ks_diag *diag);

/**
 * ks_efi_put_digests() - append one list
 * @digests: of the type's size, one after the other; empty: no list
 */
int __must_check ks_efi_put_digests(struct ks_buf *out, const struct ks_guid *type,
				    const struct ks_guid *owner, struct ks_span digests,
				    struct ks_diag *diag);

#endif
