// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "fmt/sbat.h"
#include "kernel/image.h"
#include "ops/kind.h"
#include "ops/pe_lint.h"
#include "ops/uki.h"
#include "ops/uki_lint.h"
#include "ops/uki_pcrsig.h"
#include "ops/uki_profile.h"

static struct ks_span profile_id(const struct ks_uki_parts *parts, size_t idx)
{
	return ks_uki_profile_value(parts->profile[idx].part[KS_UKI_PROFILE], "ID");
}

/* Boot entries and people name a profile by its ID. */
static bool is_id_taken(const struct ks_uki_parts *parts, size_t idx)
{
	struct ks_span id = profile_id(parts, idx);
	size_t i;

	for (i = 0; i < idx; i++)
		if (ks_span_eq(id, profile_id(parts, i)))
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
		enum ks_uki_id id;

		if (is_id_taken(parts, i))
			rc = ks_fail(diag, -EBADMSG, KS_NO_OFF, "another profile has the same ID");
		for (id = 0; id < KS_UKI_NR && !rc; id++)
			rc = ks_uki_check_content(id, p->part[id], diag);
		ks_diag_in(diag, p->path);
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
		ks_diag_in(diag, parts->stub_path);
		return rc;
	}
	rc = ks_kind_parse_pe(parts->part[KS_UKI_LINUX], &kernel, diag);
	ks_diag_in(diag, parts->part_path[KS_UKI_LINUX]);
	if (rc)
		return rc;
	if (kernel.machine != stub->machine)
		return ks_fail(diag, -EBADMSG, kernel.coff_off, "kernel and stub differ in machine");
	if (!(kernel.dll_flags & KS_PE_NX_COMPAT))
		stub->dll_flags &= (u16)~KS_PE_NX_COMPAT;
	return 0;
}

/* A section of one's own: no stub and no other part may have the name. */
static int check_own_name(const struct ks_uki_parts *parts, size_t idx, const struct ks_pe_view *stub,
			  struct ks_diag *diag)
{
	const char *name = parts->extra[idx].name;
	size_t i, bytes = strlen(name);

	for (i = 0; i < bytes && name[i] > 0x20 && name[i] < 0x7f; i++)
		;
	if (name[0] != '.' || bytes < 2 || bytes > 8 || i < bytes)
		return ks_fail_detail(diag, -EBADMSG,
				      "name of a section is not a dot and 1 to 7 printable characters", name);
	if (ks_uki_row_of(name) || ks_pe_find(stub, name))
		return ks_fail_detail(diag, -EBADMSG, "section is one of a UKI or of its stub, it has an option of its own",
				      name);
	for (i = 0; i < idx; i++)
		if (!strcmp(name, parts->extra[i].name))
			return ks_fail_detail(diag, -EBADMSG, "section is given twice", name);
	return 0;
}

static int check_extra(const struct ks_uki_parts *parts, const struct ks_pe_view *stub, struct ks_diag *diag)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < parts->nr_extra && !rc; i++) {
		const struct ks_uki_extra *e = &parts->extra[i];
		const struct ks_uki_row *row = ks_uki_row_of(e->name);

		if (row && row->repeat == KS_UKI_PICKED)
			rc = row->check(e->data, diag);
		else
			rc = check_own_name(parts, i, stub, diag);
		ks_diag_in(diag, e->path);
	}
	return rc;
}

static int check_parts(const struct ks_uki_parts *parts, struct ks_pe_view *stub,
		       struct ks_diag *diag)
{
	int rc = check_images(parts, stub, diag);
	enum ks_uki_id id;

	ks_diag_in(diag, parts->part_path[KS_UKI_LINUX]);
	for (id = 0; id < KS_UKI_NR && !rc; id++) {
		rc = ks_uki_check_content(id, parts->part[id], diag);
		ks_diag_in(diag, parts->part_path[id]);
	}
	if (!rc)
		rc = check_extra(parts, stub, diag);
	return rc ? rc : check_profiles(parts, ks_uki_stub_version(stub), diag);
}

/* Those of a name, in their order; NULL for those that no stub knows. */
static int add_extra(struct ks_uki_image *image, const struct ks_uki_parts *parts, const struct ks_uki_row *row,
		     struct ks_diag *diag)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < parts->nr_extra && !rc; i++)
		if (ks_uki_row_of(parts->extra[i].name) == row)
			rc = ks_uki_add(image, parts->extra[i].name, parts->extra[i].data, diag);
	return rc;
}

/* @parts: whose extra sections belong to it; NULL for a profile */
static int add_in_file_order(struct ks_uki_image *image, const struct ks_span part[KS_UKI_NR],
			     const struct ks_uki_parts *parts, struct ks_diag *diag)
{
	enum ks_uki_id id;
	unsigned int order;
	int rc = parts ? add_extra(image, parts, NULL, diag) : 0;

	for (order = 1; !rc && (id = ks_uki_in_file_order(order)) != KS_UKI_NR; order++) {
		rc = ks_uki_add(image, ks_uki_table[id].name, part[id], diag);
		if (!rc && parts)
			rc = add_extra(image, parts, &ks_uki_table[id], diag);
	}
	return rc;
}

static int add_parts(struct ks_uki_image *image, const struct ks_uki_parts *parts,
		     struct ks_span sbat, struct ks_span pcrpkey, struct ks_diag *diag)
{
	struct ks_span part[KS_UKI_NR];
	size_t i;
	int rc;

	memcpy(part, parts->part, sizeof(part));
	part[KS_UKI_SBAT] = sbat;
	part[KS_UKI_PCRPKEY] = pcrpkey;
	rc = add_in_file_order(image, part, parts, diag);
	for (i = 0; i < parts->nr_profiles && !rc; i++) {
		const struct ks_uki_profile *p = &parts->profile[i];

		rc = p->part[KS_UKI_PROFILE].bytes ? add_in_file_order(image, p->part, NULL, diag) :
						     ks_fail(diag, -EINVAL, KS_NO_OFF, "profile has no text");
	}
	return rc;
}

int ks_uki_unpack_kernel(struct ks_span kernel, struct ks_buf *ret_image, struct ks_diag *diag)
{
	return ks_kernel_unpack_whole(kernel, ret_image, diag);
}

void ks_uki_find_uname(struct ks_span kernel, struct ks_buf *out)
{
	__cleanup(ks_buf_done) struct ks_buf release = { 0 };

	if (ks_kernel_release(kernel, &release))
		ks_put(out, ks_buf_span(&release));
}

int ks_uki_put_sbat_lines(struct ks_span text, bool is_first, struct ks_buf *out, struct ks_diag *diag)
{
	struct ks_span line, start = ks_span_str("sbat,");
	int rc;

	while (ks_span_line(&text, &line)) {
		line = ks_span_trim(line);
		if (!line.bytes)
			continue;
		rc = ks_sbat_check_line(line, 0, diag);
		if (rc)
			return rc;
		/* The first line names the format; it comes from the stub, once. */
		if (!is_first && line.bytes >= start.bytes && !memcmp(line.p, start.p, start.bytes))
			continue;
		ks_put(out, line);
		ks_put_u8(out, '\n');
	}
	rc = ks_buf_ok(out, diag);
	if (!rc && out->bytes > KS_MAX_SBAT_BYTES)
		rc = ks_fail(diag, -E2BIG, KS_MAX_SBAT_BYTES, ".sbat is too long");
	return rc;
}

/* The stub's own SBAT lines first, then those of the image, with or without the line of the format. */
static int merge_sbat(const struct ks_pe_view *stub, struct ks_span extra, struct ks_buf *out,
		      struct ks_diag *diag)
{
	const struct ks_pe_section *s = ks_pe_find(stub, ".sbat");
	struct ks_span own;
	int rc;

	if (!s)
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, "stub has no .sbat section, shim refuses it");
	own = ks_uki_text(ks_pe_loaded(s));
	rc = ks_uki_put_sbat_lines(own, true, out, diag);
	return rc ? rc : ks_uki_put_sbat_lines(extra, false, out, diag);
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
	int rc = ks_uki_policies_of_banks(image, parts->phases, parts->banks, parts->nr_banks, &policies, diag);

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

static int build_image(const struct ks_uki_parts *parts, const struct ks_pe_view *stub,
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
	ks_diag_in(diag, parts->stub_path);
	if (!rc)
		rc = check_parts(parts, &stub, diag);
	if (rc)
		return rc;
	rc = merge_sbat(&stub, parts->part[KS_UKI_SBAT], &built.sbat, diag);
	ks_diag_in(diag, parts->part[KS_UKI_SBAT].bytes ? parts->part_path[KS_UKI_SBAT] : parts->stub_path);
	if (!rc)
		rc = build_image(parts, &stub, &built, diag);
	if (rc)
		return rc;
	*ret_built = built;
	built = (struct ks_uki_built){ 0 };
	return 0;
}
