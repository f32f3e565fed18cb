// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/publish.h"

#include <string.h>

#include "stack/next.h"
#include "text/folder.h"
#include "text/text.h"

static int check_same(const char *queue, const struct kq_stack *old, struct kq_fault *fault)
{
	__cleanup(kq_stack_done) struct kq_stack now = { 0 };
	bool same;
	size_t i;
	int rc = kq_stack_load(queue, &now, fault);

	if (rc)
		return rc;
	same = ks_span_eq(ks_buf_span(&now.series.text), ks_buf_span(&old->series.text));
	for (i = 0; same && i < now.series.nr; i++)
		same = ks_span_eq(ks_buf_span(&now.patch[i].text),
				  ks_buf_span(&old->patch[i].text));
	return same ? 0 :
		      kq_fail(fault, KQ_REFUSED, "%s: was changed by somebody else meanwhile",
			      queue);
}

/* The name at the start of its line, and nothing else. */
static int rename_in_series(const struct kq_next *next, const struct kq_stack *old, size_t idx,
			    const char *name, struct kq_fault *fault)
{
	__cleanup(ks_buf_done) struct ks_buf out = { 0 }, copy = { 0 };
	__cleanup(kq_series_done) struct kq_series check = { 0 };
	const struct kq_entry *entry = &old->series.entry[idx];
	struct ks_span text = ks_buf_span(&old->series.text), line, word;
	struct ks_diag diag = { 0 };
	u32 nr = 0;
	int rc;

	while (ks_span_line(&text, &line)) {
		if (++nr == entry->line && ks_span_word(&line, &word)) {
			ks_put_str(&out, name);
			ks_put(&copy, line);
		}
		ks_put(&out, line);
		ks_put_str(&out, "\n");
	}
	ks_buf_clear(&copy);
	ks_put(&copy, ks_buf_span(&out));
	if (ks_buf_ok(&out, &diag) || ks_buf_ok(&copy, &diag))
		return kq_fail_diag(fault, &diag);
	rc = kq_series_parse(&copy, "new series", &check, fault);
	if (!rc)
		rc = kq_next_put(next, "series", ks_buf_span(&out), fault);
	return rc ? rc : kq_next_drop(next, entry->name, fault);
}

static int write_next(const struct kq_next *next, const struct kq_stack *old,
		      const struct kq_stack *new, size_t idx, const char *name,
		      struct kq_fault *fault)
{
	size_t i;
	int rc = 0;

	if (strcmp(name, old->series.entry[idx].name))
		rc = rename_in_series(next, old, idx, name, fault);
	for (i = 0; i < old->series.nr && !rc; i++)
		if (i == idx || !ks_span_eq(ks_buf_span(&old->patch[i].text),
					    ks_buf_span(&new->patch[i].text)))
			rc = kq_next_put(next, i == idx ? name : old->series.entry[i].name,
					 ks_buf_span(&new->patch[i].text), fault);
	return rc ? rc : kq_folder_sync(next->dir.s, fault);
}

int kq_publish(const char *queue, const struct kq_stack *old, const struct kq_stack *new,
	       size_t idx, const char *name, struct kq_fault *fault)
{
	__cleanup(kq_next_done) struct kq_next next = { .lock_fd = -1 };
	struct kq_fault ignored = { 0 };
	int rc = kq_next_of(queue, &next, fault);

	if (!rc)
		rc = kq_next_begin(&next, fault);
	/* What is beside the queue is not ours then. */
	if (rc && next.lock_fd < 0)
		return rc;
	if (!rc)
		rc = write_next(&next, old, new, idx, name, fault);
	if (!rc)
		rc = check_same(queue, old, fault);
	if (!rc)
		rc = kq_next_swap(&next, fault);
	/* It holds the old queue now, or one that was not finished. */
	if (kq_next_remove(&next, &ignored) && !rc)
		rc = kq_fail(fault, ignored.err, "%s", ignored.line);
	return rc;
}
