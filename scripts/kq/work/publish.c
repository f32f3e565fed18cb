// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/publish.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "text/folder.h"
#include "text/text.h"

/* struct publish - the folder, and the one that is written beside it */
struct publish {
	struct kq_path queue;
	struct kq_path beside;
	struct kq_path aside;
	struct kq_fault *fault;
};

static int write_in(const struct publish *p, const char *name, struct ks_span content)
{
	struct ks_diag diag = { 0 };
	struct kq_path path;
	int rc = kq_path(&path, p->fault, "%s/%s", p->beside.s, name);

	if (!rc && ks_file_publish(path.s, &content, 1, 0666, &diag))
		rc = kq_fail_diag(p->fault, &diag);
	return rc;
}

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
static int rename_in_series(const struct publish *p, const struct kq_stack *old, size_t idx,
			    const char *name)
{
	__cleanup(ks_buf_done) struct ks_buf out = { 0 }, copy = { 0 };
	__cleanup(kq_series_done) struct kq_series check = { 0 };
	const struct kq_entry *entry = &old->series.entry[idx];
	struct ks_span text = ks_buf_span(&old->series.text), line, word;
	struct ks_diag diag = { 0 };
	struct kq_path path;
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
		return kq_fail_diag(p->fault, &diag);
	rc = kq_series_parse(&copy, "new series", &check, p->fault);
	if (!rc)
		rc = write_in(p, "series", ks_buf_span(&out));
	if (!rc)
		rc = kq_path(&path, p->fault, "%s/%s", p->beside.s, entry->name);
	if (!rc && unlink(path.s))
		rc = kq_fail(p->fault, -errno, "%s: %s", path.s, strerror(errno));
	return rc;
}

static int write_beside(const struct publish *p, const struct kq_stack *old,
			const struct kq_stack *new, size_t idx, const char *name)
{
	size_t i;
	int rc = kq_folder_remove(p->beside.s, p->fault);

	if (!rc)
		rc = kq_folder_copy(p->queue.s, p->beside.s, p->fault);
	if (!rc && strcmp(name, old->series.entry[idx].name))
		rc = rename_in_series(p, old, idx, name);
	for (i = 0; i < old->series.nr && !rc; i++)
		if (i == idx || !ks_span_eq(ks_buf_span(&old->patch[i].text),
					    ks_buf_span(&new->patch[i].text)))
			rc = write_in(p, i == idx ? name : old->series.entry[i].name,
				      ks_buf_span(&new->patch[i].text));
	return rc ? rc : kq_folder_sync(p->beside.s, p->fault);
}

/* "patches/6.18/" and "patches/6.18" are one; the new folder is "patches/.6.18.kq-edit". */
static int set_paths(struct publish *p, const char *queue)
{
	size_t n = strlen(queue);
	const char *slash;
	int rc;

	while (n > 1 && queue[n - 1] == '/')
		n--;
	rc = kq_path(&p->queue, p->fault, "%.*s", (int)n, queue);
	if (rc)
		return rc;
	slash = strrchr(p->queue.s, '/');
	n = slash ? (size_t)(slash - p->queue.s) + 1 : 0;
	rc = kq_path(&p->beside, p->fault, "%.*s.%s.kq-edit", (int)n, p->queue.s, p->queue.s + n);
	return rc ? rc : kq_path(&p->aside, p->fault, "%.*s.%s.kq-old", (int)n, p->queue.s,
				 p->queue.s + n);
}

int kq_publish(const char *queue, const struct kq_stack *old, const struct kq_stack *new,
	       size_t idx, const char *name, struct kq_fault *fault)
{
	struct publish p = { .fault = fault };
	struct kq_fault ignored = { 0 };
	int rc = check_same(queue, old, fault);

	if (!rc)
		rc = set_paths(&p, queue);
	if (!rc)
		rc = kq_folder_unswap(p.queue.s, p.aside.s, fault);
	if (rc)
		return rc;
	rc = write_beside(&p, old, new, idx, name);
	if (!rc)
		rc = kq_folder_swap(p.queue.s, p.beside.s, p.aside.s, fault);
	/* It holds the old queue now, or one that was not finished. */
	if (kq_folder_remove(p.beside.s, &ignored) && !rc)
		rc = kq_fail(fault, ignored.err, "%s", ignored.line);
	return rc;
}
