// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/slurp.h"
#include "base/limits.h"
#include "base/shown.h"
#include "cmd/certs.h"
#include "cmd/json.h"
#include "ops/pe_verify.h"

static const char *opt_dbx;
static struct ks_values opt_trust;
static bool opt_json;

#define HEX_BYTES (2 * KS_DIGEST_MAX_BYTES + 1)

/* What is said of a certificate, as text. */
struct words {
	char signer[128];
	char issuer[128];
	char fingerprint[HEX_BYTES];
	char not_after[16];
	bool expired;
};

static int describe(const struct ks_cert *cert, struct words *ret_w, struct ks_diag *diag)
{
	struct ks_digest fingerprint = { 0 };
	struct words w = { 0 };
	int rc = ks_cert_fingerprint(cert, &fingerprint, diag);

	if (rc)
		return rc;
	ks_cert_name(cert, w.signer, sizeof(w.signer));
	ks_cert_issuer(cert, w.issuer, sizeof(w.issuer));
	ks_cert_not_after(cert, w.not_after, sizeof(w.not_after));
	ks_hex(ks_digest_span(&fingerprint), w.fingerprint, sizeof(w.fingerprint));
	w.expired = ks_cert_check_time(cert, ks_clock_now(), NULL) != 0;
	*ret_w = w;
	return 0;
}

static const char *revoked_word(const struct ks_pe_signature *s)
{
	static const char *const words[] = {
		[KS_PE_NOT_REVOKED] = "clear",
		[KS_PE_CERT_REVOKED] = "certificate",
		[KS_PE_CA_REVOKED] = "ca",
		[KS_PE_NO_SIGNER] = "no-signer",
		[KS_PE_TRUST_REVOKED] = "trust",
	};

	return opt_dbx ? words[s->revoked] : NULL;
}

static int put_chain(struct json_object *row, const struct ks_certs *chain, struct ks_diag *diag)
{
	struct json_object *array = ks_json_array(row, "chain"), *to;
	size_t i;
	int rc = 0;

	for (i = 0; i < chain->nr_certs && !rc; i++) {
		struct words w = { 0 };

		rc = describe(&chain->cert[i], &w, diag);
		to = ks_json_row(array);
		ks_json_str(to, "name", w.signer);
		ks_json_str(to, "issuer", w.issuer);
		ks_json_str(to, "sha256", w.fingerprint);
		ks_json_str(to, "not_after", w.not_after);
		ks_json_bool(to, "expired", w.expired);
	}
	return rc;
}

/* null if there was nothing to ask */
static void put_answer(struct json_object *row, const char *key, bool asked, bool answer)
{
	if (asked)
		ks_json_bool(row, key, answer);
	else
		ks_json_str(row, key, NULL);
}

static int put_signature(struct json_object *row, const struct ks_pe_signature *s,
			 struct ks_diag *diag)
{
	struct words w = { 0 };
	bool named = s->chain.nr_certs;
	int rc = named ? describe(&s->chain.cert[0], &w, diag) : 0;

	ks_json_str(row, "signer", named ? w.signer : NULL);
	ks_json_str(row, "issuer", named ? w.issuer : NULL);
	ks_json_str(row, "sha256", named ? w.fingerprint : NULL);
	ks_json_str(row, "not_after", named ? w.not_after : NULL);
	ks_json_bool(row, "expired", w.expired);
	ks_json_str(row, "digest", s->alg);
	put_answer(row, "matches", s->compared, s->matches);
	ks_json_bool(row, "ecdsa", s->ecdsa);
	put_answer(row, "intact", s->checked, s->intact);
	ks_json_str(row, "fault", s->error.err ? s->error.what : NULL);
	if (opt_trust.nr_values)
		ks_json_bool(row, "trusted", s->trusted);
	ks_json_str(row, "dbx", revoked_word(s));
	return rc ? rc : put_chain(row, &s->chain, diag);
}

/* @verdict: NULL for show, which has none. */
static int print_json(const struct ks_pe_report *report, const char *file, const char *verdict,
		      const struct ks_diag *reason, struct ks_diag *diag)
{
	__cleanup(ks_json_free) struct json_object *json = json_object_new_object();
	char hex[HEX_BYTES];
	struct json_object *array;
	size_t i;
	int rc = 0;

	ks_hex(ks_digest_span(&report->sha256), hex, sizeof(hex));
	ks_json_str(json, "file", file);
	if (verdict) {
		ks_json_str(json, "verdict", verdict);
		ks_json_str(json, "reason", reason->err ? reason->what : NULL);
	}
	ks_json_str(json, "machine",
		    report->view.machine == KS_PE_MACHINE_X64 ? "x86-64" : "arm64");
	ks_json_str(json, "sha256", hex);
	ks_json_bool(json, "checksum_ok",
		     report->view.checksum ==
			     ks_pe_checksum(report->view.file, report->view.checksum_off));
	ks_json_str(json, "dbx", !opt_dbx ? NULL : report->image_revoked ? "image" : "clear");
	array = ks_json_array(json, "signatures");
	for (i = 0; i < report->nr_signatures && !rc; i++)
		rc = put_signature(ks_json_row(array), &report->signature[i], diag);
	if (!rc)
		ks_json_print(json);
	return rc;
}

/* What dbx makes of a signature, in words. */
static const char *dbx_words(const struct ks_pe_signature *s)
{
	static const char *const words[] = {
		[KS_PE_NOT_REVOKED] = "not in dbx",
		[KS_PE_CERT_REVOKED] = "REVOKED by dbx",
		[KS_PE_CA_REVOKED] = "CA REVOKED by dbx",
		[KS_PE_NO_SIGNER] = "REFUSED where there is a dbx",
		[KS_PE_TRUST_REVOKED] = "trusted certificate REVOKED by dbx",
	};

	return words[s->revoked];
}

static int print_signature(const struct ks_pe_signature *s, size_t idx, struct ks_diag *diag)
{
	struct words w = { 0 };
	int rc = s->chain.nr_certs ? describe(&s->chain.cert[0], &w, diag) : 0;

	if (rc)
		return rc;
	if (!s->chain.nr_certs) {
		printf("signature %zu: signer unknown, ", idx + 1);
	} else {
		printf("signature %zu: %s, issued by %s, %s %s\n", idx + 1, ks_shown(w.signer),
		       ks_shown(w.issuer), w.expired ? "EXPIRED" : "until", w.not_after);
		printf("  certificate SHA-256 %s\n  ", w.fingerprint);
	}
	if (s->alg)
		printf("%s %s, ", s->alg,
		       !s->compared ? "not there to be compared" :
		       s->matches   ? "matches" :
				      "DOES NOT MATCH");
	else
		printf("SKIPPED by firmware, ");
	printf("%s", !s->checked ? "could not be checked" : s->intact ? "intact" : "NOT INTACT");
	if (opt_trust.nr_values)
		printf(", %s", s->trusted ? "trusted" : "not trusted");
	if (opt_dbx)
		printf(", %s", dbx_words(s));
	putchar('\n');
	if (s->ecdsa)
		puts("  ECDSA: OVMF 2022.11 and 2025.02 refuse it, 2026.08 takes it");
	if (s->error.err)
		printf("  %s\n", s->error.what);
	return 0;
}

static int print_lines(const struct ks_pe_report *report, const char *file, struct ks_diag *diag)
{
	char hex[HEX_BYTES];
	size_t i;
	int rc = 0;

	ks_hex(ks_digest_span(&report->sha256), hex, sizeof(hex));
	printf("%s: SHA-256 %s%s, %zu signature%s\n", ks_shown(file), hex,
	       report->image_revoked ? " REVOKED by dbx" : "", report->nr_signatures,
	       report->nr_signatures == 1 ? "" : "s");
	for (i = 0; i < report->nr_signatures && !rc; i++)
		rc = print_signature(&report->signature[i], i, diag);
	return rc;
}

/* Load what the options name, and look. */
static int inspect(const char *file, struct ks_slurp *memory, struct ks_pe_report *report,
		   struct ks_diag *diag)
{
	__cleanup(ks_certs_done) struct ks_certs trust = { 0 };
	__cleanup(ks_dbx_done) struct ks_dbx dbx = { 0 };
	struct ks_pe_db db = { 0 };
	struct ks_span in = { 0 };
	int rc = ks_load_certs(&opt_trust, &trust, diag);

	if (!rc && opt_dbx)
		rc = ks_dbx_load(opt_dbx, NULL, &dbx, diag);
	if (!rc)
		rc = ks_slurp_file(memory, file, KS_MAX_IMAGE_BYTES, &in, diag);
	if (rc)
		return rc;
	if (opt_trust.nr_values)
		db.trust = &trust;
	if (opt_dbx)
		db.dbx = &dbx;
	rc = ks_pe_inspect(&db, in, report, diag);
	ks_diag_in(diag, file);
	return rc;
}

static const char *verdict_word(int rc)
{
	switch (rc) {
	case 0:
		return "verified";
	case -ENODATA:
		return "unsigned";
	case -ENOKEY:
		return "untrusted";
	case -EKEYREJECTED:
		return "refused";
	}
	return "unknown";
}

static int run_verify(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(ks_pe_report_done) struct ks_pe_report report = { 0 };
	__cleanup(ks_slurp_done) struct ks_slurp memory = { 0 };
	struct ks_diag failed = { 0 };
	int rc = inspect(args[0], &memory, &report, diag), verdict;

	(void)nr_args;
	if (rc)
		return rc;
	verdict = ks_pe_verdict(&report, diag);
	if (opt_json)
		rc = print_json(&report, args[0], verdict_word(verdict), diag, &failed);
	else
		rc = print_lines(&report, args[0], &failed);
	if (rc) {
		*diag = failed;
		verdict = rc;
	}
	ks_diag_in(diag, args[0]);
	if (!verdict && !opt_json)
		printf("%s: verified, %zu signature%s\n", ks_shown(args[0]), report.nr_signatures,
		       report.nr_signatures == 1 ? "" : "s");
	/* Signed, but by no certificate that db trusts: the firmware would not start it. */
	return verdict == -ENOKEY ? -EKEYREJECTED : verdict;
}

static int run_show(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(ks_pe_report_done) struct ks_pe_report report = { 0 };
	__cleanup(ks_slurp_done) struct ks_slurp memory = { 0 };
	int rc = inspect(args[0], &memory, &report, diag);

	(void)nr_args;
	if (rc)
		return rc;
	return opt_json ? print_json(&report, args[0], NULL, NULL, diag) :
			  print_lines(&report, args[0], diag);
}

const struct ks_verb ks_verb_pe_verify = {
	"pe", "verify", "IN", 1,
	"check an image's signatures as firmware does",
	(const struct ks_opt[]){
		{ "--trust", "PEM", "what db holds", true, .ret_values = &opt_trust },
		{ "--dbx", "FILE", "what dbx holds: signature lists, efivarfs' dbx, an update or JSON",
		  .ret_value = &opt_dbx },
		{ .name = "--json", .help = "as JSON", .ret_flag = &opt_json },
		{ 0 } },
	run_verify,
};

const struct ks_verb ks_verb_pe_show = {
	"pe", "show", "IN", 1,
	"list an image's signatures",
	(const struct ks_opt[]){
		{ "--dbx", "FILE", "say what of it is in this dbx", .ret_value = &opt_dbx },
		{ .name = "--json", .help = "as JSON", .ret_flag = &opt_json },
		{ 0 } },
	run_show,
};
