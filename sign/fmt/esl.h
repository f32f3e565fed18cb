/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * EFI_SIGNATURE_LIST: what PK, KEK, db and dbx hold (UEFI 2.10, 32.4.1). Any number of
 *
 *   +--------+----------+------------+---------+--------+-------------------------+
 *   | type   | ListSize | HeaderSize | SigSize | header | n * { owner | payload } |
 *   | 16     | u32      | u32        | u32     |        | SigSize bytes each      |
 *   +--------+----------+------------+---------+--------+-------------------------+
 *
 * one after the other. Each X.509 list holds certificates of one length, so mostly one.
 */
#ifndef KS_FMT_ESL_H
#define KS_FMT_ESL_H

#include "base/guid.h"
#include "base/limits.h"

#define KS_ESL_HEADER_BYTES 28
#define KS_ESL_SHA256_BYTES 32

/* Digest and EFI_TIME of revocation, whose zeros mean "whatever it signed, at any time". */
#define KS_ESL_X509_SHA256_BYTES 48

extern const struct ks_guid ks_esl_type_x509, ks_esl_type_sha256;
/* Digests of an image, and of the to-be-signed part of a certificate with a time behind it. */
extern const struct ks_guid ks_esl_type_sha1, ks_esl_type_sha384, ks_esl_type_sha512;
extern const struct ks_guid ks_esl_type_x509_sha256, ks_esl_type_x509_sha384,
	ks_esl_type_x509_sha512;

/**
 * struct ks_esl_list_view - one list, borrowed
 * @off: offset of the list in its file
 * @type: what the payloads are
 * @sig_bytes: owner and payload of one signature, at least 17
 * @nr_sigs: may be 0: SetVariable() takes an empty list, and the variable exists then
 * @sigs: @nr_sigs * @sig_bytes bytes
 */
struct ks_esl_list_view {
	u64 off;
	struct ks_guid type;
	u32 sig_bytes;
	u32 nr_sigs;
	struct ks_span sigs;
};

/**
 * struct ks_esl_type - a kind of payload, by UEFI 2.10, 32.4.1
 * @name: "x509-sha256"
 * @payload_bytes: of each; 0: they differ (certificates)
 */
struct ks_esl_type {
	const char *name;
	const struct ks_guid *guid;
	u32 payload_bytes;
};

/** ks_esl_type_of() - those that SetVariable() takes; NULL for any other */
const struct ks_esl_type *ks_esl_type_of(const struct ks_guid *guid);

/**
 * struct ks_esl_view - all lists of one variable, borrowed
 * @all: their bytes, one after the other
 */
struct ks_esl_view {
	struct ks_span all;
	struct ks_esl_list_view list[KS_MAX_ESL_LISTS];
	size_t nr_lists;
};

/**
 * ks_esl_parse() - read signature lists
 * @in: the whole content of a variable; empty gives no lists
 * @base_off: offset of @in in its file
 * @ret_view: borrows @in
 *
 * Return: 0; -EBADMSG if sizes disagree; -E2BIG above KS_MAX_ESL_LISTS.
 */
int __must_check ks_esl_parse(struct ks_span in, u64 base_off, struct ks_esl_view *ret_view,
			      struct ks_diag *diag);

/**
 * ks_esl_sig() - one signature of a list
 * @idx: below @list->nr_sigs
 * @ret_owner: who enrolled it
 * @ret_payload: certificate or digest, borrowed
 *
 * Return: 0; -EINVAL if there is no such signature.
 */
int __must_check ks_esl_sig(const struct ks_esl_list_view *list, u32 idx, struct ks_guid *ret_owner,
			    struct ks_span *ret_payload, struct ks_diag *diag);

/**
 * ks_esl_check() - would SetVariable() take the form of these lists?
 *
 * It wants types that it knows, and payloads of their size. That a certificate has an RSA key is asked
 * in ops/efi.h.
 *
 * Return: 0; -EKEYREJECTED.
 */
int __must_check ks_esl_check(const struct ks_esl_view *view, struct ks_diag *diag);

/**
 * ks_esl_join() - append lists, without signatures that are there already
 * @lists: what is there; its own bytes stay as they are
 * @more: what is appended. A list keeps its order, and goes if nothing of it is new
 * @ret_nr_left_out: signatures that were there, or twice in @more; may be NULL
 *
 * Two signatures are the same if kind and payload are, whoever enrolled them. EDK2's append compares
 * owners too, and else does the same.
 *
 * Return: 0; -EBADMSG for what is not signature lists; -E2BIG above limits.h; -ENOMEM.
 */
int __must_check ks_esl_join(struct ks_buf *lists, struct ks_span more, size_t *ret_nr_left_out,
			     struct ks_diag *diag);

/**
 * ks_esl_append() - append one list with payloads of one size
 * @payloads: @nr_payloads spans (at least 1), all as long as the first
 *
 * Return: 0; -EINVAL for none, or for different lengths; -E2BIG above 32 bits; -ENOMEM.
 */
int __must_check ks_esl_append(struct ks_buf *out, const struct ks_guid *type,
			       const struct ks_guid *owner, const struct ks_span *payloads,
			       size_t nr_payloads, struct ks_diag *diag);

#endif
