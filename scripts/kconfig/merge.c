// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "kconfig-check.h"
#include "request.h"

static void free_sorted(struct kc_request ***sorted)
{
	free(*sorted);
}

static void put_request(struct ks_buf *out, const struct kc_request *req)
{
	kc_put_place(out, "# ", req->path, req->line);
	if (req->state != KC_KEPT) {
		kc_put_place(out, req->state == KC_DUPLICATE ? ": same as " : ": overridden by ",
			     req->other->path, req->other->line);
	} else if (req->has_override) {
		ks_put_str(out, ": override: ");
		ks_put(out, req->override);
	}
	ks_put_str(out, "\n");
	if (req->state != KC_KEPT)
		return;
	kc_put_setting(out, req->symbol, req->value);
}

static int publish(const struct kc_list *list, const char *path, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	struct ks_span content;
	size_t i;
	int rc;

	ks_put_str(&out, "# Made by kconfig-check merge; each line names the fragment it comes from.\n");
	for (i = 0; i < list->nr_req; i++)
		put_request(&out, &list->req[i]);
	rc = ks_buf_ok(&out, diag);
	if (rc)
		return rc;
	content = ks_buf_span(&out);
	return ks_file_publish(path, &content, 1, 0644, diag);
}

int kc_merge(const struct kc_args *args, struct ks_diag *diag)
{
	__cleanup(kc_list_done) struct kc_list list = { 0 };
	__cleanup(free_sorted) struct kc_request **sorted = NULL;
	size_t i;
	int rc = 0;

	for (i = 0; i < args->nr_fragments && !rc; i++)
		rc = kc_list_load(&list, args->fragments[i], diag);
	if (!rc)
		rc = kc_list_sorted(&list, &sorted, diag);
	if (rc)
		return rc;
	if (kc_resolve_conflicts(sorted, list.nr_req))
		return KC_NO;
	return publish(&list, args->option[KC_OUTPUT], diag);
}
