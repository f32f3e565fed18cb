// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Signatures: what a message can say and leave out, chains, and several of them.
 */
#include <stdlib.h>
#include <string.h>

#include "images.h"

static const struct cms rows[] = {
	/* Digests. */
	{ .name = "sha256" },
	{ .name = "sha1", .image_md = "sha1" },
	{ .name = "sha384", .image_md = "sha384" },
	{ .name = "sha512", .image_md = "sha512" },
	{ .name = "sha3-256", .image_md = "sha3-256" },
	{ .name = "md5", .image_md = "md5" },
	{ .name = "info-sha384", .info_md = "sha384" },
	{ .name = "info-sha1", .info_md = "sha1" },
	{ .name = "info-only-sha384", .image_md = "sha384", .set_md = "sha256", .sign_md = "sha256" },
	{ .name = "set-sha384", .set_md = "sha384" },
	{ .name = "set-sha384-first", .set_md = "sha384", .set_md2 = "sha256" },
	{ .name = "set-sha256-first", .set_md2 = "sha384" },
	{ .name = "set-twice", .set_md2 = "sha256" },
	{ .name = "set-empty", .set_empty = true },
	{ .name = "signer-sha384", .sign_md = "sha384" },
	{ .name = "signer-sha384-listed", .sign_md = "sha384", .set_md2 = "sha384" },
	{ .name = "signer-sha1", .sign_md = "sha1" },
	{ .name = "signer-says-sha384", .info_alg_md = "sha384" },
	{ .name = "sha384-set-sha256", .image_md = "sha384", .set_md = "sha256", .info_md = "sha256", .sign_md = "sha256" },
	{ .name = "digest-longer", .long_md = true },
	{ .name = "no-null", .no_null = true },
	/* Types. */
	{ .name = "content-data", .content = "pkcs7-data" },
	{ .name = "content-attr-data", .attr_content = "pkcs7-data" },
	{ .name = "content-both-other", .content = "1.3.6.1.4.1.311.2.1.30" },
	{ .name = "content-attr-other", .attr_content = "1.3.6.1.4.1.311.2.1.30" },
	{ .name = "message-type-data", .wrong_type = true },
	{ .name = "bare", .bare = true },
	{ .name = "indefinite", .indefinite = true },
	/* Attributes. */
	{ .name = "no-attrs", .no_attrs = true },
	{ .name = "no-type-attr", .no_type_attr = true },
	{ .name = "no-digest-attr", .no_md_attr = true },
	{ .name = "opus-attr", .opus = true },
	{ .name = "digest-attr-wrong", .wrong_md_attr = true },
	{ .name = "signature-corrupt", .corrupt = true },
	{ .name = "unsigned-attr", .pad = 100 },
	{ .name = "message-60k", .pad = 60000 },
	{ .name = "message-64k", .pad = 63900 },
	{ .name = "message-70k", .pad = 70000 },
	/* Versions and signers. */
	{ .name = "version-0", .version = 9 },
	{ .name = "version-3", .version = 3 },
	{ .name = "version-2", .version = 2 },
	{ .name = "signer-version-3", .signer_version = 3 },
	{ .name = "signer-version-2", .signer_version = 2 },
	{ .name = "key-id", .by_key_id = true },
	{ .name = "key-id-version-1", .by_key_id = true, .signer_version = 1 },
	{ .name = "key-id-cms-3", .by_key_id = true, .version = 3 },
	{ .name = "no-signer", .no_signer = true },
	{ .name = "serial-wrong", .wrong_serial = true },
	{ .name = "no-cert-of-signer", .no_certs = true },
	{ .name = "other-cert-only", .certs = { "other" } },
	{ .name = "cert-twice", .certs = { "self", "self" } },
	{ .name = "cert-after-others", .certs = { "other", "root2", "self" } },
	{ .name = "crls-empty", .crl = true },
	{ .name = "pss", .pss = true },
	{ .name = "two-signers", .second = "other", .certs = { "self", "other" } },
	{ .name = "two-signers-foreign-first", .second = "other", .second_first = true, .certs = { "self", "other" } },
	{ .name = "two-signers-one-cert", .second = "other", .certs = { "self" } },
	{ .name = "other", .signer = "other" },
	{ .name = "impostor", .signer = "impostor" },
	{ .name = "impostor-both", .signer = "impostor", .certs = { "impostor", "self" } },
	{ .name = "self-again", .signer = "self-again" },
	{ .name = "small", .signer = "small" },
	{ .name = "large", .signer = "large" },
	{ .name = "expired", .signer = "expired" },
	{ .name = "future", .signer = "future" },
	/* Chains. */
	{ .name = "ca", .signer = "ca" },
	{ .name = "leaf", .signer = "leaf" },
	{ .name = "leaf-with-ca", .signer = "leaf", .certs = { "leaf", "ca" } },
	{ .name = "leaf-ca-first", .signer = "leaf", .certs = { "ca", "leaf" } },
	{ .name = "leaf-with-ca-again", .signer = "leaf", .certs = { "leaf", "ca-again" } },
	{ .name = "leaf-with-cross", .signer = "leaf", .certs = { "leaf", "ca-cross" } },
	{ .name = "leaf-with-cross-root", .signer = "leaf", .certs = { "leaf", "ca-cross", "root2" } },
	{ .name = "leaf-again", .signer = "leaf-again" },
	{ .name = "leaf-self", .signer = "leaf-self" },
	{ .name = "leaf-twin", .signer = "leaf-twin" },
	{ .name = "leaf-no-cert", .signer = "leaf", .certs = { "ca" } },
	{ .name = "leaf-no-certs", .signer = "leaf", .no_certs = true },
	{ .name = "leaf-key-id", .signer = "leaf", .by_key_id = true },
	{ .name = "leaf-sha384-image", .signer = "leaf", .image_md = "sha384" },
	{ .name = "mid", .signer = "mid" },
	{ .name = "deep", .signer = "deep", .certs = { "deep", "mid" } },
	{ .name = "deep-backwards", .signer = "deep", .certs = { "mid", "deep" } },
	{ .name = "deep-whole", .signer = "deep", .certs = { "deep", "mid", "ca" } },
	{ .name = "deep-mid-again", .signer = "deep", .certs = { "deep", "mid-again" } },
	{ .name = "deep-both-mids", .signer = "deep", .certs = { "deep", "mid-again", "mid" } },
	{ .name = "deep-no-mid", .signer = "deep" },
	{ .name = "deep0", .signer = "deep0", .certs = { "deep0", "mid0" } },
	{ .name = "under-no-ca", .signer = "under-no-ca", .certs = { "under-no-ca", "no-ca" } },
	{ .name = "under-no-bc", .signer = "under-no-bc", .certs = { "under-no-bc", "no-bc" } },
	{ .name = "under-v1", .signer = "under-v1", .certs = { "under-v1", "v1-ca" } },
	{ .name = "under-no-sign", .signer = "under-no-sign", .certs = { "under-no-sign", "no-sign" } },
	{ .name = "under-expired", .signer = "under-expired" },
	{ .name = "under-named", .signer = "under-named" },
	{ .name = "under-ec", .signer = "under-ec", .certs = { "under-ec", "ec-mid" } },
	{ .name = "v1-leaf", .signer = "v1-leaf" },
	{ .name = "leaf-expired", .signer = "leaf-expired" },
	{ .name = "eku-server", .signer = "server" },
	{ .name = "eku-server-critical", .signer = "server-critical" },
	{ .name = "eku-code", .signer = "code" },
	{ .name = "eku-module", .signer = "module" },
	{ .name = "usage-encipher", .signer = "encipher" },
	{ .name = "critical-unknown", .signer = "unknown-critical" },
	{ .name = "leaf-sha1", .signer = "leaf-sha1" },
	{ .name = "leaf-md5", .signer = "leaf-md5" },
	{ .name = "leaf-sha384", .signer = "leaf-sha384" },
	{ .name = "leaf-sha512", .signer = "leaf-sha512" },
	{ .name = "leaf-pss", .signer = "leaf-pss" },
	{ .name = "leaf-no-ids", .signer = "no-ids" },
	{ .name = "leaf-serial-0", .signer = "serial0" },
	{ .name = "leaf-serial-negative", .signer = "serial-" },
	{ .name = "ec-self", .signer = "ec" },
	{ .name = "ec-leaf", .signer = "ec-leaf" },
	{ .name = "ec-leaf-with-ca", .signer = "ec-leaf", .certs = { "ec-leaf", "ca" } },
};

#define NR_ROWS (sizeof(rows) / sizeof(*rows))

/* Messages over one image, in this order. "!" before a name: it is one over another image. */
static const struct {
	const char *name;
	const char *parts[18];
} several[] = {
	{ "two-good", { "sha256", "leaf" } },
	{ "foreign-good", { "other", "sha256" } },
	{ "good-foreign", { "sha256", "other" } },
	{ "foreign-foreign", { "other", "leaf-twin" } },
	{ "mismatch-good", { "!sha256", "sha256" } },
	{ "good-mismatch", { "sha256", "!sha256" } },
	{ "mismatch-only", { "!sha256" } },
	{ "foreign-mismatch-good", { "!other", "sha256" } },
	{ "good-foreign-mismatch", { "sha256", "!other" } },
	{ "corrupt-good", { "signature-corrupt", "sha256" } },
	{ "key-id-good", { "key-id", "sha256" } },
	{ "no-cert-good", { "no-cert-of-signer", "sha256" } },
	{ "good-no-cert", { "sha256", "no-cert-of-signer" } },
	{ "ec-good", { "ec-self", "sha256" } },
	{ "sha1-good", { "sha1", "sha256" } },
	{ "sha384-good", { "sha384", "leaf" } },
	{ "70k-good", { "message-70k", "sha256" } },
	{ "leaf-good", { "leaf", "sha256" } },
	{ "leaf-other", { "leaf", "other" } },
	{ "other-leaf", { "other", "leaf" } },
	{ "bare-good", { "bare", "sha256" } },
	{ "md5-good", { "md5", "sha256" } },
	{ "set-empty-good", { "set-empty", "sha256" } },
	{ "sixteen", { "other", "other", "other", "other", "other", "other", "other", "other", "other", "other",
		       "other", "other", "other", "other", "other", "sha256" } },
	{ "seventeen", { "other", "other", "other", "other", "other", "other", "other", "other", "other", "other",
			 "other", "other", "other", "other", "other", "other", "sha256" } },
};

/* Its own bytes, so that a digest of it names no other image. */
static struct bytes fresh_image(const char *name)
{
	struct bytes image = base_image();

	memcpy(image.p + TEXT + 0x100, name, strnlen(name, 32));
	return image;
}

static const struct cms *row(const char *name)
{
	size_t i;

	for (i = 0; i < NR_ROWS; i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	die("%s: no such signature", name);
}

struct bytes signed_plainly(struct bytes image)
{
	return with_certs(image, win_cert(cms_sign(row("sha256"), image)));
}

void add_signatures(void)
{
	size_t i, j;

	for (i = 0; i < NR_ROWS; i++) {
		struct bytes image = fresh_image(rows[i].name);

		add_image(rows[i].name, with_certs(image, win_cert(cms_sign(&rows[i], image))));
	}
	for (i = 0; i < sizeof(several) / sizeof(*several); i++) {
		struct bytes image = fresh_image(several[i].name), table = bytes_new(0);

		for (j = 0; j < 18 && several[i].parts[j]; j++) {
			const char *part = several[i].parts[j];
			bool elsewhere = *part == '!';
			struct bytes of = elsewhere ? fresh_image("elsewhere") : image;

			table = join(table, win_cert(cms_sign(row(part + elsewhere), of)), END);
		}
		add_image(several[i].name, with_certs(image, table));
	}
	add_image("unsigned", fresh_image("unsigned"));
	add_image("unsigned-revoked", fresh_image("unsigned-revoked"));
}
