// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/audit_signers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "kernel/rules.h"
#include "ops/keyring.h"

static const char *const signs_names[KS_NR_SIGNS] = {
	"modules", "kexec images", "IPE policies", "dm-verity roots", "IMA policies and files", "keys of IMA", "UKIs and addons",
};

const char *ks_signs_name(unsigned int idx)
{
	return signs_names[idx];
}

const char *ks_ring_name(enum ks_signer_ring ring)
{
	static const char *const names[KS_NR_RINGS] = {
		[KS_RING_BUILTIN] = ".builtin_trusted_keys",
		[KS_RING_SECONDARY] = ".secondary_trusted_keys",
		[KS_RING_MACHINE] = ".machine",
		[KS_RING_PLATFORM] = ".platform",
		[KS_RING_IMA] = ".ima",
		[KS_RING_DB] = "db",
	};

	return names[ring];
}

void ks_signers_done(struct ks_signers *signers)
{
	size_t i;

	for (i = 0; i < signers->nr_keys; i++)
		ks_cert_done(&signers->key[i].cert);
	free(signers->key);
	*signers = (struct ks_signers){ 0 };
}

static bool is_on(const struct ks_kconfig *config, const char *symbol)
{
	const struct ks_kconfig_entry *entry = config ? ks_kconfig_find(config, ks_span_str(symbol)) : NULL;

	return entry && (ks_span_eq(entry->value, ks_span_str("y")) || ks_span_eq(entry->value, ks_span_str("m")));
}

/*
 * Who asks for which keyring. Where a row names no second symbol, its first one is enough; what asks for the
 * secondary keyring gets the built-in one with it, and without CONFIG_SECONDARY_TRUSTED_KEYRING that alone.
 */
static const struct {
	enum ks_signs signs;
	const char *there[2];
	/* NULL: always; KS_NEVER: never */
	const char *secondary;
	const char *platform;
} askers[] = {
#define KS_NEVER ""
	/* kernel/module/signing.c: VERIFY_USE_SECONDARY_KEYRING */
	{ KS_SIGNS_MODULES, { "MODULES", "MODULE_SIG" }, NULL, KS_NEVER },
	/* kernel/kexec_file.c, kexec_kernel_verify_pe_sig(): for -ENOKEY the platform keyring, if there is one */
	{ KS_SIGNS_KEXEC, { "KEXEC_FILE", "KEXEC_BZIMAGE_VERIFY_SIG" }, NULL, NULL },
	{ KS_SIGNS_KEXEC, { "KEXEC_FILE", "KEXEC_IMAGE_VERIFY_SIG" }, NULL, NULL },
	/* security/ipe/policy.c, new_policy() */
	{ KS_SIGNS_IPE, { "SECURITY_IPE", NULL }, "IPE_POLICY_SIG_SECONDARY_KEYRING", "IPE_POLICY_SIG_PLATFORM_KEYRING" },
	/* drivers/md/dm-verity-verify-sig.c, verity_verify_root_hash() */
	{ KS_SIGNS_VERITY, { "DM_VERITY_VERIFY_ROOTHASH_SIG", NULL }, "DM_VERITY_VERIFY_ROOTHASH_SIG_SECONDARY_KEYRING",
	  "DM_VERITY_VERIFY_ROOTHASH_SIG_PLATFORM_KEYRING" },
};

static bool is_asked(const struct ks_kconfig *config, const char *symbol)
{
	return !symbol || (*symbol && is_on(config, symbol));
}

static void ask(const struct ks_kconfig *config, struct ks_ring ring[KS_NR_RINGS])
{
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(askers); i++) {
		if (!is_on(config, askers[i].there[0]) || (askers[i].there[1] && !is_on(config, askers[i].there[1])))
			continue;
		ring[KS_RING_BUILTIN].may |= askers[i].signs;
		if (is_asked(config, askers[i].secondary))
			ring[KS_RING_SECONDARY].may |= askers[i].signs;
		if (is_asked(config, askers[i].platform))
			ring[KS_RING_PLATFORM].may |= askers[i].signs;
	}
}

/*
 * security/integrity/digsig.c: with CONFIG_INTEGRITY_TRUSTED_KEYRING .ima takes certificates that a built-in key
 * signed, or one of the secondary keyring; without it root fills _ima. IMA asks the platform keyring for kexec
 * images alone.
 */
static void ask_ima(const struct ks_kconfig *config, struct ks_ring ring[KS_NR_RINGS])
{
	struct ks_ring *ima = &ring[KS_RING_IMA];

	ima->is_there = is_on(config, "IMA_APPRAISE");
	if (!ima->is_there)
		return;
	ima->may = KS_SIGNS_IMA;
	if (!is_on(config, "INTEGRITY_TRUSTED_KEYRING")) {
		ima->from = "whoever is root";
		return;
	}
	ring[KS_RING_BUILTIN].may |= KS_SIGNS_IMA_KEYS;
	ima->from = "root, signed by a built-in key";
	if (is_on(config, "IMA_KEYRINGS_PERMIT_SIGNED_BY_BUILTIN_OR_SECONDARY")) {
		ring[KS_RING_SECONDARY].may |= KS_SIGNS_IMA_KEYS;
		ima->from = "root, signed by a built-in key or one of .secondary_trusted_keys";
	}
}

void ks_rings_of(const struct ks_kconfig *config, struct ks_ring ret_ring[KS_NR_RINGS])
{
	struct ks_ring *secondary = &ret_ring[KS_RING_SECONDARY], *machine = &ret_ring[KS_RING_MACHINE],
		       *platform = &ret_ring[KS_RING_PLATFORM];
	unsigned int i;

	memset(ret_ring, 0, KS_NR_RINGS * sizeof(*ret_ring));
	ask(config, ret_ring);
	ask_ima(config, ret_ring);
	ret_ring[KS_RING_BUILTIN].is_there = true;
	ret_ring[KS_RING_BUILTIN].from = "the kernel itself";
	secondary->is_there = is_on(config, "SECONDARY_TRUSTED_KEYRING");
	secondary->from = is_on(config, "SECONDARY_TRUSTED_KEYRING_SIGNED_BY_BUILTIN") ?
				  "root, signed by a built-in key" :
				  "root, signed by a built-in key or by one that is there";
	/* machine_keyring.c: linked to the secondary keyring, if shim's MokListTrustedRT says so. */
	machine->is_there = secondary->is_there && is_on(config, "INTEGRITY_MACHINE_KEYRING");
	machine->may = secondary->may;
	machine->from = is_on(config, "INTEGRITY_CA_MACHINE_KEYRING") ?
				"CA certificates of shim's MokList, if MokListTrusted is set" :
				"shim's MokList, if MokListTrusted is set";
	platform->is_there = is_on(config, "INTEGRITY_PLATFORM_KEYRING");
	platform->from = is_on(config, "LOAD_UEFI_KEYS") ? "the firmware's db, and shim's MokList" : "nobody";
	ret_ring[KS_RING_DB].is_there = true;
	ret_ring[KS_RING_DB].from = "the firmware";
	ret_ring[KS_RING_DB].may = KS_SIGNS_BOOT;
	if (platform->is_there && is_on(config, "LOAD_UEFI_KEYS"))
		ret_ring[KS_RING_DB].may |= platform->may;
	for (i = 0; i < KS_NR_RINGS; i++)
		if (!ret_ring[i].is_there)
			ret_ring[i].may = 0;
}

static int ask_dbx(const struct ks_dbx *dbx, struct ks_signer_key *key, struct ks_diag *diag)
{
	bool found = false;
	int rc;

	if (!dbx)
		return 0;
	key->dbx = KS_DBX_CLEAR;
	if (ks_certs_have(&dbx->certs, &key->cert)) {
		key->dbx = KS_DBX_CERT;
		return 0;
	}
	rc = ks_dbx_has_tbs(dbx, &key->cert, &found, diag);
	if (found)
		key->dbx = KS_DBX_DIGEST;
	return rc;
}

static int add_key(struct ks_signers *signers, const struct ks_cert *cert, enum ks_signer_ring ring,
		   const struct ks_dbx *dbx, struct ks_diag *diag)
{
	struct ks_signer_key *grown, *key;
	int rc;

	grown = reallocarray(signers->key, signers->nr_keys + 1, sizeof(*grown));
	if (!grown)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	signers->key = grown;
	key = &grown[signers->nr_keys];
	*key = (struct ks_signer_key){ .ring = ring };
	rc = ks_cert_share(cert, &key->cert, diag);
	if (rc)
		return rc;
	signers->nr_keys++;
	key->traits = ks_cert_traits_of(cert);
	key->is_loaded = ring == KS_RING_DB ? ks_cert_is_rsa(cert) : !ks_cert_check_embed(cert, NULL);
	return ask_dbx(dbx, key, diag);
}

/* Revoked ones are not signers; a certificate that is on both lists is. */
static int add_embedded(struct ks_audited *audited, const struct ks_dbx *dbx, struct ks_signers *signers,
			struct ks_diag *diag)
{
	__cleanup(ks_keyring_done) struct ks_keyring keyring = { .keep_twice = true };
	__cleanup(ks_keyring_done) struct ks_keyring own = { .keep_twice = true };
	struct ks_span head;
	size_t i;
	int rc = ks_keyring_add_kernel(&keyring, "", &audited->image, diag);

	if (!rc && ks_span_sub(audited->image.trusted, 0, audited->image.module_cert_bytes, &head))
		rc = ks_keyring_add_list(&own, "", KS_PURPOSE_BUILTIN, head, diag);
	for (i = 0; !rc && i < keyring.nr_entries; i++) {
		const struct ks_keyring_entry *entry = &keyring.entry[i];
		struct ks_signer_key *key;

		if (!(entry->purposes & KS_PURPOSE_BUILTIN))
			continue;
		rc = add_key(signers, &entry->cert, KS_RING_BUILTIN, dbx, diag);
		if (rc)
			break;
		key = &signers->key[signers->nr_keys - 1];
		key->of_build = ks_keyring_find(&own, &entry->fingerprint);
		key->is_revoked = entry->purposes & KS_PURPOSE_REVOKED;
		/* load_system_certificate_list() passes it over without CONFIG_MODULE_SIG. */
		if (key->of_build && audited->subject.config && !is_on(audited->subject.config, "MODULE_SIG"))
			key->is_loaded = false;
		if (!key->is_loaded || key->is_revoked)
			continue;
		key->may = signers->ring[KS_RING_BUILTIN].may;
		/* certs/system_keyring.c, load_module_cert() */
		if (key->of_build && signers->ring[KS_RING_IMA].is_there &&
		    is_on(audited->subject.config, "IMA_APPRAISE_MODSIG"))
			key->may |= KS_SIGNS_IMA;
	}
	return rc;
}

static int add_db(const struct ks_certs *db, const struct ks_dbx *dbx, struct ks_signers *signers, struct ks_diag *diag)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && db && i < db->nr_certs; i++) {
		rc = add_key(signers, &db->cert[i], KS_RING_DB, dbx, diag);
		if (!rc && signers->key[signers->nr_keys - 1].is_loaded)
			signers->key[signers->nr_keys - 1].may = signers->ring[KS_RING_DB].may;
	}
	return rc;
}

/* Whether modules without a signature that counts are refused, and when. Return: false if never. */
static bool is_enforced(const struct ks_kernel_policy *policy, const char **ret_when)
{
	*ret_when = "";
	if (!strcmp(policy->modules, "enforced"))
		return true;
	if (strcmp(policy->modules, "checked") != 0)
		return false;
	/* kernel/module/signing.c, module_sig_check(): LOCKDOWN_MODULE_SIGNATURE */
	if (policy->lockdown_lsm && (!strcmp(policy->lockdown, "integrity") || !strcmp(policy->lockdown, "confidentiality")))
		return true;
	*ret_when = "under Secure Boot";
	return policy->lockdown_lsm && policy->lockdown_in_secure_boot;
}

static void judge_set(const struct ks_audited *audited, struct ks_signers *s)
{
	size_t i, nr = 0;

	for (i = 0; i < s->nr_keys; i++)
		nr += s->key[i].ring == KS_RING_BUILTIN && s->key[i].may & KS_SIGNS_MODULES;
	s->closed_when = "";
	if (s->fault.err)
		s->open_why = "the kernel's keys cannot be told";
	else if (!s->of_series)
		s->open_why = "the rules of its release are not known";
	else if (!audited->subject.config)
		s->open_why = "the kernel's configuration is not known";
	else if (audited->source != KS_AUDIT_OF_KERNEL)
		s->open_why = "its configuration was only claimed";
	else if (!strcmp(audited->policy.modules, "none"))
		s->is_closed = true;
	else if (!is_enforced(&audited->policy, &s->closed_when))
		s->open_why = "signatures of modules are not enforced";
	else if (s->ring[KS_RING_MACHINE].is_there)
		s->open_why = "keys of .machine sign modules too, which shim may fill";
	else if (s->ring[KS_RING_SECONDARY].is_there)
		s->open_why = "keys of .secondary_trusted_keys sign modules too, and a built-in key may add some at run time";
	else if (nr > 1)
		s->open_why = "more than one built-in key signs modules";
	else
		s->is_closed = true;
}

int ks_signers_find(struct ks_audited *audited, const struct ks_certs *db, const struct ks_dbx *dbx,
		    struct ks_signers *ret_signers, struct ks_diag *diag)
{
	struct ks_diag *fault = &ret_signers->fault;
	int rc = ks_kernel_image_find_lists(&audited->image, fault);
	char release[66];

	snprintf(release, sizeof(release), "%.*s", KS_FMT(audited->release));
	ret_signers->of_series = ks_kernel_is_of_series(release);
	ks_rings_of(audited->subject.config, ret_signers->ring);
	rc = rc ? rc : add_embedded(audited, dbx, ret_signers, fault);
	ks_diag_in(fault, audited->path);
	if (rc == -ENOMEM)
		return ks_fail(diag, rc, KS_NO_OFF, "out of memory");
	rc = add_db(db, dbx, ret_signers, diag);
	judge_set(audited, ret_signers);
	return rc;
}
