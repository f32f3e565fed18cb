// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * No reader has a loop in a loop over what a file asks for. Each gets an input and one that is 16
 * times as large, of the kind that is worst for it, and may work some 16 times as long; a loop in a loop
 * takes 256 times. What is compared is the processor's time of this thread, the least of three runs by
 * turns, and the bound lies far from both: no clock and no speed of a machine decides, and a busy one,
 * whose caches are always cold, was seen to make 20 out of 8. The last test sees to it that a loop in a
 * loop does not pass.
 *
 * A row that is about a cap gives what is over it: refusing must not take longer than reading.
 */
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/der.h"
#include "base/limits.h"
#include "crypto/cms.h"
#include "fmt/compress.h"
#include "fmt/ikconfig.h"
#include "fmt/sbat.h"
#include "fmt/varstore.h"
#include "kernel/cms.h"
#include "kernel/elf.h"
#include "kernel/image.h"
#include "kernel/initrd.h"
#include "kernel/rules.h"
#include "ops/dbx.h"
#include "ops/keyring.h"
#include "ops/module.h"
#include "ops/offline.h"
#include "ops/pe_lint.h"
#include "ops/uki_pcrsig.h"
#include "ops/uki_profile.h"
#include "test/pe_image.h"

#define FACTOR 16U
#define MOST 100U
/* A run is repeated until it can be measured. */
#define LEAST_NS 2000000ULL

static char dir[] = "/tmp/kseal-linear.XXXXXX";
static char path[sizeof(dir) + 8];
/* One that is issued by itself, of a length that keeps the next one aligned; then a chain below it. */
#define CHAIN 33
static X509 *chain[CHAIN];
static EVP_PKEY *pkey[CHAIN];
static struct ks_buf cert;
static struct ks_cert parsed;

static void add_ext(X509 *x509, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *ext;
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, x509, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert_non_null(ext);
	assert_int_equal(1, X509_add_ext(x509, ext, -1));
	X509_EXTENSION_free(ext);
}

/* @name_bytes: length of its name; @issuer: NULL for itself */
static X509 *make_cert(EVP_PKEY *own, int name_bytes, X509 *issuer, EVP_PKEY *by)
{
	X509 *x509 = X509_new();
	char name[64];

	snprintf(name, sizeof(name), "%0*d", name_bytes, name_bytes);
	X509_set_version(x509, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x509), name_bytes);
	X509_gmtime_adj(X509_getm_notBefore(x509), -60);
	X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC, (const u8 *)name, -1,
				   -1, 0);
	X509_set_issuer_name(x509, X509_get_subject_name(issuer ? issuer : x509));
	X509_set_pubkey(x509, own);
	add_ext(x509, issuer ? issuer : x509, NID_subject_key_identifier, "hash");
	add_ext(x509, issuer ? issuer : x509, NID_authority_key_identifier, "keyid:always");
	assert_true(X509_sign(x509, by ? by : own, EVP_sha512()) > 0);
	return x509;
}

static void put_x509(struct ks_buf *out, X509 *x509)
{
	u8 *p = NULL;
	int n = i2d_X509(x509, &p);

	assert_true(n > 0);
	ks_put(out, (struct ks_span){ p, (size_t)n });
	OPENSSL_free(p);
}

static int set_up(void **state)
{
	size_t i;

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/in", dir);
	for (i = 0; i < CHAIN; i++) {
		pkey[i] = EVP_EC_gen("P-256");
		chain[i] = make_cert(pkey[i], (int)i + 1, i ? chain[i - 1] : NULL, i ? pkey[i - 1] : NULL);
	}
	/* ECDSA's lengths differ by a byte or two, so this ends. */
	do {
		X509 *x509 = make_cert(pkey[0], 8, NULL, NULL);

		ks_buf_clear(&cert);
		put_x509(&cert, x509);
		X509_free(x509);
	} while (cert.bytes % 8);
	return ks_cert_parse(ks_buf_span(&cert), &parsed, NULL);
}

static int tear_down(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < CHAIN; i++) {
		X509_free(chain[i]);
		EVP_PKEY_free(pkey[i]);
	}
	ks_buf_done(&cert);
	ks_cert_done(&parsed);
	unlink(path);
	return rmdir(dir);
}

static void put_elf_header(struct ks_buf *b, u16 type, u64 table_off, u16 nr_sections)
{
	ks_put(b, (struct ks_span){ (const u8 *)ELFMAG, SELFMAG });
	ks_put_u8(b, ELFCLASS64);
	ks_put_u8(b, ELFDATA2LSB);
	ks_put_u8(b, EV_CURRENT);
	ks_put_fill(b, 0, 9);
	ks_put_le16(b, type);
	ks_put_le16(b, EM_X86_64);
	ks_put_le32(b, EV_CURRENT);
	ks_put_fill(b, 0, 16);
	ks_put_le64(b, table_off);
	ks_put_le32(b, 0);
	ks_put_le16(b, sizeof(Elf64_Ehdr));
	ks_put_le16(b, 0);
	ks_put_le16(b, 0);
	ks_put_le16(b, sizeof(Elf64_Shdr));
	ks_put_le16(b, nr_sections);
	ks_put_le16(b, nr_sections > 1 ? 1 : 0);
}

static void put_elf_section(struct ks_buf *b, u32 name, u32 type, u64 off, u64 bytes, u32 link, u64 entry)
{
	ks_put_le32(b, name);
	ks_put_le32(b, type);
	ks_put_le64(b, 0);
	ks_put_le64(b, 0);
	ks_put_le64(b, off);
	ks_put_le64(b, bytes);
	ks_put_le32(b, link);
	ks_put_le32(b, 1);
	ks_put_le64(b, 1);
	ks_put_le64(b, entry);
}

/* Certificates in a row, and no length behind them. */
static void make_certs(struct ks_buf *b, size_t n)
{
	put_elf_header(b, ET_EXEC, 0, 0);
	while (n--)
		ks_put(b, ks_buf_span(&cert));
	ks_put_fill(b, 0, 8);
}

/* Rows of as many as are followed. */
static void make_rows_of_certs(struct ks_buf *b, size_t n)
{
	put_elf_header(b, ET_EXEC, 0, 0);
	while (n--) {
		ks_put(b, ks_buf_span(&cert));
		if (n % KS_MAX_LIST_CERTS == 0)
			ks_put_le64(b, 0);
	}
}

/* What looks like the start of a certificate, at every place where a list may start. */
static void make_starts(struct ks_buf *b, size_t n)
{
	put_elf_header(b, ET_EXEC, 0, 0);
	while (n--) {
		ks_put_le32(b, n % KS_MAX_LIST_CERTS ? 0x04008230 : 0);
		ks_put_le32(b, 0x04008230);
	}
}

static void find_lists(struct ks_span in)
{
	struct ks_kernel_image image = { .image = in };

	assert_int_not_equal(0, ks_kernel_image_find_lists(&image, NULL));
}

/* Symbols whose names lie in a table that does not end with a NUL. */
static void make_symbols(struct ks_buf *b, size_t n)
{
	u64 strings_off = sizeof(Elf64_Ehdr) + 3 * sizeof(Elf64_Shdr), bytes = 3 + 64 * n;

	put_elf_header(b, ET_EXEC, sizeof(Elf64_Ehdr), 3);
	put_elf_section(b, 0, SHT_NULL, 0, 0, 0, 0);
	put_elf_section(b, 0, SHT_STRTAB, strings_off, bytes, 0, 0);
	put_elf_section(b, 0, SHT_SYMTAB, strings_off + bytes, n * sizeof(Elf64_Sym), 1, sizeof(Elf64_Sym));
	ks_put(b, (struct ks_span){ (const u8 *)"\0a\0", 3 });
	ks_put_fill(b, 'x', 64 * n);
	while (n--) {
		ks_put_le32(b, 1);
		ks_put_le32(b, 0);
		ks_put_fill(b, 0, 16);
	}
}

static void make_sections(struct ks_buf *b, size_t n)
{
	static const char names[] = "\0.text\0.modinf";
	u64 names_off = sizeof(Elf64_Ehdr) + n * sizeof(Elf64_Shdr);
	size_t i;

	put_elf_header(b, ET_REL, sizeof(Elf64_Ehdr), (u16)n);
	put_elf_section(b, 0, SHT_NULL, 0, 0, 0, 0);
	put_elf_section(b, 1, SHT_STRTAB, names_off, sizeof(names), 0, 0);
	for (i = 2; i < n; i++)
		put_elf_section(b, 7, SHT_PROGBITS, names_off, 0, 0, 0);
	ks_put(b, (struct ks_span){ (const u8 *)names, sizeof(names) });
}

static void check_module(struct ks_span in)
{
	assert_int_not_equal(0, ks_elf_check_module(in, NULL));
}

/* Starts of a configuration that do not end. */
static void make_configs(struct ks_buf *b, size_t n)
{
	ks_put_str(b, "IKCFG_ST\x1f\x8b");
	while (n--)
		ks_put_str(b, "IKCFG_STIKCFG_E IKCFG_ST\x1f");
}

static void find_config(struct ks_span in)
{
	struct ks_span gzip;

	assert_int_equal(-EBADMSG, ks_ikconfig_find(in, &gzip, NULL));
}

/* A kernel with hashes of revoked certificates, and no list. */
static void make_hashes(struct ks_buf *b, size_t n)
{
	put_elf_header(b, ET_EXEC, 0, 0);
	ks_put(b, ks_buf_span(&cert));
	ks_put_le64(b, cert.bytes);
	ks_put_le64(b, 0);
	ks_put_u8(b, 0);
	while (n--) {
		ks_put_str(b, "tbs:");
		ks_put_fill(b, 'a', 64);
		ks_put_u8(b, 0);
	}
}

static void load_kernel(struct ks_span in)
{
	__cleanup(ks_kernel_done) struct ks_kernel kernel = { 0 };
	struct ks_kernel_opts opts = { .image = path };

	(void)in;
	assert_int_not_equal(-EINVAL, ks_kernel_load(&opts, &kernel, NULL));
}

static void make_dbx(struct ks_buf *b, size_t n)
{
	struct ks_span *hash = calloc(n, sizeof(*hash));
	static const u8 zeros[32];
	size_t i;

	for (i = 0; i < n; i++)
		hash[i] = (struct ks_span){ zeros, sizeof(zeros) };
	assert_int_equal(0, ks_esl_append(b, &ks_esl_type_x509_sha256, &ks_esl_type_x509, hash, n, NULL));
	free(hash);
}

static void ask_dbx(struct ks_span in)
{
	__cleanup(ks_dbx_done) struct ks_dbx dbx = { 0 };
	bool found = false;

	(void)in;
	if (!ks_dbx_load(path, NULL, &dbx, NULL))
		assert_int_equal(0, ks_dbx_has_tbs(&dbx, &parsed, &found, NULL));
	assert_false(found);
}

/* One list for each hash. */
static void make_lists(struct ks_buf *b, size_t n)
{
	while (n--)
		make_dbx(b, 1);
}

/* Variables that an interrupted update left, all with another name. */
static void make_store(struct ks_buf *b, size_t n)
{
	static const struct ks_guid volume =
		KS_GUID(0xfff12b8d, 0x7696, 0x4c8b, 0xa985, 0x2747075b4f50);
	static const struct ks_guid store = KS_GUID(0xaaf32c78, 0x947b, 0x439a, 0xa180, 0x2e144ec37792);
	u64 store_bytes = 28 + n * 68;
	struct ks_cursor c;
	u16 sum = 0;

	ks_put_fill(b, 0, 16);
	ks_put_guid(b, &volume);
	ks_put_le64(b, 0x48 + store_bytes);
	ks_put_str(b, "_FVH");
	ks_put_le32(b, 0x4feff);
	ks_put_le16(b, 0x48);
	ks_put_fill(b, 0, 0x48 - b->bytes);
	ks_cursor_init(&c, ks_buf_span(b), 0);
	while (ks_cursor_left(&c))
		sum = (u16)(sum + ks_get_le16(&c));
	ks_buf_patch_le16(b, 0x32, (u16)-sum);
	ks_put_guid(b, &store);
	ks_put_le32(b, (u32)store_bytes);
	ks_put_le16(b, 0xfe5a);
	ks_put_fill(b, 0, 6);
	while (n--) {
		ks_put_le16(b, 0x55aa);
		ks_put_le16(b, 0x3e);
		ks_put_fill(b, 0, 32);
		ks_put_le32(b, 6);
		ks_put_le32(b, 2);
		ks_put_guid(b, &store);
		ks_put_le32(b, 1 + (u32)n);
		ks_put_le32(b, 0);
	}
}

static void read_store(struct ks_span in)
{
	struct ks_varstore_iter iter = { 0 };
	struct ks_varstore_view view;
	struct ks_var var;
	u64 off;

	if (!ks_varstore_parse(in, &view, NULL))
		while (ks_varstore_next(&view, &iter, &var, &off))
			;
}

/* Zeros to pass over, then files with checksums. */
static void make_initrd(struct ks_buf *b, size_t n)
{
	ks_put_fill(b, 0, 64 * n);
	while (n--) {
		ks_put_str(b, "070702" "00000000" "000081a4" "00000000" "00000000" "00000001" "00000000" "00000006"
			      "00000000" "00000000" "00000000" "00000000" "00000002" "00000246");
		ks_put_str(b, "a");
		ks_put_u8(b, 0);
		ks_put_str(b, "aaaaaa");
		ks_put_align(b, 4);
	}
}

static void check_initrd(struct ks_span in)
{
	assert_int_equal(0, ks_kernel_check_initrd(in, NULL));
}

static void make_sbat(struct ks_buf *b, size_t n)
{
	ks_put_str(b, "sbat,1,SBAT Version,sbat,1,https://example.org/\n");
	while (n--)
		ks_put_str(b, "a,1,b,c,2,d\n");
}

static void check_sbat(struct ks_span in)
{
	assert_int_equal(0, ks_sbat_check(in, 0, NULL));
}

/* Lines that name nothing. */
static void make_manifest(struct ks_buf *b, size_t n)
{
	while (n--)
		ks_put_str(b, "# a comment\n\n");
}

static void load_manifest(struct ks_span in)
{
	__cleanup(ks_keyring_done) struct ks_keyring keyring = { 0 };

	(void)in;
	assert_int_equal(-EBADMSG, ks_keyring_load(path, dir, &keyring, NULL));
}

static void load_profile(struct ks_span in)
{
	__cleanup(ks_uki_profile_done) struct ks_uki_profile_file file = { 0 };

	(void)in;
	assert_int_equal(-EBADMSG, ks_uki_profile_load(path, &file, NULL));
}

static void make_offline(struct ks_buf *b, size_t n)
{
	ks_put_str(b, "{\"schema\":\"kseal/offline-prepare/1\",\"certificates\":[");
	while (n--)
		ks_put_str(b, "{\"a\":1,\"b\":2,\"pem\":\"x\"},");
	ks_put_str(b, "{}],\"entries\":[]}");
}

/* One object with that many keys. */
static void make_keys(struct ks_buf *b, size_t n)
{
	char key[32];

	ks_put_str(b, "{\"schema\":\"kseal/offline-prepare/1\"");
	while (n--) {
		snprintf(key, sizeof(key), ",\"k%zu\":0", n);
		ks_put_str(b, key);
	}
	ks_put_str(b, "}");
}

static void parse_offline(struct ks_span in)
{
	struct ks_offline manifest = { 0 };

	assert_int_not_equal(0, ks_offline_parse(in, &manifest, NULL));
}

static void make_pcrsig(struct ks_buf *b, size_t n)
{
	ks_put_str(b, "{\"sha256\":[{\"pcrs\":[7");
	while (n--)
		ks_put_str(b, ",11");
	ks_put_str(b, "]}]}");
}

static void parse_pcrsig(struct ks_span in)
{
	__cleanup(ks_pcrsigs_done) struct ks_pcrsigs sigs = { 0 };

	assert_int_equal(0, ks_pcrsigs_parse(in, &sigs, NULL));
}

/* Blocks of another kind in front of a certificate. */
static void make_pem(struct ks_buf *b, size_t n)
{
	while (n--)
		ks_put_str(b, "-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n");
}

static void make_long_pem(struct ks_buf *b, size_t n)
{
	ks_put_str(b, "-----BEGIN CERTIFICATE-----\n");
	while (n--)
		ks_put_str(b, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n");
	ks_put_str(b, "-----END CERTIFICATE-----\n");
}

static void parse_pem(struct ks_span in)
{
	__cleanup(ks_certs_done) struct ks_certs certs = { 0 };

	assert_int_not_equal(0, ks_certs_parse(in, &certs, NULL));
	ERR_clear_error();
}

/* Data behind the sections. */
static void make_pe(struct ks_buf *b, size_t n)
{
	make_image(b);
	ks_put_fill(b, 0, n);
}

static void lint_pe(struct ks_span in)
{
	__cleanup(ks_findings_done) struct ks_findings findings = { 0 };

	assert_int_equal(0, ks_pe_lint(in, &findings, NULL));
}

static void make_packed(struct ks_buf *b, size_t n, enum ks_compression kind)
{
	__cleanup(ks_buf_done) struct ks_buf plain = { 0 };

	ks_put_fill(&plain, 0, n);
	assert_int_equal(0, ks_compress(kind, ks_buf_span(&plain), b, NULL));
}

static void make_gzip(struct ks_buf *b, size_t n)
{
	make_packed(b, n, KS_COMPRESS_GZIP);
}

static void make_xz(struct ks_buf *b, size_t n)
{
	make_packed(b, n, KS_COMPRESS_XZ);
}

static void make_zstd(struct ks_buf *b, size_t n)
{
	make_packed(b, n, KS_COMPRESS_ZSTD);
}

static void unpack(struct ks_span in)
{
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };

	assert_int_equal(0, ks_decompress(ks_compression_of(in), in, KS_MAX_MODULE_BYTES, &out, NULL));
}

/* Signatures behind each other. */
static void make_trailers(struct ks_buf *b, size_t n)
{
	ks_put_str(b, "module");
	while (n--)
		ks_modsig_build(ks_span_str("signature"), b);
}

static void open_module(struct ks_span in)
{
	struct ks_modsig_view view = { .content = in };

	while (!ks_modsig_parse(view.content, &view, NULL))
		;
}

/* SignerInfo of the last of @depth certificates over SHA-512 of @content; of 0 nobody is known. */
static void put_signer(struct ks_buf *out, size_t depth, struct ks_span sig)
{
	static const u8 version[] = { 2, 1, 1 };
	static const u8 algs[] = { 0x30, 0x0b, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3, 0x30, 10, 6, 8,
				   0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4 };
	__cleanup(ks_buf_done) struct ks_buf info = { 0 }, id = { 0 };
	u8 serial[] = { 2, 1, (u8)depth }, *p = NULL;
	X509 *leaf = chain[depth ? depth - 1 : 0];
	int n = i2d_X509_NAME(X509_get_issuer_name(leaf), &p);

	assert_true(n > 0);
	ks_put(&id, (struct ks_span){ p, (size_t)n });
	OPENSSL_free(p);
	ks_put(&id, (struct ks_span){ serial, sizeof(serial) });
	ks_put(&info, (struct ks_span){ version, sizeof(version) });
	ks_put_der_buf(&info, KS_DER_SEQUENCE, &id);
	ks_put(&info, (struct ks_span){ algs, sizeof(algs) });
	ks_put_der(&info, KS_DER_OCTET_STRING, sig);
	ks_put_der_buf(out, KS_DER_SEQUENCE, &info);
}

/* le32 length, a content of @n KiB, and a message of @n signers with @depth certificates. */
static void put_signed(struct ks_buf *out, size_t n, size_t depth)
{
	static const u8 signed_data[] = { 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 7, 2 };
	static const u8 head[] = { 2, 1, 1, 0x31, 13, 0x30, 11, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3,
				   0x30, 11, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 7, 1 };
	__cleanup(ks_buf_done) struct ks_buf certs = { 0 }, signers = { 0 }, sd = { 0 }, whole = { 0 };
	__cleanup(ks_buf_done) struct ks_buf explicit = { 0 };
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t i, sig_bytes;
	u8 sig[256];

	ks_put_le32(out, (u32)(n << 10));
	ks_put_fill(out, 'm', n << 10);
	sig_bytes = sizeof(sig);
	assert_int_equal(1, EVP_DigestSignInit(ctx, NULL, EVP_sha512(), NULL, pkey[depth ? depth - 1 : 0]));
	assert_int_equal(1, EVP_DigestSign(ctx, sig, &sig_bytes, out->p + 4, n << 10));
	EVP_MD_CTX_free(ctx);
	for (i = 0; i < depth; i++)
		put_x509(&certs, chain[i]);
	for (i = 0; i < n; i++)
		put_signer(&signers, depth, (struct ks_span){ sig, sig_bytes });
	ks_put(&sd, (struct ks_span){ head, sizeof(head) });
	if (depth)
		ks_put_der_buf(&sd, KS_DER_CONS(0), &certs);
	ks_put_der_buf(&sd, KS_DER_SET, &signers);
	ks_put_der_buf(&explicit, KS_DER_SEQUENCE, &sd);
	ks_put(&whole, (struct ks_span){ signed_data, sizeof(signed_data) });
	ks_put_der_buf(&whole, KS_DER_CONS(0), &explicit);
	ks_put_der_buf(out, KS_DER_SEQUENCE, &whole);
}

/* None of the signers is known. */
static void make_signers(struct ks_buf *b, size_t n)
{
	put_signed(b, n, 0);
}

/* All are the same one, at the end of a chain that nobody trusts. */
static void make_chain(struct ks_buf *b, size_t n)
{
	put_signed(b, n, n);
}

static void verify_module(struct ks_span in)
{
	__cleanup(ks_kernel_done) struct ks_kernel kernel = { 0 };
	struct ks_kernel_opts opts = { 0 };
	struct ks_span content, message;
	struct ks_kernel_log log = { 0 };
	struct ks_cursor c;

	assert_int_equal(0, ks_kernel_load(&opts, &kernel, NULL));
	ks_cursor_init(&c, in, 0);
	content = ks_get_bytes(&c, ks_get_le32(&c));
	message = ks_get_bytes(&c, ks_cursor_left(&c));
	/* ENOKEY, or EMSGSIZE where the kernel's decoder reads no further than 64 KiB. */
	assert_int_not_equal(0, ks_kernel_verify(&kernel, content, message, &log));
}

static void make_der(struct ks_buf *b, size_t n)
{
	__cleanup(ks_buf_done) struct ks_buf sd = { 0 };

	while (n--)
		ks_put_le32(&sd, 0x00010203);
	ks_put_der_buf(b, KS_DER_SEQUENCE, &sd);
}

/* Openings without a length, none of which is closed. */
static void make_ber(struct ks_buf *b, size_t n)
{
	while (n--)
		ks_put_le16(b, 0x8030);
}

static void read_ber(struct ks_span in)
{
	__cleanup(ks_kernel_done) struct ks_kernel kernel = { 0 };
	struct ks_kernel_opts opts = { 0 };
	struct ks_kernel_log log = { 0 };

	assert_int_equal(0, ks_kernel_load(&opts, &kernel, NULL));
	assert_int_not_equal(0, ks_kernel_verify(&kernel, ks_span_str("m"), in, &log));
	assert_int_not_equal(0, ks_cms_authcode_matches(in, ks_span_str("digest"), NULL));
	ERR_clear_error();
}

/* What the last test plants. */
static void make_bytes(struct ks_buf *b, size_t n)
{
	ks_put_fill(b, 1, n);
}

static void loop_in_a_loop(struct ks_span in)
{
	volatile unsigned int sum = 0;
	size_t i, k;

	for (i = 0; i < in.bytes; i++)
		for (k = 0; k < i; k++)
			sum = sum + in.p[k];
}

struct row {
	const char *name;
	void (*make)(struct ks_buf *b, size_t n);
	void (*read)(struct ks_span in);
	size_t n;
};

static const struct row rows[] = {
	{ "certificates of a kernel without symbols", make_rows_of_certs, find_lists, 2 * KS_MAX_LIST_CERTS },
	{ "more of them than a list may have", make_certs, find_lists, KS_MAX_LIST_CERTS },
	{ "what looks like them", make_starts, find_lists, 10000 },
	{ "symbols of a kernel", make_symbols, find_lists, 2500 },
	{ "sections of a module", make_sections, check_module, 2000 },
	{ "configuration of a kernel", make_configs, find_config, 10000 },
	{ "revoked hashes of a kernel", make_hashes, load_kernel, 2500 },
	{ "more of them than a kernel may have", make_hashes, load_kernel, 8000 },
	{ "hashes in dbx", make_dbx, ask_dbx, 4000 },
	{ "lists in dbx", make_lists, ask_dbx, 100 },
	{ "variables in a store", make_store, read_store, 60 },
	{ "entries of an initrd", make_initrd, check_initrd, 2000 },
	{ "SBAT", make_sbat, check_sbat, 20 },
	{ "manifest of a keyring", make_manifest, load_manifest, 10000 },
	{ "profile of a UKI", make_manifest, load_profile, 10000 },
	{ "manifest of offline signing", make_offline, parse_offline, 5000 },
	{ "keys of one object", make_keys, parse_offline, 5000 },
	{ "policies", make_pcrsig, parse_pcrsig, 10000 },
	{ "PEM blocks", make_pem, parse_pem, 1500 },
	{ "a long PEM block", make_long_pem, parse_pem, 2000 },
	{ "data behind an image", make_pe, lint_pe, 1 << 19 },
	{ "gzip", make_gzip, unpack, 1 << 20 },
	{ "xz", make_xz, unpack, 1 << 20 },
	{ "zstd", make_zstd, unpack, 1 << 20 },
	{ "stacked signatures", make_trailers, open_module, 5000 },
	{ "signers of a module", make_signers, verify_module, 8 },
	{ "signers with a chain", make_chain, verify_module, 2 },
	{ "elements of a message", make_der, read_ber, 900 },
	{ "nested elements of a message", make_ber, read_ber, 1900 },
};

static const struct row planted = { "a loop in a loop", make_bytes, loop_in_a_loop, 1000 };

static u64 now_ns(void)
{
	struct timespec t;

	assert_int_equal(0, clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t));
	return (u64)t.tv_sec * 1000000000U + (u64)t.tv_nsec;
}

static u64 cost(const struct row *row, const struct ks_buf *in, size_t nr_times)
{
	struct ks_span content = ks_buf_span(in);
	FILE *to = fopen(path, "w");
	size_t i;
	u64 start;

	assert_non_null(to);
	assert_int_equal(in->bytes, fwrite(in->p, 1, in->bytes, to));
	assert_int_equal(0, fclose(to));
	start = now_ns();
	for (i = 0; i < nr_times; i++)
		row->read(content);
	return now_ns() - start;
}

/* How many times the work of the small input the large one takes. */
static double growth(const struct row *row)
{
	__cleanup(ks_buf_done) struct ks_buf small = { 0 }, large = { 0 };
	u64 least[2] = { UINT64_MAX, UINT64_MAX }, ns;
	size_t nr_times = 1;
	int i;

	row->make(&small, row->n);
	row->make(&large, row->n * FACTOR);
	assert_int_equal(0, ks_buf_ok(&small, NULL) | ks_buf_ok(&large, NULL));
	while (cost(row, &small, nr_times) < LEAST_NS)
		nr_times *= 2;
	/* What is hopeless is not tried again. */
	for (i = 0; i < 6 && (i < 2 || least[1] / least[0] < 2 * MOST); i++) {
		ns = cost(row, i % 2 ? &large : &small, nr_times);
		if (ns < least[i % 2])
			least[i % 2] = ns;
	}
	return (double)least[1] / (double)least[0];
}

static void sixteen_times_the_input_is_no_loop_in_a_loop(void **state)
{
	size_t i;
	int nr_bad = 0;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(rows); i++) {
		double times = growth(&rows[i]);
		int tries;

		/* Where a host takes the processor away that counts as time; a loop in a loop stays one. */
		for (tries = 0; tries < 4 && times > MOST; tries++)
			times = growth(&rows[i]);
		print_message("# %s: %.1f\n", rows[i].name, times);
		nr_bad += times > MOST;
	}
	assert_int_equal(0, nr_bad);
}

static void a_loop_in_a_loop_is_seen(void **state)
{
	(void)state;
	assert_true(growth(&planted) > MOST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sixteen_times_the_input_is_no_loop_in_a_loop),
		cmocka_unit_test(a_loop_in_a_loop_is_seen),
	};

	return cmocka_run_group_tests_name("linear", tests, set_up, tear_down);
}
