// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>

#include "ops/pe_lint.h"
#include "ops/uki.h"
#include "ops/uki_check.h"
#include "ops/uki_lint.h"
#include "ops/uki_pcrsig.h"
#include "ops/uki_profile.h"
#include "ops/uki_sbat.h"

/* Boot entries and people name a profile by its ID. */
static bool is_id_taken(const struct ks_uki_parts *parts, size_t idx)
{
	struct ks_span id = ks_uki_profile_value(parts->profile[idx].text, "ID");
	size_t i;

	for (i = 0; i < idx; i++)
		if (ks_span_eq(id, ks_uki_profile_value(parts->profile[i].text, "ID")))
			return true;
	return false;
}

static int check_profiles(const struct ks_uki_parts *parts, u32 stub_version, struct ks_diag *diag)
{
	size_t i;
	int rc = 0;

	if (parts->nr_profiles && stub_version < KS_UKI_PROFILES_SINCE)
		return ks_fail(diag, -EOPNOTSUPP, KS_NO_OFF,
			       "stub is older than systemd 257 and knows no profiles, give a newer one");
	if (parts->nr_profiles > KS_UKI_MAX_PROFILES)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "over 16 profiles");
	for (i = 0; i < parts->nr_profiles && !rc; i++) {
		const struct ks_uki_profile *p = &parts->profile[i];

		rc = is_id_taken(parts, i) ? ks_fail(diag, -EBADMSG, KS_NO_OFF,
						     "another profile has the same ID") :
					     ks_uki_check_cmdline(p->cmdline, diag);
		if (!rc)
			rc = ks_uki_check_text(p->os_release, "os-release of a profile", diag);
		if (!rc)
			rc = ks_uki_check_splash(p->splash, diag);
		if (!rc)
			rc = ks_uki_check_dtb(p->dtb, diag);
		ks_diag_in(diag, parts->names.profile ? parts->names.profile[i] : NULL);
	}
	return rc;
}

/*
 * Stub and kernel, which must fit. The image claims to run with NX page rights only if its kernel
 * does: firmware that believed the stub alone would stop the kernel (systemd#38545).
 */
static int check_images(const struct ks_uki_parts *parts, struct ks_pe_view *stub,
			struct ks_diag *diag)
{
	struct ks_pe_view kernel;
	int rc;

	if (!ks_uki_stub_version(stub)) {
		rc = ks_fail(diag, -EBADMSG, KS_NO_OFF, "stub is not systemd-stub: no .sdmagic");
		ks_diag_in(diag, parts->names.stub);
		return rc;
	}
	rc = ks_pe_parse(parts->linux_image, &kernel, diag);
	ks_diag_in(diag, parts->names.linux_image);
	if (rc)
		return rc;
	if (kernel.machine != stub->machine)
		return ks_fail(diag, -EBADMSG, kernel.coff_off, "kernel and stub differ in machine");
	if (!(kernel.dll_flags & KS_PE_NX_COMPAT))
		stub->dll_flags &= (u16)~KS_PE_NX_COMPAT;
	return 0;
}

static int check_parts(const struct ks_uki_parts *parts, struct ks_pe_view *stub,
		       struct ks_diag *diag)
{
	int rc = check_images(parts, stub, diag);

	ks_diag_in(diag, parts->names.linux_image);
	if (!rc)
		rc = ks_uki_check_cmdline(parts->cmdline, diag);
	ks_diag_in(diag, parts->names.cmdline);
	if (!rc)
		rc = ks_uki_check_text(parts->os_release, "os-release", diag);
	ks_diag_in(diag, parts->names.os_release);
	if (!rc)
		rc = ks_uki_check_text(parts->uname, "uname", diag);
	ks_diag_in(diag, "--uname");
	if (!rc)
		rc = ks_uki_check_splash(parts->splash, diag);
	ks_diag_in(diag, parts->names.splash);
	if (!rc)
		rc = ks_uki_check_dtb(parts->dtb, diag);
	ks_diag_in(diag, parts->names.dtb);
	return rc ? rc : check_profiles(parts, ks_uki_stub_version(stub), diag);
}

/* The one row of a table: a section and its content, left out when empty. */
struct part {
	const char *name;
	struct ks_span data;
};

static int add_all(struct ks_uki_image *image, const struct part *part, size_t nr_parts,
		   struct ks_diag *diag)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < nr_parts && !rc; i++)
		rc = ks_uki_add(image, part[i].name, part[i].data, diag);
	return rc;
}

static int add_profile(struct ks_uki_image *image, const struct ks_uki_profile *p,
		       struct ks_diag *diag)
{
	const struct part part[] = {
		{ ".profile", p->text }, { ".osrel", p->os_release }, { ".cmdline", p->cmdline },
		{ ".dtb", p->dtb },	 { ".splash", p->splash },    { ".initrd", p->initrd },
	};

	if (!p->text.bytes)
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "profile has no text");
	return add_all(image, part, KS_ARRAY_SIZE(part), diag);
}

static int add_parts(struct ks_uki_image *image, const struct ks_uki_parts *parts,
		     struct ks_span sbat, struct ks_span pcrpkey, struct ks_diag *diag)
{
	const struct part part[] = {
		{ ".osrel", parts->os_release },
		{ ".cmdline", parts->cmdline },
		{ ".uname", parts->uname },
		{ ".sbat", sbat },
		{ ".dtb", parts->dtb },
		{ ".splash", parts->splash },
		{ ".pcrpkey", pcrpkey },
		{ ".initrd", parts->initrd },
		/*
		 * Last of what the whole image shares: a stub of 252 lets the kernel unpack in
		 * place, and it needs the room behind it (systemd#34578).
		 */
		{ ".linux", parts->linux_image },
	};
	size_t i;
	int rc = add_all(image, part, KS_ARRAY_SIZE(part), diag);

	for (i = 0; i < parts->nr_profiles && !rc; i++)
		rc = add_profile(image, &parts->profile[i], diag);
	return rc;
}

static void free_sigs(struct ks_buf *sig)
{
	size_t i;

	for (i = 0; i < KS_UKI_MAX_POLICIES; i++)
		ks_buf_done(&sig[i]);
}

/* The image with its policies signed; the signatures are checked before they are written. */
static int build_signed(const struct ks_uki_parts *parts, const struct ks_pe_view *stub,
			struct ks_uki_image *image, const struct ks_pubkey *key,
			struct ks_uki_built *built, struct ks_diag *diag)
{
	struct ks_buf sig[KS_UKI_MAX_POLICIES] = { 0 };
	struct ks_span sigs[KS_UKI_MAX_POLICIES];
	struct ks_uki_policies policies = { 0 };
	size_t i;
	int rc = ks_uki_hash(image, diag);

	if (!rc)
		rc = ks_uki_policies_of(image, parts->phases, &policies, diag);
	if (!rc)
		rc = ks_uki_check_phases(&policies, diag);
	for (i = 0; !rc && i < policies.nr_policies; i++) {
		rc = ks_signer_sign(parts->pcr, ks_digest_span(&policies.policy[i].tbs), &sig[i],
				    diag);
		sigs[i] = ks_buf_span(&sig[i]);
	}
	if (!rc)
		rc = ks_uki_build_image(stub, image, key, &policies, sigs, &built->pcrsig,
					&built->pieces, diag);
	free_sigs(sig);
	return rc;
}

static int build(const struct ks_uki_parts *parts, const struct ks_pe_view *stub,
		 struct ks_uki_built *built, struct ks_diag *diag)
{
	__cleanup(ks_pubkey_done) struct ks_pubkey key = { 0 };
	struct ks_uki_image image = { .stub_version = ks_uki_stub_version(stub) };
	int rc = 0;

	if (parts->pcr) {
		rc = ks_pubkey_of_cert(&parts->pcr->cert, &key, diag);
		if (!rc)
			rc = ks_uki_check_pcr_key(&key, diag);
		if (!rc)
			rc = ks_pubkey_pem(&key, &built->pcrpkey, diag);
	}
	if (!rc)
		rc = add_parts(&image, parts, ks_buf_span(&built->sbat),
			       ks_buf_span(&built->pcrpkey), diag);
	if (!rc && parts->stub_version)
		ks_uki_assume_stub(&image, parts->stub_version);
	if (rc)
		return rc;
	if (parts->pcr && ks_key_is_open(&parts->pcr->key))
		return build_signed(parts, stub, &image, &key, built, diag);
	return ks_uki_build_image(stub, &image, NULL, NULL, NULL, &built->pcrsig, &built->pieces,
				  diag);
}

void ks_uki_built_done(struct ks_uki_built *built)
{
	ks_pe_pieces_done(&built->pieces);
	ks_buf_done(&built->sbat);
	ks_buf_done(&built->pcrpkey);
	ks_buf_done(&built->pcrsig);
}

int ks_uki_build(const struct ks_uki_parts *parts, struct ks_uki_built *ret_built,
		 struct ks_diag *diag)
{
	__cleanup(ks_uki_built_done) struct ks_uki_built built = { 0 };
	struct ks_pe_view stub;
	int rc;

	rc = ks_pe_parse(parts->stub, &stub, diag);
	if (!rc)
		rc = ks_pe_lint_fatal(&stub, diag);
	ks_diag_in(diag, parts->names.stub);
	if (!rc)
		rc = check_parts(parts, &stub, diag);
	if (!rc)
		rc = ks_uki_merge_sbat(&stub, parts->sbat, &built.sbat, diag);
	ks_diag_in(diag, parts->sbat.bytes ? parts->names.sbat : parts->names.stub);
	if (!rc)
		rc = build(parts, &stub, &built, diag);
	if (rc)
		return rc;
	*ret_built = built;
	built = (struct ks_uki_built){ 0 };
	return 0;
}
