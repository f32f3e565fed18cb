// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cmd/audit_artifact.h"
#include "cmd/sheet.h"

static void add_signs(struct json_object *to, unsigned int may)
{
	struct json_object *array = ks_json_array(to, "signs");
	unsigned int i;

	for (i = 0; i < KS_NR_SIGNS; i++)
		if (may & 1U << i)
			ks_json_word(array, ks_signs_name(i));
}

static void add_rings(struct json_object *to, const struct ks_signers *signers)
{
	struct json_object *array = ks_json_array(to, "keyrings"), *row;
	unsigned int i;

	for (i = 0; i < KS_NR_RINGS; i++) {
		row = ks_json_row(array);
		ks_json_str(row, "name", ks_ring_name((enum ks_signer_ring)i));
		ks_json_bool(row, "there", signers->ring[i].is_there);
		ks_json_str(row, "from", signers->ring[i].is_there ? signers->ring[i].from : NULL);
		add_signs(row, signers->ring[i].may);
	}
}

static int add_key(struct json_object *array, const struct ks_signer_key *key, u64 now, struct ks_diag *diag)
{
	static const char *const dbx[] = { NULL, "clear", "certificate", "digest" };
	struct json_object *row = ks_json_row(array);

	ks_json_str(row, "keyring", ks_ring_name(key->ring));
	add_signs(row, key->may);
	ks_json_bool(row, "of_build", key->of_build);
	ks_json_bool(row, "loaded", key->is_loaded);
	ks_json_bool(row, "revoked", key->is_revoked);
	ks_json_str(row, "dbx", dbx[key->dbx]);
	ks_json_bool(row, "weak", key->traits.weak_key);
	return ks_cert_json(row, &key->cert, now, diag);
}

static int add_signers(struct json_object *json, const struct ks_artifact *artifact, u64 now, struct ks_diag *diag)
{
	const struct ks_signers *signers = &artifact->signers;
	struct json_object *to = ks_json_object(json, "signers"), *keys;
	size_t i;
	int rc = 0;

	ks_json_str(to, "rules", KS_KERNEL_SERIES);
	ks_json_bool(to, "of_this_version", artifact->signers.of_series);
	ks_json_bool(to, "closed_set", signers->is_closed);
	ks_json_str(to, "closed_when", signers->is_closed && *signers->closed_when ? signers->closed_when : NULL);
	ks_json_str(to, "open_why", signers->is_closed ? NULL : signers->open_why);
	add_rings(to, signers);
	keys = ks_json_array(to, "keys");
	for (i = 0; !rc && i < signers->nr_keys; i++)
		rc = add_key(keys, &signers->key[i], now, diag);
	ks_json_errors(to, &signers->fault);
	return rc;
}

/* By whom: the first certificate of each signature's chain. */
static void add_signed_by(struct json_object *row, const struct ks_pe_report *report)
{
	struct json_object *array = ks_json_array(row, "signed_by");
	char name[128];
	size_t i;

	for (i = 0; i < report->nr_signatures; i++) {
		if (!report->signature[i].chain.nr_certs)
			continue;
		ks_cert_name(&report->signature[i].chain.cert[0], name, sizeof(name));
		ks_json_word(array, name);
	}
}

static void add_images(struct json_object *json, const struct ks_artifact *artifact)
{
	struct json_object *array = ks_json_array(json, "images"), *row;
	size_t i;

	for (i = 0; i < artifact->nr_pes; i++) {
		const struct ks_audit_pe *pe = artifact->pe[i];

		row = ks_json_row(array);
		ks_json_name(row, "file", pe->path);
		ks_json_str(row, "role", pe->role);
		ks_json_str(row, "authenticode_sha256", NULL);
		if (!pe->fault.err)
			ks_json_hex(row, "authenticode_sha256", ks_digest_span(&pe->report.sha256));
		add_signed_by(row, &pe->report);
		ks_json_errors(row, pe->fault.err ? &pe->fault : &pe->verdict);
	}
}

static struct json_object *add_pcr(struct json_object *array, unsigned int pcr, const char *bank)
{
	struct json_object *row = ks_json_row(array);

	ks_json_int(row, "pcr", pcr);
	ks_json_str(row, "bank", bank);
	ks_json_str(row, "profile", NULL);
	ks_json_str(row, "phase", NULL);
	ks_json_str(row, "value", NULL);
	return row;
}

static void add_pcr_11(struct json_object *array, const struct ks_artifact *artifact)
{
	const struct ks_diag none = { 0 };
	struct json_object *row;
	size_t i;

	if (artifact->why_11.err) {
		row = add_pcr(array, 11, NULL);
		ks_json_array(row, "events");
		ks_json_errors(row, &artifact->why_11);
		return;
	}
	for (i = 0; i < artifact->policies.nr_policies; i++) {
		const struct ks_uki_policy *p = &artifact->policies.policy[i];

		row = add_pcr(array, 11, p->bank->name);
		ks_json_int(row, "profile", p->profile);
		ks_json_str(row, "phase", p->phases);
		ks_json_hex(row, "value", ks_digest_span(&p->pcr));
		ks_json_array(row, "events");
		ks_json_errors(row, &none);
	}
}

static void add_boot_pcr(struct json_object *array, const struct ks_boot_pcr *pcr)
{
	struct json_object *row = add_pcr(array, pcr->pcr, pcr->bank->name), *events, *event;
	size_t i;

	if (!pcr->why.err)
		ks_json_hex(row, "value", ks_digest_span(&pcr->value));
	events = ks_json_array(row, "events");
	for (i = 0; !pcr->why.err && i < pcr->nr_events; i++) {
		event = ks_json_row(events);
		ks_json_str(event, "type", pcr->event[i].type);
		ks_json_text(event, "what", ks_span_str(pcr->event[i].what));
		ks_json_hex(event, "digest", ks_digest_span(&pcr->event[i].digest));
	}
	ks_json_errors(row, &pcr->why);
}

static void add_module(struct json_object *array, const struct ks_audit_module *m)
{
	const struct ks_kverdict *v = &m->verdict;
	struct json_object *row = ks_json_row(array), *log;
	const char *why = m->state == KS_MODULE_UNJUDGED ? m->fault.what : ks_kverdict_why(v);

	ks_json_text(row, "file", m->name);
	ks_json_str(row, "state", ks_module_state_name(m->state));
	ks_json_str(row, "why", m->state == KS_MODULE_LOADS ? NULL : why);
	log = ks_json_array(row, "log");
	if (m->state != KS_MODULE_UNJUDGED && v->sig_log.text[0])
		ks_json_word(log, v->sig_log.text);
	if (m->state != KS_MODULE_UNJUDGED && v->load[KS_KMODE_SIG_ENFORCE].log.text[0])
		ks_json_word(log, v->load[KS_KMODE_SIG_ENFORCE].log.text);
	ks_json_bool(row, "listed", m->is_listed);
	ks_json_bool(row, "builtin", m->is_builtin);
}

/* Files that load, and that somebody finds, are counted and not named. */
static void add_modules(struct json_object *json, const struct ks_artifact *artifact)
{
	const struct ks_audit_modules *modules = &artifact->modules;
	struct json_object *to, *array, *row;
	size_t i;

	ks_json_str(json, "modules", NULL);
	if (!artifact->has_modules)
		return;
	to = ks_json_object(json, "modules");
	ks_json_name(to, "directory", modules->dir);
	array = ks_json_object(to, "counts");
	for (i = 0; i < KS_NR_MODULE_STATES; i++)
		ks_json_int(array, ks_module_state_name((enum ks_module_state)i), modules->nr_of[i]);
	ks_json_bool(to, "dep", modules->has_dep);
	array = ks_json_array(to, "files");
	for (i = 0; i < modules->nr_modules; i++) {
		const struct ks_audit_module *m = &modules->module[i];

		if (m->state != KS_MODULE_LOADS || m->is_builtin || (modules->has_dep && !m->is_listed))
			add_module(array, m);
	}
	array = ks_json_array(to, "missing");
	for (i = 0; i < modules->nr_missing; i++) {
		row = ks_json_row(array);
		ks_json_text(row, "file", modules->missing[i].name);
		ks_json_str(row, "by", modules->missing[i].by);
	}
	ks_json_errors(to, &modules->fault);
}

static void add_release(struct json_object *json, const struct ks_release *release)
{
	struct json_object *to, *array, *row;
	size_t i;

	ks_json_str(json, "release", NULL);
	if (!release)
		return;
	to = ks_json_object(json, "release");
	ks_json_name(to, "directory", release->dir);
	array = ks_json_array(to, "files");
	for (i = 0; i < release->nr_files; i++) {
		row = ks_json_row(array);
		ks_json_name(row, "file", release->file[i].name);
		ks_json_str(row, "role", release->file[i].role);
		ks_json_str(row, "state", ks_release_state_name(release->file[i].state));
	}
}

static void add_findings(struct json_object *json, const struct ks_findings *findings)
{
	struct json_object *array = ks_json_array(json, "findings"), *row;
	size_t i;

	for (i = 0; i < findings->nr_findings; i++) {
		const struct ks_finding *f = &findings->finding[i];

		row = ks_json_row(array);
		ks_json_str(row, "rule", f->rule);
		ks_json_str(row, "severity", f->fatal ? "fatal" : "advice");
		ks_json_str(row, "what", f->what);
		ks_json_str(row, "detail", NULL);
		if (f->detail[0])
			ks_json_text(row, "detail", ks_span_str(f->detail));
	}
}

int ks_artifact_json(struct json_object *json, const struct ks_artifact *artifact, u64 now, struct ks_diag *diag)
{
	struct json_object *array;
	size_t i;
	int rc = add_signers(json, artifact, now, diag);

	add_images(json, artifact);
	array = ks_json_array(json, "pcrs");
	for (i = 0; i < artifact->nr_pcrs; i++)
		add_boot_pcr(array, &artifact->pcr[i]);
	add_pcr_11(array, artifact);
	add_release(json, artifact->release);
	add_modules(json, artifact);
	add_findings(json, &artifact->findings);
	return rc;
}
