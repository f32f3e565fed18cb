// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/keyring.h"

#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/limits.h"

#define HEX_SHA256_BYTES 65

/* One line of a manifest. */
struct row {
	char name[KS_KEYRING_NAME_BYTES];
	char sha256[HEX_SHA256_BYTES];
	unsigned int purposes;
};

static const struct {
	const char *name;
	enum ks_purpose purpose;
} purposes[] = {
	{ "builtin", KS_PURPOSE_BUILTIN },
	{ "db", KS_PURPOSE_DB },
	{ "kek", KS_PURPOSE_KEK },
	{ "revoked", KS_PURPOSE_REVOKED },
};

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

const char *ks_purpose_name(unsigned int purpose)
{
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(purposes); i++)
		if (purposes[i].purpose == purpose)
			return purposes[i].name;
	return "unknown";
}

void ks_keyring_done(struct ks_keyring *keyring)
{
	while (keyring->nr_entries)
		ks_cert_done(&keyring->entry[--keyring->nr_entries].cert);
	free(keyring->entry);
	keyring->entry = NULL;
}

/* Text of a word; false if it does not fit or holds a NUL. */
static bool copy_word(struct ks_span word, char *text, size_t text_bytes)
{
	if (word.bytes >= text_bytes || memchr(word.p, 0, word.bytes))
		return false;
	memcpy(text, word.p, word.bytes);
	text[word.bytes] = '\0';
	return true;
}

/* A name becomes a file name: nothing in it may lead out of the directory. */
static bool is_plain_name(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	return name[0] && name[0] != '.' && !name[strspn(name, allowed)];
}

static const char *parse_purposes(char *text, unsigned int *ret_purposes)
{
	unsigned int found = 0;
	char *rest = text, *word;
	size_t i;

	while ((word = strsep(&rest, ","))) {
		for (i = 0; i < KS_ARRAY_SIZE(purposes) && strcmp(word, purposes[i].name); i++)
			;
		if (i == KS_ARRAY_SIZE(purposes))
			return "unknown purpose, one of builtin, db, kek, revoked is meant";
		if (found & purposes[i].purpose)
			return "purpose is there twice";
		found |= purposes[i].purpose;
	}
	if ((found & KS_PURPOSE_REVOKED) && found != KS_PURPOSE_REVOKED)
		return "certificate is trusted and revoked at once";
	*ret_purposes = found;
	return NULL;
}

/* Return: what is wrong with the line, or NULL. @ret_row has an empty name for an empty line. */
static const char *parse_row(struct ks_span line, struct row *ret_row)
{
	struct ks_span word[4] = { { 0 } };
	struct row row = { 0 };
	char text[64];
	size_t nr_words = 0;
	char *c;

	while (nr_words < 4 && ks_span_word(&line, &word[nr_words]) && word[nr_words].p[0] != '#')
		nr_words++;
	*ret_row = row;
	if (!nr_words)
		return NULL;
	if (nr_words != 3)
		return "line needs a name, a SHA-256 and purposes";
	if (!copy_word(word[0], row.name, sizeof(row.name)) || !is_plain_name(row.name))
		return "name is too long or not plain";
	if (!copy_word(word[1], row.sha256, sizeof(row.sha256)) || strlen(row.sha256) != 64 ||
	    row.sha256[strspn(row.sha256, "0123456789abcdefABCDEF")])
		return "SHA-256 is not 64 hex digits";
	for (c = row.sha256; *c; c++)
		*c |= 0x20; /* lower case; digits have this bit already */
	if (!copy_word(word[2], text, sizeof(text)))
		return "unknown purpose, one of builtin, db, kek, revoked is meant";
	*ret_row = row;
	return parse_purposes(text, &ret_row->purposes);
}

bool ks_keyring_is_manifest(struct ks_span file)
{
	struct ks_span line;
	struct row row;

	if (file.bytes > KS_MAX_TEXT_BYTES || memchr(file.p, 0, file.bytes))
		return false;
	while (ks_span_line(&file, &line)) {
		if (parse_row(line, &row))
			return false;
		if (row.name[0])
			return true;
	}
	return false;
}

const struct ks_keyring_entry *ks_keyring_find(const struct ks_keyring *keyring,
					       const struct ks_digest *fingerprint)
{
	size_t i;

	for (i = 0; i < keyring->nr_entries; i++)
		if (ks_span_eq(ks_digest_span(&keyring->entry[i].fingerprint),
			       ks_digest_span(fingerprint)))
			return &keyring->entry[i];
	return NULL;
}

/* Add one certificate; the keyring shares it with the caller. */
int ks_keyring_add_cert(struct ks_keyring *keyring, const char *name, unsigned int wanted,
			const struct ks_cert *cert, struct ks_diag *diag)
{
	__cleanup(ks_certs_done) struct ks_certs shared = { 0 };
	struct ks_keyring_entry *grown, *entry, made = { .purposes = wanted };
	const struct ks_keyring_entry *other;
	size_t name_bytes = strlen(name);
	int rc;

	if (keyring->nr_entries == KS_MAX_MANIFEST_ENTRIES)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "too many certificates");
	/* The end of a long path tells more than its start. */
	snprintf(made.name, sizeof(made.name), "%s",
		 name_bytes < sizeof(made.name) ? name : name + name_bytes - sizeof(made.name) + 1);
	rc = ks_cert_fingerprint(cert, &made.fingerprint, diag);
	if (rc)
		return rc;
	other = ks_keyring_find(keyring, &made.fingerprint);
	made.twice = other != NULL;
	if (other && !keyring->keep_twice)
		return ks_fail_detail(diag, -EEXIST, "certificate is in the keyring twice, as",
				      other->name);
	rc = ks_certs_push(&shared, cert, diag);
	if (rc)
		return rc;
	grown = reallocarray(keyring->entry, keyring->nr_entries + 1, sizeof(*grown));
	if (!grown)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	keyring->entry = grown;
	entry = &grown[keyring->nr_entries++];
	*entry = made;
	entry->cert = shared.cert[0];
	shared.nr_certs = 0;
	return 0;
}

/* The certificate of one line: there, readable, and the one that was meant. */
static int load_row(struct ks_keyring *keyring, const struct row *row, const char *certs_dir,
		    struct ks_diag *diag)
{
	__cleanup(ks_cert_done) struct ks_cert cert = { 0 };
	__cleanup(ks_free_str) char *path = NULL;
	struct ks_digest have;
	char hex[HEX_SHA256_BYTES];
	int rc;

	if (asprintf(&path, "%s/%s.pem", certs_dir, row->name) < 0) {
		path = NULL;
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	}
	rc = ks_cert_load(path, &cert, diag);
	if (!rc)
		rc = ks_cert_fingerprint(&cert, &have, diag);
	if (rc)
		return rc;
	ks_hex(ks_digest_span(&have), hex, sizeof(hex));
	if (strcmp(hex, row->sha256)) {
		char both[192];

		snprintf(both, sizeof(both), "manifest says %s, file has %s", row->sha256, hex);
		rc = ks_fail_detail(diag, -EKEYREJECTED, "not the certificate of the manifest",
				    both);
	} else {
		rc = ks_keyring_add_cert(keyring, row->name, row->purposes, &cert, diag);
	}
	if (rc)
		ks_diag_in(diag, path);
	return rc;
}

static bool has_name(const struct ks_keyring *keyring, const char *name)
{
	size_t i;

	for (i = 0; i < keyring->nr_entries; i++)
		if (!strcmp(keyring->entry[i].name, name))
			return true;
	return false;
}

static int load_rows(struct ks_span text, const char *certs_dir, struct ks_keyring *keyring,
		     struct ks_diag *diag)
{
	struct ks_span line;
	size_t line_nr = 0;
	struct row row;
	char detail[192];
	int rc = 0;

	while (!rc && ks_span_line(&text, &line)) {
		const char *wrong = parse_row(line, &row);

		line_nr++;
		if (!wrong && row.name[0] && has_name(keyring, row.name))
			wrong = "name is there twice";
		if (wrong) {
			snprintf(detail, sizeof(detail), "line %zu, %s", line_nr,
				 row.name[0] ? row.name : "no name");
			return ks_fail_detail(diag, -EBADMSG, wrong, detail);
		}
		if (row.name[0])
			rc = load_row(keyring, &row, certs_dir, diag);
	}
	if (!rc && !keyring->nr_entries)
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, "manifest lists no certificate");
	return rc;
}

/* A certificate that lies there unlisted was forgotten, or slipped in: both deserve a look. */
static int check_unlisted(const struct ks_keyring *keyring, const char *certs_dir,
			  struct ks_diag *diag)
{
	__cleanup(close_dir) DIR *dir = opendir(certs_dir);
	struct dirent *d;
	char name[256];

	if (!dir)
		return ks_fail_sys(diag, "cannot open the directory of certificates", certs_dir);
	for (errno = 0; (d = readdir(dir)); errno = 0) {
		size_t bytes = strlen(d->d_name);

		if (bytes < 4 || strcmp(d->d_name + bytes - 4, ".pem"))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)(bytes - 4), d->d_name);
		if (has_name(keyring, name))
			continue;
		ks_fail_detail(diag, -EBADMSG,
			       "certificate is not listed in the manifest, list or remove it",
			       d->d_name);
		ks_diag_in(diag, certs_dir);
		return -EBADMSG;
	}
	return errno ? ks_fail_sys(diag, "cannot read the directory of certificates", certs_dir) : 0;
}

int ks_keyring_load(const char *manifest, const char *certs_dir, struct ks_keyring *ret_keyring,
		    struct ks_diag *diag)
{
	__cleanup(ks_keyring_done) struct ks_keyring keyring = {
		.says = KS_PURPOSES_OF_KERNEL | KS_PURPOSES_OF_FIRMWARE,
		.keep_twice = ret_keyring->keep_twice,
	};
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	__cleanup(ks_free_str) char *copy = strdup(manifest);
	__cleanup(ks_free_str) char *beside = NULL;
	int rc;

	if (!copy || asprintf(&beside, "%s/certs", dirname(copy)) < 0) {
		beside = NULL;
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	}
	if (!certs_dir)
		certs_dir = beside;
	rc = ks_file_load(manifest, KS_MAX_TEXT_BYTES, &text, diag);
	if (!rc)
		rc = load_rows(ks_buf_span(&text), certs_dir, &keyring, diag);
	if (!rc)
		rc = check_unlisted(&keyring, certs_dir, diag);
	if (rc) {
		ks_diag_in(diag, manifest);
		return rc;
	}
	/* Handed over: the cleanup finds an empty one. */
	*ret_keyring = keyring;
	memset(&keyring, 0, sizeof(keyring));
	return 0;
}

int ks_keyring_add_file(struct ks_keyring *keyring, const char *path, unsigned int wanted,
			struct ks_diag *diag)
{
	__cleanup(ks_certs_done) struct ks_certs certs = { 0 };
	int rc = ks_certs_append(&certs, path, diag);
	size_t i;

	for (i = 0; !rc && i < certs.nr_certs; i++)
		rc = ks_keyring_add_cert(keyring, path, wanted, &certs.cert[i], diag);
	if (rc)
		ks_diag_in(diag, path);
	return rc;
}

int ks_keyring_select(const struct ks_keyring *keyring, enum ks_purpose purpose,
		      struct ks_certs *certs, struct ks_diag *diag)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < keyring->nr_entries; i++)
		if (keyring->entry[i].purposes & purpose)
			rc = ks_certs_push(certs, &keyring->entry[i].cert, diag);
	return rc;
}
