// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/efi_update.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"

static u32 attributes_of(bool append)
{
	return KS_EFI_KEY_ATTRIBUTES | (append ? KS_VAR_APPEND : 0);
}

/* The name without its NUL, as it is signed. */
static int put_name(const struct ks_efi_key *key, struct ks_buf *name, struct ks_span *ret_name,
		    struct ks_diag *diag)
{
	int rc;

	ks_put_utf16(name, key->name);
	rc = ks_buf_ok(name, diag);
	if (!rc && !ks_span_sub(ks_buf_span(name), 0, name->bytes - 2, ret_name))
		rc = ks_fail(diag, -EINVAL, KS_NO_OFF, "variable has no name");
	return rc;
}

static int put_signed(const struct ks_efi_update *update, struct ks_buf *out, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf name = { 0 };
	struct ks_auth_signed what = {
		.vendor = *update->key->vendor,
		.attributes = attributes_of(update->append),
		.payload = update->payload,
	};
	int rc = put_name(update->key, &name, &what.name, diag);

	if (rc)
		return rc;
	memcpy(what.time, update->time, KS_EFI_TIME_BYTES);
	ks_auth_put_signed(out, &what);
	return ks_buf_ok(out, diag);
}

/* @strict: of our own, every certificate is looked at, not only those that EDK2 does */
static int check_payload(const struct ks_efi_update *update, bool strict, size_t *ret_nr_sigs,
			 struct ks_diag *diag)
{
	struct ks_esl_view view;
	size_t i, nr = 0;
	int rc = ks_esl_parse(update->payload, 0, &view, diag);

	for (i = 0; !rc && i < view.nr_lists; i++)
		nr += view.list[i].nr_sigs;
	if (!rc && ret_nr_sigs)
		*ret_nr_sigs = nr;
	if (!rc && update->append && !update->payload.bytes)
		rc = ks_fail(diag, -EKEYREJECTED, KS_NO_OFF, "an update that appends nothing is refused");
	return rc ? rc : ks_efi_check_lists(update->key, &view, strict, diag);
}

int ks_efi_update_put_signed(const struct ks_efi_update *update, struct ks_buf *out,
			     struct ks_diag *diag)
{
	int rc = check_payload(update, true, NULL, diag);

	return rc ? rc : put_signed(update, out, diag);
}

int ks_efi_update_read_signed(struct ks_span file, const struct ks_efi_key *key,
			      struct ks_efi_update *ret_update, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf name = { 0 };
	struct ks_efi_update update = { .key = key };
	struct ks_auth_signed what;
	struct ks_span text = { 0 };
	int rc = put_name(key, &name, &text, diag);

	if (!rc)
		rc = ks_auth_parse_signed(file, text, key->vendor, &what, diag);
	if (!rc)
		rc = ks_efi_time_check(what.time, text.bytes + KS_GUID_BYTES + 4, diag);
	if (rc)
		return rc;
	update.append = what.attributes & KS_VAR_APPEND;
	if (what.attributes != attributes_of(update.append))
		return ks_fail(diag, -EKEYREJECTED, text.bytes + KS_GUID_BYTES,
			       "what is to be signed has other attributes than variables of keys");
	memcpy(update.time, what.time, KS_EFI_TIME_BYTES);
	update.payload = what.payload;
	*ret_update = update;
	return 0;
}

/* Another name is found at offset 0; what is wrong behind the name is wrong with this update. */
int ks_efi_update_read_any(struct ks_span file, struct ks_efi_update *ret_update, struct ks_diag *diag)
{
	struct ks_diag reason = { .err = -EKEYREJECTED,
				  .what = "names no variable of keys, make it with efi auth-prepare" };
	size_t i;

	for (i = 0; i < KS_EFI_NR_KEYS; i++) {
		struct ks_diag why = { 0 };

		if (!ks_efi_update_read_signed(file, &ks_efi_keys[i], ret_update, &why))
			return 0;
		if (why.off)
			reason = why;
	}
	return ks_fail(diag, reason.err, reason.off, reason.what);
}

int ks_efi_update_digest(const struct ks_signer *signer, const struct ks_efi_update *update,
			 struct ks_digest *ret_digest, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf what = { 0 };
	struct ks_span bytes;
	int rc = ks_efi_update_put_signed(update, &what, diag);

	bytes = ks_buf_span(&what);
	if (!rc)
		rc = ks_efi_check_rsa(&signer->cert, diag);
	return rc ? rc : ks_digest_spans(signer->md, &bytes, 1, ret_digest, diag);
}

int ks_efi_update_attach(const struct ks_signer *signer, const struct ks_certs *chain,
			 const struct ks_efi_update *update, struct ks_span sig,
			 struct ks_buf *ret_file, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf cms = { 0 };
	struct ks_digest digest;
	int rc = ks_efi_update_digest(signer, update, &digest, diag);

	if (!rc)
		rc = ks_signer_check(signer, ks_digest_span(&digest), sig, diag);
	if (!rc)
		rc = ks_cms_update_build(signer, chain, sig, &cms, diag);
	return rc ? rc
		  : ks_auth_build(update->time, ks_buf_span(&cms), update->payload, ret_file, diag);
}

int ks_efi_update_sign(const struct ks_signer *signer, const struct ks_certs *chain,
		       const struct ks_efi_update *update, struct ks_buf *ret_file,
		       struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf sig = { 0 };
	struct ks_digest digest;
	int rc = ks_efi_update_digest(signer, update, &digest, diag);

	if (!rc)
		rc = ks_signer_sign(signer, ks_digest_span(&digest), &sig, diag);
	return rc ? rc
		  : ks_efi_update_attach(signer, chain, update, ks_buf_span(&sig), ret_file, diag);
}

void ks_efi_state_done(struct ks_efi_state *state)
{
	ks_buf_done(&state->pk);
	ks_buf_done(&state->kek);
}

/* The content of a variable, or nothing. */
static int copy_var(const struct ks_varstore_view *view, const struct ks_efi_key *key,
		    struct ks_buf *out, struct ks_diag *diag)
{
	struct ks_var var;
	bool found = false;
	int rc = ks_efi_key_find(view, key, &found, &var, diag);

	if (!rc && found)
		ks_put(out, var.data);
	return rc ? rc : ks_buf_ok(out, diag);
}

int ks_efi_state_load(const char *path, const struct ks_efi_key *key,
		      struct ks_efi_state *ret_state, struct ks_diag *diag)
{
	__cleanup(ks_efi_state_done) struct ks_efi_state state = { 0 };
	__cleanup(ks_buf_done) struct ks_buf image = { 0 };
	struct ks_varstore_view view;
	struct ks_var old;
	int rc = ks_file_load(path, KS_MAX_VARSTORE_BYTES, &image, diag);

	if (!rc)
		rc = ks_varstore_parse(ks_buf_span(&image), &view, diag);
	if (!rc)
		rc = copy_var(&view, &ks_efi_keys[0], &state.pk, diag)
			     ?: copy_var(&view, &ks_efi_keys[1], &state.kek, diag)
			     ?: ks_efi_key_find(&view, key, &state.has_old, &old, diag);
	ks_diag_in(diag, path);
	if (rc)
		return rc;
	if (state.has_old) {
		memcpy(state.old_time, old.time, KS_EFI_TIME_BYTES);
		state.old_bytes = old.data.bytes;
	}
	*ret_state = state;
	state = (struct ks_efi_state){ 0 };
	return 0;
}

/* An update and what is signed of it. */
struct claim {
	struct ks_auth_view view;
	struct ks_efi_update update;
	struct ks_buf signed_bytes;
	bool signature_failed;
};

static void claim_done(struct claim *claim)
{
	ks_buf_done(&claim->signed_bytes);
}

/* Does the chain end in a certificate of a list? EDK2 passes over what it cannot read. */
static int search(const struct claim *claim, struct ks_span lists, struct ks_efi_verdict *verdict,
		  struct ks_diag *diag)
{
	struct ks_diag reason = { .err = -ENOKEY, .what = "no chain ends in a trusted certificate" };
	struct ks_esl_view view;
	struct ks_span payload;
	struct ks_guid owner;
	size_t i, nr_certs = 0;
	u32 k;
	int rc = ks_esl_parse(lists, 0, &view, diag);

	if (rc)
		return rc;
	for (i = 0; i < view.nr_lists; i++)
		for (k = 0; k < view.list[i].nr_sigs; k++) {
			__cleanup(ks_cert_done) struct ks_cert cert = { 0 };
			struct ks_diag why = { 0 };

			if (nr_certs++ == KS_MAX_CERTS)
				return ks_fail(diag, -E2BIG, KS_NO_OFF, "KEK has too many certificates");
			if (!ks_guid_eq(&view.list[i].type, &ks_esl_type_x509) ||
			    ks_esl_sig(&view.list[i], k, &owner, &payload, NULL) ||
			    ks_cert_parse_padded(payload, &cert, NULL))
				continue;
			if (!ks_cms_verify_update(claim->view.cms, ks_buf_span(&claim->signed_bytes),
						  &cert, &why)) {
				ks_cert_name(&cert, verdict->signer, sizeof(verdict->signer));
				return 0;
			}
			if (why.err != -ENOKEY)
				reason = why;
		}
	return ks_fail(diag, reason.err, KS_NO_OFF, reason.what);
}

/* In setup mode a new platform key signs itself: its certificate comes first in the lists. */
static int search_new_pk(const struct claim *claim, struct ks_efi_verdict *verdict,
			 struct ks_diag *diag)
{
	__cleanup(ks_cert_done) struct ks_cert cert = { 0 };
	struct ks_span payload = { 0 };
	struct ks_esl_view view;
	struct ks_guid owner;
	int rc = ks_esl_parse(claim->update.payload, 0, &view, diag);

	if (!rc && (!view.nr_lists || ks_esl_sig(&view.list[0], 0, &owner, &payload, NULL) ||
		    ks_cert_parse_padded(payload, &cert, NULL)))
		rc = ks_fail(diag, -EKEYREJECTED, KS_NO_OFF,
			     "update has no certificate of a platform key, which is to sign itself");
	if (!rc)
		rc = ks_cms_verify_update(claim->view.cms, ks_buf_span(&claim->signed_bytes), &cert, diag);
	if (!rc)
		ks_cert_name(&cert, verdict->signer, sizeof(verdict->signer));
	return rc;
}

/* No chain: the signer's certificate is the platform key itself, byte for byte. */
static int search_pk(const struct claim *claim, struct ks_span lists, struct ks_efi_verdict *verdict,
		     struct ks_diag *diag)
{
	__cleanup(ks_cert_done) struct ks_cert signer = { 0 };
	__cleanup(ks_buf_done) struct ks_buf der = { 0 };
	struct ks_span payload = { 0 };
	struct ks_esl_view view;
	struct ks_guid owner;
	int rc = ks_cms_update_signer(claim->view.cms, &signer, diag)
			 ?: ks_cert_der(&signer, &der, diag)
			 ?: ks_esl_parse(lists, 0, &view, diag);

	if (!rc && !view.nr_lists)
		rc = ks_fail(diag, -ENOKEY, KS_NO_OFF, "there is no platform key");
	if (!rc)
		rc = ks_esl_sig(&view.list[0], 0, &owner, &payload, diag);
	if (rc)
		return rc;
	if (!ks_span_eq(payload, ks_buf_span(&der)))
		return ks_fail(diag, -ENOKEY, KS_NO_OFF,
			       "signer's certificate is not the platform key itself");
	rc = ks_cms_verify_update(claim->view.cms, ks_buf_span(&claim->signed_bytes), &signer, diag);
	if (!rc)
		ks_cert_name(&signer, verdict->signer, sizeof(verdict->signer));
	return rc;
}

static int check_signature(const struct claim *claim, const struct ks_efi_state *state, bool setup,
			   struct ks_efi_verdict *verdict, struct ks_diag *diag)
{
	const struct ks_efi_key *key = claim->update.key;
	struct ks_diag by_pk = { 0 };
	int rc;

	if (setup)
		return search_new_pk(claim, verdict, diag);
	if (!search_pk(claim, ks_buf_span(&state->pk), verdict, &by_pk))
		return 0;
	if (!key->by_kek)
		return ks_fail(diag, by_pk.err, by_pk.off, by_pk.what);
	rc = search(claim, ks_buf_span(&state->kek), verdict, diag);
	verdict->by_kek = !rc;
	return rc;
}

static int claim_init(struct claim *claim, const struct ks_efi_key *key, bool append,
		      struct ks_diag *diag)
{
	claim->update = (struct ks_efi_update){ .key = key,
						.append = append,
						.payload = claim->view.payload };
	memcpy(claim->update.time, claim->view.time, KS_EFI_TIME_BYTES);
	ks_buf_clear(&claim->signed_bytes);
	return put_signed(&claim->update, &claim->signed_bytes, diag);
}

/*
 * Name and attributes are signed, but not in the file: if the signature holds for others than were
 * asked about, these are most likely what was meant.
 */
static int hint(struct claim *claim, const struct ks_efi_state *state, bool setup,
		struct ks_diag *diag)
{
	const struct ks_efi_update asked = claim->update;
	struct ks_efi_verdict none = { 0 };
	char option[64];
	size_t i;

	for (i = 0; i < 2 * KS_EFI_NR_KEYS; i++) {
		const struct ks_efi_key *key = &ks_efi_keys[i / 2];

		if ((key == asked.key && (i & 1) == asked.append) ||
		    claim_init(claim, key, i & 1, NULL) ||
		    check_signature(claim, state, setup, &none, NULL))
			continue;
		snprintf(option, sizeof(option), "--name %s%s", key->name, i & 1 ? " --append" : "");
		return ks_fail_detail(diag, -EKEYREJECTED,
				      "signature is of another variable or for another use", option);
	}
	return 0;
}

static int check_sizes(const struct ks_efi_update *update, const struct ks_efi_state *state,
		       struct ks_diag *diag)
{
	u64 bytes = 60 + 2 * (strlen(update->key->name) + 1) + (u64)update->payload.bytes;

	if (update->append)
		bytes += state->old_bytes;
	if (bytes > KS_OVMF_MAX_VAR_BYTES)
		return ks_fail(diag, -EKEYREJECTED, KS_NO_OFF,
			       "variable would be larger than OVMF's limit of 33 KiB");
	return 0;
}

static int check_time(const struct claim *claim, const struct ks_efi_state *state,
		      struct ks_diag *diag)
{
	char text[KS_EFI_TIME_TEXT_BYTES];

	if (!state->has_old || claim->update.append ||
	    ks_efi_time_cmp(claim->view.time, state->old_time) > 0)
		return 0;
	ks_efi_time_format(state->old_time, text);
	return ks_fail_detail(diag, -EKEYREJECTED,
			      "update is not younger than the variable, sign it anew", text);
}

/* What setup mode asks of all but the platform key is the form of the lists. */
static int judge(struct claim *claim, const struct ks_efi_state *state, bool setup,
		 struct ks_efi_verdict *verdict, struct ks_diag *diag)
{
	const struct ks_efi_update *update = &claim->update;
	int rc = check_payload(update, false, &verdict->nr_sigs, diag)
			 ?: check_sizes(update, state, diag);

	if (rc || (setup && !update->key->is_pk))
		return rc;
	rc = ks_auth_check(&claim->view, diag);
	if (!rc && !setup)
		rc = check_time(claim, state, diag);
	if (!rc)
		rc = ks_cms_update_check(claim->view.cms, diag);
	if (rc)
		return rc;
	rc = check_signature(claim, state, setup, verdict, diag);
	claim->signature_failed = rc != 0;
	return rc;
}

int ks_efi_update_judge(struct ks_span file, const struct ks_efi_key *key, bool append,
			const struct ks_efi_state *state, struct ks_efi_verdict *ret_verdict,
			struct ks_diag *diag)
{
	__cleanup(claim_done) struct claim claim = { 0 };
	struct ks_efi_verdict verdict = { 0 }, in_setup = { 0 };
	struct ks_diag reason = { 0 };
	bool setup = !state->pk.bytes;
	int rc = ks_auth_parse(file, &claim.view, diag);

	if (!rc)
		rc = claim_init(&claim, key, append, diag);
	if (rc)
		return rc;
	memcpy(verdict.time, claim.view.time, KS_EFI_TIME_BYTES);
	/* It knows no older content. */
	rc = judge(&claim, &(struct ks_efi_state){ 0 }, true, &in_setup, &verdict.setup);
	if (rc == -ENOMEM)
		return ks_fail(diag, rc, KS_NO_OFF, "out of memory");
	claim.signature_failed = false;
	rc = judge(&claim, state, setup, &verdict, &reason);
	*ret_verdict = verdict;
	if (!rc)
		return 0;
	if (rc != -ENOMEM && rc != -E2BIG) {
		if (claim.signature_failed && hint(&claim, state, setup, diag))
			return -EKEYREJECTED;
		reason.err = -EKEYREJECTED;
	}
	if (diag && !diag->err)
		*diag = reason;
	return reason.err;
}
