// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tree/source.h"

void kq_blob_done(struct kq_blob *blob)
{
	ks_buf_done(&blob->content);
	*blob = (struct kq_blob){ 0 };
}

int kq_source_load(const struct kq_source *source, const char *path, struct kq_blob *ret_blob,
		   struct kq_fault *fault)
{
	__cleanup(kq_blob_done) struct kq_blob blob = { 0 };
	int rc = source->load(source, path, &blob, fault);

	if (rc)
		return rc;
	*ret_blob = blob;
	blob = (struct kq_blob){ 0 };
	return 0;
}
