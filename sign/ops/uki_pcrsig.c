// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/uki_pcrsig.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "crypto/base64.h"

#define PCR 11

static void put_json(json_object **obj)
{
	json_object_put(*obj);
	*obj = NULL;
}

/* A field that is text: no number that prints like one, and no escaped NUL that hides its rest. */
static const char *get_text(const json_object *entry, const char *name)
{
	json_object *field = json_object_object_get(entry, name);
	const char *text = json_object_get_string(field);

	if (!json_object_is_type(field, json_type_string) || !text ||
	    strlen(text) != (size_t)json_object_get_string_len(field))
		return NULL;
	return text;
}

/* The SHA-256 that a field holds in hex. */
static bool get_sha256(const json_object *entry, const char *name, struct ks_digest *ret)
{
	const char *text = get_text(entry, name);
	__cleanup(ks_buf_done) struct ks_buf bytes = { 0 };
	struct ks_digest d = { .bytes = 32 };

	if (!text || !ks_unhex(text, &bytes) || bytes.bytes != d.bytes)
		return false;
	memcpy(d.value, bytes.p, d.bytes);
	*ret = d;
	return true;
}

static bool is_about_pcr11(const json_object *entry)
{
	json_object *pcrs = json_object_object_get(entry, "pcrs"), *first;

	if (!json_object_is_type(pcrs, json_type_array) || json_object_array_length(pcrs) != 1)
		return false;
	first = json_object_array_get_idx(pcrs, 0);
	return json_object_is_type(first, json_type_int) && json_object_get_int(first) == PCR;
}

static int parse_entry(const json_object *entry, struct ks_pcrsig *ret, struct ks_diag *diag)
{
	const char *sig;

	if (!json_object_is_type(entry, json_type_object) ||
	    !get_sha256(entry, "pkfp", &ret->key) || !get_sha256(entry, "pol", &ret->policy))
		return ks_fail(diag, -EBADMSG, KS_NO_OFF,
			       ".pcrsig entry lacks pkfp or pol of 32 bytes in hex");
	sig = get_text(entry, "sig");
	if (!sig)
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, ".pcrsig entry lacks sig");
	return ks_base64_get(ks_span_str(sig), &ret->sig, diag);
}

static json_object *parse_json(struct ks_span text)
{
	json_tokener *tok = json_tokener_new();
	json_object *doc = NULL;

	/* The specification ends the text with a NUL, systemd's tools write none. */
	while (text.bytes && !text.p[text.bytes - 1])
		text.bytes--;
	/* One inside would end it for json-c, whatever follows. */
	if (tok && text.bytes && text.bytes <= KS_MAX_TEXT_BYTES &&
	    !memchr(text.p, 0, text.bytes)) {
		json_tokener_set_flags(tok, JSON_TOKENER_STRICT);
		doc = json_tokener_parse_ex(tok, (const char *)text.p, (int)text.bytes);
	}
	if (tok)
		json_tokener_free(tok);
	return doc;
}

static int parse_bank(const json_object *array, const struct ks_uki_bank *bank, struct ks_pcrsigs *sigs,
		      struct ks_diag *diag)
{
	size_t i, nr = json_object_array_length(array);
	int rc = 0;

	if (nr > KS_UKI_MAX_POLICIES - sigs->nr_entries)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, ".pcrsig has over 1024 signatures");
	for (i = 0; i < nr && !rc; i++) {
		const json_object *entry = json_object_array_get_idx(array, i);

		if (!is_about_pcr11(entry))
			continue;
		sigs->entry[sigs->nr_entries].bank = bank;
		rc = parse_entry(entry, &sigs->entry[sigs->nr_entries++], diag);
	}
	return rc;
}

int ks_pcrsigs_parse(struct ks_span json, struct ks_pcrsigs *ret_sigs, struct ks_diag *diag)
{
	__cleanup(put_json) json_object *doc = parse_json(json);
	__cleanup(ks_pcrsigs_done) struct ks_pcrsigs sigs = { 0 };
	size_t i, nr_banks = 0;
	int rc = 0;

	sigs.entry = calloc(KS_UKI_MAX_POLICIES, sizeof(*sigs.entry));
	if (!sigs.entry)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	for (i = 0; i < KS_UKI_NR_BANKS && !rc && json_object_is_type(doc, json_type_object); i++) {
		json_object *array = NULL;

		if (!json_object_object_get_ex(doc, ks_uki_banks[i].name, &array))
			continue;
		nr_banks++;
		rc = json_object_is_type(array, json_type_array) ?
			     parse_bank(array, &ks_uki_banks[i], &sigs, diag) :
			     ks_fail_detail(diag, -EBADMSG, ".pcrsig has a bank that is no array", ks_uki_banks[i].name);
	}
	if (!rc && !nr_banks)
		rc = ks_fail(diag, -EBADMSG, KS_NO_OFF, ".pcrsig is not a JSON object with an array \"sha256\" or of another bank");
	if (rc)
		return rc;
	*ret_sigs = sigs;
	sigs = (struct ks_pcrsigs){ 0 };
	return 0;
}

void ks_pcrsigs_done(struct ks_pcrsigs *sigs)
{
	size_t i;

	for (i = 0; i < sigs->nr_entries; i++)
		ks_buf_done(&sigs->entry[i].sig);
	free(sigs->entry);
	*sigs = (struct ks_pcrsigs){ 0 };
}

static void add_string(json_object *to, const char *name, struct ks_span text)
{
	json_object_object_add(to, name, json_object_new_string_len((const char *)text.p, (int)text.bytes));
}

static void add_hex(json_object *to, const char *name, const struct ks_digest *d)
{
	char hex[2 * KS_DIGEST_MAX_BYTES + 1];

	ks_hex(ks_digest_span(d), hex, sizeof(hex));
	add_string(to, name, ks_span_str(hex));
}

static int add_entry(json_object *bank, const struct ks_uki_policy *policy,
		     const struct ks_digest *key, struct ks_span sig, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	json_object *entry = json_object_new_object(), *pcrs = json_object_new_array();
	int rc;

	ks_base64_put(&text, sig);
	rc = ks_buf_ok(&text, diag);
	if (rc || !entry || !pcrs || json_object_array_add(pcrs, json_object_new_int(PCR))) {
		json_object_put(entry);
		json_object_put(pcrs);
		return rc ? rc : ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	}
	json_object_object_add(entry, "pcrs", pcrs);
	add_hex(entry, "pkfp", key);
	add_hex(entry, "pol", &policy->policy);
	add_string(entry, "sig", ks_buf_span(&text));
	json_object_array_add(bank, entry);
	return 0;
}

/* The array of a bank, made when it is asked for first. */
static json_object *bank_array(json_object *doc, const char *name)
{
	json_object *array = NULL;

	if (json_object_object_get_ex(doc, name, &array))
		return array;
	array = json_object_new_array();
	if (array && json_object_object_add(doc, name, array)) {
		json_object_put(array);
		return NULL;
	}
	return array;
}

static int build_one(const struct ks_pubkey *key, const struct ks_digest *fingerprint,
		     const struct ks_uki_policies *policies, u32 profile, const struct ks_span *sig,
		     struct ks_buf *out, struct ks_diag *diag)
{
	__cleanup(put_json) json_object *doc = json_object_new_object();
	size_t i;
	int rc = 0;

	for (i = 0; i < policies->nr_policies && !rc; i++) {
		const struct ks_uki_policy *p = &policies->policy[i];
		json_object *bank;

		if (p->profile != profile)
			continue;
		bank = doc ? bank_array(doc, p->bank->name) : NULL;
		if (!bank)
			return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
		rc = ks_pubkey_verify(key, &p->tbs, sig[i], diag);
		if (!rc)
			rc = add_entry(bank, p, fingerprint, sig[i], diag);
	}
	if (rc)
		return rc;
	/* base64 has slashes, which JSON need not escape and systemd does not. */
	ks_put_str(out, json_object_to_json_string_ext(doc, JSON_C_TO_STRING_PLAIN |
							   JSON_C_TO_STRING_NOSLASHESCAPE));
	return ks_buf_ok(out, diag);
}

int ks_pcrsigs_build(const struct ks_pubkey *key, const struct ks_uki_policies *policies,
		     const struct ks_span *sig, struct ks_buf *out, struct ks_span *ret_json,
		     struct ks_diag *diag)
{
	size_t end[KS_MAX_PE_SECTIONS] = { 0 }, start = out->bytes;
	struct ks_digest fingerprint = { 0 };
	u32 i, nr_profiles;
	int rc = ks_pubkey_fingerprint(key, &fingerprint, diag);

	if (rc)
		return rc;
	if (!policies->nr_policies)
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "no boot phase to sign a policy for");
	nr_profiles = policies->policy[policies->nr_policies - 1].profile + 1;
	if (nr_profiles > KS_MAX_PE_SECTIONS)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "image would have over 512 sections");
	for (i = 0; i < nr_profiles; i++) {
		rc = build_one(key, &fingerprint, policies, i, sig, out, diag);
		if (rc)
			return rc;
		end[i] = out->bytes;
	}
	/* Only now: appending may move the text. */
	for (i = 0; i < nr_profiles; i++) {
		if (!ks_span_sub(ks_buf_span(out), start, end[i] - start, &ret_json[i]))
			return ks_fail(diag, -EINVAL, KS_NO_OFF, "policy text moved");
		start = end[i];
	}
	return 0;
}

int ks_uki_check_pcr_key(const struct ks_pubkey *key, struct ks_diag *diag)
{
	const struct ks_sigalg *alg = ks_pubkey_alg(key);

	if (!alg || !(alg->takes & KS_SIGN_PCR))
		return ks_fail(diag, -EOPNOTSUPP, KS_NO_OFF,
			       "PCR key is not RSA of 2048, 3072 or 4096 bits, as a TPM takes it");
	return 0;
}
