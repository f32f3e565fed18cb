// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Where .pcrsig goes, at the time of building or later: the same place, so the same bytes.
 *
 *   no profiles:  .osrel .. .pcrpkey  .pcrsig  .initrd .linux
 *   profiles:     .osrel .. .linux  .profile ..  .pcrsig  .profile ..  .pcrsig
 */
#include <errno.h>
#include <string.h>

#include "ops/kind.h"
#include "ops/uki_lint.h"
#include "ops/uki_pcrsig.h"

static int put(struct ks_pe_new_section *added, size_t *nr, const char *name, struct ks_span data,
	       u32 flags, struct ks_diag *diag)
{
	if (*nr == KS_MAX_PE_SECTIONS)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "image would have over 512 sections");
	added[(*nr)++] = (struct ks_pe_new_section){ name, data, flags };
	return 0;
}

/* Does a .pcrsig go before section @idx? @nr_seen: .profile sections before it. */
static bool is_place(const struct ks_uki_image *image, u32 idx, u32 nr_seen)
{
	const char *name = image->section[idx].name;
	const char *big = ks_uki_find(image, 0, ".initrd") ? ".initrd" : ".linux";

	if (image->nr_profiles)
		return nr_seen && !strcmp(name, ".profile");
	return !strcmp(name, big);
}

int ks_uki_layout(const struct ks_uki_image *image, const struct ks_span *pcrsig,
		  struct ks_pe_new_section *ret_added, size_t *ret_nr, struct ks_diag *diag)
{
	const u32 flags = KS_PE_SCN_INIT_DATA | KS_PE_SCN_READ;
	u32 i, nr_seen = 0;
	size_t nr = 0;
	int rc = 0;

	for (i = 0; i < image->nr_sections && !rc; i++) {
		const struct ks_uki_section *s = &image->section[i];

		if (pcrsig && is_place(image, i, nr_seen))
			rc = put(ret_added, &nr, ".pcrsig", pcrsig[nr_seen ? nr_seen - 1 : 0],
				 flags, diag);
		nr_seen += !strcmp(s->name, ".profile");
		if (!rc)
			rc = put(ret_added, &nr, s->name, s->data, s->flags, diag);
	}
	if (!rc && pcrsig && nr_seen)
		rc = put(ret_added, &nr, ".pcrsig", pcrsig[nr_seen - 1], flags, diag);
	*ret_nr = nr;
	return rc;
}

/*
 * The image without what the stub does not own: the sections that a UKI adds, which are the last
 * ones of the table in what ks_uki_build() makes.
 */
static int find_stub(const struct ks_pe_view *view, struct ks_pe_view *ret_stub,
		     struct ks_diag *diag)
{
	u32 i, nr_own = 0;

	while (nr_own < view->nr_sections && !ks_uki_is_section(view->section[nr_own].name))
		nr_own++;
	for (i = nr_own; i < view->nr_sections; i++) {
		const struct ks_pe_section *s = &view->section[i];

		if (!strcmp(s->name, ".pcrsig"))
			return ks_fail(diag, -EEXIST, s->raw_off, "image has a .pcrsig already");
		if (!ks_uki_is_section(s->name) || !s->virtual_bytes ||
		    s->virtual_bytes > s->raw_bytes)
			return ks_fail_detail(diag, -EOPNOTSUPP,
					      "image is not laid out as 'kseal uki build' does",
					      s->name);
	}
	*ret_stub = *view;
	ret_stub->nr_sections = nr_own;
	return 0;
}

/* Is the key of the image the one of the certificate? */
static int check_key(const struct ks_uki_image *image, const struct ks_pubkey *key,
		     struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf pem = { 0 };
	const struct ks_uki_section *s = ks_uki_find(image, 0, ".pcrpkey");
	int rc = ks_pubkey_pem(key, &pem, diag);

	if (rc)
		return rc;
	if (!s || !ks_span_eq(s->data, ks_buf_span(&pem)))
		return ks_fail(diag, -EKEYREJECTED, KS_NO_OFF,
			       "image's .pcrpkey is not the key of the PCR certificate");
	return 0;
}

int ks_uki_build_image(const struct ks_pe_view *stub, const struct ks_uki_image *image,
		       const struct ks_pubkey *key, const struct ks_uki_policies *policies,
		       const struct ks_span *sig, struct ks_buf *json,
		       struct ks_pe_pieces *ret_pieces, struct ks_diag *diag)
{
	struct ks_pe_new_section added[KS_MAX_PE_SECTIONS];
	struct ks_span pcrsig[KS_MAX_PE_SECTIONS];
	size_t nr = 0;
	int rc = 0;

	if (sig)
		rc = ks_pcrsigs_build(key, policies, sig, json, pcrsig, diag);
	if (!rc)
		rc = ks_uki_layout(image, sig ? pcrsig : NULL, added, &nr, diag);
	return rc ? rc : ks_pe_build_pieces(stub, added, nr, ret_pieces, diag);
}

/* An image that gets its policies: @view, @stub and @image borrow @in, @key is owned. */
struct unsigned_image {
	struct ks_pe_view view;
	struct ks_pe_view stub;
	struct ks_uki_image image;
	struct ks_pubkey key;
};

static void unsigned_done(struct unsigned_image *u)
{
	ks_pubkey_done(&u->key);
}

static int open_unsigned(struct ks_span in, const struct ks_cert *cert, struct unsigned_image *u,
			 struct ks_diag *diag)
{
	int rc = ks_kind_parse_pe(in, &u->view, diag);

	if (!rc)
		rc = ks_uki_parse(&u->view, &u->image, diag);
	if (!rc)
		rc = find_stub(&u->view, &u->stub, diag);
	/* To sign the policies is to sign for this image, so it must be one that would be signed. */
	if (!rc)
		rc = ks_uki_lint_fatal(&u->view, diag);
	if (!rc)
		rc = ks_pubkey_of_cert(cert, &u->key, diag);
	if (!rc && u->view.certs.bytes)
		rc = ks_fail(diag, -EOPNOTSUPP, u->view.cert_dir_off,
			     "image is signed already, its policies go in before that");
	return rc ? rc : check_key(&u->image, &u->key, diag);
}

int ks_uki_check_pcrsigs(struct ks_span in, const struct ks_cert *cert, struct ks_diag *diag)
{
	__cleanup(unsigned_done) struct unsigned_image u = { 0 };

	return open_unsigned(in, cert, &u, diag);
}

int ks_uki_add_pcrsigs(struct ks_span in, const struct ks_cert *cert,
		       const struct ks_uki_policies *policies, const struct ks_span *sig,
		       struct ks_buf *out, struct ks_diag *diag)
{
	__cleanup(ks_pe_pieces_done) struct ks_pe_pieces pieces = { 0 };
	__cleanup(unsigned_done) struct unsigned_image u = { 0 };
	__cleanup(ks_buf_done) struct ks_buf json = { 0 };
	int rc = open_unsigned(in, cert, &u, diag);

	if (!rc)
		rc = ks_uki_build_image(&u.stub, &u.image, &u.key, policies, sig, &json, &pieces,
					diag);
	if (!rc)
		rc = ks_pe_pieces_put(&pieces, out, diag);
	if (!rc)
		rc = ks_pe_parse(ks_buf_span(out), &u.view, diag);
	return rc ? rc : ks_uki_lint_fatal(&u.view, diag);
}
