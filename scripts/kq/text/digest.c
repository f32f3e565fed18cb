// SPDX-License-Identifier: LGPL-2.1-or-later
#include "text/digest.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/buf.h"
#include "base/hex.h"

#define READ_BYTES (256U << 10)

static void free_md(EVP_MD_CTX **ctx)
{
	EVP_MD_CTX_free(*ctx);
}

static int no_digest(struct kq_error *error)
{
	return kq_fail(error, -EIO, "OpenSSL cannot compute a digest");
}

static int finish_digest(EVP_MD_CTX *ctx, struct kq_hex *ret_hex, struct kq_error *error)
{
	u8 raw[EVP_MAX_MD_SIZE];
	unsigned int raw_bytes = 0;

	if (!EVP_DigestFinal_ex(ctx, raw, &raw_bytes) || raw_bytes > 32)
		return no_digest(error);
	ks_hex((struct ks_span){ raw, raw_bytes }, ret_hex->text, sizeof(ret_hex->text));
	return 0;
}

static int digest_two(const EVP_MD *md, struct ks_span first, struct ks_span second,
		      struct kq_hex *ret_hex, struct kq_error *error)
{
	__cleanup(free_md) EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (!ctx)
		return kq_no_memory(error);
	if (!EVP_DigestInit_ex(ctx, md, NULL) || !EVP_DigestUpdate(ctx, first.p, first.bytes) ||
	    !EVP_DigestUpdate(ctx, second.p, second.bytes))
		return no_digest(error);
	return finish_digest(ctx, ret_hex, error);
}

int kq_sha256_fd(int fd, const char *name, struct kq_hex *ret_hex, struct kq_error *error)
{
	__cleanup(free_md) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	__cleanup(ks_buf_done) struct ks_buf buf = { 0 };
	u8 *room = ks_put_room(&buf, READ_BYTES);
	off_t off = 0;
	ssize_t n;

	if (!ctx || !room)
		return kq_no_memory(error);
	if (!EVP_DigestInit_ex(ctx, EVP_sha256(), NULL))
		return no_digest(error);
	while ((n = pread(fd, room, READ_BYTES, off))) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return kq_fail(error, -errno, "%s: %s", name, strerror(errno));
		if (!EVP_DigestUpdate(ctx, room, (size_t)n))
			return no_digest(error);
		off += n;
	}
	return finish_digest(ctx, ret_hex, error);
}

int kq_sha256(struct ks_span bytes, struct kq_hex *ret_hex, struct kq_error *error)
{
	return digest_two(EVP_sha256(), bytes, (struct ks_span){ 0 }, ret_hex, error);
}

/* git's object header ends with a NUL that is part of what is hashed. */
static int object_id(const char *type, struct ks_span content, struct kq_hex *ret_hex,
		     struct kq_error *error)
{
	char head[32];
	int n = snprintf(head, sizeof(head), "%s %zu", type, content.bytes);

	return digest_two(EVP_sha1(), (struct ks_span){ (const u8 *)head, (size_t)n + 1 }, content,
			  ret_hex, error);
}

int kq_blob_id(struct ks_span content, struct kq_hex *ret_hex, struct kq_error *error)
{
	return object_id("blob", content, ret_hex, error);
}

int kq_tree_id(struct ks_span entries, struct kq_hex *ret_hex, struct kq_error *error)
{
	return object_id("tree", entries, ret_hex, error);
}
