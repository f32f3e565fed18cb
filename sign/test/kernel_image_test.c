// SPDX-License-Identifier: LGPL-2.1-or-later
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/file.h"
#include "fmt/compress.h"
#include "kernel/image.h"
#include "kernel/rules.h"

#define DATA_ADDR 0xffffffff82000000ULL
#define CONFIG "CONFIG_MODULE_SIG=y\nCONFIG_CRYPTO_SHA512=y\nCONFIG_CRYPTO_ECDSA=y\n"

static char path[] = "/tmp/kseal-image.XXXXXX";
static struct ks_buf cert[2];

static void make_cert(const char *name, struct ks_buf *der)
{
	EVP_PKEY *pkey = EVP_EC_gen("P-256");
	X509 *x509 = X509_new();
	u8 *p = NULL;
	int n;

	ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
	X509_gmtime_adj(X509_getm_notBefore(x509), 0);
	X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC,
				   (const u8 *)name, -1, -1, 0);
	X509_set_issuer_name(x509, X509_get_subject_name(x509));
	X509_set_pubkey(x509, pkey);
	X509_sign(x509, pkey, EVP_sha512());
	n = i2d_X509(x509, &p);
	assert_true(n > 0);
	ks_put(der, (struct ks_span){ p, (size_t)n });
	OPENSSL_free(p);
	X509_free(x509);
	EVP_PKEY_free(pkey);
}

static int set_up(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	make_cert("the first of two test certificates, long enough for the kernel", &cert[0]);
	make_cert("the second of two test certificates, long enough for the kernel", &cert[1]);
	return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
	(void)state;
	ks_buf_done(&cert[0]);
	ks_buf_done(&cert[1]);
	return unlink(path);
}

struct recipe {
	size_t nr_trusted;
	size_t nr_revoked;
	u64 wrong_size; /* added to the length of the trusted list */
	const char *config;
	bool no_symbols;
	bool second_list;
};

struct offsets {
	u64 trusted, trusted_size, module_size, revoked, revoked_size;
};

static void put_list(struct ks_buf *b, u64 align, size_t nr_certs, u64 wrong, u64 *ret_list, u64 *ret_size)
{
	u64 bytes = 0;
	size_t i;

	ks_put_align(b, align);
	*ret_list = b->bytes;
	for (i = 0; i < nr_certs; i++) {
		ks_put(b, ks_buf_span(&cert[i]));
		bytes += cert[i].bytes;
	}
	ks_put_align(b, align);
	*ret_size = b->bytes;
	ks_put_le64(b, bytes + wrong);
}

static void put_config(struct ks_buf *b, const char *config)
{
	__cleanup(ks_buf_done) struct ks_buf gzip = { 0 };

	assert_int_equal(0, ks_compress(KS_COMPRESS_GZIP, ks_span_str(config), &gzip, NULL));
	ks_put_str(b, "IKCFG_ST");
	ks_put(b, ks_buf_span(&gzip));
	ks_put_str(b, "IKCFG_ED");
}

static void put_section(struct ks_buf *b, u32 type, u64 addr, u64 off, u64 bytes, u32 link, u64 entry)
{
	ks_put_le32(b, 0);
	ks_put_le32(b, type);
	ks_put_le64(b, SHF_ALLOC);
	ks_put_le64(b, addr);
	ks_put_le64(b, off);
	ks_put_le64(b, bytes);
	ks_put_le32(b, link);
	ks_put_le32(b, 0);
	ks_put_le64(b, 1);
	ks_put_le64(b, entry);
}

static const char names[] = "\0system_certificate_list\0system_certificate_list_size\0"
			    "module_cert_size\0revocation_certificate_list\0"
			    "revocation_certificate_list_size";

static void put_symbols(struct ks_buf *b, const struct offsets *at, u64 data_off)
{
	const u64 off[] = { at->trusted, at->trusted_size, at->module_size, at->revoked,
			    at->revoked_size };
	u32 name = 1;
	size_t i;

	ks_put_fill(b, 0, sizeof(Elf64_Sym));
	for (i = 0; i < KS_ARRAY_SIZE(off); i++) {
		ks_put_le32(b, name);
		ks_put_u8(b, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT));
		ks_put_u8(b, 0);
		ks_put_le16(b, 1);
		ks_put_le64(b, DATA_ADDR + off[i] - data_off);
		ks_put_le64(b, 0);
		name += (u32)strlen(&names[name]) + 1;
	}
}

static void make_vmlinux(const struct recipe *r, struct ks_buf *b)
{
	u64 data_off = 64, symbols_off, names_off, sections_off, unused;
	struct offsets at = { 0 };

	ks_put(b, (struct ks_span){ (const u8 *)"\x7f" "ELF\2\1\1", 7 });
	ks_put_fill(b, 0, data_off - b->bytes);
	put_list(b, 8, r->nr_trusted, r->wrong_size, &at.trusted, &at.trusted_size);
	at.module_size = b->bytes;
	ks_put_le64(b, 0);
	put_list(b, 8, r->nr_revoked, 0, &at.revoked, &at.revoked_size);
	if (r->second_list) {
		put_list(b, 8, 1, 0, &unused, &unused);
		put_list(b, 8, 1, 0, &unused, &unused);
	}
	if (r->config)
		put_config(b, r->config);
	symbols_off = b->bytes;
	put_symbols(b, &at, data_off);
	names_off = b->bytes;
	ks_put(b, (struct ks_span){ (const u8 *)names, sizeof(names) });
	sections_off = b->bytes;
	put_section(b, SHT_NULL, 0, 0, 0, 0, 0);
	put_section(b, SHT_PROGBITS, DATA_ADDR, data_off, symbols_off - data_off, 0, 0);
	put_section(b, r->no_symbols ? SHT_PROGBITS : SHT_SYMTAB, 0, symbols_off,
		    names_off - symbols_off, 3, sizeof(Elf64_Sym));
	put_section(b, SHT_STRTAB, 0, names_off, sizeof(names), 0, 0);
	ks_buf_patch_le16(b, 16, ET_EXEC);
	ks_buf_patch_le16(b, 18, EM_X86_64);
	ks_buf_patch_le32(b, 20, EV_CURRENT);
	ks_buf_patch_le32(b, 40, (u32)sections_off);
	ks_buf_patch_le16(b, 52, 64);
	ks_buf_patch_le16(b, 58, sizeof(Elf64_Shdr));
	ks_buf_patch_le16(b, 60, 4);
	ks_buf_patch_le16(b, 62, 3);
	assert_int_equal(0, ks_buf_ok(b, NULL));
}

/* A bzImage around it; @said_bytes is what it says to unpack to. */
static void make_bzimage(struct ks_span vmlinux, u32 said_bytes, struct ks_buf *b)
{
	__cleanup(ks_buf_done) struct ks_buf payload = { 0 };

	assert_int_equal(0, ks_compress(KS_COMPRESS_ZSTD, vmlinux, &payload, NULL));
	ks_put_le32(&payload, said_bytes);
	ks_put_fill(b, 0, 1024);
	ks_buf_patch_le16(b, 0x1f1, 1);
	ks_buf_patch_le16(b, 0x1fe, 0xaa55);
	ks_buf_patch(b, 0x202, ks_span_str("HdrS"));
	ks_buf_patch_le16(b, 0x206, 0x020f);
	ks_buf_patch_le32(b, 0x24c, (u32)payload.bytes);
	ks_put(b, ks_buf_span(&payload));
	assert_int_equal(0, ks_buf_ok(b, NULL));
}

/* An Image of arm64: no symbols, and what a vmlinux holds in its data. */
static void make_arm64(const struct recipe *r, struct ks_buf *b)
{
	struct offsets at = { 0 };

	ks_put_fill(b, 0, 0x38);
	ks_put_str(b, "ARM\x64");
	ks_put_fill(b, 0, 64 - b->bytes);
	ks_put_str(b, "%s Linux version %s\nLinux version is ");
	put_list(b, 256, r->nr_trusted, r->wrong_size, &at.trusted, &at.trusted_size);
	ks_put_align(b, 256);
	ks_put_le64(b, 0);
	put_list(b, 256, r->nr_revoked, 0, &at.revoked, &at.revoked_size);
	if (r->config)
		put_config(b, r->config);
	ks_put_str(b, "Linux version 6.18.15-arm (kseal@kseal) (gcc)");
	assert_int_equal(0, ks_buf_ok(b, NULL));
}

/* A vmlinuz.efi around it, whose header says @said_bytes and @compression. */
static void make_zboot(struct ks_span kernel, enum ks_compression kind, const char *compression,
		       u32 said_bytes, struct ks_buf *b)
{
	__cleanup(ks_buf_done) struct ks_buf payload = { 0 };

	assert_int_equal(0, ks_compress(kind, kernel, &payload, NULL));
	ks_put_le32(b, 0x5a4d);
	ks_put_str(b, "zimg");
	ks_put_le32(b, 64);
	ks_put_le32(b, (u32)payload.bytes);
	ks_put_le64(b, 0);
	ks_put_str(b, compression);
	ks_put_fill(b, 0, 0x38 - b->bytes);
	ks_put_le32(b, 0x818223cd);
	ks_put_le32(b, 64);
	ks_put(b, ks_buf_span(&payload));
	if (kind == KS_COMPRESS_GZIP)
		ks_buf_patch_le32(b, b->bytes - 4, said_bytes);
	else
		ks_put_le32(b, said_bytes);
	assert_int_equal(0, ks_buf_ok(b, NULL));
}

static int load(const struct ks_buf *file, struct ks_kernel_image *image)
{
	struct ks_span content = ks_buf_span(file);

	assert_int_equal(0, ks_file_publish(path, &content, 1, 0600, NULL));
	return ks_kernel_image_load(path, image, NULL);
}

static int load_recipe(const struct recipe *r, struct ks_kernel_image *image)
{
	__cleanup(ks_buf_done) struct ks_buf file = { 0 };

	make_vmlinux(r, &file);
	return load(&file, image);
}

static void lists_are_found_by_symbols_and_by_shape(void **state)
{
	size_t nr_revoked;
	unsigned int no_symbols;
	(void)state;

	for (nr_revoked = 0; nr_revoked <= 1; nr_revoked++)
		for (no_symbols = 0; no_symbols <= 1; no_symbols++) {
			__cleanup(ks_kernel_image_done) struct ks_kernel_image image = { 0 };
			struct recipe r = { 2, nr_revoked, .no_symbols = no_symbols };

			assert_int_equal(0, load_recipe(&r, &image));
			assert_int_equal(cert[0].bytes + cert[1].bytes, image.trusted.bytes);
			assert_memory_equal(cert[0].p, image.trusted.p, cert[0].bytes);
			assert_int_equal(nr_revoked * cert[0].bytes, image.revoked.bytes);
			assert_int_equal(0, image.module_cert_bytes);
			assert_int_equal(0, image.config.bytes);
		}
}

static void the_configuration_is_unpacked(void **state)
{
	__cleanup(ks_kernel_image_done) struct ks_kernel_image image = { 0 };
	struct recipe r = { 1, .config = CONFIG, .no_symbols = true };
	(void)state;

	assert_int_equal(0, load_recipe(&r, &image));
	assert_true(ks_span_eq(ks_span_str(CONFIG), ks_buf_span(&image.config)));
}

static const struct {
	struct recipe recipe;
	int err;
} refused[] = {
	/* A list that is longer than the file, by symbols; no list at all, by shape. */
	{ { 1, .wrong_size = 1ULL << 40 }, -EBADMSG },
	{ { 1, .wrong_size = 0ULL - (1ULL << 62) }, -EBADMSG },
	{ { 1, .wrong_size = 1, .no_symbols = true }, -EBADMSG },
	{ { 0, .no_symbols = true }, -EBADMSG },
	/* More lists than a kernel has: which one counts is a guess. */
	{ { 1, 1, .no_symbols = true, .second_list = true }, -EBADMSG },
	/* The configuration inside says what there is. */
	{ { 1, 1, .no_symbols = true, .config = CONFIG }, -EBADMSG },
	{ { 1, .no_symbols = true, .config = "CONFIG_SYSTEM_REVOCATION_KEYS=\"x.pem\"\n" }, -EBADMSG },
	{ { 1, .no_symbols = true, .config = "CONFIG_SYSTEM_EXTRA_CERTIFICATE=y\n" }, -EOPNOTSUPP },
};

static void what_is_not_exactly_right_is_refused(void **state)
{
	struct recipe good = { 1, 1, .no_symbols = true,
			       .config = "CONFIG_SYSTEM_REVOCATION_KEYS=\"x.pem\"\n" };
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(refused); i++) {
		__cleanup(ks_kernel_image_done) struct ks_kernel_image image = { 0 };

		assert_int_equal(refused[i].err, load_recipe(&refused[i].recipe, &image));
	}
	{
		__cleanup(ks_kernel_image_done) struct ks_kernel_image image = { 0 };

		assert_int_equal(0, load_recipe(&good, &image));
	}
}

/* Offsets in the symbol table of a good vmlinux, whose control is the unchanged one. */
static void bad_symbols_are_refused(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf good = { 0 };
	struct recipe r = { .nr_trusted = 1, .nr_revoked = 1 };
	size_t symbols, i, changes = 0;
	(void)state;

	make_vmlinux(&r, &good);
	symbols = good.bytes - 4 * sizeof(Elf64_Shdr) - sizeof(names) - 6 * sizeof(Elf64_Sym);
	for (i = 0; i < 6 * sizeof(Elf64_Sym); i++) {
		__cleanup(ks_kernel_image_done) struct ks_kernel_image image = { 0 };
		__cleanup(ks_buf_done) struct ks_buf bad = { 0 };
		int rc;

		ks_put(&bad, ks_buf_span(&good));
		bad.p[symbols + i] ^= 0xff;
		rc = load(&bad, &image);
			assert_true(!rc || rc == -EBADMSG);
		changes += rc != 0;
	}
	assert_true(changes > 30);
}

static void every_truncation_is_refused(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf good = { 0 };
	struct recipe r = { .nr_trusted = 1, .nr_revoked = 1 };
	size_t bytes;
	(void)state;

	make_vmlinux(&r, &good);
	for (bytes = 0; bytes < good.bytes; bytes += 7) {
		__cleanup(ks_kernel_image_done) struct ks_kernel_image image = { 0 };
		__cleanup(ks_buf_done) struct ks_buf cut = { 0 };

		ks_put(&cut, (struct ks_span){ good.p, bytes });
		assert_true(load(&cut, &image) < 0);
	}
}

static void a_bzimage_is_unpacked_and_its_length_checked(void **state)
{
	static const int wrong[] = { 0, 1, -1, 1 << 20, INT32_MIN };
	__cleanup(ks_buf_done) struct ks_buf vmlinux = { 0 };
	struct recipe r = { 2, .no_symbols = true };
	size_t i;
	(void)state;

	make_vmlinux(&r, &vmlinux);
	for (i = 0; i < KS_ARRAY_SIZE(wrong); i++) {
		__cleanup(ks_kernel_image_done) struct ks_kernel_image image = { 0 };
		__cleanup(ks_buf_done) struct ks_buf file = { 0 };
		int rc;

		make_bzimage(ks_buf_span(&vmlinux), (u32)vmlinux.bytes + (u32)wrong[i], &file);
		rc = load(&file, &image);
		if (wrong[i])
			assert_true(rc == -EBADMSG || rc == -E2BIG);
		else
			assert_int_equal(0, rc);
	}
}

static void an_arm64_kernel_is_read_compressed_or_not(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf kernel = { 0 };
	struct recipe r = { 2, 1, .config = "CONFIG_SYSTEM_REVOCATION_KEYS=\"x.pem\"\n" };
	enum ks_compression kind;
	(void)state;

	make_arm64(&r, &kernel);
	for (kind = KS_COMPRESS_NONE; kind <= KS_COMPRESS_ZSTD; kind++) {
		__cleanup(ks_kernel_image_done) struct ks_kernel_image image = { 0 };
		__cleanup(ks_buf_done) struct ks_buf file = { 0 };
		__cleanup(ks_buf_done) struct ks_buf release = { 0 };

		if (kind == KS_COMPRESS_XZ)
			continue;
		if (kind)
			make_zboot(ks_buf_span(&kernel), kind, kind == KS_COMPRESS_GZIP ? "gzip" : "zstd",
				   (u32)kernel.bytes, &file);
		else
			ks_put(&file, ks_buf_span(&kernel));
		assert_true(ks_kernel_image_probe(ks_buf_span(&file)));
		assert_int_equal(0, load(&file, &image));
		assert_int_equal(cert[0].bytes + cert[1].bytes, image.trusted.bytes);
		assert_int_equal(cert[0].bytes, image.revoked.bytes);
		assert_true(ks_span_eq(ks_span_str(r.config), ks_buf_span(&image.config)));
		assert_true(ks_kernel_release(ks_buf_span(&file), &release));
		assert_true(ks_span_eq(ks_span_str("6.18.15-arm"), ks_buf_span(&release)));
	}
}

static void a_compressed_arm64_kernel_that_says_one_thing_and_is_another_is_refused(void **state)
{
	static const struct {
		enum ks_compression kind;
		const char *compression;
		int wrong_bytes;
		int err;
	} bad[] = {
		{ KS_COMPRESS_ZSTD, "zstd", 0, 0 },
		{ KS_COMPRESS_ZSTD, "zstd", 1, -EBADMSG },
		{ KS_COMPRESS_ZSTD, "zstd", -1, -E2BIG },
		{ KS_COMPRESS_ZSTD, "zstd", INT32_MIN, -E2BIG },
		{ KS_COMPRESS_GZIP, "gzip", 1, -EBADMSG },
		{ KS_COMPRESS_ZSTD, "gzip", 0, -EBADMSG },
		{ KS_COMPRESS_GZIP, "zstd", 0, -EBADMSG },
		{ KS_COMPRESS_XZ, "xzkern", 0, -EOPNOTSUPP },
		{ KS_COMPRESS_ZSTD, "zstd22", 0, -EOPNOTSUPP },
	};
	__cleanup(ks_buf_done) struct ks_buf kernel = { 0 };
	struct recipe r = { .nr_trusted = 1 };
	size_t i;
	(void)state;

	make_arm64(&r, &kernel);
	for (i = 0; i < KS_ARRAY_SIZE(bad); i++) {
		__cleanup(ks_kernel_image_done) struct ks_kernel_image image = { 0 };
		__cleanup(ks_buf_done) struct ks_buf file = { 0 };

		make_zboot(ks_buf_span(&kernel), bad[i].kind, bad[i].compression,
			   (u32)kernel.bytes + (u32)bad[i].wrong_bytes, &file);
		assert_int_equal(bad[i].err, load(&file, &image));
	}
}

/* One layer: what was unpacked must be the kernel. */
static void a_compressed_kernel_in_a_compressed_kernel_is_refused(void **state)
{
	__cleanup(ks_kernel_image_done) struct ks_kernel_image image = { 0 };
	__cleanup(ks_buf_done) struct ks_buf kernel = { 0 }, inner = { 0 }, file = { 0 };
	struct recipe r = { .nr_trusted = 1 };
	(void)state;

	make_arm64(&r, &kernel);
	make_zboot(ks_buf_span(&kernel), KS_COMPRESS_ZSTD, "zstd", (u32)kernel.bytes, &inner);
	make_zboot(ks_buf_span(&inner), KS_COMPRESS_ZSTD, "zstd", (u32)inner.bytes, &file);
	assert_int_equal(-EOPNOTSUPP, load(&file, &image));
}

static void a_kernel_that_does_not_say_its_release(void **state)
{
	static const char *const banners[] = {
		"", "Linux version", "Linux version ", "Linux version 6.18.15", "Linux version x6 (y)",
		"Linux version 6123456789012345678901234567890123456789012345678901234567890123456789 (y)",
	};
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(banners); i++) {
		__cleanup(ks_buf_done) struct ks_buf kernel = { 0 }, release = { 0 };

		ks_put_fill(&kernel, 0, 0x38);
		ks_put_str(&kernel, "ARM\x64");
		ks_put_str(&kernel, banners[i]);
		assert_false(ks_kernel_release(ks_buf_span(&kernel), &release));
		assert_int_equal(0, release.bytes);
		ks_put_str(&kernel, "Linux version 6.1 ");
		assert_true(ks_kernel_release(ks_buf_span(&kernel), &release));
	}
}

static void a_payload_that_grows_without_end_is_stopped(void **state)
{
	__cleanup(ks_kernel_image_done) struct ks_kernel_image image = { 0 };
	__cleanup(ks_buf_done) struct ks_buf bomb = { 0 };
	__cleanup(ks_buf_done) struct ks_buf file = { 0 };
	(void)state;

	ks_put_fill(&bomb, 0, 64 << 20);
	make_bzimage(ks_buf_span(&bomb), 1 << 20, &file);
	assert_true(file.bytes < 1 << 20);
	assert_int_equal(-E2BIG, load(&file, &image));
}

static void a_kernel_takes_its_rules_from_its_configuration(void **state)
{
	struct ks_kernel kernel = { 0 };
	__cleanup(ks_buf_done) struct ks_buf file = { 0 };
	struct recipe r = { 2, .config = CONFIG "CONFIG_MODULE_SIG_MIN_DIGEST_BITS=384\n"
					       "CONFIG_MODULE_SIG_MIN_RSA_BITS=3072\nCONFIG_MODULE_SIG_FORCE=y\n" };
	struct ks_kernel_opts opts = { .version = "6.18", .image = path };
	struct ks_span content;
	(void)state;

	make_vmlinux(&r, &file);
	content = ks_buf_span(&file);
	assert_int_equal(0, ks_file_publish(path, &content, 1, 0600, NULL));
	assert_int_equal(0, ks_kernel_load(&opts, &kernel, NULL));
	assert_int_equal(384, kernel.min_digest_bits);
	assert_int_equal(3072, kernel.min_rsa_bits);
	assert_true(kernel.sig_force);
	assert_true(kernel.crypto.ecdsa);
	assert_false(kernel.crypto.rsa);
	assert_int_equal(1U << KS_KDIGEST_SHA384 | 1U << KS_KDIGEST_SHA512, kernel.crypto.digests);
	assert_int_equal(2, kernel.trusted.nr_keys);
	assert_int_equal(0, kernel.trusted.key[0].err);
	assert_true(kernel.trusted.key[0].cert.self_signed);
	ks_kernel_done(&kernel);
	opts.version = "6.12";
	assert_int_equal(-EOPNOTSUPP, ks_kernel_load(&opts, &kernel, NULL));
	ks_kernel_done(&kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_found_by_symbols_and_by_shape),
		cmocka_unit_test(the_configuration_is_unpacked),
		cmocka_unit_test(what_is_not_exactly_right_is_refused),
		cmocka_unit_test(bad_symbols_are_refused),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(a_bzimage_is_unpacked_and_its_length_checked),
		cmocka_unit_test(an_arm64_kernel_is_read_compressed_or_not),
		cmocka_unit_test(a_compressed_arm64_kernel_that_says_one_thing_and_is_another_is_refused),
		cmocka_unit_test(a_compressed_kernel_in_a_compressed_kernel_is_refused),
		cmocka_unit_test(a_kernel_that_does_not_say_its_release),
		cmocka_unit_test(a_payload_that_grows_without_end_is_stopped),
		cmocka_unit_test(a_kernel_takes_its_rules_from_its_configuration),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
