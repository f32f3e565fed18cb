// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/shown.h"
#include "cmd/certs.h"
#include "cmd/json.h"
#include "cmd/key_opts.h"
#include "ops/efi_update.h"

static const char *opt_name, *opt_output, *opt_signature, *opt_vars, *opt_pk;
static struct ks_values opt_add_cert, opt_kek;
static bool opt_append, opt_delete, opt_json;

#define NAME_OPT                                                                              \
	{ "--name", KS_EFI_KEY_OPTION, "the variable that the update is for", true,           \
	  .ret_value = &opt_name }
#define APPEND_OPT                                                                            \
	{ .name = "--append", .help = "it adds to the variable, else it replaces it",         \
	  .ret_flag = &opt_append }
#define DELETE_OPT { .name = "--delete", .help = "it deletes the variable; no FILE then", .ret_flag = &opt_delete }
#define CHAIN_OPT                                                                             \
	{ "--add-cert", "PEM", "intermediate certificate to embed", .ret_values = &opt_add_cert }

/* What the options say, with the lists of the file, which @memory keeps. */
static int read_update(int nr_args, char **args, struct ks_buf *memory, struct ks_efi_update *update,
		       struct ks_diag *diag)
{
	struct ks_esl_view view;
	u64 now = 0;
	int rc = ks_efi_key_named(opt_name, &update->key, diag);

	if (!rc && (opt_delete ? nr_args || opt_append : !nr_args)) {
		ks_fail(diag, -EINVAL, KS_NO_OFF,
			opt_delete ? "--delete goes with neither FILE nor --append" :
				     "no FILE with the signature lists, or --delete");
		return KS_EXIT_USAGE;
	}
	update->append = opt_append;
	if (!rc)
		rc = ks_clock_build_time(&now, diag);
	if (rc)
		return rc;
	ks_efi_time_set(now, update->time);
	if (opt_delete)
		return 0;
	rc = ks_file_load(args[0], KS_MAX_TEXT_BYTES, memory, diag);
	if (!rc)
		rc = ks_efi_parse_lists(ks_buf_span(memory), &view, diag);
	if (!rc && !view.nr_lists)
		rc = ks_fail(diag, -EBADMSG, KS_NO_OFF,
			     "no signature lists in it, --delete deletes a variable");
	ks_diag_in(diag, args[0]);
	if (!rc)
		update->payload = view.all;
	return rc;
}

static int publish(const struct ks_buf *content, struct ks_diag *diag)
{
	struct ks_span part = ks_buf_span(content);

	return ks_file_publish(opt_output, &part, 1, 0644, diag);
}

static void say(const struct ks_efi_update *update, const char *what)
{
	char text[KS_EFI_TIME_TEXT_BYTES];

	ks_efi_time_format(update->time, text);
	printf("%s: %s %s %s, %s UTC\n", ks_shown(opt_output), what,
	       !update->payload.bytes ? "deletes" : update->append ? "adds to" : "replaces",
	       update->key->name, text);
}

static int run_auth(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(ks_signer_close) struct ks_signer signer = { 0 };
	__cleanup(ks_buf_done) struct ks_buf memory = { 0 }, out = { 0 };
	__cleanup(ks_certs_done) struct ks_certs chain = { 0 };
	struct ks_efi_update update = { 0 };
	int rc = read_update(nr_args, args, &memory, &update, diag);

	if (!rc)
		rc = ks_cmd_signer_open(KS_SIGN_UPDATE, "sha256", &signer, diag);
	if (!rc)
		rc = ks_load_chain(&signer, &opt_add_cert, &chain, diag);
	if (!rc)
		rc = ks_efi_update_sign(&signer, &chain, &update, &out, diag);
	if (!rc)
		rc = publish(&out, diag);
	if (!rc)
		say(&update, "signed,");
	return rc;
}

static int run_prepare(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf memory = { 0 }, out = { 0 };
	struct ks_efi_update update = { 0 };
	char hex[2 * KS_ESL_SHA256_BYTES + 1];
	struct ks_digest digest;
	int rc = read_update(nr_args, args, &memory, &update, diag);

	if (!rc)
		rc = ks_efi_update_put_signed(&update, &out, diag);
	if (!rc)
		rc = ks_sha256(ks_buf_span(&out), &digest, diag);
	if (!rc)
		rc = publish(&out, diag);
	if (rc)
		return rc;
	say(&update, "to be signed,");
	ks_hex(ks_digest_span(&digest), hex, sizeof(hex));
	printf("SHA-256 %s\n", hex);
	return 0;
}

static int run_attach(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf memory = { 0 }, sig = { 0 }, out = { 0 };
	__cleanup(ks_signer_close) struct ks_signer signer = { 0 };
	__cleanup(ks_certs_done) struct ks_certs chain = { 0 };
	const struct ks_efi_key *key = NULL;
	struct ks_efi_update update = { 0 };
	int rc = ks_efi_key_named(opt_name, &key, diag);

	(void)nr_args;
	if (!rc)
		rc = ks_file_load(args[0], KS_MAX_TEXT_BYTES, &memory, diag);
	if (rc)
		return rc;
	rc = ks_efi_update_read_signed(ks_buf_span(&memory), key, &update, diag);
	ks_diag_in(diag, args[0]);
	if (!rc)
		rc = ks_cmd_signer_open(KS_SIGN_UPDATE, "sha256", &signer, diag);
	if (!rc)
		rc = ks_load_chain(&signer, &opt_add_cert, &chain, diag);
	if (!rc)
		rc = ks_file_load(opt_signature, KS_MAX_RAW_SIG_BYTES, &sig, diag);
	if (rc)
		return rc;
	rc = ks_efi_update_attach(&signer, &chain, &update, ks_buf_span(&sig), &out, diag);
	ks_diag_in(diag, opt_signature);
	if (!rc)
		rc = publish(&out, diag);
	if (!rc)
		say(&update, "signed,");
	return rc;
}

static int load_lists(const struct ks_values *paths, struct ks_buf *out, struct ks_diag *diag)
{
	__cleanup(ks_certs_done) struct ks_certs certs = { 0 };
	int rc = ks_load_certs(paths, &certs, diag);

	return rc ? rc : ks_efi_put_certs(out, &ks_efi_owner, &certs, diag);
}

static int load_state(const struct ks_efi_key *key, struct ks_efi_state *state, struct ks_diag *diag)
{
	struct ks_values pk = { .value = { opt_pk }, .nr_values = opt_pk ? 1 : 0 };

	if (opt_vars ? opt_pk || opt_kek.nr_values : !opt_pk) {
		ks_fail(diag, -EINVAL, KS_NO_OFF, "give the machine's keys: --vars, or --pk and --kek");
		return KS_EXIT_USAGE;
	}
	if (opt_vars)
		return ks_efi_state_load(opt_vars, key, state, diag);
	return load_lists(&pk, &state->pk, diag) ?: load_lists(&opt_kek, &state->kek, diag);
}

static const char *key_word(const struct ks_efi_verdict *v)
{
	return v->by_kek ? "KEK" : "PK";
}

static void print_json(const char *file, const struct ks_efi_verdict *v,
		       const struct ks_efi_state *state, int rc, const struct ks_diag *reason)
{
	__cleanup(ks_json_free) struct json_object *json = ks_json_new("kseal/efi-auth-verify/1");
	char text[KS_EFI_TIME_TEXT_BYTES];
	struct json_object *setup;

	ks_efi_time_format(v->time, text);
	ks_json_name(json, "file", file);
	ks_json_str(json, "name", opt_name);
	ks_json_bool(json, "append", opt_append);
	ks_json_str(json, "time", text);
	ks_json_int(json, "nr_signatures", v->nr_sigs);
	ks_json_str(json, "mode", state->pk.bytes ? "user" : "setup");
	ks_json_str(json, "verdict", rc ? "refused" : "taken");
	ks_json_errors(json, reason);
	ks_json_str(json, "anchor", v->signer[0] ? v->signer : NULL);
	ks_json_str(json, "anchor_in", v->signer[0] && state->pk.bytes ? key_word(v) : NULL);
	setup = ks_json_object(json, "setup_mode");
	ks_json_str(setup, "verdict", v->setup.err ? "refused" : "taken");
	ks_json_errors(setup, &v->setup);
	ks_json_print(json);
}

static void print_lines(const char *file, const struct ks_efi_key *key, const struct ks_efi_verdict *v,
			const struct ks_efi_state *state, int rc)
{
	char text[KS_EFI_TIME_TEXT_BYTES];

	ks_efi_time_format(v->time, text);
	printf("%s: %s %s, %s UTC, %zu signature%s\n", ks_shown(file),
	       opt_append ? "adds to" : v->nr_sigs ? "replaces" : "deletes", key->name, text, v->nr_sigs,
	       v->nr_sigs == 1 ? "" : "s");
	if (state->pk.bytes && !rc)
		printf("  user mode: taken, signed by %s of %s\n", ks_shown(v->signer), key_word(v));
	else if (state->pk.bytes)
		puts("  user mode: refused");
	if (v->setup.err)
		printf("  setup mode: refused: %s\n", v->setup.what);
	else if (key->is_pk)
		puts("  setup mode: taken, the new platform key signed itself");
	else
		puts("  setup mode: taken, whoever signed it: no signature is checked there");
}

static int run_verify(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(ks_efi_state_done) struct ks_efi_state state = { 0 };
	__cleanup(ks_buf_done) struct ks_buf file = { 0 };
	struct ks_efi_verdict verdict = { 0 };
	const struct ks_efi_key *key = NULL;
	int rc = ks_efi_key_named(opt_name, &key, diag);

	(void)nr_args;
	if (!rc)
		rc = load_state(key, &state, diag);
	if (!rc)
		rc = ks_file_load(args[0], KS_MAX_TEXT_BYTES, &file, diag);
	if (rc)
		return rc;
	rc = ks_efi_update_judge(ks_buf_span(&file), key, opt_append, &state, &verdict, diag);
	ks_diag_in(diag, args[0]);
	if (rc && rc != -EKEYREJECTED)
		return rc;
	if (opt_json)
		print_json(args[0], &verdict, &state, rc, diag);
	else
		print_lines(args[0], key, &verdict, &state, rc);
	return rc;
}

const struct ks_verb ks_verb_efi_auth = {
	"efi", "auth", "[FILE]", 1,
	"sign an update of PK, KEK, db, dbx or dbt",
	(const struct ks_opt[]){
		NAME_OPT, APPEND_OPT, DELETE_OPT,
		KS_KEY_OPTS, CHAIN_OPT,
		{ "--output", "FILE", "the update (.auth)", true, .ret_value = &opt_output },
		{ 0 } },
	run_auth,
};

const struct ks_verb ks_verb_efi_auth_prepare = {
	"efi", "auth-prepare", "[FILE]", 1,
	"write what is to be signed of an update, for a key that is elsewhere",
	(const struct ks_opt[]){
		NAME_OPT, APPEND_OPT, DELETE_OPT,
		{ "--output", "FILE", "the bytes whose SHA-256 is to be signed", true, .ret_value = &opt_output },
		{ 0 } },
	run_prepare,
};

const struct ks_verb ks_verb_efi_auth_attach = {
	"efi", "auth-attach", "FILE", 1,
	"make an update of what auth-prepare wrote and its signature",
	(const struct ks_opt[]){
		NAME_OPT, KS_CERT_OPT, KS_EXPIRED_OPT,
		{ "--signature", "FILE", "raw RSASSA-PKCS1-v1_5 signature", true, .ret_value = &opt_signature },
		CHAIN_OPT,
		{ "--output", "FILE", "the update (.auth)", true, .ret_value = &opt_output },
		{ 0 } },
	run_attach,
};

const struct ks_verb ks_verb_efi_auth_verify = {
	"efi", "auth-verify", "FILE", 1,
	"would OVMF take an update?",
	(const struct ks_opt[]){
		NAME_OPT, APPEND_OPT,
		{ "--vars", "FILE", "the machine's variable store", .ret_value = &opt_vars },
		{ "--pk", "PEM", "its platform key, where there is no store", .ret_value = &opt_pk },
		{ "--kek", "PEM", "what its KEK holds", .ret_values = &opt_kek },
		{ .name = "--json", .help = "as JSON", .ret_flag = &opt_json },
		{ 0 } },
	run_verify,
};
