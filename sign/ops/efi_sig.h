/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One signature of a signature list, read for a person.
 */
#ifndef KS_OPS_EFI_SIG_H
#define KS_OPS_EFI_SIG_H

#include "crypto/cert.h"
#include "fmt/esl.h"

/**
 * struct ks_efi_sig - owned
 * @kind: "x509", "sha256", "svn"; "unknown" for a type that SetVariable() does not take
 * @owner: who enrolled it
 * @hex: fingerprint of the certificate, or the digest; "" for what is neither
 * @cert: empty if it is none
 */
struct ks_efi_sig {
	const char *kind;
	char owner[KS_GUID_TEXT_BYTES];
	char hex[2 * KS_DIGEST_MAX_BYTES + 1];
	struct ks_cert cert;
};

/** ks_efi_sig_read() - @ret_sig: ks_efi_sig_done(). Return: 0; -EBADMSG for what is no certificate. */
int __must_check ks_efi_sig_read(const struct ks_esl_list_view *list, u32 idx,
				 struct ks_efi_sig *ret_sig, struct ks_diag *diag);

void ks_efi_sig_done(struct ks_efi_sig *sig);

#endif
