// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "kernel/rules.h"
#include "ops/audit_artifact.h"
#include "ops/initrd_list.h"
#include "ops/keyring_audit.h"
#include "ops/pe.h"
#include "ops/uki_profile.h"

/* Everything that the checks look at. */
struct judge {
	struct ks_audited *audited;
	const struct ks_artifact_opts *opts;
	struct ks_artifact *artifact;
};

static void found(struct judge *j, const char *rule, bool fatal, const char *what, const char *detail)
{
	const struct ks_finding finding = { .rule = rule, .fatal = fatal, .off = KS_NO_OFF, .what = what };

	ks_findings_add(&j->artifact->findings, &finding, detail);
}

/* What is the matter with a file. */
static void found_in(struct judge *j, const char *rule, bool fatal, const char *what, const char *file, const char *more)
{
	char detail[KS_FINDING_DETAIL_BYTES];

	snprintf(detail, sizeof(detail), "%s%s%s", file, *more ? ": " : "", more);
	found(j, rule, fatal, what, detail);
}

static void check_series(struct judge *j)
{
	char detail[128];

	if (j->artifact->signers.of_series)
		return;
	snprintf(detail, sizeof(detail), "rules for " KS_KERNEL_SERIES "; this is %.*s",
		 KS_FMT(j->audited->release.bytes ? j->audited->release : ks_span_str("unknown")));
	found(j, "series", false, "kernel is of another release, whose rules may differ", detail);
}

static int fill_keyring(const struct ks_signers *signers, struct ks_keyring *keyring, struct ks_diag *diag)
{
	char name[KS_KEYRING_NAME_BYTES];
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < signers->nr_keys; i++) {
		const struct ks_signer_key *key = &signers->key[i];

		ks_cert_name(&key->cert, name, sizeof(name));
		rc = ks_keyring_add_cert(keyring, name,
					 (key->ring == KS_RING_DB ? KS_PURPOSE_DB : KS_PURPOSE_BUILTIN) |
						 (key->is_revoked ? KS_PURPOSE_REVOKED : 0U),
					 &key->cert, diag);
	}
	return rc;
}

/* Certificates: what keyring audit says of them, and what dbx does. */
static int check_certs(struct judge *j, struct ks_diag *diag)
{
	__cleanup(ks_keyring_done) struct ks_keyring keyring = { .keep_twice = true };
	__cleanup(ks_keyring_audit_done) struct ks_keyring_audit audit = { 0 };
	const struct ks_signers *signers = &j->artifact->signers;
	size_t i;
	int rc = fill_keyring(signers, &keyring, diag);

	rc = rc ? rc : ks_keyring_audit(&keyring, j->opts->now, &audit, diag);
	for (i = 0; !rc && i < audit.nr_findings; i++) {
		const struct ks_keyring_finding *f = &audit.finding[i];
		bool is_dev = !strcmp(f->rule, "dev-keys");

		/* In both lists is no mistake here: firmware's and the kernel's. */
		if (!strcmp(f->rule, "twice"))
			continue;
		found_in(j, f->rule, f->fatal && !(is_dev && j->opts->allow_dev_keys), f->what,
			 keyring.entry[f->entry].name, f->detail);
	}
	for (i = 0; !rc && i < signers->nr_keys; i++)
		if (signers->key[i].ring == KS_RING_BUILTIN &&
		    (signers->key[i].dbx == KS_DBX_CERT || signers->key[i].dbx == KS_DBX_DIGEST))
			found(j, "dbx", true, "dbx revokes a certificate that the kernel has built in, replace it",
			      keyring.entry[i].name);
	return rc;
}

static void check_set(struct judge *j)
{
	const struct ks_signers *signers = &j->artifact->signers;

	if (signers->fault.err) {
		j->artifact->cannot_tell = true;
		found_in(j, "signers", false, "keys of the kernel cannot be told", j->audited->path, signers->fault.what);
	} else if (!signers->is_closed) {
		found(j, "open-modules", false, "modules are not a closed set", signers->open_why);
	}
}

/* What shim asks, who may not be there: without a level nothing was asked. */
static void check_sbat(struct judge *j, const struct ks_audit_pe *pe)
{
	if (strcmp(pe->role, "image") != 0 || pe->report.has_sbat)
		return;
	found(j, "sbat", j->opts->db.sbat_level, "image has no SBAT that can be read, shim does not start it", pe->path);
}

static void check_pes(struct judge *j)
{
	size_t i;

	for (i = 0; i < j->artifact->nr_pes; i++) {
		const struct ks_audit_pe *pe = j->artifact->pe[i];

		if (pe->fault.err) {
			bool is_vmlinux = !strcmp(pe->role, "image") && !j->audited->is_uki;

			found_in(j, "format", !is_vmlinux, "is no image that firmware starts", pe->path, pe->fault.what);
			continue;
		}
		if (pe->verdict.err == -ENODATA)
			found(j, "unsigned", true, "image is not signed", pe->path);
		else if (pe->report.sbat_error.err)
			found_in(j, "sbat", true, pe->verdict.what, pe->path, pe->verdict.detail);
		else if (pe->verdict.err)
			found_in(j, "signature", true, pe->verdict.what, pe->path, pe->verdict.detail);
		check_sbat(j, pe);
	}
}

static struct ks_span section_text(const struct ks_uki_image *uki, const char *name)
{
	const struct ks_uki_section *s = ks_uki_find(uki, 0, name);

	return s ? ks_span_trim(ks_uki_text(s->data)) : (struct ks_span){ 0 };
}

/* A stub leaves an addon of another .uname aside. */
static void check_addons(struct judge *j)
{
	struct ks_span uname = section_text(&j->audited->uki, ".uname"), other;
	struct ks_uki_image addon;
	size_t i;

	for (i = 0; j->audited->is_uki && i < j->artifact->nr_pes; i++) {
		const struct ks_audit_pe *pe = j->artifact->pe[i];

		if (strcmp(pe->role, "addon") != 0 || pe->fault.err || ks_uki_parse(&pe->report.view, &addon, NULL))
			continue;
		other = section_text(&addon, ".uname");
		if (uname.bytes && other.bytes && !ks_span_eq(uname, other))
			found_in(j, "addon-uname", true, "addon is for another kernel, the stub leaves it aside", pe->path,
				 "its .uname differs");
		if (j->audited->uki.stub_version < 254)
			found(j, "addon-stub", true, "stub of the image is older than 254 and loads no addons", pe->path);
	}
}

/* VERSION_ID is the kernel's where the image is the system: what `make` builds says ID=kseal. */
static void check_names(struct judge *j)
{
	struct ks_span release = j->audited->release, uname = section_text(&j->audited->uki, ".uname"),
		       os = section_text(&j->audited->uki, ".osrel"), version = ks_uki_profile_value(os, "VERSION_ID");
	char detail[KS_FINDING_DETAIL_BYTES];

	if (!release.bytes)
		return;
	if (uname.bytes && !ks_span_eq(uname, release)) {
		snprintf(detail, sizeof(detail), "%.*s, kernel is %.*s", KS_FMT(uname), KS_FMT(release));
		found(j, "uname", true, ".uname contradicts the kernel", detail);
	}
	if (ks_span_eq(ks_uki_profile_value(os, "ID"), ks_span_str("kseal")) && version.bytes &&
	    !ks_span_eq(version, release)) {
		snprintf(detail, sizeof(detail), "%.*s, kernel is %.*s", KS_FMT(version), KS_FMT(release));
		found(j, "os-release", true, "VERSION_ID of .osrel contradicts the kernel", detail);
	}
}

/* Microcode before the kernel's own is code too, which the processor checks and nobody else. */
static int check_microcode(struct judge *j, const char *section, struct ks_diag *diag)
{
	static const char *const vendors[] = { "Intel", "AMD" };
	const struct ks_uki_section *s = ks_uki_find(&j->audited->uki, 0, section);
	static const char place[] = "kernel/x86/microcode";
	struct ks_initrd_list list = { 0 };
	unsigned int i;
	int rc;

	/* Where the kernel's loader looks nothing is compressed: an initrd is unpacked only if the name is there. */
	if (!s || !memmem(s->data.p, s->data.bytes, place, sizeof(place) - 1))
		return 0;
	rc = ks_initrd_list_of(s->data, &list, diag);
	for (i = 0; !rc && i < KS_ARRAY_SIZE(vendors); i++)
		if (list.microcode[i])
			found_in(j, "microcode", false, "image brings early microcode", section, vendors[i]);
	ks_initrd_list_done(&list);
	return rc;
}

static bool has_digest(struct ks_span file, const struct ks_digest *sha256)
{
	struct ks_digest digest;
	struct ks_pe_view view;

	return !ks_pe_parse(file, &view, NULL) && !ks_pe_hash(&view, "sha256", &digest, NULL) &&
	       ks_span_eq(ks_digest_span(&digest), ks_digest_span(sha256));
}

/* What an EFI_ZBOOT of arm64 unpacks is the Image with zeros behind it, so that its digest is another. */
static bool has_sections(struct ks_span unpacked, const struct ks_pe_view *view)
{
	u64 bytes = view->data_end_off - view->headers_bytes;
	struct ks_span ours, theirs, behind;

	return view->data_end_off > view->headers_bytes && ks_span_sub(view->file, view->headers_bytes, bytes, &ours) &&
	       ks_span_sub(unpacked, view->headers_bytes, bytes, &theirs) && ks_span_eq(ours, theirs) &&
	       ks_span_sub(unpacked, view->data_end_off, unpacked.bytes - view->data_end_off, &behind) &&
	       ks_span_is_zero(behind);
}

/* The kernel for kexec is that of the image, but for signatures, which the digest leaves out. */
static void check_kexec(struct judge *j)
{
	const struct ks_uki_section *s = ks_uki_find(&j->audited->uki, 0, ".linux");
	const struct ks_audit_pe *last = j->artifact->pe[j->artifact->nr_pes - 1];

	if (strcmp(last->role, "kexec") != 0 || last->fault.err || !s)
		return;
	if (!has_digest(s->data, &last->report.sha256) && !has_sections(j->audited->image.image, &last->report.view))
		found(j, "kexec", true, "kernel for kexec is not the one of the image", last->path);
}

static void check_files(struct judge *j)
{
	const struct ks_release *release = j->artifact->release;
	size_t i;

	for (i = 0; i < release->nr_files; i++) {
		if (release->file[i].state == KS_RELEASE_MISSING)
			found(j, "missing", true, "release lacks a file", release->file[i].name);
		else if (release->file[i].state == KS_RELEASE_STRAY)
			found(j, "stray", false, "belongs to nothing of the release", release->file[i].name);
	}
}

/* @purpose: of the kernel's list that has to be the one of the file. */
static int compare_keys(struct judge *j, const struct ks_keyring *embedded, const char *name, unsigned int purpose,
			struct ks_diag *diag)
{
	__cleanup(ks_keyring_done) struct ks_keyring file = { .keep_twice = true };
	bool is_revoked = purpose == KS_PURPOSE_REVOKED;
	char path[KS_MAX_PATH_BYTES], who[KS_KEYRING_NAME_BYTES];
	struct ks_map map = { 0 };
	size_t i;
	int rc;

	if (!ks_release_has(j->opts->release, name) || !ks_release_path(j->opts->release, name, path))
		return 0;
	rc = ks_map_open(path, KS_MAX_TEXT_BYTES, &map, diag);
	/* Without a certificate the file is empty. */
	if (!rc && map.bytes)
		rc = ks_keyring_add_file(&file, path, purpose, diag);
	ks_map_close(&map);
	for (i = 0; !rc && i < file.nr_entries; i++) {
		const struct ks_keyring_entry *other = ks_keyring_find(embedded, &file.entry[i].fingerprint);

		ks_cert_name(&file.entry[i].cert, who, sizeof(who));
		if (!other || !(other->purposes & purpose))
			found_in(j, "keyring", true,
				 is_revoked ? "kernel does not revoke a certificate that the keyring revokes" :
					      "kernel lacks a certificate of the keyring",
				 name, who);
	}
	for (i = 0; !rc && i < embedded->nr_entries; i++) {
		const struct ks_keyring_entry *entry = &embedded->entry[i];

		if (!(entry->purposes & purpose) || entry->twice || ks_keyring_find(&file, &entry->fingerprint))
			continue;
		ks_cert_name(&entry->cert, who, sizeof(who));
		found_in(j, "keyring", !is_revoked,
			 is_revoked ? "kernel revokes a certificate that the keyring does not name" :
				      "kernel trusts a certificate that the keyring does not name",
			 name, who);
	}
	return rc;
}

static int check_keyring(struct judge *j, struct ks_diag *diag)
{
	__cleanup(ks_keyring_done) struct ks_keyring embedded = { .keep_twice = true };
	const struct ks_signers *signers = &j->artifact->signers;
	size_t i;
	int rc;

	if (signers->fault.err)
		return 0;
	rc = ks_keyring_add_list(&embedded, "", KS_PURPOSE_REVOKED, j->audited->image.revoked, diag);
	/* The key that the build made for itself is in no keyring. */
	for (i = 0; !rc && i < signers->nr_keys; i++)
		if (signers->key[i].ring == KS_RING_BUILTIN && !signers->key[i].of_build)
			rc = ks_keyring_add_cert(&embedded, "", KS_PURPOSE_BUILTIN, &signers->key[i].cert, diag);
	rc = rc ? rc : compare_keys(j, &embedded, "keyring/trusted.pem", KS_PURPOSE_BUILTIN, diag);
	return rc ? rc : compare_keys(j, &embedded, "keyring/revoked.pem", KS_PURPOSE_REVOKED, diag);
}

static void check_module(struct judge *j, const struct ks_audit_module *m)
{
	const struct ks_kernel_log *log = &m->verdict.load[KS_KMODE_SIG_ENFORCE].log;
	char name[KS_FINDING_DETAIL_BYTES];

	snprintf(name, sizeof(name), "%.*s", KS_FMT(m->name));
	switch (m->state) {
	case KS_MODULE_UNSIGNED:
		found(j, "module-unsigned", true, "module is not signed, an enforcing kernel does not load it", name);
		break;
	case KS_MODULE_FOREIGN:
		found(j, "module-foreign", true, "module is signed by a key that the kernel does not have", name);
		break;
	case KS_MODULE_STALE:
		found_in(j, "module-stale", true, "module is of another kernel", name, log->text);
		break;
	case KS_MODULE_REFUSED:
		found_in(j, "module-refused", true, "kernel does not load the module", name, ks_kverdict_why(&m->verdict));
		break;
	case KS_MODULE_UNJUDGED:
		j->artifact->cannot_tell |= m->fault.err != 0;
		if (m->fault.err)
			found_in(j, "module-unjudged", false, "whether the kernel loads the module cannot be told", name,
				 m->fault.what);
		break;
	default:
		break;
	}
	if (!m->is_listed && j->artifact->modules.has_dep)
		found(j, "module-stray", true, "module is not in modules.dep, modprobe does not find it", name);
	if (m->is_builtin)
		found(j, "module-builtin", false, "module is also inside of the kernel", name);
}

static void check_modules(struct judge *j)
{
	const struct ks_audit_modules *modules = &j->artifact->modules;
	char name[KS_FINDING_DETAIL_BYTES];
	size_t i;

	if (!j->artifact->has_modules)
		return;
	if (modules->fault.err) {
		j->artifact->cannot_tell = true;
		found_in(j, "modules-unjudged", false, "modules cannot be judged", modules->dir, modules->fault.what);
	}
	if (!modules->has_dep)
		found(j, "missing", true, "modules have no modules.dep, modprobe finds none", modules->dir);
	for (i = 0; i < modules->nr_modules; i++)
		check_module(j, &modules->module[i]);
	for (i = 0; i < modules->nr_missing; i++) {
		snprintf(name, sizeof(name), "%.*s", KS_FMT(modules->missing[i].name));
		found_in(j, "module-missing", true, "module is named and not there", name, modules->missing[i].by);
	}
}

int ks_artifact_judge(struct ks_audited *audited, const struct ks_artifact_opts *opts, struct ks_artifact *artifact,
		      struct ks_diag *diag)
{
	struct judge j = { audited, opts, artifact };
	int rc;

	check_series(&j);
	rc = check_certs(&j, diag);
	check_set(&j);
	check_pes(&j);
	if (!rc && audited->is_uki) {
		check_addons(&j);
		check_names(&j);
		rc = check_microcode(&j, ".ucode", diag);
		rc = rc ? rc : check_microcode(&j, ".initrd", diag);
	}
	if (!rc && artifact->release) {
		check_files(&j);
		check_kexec(&j);
		rc = check_keyring(&j, diag);
		check_modules(&j);
	}
	return rc ? rc : ks_findings_ok(&artifact->findings, diag);
}
