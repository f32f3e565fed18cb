// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/shown.h"
#include "base/slurp.h"
#include "cmd/certs.h"
#include "ops/dbx.h"
#include "ops/efi_key.h"
#include "ops/kind.h"
#include "ops/pe.h"

static const char *opt_owner, *opt_output;
static struct ks_values opt_cert, opt_cert_hash, opt_hash, opt_image;

static int put_hashes(struct ks_buf *digests, struct ks_diag *diag)
{
	size_t i;

	for (i = 0; i < opt_hash.nr_values; i++)
		if (strlen(opt_hash.value[i]) != 2 * KS_ESL_SHA256_BYTES ||
		    !ks_unhex(opt_hash.value[i], digests))
			return ks_fail_detail(diag, -EINVAL, "SHA-256 is not 64 hex digits",
					      opt_hash.value[i]);
	return ks_buf_ok(digests, diag);
}

static int put_image(const char *path, struct ks_buf *digests, struct ks_diag *diag)
{
	__cleanup(ks_slurp_done) struct ks_slurp memory = { 0 };
	struct ks_digest digest = { 0 };
	struct ks_span in = { 0 };
	struct ks_pe_view view;
	int rc = ks_slurp_file(&memory, path, KS_MAX_IMAGE_BYTES, &in, diag);

	if (!rc)
		rc = ks_kind_parse_pe(in, &view, diag);
	if (!rc)
		rc = ks_pe_hash(&view, "sha256", &digest, diag);
	ks_diag_in(diag, path);
	ks_put(digests, ks_digest_span(&digest));
	return rc;
}

/* The digest, and the time from which on signatures are refused: zeros mean all of them. */
static int put_cert_hashes(struct ks_buf *digests, struct ks_diag *diag)
{
	__cleanup(ks_certs_done) struct ks_certs certs = { 0 };
	size_t i;
	int rc = ks_load_certs(&opt_cert_hash, &certs, diag);

	for (i = 0; i < certs.nr_certs && !rc; i++) {
		struct ks_digest tbs = { 0 };

		rc = ks_cert_tbs_digest(&certs.cert[i], "sha256", &tbs, diag);
		ks_put(digests, ks_digest_span(&tbs));
		ks_put_fill(digests, 0, KS_ESL_X509_SHA256_BYTES - KS_ESL_SHA256_BYTES);
	}
	return rc;
}

static int put_certs(const struct ks_guid *owner, struct ks_buf *lists, struct ks_diag *diag)
{
	__cleanup(ks_certs_done) struct ks_certs certs = { 0 };
	int rc = ks_load_certs(&opt_cert, &certs, diag);

	return rc ? rc : ks_efi_put_certs(lists, owner, &certs, diag);
}

/* What the options name, as lists. */
static int make(const struct ks_guid *owner, struct ks_buf *lists, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf digests = { 0 }, tbs = { 0 };
	size_t i;
	int rc = put_certs(owner, lists, diag) ?: put_hashes(&digests, diag)
					       ?: put_cert_hashes(&tbs, diag);

	for (i = 0; i < opt_image.nr_values && !rc; i++)
		rc = put_image(opt_image.value[i], &digests, diag);
	if (!rc)
		rc = ks_buf_ok(&digests, diag) ?: ks_buf_ok(&tbs, diag);
	if (!rc)
		rc = ks_efi_put_digests(lists, &ks_esl_type_sha256, owner, ks_buf_span(&digests), diag)
			     ?: ks_efi_put_digests(lists, &ks_esl_type_x509_sha256, owner,
						   ks_buf_span(&tbs), diag);
	return rc;
}

static int add_file(const char *path, struct ks_buf *out, size_t *nr_left_out, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf file = { 0 };
	struct ks_esl_view view = { 0 };
	size_t nr = 0;
	int rc = ks_file_load(path, KS_MAX_TEXT_BYTES, &file, diag);

	if (!rc)
		rc = ks_efi_parse_lists(ks_buf_span(&file), &view, diag);
	/* Firmware has no empty variable: such a file is a download or a copy that failed. */
	if (!rc && !view.nr_lists)
		rc = ks_fail(diag, -EBADMSG, KS_NO_OFF, "no signature lists in it");
	if (!rc)
		rc = ks_esl_join(out, view.all, &nr, diag);
	ks_diag_in(diag, path);
	*nr_left_out += nr;
	return rc;
}

static int say(struct ks_span content, size_t nr_left_out, struct ks_diag *diag)
{
	struct ks_esl_view view;
	size_t i, nr_sigs = 0;
	int rc = ks_esl_parse(content, 0, &view, diag);

	if (rc)
		return rc;
	for (i = 0; i < view.nr_lists; i++)
		nr_sigs += view.list[i].nr_sigs;
	printf("%s: %zu signature%s in %zu list%s", ks_shown(opt_output), nr_sigs, nr_sigs == 1 ? "" : "s",
	       view.nr_lists, view.nr_lists == 1 ? "" : "s");
	if (nr_left_out)
		printf(", %zu left out that %s there already", nr_left_out, nr_left_out == 1 ? "was" : "were");
	putchar('\n');
	return 0;
}

static int run_esl(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf out = { 0 }, made = { 0 };
	struct ks_guid owner = ks_efi_owner;
	size_t nr_left_out = 0, nr = 0;
	struct ks_span content;
	int i, rc;

	if (opt_owner && !ks_guid_read(opt_owner, &owner))
		return ks_fail_detail(diag, -EINVAL, "owner is not a GUID", opt_owner);
	rc = make(&owner, &made, diag);
	for (i = 0; i < nr_args && !rc; i++)
		rc = add_file(args[i], &out, &nr_left_out, diag);
	if (!rc)
		rc = ks_esl_join(&out, ks_buf_span(&made), &nr, diag);
	if (!rc && !out.bytes) {
		ks_fail(diag, -EINVAL, KS_NO_OFF,
			"nothing to list, give --cert, --hash, --image, --cert-hash or files");
		return KS_EXIT_USAGE;
	}
	content = ks_buf_span(&out);
	if (!rc)
		rc = ks_file_publish(opt_output, &content, 1, 0644, diag);
	return rc ? rc : say(content, nr_left_out + nr, diag);
}

const struct ks_verb ks_verb_efi_esl = {
	"efi", "esl", "[FILE...]", 0,
	"make signature lists, or merge those of files",
	(const struct ks_opt[]){
		{ "--output", "FILE", "the lists (.esl)", true, .ret_value = &opt_output },
		{ "--cert", "PEM", "certificate", .ret_values = &opt_cert },
		{ "--image", "FILE", "image, by its Authenticode digest", .ret_values = &opt_image },
		{ "--hash", "SHA256", "such a digest", .ret_values = &opt_hash },
		{ "--cert-hash", "PEM", "certificate, by the digest of what is signed of it, for dbx",
		  .ret_values = &opt_cert_hash },
		{ "--owner", "GUID", "who enrols them (default: kseal's own)", .ret_value = &opt_owner },
		{ 0 } },
	run_esl,
};
