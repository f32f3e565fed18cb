// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who looks at the date (Linux 6.18, and UEFI 2.10):
 *
 *   - The kernel loads expired certificates from its lists, and checks signatures with them:
 *     x509_cert_parser.c keeps valid_to, and nothing compares it with a clock. Only pkcs7_verify.c does, with
 *     the signingTime of a message that has one and the certificate in it: kexec of images, never modules,
 *     whose signatures must not have such attributes.
 *   - Firmware verifies db and KEK without the date (EDK2's Pkcs7Verify sets X509_V_FLAG_NO_CHECK_TIME).
 *
 * So nothing stops on that day; what stops is that the owner signs with it. For Microsoft's certificates of
 * 2011 that is known, and their successors are.
 */
#include "ops/keyring_audit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/keyring.h"

#define DAY_SECONDS (24 * 60 * 60)

/* SHA-256 of the DER. Source: Microsoft's Secure Boot objects; keyring/microsoft.keyring has them too. */
static const struct successor {
	const char *old;
	const char *new;
	const char *missing;
} successors[] = {
	{ "48e99b991f57fc52f76149599bff0a58c47154229b9f8d603ac40d3500248507",
	  "f6124e34125bee3fe6d79a574eaa7b91c0e7bd9d929c1a321178efd611dad901",
	  "shim and other loaders that are signed from now on will not start, add Microsoft UEFI CA 2023" },
	{ "e8e95f0733a55e8bad7be0a1413ee23c51fcea64b3c8fa6a786935fddcc71961",
	  "076f1fea90ac29155ebf77c17682f75f1fdd1be196da302dc8461e350a9ae330",
	  "Windows' loader as it is signed from now on will not start, add Windows UEFI CA 2023" },
	{ "a1117f516a32cefcba3f2d1ace10a87972fd6bbe8fe0d0b996e09e65d802a503",
	  "3cd3f0309edae228767a976dd40d9f4affc4fbd5218f2e8cc3c9dd97e8ac6f9d",
	  "updates of db and dbx will not be taken any more, add Microsoft Corporation KEK 2K CA 2023" },
};

struct audit {
	const struct ks_keyring *keyring;
	size_t idx;
	const struct ks_keyring_entry *entry;
	struct ks_cert_traits traits;
	int64_t at;
	struct ks_keyring_audit *out;
	int err;
};

static void found(struct audit *a, const char *rule, bool fatal, const char *what, const char *detail)
{
	struct ks_keyring_audit *out = a->out;
	struct ks_keyring_finding *grown, *to;

	grown = reallocarray(out->finding, out->nr_findings + 1, sizeof(*grown));
	if (!grown) {
		a->err = -ENOMEM;
		return;
	}
	out->finding = grown;
	to = &grown[out->nr_findings++];
	*to = (struct ks_keyring_finding){ a->idx, rule, fatal, what, "" };
	snprintf(to->detail, sizeof(to->detail), "%s", detail);
	out->nr_fatal += fatal;
}

void ks_keyring_audit_done(struct ks_keyring_audit *audit)
{
	free(audit->finding);
	*audit = (struct ks_keyring_audit){ 0 };
}

static bool is_for(const struct audit *a, unsigned int purposes)
{
	return a->entry->purposes & purposes;
}

static const struct successor *successor_of(const struct ks_keyring_entry *entry)
{
	char hex[65];
	size_t i;

	ks_hex(ks_digest_span(&entry->fingerprint), hex, sizeof(hex));
	for (i = 0; i < KS_ARRAY_SIZE(successors); i++)
		if (!strcmp(successors[i].old, hex))
			return &successors[i];
	return NULL;
}

static bool is_there(const struct ks_keyring *keyring, const char *sha256)
{
	char hex[65];
	size_t i;

	for (i = 0; i < keyring->nr_entries; i++) {
		ks_hex(ks_digest_span(&keyring->entry[i].fingerprint), hex, sizeof(hex));
		if (!strcmp(hex, sha256) && !(keyring->entry[i].purposes & KS_PURPOSE_REVOKED))
			return true;
	}
	return false;
}

/* What an expired one means depends on who reads it, and on whether its owner has another one. */
static void judge_expired(struct audit *a)
{
	const struct successor *successor = successor_of(a->entry);
	char detail[96];

	snprintf(detail, sizeof(detail), "%lld days ago",
		 (long long)((a->at - a->traits.to) / DAY_SECONDS));
	if (successor && !is_there(a->keyring, successor->new))
		found(a, "expired", true, successor->missing, detail);
	else if (successor)
		found(a, "expired", false,
		      "what it signed still starts, as firmware does not look at the date, and its successor is "
		      "here", detail);
	else if (is_for(a, KS_PURPOSE_BUILTIN))
		found(a, "expired", true,
		      "the kernel does not look at the date and still takes what it signed, but for images of "
		      "kexec that say they were signed later; replace it", detail);
	else if (is_for(a, KS_PURPOSE_DB | KS_PURPOSE_KEK))
		found(a, "expired", true,
		      "firmware does not look at the date and still takes what it signed, but nothing new should "
		      "be; replace it", detail);
	else
		found(a, "expired", true, "nothing new should be signed with it, replace it", detail);
}

static void check_time(struct audit *a)
{
	/* What is refused is refused on any day. */
	if (is_for(a, KS_PURPOSE_REVOKED) && !is_for(a, ~(unsigned int)KS_PURPOSE_REVOKED))
		return;
	if (!a->traits.from || !a->traits.to)
		found(a, "validity", true, "its validity is no time, replace it", "");
	else if (a->traits.to < a->at)
		judge_expired(a);
	else if (a->traits.from > a->at)
		found(a, "not-yet", true,
		      "it is not valid yet, and signatures with a date before it is are refused", "");
}

/* The kernel drops some certificates without a word that anybody reads. */
static void check_loads(struct audit *a)
{
	struct ks_diag diag = { 0 };
	int rc;

	if (!is_for(a, KS_PURPOSES_OF_KERNEL) && a->entry->purposes)
		return;
	rc = ks_cert_check_embed(&a->entry->cert, &diag);
	if (rc == -ENOMEM)
		a->err = rc;
	else if (rc)
		/* Of a file that does not say what for, it may be for firmware alone. */
		found(a, "kernel", a->entry->purposes, diag.what, diag.detail);
}

static void check_strength(struct audit *a)
{
	if (a->traits.weak_key)
		found(a, "weak-key", true, "its key is too short, replace it", a->traits.key);
	if (a->traits.weak_signature)
		found(a, "weak-signature", false,
		      "its issuer signed it with MD5 or SHA-1, on which nothing here relies; replace it when you can",
		      "");
}

static void check_trust(struct audit *a)
{
	if (is_for(a, KS_PURPOSE_REVOKED) && is_for(a, KS_PURPOSE_BUILTIN | KS_PURPOSE_DB | KS_PURPOSE_KEK))
		found(a, "revoked", true, "it is trusted and revoked at once, remove it from what is trusted", "");
	if (a->entry->twice)
		found(a, "twice", false, "it is there twice, remove one", "");
	if (ks_cert_is_dev(&a->entry->cert))
		found(a, "dev-keys", true, "DEV KEYS: its private key is nobody's secret, good for tests only", "");
}

/* restrict_link_by_ca() of restrict.c wants both bits; signatures are chained to a CA without them as well. */
static void check_ca(struct audit *a)
{
	if (!is_for(a, KS_PURPOSE_BUILTIN))
		return;
	if (a->traits.is_ca && a->traits.may_issue)
		found(a, "ca", false, "it is a CA: the kernel trusts what any certificate signed that it issued", "");
	else if (a->traits.is_ca)
		found(a, "ca", false,
		      "it says CA:TRUE and has no keyUsage that lets it issue: restrict that, or say CA:FALSE", "");
}

int ks_keyring_audit(const struct ks_keyring *keyring, u64 at, struct ks_keyring_audit *ret_audit,
		     struct ks_diag *diag)
{
	struct audit a = { .keyring = keyring, .at = (int64_t)at, .out = ret_audit };

	for (a.idx = 0; !a.err && a.idx < keyring->nr_entries; a.idx++) {
		a.entry = &keyring->entry[a.idx];
		a.traits = ks_cert_traits_of(&a.entry->cert);
		check_time(&a);
		check_loads(&a);
		check_strength(&a);
		check_trust(&a);
		check_ca(&a);
	}
	return a.err ? ks_fail(diag, a.err, KS_NO_OFF, "out of memory") : 0;
}
