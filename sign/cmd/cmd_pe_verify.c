// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/slurp.h"
#include "base/limits.h"
#include "base/shown.h"
#include "cli/screen.h"
#include "cmd/certs.h"
#include "cmd/key_opts.h"
#include "ops/pe_verify.h"

static const char *opt_dbx, *opt_sbat_level;
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

static const char *component_of(const struct ks_pe_sbat *sbat, char *text, size_t text_bytes)
{
	struct ks_span name = sbat->entry.component;

	snprintf(text, text_bytes, "%.*s", (int)(name.bytes < text_bytes ? name.bytes : text_bytes - 1),
		 (const char *)name.p);
	return text;
}

/* null if there was nothing to ask */
static void put_answer(struct json_object *row, const char *key, bool asked, bool answer)
{
	if (asked)
		ks_json_bool(row, key, answer);
	else
		ks_json_str(row, key, NULL);
}

static int put_signature(struct json_object *row, const struct ks_pe_signature *s, struct ks_diag *diag)
{
	u64 now = ks_clock_now();
	int rc = 0;

	if (s->chain.nr_certs)
		rc = ks_cert_json(ks_json_object(row, "signer"), &s->chain.cert[0], now, diag);
	else
		ks_json_str(row, "signer", NULL);
	ks_json_str(row, "hash", s->alg);
	put_answer(row, "matches", s->compared, s->matches);
	ks_json_bool(row, "ecdsa", s->ecdsa);
	put_answer(row, "intact", s->checked, s->intact);
	put_answer(row, "trusted", opt_trust.nr_values, s->trusted);
	ks_json_str(row, "dbx", opt_dbx ? ks_pe_revoked_word(s->revoked) : NULL);
	ks_json_errors(row, &s->error);
	return rc ? rc : ks_certs_json(row, "chain", &s->chain, now, diag);
}

/* null without a .sbat section that can be read */
static void put_sbat(struct json_object *json, const struct ks_pe_report *report)
{
	struct json_object *array, *row;
	char name[128];
	size_t i;

	if (!report->has_sbat) {
		ks_json_str(json, "sbat", NULL);
		return;
	}
	array = ks_json_array(json, "sbat");
	for (i = 0; i < report->nr_sbat; i++) {
		const struct ks_pe_sbat *entry = &report->sbat[i];

		row = ks_json_row(array);
		ks_json_str(row, "component", component_of(entry, name, sizeof(name)));
		ks_json_int(row, "generation", entry->entry.generation);
		if (entry->has_least)
			ks_json_int(row, "least", entry->least);
		else
			ks_json_str(row, "least", NULL);
	}
}

static void put_image(struct json_object *json, const struct ks_pe_report *report)
{
	u32 checksum = ks_pe_checksum(report->view.file, report->view.checksum_off);

	ks_json_str(json, "machine", report->view.machine == KS_PE_MACHINE_X64 ? "x86-64" : "arm64");
	ks_json_hex(json, "sha256", ks_digest_span(&report->file_sha256));
	ks_json_hex(json, "authenticode_sha256", ks_digest_span(&report->sha256));
	ks_json_bool(json, "checksum_ok", report->view.checksum == checksum);
	ks_json_str(json, "dbx", !opt_dbx ? NULL : report->image_revoked ? "image" : "clear");
	put_sbat(json, report);
}

/* Signatures are counted from 1, as the lines do. */
static void put_verdict(struct json_object *json, const struct ks_pe_report *report, const char *verdict,
			const struct ks_diag *reason)
{
	size_t idx = ks_pe_decider(report);

	ks_json_str(json, "verdict", verdict);
	if (idx == KS_PE_NO_DECIDER)
		ks_json_str(json, "decided_by", NULL);
	else
		ks_json_int(json, "decided_by", idx + 1);
	ks_json_errors(json, reason);
}

/* @verdict: NULL for show, which has none. */
static int print_json(const struct ks_pe_report *report, const char *file, const char *verdict,
		      const struct ks_diag *reason, struct ks_diag *diag)
{
	__cleanup(ks_json_free) struct json_object *json =
		ks_json_new(verdict ? "kseal/pe-verify/1" : "kseal/pe-show/1");
	struct json_object *array;
	size_t i;
	int rc = 0;

	ks_json_name(json, "file", file);
	if (verdict)
		put_verdict(json, report, verdict, reason);
	put_image(json, report);
	array = ks_json_array(json, "signatures");
	for (i = 0; i < report->nr_signatures && !rc; i++)
		rc = put_signature(ks_json_row(array), &report->signature[i], diag);
	if (!rc)
		ks_json_print(json);
	return rc;
}

static const char *bad(const char *text)
{
	return ks_painted(stdout, KS_PAINT_BAD, text);
}

static const char *good(const char *text)
{
	return ks_painted(stdout, KS_PAINT_GOOD, text);
}

static int print_signer(const struct ks_pe_signature *s, size_t idx, struct ks_diag *diag)
{
	struct words w = { 0 };
	int rc = s->chain.nr_certs ? describe(&s->chain.cert[0], &w, diag) : 0;

	if (rc)
		return rc;
	if (!s->chain.nr_certs) {
		printf("signature %zu: signer unknown, ", idx + 1);
		return 0;
	}
	printf("signature %zu: %s, issued by %s, %s %s\n", idx + 1, ks_shown(w.signer), ks_shown(w.issuer),
	       w.expired ? bad("EXPIRED") : "until", w.not_after);
	printf("  certificate  %s\n  ", w.fingerprint);
	return 0;
}

static int print_signature(const struct ks_pe_signature *s, size_t idx, struct ks_diag *diag)
{
	int rc = print_signer(s, idx, diag);

	if (rc)
		return rc;
	if (s->alg)
		printf("%s %s, ", s->alg,
		       !s->compared ? "not there to be compared" :
		       s->matches   ? "matches" :
				      bad("DOES NOT MATCH"));
	else
		printf("SKIPPED by firmware, ");
	printf("%s", !s->checked ? "could not be checked" : s->intact ? "intact" : bad("NOT INTACT"));
	if (opt_trust.nr_values)
		printf(", %s", s->trusted ? good("trusted") : "not trusted");
	if (opt_dbx)
		printf(", %s", s->revoked == KS_PE_NOT_REVOKED ? ks_pe_revoked_text(s->revoked) :
							       bad(ks_pe_revoked_text(s->revoked)));
	putchar('\n');
	if (s->ecdsa)
		puts("  ECDSA: OVMF 2022.11 and 2025.02 refuse it, 2026.08 takes it");
	if (s->error.err)
		printf("  %s\n", s->error.what);
	return 0;
}

static void print_sbat(const struct ks_pe_report *report)
{
	char name[128];
	size_t i;

	if (!report->has_sbat)
		puts("SBAT: none, or none that shim can read");
	else if (report->has_level && !report->sbat_error.err)
		puts("SBAT: not revoked by the level");
	for (i = 0; i < report->nr_sbat; i++) {
		const struct ks_pe_sbat *sbat = &report->sbat[i];

		if (sbat->has_least && sbat->entry.generation < sbat->least)
			printf("SBAT: %s %s, generation %" PRIu32 " of at least %" PRIu32 "\n",
			       ks_shown(component_of(sbat, name, sizeof(name))), bad("REVOKED"),
			       sbat->entry.generation, sbat->least);
	}
}

static void print_hash(const char *name, const struct ks_digest *digest, const char *behind)
{
	char hex[HEX_BYTES];

	ks_hex(ks_digest_span(digest), hex, sizeof(hex));
	printf("%-12s %s%s\n", name, hex, behind);
}

static int print_lines(const struct ks_pe_report *report, const char *file, struct ks_diag *diag)
{
	size_t i;
	int rc = 0;

	printf("%s: %zu signature%s\n", ks_shown(file), report->nr_signatures,
	       report->nr_signatures == 1 ? "" : "s");
	print_hash("sha256sum", &report->file_sha256, "");
	print_hash("Authenticode", &report->sha256, report->image_revoked ? bad(" REVOKED by dbx") : "");
	for (i = 0; i < report->nr_signatures && !rc; i++)
		rc = print_signature(&report->signature[i], i, diag);
	if (!rc && opt_sbat_level)
		print_sbat(report);
	return rc;
}

/* Load what the options name, and look. */
static int inspect(const char *file, struct ks_slurp *memory, struct ks_pe_report *report,
		   struct ks_diag *diag)
{
	__cleanup(ks_db_files_done) struct ks_db_files files = { 0 };
	struct ks_span in = { 0 };
	int rc = ks_db_load(&opt_trust, opt_dbx, opt_sbat_level, &files, diag);

	if (!rc)
		rc = ks_slurp_file(memory, file, KS_MAX_IMAGE_BYTES, &in, diag);
	if (rc)
		return rc;
	rc = ks_pe_inspect(&files.db, in, report, diag);
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

/* What was not looked at, since nobody gave it. */
static const char *not_given(void)
{
	if (!opt_dbx)
		return opt_sbat_level ? "; no dbx was given" : "; neither dbx nor SBAT level was given";
	return opt_sbat_level ? "" : "; no SBAT level was given";
}

static void print_verified(const struct ks_pe_report *report, const char *file)
{
	printf("%s: %s by signature %zu of %zu%s\n", ks_shown(file), good("verified"),
	       ks_pe_decider(report) + 1, report->nr_signatures, not_given());
}

static void print_decider(const struct ks_pe_report *report, const char *file)
{
	size_t idx = ks_pe_decider(report);

	if (idx != KS_PE_NO_DECIDER && !report->signature[idx].trusted)
		printf("%s: decided by signature %zu of %zu\n", ks_shown(file), idx + 1,
		       report->nr_signatures);
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
	ks_diag_in(diag, args[0]);
	if (opt_json)
		rc = print_json(&report, args[0], verdict_word(verdict), diag, &failed);
	else
		rc = print_lines(&report, args[0], &failed);
	if (rc) {
		*diag = failed;
		ks_diag_in(diag, args[0]);
		return rc;
	}
	if (!opt_json && verdict)
		print_decider(&report, args[0]);
	else if (!opt_json)
		print_verified(&report, args[0]);
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
		{ "--trust", "FILE", "what db holds: any file that holds certificates", true,
		  .ret_values = &opt_trust },
		{ "--dbx", "FILE", "what dbx holds: signature lists, an update, a variable store or JSON",
		  .ret_value = &opt_dbx },
		{ "--sbat-level", "FILE", "what shim's SbatLevel holds: text, or a variable store",
		  .ret_value = &opt_sbat_level },
		KS_PASS_OPTS,
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
