// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/renew.h"

#include <stdlib.h>

#include "engine/apply.h"
#include "engine/refresh.h"
#include "queue/patch.h"

/* struct renew - all files of one patch; @before has the contents that @file borrows */
struct renew {
	struct kq_patch patch;
	struct kq_refresh_file *file;
	size_t *idx;
	bool *take;
	struct kq_overlay before;
};

static void renew_done(struct renew *r)
{
	kq_patch_done(&r->patch);
	kq_overlay_done(&r->before);
	free(r->file);
	free(r->idx);
	free(r->take);
}

static int start(struct renew *r, struct kq_overlay *below, struct kq_error *error)
{
	struct kq_node *unused;
	size_t i;
	int rc = 0;

	r->file = calloc(r->patch.nr_files + 1, sizeof(*r->file));
	r->idx = calloc(r->patch.nr_hunks + 1, sizeof(*r->idx));
	r->take = calloc(r->patch.nr_hunks + 1, sizeof(*r->take));
	if (!r->file || !r->idx || !r->take)
		return kq_no_memory(error);
	for (i = 0; i < r->patch.nr_hunks; i++)
		r->take[i] = true;
	for (i = 0; i < r->patch.nr_files && !rc; i++)
		rc = kq_overlay_get(below, r->patch.file[i].path, &unused, error);
	return rc ? rc : kq_overlay_clone(below, &r->before, error);
}

static int get_side(struct kq_overlay *overlay, struct ks_span path, struct kq_refresh_side *ret_side,
		    struct kq_error *error)
{
	struct kq_node *node;
	int rc = kq_overlay_get(overlay, path, &node, error);

	if (!rc)
		*ret_side = kq_refresh_side_of(node);
	return rc;
}

int kq_renew(struct kq_overlay *below, const char *label, struct ks_buf *text,
	     struct kq_error *error)
{
	__cleanup(renew_done) struct renew r = { 0 };
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	size_t i;
	int rc = kq_patch_parse(ks_buf_span(text), label, &r.patch, error);

	if (!rc)
		rc = start(&r, below, error);
	if (!rc)
		rc = kq_apply_patch_at(below, &r.patch, NULL, r.idx, error);
	for (i = 0; i < r.patch.nr_files && !rc; i++) {
		const struct kq_file *file = &r.patch.file[i];

		r.file[i] = (struct kq_refresh_file){
			.how = KQ_RENUMBER, .onto_idx = r.idx + file->first_hunk,
			.take = r.take + file->first_hunk,
		};
		rc = get_side(&r.before, file->path, &r.file[i].before, error);
		if (!rc)
			rc = get_side(below, file->path, &r.file[i].after, error);
	}
	if (!rc)
		rc = kq_refresh_whole(&r.patch, ks_buf_span(text), r.file, &out, error);
	if (rc)
		return rc;
	ks_buf_done(text);
	ks_buf_move(text, &out);
	return 0;
}
