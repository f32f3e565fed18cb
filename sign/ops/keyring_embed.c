// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What leaves a keyring for the build: the lists that the kernel embeds, and the development keys.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/lock.h"
#include "crypto/keygen.h"
#include "kernel/keyring.h"
#include "key/secret.h"
#include "ops/keyring.h"

static int check_entry(const struct ks_keyring_entry *entry, u64 now, bool allow_dev_keys,
		       struct ks_diag *diag)
{
	int rc = 0;

	if (entry->purposes & (KS_PURPOSE_BUILTIN | KS_PURPOSE_REVOKED))
		rc = ks_cert_check_embed(&entry->cert, diag);
	if (rc || !(entry->purposes & KS_PURPOSE_BUILTIN))
		return rc;
	if (!allow_dev_keys && ks_cert_is_dev(&entry->cert))
		return ks_fail(diag, -EKEYREJECTED, KS_NO_OFF,
			       "development certificate in a release, use the real one or allow "
			       "development keys");
	return ks_cert_check_time(&entry->cert, now, diag);
}

int ks_keyring_check(const struct ks_keyring *keyring, u64 now, bool allow_dev_keys,
		     struct ks_diag *diag)
{
	size_t i;

	for (i = 0; i < keyring->nr_entries; i++) {
		int rc = check_entry(&keyring->entry[i], now, allow_dev_keys, diag);

		if (rc) {
			ks_diag_in(diag, keyring->entry[i].name);
			return rc;
		}
	}
	return 0;
}

/* mkdir -p, with @mode for the last directory. */
static int make_dirs(const char *path, mode_t mode, struct ks_diag *diag)
{
	__cleanup(ks_free_str) char *copy = strdup(path);
	char *slash;

	if (!copy)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	for (slash = copy; (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		if (mkdir(copy, 0777) && errno != EEXIST)
			return ks_fail_sys(diag, "cannot make the directory", copy);
		*slash = '/';
	}
	if (mkdir(copy, mode) && errno != EEXIST)
		return ks_fail_sys(diag, "cannot make the directory", copy);
	return 0;
}

static int join(const char *dir, const char *name, const char *ending, char **ret_path,
		struct ks_diag *diag)
{
	char *path;

	if (asprintf(&path, "%s/%s%s", dir, name, ending) < 0)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	*ret_path = path;
	return 0;
}

/* The PEM blocks for one purpose, each below a line that says what it is. */
static int build_list(const struct ks_keyring *keyring, enum ks_purpose purpose, struct ks_buf *out,
		      struct ks_diag *diag)
{
	char hex[65], end[16], name[128], head[256];
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < keyring->nr_entries; i++) {
		const struct ks_keyring_entry *entry = &keyring->entry[i];

		if (!(entry->purposes & purpose))
			continue;
		ks_hex(ks_digest_span(&entry->fingerprint), hex, sizeof(hex));
		ks_cert_not_after(&entry->cert, end, sizeof(end));
		ks_cert_name(&entry->cert, name, sizeof(name));
		snprintf(head, sizeof(head), "# %s %s %s\n", hex, end, name);
		ks_put_str(out, head);
		rc = ks_cert_pem(&entry->cert, out, diag);
	}
	return rc;
}

static int publish_list(const struct ks_keyring *keyring, enum ks_purpose purpose,
			const char *output_dir, const char *name, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf list = { 0 };
	__cleanup(ks_buf_done) struct ks_buf old = { 0 };
	__cleanup(ks_free_str) char *path = NULL;
	struct ks_span content;
	int rc = join(output_dir, name, ".pem", &path, diag);

	if (!rc)
		rc = build_list(keyring, purpose, &list, diag);
	if (rc)
		return rc;
	content = ks_buf_span(&list);
	/* The kernel's build goes by the file's time: the same content must keep the same time. */
	if (!ks_file_load(path, KS_MAX_TEXT_BYTES, &old, NULL) &&
	    ks_span_eq(ks_buf_span(&old), content))
		return 0;
	return ks_file_publish(path, &content, 1, 0644, diag);
}

int ks_keyring_publish(const struct ks_keyring *keyring, const char *output_dir,
		       struct ks_diag *diag)
{
	int rc = make_dirs(output_dir, 0777, diag);

	if (!rc)
		rc = publish_list(keyring, KS_PURPOSE_BUILTIN, output_dir, "trusted", diag);
	if (!rc)
		rc = publish_list(keyring, KS_PURPOSE_REVOKED, output_dir, "revoked", diag);
	return rc;
}

/* Return: 1 if the pair is complete, 0 if it has to be made; negative if a key got lost. */
static int is_complete(const char *key_path, const char *cert_path, struct ks_diag *diag)
{
	bool has_key = !access(key_path, F_OK), has_cert = !access(cert_path, F_OK);

	if (!has_cert)
		return 0;
	if (has_key)
		return 1;
	ks_fail(diag, -ENOKEY, KS_NO_OFF,
		"certificate is there but its private key is gone, bring it back or remove both");
	ks_diag_in(diag, cert_path);
	return -ENOKEY;
}

static int make_pair(const char *dir, const char *name, const char *common_name,
		     enum ks_keygen_use use, u64 now, size_t *nr_made, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf key_pem = { 0 };
	__cleanup(ks_buf_done) struct ks_buf cert_pem = { 0 };
	__cleanup(ks_free_str) char *key_path = NULL;
	__cleanup(ks_free_str) char *cert_path = NULL;
	struct ks_span key_text, cert_text;
	int rc;

	rc = join(dir, name, ".key", &key_path, diag) ?: join(dir, name, ".pem", &cert_path, diag);
	if (!rc)
		rc = is_complete(key_path, cert_path, diag);
	if (rc)
		return rc > 0 ? 0 : rc;
	rc = ks_keygen_dev(common_name, use, now, &key_pem, &cert_pem, diag);
	if (rc)
		return rc;
	key_text = ks_buf_span(&key_pem);
	cert_text = ks_buf_span(&cert_pem);
	/* A file of the interrupted run would keep its mode and its links: it makes room first. */
	if (unlink(key_path) && errno != ENOENT)
		return ks_fail_sys(diag, "cannot replace the unfinished key", key_path);
	rc = ks_file_publish(key_path, &key_text, 1, 0600, diag);
	if (!rc)
		rc = ks_file_publish(cert_path, &cert_text, 1, 0644, diag);
	if (!rc)
		(*nr_made)++;
	return rc;
}

int ks_keyring_dev_keys(const char *output_dir, u64 now, size_t *ret_nr_made, struct ks_diag *diag)
{
	static const struct {
		const char *name;
		const char *common_name;
		enum ks_keygen_use use;
	} pairs[] = {
		{ "module", "kseal DEVELOPMENT module signing key (do not trust)",
		  KS_KEYGEN_CODE_SIGNING },
		{ "uki", "kseal DEVELOPMENT UKI signing key (do not trust)",
		  KS_KEYGEN_CODE_SIGNING },
		{ "pcr", "kseal DEVELOPMENT PCR policy key (do not trust)", KS_KEYGEN_POLICY },
		{ "PK", "kseal DEVELOPMENT platform key (do not trust)", KS_KEYGEN_CA },
		{ "KEK", "kseal DEVELOPMENT key exchange key (do not trust)", KS_KEYGEN_CA },
	};
	__cleanup(ks_place_close) struct ks_place place = { 0 };
	__cleanup(ks_lock_drop) struct ks_lock lock = { -1, -1 };
	__cleanup(ks_free_str) char *any = NULL;
	size_t nr_made = 0, i;
	int rc = make_dirs(output_dir, 0700, diag);

	if (!rc)
		rc = ks_secret_guard(diag);
	/* The directory is locked, whichever of its names is looked up. */
	if (!rc)
		rc = join(output_dir, "keys", "", &any, diag);
	if (!rc)
		rc = ks_place_open(any, &place, diag);
	if (!rc)
		rc = ks_lock_take(&place, 0, &lock, diag);
	for (i = 0; !rc && i < KS_ARRAY_SIZE(pairs); i++)
		rc = make_pair(output_dir, pairs[i].name, pairs[i].common_name, pairs[i].use, now,
			       &nr_made, diag);
	if (!rc)
		*ret_nr_made = nr_made;
	return rc;
}
