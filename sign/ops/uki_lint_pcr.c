// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Rules about signed PCR policies: a policy that the machine never reaches, or that another key
 * signed, locks people out of their disk at the next boot.
 */
#include <errno.h>
#include <string.h>

#include "ops/uki_lint.h"
#include "ops/uki_lint_internal.h"

/* Where systemd stops to extend: a policy for anything else is somebody's own phase. */
static const char *const known_paths[] = {
	"",
	"enter-initrd",
	"enter-initrd:leave-initrd",
	"enter-initrd:leave-initrd:sysinit",
	"enter-initrd:leave-initrd:sysinit:ready",
	"enter-initrd:leave-initrd:sysinit:ready:shutdown",
	"enter-initrd:leave-initrd:sysinit:ready:shutdown:final",
	/* since 258 */
	"enter-initrd:factory-reset",
	"enter-initrd:leave-initrd:sysinit:factory-reset",
	"enter-initrd:leave-initrd:sysinit:ready:factory-reset",
	"enter-initrd:storage-target-mode-start",
	"enter-initrd:storage-target-mode-start:storage-target-mode-stop",
};

/* The policies that a profile goes through; none if it is not known what its stub measures. */
struct reached {
	struct ks_uki_policy policy[KS_ARRAY_SIZE(known_paths)];
	size_t nr;
};

static const struct ks_uki_section *find(const struct ks_uki_linting *l, const char *name)
{
	return ks_uki_find(&l->image, l->profile, name);
}

void ks_uki_lint_pcrpkey(struct ks_uki_linting *l)
{
	__cleanup(ks_pubkey_done) struct ks_pubkey key = { 0 };
	const struct ks_uki_section *s = find(l, ".pcrpkey");

	if (!s)
		return;
	if (ks_pubkey_parse(s->data, &key, NULL))
		ks_uki_found(l, s, ".pcrpkey is no public key in PEM", NULL);
	else if (ks_uki_check_pcr_key(&key, NULL))
		ks_uki_found(l, s, ".pcrpkey is no RSA key that a TPM takes", NULL);
}

void ks_uki_lint_pcrpkey_size(struct ks_uki_linting *l)
{
	__cleanup(ks_pubkey_done) struct ks_pubkey key = { 0 };
	const struct ks_uki_section *s = find(l, ".pcrpkey");

	if (s && !ks_pubkey_parse(s->data, &key, NULL) && ks_pubkey_rsa_bits(&key) > 2048)
		ks_uki_found(l, s, ".pcrpkey is over 2048 bits, which few TPMs verify", NULL);
}

void ks_uki_lint_no_pcrsig(struct ks_uki_linting *l)
{
	if (find(l, ".pcrpkey") && !find(l, ".pcrsig"))
		ks_uki_found(l, find(l, ".pcrpkey"), ".pcrpkey without .pcrsig, nothing is signed", NULL);
}

static void find_reached(const struct ks_uki_linting *l, struct reached *ret)
{
	size_t i;

	ret->nr = 0;
	for (i = 0; i < KS_ARRAY_SIZE(known_paths); i++)
		if (!ks_uki_policy_at(&l->image, l->profile, known_paths[i], &ret->policy[i], NULL))
			ret->nr = i + 1;
}

static bool is_reached(const struct reached *reached, const struct ks_digest *policy)
{
	size_t i;

	for (i = 0; i < reached->nr; i++)
		if (ks_span_eq(ks_digest_span(policy),
			       ks_digest_span(&reached->policy[i].policy)))
			return true;
	return false;
}

int ks_uki_check_phases(const struct ks_uki_policies *policies, struct ks_diag *diag)
{
	size_t i, k;

	for (i = 0; i < policies->nr_policies; i++)
		for (k = 0; k < KS_ARRAY_SIZE(known_paths); k++)
			if (!strcmp(policies->policy[i].phases, known_paths[k]))
				return 0;
	return ks_fail_detail(diag, -EBADMSG, KS_UKI_NEVER_REACHED,
			      policies->nr_policies ? policies->policy[0].phases : "");
}

static bool is_signed_by(const struct ks_pubkey *key, const struct ks_pcrsig *sig)
{
	struct ks_digest fingerprint = { 0 }, tbs = { 0 };

	return !ks_pubkey_fingerprint(key, &fingerprint, NULL) &&
	       ks_span_eq(ks_digest_span(&fingerprint), ks_digest_span(&sig->key)) &&
	       !ks_sha256(ks_digest_span(&sig->policy), &tbs, NULL) &&
	       !ks_pubkey_verify(key, &tbs, ks_buf_span(&sig->sig), NULL);
}

void ks_uki_lint_pcrsig(struct ks_uki_linting *l)
{
	const struct ks_uki_section *s = find(l, ".pcrsig"), *pkey = find(l, ".pcrpkey");
	__cleanup(ks_pcrsigs_done) struct ks_pcrsigs sigs = { 0 };
	__cleanup(ks_pubkey_done) struct ks_pubkey key = { 0 };
	struct reached reached;
	bool is_any = false;
	size_t i;

	if (!s)
		return;
	if (ks_pcrsigs_parse(s->data, &sigs, NULL)) {
		ks_uki_found(l, s, ".pcrsig is not the JSON that systemd reads", NULL);
		return;
	}
	if (!pkey)
		ks_uki_found(l, s, ".pcrsig without .pcrpkey, nobody knows whose it is", NULL);
	else if (ks_pubkey_parse(pkey->data, &key, NULL))
		return;
	find_reached(l, &reached);
	for (i = 0; i < sigs.nr_entries; i++) {
		is_any |= is_reached(&reached, &sigs.entry[i].policy);
		if (key.pkey && !is_signed_by(&key, &sigs.entry[i])) {
			ks_uki_found(l, s, ".pcrsig has a signature that is not by .pcrpkey", NULL);
			break;
		}
	}
	/* A stub that is not known here has a rule of its own. */
	if (!is_any && i == sigs.nr_entries && reached.nr)
		ks_uki_found(l, s, KS_UKI_NEVER_REACHED, NULL);
}

void ks_uki_lint_pcrsig_phase(struct ks_uki_linting *l)
{
	const struct ks_uki_section *s = find(l, ".pcrsig");
	__cleanup(ks_pcrsigs_done) struct ks_pcrsigs sigs = { 0 };
	struct reached reached;
	size_t i, nr_reached = 0;

	if (!s || ks_pcrsigs_parse(s->data, &sigs, NULL))
		return;
	find_reached(l, &reached);
	for (i = 0; i < sigs.nr_entries; i++)
		nr_reached += is_reached(&reached, &sigs.entry[i].policy);
	if (nr_reached && nr_reached < sigs.nr_entries)
		ks_uki_found(l, s, ".pcrsig has a policy for no boot phase of systemd", NULL);
}
