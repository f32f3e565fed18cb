// SPDX-License-Identifier: LGPL-2.1-or-later
/* Size and SHA-256 of what the build made. */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "report.h"

static void free_digest(EVP_MD_CTX **ctx)
{
	EVP_MD_CTX_free(*ctx);
}

static void to_hex(const u8 *digest, char *hex)
{
	size_t i;

	for (i = 0; i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

/* SHA-256 of a file, read in blocks: an image with its initrd need not fit into memory. */
static bool hash_file(const char *path, char *hex, u64 *ret_bytes)
{
	__cleanup(free_digest) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char block[65536], digest[EVP_MAX_MD_SIZE];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);
	u64 total_bytes = 0;
	ssize_t n = 0;

	while (ok && (n = read(fd, block, sizeof(block))) > 0) {
		ok = EVP_DigestUpdate(ctx, block, (size_t)n);
		total_bytes += (u64)n;
	}
	ok = ok && !n && EVP_DigestFinal_ex(ctx, digest, NULL);
	if (fd >= 0)
		close(fd);
	if (!ok)
		return false;
	to_hex(digest, hex);
	*ret_bytes = total_bytes;
	return true;
}

static void missing(const char *path, struct report_sum *sum)
{
	fprintf(stderr, "report: %s: its stage succeeded, but it is gone or cannot be read\n", path);
	sum->failed++;
}

static void add_file(struct json_object *rows, const struct report_opts *opts, const char *name,
		     struct report_sum *sum)
{
	struct json_object *row;
	char path[4096], hex[65];
	u64 file_bytes;

	snprintf(path, sizeof(path), "%s/%s", opts->directory, name);
	if (!hash_file(path, hex, &file_bytes)) {
		missing(path, sum);
		return;
	}
	row = json_object_new_object();
	json_object_object_add(row, "name", json_object_new_string(name));
	json_object_object_add(row, "bytes", json_object_new_int64((int64_t)file_bytes));
	json_object_object_add(row, "sha256", json_object_new_string(hex));
	json_object_array_add(rows, row);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* One digest over all modules: of the lines that `sha256sum` prints for them, sorted by path. */
static bool hash_modules(FTS *fts, size_t root_bytes, EVP_MD_CTX *ctx, u64 *nr_files)
{
	const FTSENT *entry;
	char hex[65];
	u64 file_bytes;

	while ((entry = fts_read(fts))) {
		const char *dot = strrchr(entry->fts_name, '.');

		if (entry->fts_info != FTS_F || !dot || strcmp(dot, ".ko"))
			continue;
		if (!hash_file(entry->fts_accpath, hex, &file_bytes) ||
		    !EVP_DigestUpdate(ctx, hex, 64) || !EVP_DigestUpdate(ctx, "  ", 2) ||
		    !EVP_DigestUpdate(ctx, entry->fts_path + root_bytes + 1,
				      entry->fts_pathlen - root_bytes - 1) ||
		    !EVP_DigestUpdate(ctx, "\n", 1))
			return false;
		++*nr_files;
	}
	return true;
}

static void add_modules(struct json_object *rows, const struct report_opts *opts,
			struct report_sum *sum)
{
	__cleanup(free_digest) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct json_object *row;
	unsigned char digest[EVP_MAX_MD_SIZE];
	char path[4096], hex[65];
	char *const roots[] = { path, NULL };
	u64 nr_files = 0;
	bool ok;
	FTS *fts;

	snprintf(path, sizeof(path), "%s/modules", opts->directory);
	/* A SKU without modules has no such directory. */
	if (access(path, F_OK))
		return;
	fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	ok = fts && ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) &&
	     hash_modules(fts, strlen(path), ctx, &nr_files) && EVP_DigestFinal_ex(ctx, digest, NULL);
	if (fts)
		fts_close(fts);
	if (!ok) {
		missing(path, sum);
		return;
	}
	to_hex(digest, hex);
	row = json_object_new_object();
	json_object_object_add(row, "name", json_object_new_string("modules"));
	json_object_object_add(row, "nr_files", json_object_new_int64((int64_t)nr_files));
	json_object_object_add(row, "sha256", json_object_new_string(hex));
	json_object_array_add(rows, row);
}

struct json_object *report_artifacts(const struct report_opts *opts, struct json_object *stages,
				     struct report_sum *sum)
{
	char kernel[1024];
	const struct {
		const char *stage;
		const char *name;
		bool is_optional; /* not every SKU has it */
	} files[] = {
		{ "config", "build/.config", false },
		{ "keyring", "keyring/trusted.pem", false },
		{ "kernel", kernel, false },
		{ "uki", "linux.efi", false },
		{ "uki", "linux.efi.extra.d/crashkernel.addon.efi", true },
		{ "uki", "vmlinuz-kexec", true },
		{ "uki", "selftest.efi", false },
	};
	struct json_object *rows = json_object_new_array();
	char path[4096];
	size_t i;

	snprintf(kernel, sizeof(kernel), "build/%s", opts->kernel);
	for (i = 0; i < KS_ARRAY_SIZE(files); i++) {
		if (strcmp(report_stage_status(stages, files[i].stage), "ok"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", opts->directory, files[i].name);
		if (!files[i].is_optional || !access(path, F_OK))
			add_file(rows, opts, files[i].name, sum);
	}
	if (!strcmp(report_stage_status(stages, "sign"), "ok"))
		add_modules(rows, opts, sum);
	return rows;
}
