// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>

#include "base/file.h"
#include "base/map.h"
#include "crypto/hasher.h"
#include "fmt/authcode.h"
#include "ops/uki.h"
#include "ops/uki_lint.h"

/* What fits into a processor's cache: it is hashed, summed and written before it leaves it. */
#define CHUNK_BYTES (1U << 20)

/* An image that is being written; @hasher is empty for an unsigned one. */
struct writing {
	struct ks_pe_pieces *pieces;
	struct ks_output output;
	struct ks_hasher hasher;
	u64 sum;
};

static void writing_done(struct writing *w)
{
	ks_output_done(&w->output);
	ks_hasher_done(&w->hasher);
}

static int write_chunk(struct writing *w, struct ks_span chunk, struct ks_diag *diag)
{
	int rc = w->hasher.ctx ? ks_hasher_add(&w->hasher, chunk, diag) : 0;

	if (rc)
		return rc;
	w->sum = ks_pe_pieces_sum(w->sum, w->output.draft.bytes, chunk);
	return ks_output_write(&w->output, chunk, diag);
}

/* Headers first: CheckSum and the entry of the table are not hashed, and filled in at the end. */
static int write_head(struct writing *w, struct ks_diag *diag)
{
	struct ks_span region[3];
	int rc = ks_pe_pieces_head(w->pieces, region, diag);
	size_t i;

	for (i = 0; w->hasher.ctx && i < KS_ARRAY_SIZE(region) && !rc; i++)
		rc = ks_hasher_add(&w->hasher, region[i], diag);
	return rc ? rc : ks_output_write(&w->output, ks_buf_span(&w->pieces->head), diag);
}

static int write_body(struct writing *w, struct ks_diag *diag)
{
	struct ks_span chunk;
	size_t i;
	u64 off;
	int rc;

	for (i = 1; i < w->pieces->nr_pieces; i++) {
		struct ks_span piece = w->pieces->piece[i];

		for (off = 0; off < piece.bytes; off += chunk.bytes) {
			u64 n = piece.bytes - off < CHUNK_BYTES ? piece.bytes - off : CHUNK_BYTES;

			if (!ks_span_sub(piece, off, n, &chunk))
				return ks_fail(diag, -EINVAL, KS_NO_OFF, "piece changed its size");
			rc = write_chunk(w, chunk, diag);
			if (rc)
				return rc;
		}
	}
	return 0;
}

/* The file as it will be but for CheckSum and signature, looked at where it stands. */
static int lint(const struct writing *w, const char *path, struct ks_diag *diag)
{
	__cleanup(ks_map_close) struct ks_map map = { 0 };
	struct ks_pe_view view;
	int rc = ks_map_fd(w->output.draft.fd, path, w->output.draft.bytes, &map, diag);

	if (!rc)
		rc = ks_pe_parse(ks_map_span(&map), &view, diag);
	if (!rc)
		rc = ks_uki_lint_fatal(&view, diag);
	ks_diag_in(diag, path);
	return rc;
}

static int sign_written(struct writing *w, const struct ks_signer *signer, struct ks_buf *cms,
		struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	struct ks_digest digest = { 0 };
	int rc = ks_hasher_end(&w->hasher, &digest, diag);

	if (rc)
		return rc;
	ks_authcode_build(ks_digest_span(&digest), &content);
	rc = ks_buf_ok(&content, diag);
	return rc ? rc : ks_cms_sign_authcode(signer, ks_buf_span(&content), &signer->chain, cms,
						   diag);
}

int ks_uki_write(struct ks_uki_built *built, const struct ks_signer *signer, const char *path,
		 struct ks_diag *diag)
{
	__cleanup(writing_done) struct writing w = { .pieces = &built->pieces };
	__cleanup(ks_buf_done) struct ks_buf cms = { 0 };
	int rc = signer ? ks_hasher_begin(&w.hasher, diag) : 0;

	if (!rc)
		rc = ks_output_begin(path, 0644, &w.output, diag);
	if (!rc)
		rc = write_head(&w, diag);
	if (!rc)
		rc = write_body(&w, diag);
	if (!rc)
		rc = lint(&w, path, diag);
	if (!rc && signer)
		rc = sign_written(&w, signer, &cms, diag);
	if (!rc)
		rc = ks_pe_pieces_finish(w.pieces, w.sum, ks_buf_span(&cms), diag);
	if (!rc)
		rc = ks_output_write(&w.output, ks_buf_span(&w.pieces->table), diag);
	if (!rc)
		rc = ks_output_patch(&w.output, 0, ks_buf_span(&w.pieces->head), diag);
	return rc ? rc : ks_output_publish(&w.output, true, diag);
}
