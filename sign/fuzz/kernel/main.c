// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * kernel-oracle SEED COUNT [DIRECTORY]   make COUNT inputs and compare what the kernel and kseal say
 * kernel-oracle FILE...               compare these inputs, which were kept before
 * kernel-oracle seeds DIRECTORY          write what the inputs are made of, for the fuzz target
 *
 * Each input that differs is kept in DIRECTORY. The table counts what the kernel said; both kinds of
 * verdict and each errno must have come often enough, or the inputs prove nothing.
 *
 * Exit: 0 no difference; 1 a difference, or too little was seen; 2 usage, or a file that cannot be read.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/file.h"
#include "compare.h"
#include "fmt/modsig.h"
#include "keys.h"
#include "mutate.h"

#define MAX_DIFFERENT 200U
#define MAX_ERRNO 200

/* How often the kernel has given an answer: of a signature, of a certificate, of loading. */
static struct {
	u64 inputs;
	u64 unknown;
	u64 different;
	u64 signature[MAX_ERRNO];
	u64 certificate[MAX_ERRNO];
	u64 permissive[MAX_ERRNO];
	u64 enforced[MAX_ERRNO];
} seen;

static void count(const struct kernel_result *result)
{
	size_t i;

	seen.inputs++;
	seen.unknown += result->unknown;
	seen.signature[-result->module.sig]++;
	seen.permissive[-result->module.permissive]++;
	seen.enforced[-result->module.enforced]++;
	for (i = 0; i < result->nr_added; i++)
		seen.certificate[-result->added[i]]++;
}

static void keep(const char *directory, const char *name, struct ks_span bytes, const struct kernel_result *result)
{
	char path[4096];
	FILE *f;

	if (seen.different++ >= MAX_DIFFERENT)
		return;
	snprintf(path, sizeof(path), "%s/%s-%" PRIu64, directory, name, seen.different);
	printf("%s: %s\n", path, result->different);
	f = fopen(path, "wb");
	if (!f || fwrite(bytes.p, 1, bytes.bytes, f) != bytes.bytes || fclose(f)) {
		perror(path);
		exit(1);
	}
}

static void compare(const char *directory, struct ks_span bytes)
{
	struct kernel_result result;
	struct kernel_case c;

	if (!kernel_case_cut(bytes, &c))
		return;
	kernel_compare(&c, &result);
	count(&result);
	if (result.different[0])
		keep(directory, "different", bytes, &result);
}

/* Each with what is wanted of it in 100,000 inputs; of fewer inputs it must still have come once. */
static int report(void)
{
	static const struct {
		const char *what;
		const u64 *count;
		int err;
		u64 wanted;
	} rows[] = {
		{ "signature", seen.signature, 0, 2000 },
		{ "signature", seen.signature, EBADMSG, 2000 },
		{ "signature", seen.signature, EINVAL, 500 },
		{ "signature", seen.signature, EKEYREJECTED, 2000 },
		{ "signature", seen.signature, ENOKEY, 1000 },
		{ "signature", seen.signature, ENOPKG, 500 },
		{ "signature", seen.signature, ENOENT, 20 },
		{ "signature", seen.signature, ENODATA, 20 },
		{ "signature", seen.signature, EMSGSIZE, 1 },
		{ "certificate", seen.certificate, 0, 5000 },
		{ "certificate", seen.certificate, EBADMSG, 1000 },
		{ "certificate", seen.certificate, EINVAL, 100 },
		{ "certificate", seen.certificate, EKEYREJECTED, 1000 },
		{ "certificate", seen.certificate, ENOPKG, 200 },
		{ "certificate", seen.certificate, ENOENT, 20 },
		{ "loads", seen.permissive, 0, 3000 },
		{ "loads enforced", seen.enforced, 0, 2000 },
	};
	bool enough = true;
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(rows); i++) {
		u64 n = rows[i].count[rows[i].err], wanted = rows[i].wanted * seen.inputs / 100000;

		wanted = wanted ? wanted : 1;
		printf("%-15s %-13s %10" PRIu64 "\n", rows[i].what, rows[i].err ? strerrorname_np(rows[i].err) : "good", n);
		if (n < wanted) {
			printf("too few, %" PRIu64 " wanted\n", wanted);
			enough = false;
		}
	}
	printf("%" PRIu64 " inputs, %" PRIu64 " differ, of %" PRIu64 " kseal cannot tell\n", seen.inputs,
	       seen.different, seen.unknown);
	if (seen.unknown > seen.inputs / 100) {
		puts("too many that kseal cannot tell");
		enough = false;
	}
	return enough && !seen.different ? 0 : 1;
}

static void put_certificate(struct arena *arena, u64 *random, const struct seeds *seeds, size_t idx,
			    struct ks_buf *list)
{
	struct tree *cert = tree_clone(arena, seeds->cert[idx]);
	size_t n = random_below(random, 3) ? 0 : 1 + random_below(random, 3);

	for (; n; n--)
		mutate(arena, random, cert, seeds);
	if (cert->role == TREE_CERTIFICATE && random_below(random, 8))
		sign_again(arena, cert, (struct ks_span){ 0 });
	tree_write(cert, list);
}

static void put_list(struct arena *arena, u64 *random, const struct seeds *seeds, size_t first,
		     struct ks_buf *list)
{
	size_t more = random_below(random, 4) ? 0 : random_below(random, 3);

	if (random_below(random, 12))
		put_certificate(arena, random, seeds, first, list);
	for (; more; more--)
		put_certificate(arena, random, seeds, random_below(random, seeds->nr_certs), list);
	if (!random_below(random, 100))
		mutate_bytes(random, list);
	list->bytes = list->bytes > 0xffff ? 0xffff : list->bytes;
}

static void put_module(struct arena *arena, u64 *random, const struct seeds *seeds, const struct tree *signature,
		       struct ks_buf *module)
{
	struct tree *cms = tree_clone(arena, signature);
	struct ks_buf der = { 0 };
	size_t n = random_below(random, 8) ? 1 + random_below(random, 4) : 0;

	for (; n; n--)
		mutate(arena, random, cms, seeds);
	if (random_below(random, 8))
		sign_again(arena, cms, ks_span_str(SEED_CONTENT));
	tree_write(cms, &der);
	if (!random_below(random, 16))
		mutate_bytes(random, &der);
	if (!random_below(random, 500))
		ks_put_fill(&der, 0, 65536 - (random_below(random, 2) ? der.bytes : 0));
	ks_put_str(module, random_below(random, 100) ? SEED_CONTENT : "another module");
	ks_modsig_build(ks_buf_span(&der), module);
	if (!random_below(random, 200))
		mutate_bytes(random, module);
	ks_buf_done(&der);
}

/* The hash of a certificate that the input may well have. */
static struct ks_span some_hash(u64 *random, const struct seeds *seeds, size_t first, u8 *room)
{
	size_t idx = random_below(random, 2) ? first : random_below(random, seeds->nr_certs);
	const struct tree *cert = seeds->cert[idx];
	struct ks_buf tbs = { 0 };
	unsigned int bytes = 0;

	tree_write(cert->child[0], &tbs);
	EVP_Digest(tbs.p, tbs.bytes, room, &bytes, keys_digest_of(cert->child[1]->child[0]->leaf), NULL);
	ks_buf_done(&tbs);
	return (struct ks_span){ room, bytes };
}

static void make_input(struct arena *arena, u64 *random, const struct seeds *seeds, struct ks_buf *out)
{
	const struct seed *seed = &seeds->seed[random_below(random, seeds->nr_seeds)];
	struct ks_buf trusted = { 0 }, revoked = { 0 }, module = { 0 };
	u8 hash[EVP_MAX_MD_SIZE];
	struct kernel_case c = { 0 };

	if (!random_below(random, 6))
		c.config = (u8)random_below(random, 256);
	put_list(arena, random, seeds, seed->trusted, &trusted);
	if (!random_below(random, 16))
		put_list(arena, random, seeds, seed->trusted, &revoked);
	put_module(arena, random, seeds, seed->cms, &module);
	if (!random_below(random, 16))
		c.revoked_tbs = some_hash(random, seeds, seed->trusted, hash);
	c.trusted = ks_buf_span(&trusted);
	c.revoked = ks_buf_span(&revoked);
	c.module = ks_buf_span(&module);
	kernel_case_put(&c, out);
	ks_buf_done(&trusted);
	ks_buf_done(&revoked);
	ks_buf_done(&module);
}

static int run(u64 seed, u64 n, const char *directory)
{
	struct arena kept = { malloc(8U << 20), 8U << 20, 0 }, arena = { malloc(64U << 20), 64U << 20, 0 };
	u64 random = seed * 0x9e3779b97f4a7c15U + 1;
	static struct seeds seeds;
	struct ks_buf input = { 0 };

	keys_make();
	seeds_make(&kept, &seeds);
	for (; n; n--) {
		arena.used = 0;
		ks_buf_clear(&input);
		make_input(&arena, &random, &seeds, &input);
		compare(directory, ks_buf_span(&input));
	}
	ks_buf_done(&input);
	free(kept.p);
	free(arena.p);
	return report();
}

/* Good inputs, one for each signature. */
static int write_seeds(const char *directory)
{
	struct arena arena = { malloc(8U << 20), 8U << 20, 0 };
	static struct seeds seeds;
	struct kernel_result none = { .different = "a seed" };
	size_t i;

	keys_make();
	seeds_make(&arena, &seeds);
	for (i = 0; i < seeds.nr_seeds; i++) {
		struct ks_buf trusted = { 0 }, module = { 0 }, der = { 0 }, out = { 0 };
		struct kernel_case c = { 0 };

		tree_write(seeds.cert[seeds.seed[i].trusted], &trusted);
		tree_write(seeds.seed[i].cms, &der);
		ks_put_str(&module, SEED_CONTENT);
		ks_modsig_build(ks_buf_span(&der), &module);
		c.trusted = ks_buf_span(&trusted);
		c.module = ks_buf_span(&module);
		kernel_case_put(&c, &out);
		keep(directory, "seed", ks_buf_span(&out), &none);
		ks_buf_done(&trusted);
		ks_buf_done(&module);
		ks_buf_done(&der);
		ks_buf_done(&out);
	}
	free(arena.p);
	return 0;
}

static int replay(char **paths)
{
	struct ks_diag diag = { 0 };

	for (; *paths; paths++) {
		struct ks_buf file = { 0 };
		struct kernel_result result;
		struct kernel_case c;

		if (ks_file_load(*paths, 1U << 20, &file, &diag) || !kernel_case_cut(ks_buf_span(&file), &c)) {
			fprintf(stderr, "kernel-oracle: %s: cannot be read, or is not an input of ours\n", *paths);
			return 2;
		}
		kernel_compare(&c, &result);
		printf("%s: %d %s\n", *paths, result.module.sig, result.different);
		seen.different += result.different[0] != 0;
		ks_buf_done(&file);
	}
	return seen.different ? 1 : 0;
}

int main(int argc, char **argv)
{
	char *end;
	u64 seed, n;

	if (argc < 2)
		goto usage;
	kernel_side_boot();
	if (argc == 3 && !strcmp(argv[1], "seeds"))
		return write_seeds(argv[2]);
	seed = strtoull(argv[1], &end, 10);
	if (*end)
		return replay(&argv[1]);
	if (argc < 3 || argc > 4)
		goto usage;
	n = strtoull(argv[2], &end, 10);
	if (!*end && n)
		return run(seed, n, argc == 4 ? argv[3] : ".");
usage:
	fputs("usage: kernel-oracle SEED COUNT [DIRECTORY] | FILE... | seeds DIRECTORY\n", stderr);
	return 2;
}
