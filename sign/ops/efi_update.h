/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Signed updates of the variables that hold keys: what is signed, the signature around it, and whether
 * firmware would take one.
 */
#ifndef KS_OPS_EFI_UPDATE_H
#define KS_OPS_EFI_UPDATE_H

#include "crypto/cms.h"
#include "fmt/auth.h"
#include "ops/efi_key.h"

/*
 * The largest variable with authentication of OVMF and AAVMF (PcdMaxAuthVariableSize), its header of 60
 * bytes and its name included.
 */
#define KS_OVMF_MAX_VAR_BYTES 0x8400U

/**
 * struct ks_efi_update - what an update does; a file does not say all of it
 * @append: joins what is there, else it replaces it
 * @payload: signature lists, borrowed; empty deletes the variable
 */
struct ks_efi_update {
	const struct ks_efi_key *key;
	bool append;
	u8 time[KS_EFI_TIME_BYTES];
	struct ks_span payload;
};

/**
 * ks_efi_update_put_signed() - append the bytes that are signed
 * Return: 0; -EKEYREJECTED for a content that SetVariable() would refuse; -EBADMSG for what is not
 * signature lists; -ENOMEM.
 */
int __must_check ks_efi_update_put_signed(const struct ks_efi_update *update, struct ks_buf *out,
					  struct ks_diag *diag);

/**
 * ks_efi_update_read_signed() - the reverse, of a file
 * @key: the variable that it must be for
 * @ret_update: borrows @file
 * Return: 0; -EBADMSG; -EKEYREJECTED for another variable or other attributes.
 */
int __must_check ks_efi_update_read_signed(struct ks_span file, const struct ks_efi_key *key,
					   struct ks_efi_update *ret_update, struct ks_diag *diag);

/**
 * ks_efi_update_read_any() - ks_efi_update_read_signed() for whichever variable @file is for
 * Return: 0; -EBADMSG; -EKEYREJECTED for none of @ks_efi_keys.
 */
int __must_check ks_efi_update_read_any(struct ks_span file, struct ks_efi_update *ret_update,
					struct ks_diag *diag);

/**
 * ks_efi_update_digest() - what has to be signed
 * @signer: may have no key
 * Return: 0; -EOPNOTSUPP for another kind of key than RSA; what ks_efi_update_put_signed() said.
 */
int __must_check ks_efi_update_digest(const struct ks_signer *signer, const struct ks_efi_update *update,
				      struct ks_digest *ret_digest, struct ks_diag *diag);

/**
 * ks_efi_update_attach() - an update and its signature
 * @signer: may have no key; its certificate must have an RSA key, and its digest is SHA-256
 * @chain: certificates to embed beside the signer's
 * @sig: raw signature from anywhere; checked against @signer
 * @ret_file: owned by the caller
 *
 * Return: 0; -EKEYREJECTED if the signature is of something else; -EOPNOTSUPP for another kind of key;
 * what ks_efi_update_put_signed() said.
 */
int __must_check ks_efi_update_attach(const struct ks_signer *signer, const struct ks_certs *chain,
				      const struct ks_efi_update *update, struct ks_span sig,
				      struct ks_buf *ret_file, struct ks_diag *diag);

/** ks_efi_update_sign() - sign with @signer's key, then ks_efi_update_attach() */
int __must_check ks_efi_update_sign(const struct ks_signer *signer, const struct ks_certs *chain,
				    const struct ks_efi_update *update, struct ks_buf *ret_file,
				    struct ks_diag *diag);

/**
 * struct ks_efi_state - what of a machine's variables decides about an update; owned
 * @pk, @kek: signature lists, as the variables have them; an empty @pk is setup mode
 * @has_old: the variable that is updated is there
 * @old_time: its time
 * @old_bytes: its size
 */
struct ks_efi_state {
	struct ks_buf pk, kek;
	bool has_old;
	u8 old_time[KS_EFI_TIME_BYTES];
	size_t old_bytes;
};

/** ks_efi_state_load() - out of a variable store. Return: 0; what ks_varstore_parse() said. */
int __must_check ks_efi_state_load(const char *path, const struct ks_efi_key *key,
				   struct ks_efi_state *ret_state, struct ks_diag *diag);

/** ks_efi_state_done() - accepts an empty one */
void ks_efi_state_done(struct ks_efi_state *state);

/**
 * struct ks_efi_verdict - what firmware makes of an update
 * @time: of the update
 * @nr_sigs: signatures in its lists
 * @signer: name of the certificate of PK or KEK that the chain ends in; "" if none was asked for
 * @by_kek: it is one of KEK
 * @setup: why setup mode would refuse it; err is 0 if it would not
 */
struct ks_efi_verdict {
	u8 time[KS_EFI_TIME_BYTES];
	size_t nr_sigs;
	char signer[128];
	bool by_kek;
	struct ks_diag setup;
};

/**
 * ks_efi_update_judge() - would SetVariable() of OVMF take this file?
 * @file: as EDK2 gets it
 * @state: of the machine; without a platform key it is in setup mode
 * @ret_verdict: also filled if it would not, if @file could be read
 *
 * As AuthVariableLib of EDK2 does it, in standard mode and with nobody at the machine. Refused is also
 * what OVMF 2025.02 takes and 2022.11 does not.
 *
 * Return: 0; -EKEYREJECTED; -EBADMSG, -E2BIG for what cannot be read.
 */
int __must_check ks_efi_update_judge(struct ks_span file, const struct ks_efi_key *key, bool append,
				     const struct ks_efi_state *state,
				     struct ks_efi_verdict *ret_verdict, struct ks_diag *diag);

#endif
