// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/efi_sig.h"

#include "base/hex.h"
#include "ops/dbx_json.h"

void ks_efi_sig_done(struct ks_efi_sig *sig)
{
	ks_cert_done(&sig->cert);
}

int ks_efi_sig_read(const struct ks_esl_list_view *list, u32 idx, struct ks_efi_sig *ret_sig,
		    struct ks_diag *diag)
{
	const struct ks_esl_type *type = ks_esl_type_of(&list->type);
	__cleanup(ks_efi_sig_done) struct ks_efi_sig sig = { .kind = type ? type->name : "unknown" };
	struct ks_digest fingerprint;
	struct ks_span payload;
	struct ks_guid owner;
	int rc = ks_esl_sig(list, idx, &owner, &payload, diag);

	if (rc)
		return rc;
	ks_guid_format(&owner, sig.owner);
	if (ks_guid_eq(&list->type, &ks_esl_type_x509)) {
		rc = ks_cert_parse_padded(payload, &sig.cert, diag)
			     ?: ks_cert_fingerprint(&sig.cert, &fingerprint, diag);
		if (rc)
			return rc;
		ks_hex(ks_digest_span(&fingerprint), sig.hex, sizeof(sig.hex));
	} else if (type && payload.bytes <= KS_DIGEST_MAX_BYTES) {
		ks_hex(payload, sig.hex, sizeof(sig.hex));
		if (ks_guid_eq(&owner, &ks_dbx_owner_svn))
			sig.kind = "svn";
	}
	*ret_sig = sig;
	sig.cert.x509 = NULL;
	return 0;
}
