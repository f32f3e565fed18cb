/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Images, certificates and stores for `vm judge`, made from tables: each row is one way to be odd.
 *
 * Nothing of kseal is in here, or its readers' mistakes would be this program's. Memory is not given
 * back: it ends after a second.
 */
#ifndef FIRMWARE_IMAGES_H
#define FIRMWARE_IMAGES_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
	uint8_t *p;
	size_t n;
};

__attribute__((noreturn, format(printf, 1, 2))) void die(const char *format, ...);

/* util.c */
struct bytes bytes_new(size_t n);
struct bytes copy_of(const void *p, size_t n);
/* Up to an empty one: END. */
#define END ((struct bytes){ 0 })
struct bytes join(struct bytes first, ...);
void put_le(uint8_t *at, unsigned int size, uint64_t value);
uint64_t get_le(const uint8_t *at, unsigned int size);
struct bytes digest(const EVP_MD *md, struct bytes data);
void write_file(const char *directory, const char *name, const char *suffix, struct bytes content);

/* x509.c: certificates by name */
struct identity {
	const char *name;
	X509 *cert;
	EVP_PKEY *key;
	struct bytes der, tbs;
};
void make_identities(void);
const struct identity *identity(const char *name);
const struct identity *identity_at(size_t i);

/* pe.c: the image that all others are made of, and where its fields are */
enum {
	E_LFANEW = 0x80,
	COFF = E_LFANEW + 4,
	OPT = COFF + 20,
	DIRS = OPT + 112,
	SECTIONS = OPT + 0xf0,
	HEADERS = 0x400,
	TEXT = 0x400, RDATA = 0x600, DATA = 0x800, RELOC = 0xa00,
	IMAGE_END = 0xc00,
};
struct bytes base_image(void);
/* What EDK2 hashes of an image, by @md; of one that it cannot hash something is hashed as well. */
struct bytes image_digest(struct bytes image, const EVP_MD *md);
/* The image with a certificate table behind it, and the directory that says so. */
struct bytes with_certs(struct bytes image, struct bytes table);
struct bytes win_cert(struct bytes data);
struct bytes win_cert_as(struct bytes data, uint16_t revision, uint16_t type);

/* cms.c: one signature */
struct cms {
	const char *name;
	/* Identities; the first of @certs that is NULL ends them. By default @signer alone. */
	const char *signer;
	const char *certs[5];
	bool no_certs;
	/* Names of digests: of the image, in DigestInfo, in digestAlgorithms, of the SignerInfo. */
	const char *image_md, *info_md, *set_md, *set_md2, *info_alg_md, *sign_md;
	/* Object identifiers: of the content, and of the attribute that repeats it. */
	const char *content, *attr_content;
	unsigned int version, signer_version;
	bool by_key_id, no_attrs, no_md_attr, no_type_attr, wrong_md_attr, bare, pss, opus, crl;
	bool set_empty, no_null, no_signer, wrong_serial, corrupt, long_md, wrong_type, indefinite;
	/* Unsigned attribute of so many bytes. */
	size_t pad;
	/* A second SignerInfo, and where it stands. */
	const char *second;
	bool second_first;
};
struct bytes cms_sign(const struct cms *cms, struct bytes image);

/* The tables; each adds its images with add_image(). */
void add_image(const char *name, struct bytes image);
struct bytes image_named(const char *name);
/* @image with one plain signature by "self". */
struct bytes signed_plainly(struct bytes image);
void add_signatures(void);
void add_header_images(void);
void add_table_images(void);
void add_loader_images(void);
void write_stores(const char *directory);

#endif
