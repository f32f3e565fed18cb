// SPDX-License-Identifier: LGPL-2.1-or-later
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "images.h"

/*
 * Words: a certificate by its name; "sha256:IMAGE" is an image's digest; "tbs256:CERT" that of a
 * certificate's signed part, with "@" for a time of revocation; "empty", "trail:CERT" and
 * "unknown-type" are lists as they should not be.
 */
static const struct {
	const char *name, *db, *dbx;
} stores[] = {
	{ "self", "self", "" },
	{ "ca", "ca", "" },
	{ "leaf", "leaf", "" },
	{ "mid", "mid", "" },
	{ "twins", "twin ca", "" },
	{ "odd", "expired future small large ca0 ca-expired ca-named impostor", "" },
	{ "unrelated-dbx", "self ca", "root2 sha256:unsigned" },
	{ "self-refused", "self ca", "self" },
	{ "self-again-refused", "self", "self-again" },
	{ "ca-refused", "ca leaf", "ca" },
	{ "ca-again-refused", "ca", "ca-again" },
	{ "cross-refused", "ca", "root2" },
	{ "twin-refused", "ca", "twin" },
	{ "leaf-refused", "ca self", "leaf" },
	{ "mid-refused", "ca self", "mid" },
	{ "deep-refused", "ca", "deep" },
	{ "other-refused", "self ca", "other" },
	{ "ca-named-hash", "ca self", "tbs256:leaf" },
	{ "ca-hash", "ca leaf self", "tbs256:ca" },
	{ "mid-hash", "ca", "tbs256:mid" },
	{ "ca-hash-384", "ca self", "tbs384:ca tbs512:self" },
	{ "leaf-hash-time", "ca self", "tbs256@:leaf" },
	{ "image-refused", "self ca", "sha256:sha256 sha256:two-good sha256:leaf sha256:sha384" },
	{ "image-refused-sha1", "self", "sha1:sha256 sha1:sha1 sha384:sha512" },
	{ "image-refused-sha384", "self", "sha384:sha256 sha384:sha384 sha256:sha512 sha512:sha512" },
	{ "image-allowed", "sha256:unsigned sha256:other sha256:sha256 sha384:unsigned-revoked sha1:leaf sha384:sha384", "" },
	{ "image-both", "sha256:unsigned sha256:unsigned-revoked sha256:other self", "sha256:unsigned-revoked other" },
	{ "lists-empty", "self empty", "empty" },
	{ "list-trailing", "trail:self", "" },
	{ "ec-db", "self ec", "" },
	{ "ec-dbx", "self", "ec" },
	{ "unknown-db", "self unknown-type", "" },
	{ "unknown-dbx", "self", "unknown-type" },
	/* Last, for images that the firmware may not survive. */
	{ "layout", "self", "" },
};

static struct bytes guid(const char *text)
{
	unsigned int a, b, c, d[8];
	struct bytes g = bytes_new(16);
	size_t i;

	if (sscanf(text, "%8x-%4x-%4x-%2x%2x-%2x%2x%2x%2x%2x%2x", &a, &b, &c, d, d + 1, d + 2, d + 3, d + 4,
		   d + 5, d + 6, d + 7) != 11)
		die("%s: no GUID", text);
	put_le(g.p, 4, a);
	put_le(g.p + 4, 2, b);
	put_le(g.p + 6, 2, c);
	for (i = 0; i < 8; i++)
		g.p[8 + i] = (uint8_t)d[i];
	return g;
}

static struct bytes list(const char *type, struct bytes data)
{
	struct bytes head = bytes_new(12), owner = guid("6338560e-65d1-439d-ad68-274b9fc09278");

	put_le(head.p, 4, 28 + 16 + data.n);
	put_le(head.p + 8, 4, 16 + data.n);
	return join(guid(type), head, owner, data, END);
}

#define X509_LIST "a5c059a1-94e4-4aa7-87b5-ab155c2bf072"

static const struct {
	const char *md, *image_list, *tbs_list;
} types[] = {
	{ "sha1", "826ca512-cf10-4ac9-b187-be01496631bd", NULL },
	{ "sha256", "c1c41626-504c-4092-aca9-41f936934328", "3bd2a492-96c0-4079-b420-fcf98ef103ed" },
	{ "sha384", "ff3e5307-9fd0-48c9-85f1-8ad56c701e01", "7076876e-80c2-4ee6-aad2-28b349a6865b" },
	{ "sha512", "093e0fae-a6c4-4f50-9f1b-d41e2b89c19a", "446dbf63-2502-4cda-bcfa-2465d2b0fe9d" },
};

/* All zero: revoked at all times. */
static struct bytes time_of_revocation(bool is_set)
{
	struct bytes t = bytes_new(16);

	if (is_set) {
		put_le(t.p, 2, 2031);
		t.p[2] = t.p[3] = 1;
	}
	return t;
}

static struct bytes hash_list(const char *kind, const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(*types); i++) {
		const EVP_MD *md = EVP_get_digestbyname(types[i].md);
		bool is_tbs = !strncmp(kind, "tbs", 3);

		if (!is_tbs && !strcmp(kind, types[i].md))
			return list(types[i].image_list, image_digest(image_named(name), md));
		if (is_tbs && !strncmp(kind + 3, types[i].md + 3, 3))
			return list(types[i].tbs_list, join(digest(md, identity(name)->tbs),
							    time_of_revocation(strchr(kind, '@')), END));
	}
	die("%s: no such list", kind);
}

static struct bytes list_of(char *word)
{
	char *name = strchr(word, ':');

	if (!strcmp(word, "empty")) {
		struct bytes b = list(types[1].image_list, bytes_new(32));

		b.n = 28;
		put_le(b.p + 16, 4, 28);
		return b;
	}
	if (!strcmp(word, "unknown-type"))
		return list("00112233-4455-6677-8899-aabbccddeeff", bytes_new(32));
	if (!name)
		return list(X509_LIST, identity(word)->der);
	*name++ = '\0';
	if (!strcmp(word, "trail"))
		return list(X509_LIST, join(identity(name)->der, bytes_new(4), END));
	return hash_list(word, name);
}

static void write_lists(const char *directory, const char *file, const char *words)
{
	char text[512], *rest = text, *word;
	struct bytes all = bytes_new(0);

	snprintf(text, sizeof(text), "%s", words);
	while ((word = strsep(&rest, " ")))
		if (*word)
			all = join(all, list_of(word), END);
	write_file(directory, file, ".esl", all);
}

/* The certificates as PEM, in the same order, for programs that take no lists; no file without one. */
static void write_trust(const char *directory, const char *words)
{
	char text[512], path[4200], *rest = text, *word;
	FILE *f = NULL;
	size_t i;

	snprintf(text, sizeof(text), "%s", words);
	snprintf(path, sizeof(path), "%s/trust.pem", directory);
	while ((word = strsep(&rest, " "))) {
		for (i = 0; identity_at(i); i++) {
			if (strcmp(identity_at(i)->name, strncmp(word, "trail:", 6) ? word : word + 6))
				continue;
			f = f ? f : fopen(path, "w");
			if (!f || !PEM_write_X509(f, identity_at(i)->cert))
				die("%s: cannot write", path);
		}
	}
	if (f && fclose(f))
		die("%s: cannot write", path);
}

void write_stores(const char *directory)
{
	char path[4096];
	size_t i;

	for (i = 0; i < sizeof(stores) / sizeof(*stores); i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, stores[i].name);
		if (mkdir(path, 0777))
			die("%s: cannot make the directory", path);
		write_lists(path, "db", stores[i].db);
		write_lists(path, "dbx", stores[i].dbx);
		write_trust(path, stores[i].db);
		/* In the order of the table, which a directory does not keep. */
		printf("%s\n", stores[i].name);
	}
}
