// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: whoever sends a change of keyring/NAME.keyring; `kseal keyring build|check`
 * and `kseal efi enrol` read it. Its words become file names and decide what is trusted.
 *
 * Valid input: lines of name, SHA-256 and purposes; '#' starts a comment. The certificates are those
 * of keyring/certs, so run this from the top of the repository.
 *
 * Laws: a manifest that loads names only files of the directory, each for at least one purpose, none
 * both trusted and revoked; its rows written out again load to the same keyring.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz/fuzz.h"
#include "ops/keyring.h"

#define CERTS "keyring/certs"

/* The loader wants a file: one in memory, with a name of /proc. */
static int load(struct ks_span text, struct ks_keyring *ret_keyring)
{
	static char path[64];
	static int fd = -1;

	if (fd < 0) {
		KS_LAW(!access(CERTS, R_OK));
		fd = memfd_create("manifest", MFD_CLOEXEC);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	KS_LAW(!ftruncate(fd, 0) && pwrite(fd, text.p, text.bytes, 0) == (ssize_t)text.bytes);
	return ks_keyring_load(path, CERTS, ret_keyring, NULL);
}

static void put_row(struct ks_buf *out, const struct ks_keyring_entry *entry)
{
	char hex[65];
	unsigned int bit;
	const char *comma = "";

	ks_hex(ks_digest_span(&entry->fingerprint), hex, sizeof(hex));
	ks_put_str(out, entry->name);
	ks_put_str(out, " ");
	ks_put_str(out, hex);
	ks_put_str(out, " ");
	for (bit = 1; bit <= KS_PURPOSE_REVOKED; bit <<= 1) {
		if (!(entry->purposes & bit))
			continue;
		ks_put_str(out, comma);
		ks_put_str(out, ks_purpose_name(bit));
		comma = ",";
	}
	ks_put_str(out, "\n");
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	__cleanup(ks_keyring_done) struct ks_keyring keyring = { 0 }, again = { 0 };
	__cleanup(ks_buf_done) struct ks_buf rows = { 0 };
	size_t i;

	if (load((struct ks_span){ data, size }, &keyring))
		return 0;
	for (i = 0; i < keyring.nr_entries; i++) {
		const struct ks_keyring_entry *entry = &keyring.entry[i];

		KS_LAW(entry->name[0] && entry->name[0] != '.' && !strchr(entry->name, '/'));
		KS_LAW(entry->purposes &&
		       (!(entry->purposes & KS_PURPOSE_REVOKED) || entry->purposes == KS_PURPOSE_REVOKED));
		put_row(&rows, entry);
	}
	KS_LAW(!ks_buf_ok(&rows, NULL) && !load(ks_buf_span(&rows), &again));
	KS_LAW(again.nr_entries == keyring.nr_entries);
	for (i = 0; i < keyring.nr_entries; i++)
		KS_LAW(again.entry[i].purposes == keyring.entry[i].purposes &&
		       !strcmp(again.entry[i].name, keyring.entry[i].name));
	return 0;
}
